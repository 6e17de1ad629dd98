"""What happens to a request inside the host: decode, prepare, run, finish, with the time of each stage.

There is one way for all of them. A request has parts, one for each image or text; every part is work for the scheduler,
and whichever thread ends the last one answers the request. On a CPU all stages of an image are one piece of work, since
batches gain nothing. Where they do, a part leaves the scheduler for the model's batcher and comes back for its last
stage.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from backends.errors import BadInput, DeadlineExceeded
from backends.host.models.cache import Entry
from backends.host.models.loading import PackageLoader
from backends.host.models.manager import ModelManager
from backends.host.scheduling.fair_scheduler import FairScheduler, HeavyImages
from backends.host.settings import HostSettings
from backends.package_reference import PackageReference
from backends.session import Array

# What a request gets: "results" in order and "timings", the stages' milliseconds; or why it gets none.
Outcome = dict[str, Any] | BaseException
DECODE_GRACE_SECONDS = 10.0
# What a step of a part returns when another thread goes on with it.
GOES_ON = object()
STAGES = ("load", "queue", "decode", "preprocess", "run", "postprocess")


class Stopwatch:
    """Milliseconds by stage, summed over the images of a request; ``total`` is the time on the wall."""

    def __init__(self) -> None:
        self.started = time.perf_counter()
        self._stages = dict.fromkeys(STAGES, 0.0)

    def lap(self, stage: str, since: float) -> float:
        """Add the time since ``since`` to a stage; returns the time now."""
        now = time.perf_counter()
        self._stages[stage] += (now - since) * 1000
        return now

    def read(self) -> dict[str, float]:
        """All stages and the total, rounded to microseconds."""
        total = (time.perf_counter() - self.started) * 1000
        return {name: round(value, 3) for name, value in (*self._stages.items(), ("total", total))}


class Job:
    """One request on its way: ``finish`` is called once with its outcome, in whichever thread has it.

    What the request holds is given back when its last part has ended. ``deadline`` is a time of ``time.monotonic()``.
    """

    def __init__(
        self,
        entry: Entry,
        parts: int,
        deadline: float,
        watch: Stopwatch,
        held: contextlib.ExitStack,
        finish: Callable[[Outcome], None],
    ) -> None:
        self.entry = entry
        self.deadline = deadline
        self.watch = watch
        self._held = held
        self._finish = finish
        self._results: list[Any] = [None] * parts
        self._left = parts
        self._answered = False
        self._waiting: dict[Part, Callable[[], bool]] = {}
        self._lock = threading.Lock()

    def waits(self, part: Part, withdraw: Callable[[], bool]) -> None:
        """A part waits for its turn; ``withdraw`` takes it out of the queue, and says whether it was there."""
        with self._lock:
            self._waiting[part] = withdraw
            answered = self._answered
        if answered:
            self._withdraw()

    def end(self, index: int, outcome: Any) -> None:
        """A part has ended, well or with an exception, which ends the request too."""
        with self._lock:
            if not self._answered:
                self._results[index] = outcome
            self._left -= 1
            over = self._left == 0
        if over:
            self._held.close()
        if isinstance(outcome, BaseException):
            self.cancel(outcome)
        elif over:
            self._answer({"results": self._results, "timings": self.watch.read()})

    def cancel(self, error: BaseException) -> None:
        """Answer with the error, unless it is answered already; what waits is not begun any more."""
        self._answer(error)
        self._withdraw()

    def _answer(self, outcome: Outcome) -> None:
        with self._lock:
            answered, self._answered = self._answered, True
        if not answered:
            self._results = []
            self._finish(outcome)

    def _withdraw(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, {}
        for part, withdraw in waiting.items():
            if withdraw():
                part.end(None)


@dataclass(eq=False)
class Part:
    """One image or text of a request, or its tensors; ``memory`` is what it needs while it is worked on."""

    job: Job
    index: int
    parameters: Any = None
    opened: Any = None
    image: Any = None
    prepared: Any = None
    memory: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def attempt(self, step: Callable[[], Any]) -> None:
        """Do one step; the part ends with what it returns or raises, unless it goes on elsewhere."""
        try:
            outcome = step()
        except BaseException as error:
            outcome = error
        if outcome is not GOES_ON:
            self.end(outcome)

    def end(self, outcome: Any) -> None:
        """Give back the memory and tell the request."""
        self.memory.close()
        self.job.end(self.index, outcome)


class InferencePipeline:
    """The ways to use the models of one host. Thread-safe; knows nothing of sockets."""

    def __init__(self, settings: HostSettings, loader: PackageLoader) -> None:
        self.settings = settings
        self.scheduler = FairScheduler(settings.concurrency)
        self.models = ModelManager(settings, loader)
        self.models.run_batch = self._run_batch
        self.models.restore()
        self._heavy = HeavyImages(settings.concurrency)

    def infer(
        self,
        reference: PackageReference,
        images: Sequence[memoryview],
        parameters: Mapping[str, Any],
        deadline: float,
        finish: Callable[[Outcome], None],
        *,
        texts: Sequence[str] = (),
    ) -> Job:
        """Have ``finish`` called with the predictions for encoded images, then those for texts, each in their order.

        Or with an error. Raises what is found before there is anything to do: the host's errors, BadInput and its kin.
        """
        if not images and not texts:
            raise BadInput("The request holds no image.")
        with self._holding(reference, deadline) as (entry, watch, held):
            read = entry.model.read_parameters(parameters)
            entry.model.check_texts(texts)
            job = Job(entry, len(images) + len(texts), deadline, watch, held.pop_all(), finish)
        begun: list[Callable[..., Any]] = [partial(self._open, data=data) for data in images]
        begun += [partial(self._read_text, text=text) for text in texts]
        last = len(begun) - 1
        for index, begin in enumerate(begun):
            part = Part(job, index, read)
            # The last in this thread, for then the others are on their way.
            part.attempt(partial(begin, part, here=index == last))
        return job

    def infer_tensors(
        self,
        reference: PackageReference,
        tensors: Mapping[str, Array],
        deadline: float,
        finish: Callable[[Outcome], None],
    ) -> Job:
        """Have ``finish`` called with the network's named outputs for named inputs, as the only result."""
        with self._holding(reference, deadline) as (entry, watch, held):
            job = Job(entry, 1, deadline, watch, held.pop_all(), finish)

        def run(part: Part, alone: bool) -> dict[str, Array]:
            since = time.perf_counter()
            with self._at_work(entry):
                outputs = entry.choose(alone=alone).run_tensors(tensors)
            watch.lap("run", since)
            return dict(outputs)

        part = Part(job, 0)
        part.attempt(lambda: self._queue(part, run, here=True))
        return job

    @contextlib.contextmanager
    def _holding(
        self, reference: PackageReference, deadline: float
    ) -> Iterator[tuple[Entry, Stopwatch, contextlib.ExitStack]]:
        """The package's model, loaded and held until the stack is closed."""
        watch = Stopwatch()
        with contextlib.ExitStack() as held:
            entry = held.enter_context(self.models.hold(reference, deadline))
            watch.lap("load", watch.started)
            entry.requests += 1
            yield entry, watch, held

    def _open(self, part: Part, data: memoryview, *, here: bool) -> object:
        """Look at the image's header, and have the image worked on as soon as there is room."""
        part.opened = part.job.entry.model.open_image(data)
        if part.opened.is_heavy:
            # Those that wait for a place hold no memory.
            future = self._heavy.submit(lambda: part.attempt(lambda: self._decode_heavy(part)))
            part.job.waits(part, future.cancel)
            return GOES_ON
        self._reserve_memory(part)
        return self._queue(part, self._work_on, here=here)

    def _read_text(self, part: Part, text: str, *, here: bool) -> Any:
        """The answer for a text, which may have been asked for before."""
        entry = part.job.entry
        known = entry.texts.get(text)
        if known is not None:
            return known

        def run(part: Part, alone: bool) -> Any:
            since = time.perf_counter()
            with self._at_work(entry):
                embeddings = entry.choose(alone=alone).embed_text(text)
            part.job.watch.lap("run", since)
            answer = embeddings.to_json()
            entry.texts.put(text, answer, embeddings.vectors.size)
            return answer

        return self._queue(part, run, here=here)

    def _decode_heavy(self, part: Part) -> object:
        """Decode the image in a process of its own, and only then take part in the queue."""
        self._reserve_memory(part)
        part.image = self._decode(part)
        return self._queue(part, self._work_on, here=False)

    def _reserve_memory(self, part: Part) -> None:
        part.memory.enter_context(self.models.budget.working_memory(part.opened.working_memory, part.job.deadline))

    def _queue(self, part: Part, step: Callable[[Part, bool], Any], *, here: bool) -> object:
        """Have the scheduler do a step, in this thread if that may be and there is room."""
        job, since = part.job, time.perf_counter()

        def work(alone: bool) -> None:
            job.watch.lap("queue", since)
            part.attempt(lambda: step(part, alone))

        ticket = self.scheduler.submit(job.entry.reference.key, job.deadline, work, here=here)
        job.waits(part, lambda: self.scheduler.withdraw(ticket))
        return GOES_ON

    def _work_on(self, part: Part, alone: bool) -> Any:
        """All stages of an image, or those before the run where it is run in a batch."""
        job, entry = part.job, part.job.entry
        image, part.image = part.image if part.image is not None else self._decode(part), None
        model = entry.choose(alone=alone)
        since = time.perf_counter()
        with self._at_work(entry):
            part.prepared = model.preprocess(image, part.parameters)
            del image
            since = job.watch.lap("preprocess", since)
            if entry.batcher is None:
                (outputs,) = model.run_prepared([part.prepared])
                job.watch.lap("run", since)
                return self._read(part, outputs)
        entry.batcher.submit(
            part.prepared, job.deadline, lambda outputs: part.attempt(lambda: self._after_batch(part, outputs, since))
        )
        return GOES_ON

    def _after_batch(self, part: Part, outputs: Any, since: float) -> Any:
        part.job.watch.lap("run", since)
        if isinstance(outputs, BaseException):
            # Not raised: the others of the batch have the same one.
            return outputs
        return self._queue(part, lambda part, _: self._finish_apart(part, outputs), here=False)

    def _finish_apart(self, part: Part, outputs: Any) -> Any:
        with self._at_work(part.job.entry):
            return self._read(part, outputs)

    def _read(self, part: Part, outputs: Any) -> Any:
        since = time.perf_counter()
        answer = part.job.entry.model.answer(outputs, part.prepared, part.parameters)
        part.job.watch.lap("postprocess", since)
        return answer

    def _decode(self, part: Part) -> Any:
        # A decode ends at its deadline by itself; only where it does not the host is ended. No package is to blame for
        # what an image does to the decoder.
        since, deadline = time.perf_counter(), part.job.deadline
        limit = max(self.settings.run_limit, deadline - time.monotonic()) + DECODE_GRACE_SECONDS
        try:
            with self.models.isolation.activity.working("decoding", "", limit):
                image = part.job.entry.model.decode(part.opened, part.parameters, deadline)
        except TimeoutError:
            raise DeadlineExceeded("The deadline passed while the image was decoded.") from None
        part.job.watch.lap("decode", since)
        return image

    def _run_batch(self, entry: Entry, batch: Sequence[Any]) -> Sequence[Any]:
        # A CPU runs batches only where the network is fixed to them, one at a time: with all threads if it can.
        with self._at_work(entry):
            return entry.choose(alone=True).run_prepared(batch)

    def _at_work(self, entry: Entry) -> contextlib.AbstractContextManager[None]:
        return self.models.isolation.working("running", entry.reference.package_id, self.settings.run_limit)
