"""What happens to a request inside the host: decode, prepare, run, finish, with the time of each stage."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from backends.cores import on_first_core
from backends.errors import BadInput
from backends.host.errors import DeadlineExceeded, PackageBlocked
from backends.host.models.cache import Entry
from backends.host.models.hosted import HostedModel, Loader, OpenedImage, Tensor
from backends.host.models.load_queue import MOST_LOADS, MOST_WRITTEN_OFF
from backends.host.models.manager import ModelManager
from backends.host.process.activity import ActivityLog
from backends.host.process.crash_policy import CrashLog
from backends.host.process.memory import Meter
from backends.host.reference import PackageReference
from backends.host.scheduling.fair_scheduler import FairScheduler, HeavyImages, Ticket
from backends.host.scheduling.isolation import IsolationGate
from backends.host.scheduling.priority import Background
from backends.host.settings import HostSettings

# What a request gets: predictions in the order of its pictures, and the stages' milliseconds.
Predictions = tuple[list[Any], dict[str, float]]
DECODE_GRACE = 10.0
STAGES = ("load", "queue", "decode", "preprocess", "run", "postprocess")


@dataclass
class Stopwatch:
    """Milliseconds by stage, summed over the pictures of a request; ``total`` is the time on the wall."""

    started: float = field(default_factory=time.perf_counter)
    stages: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    def lap(self, stage: str, since: float) -> float:
        """Add the time since ``since`` to a stage; returns the time now."""
        now = time.perf_counter()
        self.stages[stage] += (now - since) * 1000
        return now

    def read(self) -> dict[str, float]:
        """All stages and the total, rounded to microseconds."""
        total = (time.perf_counter() - self.started) * 1000
        return {name: round(value, 3) for name, value in (*self.stages.items(), ("total", total))}


@dataclass(frozen=True)
class Pending:
    """A request that waits for its turn; ``deadline`` is a time of ``time.monotonic()``."""

    slots: FairScheduler
    turn: Ticket
    deadline: float
    held: contextlib.ExitStack

    def withdraw(self) -> bool:
        """Take it out of the queue; False if its turn has come."""
        if not self.slots.withdraw(self.turn):
            return False
        self.held.close()
        return True


class InferencePipeline:
    """All models of one host and the ways to use them. Thread-safe; knows nothing of sockets."""

    def __init__(
        self,
        settings: HostSettings,
        *,
        loader: Loader,
        meter: Meter,
        journal: ActivityLog,
        base_memory: int,
        budget: int,
    ) -> None:
        self.settings = settings
        self.slots = FairScheduler(settings.slots)
        self._heavy = HeavyImages(settings.slots)
        self.crash_log = CrashLog(settings.crash_log, settings.crash_limit)
        state = self.crash_log.read()
        self._blocked = dict(state.blocked)
        self._journal = journal
        self._probation = IsolationGate(state.suspects, self.crash_log.clear)
        self._helpers = ThreadPoolExecutor(max(1, settings.slots - 1), "helper")
        self.store = ModelManager(
            settings,
            loader=loader,
            meter=meter,
            journal=journal,
            probation=self._probation,
            base_memory=base_memory,
            budget=budget,
            # A load warms up in all slots, also beside those that hang.
            background=Background(self.slots.leave_room, calls=(MOST_LOADS + MOST_WRITTEN_OFF) * settings.slots),
            run=self._run_batch,
            block=self.block,
            refuse_if_blocked=self._refuse_if_blocked,
        )
        self.store.restore(frozenset(state.blocked) | state.suspects | frozenset(state.crashes))

    def infer(
        self,
        reference: PackageReference,
        pictures: Sequence[memoryview],
        parameters: Mapping[str, Any],
        deadline: float,
    ) -> Predictions:
        """Predictions for encoded pictures, in their order, and the stages' milliseconds.

        ``deadline`` is a time of ``time.monotonic()``. Raises the host's errors, and those of the model.
        """
        watch = Stopwatch()
        if not pictures:
            raise BadInput("The request holds no image.")
        with self._hold(reference, deadline, watch) as entry:
            wishes = entry.model.read_parameters(parameters)
            if entry.batcher is not None:
                return self._in_batches(entry, pictures, wishes, deadline, watch), watch.read()

            def work(picture: memoryview) -> Any:
                return self._one(entry, picture, wishes, deadline, watch)

            # The request's own thread takes part, so that progress never depends on a free helper.
            split = -(-len(pictures) // self.settings.slots)
            others = [self._helpers.submit(work, picture) for picture in pictures[split:]]
            try:
                results = [work(picture) for picture in pictures[:split]]
                results += [other.result() for other in others]
            finally:
                for other in others:
                    if not other.cancel():
                        other.exception()
            return results, watch.read()

    def submit(
        self,
        reference: PackageReference,
        picture: memoryview,
        parameters: Mapping[str, Any],
        deadline: float,
        finish: Callable[[Predictions | BaseException], None],
    ) -> Pending | None:
        """`infer` for one picture, except that the caller's thread need not wait for its turn.

        ``finish`` gets what `infer` returns or raises, in this thread or, where a Pending is returned, later in
        another. Raises what is found before the picture has to wait.
        """
        watch = Stopwatch()
        with contextlib.ExitStack() as held:
            entry = held.enter_context(self._hold(reference, deadline, watch))
            wishes = entry.model.read_parameters(parameters)
            if entry.batcher is not None:
                finish((self._in_batches(entry, [picture], wishes, deadline, watch), watch.read()))
                return None
            since = time.perf_counter()
            opened = entry.model.open_picture(picture)
            image = held.enter_context(self._memory_for(entry, opened, wishes, deadline, watch))
            since = time.perf_counter()

            def work(alone: bool) -> None:
                try:
                    with later:
                        watch.lap("queue", since)
                        result = self._run_stages(entry, opened, image, wishes, deadline, watch, alone)
                except BaseException as error:
                    finish(error)
                else:
                    finish(([result], watch.read()))

            later = held.pop_all()
            try:
                turn = self.slots.submit(entry.reference.key, deadline, work)
            except DeadlineExceeded:
                later.close()
                raise
            return None if turn is None else Pending(self.slots, turn, deadline, later)

    def infer_tensors(
        self, reference: PackageReference, tensors: Mapping[str, Tensor], deadline: float
    ) -> tuple[Mapping[str, Tensor], dict[str, float]]:
        """The network's named outputs for named inputs, and the stages' milliseconds."""
        watch = Stopwatch()
        with self._hold(reference, deadline, watch) as entry:
            since = time.perf_counter()
            with self.slots.hold(reference.key, deadline) as alone:
                since = watch.lap("queue", since)
                with self._at_work(entry):
                    outputs = self._choose(entry, alone).run_tensors(tensors)
                watch.lap("run", since)
            return outputs, watch.read()

    def load(self, reference: PackageReference, deadline: float, *, pin: bool = False) -> float:
        """Load a package and keep it, pinned if asked; returns the milliseconds that its load took."""
        self._refuse_if_blocked(reference.package_id)
        with self.store.hold(reference, deadline, pin=pin) as entry:
            return round(entry.load_seconds * 1000, 3)

    def blocked(self) -> dict[str, str]:
        """The packages that are blocked, with the reasons."""
        return dict(self._blocked)

    def suspects(self) -> list[str]:
        """The packages that run alone until they are cleared."""
        return sorted(self._probation.suspects)

    def block(self, package_id: str, reason: str) -> None:
        """Refuse a package from now on, and unload it."""
        self.crash_log.block(package_id, reason)
        self._blocked[package_id] = reason
        self.store.unload(package_id)

    def unblock(self, package_id: str) -> None:
        """Give a package that was blocked another chance."""
        self.crash_log.unblock(package_id)
        self._blocked.pop(package_id, None)

    @contextlib.contextmanager
    def _hold(self, reference: PackageReference, deadline: float, watch: Stopwatch) -> Iterator[Entry]:
        """Hold the package's model for a request, loaded."""
        self._refuse_if_blocked(reference.package_id)
        with self.store.hold(reference, deadline) as entry:
            watch.lap("load", watch.started)
            entry.requests += 1
            yield entry

    def _refuse_if_blocked(self, package_id: str) -> None:
        reason = self._blocked.get(package_id)
        if reason is not None:
            raise PackageBlocked(f"{PackageBlocked.START}{reason}")

    def _choose(self, entry: Entry, alone: bool) -> HostedModel:
        # With one core taken a run with all of them would wait for it at each operator.
        alone = alone and not self.store.load_takes_cores
        return entry.latency_model if alone and entry.latency_model is not None else entry.model

    def _at_work(self, entry: Entry) -> _AtWork:
        return _AtWork(self._probation, self._journal, entry.reference.package_id, self.settings.run_limit)

    @contextlib.contextmanager
    def _memory_for(
        self, entry: Entry, opened: OpenedImage, parameters: Any, deadline: float, watch: Stopwatch
    ) -> Iterator[Any]:
        """The memory that a picture takes; gives it decoded if it is heavy, otherwise None."""
        with contextlib.ExitStack() as held:
            if not opened.is_heavy:
                held.enter_context(self.store.budget.working_memory(opened.working_memory, deadline))
                yield None
                return
            # Those that wait for a place hold no memory.
            with self._heavy.enter(deadline):
                held.enter_context(self.store.budget.working_memory(opened.working_memory, deadline))
                image = self._timed_decode(entry, opened, parameters, deadline, watch)
            yield image

    def _decode_aside(
        self, entry: Entry, opened: OpenedImage, parameters: Any, deadline: float, watch: Stopwatch
    ) -> Any:
        """A heavy picture, decoded before it takes a slot from others; None for all others."""
        if not opened.is_heavy:
            return None
        with self._heavy.enter(deadline):
            return self._timed_decode(entry, opened, parameters, deadline, watch)

    def _timed_decode(
        self, entry: Entry, opened: OpenedImage, parameters: Any, deadline: float, watch: Stopwatch
    ) -> Any:
        since = time.perf_counter()
        image = self._decode(entry, opened, parameters, deadline)
        watch.lap("decode", since)
        return image

    def _decode(self, entry: Entry, opened: OpenedImage, parameters: Any, deadline: float) -> Any:
        # A decode ends at its deadline by itself; only where it does not the host is ended. No package is to blame for
        # what a picture does to the decoder.
        limit = max(self.settings.run_limit, deadline - time.monotonic()) + DECODE_GRACE
        try:
            with self._journal.working("decoding", "", limit):
                return entry.model.decode(opened, parameters, deadline)
        except TimeoutError:
            raise DeadlineExceeded("The deadline passed while the image was decoded.") from None

    def _one(
        self,
        entry: Entry,
        picture: memoryview,
        parameters: Any,
        deadline: float,
        watch: Stopwatch,
    ) -> Any:
        """One of several pictures: in the calling thread, as soon as there is a slot."""
        opened = entry.model.open_picture(picture)
        with self._memory_for(entry, opened, parameters, deadline, watch) as image:
            since = time.perf_counter()
            with self.slots.hold(entry.reference.key, deadline):
                watch.lap("queue", since)
                return self._run_stages(entry, opened, image, parameters, deadline, watch, alone=False)

    def _run_stages(
        self,
        entry: Entry,
        opened: OpenedImage,
        image: Any,
        parameters: Any,
        deadline: float,
        watch: Stopwatch,
        alone: bool,
    ) -> Any:
        """All stages of one picture in one thread under one slot: on a CPU nothing is gained by batches."""
        since = time.perf_counter()
        if image is None:
            image = self._decode(entry, opened, parameters, deadline)
        since = watch.lap("decode", since)
        model = self._choose(entry, alone)
        with self._at_work(entry):
            prepared = model.preprocess(image, parameters)
            del image
            since = watch.lap("preprocess", since)
            beside_load = model is entry.latency_model and self.store.is_loading
            with on_first_core(self.settings.latency_slots) if beside_load else contextlib.nullcontext():
                (raw,) = model.run([prepared])
            since = watch.lap("run", since)
            result = model.postprocess(raw, prepared, parameters)
            watch.lap("postprocess", since)
        return result

    def _in_batches(
        self,
        entry: Entry,
        pictures: Sequence[memoryview],
        parameters: Any,
        deadline: float,
        watch: Stopwatch,
    ) -> list[Any]:
        """The stages with the run handed to the model's batcher, which joins pictures of several requests."""
        assert entry.batcher is not None
        model, prepared = entry.model, []
        for picture in pictures:
            since = time.perf_counter()
            opened = model.open_picture(picture)
            image = self._decode_aside(entry, opened, parameters, deadline, watch)
            since = time.perf_counter()
            with self.slots.hold(entry.reference.key, deadline):
                since = watch.lap("queue", since)
                if image is None:
                    image = self._decode(entry, opened, parameters, deadline)
                since = watch.lap("decode", since)
                with self._at_work(entry):
                    prepared.append(model.preprocess(image, parameters))
                watch.lap("preprocess", since)
        since = time.perf_counter()
        raws = entry.batcher.submit([(item, model.batch_key(item)) for item in prepared], deadline)
        watch.lap("run", since)
        results = []
        for raw, item in zip(raws, prepared, strict=True):
            since = time.perf_counter()
            with self.slots.hold(entry.reference.key, deadline):
                since = watch.lap("queue", since)
                with self._at_work(entry):
                    results.append(model.postprocess(raw, item, parameters))
                watch.lap("postprocess", since)
        return results

    def _run_batch(self, entry: Entry, batch: Sequence[Any]) -> Sequence[Any]:
        # A CPU runs batches only where the network is fixed to them, one at a time: with all threads.
        with self._at_work(entry):
            return (entry.latency_model or entry.model).run(batch)


class _AtWork:
    """Passes probation and signs the journal, in this order: who only waits is not at work."""

    __slots__ = ("_passing", "_signed")

    def __init__(self, probation: IsolationGate, journal: ActivityLog, package_id: str, limit: float) -> None:
        self._passing = probation.passing(package_id)
        self._signed = journal.working("running", package_id, limit)

    def __enter__(self) -> None:
        self._passing.__enter__()
        # The journal's clock starts when its block is entered.
        self._signed.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._signed.__exit__(*error)
        self._passing.__exit__(*error)
