"""A kind of job for the tests, which does what the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

KIND = "rehearsal"


@dataclass
class Rehearsal:
    """What is done when the job runs, and what was seen of it."""

    work: Callable[[Any], Mapping[str, Any]] = lambda run: {}
    given_up: list[Any] = field(default_factory=list)


@pytest.fixture
def rehearsal() -> Iterator[Rehearsal]:
    from jobs import kinds

    made = Rehearsal()
    kinds.register(
        kinds.Kind(
            KIND,
            "Rehearsal",
            run=lambda run: made.work(run),
            give_up=lambda job, actor: made.given_up.append(job.pk),
            page=lambda job: f"/admin/rehearsals/{job.object_id}/",
        )
    )
    yield made
    del kinds._kinds[KIND]


@pytest.fixture
def make_job(alpha: Any, rehearsal: Rehearsal) -> Callable[..., Any]:
    """Ask for a job, of an object that no other job is about."""
    from django.db import transaction

    from jobs.services.filing import file_job

    objects = iter(range(1, 1000))

    def make(object_id: int | None = None, workspace: Any = None, **options: Any) -> Any:
        number = next(objects) if object_id is None else object_id
        with transaction.atomic():
            return file_job(KIND, number, f"piece {number}", workspace or alpha, **options).job

    return make
