"""JSON as the standard has it, written and read."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ValidationError

from registry.admin.fields import OptionalJSONField
from registry.api.strict_json import StrictDecoder, StrictJsonResponse, dump

NOT_JSON = ["NaN", "[Infinity]", '{"a": -Infinity}', "1e999", "[" * 100_000, "9" * 5_000, "{", ""]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_not_finite_does_not_leave(value: float) -> None:
    with pytest.raises(ValueError, match="JSON"):
        StrictJsonResponse({"confidence": value})
    with pytest.raises(ValueError, match="JSON"):
        dump([value])


@pytest.mark.parametrize("text", NOT_JSON)
def test_what_is_no_json_is_told_as_such(text: str) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(text, cls=StrictDecoder)


def test_what_is_json_is_read() -> None:
    text = '{"a": [1, 2.5, -1e300, null, true, "NaN"]}'
    assert json.loads(text, cls=StrictDecoder) == {"a": [1, 2.5, -1e300, None, True, "NaN"]}


@pytest.mark.parametrize("text", [text for text in NOT_JSON if text])
def test_a_form_refuses_it_as_it_refuses_any_mistake(text: str) -> None:
    field = OptionalJSONField(required=False)
    with pytest.raises(ValidationError, match="valid JSON"):
        field.clean(text)
    assert field.bound_data(text, None) == text
    assert field.has_changed({}, text)
