"""What stands in the way of a command is one line with its remedy, exit status 1, and nothing is made."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config.command_line import WITHOUT_DATABASE
from tests.commands import ROOT, manage

WRONG = {
    "LOG_LEVEL": "loud",
    "BLOB_STORE": "ftp",
    "BLOB_DELIVERY": "pigeon",
    "BLOB_ACCEL_PREFIX": "internal",
    "DATABASE_URL": "mysql://elsewhere",
    "REDIS_URL": "localhost",
    "PUBLIC_URL": "weighbridge.example",
    "MODEL_HOST_DEVICE": "gpu",
    "MODEL_HOST_DEADLINE_SECONDS": "nan",
    "MODEL_CACHE_BYTES": "20G",
    "DEBUG": "perhaps",
    "PORT": "http",
}


def assert_one_line(data_dir: Path, *arguments: str, **settings: str) -> str:
    """Run a command that cannot work; the one line that it prints."""
    done = manage(data_dir, *arguments, **settings)
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    return done.stderr


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_named(tmp_path: Path, name: str) -> None:
    data_dir = tmp_path / "data"
    assert name in assert_one_line(data_dir, "serve", **{name: WRONG[name]})
    assert not data_dir.exists()


def test_a_file_where_the_data_directory_should_be_is_named(tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_text("a file")
    assert "DATA_DIR" in assert_one_line(file, "serve", "--port", str(free_port()))
    assert "DATA_DIR" in assert_one_line(file / "below", "migrate")


@pytest.mark.skipif(os.getuid() == 0, reason="The administrator may write everywhere.")
def test_a_data_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "DATA_DIR" in assert_one_line(tmp_path / "data", "serve", "--port", str(free_port()))
    assert list(tmp_path.iterdir()) == []


def test_a_port_that_another_server_shares_is_in_use(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"Cannot listen on port {port}" in assert_one_line(tmp_path / "data", "serve", "--port", port)
        assert f"port {port}" in assert_one_line(tmp_path / "data", "serve", "--host", "0.0.0.0", "--port", port)
    assert not (tmp_path / "data").exists()


def test_a_host_that_is_not_this_machine_is_named(tmp_path: Path) -> None:
    assert "192.0.2.1" in assert_one_line(tmp_path / "data", "serve", "--host", "192.0.2.1")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    "command", [["token", "list"], ["token", "create", "--workspace", "w"], ["gc"], ["createsuperuser"]]
)
@pytest.mark.parametrize("there", [True, False])
def test_a_directory_without_a_database_is_said_to_be_one_and_stays_as_it_is(
    tmp_path: Path, command: list[str], there: bool
) -> None:
    data_dir = tmp_path / "another directory"
    if there:
        data_dir.mkdir()
    line = assert_one_line(data_dir, *command)
    assert f"There is no database in {data_dir}." in line
    assert f"DATA_DIR='{data_dir}'" in line
    assert not data_dir.exists() or list(data_dir.iterdir()) == []


def test_a_database_without_tables_is_told_apart_from_one_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / "weighbridge.db").touch()
    assert "lacks tables" in assert_one_line(tmp_path, "token", "list")
    nobody = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    assert "does not answer" in assert_one_line(tmp_path, "token", "list", DATABASE_URL=nobody)


@pytest.mark.parametrize("command", [["check"], ["--help"], ["serve", "--help"], ["push", "--help"], ["environment"]])
def test_what_only_looks_makes_nothing(tmp_path: Path, command: list[str]) -> None:
    done = manage(tmp_path / "data", *command)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "data").exists()


def test_commands_without_a_database_exist() -> None:
    from django.core.management import get_commands

    assert WITHOUT_DATABASE - {"help", "version"} <= set(get_commands())


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_a_python_without_the_requirements_is_told_which_one_to_call() -> None:
    # -S: without the packages of the environment.
    done = subprocess.run([sys.executable, "-S", "manage.py", "check"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert ".venv/bin/python manage.py" in done.stderr
