"""The host's socket: accepts connections of this machine's own user and answers their requests.

Each connection has a thread and carries one request at a time; a client that wants more in flight opens more
connections. The threads hardly cost anything while they wait. A request is worked on in the thread of its connection
while there is room, and otherwise by those of the scheduler, which answer it too.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from backends.error_wire import error_to_wire
from backends.errors import (
    BackendError,
    DeadlineExceeded,
    HostUnavailable,
    ProtocolError,
    RequestTooLarge,
    RuntimeMissing,
)
from backends.host.pipeline import InferencePipeline, Job
from backends.host.scheduling.fair_scheduler import WAITED_IN_VAIN
from backends.host.transport import protocol
from backends.package_reference import PackageReference

log = logging.getLogger(__name__)

CREDENTIALS = struct.Struct("3i")
# Seconds and microseconds. Whoever does not read answers shall not keep a thread that has others to serve.
SEND_PATIENCE = struct.pack("@ll", 10, 0)
# Long enough for any load; a caller that waits on purpose says so itself.
MAX_DEADLINE_SECONDS = 3600.0
DETECTION_SECONDS = 60.0


class Server:
    """Listens until it is told to stop; then no new request is taken, and those inside may finish."""

    def __init__(self, pipeline: InferencePipeline) -> None:
        self._pipeline = pipeline
        self._models = models = pipeline.models
        self._settings = pipeline.settings
        self._started = time.time()
        self._limits = protocol.Limits(blobs=self._settings.max_request)
        self._connections = threading.Semaphore(self._settings.max_connections)
        self._stopping = threading.Event()
        self._inside = 0
        self._counters = {"requests": 0, "errors": 0}
        self._changed = threading.Condition()
        self._environment: Any = None
        self._operations: Mapping[str, Callable[[Mapping[str, Any], float], Any]] = {
            "load": lambda request, deadline: models.load(_package(request), deadline, pin=bool(request["pin"])),
            "unload": lambda request, _: models.unload(str(request["package_id"])),
            "unload_all": lambda request, _: models.unload_all(pinned=bool(request["pinned"])),
            "loaded": lambda *_: self._loaded(),
            "status": lambda *_: self._status(),
            "environment": lambda *_: self._detect(),
            "block": lambda request, _: models.block(str(request["package_id"]), str(request["reason"])),
            "unblock": lambda request, _: models.unblock(str(request["package_id"])),
        }
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        # Bound under another name first: whoever finds the socket can connect to it.
        temporary = self._settings.socket.with_suffix(f".s{os.getpid() % 10}")
        temporary.unlink(missing_ok=True)
        self._listener.bind(str(temporary))
        os.chmod(temporary, 0o600)
        self._listener.listen(min(self._settings.max_connections, 1024))
        os.replace(temporary, self._settings.socket)

    def serve(self) -> None:
        """Accept connections until ``stop``."""
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                if self._stopping.is_set():
                    return
                time.sleep(0.05)
                continue
            thread = threading.Thread(target=self._converse, args=(connection,), name="connection", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                log.error("no thread can be started for a new connection")
                connection.close()

    def stop(self, patience: float) -> bool:
        """Take no more requests and wait for those inside; says whether all of them finished."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._settings.socket.unlink(missing_ok=True)
        with self._changed:
            return self._changed.wait_for(lambda: self._inside == 0, patience)

    def _loaded(self) -> list[dict[str, Any]]:
        """The models that can run now, described, least recently used first."""
        with self._models.cache.changed:
            return [entry.describe() for entry in self._models.cache.loaded()]

    def _status(self) -> dict[str, Any]:
        """What there is to know about the host, for people and for metrics."""
        models, budget, scheduler = self._models, self._models.budget, self._pipeline.scheduler
        return {
            "pid": os.getpid(),
            "device": self._settings.device,
            "started": self._started,
            "python": sys.version.split()[0],
            "memory": {
                "budget": budget.size,
                "used": budget.used(),
                "base": budget.base_memory,
                "measured": budget.meter.used(),
                "total": budget.meter.total(),
            },
            "runs": {
                "at_once": scheduler.concurrency,
                "busy": scheduler.busy(),
                "waiting": scheduler.waiting(),
            },
            "inside": self._inside,
            **self._counters,
            "evictions": models.cache.evictions,
            "models": self._loaded(),
            "blocked": models.blocked(),
            "suspects": sorted(models.isolation.suspects),
            "crashes": models.crash_log.reports(),
        }

    def _converse(self, connection: socket.socket) -> None:
        with connection:
            if not self._connections.acquire(blocking=False):
                with contextlib.suppress(OSError):
                    connection.sendall(protocol.CROWDED)
                return
            try:
                if _is_allowed(connection):
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_PATIENCE)
                    connection.sendall(protocol.WELCOME)
                    while self._answer_one(connection):
                        pass
            except (protocol.ConnectionLost, OSError):
                # The caller has gone; nobody is left to tell.
                pass
            except Exception:
                log.exception("a connection ended by a fault")
            finally:
                self._connections.release()

    def _answer_one(self, connection: socket.socket) -> bool:
        """Receive and answer one request; says whether the connection is of further use."""
        try:
            request = protocol.receive(connection, self._limits)
        except (ProtocolError, RequestTooLarge) as error:
            protocol.send(connection, {"error": error_to_wire(error)})
            return False
        with self._changed:
            self._inside += 1
            self._counters["requests"] += 1
        try:
            job = self._perform(request, connection)
        except Exception as error:
            self._finish(connection, error)
            return True
        # The images are not needed here any more, and the answer may take its time.
        del request
        if job is not None:
            # Meanwhile the caller stays silent, or gets its answer and asks again, or has gone, or gets tired.
            silent = protocol.is_silent(connection, job.deadline - time.monotonic())
            job.cancel(DeadlineExceeded(WAITED_IN_VAIN) if silent else HostUnavailable("The caller has gone."))
        return True

    def _perform(self, request: Any, connection: socket.socket) -> Job | None:
        """Do what is asked and answer, or leave the answer to the thread that will have it."""
        if self._stopping.is_set():
            raise HostUnavailable("The model host is stopping.")
        if not isinstance(request, dict):
            raise ProtocolError("The request is no object.")
        seconds = float(request.get("deadline") or self._settings.default_deadline)
        deadline = time.monotonic() + min(seconds, MAX_DEADLINE_SECONDS)
        operation = str(request.get("operation"))
        if operation in ("infer", "infer_tensors"):
            finish = partial(self._finish, connection)
            if operation == "infer":
                images, parameters, texts = request["images"], request["parameters"], request.get("texts", ())
                return self._pipeline.infer(_package(request), images, parameters, deadline, finish, texts=texts)
            return self._pipeline.infer_tensors(_package(request), request["tensors"], deadline, finish)
        if operation not in self._operations:
            raise ProtocolError("The model host does not know this operation.")
        self._finish(connection, self._operations[operation](request, deadline))
        return None

    def _finish(self, connection: socket.socket, outcome: Any) -> None:
        """Answer a request, with the error if ``outcome`` is one. Whoever asked may have gone meanwhile."""
        if isinstance(outcome, BaseException):
            if not isinstance(outcome, (BackendError, MemoryError)):
                log.error("a request failed", exc_info=outcome)
            with self._changed:
                self._counters["errors"] += 1
            answer = {"error": error_to_wire(outcome)}
        else:
            answer = {"result": outcome}
        try:
            protocol.send(connection, answer)
        except (RequestTooLarge, TypeError, ValueError) as error:
            log.warning("an answer cannot be sent: %s", type(error).__name__)
            with contextlib.suppress(OSError):
                protocol.send(connection, {"error": error_to_wire(error)})
        except OSError:
            # Another thread reads from this connection; it sees the end and closes.
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()

    def _detect(self) -> Any:
        if self._environment is None:
            # In a process of its own: looking for runtimes imports them, and their memory would stay here.
            try:
                command = [sys.executable, "-m", "negotiation.detection"]
                done = subprocess.run(
                    command, stdin=subprocess.DEVNULL, capture_output=True, timeout=DETECTION_SECONDS, check=True
                )
                self._environment = json.loads(done.stdout)
            except (OSError, subprocess.SubprocessError, ValueError) as error:
                log.warning("the environment could not be detected: %s", type(error).__name__)
                raise RuntimeMissing("The environment of the model host could not be detected.") from error
        return self._environment


def _package(request: Mapping[str, Any]) -> PackageReference:
    return PackageReference.from_wire(request["package"])


def _is_allowed(connection: socket.socket) -> bool:
    """Only our own user, and root, may talk to the host: it opens files that the request names."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    content = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return CREDENTIALS.unpack(content)[1] in (os.geteuid(), 0)
