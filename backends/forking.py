"""Objects with locks and descriptors that a forked child must not share with its parent."""

from __future__ import annotations

import os
import weakref
from typing import Protocol


class Forkable(Protocol):
    """An object that can begin anew in a child process."""

    def after_fork(self) -> None:
        """Drop what belongs to the parent. Called in the child, before anything else runs there."""
        ...


_registered: weakref.WeakSet[Forkable] = weakref.WeakSet()


def renew_in_children(item: Forkable) -> None:
    """Have ``item.after_fork()`` called in each child that this process forks, as long as the item lives."""
    _registered.add(item)


def _renew_all() -> None:
    for item in list(_registered):
        item.after_fork()


os.register_at_fork(after_in_child=_renew_all)
