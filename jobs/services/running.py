"""Running a job: taking it for oneself, showing signs of life, and writing down what came of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import threading
import uuid
from collections.abc import Callable, Iterator

import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import F, QuerySet
from django.utils import timezone

from jobs.kinds import find_kind, kinds
from jobs.models import Job, State
from jobs.models.job import MESSAGE_LENGTH
from jobs.services.ending import end
from registry.errors import InternalError, WeighbridgeError

logger = structlog.get_logger("weighbridge.jobs")
# A cancelled job is noticed with the next sign of life.
BEAT_SECONDS = 2.0
BEATS_IN_A_LEASE = 4
# How many of the oldest are tried when others take them at the same moment.
_CANDIDATES = 8


class Interrupted(Exception):
    """The job is not to be gone on with here: it was cancelled or taken away, or the worker stops."""


class Run:
    """A job while it runs here, as its kind sees it."""

    def __init__(
        self,
        job: Job,
        *,
        stopping: threading.Event | None = None,
        on_report: Callable[[str], None] | None = None,
    ) -> None:
        self.job = job
        self._stopping = stopping
        self._on_report = on_report
        self._taken = threading.Event()

    @property
    def rows(self) -> QuerySet[Job]:
        """The job's row, as long as the job is run here."""
        return Job.objects.filter(pk=self.job.pk, state=State.RUNNING, runner=self.job.runner)

    def is_interrupted(self) -> bool:
        """Asks nobody, so that it may be called as often as one likes: while waiting for a child, say."""
        return self._taken.is_set() or (self._stopping is not None and self._stopping.is_set())

    def check(self) -> None:
        """Raises Interrupted where the job is not to be gone on with."""
        if self.is_interrupted():
            raise Interrupted

    def report(self, message: str, progress: float | None = None) -> None:
        """Say what is done now, and which share (0 to 1) is done already. Raises Interrupted."""
        if not self.rows.update(message=message[:MESSAGE_LENGTH], progress=progress, heartbeat_at=timezone.now()):
            self._taken.set()
        self.check()
        if self._on_report is not None:
            self._on_report(message)

    def hold(self) -> None:
        """In a transaction that writes what came of it, after the locks of the object: nobody takes the job away
        before its end. Raises Interrupted where somebody has."""
        if not self.rows.select_for_update().exists():
            self._taken.set()
            raise Interrupted

    def beat(self) -> None:
        """A sign of life."""
        if not self.rows.update(heartbeat_at=timezone.now()):
            self._taken.set()


def new_runner() -> str:
    """A name for one claim: machine and process for people, and something that no other claim has."""
    return f"{socket.gethostname()[:60]}/{os.getpid()}/{secrets.token_hex(6)}"


def claim(job_id: uuid.UUID, *, attended: bool = False) -> Job | None:
    """Take a queued job for oneself; None where it is not queued any more. Of several who try, one gets it.

    One conditional update, which SQLite and PostgreSQL both carry out one after the other for the same row.
    """
    runner, now = new_runner(), timezone.now()
    queued = Job.objects.filter(pk=job_id, state=State.QUEUED)
    if not queued.update(
        state=State.RUNNING,
        runner=runner,
        attempts=F("attempts") + 1,
        is_attended=attended,
        started_at=now,
        heartbeat_at=now,
        progress=None,
        message="",
    ):
        return None
    return Job.objects.select_related("workspace").filter(pk=job_id, runner=runner).first()


def claim_next() -> Job | None:
    """The oldest queued job of a kind that this revision knows."""
    queued = Job.objects.filter(state=State.QUEUED, kind__in=[kind.name for kind in kinds()])
    for job_id in queued.order_by("created_at").values_list("pk", flat=True)[:_CANDIDATES]:
        if (job := claim(job_id)) is not None:
            return job
    return None


def perform(
    job: Job,
    *,
    stopping: threading.Event | None = None,
    on_report: Callable[[str], None] | None = None,
) -> Exception | None:
    """Run a job that was claimed, write down what came of it, and return what stood in its way, if anything.

    Where ``stopping`` is set meanwhile the job goes back into the queue.
    """
    run = Run(job, stopping=stopping, on_report=on_report)
    kind = find_kind(job.kind)
    assert kind is not None
    try:
        with _beating(run):
            result = kind.run(run)
    except Interrupted as interrupted:
        _hand_back(run)
        return interrupted
    except Exception as error:
        _fail(run, error)
        return error
    except BaseException:
        # This process ends: others may go on.
        _hand_back(run)
        raise
    return None if end(run.rows, job, State.SUCCEEDED, result=result) else Interrupted()


def _fail(run: Run, error: Exception) -> None:
    known = error if isinstance(error, WeighbridgeError) else InternalError()
    if known is not error:
        logger.error("a job failed", job=str(run.job.pk), kind=run.job.kind, exc_info=error)
    end(run.rows, run.job, State.FAILED, code=known.code, message=known.message)


def _hand_back(run: Run) -> None:
    """Into the queue again, as if it had never been taken; nothing where it was taken away."""
    if run.job.is_attended:
        end(run.rows, run.job, State.CANCELLED)
    else:
        run.rows.update(
            state=State.QUEUED, runner="", attempts=F("attempts") - 1, heartbeat_at=None, progress=None, message=""
        )


@contextlib.contextmanager
def _beating(run: Run) -> Iterator[None]:
    """Signs of life from a thread of its own, whatever the job waits for."""
    if connection.in_atomic_block:
        # The row is not committed: nobody sees it, and SQLite would have the thread wait for this transaction.
        yield
        return
    done = threading.Event()
    interval = min(BEAT_SECONDS, settings.JOB_LEASE_SECONDS / BEATS_IN_A_LEASE)

    def beat() -> None:
        try:
            while not done.wait(interval):
                try:
                    run.beat()
                except DatabaseError:
                    # The next one may get through; the lease is longer than several.
                    logger.warning("a job's sign of life was not written", job=str(run.job.pk))
        finally:
            connection.close()

    heart = threading.Thread(target=beat, name="job-heart", daemon=True)
    heart.start()
    try:
        yield
    finally:
        done.set()
        heart.join()
