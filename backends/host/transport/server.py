"""The host's socket: accepts connections of this machine's own user and answers their requests.

Each connection has a thread and carries one request at a time; a client that wants more in flight opens more
connections. The threads hardly cost anything while they wait. A request for one picture is worked on in the thread of
its connection while there are free slots, and otherwise handed to the threads of the slots, which answer it too.
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
from typing import Any

from backends.errors import BackendError, RuntimeMissing
from backends.host.errors import (
    DeadlineExceeded,
    HostUnavailable,
    ProtocolError,
    RequestTooLarge,
    error_to_wire,
)
from backends.host.pipeline import InferencePipeline, Pending, Predictions
from backends.host.process.memory import Meter
from backends.host.reference import PackageReference
from backends.host.scheduling.fair_scheduler import WAITED_IN_VAIN
from backends.host.transport import protocol

log = logging.getLogger(__name__)

CREDENTIALS = struct.Struct("3i")
# Seconds and microseconds. Whoever does not read answers shall not keep a thread that has others to serve.
SEND_PATIENCE = struct.pack("@ll", 10, 0)
# Long enough for any load; a caller that waits on purpose says so itself.
MAX_DEADLINE = 3600.0
PROBE_SECONDS = 60.0
PROBE = """
import json
from negotiation.detection import detect
print(json.dumps(detect().to_json(), allow_nan=False))
"""


class Server:
    """Listens until it is told to stop; then no new request is taken, and those inside may finish."""

    def __init__(self, engine: InferencePipeline, meter: Meter, base_memory: int) -> None:
        self._engine = engine
        self._meter = meter
        self._base_memory = base_memory
        self._settings = engine.settings
        self._started = time.time()
        self._limits = protocol.Limits(blobs=self._settings.max_request)
        self._connections = threading.Semaphore(self._settings.max_connections)
        self._stopping = threading.Event()
        self._inside = 0
        self._counters = {"requests": 0, "errors": 0}
        self._changed = threading.Condition()
        self._environment: Any = None
        self._operations: Mapping[str, Callable[[Mapping[str, Any], float], Any]] = {
            "infer": self._infer,
            "infer_tensors": self._infer_tensors,
            "load": self._load,
            "unload": lambda request, _: self._engine.store.unload(str(request["package_id"])),
            "unload_all": lambda request, _: self._engine.store.unload_all(pinned=bool(request["pinned"])),
            "loaded": lambda *_: self._engine.store.loaded(),
            "status": lambda *_: self.status(),
            "environment": lambda *_: self._detect(),
            "block": lambda request, _: self._engine.block(str(request["package_id"]), str(request["reason"])),
            "unblock": lambda request, _: self._engine.unblock(str(request["package_id"])),
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

    def is_idle(self) -> bool:
        """Whether no request is inside."""
        with self._changed:
            return self._inside == 0

    def status(self) -> dict[str, Any]:
        """What there is to know about the host, for people and for metrics."""
        engine, store = self._engine, self._engine.store
        return {
            "pid": os.getpid(),
            "device": self._settings.device,
            "started": self._started,
            "python": sys.version.split()[0],
            "memory": {
                "budget": store.budget.size,
                "used": store.budget.used(),
                "base": self._base_memory,
                "measured": self._meter.used(),
                "total": self._meter.total(),
            },
            "slots": {
                "count": engine.slots.count,
                "busy": engine.slots.busy(),
                "waiting": engine.slots.waiting(),
            },
            "inside": self._inside,
            **self._counters,
            "evictions": store.evictions,
            "lost_loads": store.lost_loads,
            "models": store.loaded(),
            "blocked": engine.blocked(),
            "suspects": engine.suspects(),
            "crashes": engine.crash_log.reports(),
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
            pending = self._perform(request, connection)
        except Exception as error:
            self._finish(connection, error)
            return True
        # The pictures are not needed here any more, and the answer may take its time.
        del request
        return pending is None or self._wait(connection, pending)

    def _perform(self, request: Any, connection: socket.socket) -> Pending | None:
        """Do what is asked and answer, or leave both to the thread whose turn it will be."""
        if self._stopping.is_set():
            raise HostUnavailable("The model host is stopping.")
        if not isinstance(request, dict) or request.get("operation") not in self._operations:
            raise ProtocolError("The model host does not know this operation.")
        seconds = float(request.get("deadline") or self._settings.default_deadline)
        deadline = time.monotonic() + min(seconds, MAX_DEADLINE)
        if request["operation"] == "infer" and len(request["images"]) == 1:
            reference, (picture,) = PackageReference.from_wire(request["package"]), request["images"]

            def finish(outcome: Predictions | BaseException) -> None:
                self._finish(connection, outcome if isinstance(outcome, BaseException) else _predictions(*outcome))

            return self._engine.submit(reference, picture, request["parameters"], deadline, finish)
        self._finish(connection, self._operations[request["operation"]](request, deadline))
        return None

    def _wait(self, connection: socket.socket, pending: Pending) -> bool:
        """Until the answer was sent by another thread: the caller stays silent, or has gone, or gets tired."""
        silent = protocol.is_silent(connection, pending.deadline - time.monotonic())
        if pending.withdraw():
            if not silent:
                self._leave()
                return False
            self._finish(connection, DeadlineExceeded(WAITED_IN_VAIN))
        return True

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

    def _infer(self, request: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        reference = PackageReference.from_wire(request["package"])
        return _predictions(*self._engine.infer(reference, request["images"], request["parameters"], deadline))

    def _infer_tensors(self, request: Mapping[str, Any], deadline: float) -> dict[str, Any]:
        reference = PackageReference.from_wire(request["package"])
        outputs, timings = self._engine.infer_tensors(reference, request["tensors"], deadline)
        return {"outputs": dict(outputs), "timings": timings}

    def _load(self, request: Mapping[str, Any], deadline: float) -> float:
        reference = PackageReference.from_wire(request["package"])
        return self._engine.load(reference, deadline, pin=bool(request["pin"]))

    def _detect(self) -> Any:
        if self._environment is None:
            # In a process of its own: looking for runtimes imports them, and their memory would stay here.
            try:
                done = subprocess.run(
                    [sys.executable, "-c", PROBE],
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, check=True,
                )  # fmt: skip
                self._environment = json.loads(done.stdout.splitlines()[-1])
            except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
                log.warning("the environment could not be detected: %s", type(error).__name__)
                raise RuntimeMissing("The environment of the model host could not be detected.") from error
        return self._environment


def _predictions(results: list[Any], timings: Mapping[str, float]) -> dict[str, Any]:
    return {"results": results, "timings": timings}


def _is_allowed(connection: socket.socket) -> bool:
    """Only our own user, and root, may talk to the host: it opens files that the request names."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True
    content = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size)
    return CREDENTIALS.unpack(content)[1] in (os.geteuid(), 0)
