"""The first step of a load: a child prepares the package. What that does to a runtime it does not do to the host."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from backends.error_wire import error_from_wire
from backends.errors import BackendError, HostBusy, PackageBlocked
from backends.host.settings import MEBIBYTE, HostSettings
from backends.package_reference import PackageReference
from backends.trial import preparation
from backends.trial.conditions import conditions_of
from backends.trial.fork_server import ForkServer
from backends.trial.request import TrialLimits, TrialRequest
from backends.trial.result import FAILED, PASSED, Trial

# Bytes that a child may have at least: to prepare a small network takes several times what the network has.
_LEAST_MEMORY = 1024 * MEBIBYTE
# What says that a package ends whoever loads it, every time.
_BLOCKING = ("trial-died", "trial-too-slow", "out-of-memory")


@dataclass(frozen=True, slots=True)
class PreparedPackage:
    """A package that ran here. ``folder`` has what to load it from, None if it is loaded as it is.

    ``working_bytes``: memory that one run takes beside what the loaded package has. ``file_bytes``: size of what is in
    the folder.
    """

    folder: Path | None = None
    working_bytes: int = 0
    file_bytes: int = 0


class Preparer:
    """Prepares packages for one host. Thread-safe."""

    def __init__(self, settings: HostSettings, server: ForkServer) -> None:
        self._settings = settings
        self._server = server

    @contextlib.contextmanager
    def prepared(self, reference: PackageReference, memory: int) -> Iterator[PreparedPackage]:
        """The package, prepared for this machine now or before, for as long as it takes to open it.

        Whoever prepares it has ``memory`` bytes, or a little more, and the seconds of a load. Raises PackageBlocked if
        the package ended whoever prepared it, HostBusy where nobody can, and any other BackendError where it cannot be
        loaded.
        """
        settings = self._settings
        request = TrialRequest(
            directory=reference.directory,
            architecture=reference.architecture,
            task=reference.task,
            backend=reference.backend,
            features=reference.feature_names,
            device=settings.device,
            providers=reference.options.get("providers"),
            rewriting=settings.graph_rewriting,
            examined=False,
        )
        conditions = conditions_of(request)
        limits = TrialLimits(settings.load_limit, max(memory, _LEAST_MEMORY))
        with _folder(reference, settings.directory) as folder:
            found = preparation.find(folder, reference.directory, conditions)
            if found is None:
                trial = self._server.try_package(request, limits, scratch=settings.directory, keep=folder)
                error = _refusal(trial, settings)
                if error is not None:
                    raise error
                found = preparation.find(folder, reference.directory, conditions)
                if found is None:
                    # It could not be kept.
                    yield PreparedPackage(None, trial.working_bytes or 0)
                    return
            stamps = found.files.files.values()
            yield PreparedPackage(folder if stamps else None, found.working_bytes, sum(stamp.size for stamp in stamps))


@contextlib.contextmanager
def _folder(reference: PackageReference, directory: Path) -> Iterator[Path]:
    """Where the package's preparation is, or is to be: for good, or only while it is loaded."""
    if reference.prepared is not None:
        yield reference.prepared
        return
    with tempfile.TemporaryDirectory(prefix="prepared-", dir=directory, ignore_cleanup_errors=True) as temporary:
        yield Path(temporary) / "package"


def _refusal(trial: Trial, settings: HostSettings) -> BackendError | None:
    """Why a package is not to be loaded after this trial."""
    if trial.outcome == PASSED:
        return None
    if trial.again:
        # A device's memory is with the host, which can make room in it for a load of its own.
        return HostBusy("The package cannot be prepared now. Try again soon.") if settings.is_cpu else None
    if trial.outcome == FAILED and trial.code in _BLOCKING:
        cause = trial.cause[:1].lower() + trial.cause[1:]
        return PackageBlocked(f"{PackageBlocked.START}{PackageBlocked.NOT_PREPARED}: {cause}")
    return error_from_wire({"code": trial.code, "message": trial.cause or trial.reason})
