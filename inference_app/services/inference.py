"""Running a model: choose a package, lay it out, have the host run it, and fall back where it cannot load."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import structlog
from django.conf import settings

from backends.errors import (
    BackendError,
    DeviceUnavailable,
    MemoryBudgetExceeded,
    PackageBlocked,
    PackageDamaged,
    PackageFailedToLoad,
    RuntimeMissing,
    UnsupportedPackage,
)
from backends.host.transport.client import HostReply, LoadedInfo, TensorReply
from backends.package_reference import PackageReference
from backends.parameters import DEFAULTS, InferenceParameters
from inference_app.errors import CacheFull
from inference_app.services import blocking, hosts, materialising
from inference_app.services.materialising import materialise
from inference_app.services.selection import Basis, Choice, basis_of, choose
from negotiation import NegotiationRequest
from packages_app.errors import BlobDamaged
from packages_app.models import Package
from registry.errors import WeighbridgeError
from registry.models import Model

logger = structlog.get_logger("weighbridge.inference")

# What the client does as well: a package that cannot be loaded makes way for the next in the ranking.
LOAD_FAILURES = (
    PackageFailedToLoad,
    PackageBlocked,
    UnsupportedPackage,
    RuntimeMissing,
    DeviceUnavailable,
    PackageDamaged,
    MemoryBudgetExceeded,
    BlobDamaged,
    CacheFull,
)
# A package that failed to load is passed over for a while rather than tried again by every request.
FAILURE_LIFETIME_SECONDS = 300.0
LOAD_DEADLINE_SECONDS = 300.0
MOST_CHOICES = 1000

Reply = TypeVar("Reply", HostReply, TensorReply)


@dataclass(frozen=True)
class Outcome:
    """Predictions of each image, then of each text, with the package that made them and why it was that one."""

    package: Package
    reply: HostReply
    choice: Choice
    milliseconds: float


@dataclass(frozen=True)
class TensorOutcome:
    package: Package
    reply: TensorReply


def infer(
    model: Model,
    images: Sequence[bytes],
    parameters: InferenceParameters = DEFAULTS,
    *,
    texts: Sequence[str] = (),
    request: NegotiationRequest | None = None,
) -> Outcome:
    """Predictions of ``model`` for encoded images, and after them for texts, all by one package.

    ``request`` narrows the choice of the package. Raises NothingPublished and the errors of backends and negotiation.
    """
    started = time.perf_counter()
    choice = choice_for(model, request)
    wanted = parameters.to_mapping()

    def run(reference: PackageReference) -> HostReply:
        return hosts.client().infer(reference, images, wanted, settings.MODEL_HOST_DEADLINE_SECONDS, texts=texts)

    package, reply = _with_fall_back(choice, run)
    return Outcome(package, reply, choice, (time.perf_counter() - started) * 1000)


def infer_tensors(choice: Choice, tensors: Mapping[str, npt.NDArray[np.generic]]) -> TensorOutcome:
    """The network's own outputs for ready-made inputs; ``choice`` comes from `choice_for`."""

    def run(reference: PackageReference) -> TensorReply:
        return hosts.client().infer_tensors(reference, tensors, settings.MODEL_HOST_DEADLINE_SECONDS)

    return TensorOutcome(*_with_fall_back(choice, run))


def load(model: Model, *, request: NegotiationRequest | None = None, pin: bool = False) -> Package:
    """Load the package that this server would run, and wait for it."""

    def run(reference: PackageReference) -> HostReply:
        milliseconds = hosts.client().load(reference, pin=pin, deadline_s=LOAD_DEADLINE_SECONDS)
        return HostReply(results=[], timings={"load": milliseconds})

    package, _ = _with_fall_back(choice_for(model, request), run)
    return package


def unload(package_id: str) -> bool:
    """Unload a package; requests in it finish. Returns whether it was loaded."""
    return hosts.client().unload(package_id)


def loaded() -> list[LoadedInfo]:
    """What the host has in memory now. Asking does not start a host. Raises the errors of one that does not answer."""
    return hosts.client().loaded(hosts.STATUS_SECONDS) if hosts.is_running() else []


def reference(package: Package) -> PackageReference:
    """The package as the host wants it, its files laid out and verified."""
    parameters = package.recommended_parameters or {}
    directory = materialise(package)
    return PackageReference(
        package_id=package.package_id,
        directory=directory,
        prepared=materialising.preparation_folder(directory),
        architecture=package.model.architecture,
        task=package.model.task_type,
        backend=package.backend,
        features=package.model_features or {},
        recommended={
            "confidence": parameters.get("confidence"),
            "per_class_confidence": parameters.get("perClassConfidence") or {},
        }
        if parameters
        else {},
    )


def _with_fall_back(choice: Choice, run: Callable[[PackageReference], Reply]) -> tuple[Package, Reply]:
    """The first candidate that runs, and what it answered; the first failure if none of them can be loaded."""
    first_failure: BackendError | WeighbridgeError | None = None
    for package in _passable(choice.candidates):
        try:
            return package, _attempt(package, run)
        except LOAD_FAILURES as failure:
            logger.warning("package could not be loaded", package=package.package_id, code=failure.code)
            _note_failure(package, failure)
            first_failure = first_failure or failure
    assert first_failure is not None
    raise first_failure


def _attempt(package: Package, run: Callable[[PackageReference], Reply]) -> Reply:
    """Run a package, once more where it could not be loaded because its files were damaged on this disk."""
    try:
        return run(reference(package))
    except PackageFailedToLoad:
        if _failures.is_recent(package.package_id) or materialising.is_intact(package):
            raise
        return run(reference(package))


def _note_failure(package: Package, failure: BackendError | WeighbridgeError) -> None:
    if isinstance(failure, PackageBlocked):
        # The host refuses it without an attempt, and takes it again from the moment it is unblocked.
        if failure.reason.startswith(PackageBlocked.NOT_PREPARED):
            # Of crashes the supervisor tells; the host blocked this by itself.
            blocking.note_refusal(package, failure.reason)
        return
    _failures.note(package.package_id)


def _passable(candidates: Sequence[Package]) -> Sequence[Package]:
    """Candidates without those that failed to load lately; all of them if none would be left."""
    return [package for package in candidates if not _failures.is_recent(package.package_id)] or candidates


class _RecentFailures:
    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._until: dict[str, float] = {}

    def note(self, package_id: str) -> None:
        now = time.monotonic()
        with self._guard:
            self._until = {name: until for name, until in self._until.items() if until > now}
            self._until[package_id] = now + FAILURE_LIFETIME_SECONDS

    def is_recent(self, package_id: str) -> bool:
        with self._guard:
            return self._until.get(package_id, 0.0) > time.monotonic()

    def clear(self) -> None:
        with self._guard:
            self._until.clear()


class _Choices:
    """Choices already made: a busy model is not negotiated anew for each image.

    A choice holds as long as the model's published packages, those that are blocked, and this machine are the same;
    all three are looked at for each request, so that a withdrawal takes effect with the next one.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._known: dict[int, tuple[Basis, Choice]] = {}

    def get(self, model: Model, basis: Basis) -> Choice | None:
        with self._guard:
            entry = self._known.get(model.pk)
        return entry[1] if entry is not None and entry[0] == basis else None

    def put(self, model: Model, basis: Basis, choice: Choice) -> None:
        with self._guard:
            if len(self._known) >= MOST_CHOICES:
                self._known.clear()
            self._known[model.pk] = (basis, choice)

    def clear(self) -> None:
        with self._guard:
            self._known.clear()


_failures = _RecentFailures()
_choices = _Choices()


def forget() -> None:
    """Drop remembered choices and failures."""
    _failures.clear()
    _choices.clear()


def choice_for(model: Model, request: NegotiationRequest | None = None) -> Choice:
    """The packages of ``model`` that this server would run, remembered where ``request`` does not narrow them."""
    if request is not None:
        return choose(model, request)
    basis = basis_of(model)
    known = _choices.get(model, basis)
    if known is None:
        known = choose(model)
        _choices.put(model, basis, known)
    return known
