"""Hosts for tests: real processes with short limits, and packages for the models of ``host_fakes``."""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backends.errors import BackendError
from backends.host import CrashReport, HostClient, HostSettings, HostSupervisor, PackageReference

ROOT = Path(__file__).resolve().parents[3]
MEBIBYTE = 1024 * 1024


def eventually(condition: Callable[[], Any], seconds: float = 20.0) -> Any:
    """Wait until the condition holds; returns what it returned. An error that may be retried means "not yet"."""
    give_up = time.monotonic() + seconds
    while True:
        try:
            found = condition()
        except BackendError as error:
            if not error.retryable:
                raise
            found = None
        if found:
            return found
        assert time.monotonic() < give_up, "it did not come to pass in time"
        time.sleep(0.02)


@dataclass
class RunningHost:
    """A supervised host and what became of it."""

    settings: HostSettings
    supervisor: HostSupervisor
    client: HostClient
    folder: Path
    reports: list[CrashReport] = field(default_factory=list)

    def package(self, name: str, **options: Any) -> PackageReference:
        """A package that a model of host_fakes plays."""
        directory = self.folder / name
        directory.mkdir(exist_ok=True)
        return PackageReference(name, directory, "fake", "object-detection", "fake", options=options)

    def loads(self, package: PackageReference) -> list[str]:
        """One line for each load of the package."""
        file = package.directory / "loads.txt"
        return file.read_text().splitlines() if file.exists() else []


def fake_settings(directory: Path, **changes: Any) -> HostSettings:
    """Settings for a host that loads host_fakes and starts quickly."""
    settings = HostSettings(
        directory=directory,
        threads=2,
        memory_budget=512 * MEBIBYTE,
        loader="host_fakes:FakeLoader",
        preload="",
        drain=3.0,
        environment={"PYTHONPATH": f"{ROOT}:{Path(__file__).parent}"},
    )
    return replace(settings, **changes)


@contextlib.contextmanager
def running(folder: Path, **changes: Any) -> Iterator[RunningHost]:
    """A host that runs for the length of the block."""
    # Not below pytest's own folder: the path of a socket must be short.
    with tempfile.TemporaryDirectory(prefix="host-") as directory:
        settings = fake_settings(Path(directory), **changes)
        reports: list[CrashReport] = []
        supervisor = HostSupervisor(settings, on_crash=reports.append)
        client = HostClient(settings.socket, before_connecting=supervisor.start)
        try:
            yield RunningHost(settings, supervisor, client, folder, reports)
        finally:
            client.close()
            supervisor.stop()
