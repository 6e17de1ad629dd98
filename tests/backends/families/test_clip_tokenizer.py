"""Texts become the tokens that CLIP was trained on; the original is compared where it is installed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backends.errors import BadText
from backends.families.clip.tokenizer import CONTEXT, tokenizer

START, END = 49406, 49407


def words(text: str) -> list[int]:
    """The tokens between the marks."""
    tokens = tokenizer().encode(text).tolist()
    assert tokens[0] == START
    end = tokens.index(END)
    assert not any(tokens[end + 1 :])
    return tokens[1:end]


def test_a_sentence_is_made_of_its_words() -> None:
    assert words("a photo of a cat") == [320, 1125, 539, 320, 2368]


def test_no_text_is_the_marks_alone() -> None:
    assert words("") == []


@pytest.mark.parametrize(
    "other", ["A Photo of a CAT", "  a photo\n of\u3000a  cat ", "a photo of a &amp;#99;at", "a photo of a ca\u0074"]
)
def test_case_blanks_and_entities_do_not_count(other: str) -> None:
    assert words(other) == words("a photo of a cat")


def test_curly_quotes_are_straight() -> None:
    assert words("it\u2019s") == words("it's")


def test_marks_in_a_text_are_marks() -> None:
    assert tokenizer().encode("<|endoftext|>").tolist()[:3] == [START, END, END]


def test_what_is_no_word_is_bytes() -> None:
    assert len(words("\U0001f9ff")) in range(1, 5)


def test_as_many_tokens_as_there_is_room_for_are_taken() -> None:
    assert len(words("cat " * (CONTEXT - 2))) == CONTEXT - 2


@pytest.mark.parametrize(
    "text", ["cat " * (CONTEXT - 1), "a" * 10_000, "x" * 1_000_000, "\u6f22" * 2_000, "qx" * 1_000]
)
def test_a_longer_text_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(BadText) as raised:
        tokenizer().encode(text)
    assert len(raised.value.message) < 200


@pytest.mark.torch
@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_tokens_are_those_of_the_original(text: str) -> None:
    clip = pytest.importorskip("clip")
    try:
        theirs = clip.tokenize([text])[0].tolist()
    except RuntimeError:
        with pytest.raises(BadText):
            tokenizer().encode(text)
        return
    assert tokenizer().encode(text).tolist() == theirs
