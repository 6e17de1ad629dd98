"""Form fields of the admin."""

from __future__ import annotations

from registry.admin.fields import LinesField


def test_lines_are_those_that_clients_see_in_class_names() -> None:
    field = LinesField(empty_value=[])
    assert field.to_python(" cir\u2028cle \r\nsqu\x85are\r\r\ntri\x0bangle\n") == [
        "cir\u2028cle",
        "squ\x85are",
        "tri\x0bangle",
    ]


def test_a_form_that_nobody_touched_has_not_changed() -> None:
    names = ["cir\u2028cle", "square"]
    assert not LinesField(empty_value=[]).has_changed(names, "cir\u2028cle\r\nsquare")
