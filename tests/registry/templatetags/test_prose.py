from __future__ import annotations

import pytest

from registry.templatetags.prose import prose
from tests.admin_personas import HOSTILE


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Send it as `Bearer TOKEN`.", "Send it as <code>Bearer TOKEN</code>."),
        ("no code", "no code"),
        ("one ` alone", "one ` alone"),
        ("`a` and ` alone", "<code>a</code> and ` alone"),
        ("", ""),
    ],
)
def test_what_stands_between_backticks_is_code(text: str, shown: str) -> None:
    assert prose(text) == shown


@pytest.mark.parametrize("text", [HOSTILE, f"`{HOSTILE}`", f"a `b` {HOSTILE}"])
def test_everything_is_escaped(text: str) -> None:
    assert "<img" not in prose(text)
