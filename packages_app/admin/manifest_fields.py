"""The fields that a form asks of the backends, made from what their manifests ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.utils.text import capfirst
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from negotiation.manifests import BACKENDS
from negotiation.manifests.asked import LARGEST_NUMBER, Asked
from registry.admin.fields import LinesField

_TIMES = Counter(name for manifest in BACKENDS.values() for name in manifest.asked)


def field_name(backend: str, name: str) -> str:
    """What a form calls a field of the manifest: its own name, unless several backends have one of that name."""
    return f"{backend}-{name}" if _TIMES[name] > 1 else name


def typed_fields(backend: str) -> Mapping[str, Asked]:
    """What a person may fill in, by the names of the manifest."""
    return {name: one for name, one in BACKENDS[backend].asked.items() if one.typed}


def rows_of(backend: str) -> list[tuple[str, ...]]:
    """The fields as a form lays them out, by its names: those that belong together first, side by side."""
    rows = list(BACKENDS[backend].rows)
    placed = {name for row in rows for name in row}
    rows += [(name,) for name in typed_fields(backend) if name not in placed]
    return [tuple(field_name(backend, name) for name in row) for row in rows]


def in_words(backend: str, document: Mapping[str, Any], *, listed_alone: bool = False) -> Iterator[tuple[str, str]]:
    """Label and value of what a package's manifest says, or of what the list of packages shows of it."""
    for name, one in BACKENDS[backend].asked.items():
        if name in document and (one.listed or not listed_alone):
            yield one.label, _value_in_words(document[name], one)


def _value_in_words(value: Any, one: Asked) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return one.choices.get(value, str(value)) if one.choices else str(value)


def form_field(one: Asked) -> forms.Field:
    """Empty says that nothing is known."""
    options: dict[str, Any] = {"required": False, "label": capfirst(one.label), "help_text": one.help}
    if one.kind is list:
        return LinesField(empty_value=None, rows=3, label=options["label"], help_text=one.help)
    if one.kind is bool:
        return forms.BooleanField(widget=UnfoldBooleanSwitchWidget(), **options)
    if one.kind is int:
        return forms.IntegerField(
            min_value=0, max_value=LARGEST_NUMBER, widget=UnfoldAdminIntegerFieldWidget(), **options
        )
    if one.choices:
        choices = [("", "---------"), *one.choices.items()]
        return forms.ChoiceField(choices=choices, widget=UnfoldAdminSelectWidget(choices=choices), **options)
    return forms.CharField(max_length=one.max_length, widget=UnfoldAdminTextInputWidget(), **options)


def form_fields(backend: str) -> dict[str, forms.Field]:
    """A form's fields for everything that a person may say of the backend's manifest, by the form's names."""
    return {field_name(backend, name): form_field(one) for name, one in typed_fields(backend).items()}
