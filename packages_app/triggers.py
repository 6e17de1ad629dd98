"""Immutability, kept by the database: a published package and its files change by no road.

The one change that a published package knows is its withdrawal; only a withdrawn one can be deleted.

The rules that know the backends are made from `negotiation.manifests`: which backends there are, and what a package of
each must say before it is ready. A new backend needs no migration for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from negotiation.manifests import BACKENDS, Manifest
from negotiation.manifests.asked import Asked
from registry.triggers import Dialect, Trigger

PACKAGE = "packages_app_package"
FILE = "packages_app_packagefile"
BLOB = "packages_app_blob"
MODEL = "registry_model"

FROZEN = "('published', 'withdrawn')"
UNFINISHED = "('draft', 'inspecting', 'quarantined')"
WITHDRAWAL_COLUMNS = frozenset({"state", "withdrawn_at", "withdrawn_by", "withdrawal_reason"})


def _content_columns() -> list[str]:
    from packages_app.models import Package

    columns = [str(field.column) for field in Package._meta.concrete_fields]
    return [column for column in columns if column not in WITHDRAWAL_COLUMNS]


def _frozen_package_changes(sql: Dialect) -> str:
    withdrawal = sql.any_differs(sorted(WITHDRAWAL_COLUMNS))
    return (
        f"OLD.state IN {FROZEN} AND ("
        f"{sql.any_differs(_content_columns())} "
        f"OR (OLD.state = 'published' AND NEW.state NOT IN {FROZEN}) "
        f"OR (OLD.state = 'published' AND NEW.state = 'published' AND {withdrawal}) "
        f"OR (OLD.state = 'withdrawn' AND {withdrawal}))"
    )


def _unknown_backend(sql: Dialect) -> str:
    return f"NEW.backend NOT IN ({', '.join(map(_quoted, BACKENDS))})"


def _lacks_something(sql: Dialect) -> str:
    """What clients could not load may be drafted, never be ready or published."""
    cases = [
        f"(NEW.backend = {_quoted(backend)} AND ({' OR '.join(lacks)}))"
        for backend, manifest in BACKENDS.items()
        if (lacks := list(_lacks(sql, manifest)))
    ]
    return f"NEW.state NOT IN {UNFINISHED} AND ({' OR '.join(cases)})"


def _lacks(sql: Dialect, manifest: type[Manifest]) -> Iterator[str]:
    if manifest.has_batch:
        yield "(NOT NEW.dynamic_batch_size AND NEW.static_batch_size IS NULL)"
    for name, one in manifest.asked.items():
        if one.needed or one.needed_where:
            yield " AND ".join([_is_missing(sql, name, one), *_conditions(sql, one.needed_where)])


def _is_missing(sql: Dialect, name: str, one: Asked) -> str:
    value = f"COALESCE({sql.member('NEW.manifest', name)}, '')"
    if one.choices:
        return f"{value} NOT IN ({', '.join(map(_quoted, one.choices))})"
    return f"{value} IN ('', '[]')"


def _conditions(sql: Dialect, needed_where: Mapping[str, Any]) -> Iterator[str]:
    for name, wanted in needed_where.items():
        if name == "dynamic_batch_size":
            yield "NEW.dynamic_batch_size" if wanted else "NOT NEW.dynamic_batch_size"
        else:
            yield f"{sql.member('NEW.manifest', name)} = {_quoted(wanted)}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _package_is_frozen(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {PACKAGE} WHERE id = {row}.package_id AND state IN {FROZEN})"


def _package_is_published(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {PACKAGE} WHERE id = {row}.package_id AND state = 'published')"


PACKAGE_TRIGGERS = [
    *(
        Trigger(
            name=f"package_backend_known_on_{event.lower()}",
            table=PACKAGE,
            event=event,
            condition=_unknown_backend,
            message="There is no backend of that name.",
        )
        for event in ("INSERT", "UPDATE")
    ),
    *(
        Trigger(
            name=f"package_complete_when_ready_on_{event.lower()}",
            table=PACKAGE,
            event=event,
            condition=_lacks_something,
            message="A package that is ready says everything that its backend needs.",
        )
        for event in ("INSERT", "UPDATE")
    ),
    Trigger(
        name="package_starts_unpublished",
        table=PACKAGE,
        event="INSERT",
        condition=lambda sql: f"NEW.state IN {FROZEN}",
        message="A package is published by publishing it, not by inserting it.",
    ),
    Trigger(
        name="package_published_from_ready",
        table=PACKAGE,
        event="UPDATE",
        condition=lambda sql: (
            "(NEW.state = 'published' AND OLD.state NOT IN ('ready', 'published')) "
            "OR (NEW.state = 'withdrawn' AND OLD.state NOT IN ('published', 'withdrawn'))"
        ),
        message="Only a ready package can be published, and only a published one withdrawn.",
    ),
    Trigger(
        name="package_frozen",
        table=PACKAGE,
        event="UPDATE",
        condition=_frozen_package_changes,
        message="A published package cannot be changed.",
    ),
    Trigger(
        name="package_published_stays",
        table=PACKAGE,
        event="DELETE",
        condition=lambda sql: "OLD.state = 'published'",
        message="A published package cannot be deleted; withdraw it first.",
    ),
    Trigger(
        name="package_file_frozen_on_insert",
        table=FILE,
        event="INSERT",
        condition=lambda sql: _package_is_frozen("NEW"),
        message="A published package takes no more files.",
    ),
    Trigger(
        name="package_file_frozen_on_update",
        table=FILE,
        event="UPDATE",
        condition=lambda sql: f"{_package_is_frozen('OLD')} OR {_package_is_frozen('NEW')}",
        message="The files of a published package cannot be changed.",
    ),
    Trigger(
        name="package_file_frozen_on_delete",
        table=FILE,
        event="DELETE",
        condition=lambda sql: _package_is_published("OLD"),
        message="The files of a published package cannot be deleted.",
    ),
    Trigger(
        name="blob_never_changes",
        table=BLOB,
        event="UPDATE",
        condition=lambda sql: sql.any_differs(["sha256", "md5", "size"]),
        message="The digests and the size of a blob cannot be changed.",
    ),
    Trigger(
        name="blob_in_use_stays",
        table=BLOB,
        event="DELETE",
        condition=lambda sql: f"EXISTS (SELECT 1 FROM {FILE} WHERE blob_id = OLD.sha256)",
        message="A blob that a package uses cannot be deleted.",
    ),
    Trigger(
        name="model_identity_frozen",
        table=MODEL,
        event="UPDATE",
        condition=lambda sql: (
            f"{sql.any_differs(['model_id', 'architecture', 'task_type'])} "
            f"AND EXISTS (SELECT 1 FROM {PACKAGE} WHERE model_id = OLD.id AND state = 'published')"
        ),
        message="The id, architecture and task of a model with published packages cannot be changed.",
    ),
]
