"""Vectors of the texts that a model was asked for lately: prompts are few, and the same for image after image."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any

MOST_BYTES = 4 * 1024 * 1024
"""For one model, which is charged with all of it from its load on: so the memory budget holds however full it is."""
# The tables around an entry, and a number as Python has it in a list.
_ENTRY_BYTES = 1024
_NUMBER_BYTES = 32


class TextCache:
    """The answers for texts, the least recently used dropped first. Thread-safe."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._answers: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> Any | None:
        """The answer for a text; None if it is not here."""
        with self._lock:
            found = self._answers.get(text)
            if found is None:
                return None
            self._answers.move_to_end(text)
            return found[0]

    def put(self, text: str, answer: Any, numbers: int) -> None:
        """Keep an answer, which holds so many ``numbers``."""
        size = _ENTRY_BYTES + 4 * len(text) + numbers * _NUMBER_BYTES
        with self._lock:
            if size > self._most_bytes:
                return
            _, replaced = self._answers.pop(text, (None, 0))
            self._answers[text] = (answer, size)
            self._bytes += size - replaced
            while self._bytes > self._most_bytes:
                _, (_, dropped) = self._answers.popitem(last=False)
                self._bytes -= dropped
