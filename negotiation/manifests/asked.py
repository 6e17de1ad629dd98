"""How a field of a manifest is asked for: in forms and drafts, by inspection, and before publication."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Asked:
    """Put beside a field's type.

    ``label`` is the field's name in sentences, its own with blanks unless given. ``help`` stands under it in forms,
    ``meaning`` in the documentation. ``needed``: a package cannot be published without it; ``needed_where``: only where
    other fields have these values. ``missing`` is the sentence that then asks for it, ``code`` its stable name.
    ``proven``: inspection may find it in the files. ``typed``: a person may fill it in. ``assumed`` is taken where
    neither does. ``listed``: the list of packages shows it.
    """

    label: str = ""
    help: str = ""
    meaning: str = ""
    needed: bool = False
    needed_where: Mapping[str, Any] = field(default_factory=dict)
    missing: str = ""
    code: str = ""
    proven: bool = False
    typed: bool = True
    assumed: Any = None
    listed: bool = False
    max_length: int = 120
    choices: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    kind: type = str
    """Of the value: str, int, bool, or list for names. Read from the field's type, as ``name`` is from its name."""

    @property
    def empty(self) -> Any:
        """What the field holds while nothing is said: None where that is not the same as an empty value."""
        return {str: "", bool: False}.get(self.kind)

    def is_needed(self, values: Mapping[str, Any]) -> bool:
        """Whether a package with these values cannot do without it."""
        conditions = self.needed_where.items()
        return self.needed or (bool(conditions) and all(values.get(name) == wanted for name, wanted in conditions))

    def is_empty(self, value: Any) -> bool:
        """Whether nothing is said."""
        return value is None or value == "" or (self.kind is bool and not value)

    def checked(self, value: Any) -> Any:
        """``value`` as a package's document keeps it. Raises ``ValueError`` with a sentence."""
        if self.is_empty(value):
            return None
        if self.kind is int:
            return _number(value)
        if self.kind is bool:
            return _switch(value)
        if self.kind is list:
            return _names(value)
        return self._text(value)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("This is text.")
        if self.choices and value not in self.choices:
            raise ValueError(f"There is no {value[:80]!r}; there are {', '.join(self.choices)}.")
        if len(value) > self.max_length:
            raise ValueError(f"This has at most {self.max_length} characters.")
        return value


class Lack(NamedTuple):
    """A field that is missing: a stable ``code``, and a ``sentence`` that asks for it."""

    code: str
    sentence: str


def lacks(asked: Mapping[str, Asked], values: Mapping[str, Any]) -> Iterator[Lack]:
    """Of what is asked, what must be known and is not. A list without names is as good as none."""
    for name, one in asked.items():
        value = values.get(name)
        if one.is_needed(values) and (one.is_empty(value) or value == []):
            yield Lack(one.code or f"{name.replace('_', '-')}-missing", one.missing or f"Enter the {one.label}.")


def asked_fields(model: type[BaseModel]) -> dict[str, Asked]:
    """What a model asks for, in the order of its fields, each with its name, label and kind filled in."""
    found = {}
    for name, one in model.model_fields.items():
        for mark in one.metadata:
            if isinstance(mark, Asked):
                label = mark.label or name.replace("_", " ")
                found[name] = replace(mark, name=name, label=label, kind=_kind(one))
    return found


def _kind(of: FieldInfo) -> type:
    kinds = {_plain(choice) for choice in _choices(of.annotation)} - {type(None)}
    (kind,) = kinds
    return kind


def _choices(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, types.UnionType) else (annotation,)


def _plain(annotation: Any) -> type:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _plain(get_args(annotation)[0])
    if origin is Literal:
        return str
    if origin is tuple:
        return list
    if annotation in (str, int, bool, type(None)):
        plain: type = annotation
        return plain
    raise TypeError(f"A form cannot ask for {annotation}.")


def _number(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value[:20])
    if type(value) is not int or not 0 <= value <= LARGEST_NUMBER:
        raise ValueError(f"This is a whole number from 0 to {LARGEST_NUMBER}.")
    return value


def _switch(value: Any) -> bool:
    if value is not True:
        raise ValueError("This is true or false.")
    return True


def _names(value: Any) -> list[str]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
        raise ValueError("This is a list of names.")
    return list(value)
