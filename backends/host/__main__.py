"""``python -m backends.host``: the process that owns the models of one device.

Ordinarily a HostSupervisor starts it and passes every option. By hand it is useful for a host in an
environment of its own (with Torch, say) to which web processes only connect; with ``--supervise`` it starts
a host beneath itself and restarts it when it dies.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from backends.host import settings as host_settings
from backends.host.pipeline import InferencePipeline
from backends.host.process.supervisor import READY, HostSupervisor, headroom
from backends.host.settings import MEBIBYTE, HostSettings
from backends.host.transport.server import Server
from backends.trial.confinement import die_with

# A thread that has computed natively waits at most this long for one that runs Python; by default it is 5 ms.
SWITCH_INTERVAL_SECONDS = 0.001
EPILOGUE = """
Signals: SIGTERM and SIGINT let running requests finish (see --drain) and end the process with status 0.
The host ends at once when its standard input is a pipe that closes, and when its parent process dies.
"""

log = logging.getLogger("backends.host")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a host until it is told to stop."""
    parser = argparse.ArgumentParser(
        prog="python -m backends.host",
        description="Runs model packages for the web processes of this machine, in a process of its own.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--supervise", action="store_true", help="start and watch a host instead of being one")
    parser.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)
    options, namespace = host_settings.parse(sys.argv[1:] if arguments is None else arguments, parser)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    if namespace.supervise:
        return _supervise(options)
    return _host(options, namespace.parent)


def _supervise(settings: HostSettings) -> int:
    stop = _told_to_stop()
    supervisor = HostSupervisor(settings)
    supervisor.start()
    stop.wait()
    supervisor.stop()
    return 0


def _host(settings: HostSettings, parent: int) -> int:
    life = _detach_output()
    if parent:
        die_with(parent)
    _set_limits()
    sys.setswitchinterval(SWITCH_INTERVAL_SECONDS)
    settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    _import_runtimes(settings.preload)
    # With one thread still: what prepares packages is forked here.
    loader = _make_loader(settings)
    if parent:
        _watch_parent()
    # What is there now stays; later collections need not look at it.
    gc.freeze()
    stop = _told_to_stop()
    pipeline = InferencePipeline(settings, loader)
    budget = pipeline.models.budget.size
    if settings.is_cpu:
        _limit_memory(budget)
    server = Server(pipeline)
    threading.Thread(target=server.serve, name="listener", daemon=True).start()
    os.write(life, READY)
    log.info("host for %s is ready: budget %d MiB", settings.device, budget // MEBIBYTE)
    stop.wait()
    finished = server.stop(settings.drain)
    pipeline.models.forget()
    log.info("host for %s stops%s", settings.device, "" if finished else " with requests unfinished")
    sys.stderr.flush()
    # Not through the interpreter's own end: native runtimes like to crash in it, and there is nothing to save.
    os._exit(0)


def _told_to_stop() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _detach_output() -> int:
    """Keep standard output as the line to the supervisor, and let everything that prints use standard error."""
    life = os.dup(1)
    os.dup2(2, 1)
    return life


def _watch_parent() -> None:
    """End when the pipe from the parent closes, for kernels that do not tell of its death."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _set_limits() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))


def _limit_memory(budget: int) -> None:
    """Make an allocation without end fail in the host, before it hurts the machine.

    What counts here are private mappings, touched or not: thread stacks and the allocator's reserves too. The
    supervisor watches the memory that is really used.
    """
    with open("/proc/self/statm") as file:
        data = int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")
    limit = data + 2 * (budget + headroom(budget)) + 1024 * MEBIBYTE
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard == resource.RLIM_INFINITY or limit < hard:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _import_runtimes(names: str) -> None:
    for name in filter(None, names.split(",")):
        try:
            importlib.import_module(name)
        except ImportError:
            log.info("%s is not installed here", name)


def _make_loader(settings: HostSettings) -> Any:
    module, _, name = settings.loader.partition(":")
    return getattr(importlib.import_module(module), name)(settings)


if __name__ == "__main__":
    sys.exit(main())
