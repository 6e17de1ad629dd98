"""The lines that the server prints at its start, pasted with the real client installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.house import REPOSITORY, House

CLIENT = REPOSITORY / ".venvs" / "client" / "bin"
pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


def test_the_line_of_the_client_works_when_pasted(house: House, tmp_path: Path) -> None:
    printed = [line.strip() for line in house.log.read_text().splitlines()]
    lines = [line for line in printed if line.startswith(("TOKEN=", "ROBOFLOW_API_HOST="))]
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines).replace("/tmp/weighbridge-client", str(tmp_path / "client"))],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{CLIENT}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "confidence" in done.stdout
