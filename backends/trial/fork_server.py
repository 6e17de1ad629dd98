"""Children of trials without the time that a program takes to start: forked from a process that has all libraries.

A process forks the server while it has one thread, and shares its pages. For each trial the server forks a process that
watches it (`runner.py`), and that one the child, which is confined before it reads anything. None of them needs a
privilege: all are at a low priority from the start.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import logging
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from backends.trial import __main__ as child
from backends.trial.confinement import die_with, lower_priority
from backends.trial.request import TrialLimits, TrialRequest
from backends.trial.result import NOT_TRIED, Trial
from backends.trial.runner import environment, spawned, try_now

log = logging.getLogger("backends.trial")

_ANSWER_BYTES = 64 * 1024
# Seconds beyond its limit in which a trial is told of at the latest.
_GRACE = 10.0


class ForkServer:
    """The server, as the process that made it sees it. Thread-safe. It ends with that process."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        """Fork it. To be called while this process has one thread, and with what both are to have imported.

        ``modules``: those that only the children need, which the server imports for them where they are there.
        """
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        parent = os.getpid()
        # What is there now stays: the collector would write on the shared pages.
        gc.freeze()
        self.pid = os.fork()
        if self.pid == 0:
            with _ending():
                self._control.close()
                _serve(theirs, parent, modules)
        theirs.close()

    def try_package(self, request: TrialRequest, limits: TrialLimits, *, scratch: Path, keep: Path | None) -> Trial:
        """As `runner.try_package`, except that ``request`` is not looked at and several may run at once."""
        document = {
            "request": request.to_json(),
            "limits": limits.to_json(),
            "scratch": str(scratch),
            "keep": None if keep is None else str(keep),
        }
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        with ours:
            try:
                with theirs:
                    socket.send_fds(self._control, [b"trial"], [theirs.fileno()])
            except OSError as error:
                log.error("there is no fork server any more: %s", error)
                return try_now(request, limits, scratch=scratch, keep=keep, start=spawned)
            try:
                ours.settimeout(limits.seconds + _GRACE)
                ours.sendall(json.dumps(document).encode())
                ours.shutdown(socket.SHUT_WR)
                return Trial.from_json(json.loads(_read_all(ours)))
            except (OSError, ValueError, TypeError) as error:
                log.error("a trial was not told of: %s", error)
                reason = "The server cannot make a trial run now. Try again later."
                return Trial(NOT_TRIED, "no-room", reason, again=True)


def _serve(control: socket.socket, parent: int, modules: Sequence[str]) -> None:
    """Fork a process for each trial, until the other end of ``control`` closes."""
    die_with(parent)
    lower_priority()
    _close_all_but(control.fileno())
    for module in modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    gc.freeze()
    # The processes of trials are nobody's business once they have answered.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        server = os.getpid()
        if os.fork() == 0:
            control.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            die_with(server)
            with socket.socket(fileno=descriptors[0]) as connection:
                document = json.loads(_read_all(connection))
                connection.sendall(json.dumps(_try(document).to_json(), allow_nan=False).encode())
            return
        os.close(descriptors[0])


def _close_all_but(descriptor: int) -> None:
    """Of the open files only this one, and what is printed, belong here: others would be thought to be open still."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1):
        os.dup2(nothing, standard)
    os.closerange(3, descriptor)
    os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))


def _try(document: Mapping[str, Any]) -> Trial:
    keep = document["keep"]
    return try_now(
        TrialRequest.from_json(document["request"]),
        TrialLimits(**document["limits"]),
        scratch=Path(document["scratch"]),
        keep=None if keep is None else Path(keep),
        start=_Forked,
    )


class _Forked:
    """A forked child of a trial, as `runner.Child` wants it."""

    def __init__(self, python: str, scratch: Path, errors: IO[bytes]) -> None:
        """``python`` is what this process runs already."""
        their_input, our_input = os.pipe()
        our_output, their_output = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            with _ending():
                os.setpgid(0, 0)
                _become(scratch, their_input, their_output, errors.fileno())
                child.main()
        os.close(their_input)
        os.close(their_output)
        self.stdin: IO[bytes] = os.fdopen(our_input, "wb")
        self.stdout: IO[bytes] = os.fdopen(our_output, "rb")
        with contextlib.suppress(OSError):
            # Here too: the group may have to be killed before the child has run at all.
            os.setpgid(self.pid, self.pid)

    def wait(self) -> int:
        """The exit status, negative for a signal, once it has ended."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _become(scratch: Path, standard_input: int, standard_output: int, standard_error: int) -> None:
    """Have nothing of the process that forked this one but its libraries."""
    for number, descriptor in enumerate((standard_input, standard_output, standard_error)):
        os.dup2(descriptor, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin = os.fdopen(0, closefd=False)
    os.environ.clear()
    os.environ.update(environment(scratch))
    os.chdir(scratch)
    tempfile.tempdir = str(scratch)


@contextlib.contextmanager
def _ending() -> Iterator[None]:
    """A forked process ends here, whatever happens: it must not go on with what its parent was doing."""
    status = 1
    try:
        yield
        status = 0
    except BaseException:
        log.exception("a process of a trial failed")
    finally:
        os._exit(status)


def _read_all(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(_ANSWER_BYTES):
        parts.append(part)
    return b"".join(parts)
