"""The parent's side of a trial: start the child, wait no longer than allowed, and leave nothing of it behind."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from backends.errors import UnsupportedPackage
from backends.memory import anonymous_memory
from backends.registry import find_implementation
from backends.trial import PREPARED, preparation, remedies
from backends.trial.confinement import CODE
from backends.trial.request import MEBIBYTE, TrialLimits, TrialRequest
from backends.trial.result import NOT_TRIED, PASSED, Trial

log = logging.getLogger("backends.trial")

_LOOK_SECONDS = 0.05
_ANSWER_BYTES = 64 * 1024
# What the libraries themselves take, beside what the package may.
_RUNTIME_BYTES = 1536 * MEBIBYTE
# Where libraries and devices are, as for the model host; nothing else of this process's environment is the child's
# business.
_PASSED_ON = ("LD_LIBRARY_PATH", "VIRTUAL_ENV", "TZ")
_PASSED_ON_PREFIXES = ("CUDA_", "NVIDIA_", "ORT_", "OPENCV_")

# Trials cost a core and much memory: one at a time in a process.
_turn = threading.Lock()


class Child(Protocol):
    """What `subprocess.Popen` has of a process with pipes."""

    @property
    def pid(self) -> int: ...
    @property
    def stdin(self) -> IO[bytes] | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def wait(self) -> int: ...


Start = Callable[[str, Path, IO[bytes]], Child]
"""Starts a child: with which interpreter, the folder for its temporary files, and where its errors go. OSError."""


def _never() -> bool:
    return False


def try_package(
    request: TrialRequest,
    limits: TrialLimits,
    *,
    scratch: Path | None = None,
    keep: Path | None = None,
    is_interrupted: Callable[[], bool] = _never,
) -> Trial:
    """Load the package in a child process and run one synthetic image; never raises for what a package does.

    Takes at most twice ``limits.seconds``: as long to wait for the trials of other threads, and its own time.
    ``scratch``: where the child's temporary files are made, which are gone afterwards; the system's place by default.
    ``keep``: the folder for what a trial that passes leaves for later loads (`preparation.py`).
    ``is_interrupted`` is asked several times a second; once it says so the child is ended.
    """
    untried = why_not(request)
    if untried is not None:
        return untried
    if not _turn.acquire(timeout=limits.seconds):
        return Trial(NOT_TRIED, "busy", "Other packages were being tried. Inspect it again.", again=True)
    try:
        return try_now(request, limits, scratch=scratch, keep=keep, start=spawned, is_interrupted=is_interrupted)
    finally:
        _turn.release()


def try_now(
    request: TrialRequest,
    limits: TrialLimits,
    *,
    scratch: Path | None,
    keep: Path | None,
    start: Start,
    is_interrupted: Callable[[], bool] = _never,
) -> Trial:
    """As `try_package`, without a look at the request and without waiting for others."""
    try:
        with tempfile.TemporaryDirectory(prefix="trial-", dir=scratch, ignore_cleanup_errors=True) as directory:
            folder = Path(directory).resolve()
            (folder / PREPARED).mkdir()
            trial = _in_child(request, limits, folder, start, is_interrupted)
            if trial.outcome == PASSED and keep is not None and trial.conditions:
                _keep(trial, folder / PREPARED, keep, request.directory, limits)
            return trial
    except OSError as error:
        # A full disk, or no descriptor or process left: nothing that the package has to do with.
        log.warning("no trial: %s", error)
        return Trial(NOT_TRIED, "no-room", "The server has no room for a trial run now. Inspect it again.", again=True)


def why_not(request: TrialRequest) -> Trial | None:
    """Why the package is not to be tried, as far as that is known without looking at its files; else None."""
    try:
        implementation = find_implementation(request.architecture, request.task, request.backend, request.features)
    except UnsupportedPackage as error:
        if request.backend == "onnx":
            # It is a network at any rate, which runs on bare tensors.
            return None
        return Trial(NOT_TRIED, error.code, error.message)
    if implementation.session.runs_code and not request.trusted:
        return Trial(
            NOT_TRIED,
            "untrusted",
            "Such packages can run code when they are loaded: it is tried once somebody marks it as trusted.",
        )
    return None


def _keep(trial: Trial, made: Path, folder: Path, package: Path, limits: TrialLimits) -> None:
    try:
        preparation.keep(
            made,
            folder,
            package,
            conditions=trial.conditions,
            working_bytes=trial.working_bytes or 0,
            most_bytes=limits.memory_bytes,
        )
    except (OSError, ValueError) as error:
        # It is prepared anew by the next load.
        log.warning("what a trial prepared could not be kept: %s", error)


def _in_child(
    request: TrialRequest, limits: TrialLimits, scratch: Path, start: Start, is_interrupted: Callable[[], bool]
) -> Trial:
    document = {
        "package": request.to_json(),
        "parent": os.getpid(),
        "seconds": limits.seconds,
        "memory_bytes": limits.memory_bytes,
    }
    started = time.monotonic()
    with (scratch / "stderr").open("w+b") as errors:
        try:
            child = start(limits.python, scratch, errors)
        except OSError as error:
            log.warning("no child for a trial: %s", error)
            return Trial(NOT_TRIED, "runtime-missing", "The interpreter of the model host cannot be started.")
        try:
            answer, verdict = _wait(
                child, json.dumps(document).encode(), started + limits.seconds, limits, is_interrupted
            )
        finally:
            # The whole group, and before the child is reaped: its number is its own until then.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            status = child.wait()
            assert child.stdout is not None
            child.stdout.close()
        if verdict is None:
            verdict = _read(answer) or _of_death(status, errors)
    return verdict


def spawned(python: str, scratch: Path, errors: IO[bytes]) -> Child:
    """A child that is started as a program."""
    # A group of its own, and no session: niceness counts only among the processes of one where the kernel groups them.
    return subprocess.Popen(  # our own module, arguments fixed
        [python, "-m", "backends.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=scratch,
        env=environment(scratch),
        process_group=0,
    )


def _wait(
    child: Child, document: bytes, deadline: float, limits: TrialLimits, is_interrupted: Callable[[], bool]
) -> tuple[bytes, Trial | None]:
    """What the child wrote until its line was complete or it ended; or why it is not waited for any longer."""
    assert child.stdin is not None
    assert child.stdout is not None
    with contextlib.suppress(OSError):
        child.stdin.write(document)
        child.stdin.close()
    answer = b""
    # Not select(), which knows no descriptor beyond 1023.
    readable = select.poll()
    readable.register(child.stdout, select.POLLIN)
    most = limits.memory_bytes + _RUNTIME_BYTES
    while True:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            cause = f"it did not end within {limits.seconds:g} seconds."
            return answer, remedies.failed("trial-too-slow", cause)
        if readable.poll(1000 * min(_LOOK_SECONDS, remaining)):
            part = os.read(child.stdout.fileno(), _ANSWER_BYTES)
            answer += part
            if not part or b"\n" in part or len(answer) > _ANSWER_BYTES:
                return answer, None
        elif anonymous_memory(child.pid) > most:
            return answer, _too_large(limits)
        elif is_interrupted():
            return answer, Trial(NOT_TRIED, "interrupted", "The trial was broken off. Inspect it again.", again=True)


def _read(answer: bytes) -> Trial | None:
    """The child's own account, if there is one."""
    try:
        document: Any = json.loads(answer)
        return Trial.from_json(document)
    except (ValueError, TypeError, RecursionError):
        return None


def _of_death(status: int, errors: Any) -> Trial:
    errors.seek(0, os.SEEK_END)
    errors.seek(max(0, errors.tell() - 2000))
    log.warning("a trial ended with status %d: %s", status, errors.read().decode(errors="replace"))
    if status == -signal.SIGXCPU:
        cause = "it used up its processor time."
        return remedies.failed("trial-too-slow", cause)
    if status == -signal.SIGKILL:
        cause = "the kernel ended the process that tried it, most often for want of memory."
        return remedies.failed("trial-died", cause, again=True)
    name = signal.Signals(-status).name if -status in set(signal.Signals) else f"status {status}"
    return remedies.failed("trial-died", f"it ended the process that tried it ({name}).")


def _too_large(limits: TrialLimits) -> Trial:
    cause = f"it takes more memory than the {limits.memory_bytes // MEBIBYTE} MiB that a trial may have."
    return remedies.failed("out-of-memory", cause)


def environment(scratch: Path) -> dict[str, str]:
    """All that a child knows of this process's environment."""
    own = {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(CODE),
        "PYTHONSAFEPATH": "1",
        "HOME": str(scratch),
        "TMPDIR": str(scratch),
        "LANG": "C.UTF-8",
        # Threads beyond the one that runs would wait for it, each with a stack of its own.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    passed = {
        name: value for name, value in os.environ.items() if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    return passed | own
