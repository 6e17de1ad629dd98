"""The model host of this installation, as the web process reaches it.

One host for each device, shared by all web processes: whichever takes the lock supervises it. It is started
by the first request that needs it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, connection

from backends.errors import BackendError, HostDied, HostUnavailable
from backends.host.process.crash_policy import CrashLog, CrashReport
from backends.host.process.supervisor import HostSupervisor
from backends.host.settings import MAX_SOCKET_PATH, HostSettings
from backends.host.transport.client import HostClient
from inference_app.services import blocking
from packages_app.models import Package
from registry.services.audit import Actor

logger = structlog.get_logger("weighbridge.host")
LONGEST_SOCKET_NAME = len("/cuda-00.crashes.json")
# A page is to be shown even while the host hangs.
STATUS_SECONDS = 5.0
PROBE_SECONDS = 1.0


# `lru_cache` alone lets the first two requests make two supervisors, one of which `stop` would never hear of.
_guard = threading.Lock()


def client() -> HostClient:
    """The client of the host on this machine's default device; thread-safe."""
    with _guard:
        return _host()[1]


def stop() -> None:
    """Stop the host if this process supervises it. Requests that run in it are finished first."""
    with _guard:
        if _host.cache_info().currsize:
            supervisor, host_client = _host()
            host_client.close()
            supervisor.stop()
            _host.cache_clear()


def is_running() -> bool:
    """Whether somebody has started the host; asking does not start it."""
    # Not whether the socket is there: a host that was killed leaves it behind.
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_SECONDS)
        try:
            probe.connect(str(_settings().socket))
        except OSError:
            return False
    return True


def status() -> dict[str, Any] | None:
    """What the host says of itself; None where none runs, which this does not change. Raises the host's errors."""
    return client().status(STATUS_SECONDS) if is_running() else None


def crash_log() -> CrashLog:
    """The host's crashes and the packages that it refuses, whether or not it runs."""
    host_settings = _settings()
    return CrashLog(host_settings.crash_log, host_settings.crash_limit)


def unblock(package: Package, *, actor: Actor) -> bool:
    """Give a package another chance. Returns whether it was blocked.

    Raises the errors of a host that does not answer; then nothing has changed in the database.
    """
    refused = package.package_id in crash_log().read().blocked
    unblock_in_host(package.package_id)
    return blocking.note_unblocked(package, refused=refused, actor=actor)


def unblock_in_host(package_id: str) -> None:
    """Have the host take a package again. Raises the errors of a host that does not answer."""
    if not _settings().directory.is_dir():
        return
    # The file first: a host that starts meanwhile reads it, and one that runs is told.
    crash_log().unblock(package_id)
    if is_running():
        with contextlib.suppress(HostDied, HostUnavailable):
            client().unblock(package_id)


def load_anew(package_ids: Collection[str]) -> None:
    """Have the host load these packages anew when they are next asked for: their files on this disk have changed."""
    if package_ids and is_running():
        for package_id in package_ids:
            with contextlib.suppress(BackendError):
                client().unload(package_id)


@lru_cache(maxsize=1)
def _host() -> tuple[HostSupervisor, HostClient]:
    host_settings = _settings()
    host_settings.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    supervisor = HostSupervisor(host_settings, on_crash=_after_crash)
    return supervisor, HostClient(host_settings.socket, before_connecting=supervisor.start)


def _settings() -> HostSettings:
    return HostSettings(
        directory=_directory(),
        device=settings.MODEL_HOST_DEVICE,
        memory_budget=settings.MODEL_HOST_MEMORY_BYTES,
        queue_limit=settings.MODEL_HOST_QUEUE,
        default_deadline=settings.MODEL_HOST_DEADLINE_SECONDS,
        graph_rewriting=settings.MODEL_HOST_GRAPH_REWRITING,
        python=settings.MODEL_HOST_PYTHON or sys.executable,
    )


def _directory() -> Path:
    """MODEL_HOST_DIR, or a short directory of this user where that is too long for the name of a socket."""
    directory: Path = settings.MODEL_HOST_DIR
    if len(os.fsencode(directory)) + LONGEST_SOCKET_NAME <= MAX_SOCKET_PATH:
        return directory
    name = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"weighbridge-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        raise PermissionError("The directory of the model host belongs to somebody else.")
    return short


def _after_crash(report: CrashReport) -> None:
    """Called in the supervisor's thread when the host ended; must not raise."""
    logger.warning("the model host ended", reason=report.reason, packages=list(report.packages))

    def note() -> None:
        try:
            blocking.note_crash(report)
        except DatabaseError:
            logger.exception("a crash of the model host could not be written down")
        finally:
            connection.close()

    # A thread of its own: the supervisor restarts the host meanwhile, and a database connection stays here.
    threading.Thread(target=note, name="host-crash", daemon=True).start()
