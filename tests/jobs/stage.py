"""An installation on which real workers run jobs of the kind `act`, on SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.commands import ROOT, environment

POSTGRESQL = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
WAIT_SECONDS = 60

FILE = """
import sys, django
django.setup()
from django.db import transaction
from jobs.services.filing import file_job
from registry.models import Workspace
workspace, _ = Workspace.objects.get_or_create(slug="stage", name="Stage")
for number in range(int(sys.argv[1]), int(sys.argv[2])):
    with transaction.atomic():
        file_job("act", number, sys.argv[3], workspace)
"""
CANCEL = """
import django
django.setup()
from jobs.models import Job
from jobs.services.filing import cancel
for job in Job.objects.filter(state="running"):
    cancel(job)
"""
ROWS = """
import json, sys, django
django.setup()
from jobs.models import Job
for _ in sys.stdin:
    acts = Job.objects.filter(kind="act").order_by("object_id")
    print(json.dumps(list(acts.values("object_id", "state", "attempts", "runner", "message"))), flush=True)
"""


class Stage:
    """A data directory, a database, and the processes that the test starts on them."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.data_dir = data_dir
        self.settings = {
            "DJANGO_SETTINGS_MODULE": "tests.jobs.acting.settings",
            "JOB_LEASE_SECONDS": "2",
            "LOG_LEVEL": "WARNING",
            **settings,
        }
        self._started: list[subprocess.Popen[Any]] = []
        self._reader: subprocess.Popen[str] | None = None

    def start(self, *command: str, **settings: str) -> subprocess.Popen[Any]:
        """Start ``command`` with this interpreter; it ends with the test."""
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(self.data_dir, **{**self.settings, **settings}),
            stdin=subprocess.DEVNULL,
        )
        self._started.append(process)
        return process

    def run(self, *command: str, **settings: str) -> float:
        """Run ``command`` to its end, and return the seconds that it took."""
        started = time.monotonic()
        assert self.start(*command, **settings).wait(WAIT_SECONDS) == 0
        return time.monotonic() - started

    def file(self, numbers: range, tenths: int, **settings: str) -> float:
        """Ask for acts of so many tenths of a second."""
        return self.run("-c", FILE, str(numbers.start), str(numbers.stop), str(tenths), **settings)

    def cancel_what_runs(self) -> None:
        self.run("-c", CANCEL)

    def work(self) -> subprocess.Popen[Any]:
        return self.start("manage.py", "work")

    def acts(self, what: str) -> list[int]:
        """The numbers of the acts that were begun or ended, in this order."""
        with contextlib.suppress(FileNotFoundError):
            lines = [line.split() for line in (self.data_dir / "acts").read_text().splitlines()]
            return [int(number) for word, number, _ in lines if word == what]
        return []

    def actor(self, number: int) -> int:
        """The process that last began the act."""
        lines = [line.split() for line in (self.data_dir / "acts").read_text().splitlines()]
        return next(int(pid) for word, act, pid in reversed(lines) if word == "begin" and int(act) == number)

    def rows(self) -> list[dict[str, Any]]:
        """The jobs by their numbers, as the database has them."""
        if self._reader is None:
            self._reader = subprocess.Popen(
                [sys.executable, "-c", ROWS],
                cwd=ROOT,
                env=environment(self.data_dir, **self.settings),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._started.append(self._reader)
        assert self._reader.stdin is not None
        assert self._reader.stdout is not None
        self._reader.stdin.write("\n")
        self._reader.stdin.flush()
        rows: list[dict[str, Any]] = json.loads(self._reader.stdout.readline())
        return rows

    def states(self) -> set[str]:
        return {row["state"] for row in self.rows()}

    def close(self) -> None:
        for process in self._started:
            if process.poll() is None:
                process.kill()
                process.wait(10)


def eventually(what: Callable[[], bool]) -> None:
    """Wait until ``what`` holds."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not what():
        assert time.monotonic() < deadline, "It never came to that."
        time.sleep(0.05)


Stages = Callable[[Path], contextlib.AbstractContextManager[Stage]]
"""Makes a stage in a data directory, with a database of its own that is migrated already."""


@contextlib.contextmanager
def migrated_sqlite(folder: Path) -> Iterator[Stages]:
    source = Stage(folder)
    source.run("manage.py", "migrate", "-v0")

    @contextlib.contextmanager
    def stages(data_dir: Path) -> Iterator[Stage]:
        shutil.copytree(folder, data_dir)
        stage = Stage(data_dir)
        try:
            yield stage
        finally:
            stage.close()

    yield stages


@contextlib.contextmanager
def migrated_postgresql(folder: Path) -> Iterator[Stages]:
    """Skips the tests where no server answers."""
    try:
        server = psycopg.connect(POSTGRESQL, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("No PostgreSQL answers; TEST_POSTGRESQL_URL names one.")
    template = f"jobs_{secrets.token_hex(4)}"

    def settings(name: str) -> dict[str, str]:
        return {"DATABASE_URL": f"{POSTGRESQL.rpartition('/')[0]}/{name}"}

    @contextlib.contextmanager
    def stages(data_dir: Path) -> Iterator[Stage]:
        name = f"{template}_{secrets.token_hex(4)}"
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        shutil.copytree(folder, data_dir)
        stage = Stage(data_dir, **settings(name))
        try:
            yield stage
        finally:
            stage.close()
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    with server:
        server.execute(f'CREATE DATABASE "{template}"')
        try:
            Stage(folder, **settings(template)).run("manage.py", "migrate", "-v0")
            yield stages
        finally:
            server.execute(f'DROP DATABASE "{template}" WITH (FORCE)')
