"""Holding answers to the shapes that the API's description promises."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


def assert_shape(serializer: serializers.Serializer, answer: Any, where: str = "answer") -> None:
    """The answer has exactly the keys of the serializer, all the way down, and values of the kinds it names."""
    assert isinstance(answer, dict), where
    assert set(answer) == set(serializer.get_fields()), where
    for name, field in serializer.get_fields().items():
        value, place = answer[name], f"{where}.{name}"
        if value is None:
            assert field.allow_null, f"{place} is null"
        elif isinstance(field, serializers.ListSerializer):
            assert isinstance(value, list), place
            for item in value:
                assert_shape(field.child, item, place)
        elif isinstance(field, serializers.Serializer):
            assert_shape(field, value, place)
        else:
            _assert_kind(field, value, place)


def _assert_kind(field: serializers.Field, value: Any, place: str) -> None:
    if isinstance(field, serializers.BooleanField):
        assert isinstance(value, bool), place
    elif isinstance(field, serializers.IntegerField):
        assert type(value) is int, place
    elif isinstance(field, serializers.DictField):
        assert isinstance(value, dict), place
    elif isinstance(field, serializers.ListField):
        assert isinstance(value, list), place
    elif not isinstance(field, serializers.JSONField):
        field.run_validation(value)
