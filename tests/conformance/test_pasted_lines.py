"""The lines that the server prints at its start, pasted with the real client installed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conformance.house import REPOSITORY, House

CLIENT = REPOSITORY / ".venvs" / "client"
pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


def test_the_line_of_the_client_works_when_pasted(house: House, tmp_path: Path) -> None:
    printed = [line.strip() for line in house.log.read_text().splitlines()]
    lines = [line for line in printed if line.startswith(("TOKEN=", "ROBOFLOW_API_HOST="))]
    # As the line before it would have installed the client; what the client stores lies beside, and goes with the test.
    installed = tmp_path / "weighbridge-client"
    installed.mkdir()
    for name in ("bin", "lib", "pyvenv.cfg"):
        (installed / name).symlink_to(CLIENT / name)
    done = subprocess.run(
        ["bash", "-euc", "\n".join(lines)],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    assert "confidence" in done.stdout
