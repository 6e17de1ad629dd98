from __future__ import annotations

import pytest

from negotiation.versions import equal_versions, is_older, is_version, major_minor


@pytest.mark.parametrize(
    "one, other, equal",
    [
        ("10.3", "10.3.0", True),
        ("10.3.0.30-1", "10.3.0.30.post1", True),
        ("10.3.0", "10.3.0.26", False),
        ("2.6.0", "2.6.0+cu124", False),
        (None, "1", False),
        (None, None, False),
    ],
)
def test_versions_are_equal_by_value(one: str | None, other: str | None, equal: bool) -> None:
    assert equal_versions(one, other) is equal


@pytest.mark.parametrize(
    "one, other, older",
    [
        ("2.6.0", "2.6.0+cu124", True),
        ("2.6.0a0", "2.6.0", True),
        ("9.9", "10.0", True),
        ("10.3.0.30", "10.3.0.30-1", True),
        ("2.6", "2.6.0", False),
    ],
)
def test_versions_are_ordered_as_pep_440_says(one: str, other: str, older: bool) -> None:
    assert is_older(one, other) is older


def test_the_first_two_components_are_enough_for_l4t() -> None:
    assert major_minor("36.4.3") == (36, 4)


@pytest.mark.parametrize("text", ["", "ten", "1..2", "12,4"])
def test_it_tells_what_is_no_version(text: str) -> None:
    assert not is_version(text)
