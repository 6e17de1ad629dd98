"""Real worker processes: two at once, killed, stopped, and beside a server."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.config.test_command_line import free_port
from tests.jobs.stage import Stage, Stages, eventually, migrated_postgresql, migrated_sqlite

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module", params=[migrated_sqlite, migrated_postgresql], ids=["sqlite", "postgresql"])
def stages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with request.param(tmp_path_factory.mktemp("migrated")) as made:
        yield made


@pytest.fixture
def stage(stages: Stages, tmp_path: Path) -> Iterator[Stage]:
    with stages(tmp_path / "data") as made:
        yield made


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    with migrated_sqlite(tmp_path_factory.mktemp("file")) as made:
        yield made


@pytest.fixture
def on_file(files: Stages, tmp_path: Path) -> Iterator[Stage]:
    with files(tmp_path / "data") as made:
        yield made


def is_alive(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def children_of(pid: int) -> list[int]:
    """Whichever of its threads started them."""
    lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    return [int(child) for children in lists for child in children.split()]


def test_two_workers_run_every_job_once(stage: Stage) -> None:
    stage.settings["JOBS_AT_ONCE"] = "4"
    stage.file(range(20), tenths=0)
    workers = [stage.work(), stage.work()]
    stage.file(range(20, 40), tenths=0)
    eventually(lambda: stage.states() == {"succeeded"})
    assert sorted(stage.acts("begin")) == list(range(40))
    assert [worker.poll() for worker in workers] == [None, None]


def test_a_job_begins_as_soon_as_it_is_asked_for(on_file: Stage) -> None:
    worker = on_file.work()
    eventually(lambda: (on_file.data_dir / "jobs.bell").exists())
    time.sleep(0.5)
    on_file.file(range(1), tenths=0)
    # The table is looked at every 15 seconds: it was the bell.
    eventually(lambda: on_file.acts("begin") == [0])
    assert worker.poll() is None


def test_the_job_of_a_worker_that_was_killed_is_run_by_the_next(stage: Stage) -> None:
    stage.file(range(1), tenths=30)
    killed = stage.work()
    eventually(lambda: stage.acts("begin") == [0])
    killed.kill()
    killed.wait()
    stage.work()
    eventually(lambda: stage.states() == {"succeeded"})
    assert (stage.acts("begin"), stage.acts("end")) == ([0, 0], [0])
    assert stage.rows()[0]["attempts"] == 2


def test_a_worker_that_is_stopped_puts_its_job_back_and_leaves_no_child(on_file: Stage) -> None:
    on_file.file(range(1), tenths=600)
    worker = on_file.work()
    eventually(lambda: on_file.rows()[0]["message"] != "")
    (child,) = children_of(worker.pid)
    worker.terminate()
    assert worker.wait(10) == 0
    (row,) = on_file.rows()
    assert (row["state"], row["attempts"], row["runner"]) == ("queued", 0, "")
    assert not is_alive(child)


def test_a_job_that_is_cancelled_while_it_runs_ends_within_seconds(on_file: Stage) -> None:
    on_file.file(range(1), tenths=600)
    worker = on_file.work()
    eventually(lambda: on_file.acts("begin") == [0])
    (child,) = children_of(worker.pid)
    on_file.cancel_what_runs()
    started = time.monotonic()
    eventually(lambda: on_file.acts("end") == [0])
    assert time.monotonic() - started < 10
    assert on_file.states() == {"cancelled"}
    assert not is_alive(child)
    # The worker goes on with the next.
    on_file.file(range(1, 2), tenths=0)
    eventually(lambda: on_file.acts("begin") == [0, 1])


@contextlib.contextmanager
def serving(stage: Stage) -> Iterator[tuple[int, int]]:
    """`manage.py serve` with a job that runs: the pids of the server and of the worker."""
    server = stage.start("manage.py", "serve", "--port", str(free_port()))
    try:
        eventually(lambda: (stage.data_dir / "jobs.bell").exists())
        stage.file(range(1), tenths=600)
        eventually(lambda: stage.acts("begin") == [0])
        yield server.pid, stage.actor(0)
    finally:
        server.terminate()
        server.wait(60)


def test_a_server_that_is_stopped_stops_its_worker(on_file: Stage) -> None:
    with serving(on_file) as (_, worker):
        pass
    assert not is_alive(worker)
    assert [(row["state"], row["attempts"]) for row in on_file.rows()] == [("queued", 0)]


def test_a_worker_that_dies_is_started_anew(on_file: Stage) -> None:
    with serving(on_file) as (_, worker):
        os.kill(worker, signal.SIGKILL)
        eventually(lambda: on_file.acts("begin") == [0, 0])
        assert on_file.actor(0) != worker


def test_the_worker_of_a_server_that_was_killed_ends_by_itself(on_file: Stage) -> None:
    with serving(on_file) as (server, worker):
        web = [child for child in children_of(server) if child != worker]
        os.kill(server, signal.SIGKILL)
        eventually(lambda: not is_alive(worker))
        for child in web:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    assert on_file.states() == {"queued"}
