"""What may wait, how much of it, and how long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class Share:
    """What the bodies of one group of senders may take together: places for slow ones, and bytes in memory."""

    places: int
    bytes: int


@dataclass(frozen=True)
class Limits:
    """All of one process. Rates are bytes a second, times seconds.

    ``known`` and ``anonymous`` are the shares of senders with and without an accepted token or session.
    ``most_bytes`` holds for bodies of which the application says nothing else. ``patience`` is how long anybody may
    send or read less than ``least_rate``; ``deadline`` bounds bodies that are kept in memory, whatever their rate.
    ``quick_paths`` have a thread of their own, so that they are answered whatever the others do. Addresses that begin
    with one of ``download_paths`` are answered by turns.
    """

    threads: int
    known: Share
    anonymous: Share
    most_bytes: int
    uploads: int
    downloads: int
    least_rate: int
    patience: float
    deadline: float
    quick_paths: Collection[str] = ()
    download_paths: tuple[str, ...] = ()
