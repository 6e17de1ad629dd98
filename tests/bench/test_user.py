"""The ordinary user as whom benches run."""

from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench._user import OPEN_FOLDER, USER, as_user, closed_folder

privileged = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """One that everybody may enter, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@privileged
def test_a_command_runs_as_an_ordinary_user_without_capabilities() -> None:
    said = subprocess.run([*as_user(pwd.getpwnam(USER)), "cat", "/proc/self/status"], capture_output=True, text=True)
    status = dict(line.split(":", 1) for line in said.stdout.splitlines())
    user = str(pwd.getpwnam(USER).pw_uid)
    assert status["Uid"].split() == [user] * 4
    assert {status[name].strip().strip("0") for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")} == {""}


@privileged
def test_a_command_reaches_what_it_needs_in_a_closed_folder_and_nothing_else(open_folder: Path) -> None:
    closed = open_folder / "closed"
    for name in ("needed", "secret"):
        (closed / name).mkdir(parents=True)
        (closed / name / "file").write_text(name)
    closed.chmod(0o700)
    command = ["unshare", "--mount", "sh", "-c", OPEN_FOLDER, "sh", str(closed), str(closed / "needed"), "--"]
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("this machine gives nobody a name space of mounts")
    command += [*as_user(pwd.getpwnam(USER)), "sh", "-c", f"cd {closed}; ls; cat needed/file"]
    said = subprocess.run(command, capture_output=True, text=True, cwd="/")
    assert said.stdout == "needed\nneeded", said.stderr
    assert (closed / "secret" / "file").read_text() == "secret"


def test_a_folder_that_only_its_owner_enters_is_found_on_the_way(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0o700)
    assert closed_folder(closed / "inside" / "file") in {closed, *tmp_path.parents, tmp_path}
    assert closed_folder(Path("/usr")) is None
