"""CLIP's tokens: byte pairs of words in lower case, between a mark for the start and one for the end.

``merges.npy`` holds the vocabulary of the published CLIP (MIT, see ``merges.LICENSE``), made by
``scripts/clip_merges.py``. Source: "Learning Transferable Visual Models From Natural Language Supervision", 2.4, and
the package `clip`, with which the tests compare the tokens.
"""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from backends.errors import BadText, RuntimeMissing

CONTEXT = 77
"""Tokens of a text, the marks for its start and end included; what is left is zero."""

_MERGES = Path(__file__).with_name("merges.npy")
# The bytes in the order of their numbers: first those that print as they are, then the others.
_BYTES = (*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100))
_ORDER = (*_BYTES, *sorted(set(range(256)) - set(_BYTES)))
_END_OF_WORD = 256
_FIRST_MERGE = 512
_START, _END = 49406, 49407
_MARKS = {"<|startoftext|>": _START, "<|endoftext|>": _END}
_WORD = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+"
# No token stands for more bytes: what has more than all tokens can hold need not be cut up to be refused.
_LONGEST_TOKEN = 32
_MOST_BYTES = (CONTEXT - 2) * _LONGEST_TOKEN
# Before anything is looked at; entities and blanks may make a text longer than what comes of it.
_MOST_CHARACTERS = 4 * _MOST_BYTES
_WORDS_KEPT = 4096


@cache
def tokenizer() -> Tokenizer:
    """The one tokenizer of this process: its tables take some megabytes. Raises RuntimeMissing."""
    return Tokenizer()


class Tokenizer:
    """Safe to share between threads. Raises RuntimeMissing without the libraries that it needs."""

    def __init__(self) -> None:
        try:
            fix: Callable[[str], str] = import_module("ftfy").fix_text
            regex: Any = import_module("regex")
        except ImportError:
            raise RuntimeMissing("ftfy or regex, which reading texts for CLIP takes, is not installed here.") from None
        self._fix = fix
        # Whatever its case: the expression finds other marks among combining characters then.
        self._words = regex.compile(_WORD, regex.IGNORECASE)
        firsts, seconds = np.load(_MERGES, allow_pickle=False).astype(np.int64).T
        self._merges = dict(zip(_pair(firsts, seconds).tolist(), range(_FIRST_MERGE, _START), strict=True))
        self._bytes = [_ORDER.index(byte) for byte in range(256)]
        self._word = lru_cache(maxsize=_WORDS_KEPT)(self._tokens_of_word)

    def encode(self, text: str) -> npt.NDArray[np.int32]:
        """The tokens of a text, int32 (CONTEXT,). Raises BadText for one that is too long."""
        tokens = [_START]
        for word in self._words.findall(self._clean(text)):
            tokens += self._word(word)
            if len(tokens) >= CONTEXT:
                raise _too_long()
        encoded = np.zeros(CONTEXT, dtype=np.int32)
        encoded[: len(tokens) + 1] = [*tokens, _END]
        return encoded

    def _clean(self, text: str) -> str:
        """Repaired, without entities, in lower case, with single blanks."""
        if len(text) > _MOST_CHARACTERS:
            raise _too_long()
        # Twice, as the data that CLIP learned from were often escaped twice.
        plain = html.unescape(html.unescape(self._fix(text)))
        plain = " ".join(plain.split()).lower()
        if len(plain.encode("utf-8", "replace")) > _MOST_BYTES + plain.count(" "):
            raise _too_long()
        return plain

    def _tokens_of_word(self, word: str) -> tuple[int, ...]:
        """The pair that comes first in the table is replaced wherever it stands, until no pair is in the table."""
        if word in _MARKS:
            return (_MARKS[word],)
        symbols = [self._bytes[byte] for byte in word.encode("utf-8", "replace")]
        symbols[-1] += _END_OF_WORD
        while len(symbols) > 1:
            known = (self._merges.get(_pair(*pair)) for pair in pairwise(symbols))
            merged = min((symbol for symbol in known if symbol is not None), default=None)
            if merged is None:
                break
            symbols = self._replaced(symbols, merged)
        return tuple(symbols)

    def _replaced(self, symbols: list[int], merged: int) -> list[int]:
        result: list[int] = []
        position = 0
        while position < len(symbols):
            pair = symbols[position : position + 2]
            if len(pair) == 2 and self._merges.get(_pair(*pair)) == merged:
                result.append(merged)
                position += 2
            else:
                result.append(pair[0])
                position += 1
        return result


def _pair(first: Any, second: Any) -> Any:
    """Two numbers of 16 bits as one, which takes a third of the memory."""
    return first << 16 | second


def _too_long() -> BadText:
    return BadText(f"A text is too long: it may have {CONTEXT - 2} tokens, which is about as many short words.")
