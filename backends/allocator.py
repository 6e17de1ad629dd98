"""The C library's allocator: what it keeps for later, given back now."""

from __future__ import annotations

import contextlib
import ctypes


def trim() -> None:
    """Let the allocator drop its free pages. Other threads may run meanwhile."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
