"""A named machine: an environment, and where and when the facts in it were true."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from negotiation.environment import Environment
from negotiation.errors import (
    InvalidEnvironmentError,
    InvalidMachineError,
    MachineNotJsonError,
    MachineTooLargeError,
    UnknownMachineKeysError,
)

MAX_BYTES = 64 * 1024
MAX_TEXT_LENGTH = 200
MAX_LIST_LENGTH = 64
MAX_NAME_LENGTH = 64

MACHINE_KEYS = ("name", "title", "environment", "dated", "source")
# What ``python -m negotiation.detection`` prints beside the environment; welcome in a paste, not read.
REPORT_KEYS = ("fingerprint", "fields", "probes", "problems", "milliseconds")
ENVIRONMENT_KEYS = tuple(field.name for field in fields(Environment))


@dataclass(frozen=True, slots=True)
class Machine:
    """``name`` is a slug (``nvidia-t4``), ``title`` is for people. ``dated`` and ``source`` say when and by
    whom the versions were published together; both may be missing on a machine that a person described."""

    name: str
    title: str
    environment: Environment
    dated: datetime.date | None = None
    source: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The JSON object that ``parse_machine`` reads."""
        return {
            "name": self.name,
            "title": self.title,
            "dated": None if self.dated is None else self.dated.isoformat(),
            "source": self.source,
            "environment": self.environment.to_json(),
        }


def parse_machine(text: str | bytes, *, name: str | None = None, title: str | None = None) -> Machine:
    """Read the description of a real device, as a person pastes it.

    Three forms are understood: a machine as ``Machine.to_json`` writes it, the report that
    ``python -m negotiation.detection`` prints on the device, and a bare environment. ``name`` and ``title``
    win over what the text says; without any, they are made from the environment's fingerprint.

    Raises ``MachineTooLargeError`` above 64 KiB, ``MachineNotJsonError``, ``UnknownMachineKeysError`` and
    ``InvalidMachineError`` for everything else that is wrong.
    """
    return machine_from_json(_load(text), name=name, title=title)


def machine_from_json(document: Any, *, name: str | None = None, title: str | None = None) -> Machine:
    """Like ``parse_machine``, for a document that is parsed already. Raises the same, but for the size."""
    if not isinstance(document, Mapping):
        raise InvalidMachineError("A machine is described by a JSON object.")
    if "environment" in document:
        _refuse_unknown_keys(document, MACHINE_KEYS + REPORT_KEYS, "The description")
        described, head = document["environment"], document
    else:
        described, head = document, {}
    environment = _environment(described)
    fingerprint = environment.fingerprint()[:8]
    return Machine(
        name=_slug(_first(name, head.get("name"), f"machine-{fingerprint}")),
        title=_title(_first(title, head.get("title"), f"Machine {fingerprint}")),
        environment=environment,
        dated=_date(head.get("dated")),
        source=None if head.get("source") is None else _text(head["source"], "source", 1000),
    )


def _load(text: str | bytes) -> Any:
    size = len(text) if isinstance(text, bytes) else len(text.encode(errors="surrogatepass"))
    if size > MAX_BYTES:
        raise MachineTooLargeError(f"The description of a machine may hold {MAX_BYTES // 1024} KiB at most.")
    try:
        return json.loads(text, object_pairs_hook=_object_without_repeated_keys, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise MachineNotJsonError(
            f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        ) from None
    except (UnicodeDecodeError, RecursionError, ValueError):
        raise MachineNotJsonError("This is not JSON that describes a machine.") from None


def _object_without_repeated_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for key, value in pairs:
        if key in document:
            raise InvalidMachineError(f"The key {key[:80]!r} appears twice.")
        document[key] = value
    return document


def _refuse_constant(constant: str) -> NoReturn:
    raise MachineNotJsonError(f"{constant} is not JSON.")


def _environment(described: Any) -> Environment:
    if not isinstance(described, Mapping):
        raise InvalidMachineError("The environment of a machine is a JSON object with one key for each field.")
    _refuse_unknown_keys(described, ENVIRONMENT_KEYS, "The environment")
    if not described:
        raise InvalidMachineError("The environment of the machine has no field at all.")
    for key, value in described.items():
        _refuse_oversize(key, value)
    try:
        return Environment.from_json(described)
    except InvalidEnvironmentError as error:
        raise InvalidMachineError(error.message) from None


def _refuse_unknown_keys(document: Mapping[str, Any], known: tuple[str, ...], whose: str) -> None:
    unknown = tuple(str(key)[:80] for key in document if key not in known)
    if unknown:
        shown = ", ".join(repr(key) for key in unknown[:10])
        more = f" and {len(unknown) - 10} more" if len(unknown) > 10 else ""
        raise UnknownMachineKeysError(f"{whose} has unknown keys: {shown}{more}.", unknown)


def _refuse_oversize(key: str, value: Any) -> None:
    values = value if isinstance(value, list | tuple) else [value]
    if len(values) > MAX_LIST_LENGTH:
        raise InvalidMachineError(f"Environment field {key} has more than {MAX_LIST_LENGTH} entries.")
    for item in values:
        if isinstance(item, str):
            _text(item, f"Environment field {key}", MAX_TEXT_LENGTH)


def _first(*values: Any) -> Any:
    return next(value for value in values if value is not None)


def _slug(name: Any) -> str:
    if not isinstance(name, str) or len(name) > MAX_NAME_LENGTH or not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise InvalidMachineError(
            f"The name of a machine is {MAX_NAME_LENGTH} lower-case letters, digits and single hyphens at most."
        )
    return name


def _title(title: Any) -> str:
    text = _text(title, "title", MAX_TEXT_LENGTH).strip()
    if not text:
        raise InvalidMachineError("The title of a machine is empty.")
    return text


def _text(value: Any, what: str, longest: int) -> str:
    if not isinstance(value, str):
        raise InvalidMachineError(f"{what} must be text.")
    if len(value) > longest:
        raise InvalidMachineError(f"{what} is longer than {longest} characters.")
    if not value.isprintable():
        raise InvalidMachineError(f"{what} holds characters that cannot be printed.")
    return value


def _date(value: Any) -> datetime.date | None:
    if value is None:
        return None
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise InvalidMachineError("dated must be a day such as 2025-08-06.") from None
