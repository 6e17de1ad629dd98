"""Every example of docs/api.md, run as it stands against a live server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conformance.house import REPOSITORY, House

EXAMPLES = re.findall(r"```sh\n(.*?)```", (REPOSITORY / "docs" / "api.md").read_text(), re.DOTALL)

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def token(house: House) -> str:
    return house.token(workspace="demo")


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 10


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_it_works_when_pasted(house: House, token: str, images: tuple[Path, ...], example: str) -> None:
    if shutil.which("curl") is None:
        pytest.skip("There is no curl on this machine.")
    image = next(path for path in images if path.suffix == ".jpg")
    environment = {**os.environ, "HOST": house.address, "TOKEN": token, "IMAGE": str(image)}
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", example], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(("{", "["))
