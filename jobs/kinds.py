"""The kinds of jobs. Each belongs to an app above this one, which registers it when the server starts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import Job
    from jobs.services.running import Run
    from registry.services.audit import Actor


@dataclass(frozen=True)
class Kind:
    """``run`` does the work, and returns what comes of it, as JSON. It may be called again after a death, or twice.

    ``give_up`` is called in the transaction in which a job ends that was not done (cancelled, failed, given up): it
    takes back what marks the object as being worked on. ``page`` is the address of the object's page in the admin.
    """

    name: str
    title: str
    run: Callable[[Run], Mapping[str, Any]]
    give_up: Callable[[Job, Actor | None], None]
    page: Callable[[Job], str]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def find_kind(name: str) -> Kind | None:
    """None for a kind of another revision, whose jobs may still be in the table."""
    return _kinds.get(name)


def kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda kind: kind.name)
