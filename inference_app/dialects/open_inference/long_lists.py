"""Long flat lists of numbers in JSON, read piece by piece.

While Python's reader is in a document, no other thread runs, and each number is an object of its own until the last one
is read. A piece takes milliseconds, and what stays of it is an array.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

SHORTEST_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024
# Lists that are looked for; what comes after them stays in the document. Each look may go through all of it.
MOST_LISTS = 64
_BEGINNING = re.compile(rb'"data"\s*:\s*\[')
_NO_NUMBERS = (b"[", b"{", b'"')


@dataclass(frozen=True)
class LongLists:
    """The texts of the lists that were cut out of a document; ``marker`` is random, so that nobody else writes it."""

    marker: str
    texts: list[bytes]

    def find(self, data: Any) -> bytes | None:
        """The text that belongs where the document now has ``data``; None if it was not cut out."""
        return self.texts[data[self.marker]] if isinstance(data, dict) and self.marker in data else None


def cut_out(document: bytes) -> tuple[bytes, LongLists]:
    """The document without the long lists under the name `data`, and these lists."""
    lists = LongLists(os.urandom(8).hex(), [])
    rest: list[bytes] = []
    done = looked = 0
    for _ in range(MOST_LISTS):
        beginning = _BEGINNING.search(document, looked)
        end = -1 if beginning is None else document.find(b"]", beginning.end())
        if beginning is None or end == -1:
            break
        looked = beginning.end()
        if end - looked < SHORTEST_BYTES or any(document.find(mark, looked, end) != -1 for mark in _NO_NUMBERS):
            continue
        marker = b'"data":{"%s":%d}' % (lists.marker.encode(), len(lists.texts))
        lists.texts.append(document[looked:end])
        rest += [document[done : beginning.start()], marker]
        done = looked = end + 1
    return b"".join([*rest, document[done:]]), lists


def pieces(text: bytes) -> Iterator[list[Any]]:
    """The values of a flat list, whose text comes without its brackets. Raises ValueError where it is no JSON."""
    start, end = 0, 0
    while end != -1:
        end = text.find(b",", start + PIECE_BYTES)
        values = json.loads(
            b"[" + (text[start:] if end == -1 else text[start:end]) + b"]", parse_constant=_refuse_constant
        )
        if not values:
            raise ValueError("There is no value behind the last comma.")
        yield values
        start = end + 1


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON.")
