"""`manage.py serve` from its first line on: what it prints is pasted into a shell, as a person would."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from inference_app.management import announcing
from tests.commands import ROOT, environment, manage
from tests.config.test_command_line import free_port

START_SECONDS = 100
pytestmark = pytest.mark.timeout(300)


@contextlib.contextmanager
def serving(data_dir: Path, *, terminal: bool = False) -> Iterator[tuple[str, str]]:
    """A server; its address, and what it printed up to the moment when it answers."""
    port = free_port()
    reader, writer = os.openpty() if terminal else os.pipe()
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)],
        env=environment(data_dir, PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.STDOUT,
    )
    os.close(writer)
    try:
        yield f"http://127.0.0.1:{port}", _output_until_it_answers(reader, process, port)
    finally:
        process.terminate()
        process.wait(60)
        os.close(reader)


def _output_until_it_answers(reader: int, process: subprocess.Popen[bytes], port: int) -> str:
    printed = b""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if select.select([reader], [], [], 0.2)[0]:
            printed += os.read(reader, 65536)
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                # A terminal gives what was printed in pieces, and it may answer before the last is read.
                while select.select([reader], [], [], 0.5)[0]:
                    printed += os.read(reader, 65536)
                return printed.decode().replace("\r\n", "\n")
    raise AssertionError(f"The server did not start: {printed.decode()}")


def paste(output: str, folder: Path) -> dict[str, object]:
    """Paste the lines that set TOKEN and call curl into a shell that stands elsewhere; curl's answer."""
    lines = [line.strip() for line in output.splitlines()]
    script = "\n".join(line for line in lines if line.startswith(("TOKEN=", "curl ")))
    done = subprocess.run(["bash", "-euc", script], cwd=folder, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def log_in(address: str, data_dir: Path) -> None:
    """Log in to the admin with what the file says."""
    words = dict(line.split(" ", 1) for line in (data_dir / "first-credentials.txt").read_text().splitlines())
    with httpx.Client(base_url=address, timeout=60) as browser:
        browser.get("/admin/login/")
        form = {
            "username": words["administrator"],
            "password": words["password"],
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        assert browser.post("/admin/login/", data=form).status_code == 302


def test_the_lines_work_on_the_first_start_and_on_later_ones(tmp_path: Path) -> None:
    data_dir = tmp_path / "the data's directory"
    credentials = data_dir / "first-credentials.txt"
    with serving(data_dir) as (address, printed):
        assert str(credentials) in printed
        secrets = [line.split(" ", 1)[1] for line in credentials.read_text().splitlines()[1:]]
        assert [secret for secret in secrets if secret in printed] == []
        assert paste(printed, tmp_path)["predictions"]
        log_in(address, data_dir)
        assert not credentials.exists()
    with serving(data_dir, terminal=True) as (address, printed):
        assert "password" not in printed
        assert paste(printed, tmp_path)["predictions"]
        listed = manage(data_dir, "token", "list")
        assert len(listed.stdout.splitlines()) == 2


def test_a_terminal_shows_the_credentials_and_nothing_keeps_them(tmp_path: Path) -> None:
    with serving(tmp_path / "data", terminal=True) as (_, printed):
        assert re.search(r"administrator  admin  password  \S{16}", printed)
        assert paste(printed, tmp_path)["predictions"]
    assert not (tmp_path / "data" / "first-credentials.txt").exists()


def test_the_client_is_installed_and_called_where_the_system_has_no_python_and_forbids_pip(tmp_path: Path) -> None:
    home = tmp_path / "the home"
    home.mkdir()
    lines = announcing.lines_to_paste("http://127.0.0.1:9", "demo/shapes", ROOT / "image.jpg", "TOKEN=t")
    install, load = list(lines)[2:]
    # No index: pip says which distribution it looked for, and Python which module it lacks.
    shell = {"HOME": str(home), "PATH": str(tmp_path), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    done = subprocess.run(
        ["/bin/bash", "-c", f"{install}\nTOKEN=t\n{load}"], env=shell, capture_output=True, text=True, timeout=200
    )
    assert "No matching distribution found for inference-models" in done.stderr
    assert "No module named 'cv2'" in done.stderr
    assert (home / "weighbridge-client" / "bin" / "python").exists()


def test_the_line_that_installs_the_client_names_the_one_that_the_tests_run() -> None:
    assert f"\n{announcing.CLIENT}\n" in (ROOT / "requirements" / "client.in").read_text()
