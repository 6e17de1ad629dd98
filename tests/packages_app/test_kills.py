"""Kill -9 at random points of an upload, an inspection, a publication and the upkeep: nothing half stays.

Real processes of `manage.py` on a data directory of the test's own. When each is killed is drawn from how long it takes
when it is not. A few rounds run with the ordinary tests, SOAK_KILLS=100 of them by `make soak`.
"""

from __future__ import annotations

import hashlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import ROOT, environment, manage

KILLS = int(os.environ.get("SOAK_KILLS", "3"))
SEED = int(os.environ.get("SOAK_SEED", "12"))
# Trials have a test of their own, and would take most of the time.
SETTINGS = {"TRIAL_RUNS": "false", "LOG_LEVEL": "ERROR", "MIN_FREE_DISK_BYTES": "0", "JOB_LEASE_SECONDS": "1"}
LEASE_SECONDS = 1.1
EVERYTHING = ["--older-than", "0"]
pytestmark = pytest.mark.timeout(120 + 60 * KILLS)


class Installation:
    """A data directory, and packages to push into it, each with bytes that no other has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.pushed = 0

    def manage(self, *arguments: str) -> str:
        done = manage(self.data_dir, *arguments, **SETTINGS)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def push(self, publish: bool = True) -> list[str]:
        """The arguments that push a new package."""
        self.pushed += 1
        package = self.folder / f"package-{self.pushed}"
        package.mkdir()
        source = ROOT / "demo" / "packages" / "onnx-dynamic"
        for file in source.iterdir():
            (package / file.name).write_bytes(file.read_bytes())
        # A class of another name makes another package of the same network.
        names = (source / "class_names.txt").read_text().splitlines()
        (package / "class_names.txt").write_text("\n".join([f"round {self.pushed}", *names[1:]]) + "\n")
        arguments = [
            "push",
            str(package),
            "--model",
            f"soak/{self.pushed}",
            "--workspace",
            "soak",
            "--create-workspace",
        ]
        return [*arguments, "--trust", "--publish"] if publish else arguments

    def kill(self, arguments: list[str], after: float) -> bool:
        """Run a command and kill it, with all that it started, after ``after`` seconds; whether it still ran."""
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=environment(self.data_dir, **SETTINGS),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            # The group is the process's own: it was started as the leader of a session.
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            # Nobody knows of its death before.
            time.sleep(LEASE_SECONDS)
            return True
        return False

    def ask(self, query: str) -> list[tuple[str, ...]]:
        connection = sqlite3.connect(f"file:{self.data_dir / 'weighbridge.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def assert_whole(self) -> None:
        """Nothing is half, and nothing is left that no package uses."""
        assert self.ask("PRAGMA integrity_check") == [("ok",)]
        assert self.ask("SELECT id FROM packages_app_package WHERE state = 'inspecting'") == []
        assert self.ask("SELECT id FROM jobs_job WHERE state IN ('queued', 'running')") == []
        assert list((self.data_dir / "staging").glob("*")) == []
        stored = {path.name: path for path in (self.data_dir / "blobs").rglob("*") if path.is_file()}
        recorded = dict(self.ask("SELECT sha256, size FROM packages_app_blob"))
        assert stored.keys() == recorded.keys()
        for sha256, path in stored.items():
            assert hashlib.sha256(path.read_bytes()).hexdigest() == sha256
        assert self.ask("SELECT sha256 FROM packages_app_blob WHERE sha256 NOT IN "
                        "(SELECT blob_id FROM packages_app_packagefile)") == []  # fmt: skip
        # Whatever is published has all its files, its id, and its line in the audit trail; and only that has one.
        published = self.ask("SELECT id, package_id, published_at FROM packages_app_package WHERE state = 'published'")
        told = self.ask("SELECT subject FROM registry_auditevent WHERE action = 'package.published'")
        assert sorted(package_id for _, package_id, _ in published) == sorted(subject for (subject,) in told)
        for pk, package_id, published_at in published:
            assert len(package_id) == 32
            assert published_at
            files = self.ask(f"SELECT handle FROM packages_app_packagefile WHERE package_id = {int(pk)}")
            assert {"weights.onnx", "class_names.txt"} <= {handle for (handle,) in files}


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.manage("migrate", "-v0")
    return made


def test_whatever_is_killed_nothing_stays_after_the_next_upkeep(installation: Installation) -> None:
    chance = random.Random(SEED)
    durations = {}
    for name, arguments in (("push", installation.push()), ("gc", ["gc", *EVERYTHING])):
        started = time.monotonic()
        installation.manage(*arguments)
        durations[name] = time.monotonic() - started
    installation.assert_whole()
    killed = 0
    for number in range(KILLS):
        # The upkeep is killed over what a killed upload has left it to do.
        share = 0.3 + 0.75 * (number + chance.random()) / KILLS
        killed += installation.kill(installation.push(), share * durations["push"])
        if number % 3 == 2:
            share = chance.uniform(0.3, 1.0)
            killed += installation.kill(["gc", *EVERYTHING], share * durations["gc"])
        installation.manage("gc", *EVERYTHING)
        installation.assert_whole()
    assert killed > KILLS // 2
    assert "is published" in installation.manage(*installation.push())
    installation.assert_whole()
