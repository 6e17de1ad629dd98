"""How a web process, a worker or a script uses a host: a small pool of connections to its socket."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.error_wire import error_from_wire
from backends.errors import DeadlineExceeded, HostBusy, HostDied, HostUnavailable
from backends.forking import renew_in_children
from backends.host.transport import protocol
from backends.package_reference import PackageReference

# A restarted host answers within seconds; a first start imports its runtimes.
CONNECT_PATIENCE_SECONDS = 20.0
CONNECT_INTERVAL_SECONDS = 0.05
# The host itself answers at the deadline; only if it does not, the client gives up a little later.
GRACE_SECONDS = 0.5
MANAGEMENT_SECONDS = 30.0
IDLE_CONNECTIONS = 64

Encoded = bytes | bytearray | memoryview


@dataclass(frozen=True)
class HostReply:
    """Predictions in the order of the images, then of the texts, as plain values, and milliseconds by stage.

    Stages: load (0 when the model was there), queue, decode, preprocess, run, postprocess; ``total`` is the
    time from the arrival of the request in the host to its answer.
    """

    results: list[Any]
    timings: Mapping[str, float]


@dataclass(frozen=True)
class TensorReply:
    """The network's named outputs (read-only arrays), and milliseconds by stage as in HostReply."""

    outputs: Mapping[str, npt.NDArray[Any]]
    timings: Mapping[str, float]


@dataclass(frozen=True)
class LoadedInfo:
    """One loaded model. ``bytes`` as measured, working memory included; ``input_size`` is (height, width)."""

    package_id: str
    architecture: str
    task: str
    backend: str
    bytes: int
    pinned: bool
    held: int
    requests: int
    last_used: float
    load_ms: float
    input_size: tuple[int, int] | None
    class_names: tuple[str, ...]
    batch_limit: int | None


class HostClient:
    """Talks to the host behind a socket. Thread-safe, and safe to use after a fork.

    ``before_connecting`` is called before each new connection, which is how a supervisor starts lazily:
    ``HostClient(settings.socket, before_connecting=supervisor.start)``.
    """

    def __init__(
        self,
        path: Path,
        *,
        before_connecting: Callable[[], None] | None = None,
        connect_patience: float = CONNECT_PATIENCE_SECONDS,
    ) -> None:
        self._path = str(path)
        self._before_connecting = before_connecting
        self._patience = connect_patience
        self._guard = threading.Lock()
        self._idle: list[socket.socket] = []
        renew_in_children(self)

    def infer(
        self,
        package: PackageReference,
        images: Sequence[Encoded],
        parameters: Mapping[str, Any] | None = None,
        deadline_s: float = 60.0,
        *,
        texts: Sequence[str] = (),
    ) -> HostReply:
        """Predictions of a package for encoded images, and after them for texts; loads the package first if need be.

        Raises the errors of ``backends.errors``: the host's, and the model's (BadImage, BadParameter, ...).
        """
        request = {
            "operation": "infer",
            "package": package.to_wire(),
            "images": [memoryview(image) for image in images],
            "parameters": dict(parameters or {}),
            "texts": list(texts),
        }
        return HostReply(**self._call(request, deadline_s))

    def infer_tensors(
        self, package: PackageReference, tensors: Mapping[str, npt.NDArray[Any]], deadline_s: float = 60.0
    ) -> TensorReply:
        """The network's outputs for ready-made inputs, without any processing. Raises BadTensor and as ``infer``."""
        request = {
            "operation": "infer_tensors",
            "package": package.to_wire(),
            "tensors": {name: np.asarray(value) for name, value in tensors.items()},
        }
        reply = self._call(request, deadline_s)
        return TensorReply(reply["results"][0], reply["timings"])

    def load(self, package: PackageReference, *, pin: bool = False, deadline_s: float = 300.0) -> float:
        """Load a package and wait for it; returns the milliseconds that its load took.

        A pinned package is not evicted, and is loaded again when the host had to be restarted.
        """
        request = {"operation": "load", "package": package.to_wire(), "pin": pin}
        return float(self._call(request, deadline_s))

    def unload(self, package_id: str) -> bool:
        """Unload a package, pinned or not; requests in it finish. Says whether it was loaded."""
        return bool(self._manage("unload", package_id=package_id))

    def unload_all(self, *, pinned: bool = False) -> list[str]:
        """Unload everything that is not pinned, or everything; returns what was unloaded."""
        return [str(name) for name in self._manage("unload_all", pinned=pinned)]

    def loaded(self, deadline_s: float = MANAGEMENT_SECONDS) -> list[LoadedInfo]:
        """The loaded models, least recently used first."""
        names = {part.name for part in fields(LoadedInfo)}
        found = []
        for model in self._call({"operation": "loaded"}, deadline_s):
            values = {name: value for name, value in model.items() if name in names}
            size = values["input_size"]
            values["input_size"] = None if size is None else (int(size[0]), int(size[1]))
            values["class_names"] = tuple(values["class_names"])
            found.append(LoadedInfo(**values))
        return found

    def status(self, deadline_s: float = MANAGEMENT_SECONDS) -> dict[str, Any]:
        """Memory, queues, counters, models, packages that are blocked, the last crashes."""
        return dict(self._call({"operation": "status"}, deadline_s))

    def environment(self) -> Any:
        """What the host's own interpreter and device offer, as ``negotiation.detection`` sees it there."""
        return self._call({"operation": "environment"}, 90.0)

    def block(self, package_id: str, reason: str) -> None:
        """Have the package refused from now on."""
        self._manage("block", package_id=package_id, reason=reason)

    def unblock(self, package_id: str) -> None:
        """Give a package that was blocked another chance; its crashes are forgotten."""
        self._manage("unblock", package_id=package_id)

    def close(self) -> None:
        """Close idle connections."""
        with self._guard:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def after_fork(self) -> None:
        """The connections are the parent's: two processes must not talk on one."""
        self._guard = threading.Lock()
        self.close()

    def _manage(self, operation: str, **arguments: Any) -> Any:
        return self._call({"operation": operation, **arguments}, MANAGEMENT_SECONDS)

    def _call(self, request: dict[str, Any], seconds: float) -> Any:
        deadline = time.monotonic() + seconds
        with self._connection(deadline) as connection:
            left = deadline - time.monotonic()
            if left <= 0:
                raise DeadlineExceeded("The deadline passed before the model host could be reached.")
            request["deadline"] = left
            connection.settimeout(left + GRACE_SECONDS)
            try:
                # A host that refuses a request for its size does not read it to the end; its answer says why.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    protocol.send(connection, request)
                answer = protocol.receive(connection)
            except TimeoutError:
                raise DeadlineExceeded("The model host did not answer by the deadline.") from None
            except (protocol.ConnectionLost, OSError):
                # The other connections lead to the same dead process, even if the kernel has not told us yet.
                self.close()
                raise HostDied(
                    "The model host ended while it worked on this request. It is being restarted; try again."
                ) from None
        error = answer.get("error")
        if error is not None:
            raise error_from_wire(error)
        return answer["result"]

    @contextlib.contextmanager
    def _connection(self, deadline: float) -> Iterator[socket.socket]:
        """A connection for one exchange; it goes back into the pool only if the exchange was complete."""
        connection = self._take_idle() or self._connect(deadline)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        with self._guard:
            if len(self._idle) < IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _take_idle(self) -> socket.socket | None:
        with self._guard:
            while self._idle:
                # The one used last is the most likely to be alive, and its buffers are warm.
                connection = self._idle.pop()
                if protocol.is_silent(connection):
                    return connection
                # Readable without a question: the host has gone.
                connection.close()
        return None

    def _connect(self, deadline: float) -> socket.socket:
        """A new connection, waiting for a host that is only just being (re)started."""
        give_up = min(deadline, time.monotonic() + self._patience)
        if self._before_connecting is not None:
            self._before_connecting()
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                connection.settimeout(max(0.1, give_up - time.monotonic()))
                connection.connect(self._path)
                greeting = connection.recv(1)
            except OSError:
                greeting = b""
            if greeting == protocol.WELCOME:
                return connection
            connection.close()
            if greeting == protocol.CROWDED:
                raise HostBusy("The model host has too many connections. Try again soon.")
            if time.monotonic() + CONNECT_INTERVAL_SECONDS >= give_up:
                raise HostUnavailable("The model host is not running, or still starting. Try again soon.")
            time.sleep(CONNECT_INTERVAL_SECONDS)
