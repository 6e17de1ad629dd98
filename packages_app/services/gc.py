"""Garbage collection: what interrupted uploads, killed inspections and deleted packages left behind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from jobs.services import recovering
from packages_app.services import blobs, inspecting, intake


@dataclass(frozen=True)
class Collected:
    """How many of each were found: jobs queued again, given up and forgotten; inspections that became drafts again;
    and files that are gone."""

    jobs_queued: int
    jobs_given_up: int
    old_jobs: int
    inspections: int
    uploads: int
    unused_files: int
    unknown_files: int


def collect(*, grace: timedelta = blobs.GRACE) -> Collected:
    """Remove what nothing uses and what is older than ``grace``. The server may run meanwhile.

    Raises BlobUnavailable.
    """
    recovered = recovering.recover()
    return Collected(
        jobs_queued=recovered.queued,
        jobs_given_up=recovered.given_up,
        old_jobs=recovering.sweep(),
        inspections=inspecting.abandon_left_behind(),
        uploads=intake.sweep_staging(older_than=grace),
        unused_files=blobs.delete_unused(grace=grace),
        unknown_files=blobs.delete_unknown(grace=grace),
    )
