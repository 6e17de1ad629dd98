"""The client's negotiation, in a process of the client's environment."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.clients import client_python
from tests.conformance.line_process import LineProcess

NEGOTIATOR = Path(__file__).with_name("client_negotiator.py")


@pytest.fixture(scope="session")
def negotiator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LineProcess]:
    """Answers as client_negotiator.py says."""
    python = client_python("client")
    if not python.exists():
        pytest.fail("The client is not installed: run scripts/client-environments.sh.")
    folder = tmp_path_factory.mktemp("negotiator")
    process = LineProcess(
        [str(python), str(NEGOTIATOR)],
        environment={**os.environ, "HOME": str(folder), "INFERENCE_HOME": str(folder / "home")},
        folder=folder,
        log=folder / "log",
    )
    yield process
    process.close()
