"""What the child of a trial gives up before it looks at the package: network, files, memory, time.

All of it works for an ordinary user. What the kernel does not offer is told, and the rest is given up all the same.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from backends.trial import landlock

_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_PR_SET_PDEATHSIG = 1
# A child for which no core is left has a tenth of one. With half the niceness, loads beside 16 busy clients took 0.5 s
# and not 1.3, and their requests 1.42 times as long and not 1.28 (`bench.loads`, two cores, December 2026).
_NICENESS = 10
_OPEN_FILES = 1024
_SECONDS_TO_DIE = 5

# What interpreters, runtimes and drivers read of a machine; nothing here is a secret of somebody's.
_SYSTEM = ("/usr", "/lib", "/lib64", "/opt", "/sys", "/etc/ld.so.cache", "/etc/localtime", "/etc/os-release")
_PROCESSES = ("self", "cpuinfo", "meminfo", "stat", "version", "sys", "driver", "devices", "filesystems")
_DEVICES = ("null", "zero", "full", "random", "urandom", "shm", "nvidia*", "dri", "nvmap", "nvhost*")

CODE = Path(__file__).resolve().parents[2]
"""The folder that holds `backends` and `negotiation`, and on a server that was just cloned its data too."""


def confine(package: Path, scratch: Path, *, seconds: float) -> list[str]:
    """Keep to reading ``package`` and what programs need, and to writing in ``scratch``; what could not be given up.

    ``seconds`` of processor time are left. To be called while the process has one thread.
    """
    lower_priority()
    with contextlib.suppress(OSError):
        # Before everything else when memory runs out.
        Path("/proc/self/oom_score_adj").write_text("1000")
    whole = int(seconds) + 1
    _lower(resource.RLIMIT_CPU, whole, _SECONDS_TO_DIE)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, _OPEN_FILES)
    unconfined = []
    if not _leave_network():
        unconfined.append("network")
    if not landlock.restrict([*_readable(), package], [*_writable(), scratch]):
        unconfined.append("files")
    return unconfined


def die_with(parent: int) -> None:
    """End when the parent ends, however it ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def limit_memory(size: int) -> None:
    """Let the process allocate ``size`` bytes more than it has now."""
    # A rewritten network is written down before it is loaded, and is not larger than what memory may hold.
    _lower(resource.RLIMIT_FSIZE, size)
    if sys.platform.startswith("linux"):
        # Private mappings, touched or not: what an allocation without end fails at, before it hurts the machine.
        data = int(Path("/proc/self/statm").read_text().split()[5]) * os.sysconf("SC_PAGE_SIZE")
        _lower(resource.RLIMIT_DATA, data + size)


def lower_priority() -> None:
    """Behind all else that runs under this process's session id (setsid). Nothing takes it back."""
    os.setpriority(os.PRIO_PROCESS, 0, max(_NICENESS, os.getpriority(os.PRIO_PROCESS, 0)))


def _lower(kind: int, limit: int, beyond: int = 0) -> None:
    """At ``limit`` the process is told (SIGXCPU, which ends it), ``beyond`` that it is killed."""
    _, hard = resource.getrlimit(kind)
    if hard == resource.RLIM_INFINITY or limit + beyond < hard:
        resource.setrlimit(kind, (limit, limit + beyond))


def _leave_network() -> bool:
    """Move into a network of its own, which has no interfaces."""
    try:
        unshare = ctypes.CDLL(None, use_errno=True).unshare
    except AttributeError:
        return False
    # An ordinary user needs a user namespace for it. Root does not, and would lose in one what it may read of others,
    # perhaps the very folders in which it was installed.
    ways = [_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC, _CLONE_NEWNET | _CLONE_NEWIPC]
    if os.geteuid() == 0:
        ways.reverse()
    return any(unshare(flags) == 0 for flags in ways)


def _readable() -> Iterator[Path]:
    yield from map(Path, _SYSTEM)
    yield from (Path("/proc") / name for name in _PROCESSES)
    yield from (CODE / name for name in ("backends", "negotiation"))
    for entry in {sys.prefix, sys.base_prefix, *sys.path}:
        path = Path(entry or ".").resolve()
        # Not a folder that holds the server's own data, nor the whole disk.
        if path != CODE and path not in CODE.parents:
            yield path


def _writable() -> Iterator[Path]:
    for name in _DEVICES:
        yield from Path("/dev").glob(name)
