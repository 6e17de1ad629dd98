"""Keeps a host alive: starts it, watches it, says who ended it, and starts it again.

Any number of web processes may hold a HostSupervisor for the same directory. The one that gets the lock on
the host's lock file supervises; the others wait for the lock in the background, so that one of them takes over
when the supervising process ends (its host ends with it). All of them simply connect to the socket.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import logging
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from backends.forking import renew_in_children
from backends.host.process.activity import Activity, ActivitySnapshot, read_activity
from backends.host.process.crash_policy import CrashLog, CrashReport
from backends.host.settings import MEBIBYTE, HostSettings
from backends.memory import anonymous_memory

log = logging.getLogger(__name__)

READY = b"ready\n"
ROOT = Path(__file__).resolve().parents[3]
START_LIMIT_SECONDS = 120.0
LOCK_INTERVAL_SECONDS = 0.5
WATCH_INTERVAL_SECONDS = 0.25
# Before a new start, by the number of crashes in quick succession.
PAUSES_SECONDS = (0.0, 0.2, 0.5, 1.0, 2.0, 5.0)
# A host that lived this long starts the succession afresh.
GOOD_LIFE_SECONDS = 30.0
# What the host needs of our environment. Not more: it opens files from others, and ours may hold secrets.
PASSED_ON = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "SYSTEMROOT")
PASSED_ON_PREFIXES = ("LC_", "CUDA_", "NVIDIA_", "ORT_", "OPENCV_")


def headroom(budget: int) -> int:
    """By how much the host's memory may pass its budget for a moment before it is killed, in bytes."""
    return max(128 * MEBIBYTE, budget // 4)


class HostSupervisor:
    """Supervises the host of one device, in a thread of this process.

    ``on_crash`` is called in that thread after each crash, with the completed report, in the supervising process
    only: there the caller stores which package was blocked. It must not raise.
    """

    def __init__(self, settings: HostSettings, on_crash: Callable[[CrashReport], None] | None = None) -> None:
        self.settings = settings
        self.crash_log = CrashLog(settings.crash_log, settings.crash_limit)
        self._on_crash = on_crash
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._lock_file: IO[bytes] | None = None
        renew_in_children(self)

    @property
    def host_pid(self) -> int | None:
        """The process id of the host that this process started, if it runs."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self) -> None:
        """Begin to supervise, or to wait for the lock. Returns at once; calling it again does nothing.

        A forked child may call it for itself.
        """
        if self._thread is not None:
            return
        with self._guard:
            if self._thread is not None:
                return
            self._stopping = threading.Event()
            self.settings.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._thread = threading.Thread(target=self._supervise, name="host-supervisor", daemon=True)
            self._thread.start()
            atexit.register(self.stop)

    def after_fork(self) -> None:
        """Leave the lock and the host to the parent: the copies are closed, or they would outlive it here."""
        self._guard = threading.Lock()
        self._thread = None
        atexit.unregister(self.stop)
        lock, self._lock_file = self._lock_file, None
        process, self._process = self._process, None
        pipes = [process.stdin, process.stdout] if process is not None else []
        for file in (lock, *pipes):
            if file is not None:
                file.close()

    def stop(self) -> None:
        """Stop the host gently if it is ours, and give the lock back."""
        thread = self._thread
        if thread is None:
            return
        self._stopping.set()
        process = self._process
        if process is not None:
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGTERM)
        thread.join(self.settings.drain + 5)
        self._thread = None
        atexit.unregister(self.stop)

    def _supervise(self) -> None:
        stopping = self._stopping
        crashes = 0
        try:
            while not stopping.is_set():
                if self._lock_file is None and not self._take_lock():
                    stopping.wait(LOCK_INTERVAL_SECONDS)
                    continue
                born = time.monotonic()
                report = self._one_life(stopping)
                if stopping.is_set():
                    return
                crashes = crashes + 1 if time.monotonic() - born < GOOD_LIFE_SECONDS else 1
                if report is not None:
                    self._tell(report)
                stopping.wait(PAUSES_SECONDS[min(crashes, len(PAUSES_SECONDS)) - 1])
        finally:
            lock, self._lock_file = self._lock_file, None
            if lock is not None:
                lock.close()

    def _take_lock(self) -> bool:
        try:
            file = open(self.settings.lock, "ab")  # noqa: SIM115 - the lock lives as long as the file is open
        except OSError as error:
            log.error("the host's lock file cannot be opened: %s", error.strerror)
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._lock_file = file
        return True

    def _tell(self, report: CrashReport) -> None:
        report = self.crash_log.record(report)
        log.error(
            "the model host died: %s At work: %s.%s",
            report.reason,
            ", ".join(name for name in report.packages if name) or "nothing",
            f" {report.blocked} is blocked." if report.blocked else "",
        )
        if self._on_crash is not None:
            try:
                self._on_crash(report)
            except Exception:
                log.exception("the callback for the crash of a host failed")

    def _one_life(self, stopping: threading.Event) -> CrashReport | None:
        """Start a host and watch it to its end; the report, or None if it ended in an orderly way."""
        settings = self.settings
        with contextlib.suppress(OSError):
            settings.activity.unlink(missing_ok=True)
        kills_before = _out_of_memory_kills()
        command = [settings.python, "-P", "-m", "backends.host", *settings.arguments()]
        command += ["--parent", str(os.getpid())]
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=_environment(settings),
                cwd=settings.directory,
                start_new_session=True,
            )
        except OSError as error:
            return CrashReport((), f"It could not be started ({error.strerror}).")
        self._process = process
        with process:
            verdict = self._watch(process, stopping)
            process.wait()
            self._process = None
        if stopping.is_set() or (process.returncode == 0 and verdict is None):
            return None
        return _report(process, verdict, read_activity(settings.activity), kills_before)

    def _watch(self, process: subprocess.Popen[bytes], stopping: threading.Event) -> CrashReport | None:
        """Wait for the end of the process; kill it for a hang or for hoarding, and say so."""
        assert process.stdout is not None
        line = process.stdout.fileno()
        # Not select(): it cannot take the high descriptors of a busy web server.
        poll = select.poll()
        poll.register(line, select.POLLIN)
        started, ready, told = time.monotonic(), False, 0.0
        while True:
            # The line closes when the host ends, so that a crash is seen at once.
            if poll.poll(WATCH_INTERVAL_SECONDS * 1000):
                if not os.read(line, 4096):
                    return None
                ready = True
            now = time.monotonic()
            if stopping.is_set():
                told = told or now
                with contextlib.suppress(OSError):
                    # Again and again: the first may have come before the host could listen.
                    process.send_signal(signal.SIGTERM if now - told < self.settings.drain + 2 else signal.SIGKILL)
                continue
            if not ready and now - started > START_LIMIT_SECONDS:
                process.kill()
                return CrashReport((), "It did not become ready in time.")
            verdict = self._verdict(read_activity(self.settings.activity), process.pid, now)
            if verdict is not None:
                process.kill()
                return verdict

    def _verdict(self, activity: ActivitySnapshot | None, pid: int, now: float) -> CrashReport | None:
        if activity is None or activity.pid != pid:
            return None
        overdue = [work for work in activity.work if work.overdue(now)]
        if overdue:
            doing = overdue[0].phase
            return CrashReport(
                _names(overdue), f"It hung: {doing} took longer than {overdue[0].limit:g} seconds.", signal.SIGKILL
            )
        if self.settings.is_cpu and activity.budget:
            most = activity.base_memory + activity.budget + headroom(activity.budget)
            if anonymous_memory(pid) > most:
                return CrashReport(_names(activity.work), "It took far more memory than its budget.", signal.SIGKILL)
        return None


def _names(work: Iterable[Activity]) -> tuple[str, ...]:
    return tuple(sorted({item.package for item in work if item.package}))


def _report(
    process: subprocess.Popen[bytes],
    verdict: CrashReport | None,
    activity: ActivitySnapshot | None,
    kills_before: int | None,
) -> CrashReport:
    """Complete the verdict, or find out what happened from the exit status and the activity log."""
    ours = activity is not None and activity.pid == process.pid
    status = process.returncode
    number = -status if status < 0 else None
    if verdict is not None:
        return CrashReport(verdict.packages, verdict.reason, number, None, pid=process.pid, time=time.time())
    packages = _names(activity.work) if activity is not None and ours else ()
    from_outside = False
    if number == signal.SIGKILL:
        kills_after = _out_of_memory_kills()
        from_outside = kills_before is not None and kills_after == kills_before
        reason = "It was killed from outside." if from_outside else "It was killed, probably for lack of memory."
    elif number is not None:
        reason = f"It crashed ({signal.Signals(number).name})."
    else:
        reason = f"It ended with status {status}."
    return CrashReport(
        packages,
        reason,
        number,
        status if number is None else None,
        from_outside=from_outside or number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP),
        pid=process.pid,
        time=time.time(),
    )


def _out_of_memory_kills() -> int | None:
    """How often this machine has killed a process for lack of memory; None where the kernel does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/vmstat").read_text().splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return None


def _environment(settings: HostSettings) -> dict[str, str]:
    environment = {
        name: value for name, value in os.environ.items() if name in PASSED_ON or name.startswith(PASSED_ON_PREFIXES)
    }
    environment["PYTHONPATH"] = str(ROOT)
    environment["PYTHONUNBUFFERED"] = "1"
    # One thread a request is the host's own arrangement; libraries must not add theirs.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment[name] = "1"
    if settings.allocator:
        # More arenas than threads that run: those that share one wait for its lock. Half of glibc's own number, because
        # each keeps a little freed memory.
        tunables = [*settings.allocator.split(","), f"arena_max={4 * settings.concurrency}"]
        environment["GLIBC_TUNABLES"] = ":".join(f"glibc.malloc.{tunable}" for tunable in tunables)
    return {**environment, **settings.environment}
