"""Several processes share one host; it ends with its supervisor, and gently when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from host_running import ROOT, RunningHost, eventually, fake_settings, running

from backends.errors import HostUnavailable
from backends.host import HostClient, HostSupervisor
from backends.host.process.crash_policy import CrashReport

WORKER = """
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from host_running import fake_settings
from backends.host import HostSupervisor
supervisor = HostSupervisor(fake_settings(Path(sys.argv[1])))
supervisor.start()
while True:
    print(supervisor.host_pid or 0, flush=True)
    time.sleep(0.05)
"""


def alive(pid: int) -> bool:
    try:
        # A zombie is dead too.
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False


class Worker:
    """A web process, as far as the host is concerned."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, "-c", WORKER, str(directory), str(Path(__file__).parents[1])]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    def host_pid(self) -> int:
        """The host that this worker supervises, 0 if none."""
        assert self.process.stdout is not None
        return int(self.process.stdout.readline() or 0)


@pytest.fixture
def directory() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="host-") as path:
        yield Path(path)


@pytest.fixture
def workers(directory: Path) -> Iterator[list[Worker]]:
    found = [Worker(directory) for _ in range(2)]
    yield found
    for worker in found:
        worker.process.kill()
        worker.process.communicate()


def test_two_workers_share_one_host_and_the_other_takes_over(directory: Path, workers: list[Worker]) -> None:
    client = HostClient(fake_settings(directory).socket)
    first_pid = client.status()["pid"]
    eventually(lambda: [worker for worker in workers if worker.host_pid() == first_pid])
    (chief,) = [worker for worker in workers if worker.host_pid() == first_pid]
    chief.process.kill()
    eventually(lambda: not alive(first_pid))
    second_pid = eventually(lambda: client.status()["pid"])
    assert second_pid != first_pid
    (heir,) = [worker for worker in workers if worker is not chief]
    eventually(lambda: heir.host_pid() == second_pid)


def test_the_host_dies_with_a_killed_parent_even_in_the_middle_of_a_run(directory: Path, tmp_path: Path) -> None:
    worker = Worker(directory)
    client = HostClient(fake_settings(directory).socket)
    pid = client.status()["pid"]
    package = RunningHost(fake_settings(directory), None, client, tmp_path).package("a")  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as executor:
        inside = executor.submit(client.infer, package, [b"x"], {"sleep": 60.0})
        eventually(lambda: client.status()["runs"]["busy"] == 1)
        worker.process.kill()
        worker.process.communicate()
        eventually(lambda: not alive(pid))
        assert inside.exception(timeout=20) is not None


def test_a_stopped_host_finishes_what_runs(host: RunningHost) -> None:
    package = host.package("a")
    host.client.load(package)
    pid = host.supervisor.host_pid or 0
    with ThreadPoolExecutor(1) as executor:
        inside = executor.submit(host.client.infer, package, [b"x"], {"sleep": 1.0})
        eventually(lambda: host.client.status()["runs"]["busy"] == 1)
        host.supervisor.stop()
        assert inside.result().results[0]["length"] == 1
    assert not alive(pid)
    assert not host.settings.socket.exists()
    assert host.reports == []


def test_a_host_that_was_stopped_forgets_what_was_loaded(host: RunningHost) -> None:
    host.client.load(host.package("a"))
    host.supervisor.stop()
    host.supervisor.start()
    assert host.client.loaded() == []


def test_a_restart_by_hand_is_no_death(host: RunningHost) -> None:
    pid = host.client.status()["pid"]
    os.kill(pid, signal.SIGTERM)
    eventually(lambda: not alive(pid))
    assert eventually(lambda: host.client.status()["pid"]) != pid
    assert host.reports == []


def test_it_starts_only_when_somebody_asks(tmp_path: Path) -> None:
    with running(tmp_path) as host:
        time.sleep(0.2)
        assert host.supervisor.host_pid is None
        assert host.client.status()["pid"] == host.supervisor.host_pid


def test_an_interpreter_that_is_not_there_is_reported(directory: Path) -> None:
    reports: list[CrashReport] = []
    supervisor = HostSupervisor(fake_settings(directory, python="/nonexistent/python"), on_crash=reports.append)
    client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start, connect_patience=0.5)
    with pytest.raises(HostUnavailable):
        client.status()
    eventually(lambda: reports)
    supervisor.stop()
    assert reports[0].reason.startswith("It could not be started")


def test_a_callback_that_raises_does_not_end_the_supervision(directory: Path) -> None:
    def fail(report: CrashReport) -> None:
        raise RuntimeError

    supervisor = HostSupervisor(fake_settings(directory), on_crash=fail)
    client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start)
    pid = client.status()["pid"]
    os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: supervisor.host_pid not in (None, pid))
    assert eventually(lambda: client.status()["pid"]) != pid
    supervisor.stop()


def test_a_client_works_again_after_a_fork(host: RunningHost) -> None:
    package = host.package("a")
    host.client.infer(package, [b"x"])
    child = os.fork()
    if child == 0:
        try:
            fine = host.client.infer(package, [b"12345"]).results[0]["length"] == 5
        finally:
            os._exit(0 if fine else 1)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert host.client.infer(package, [b"x"]).results


def test_a_forked_child_does_not_keep_the_host_or_its_lock_alive(host: RunningHost) -> None:
    pid = host.client.status()["pid"]
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        # As if this process had died: its own descriptors are closed, and only the child's could be left.
        host.supervisor.stop()
        assert not alive(pid)
        heir = HostSupervisor(host.settings)
        heir.start()
        assert eventually(lambda: heir.host_pid)
        heir.stop()
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_the_host_does_not_get_our_secrets(host: RunningHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    pid = host.client.status()["pid"]
    assert b"hush" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_a_process_of_its_own_can_supervise(directory: Path) -> None:
    settings = fake_settings(directory, loader="backends.host.models.loading:PackageLoader")
    command = [sys.executable, "-m", "backends.host", "--supervise", *settings.arguments()]
    chief = subprocess.Popen(command, cwd=ROOT)
    try:
        client = HostClient(settings.socket)
        pid = client.status()["pid"]
        assert pid != chief.pid
        os.kill(pid, signal.SIGSEGV)
        eventually(lambda: not alive(pid))
        heir = eventually(lambda: client.status()["pid"])
        assert heir not in (pid, chief.pid)
        chief.send_signal(signal.SIGTERM)
        assert chief.wait(20) == 0
        assert not alive(heir)
    finally:
        chief.kill()
        chief.wait()


def test_the_command_line_describes_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "backends.host", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for option in ("--directory", "--memory-budget", "--run-limit", "--supervise", "SIGTERM"):
        assert option in done.stdout
