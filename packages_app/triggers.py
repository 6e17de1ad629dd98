"""Immutability, kept by the database: a published package and its files change by no road.

The one change that a published package knows is its withdrawal; only a withdrawn one can be deleted.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.triggers import Trigger, any_differs

PACKAGE = "packages_app_package"
FILE = "packages_app_packagefile"
BLOB = "packages_app_blob"
MODEL = "registry_model"

FROZEN = "('published', 'withdrawn')"
WITHDRAWAL_COLUMNS = frozenset({"state", "withdrawn_at", "withdrawn_by", "withdrawal_reason"})


def _content_columns() -> list[str]:
    from packages_app.models import Package

    return [field.column for field in Package._meta.concrete_fields if field.column not in WITHDRAWAL_COLUMNS]


def _frozen_package_changes(differs: Callable[[str], str]) -> str:
    withdrawal = any_differs(differs, sorted(WITHDRAWAL_COLUMNS))
    return (
        f"OLD.state IN {FROZEN} AND ("
        f"{any_differs(differs, _content_columns())} "
        f"OR (OLD.state = 'published' AND NEW.state NOT IN {FROZEN}) "
        f"OR (OLD.state = 'published' AND NEW.state = 'published' AND {withdrawal}) "
        f"OR (OLD.state = 'withdrawn' AND {withdrawal}))"
    )


def _package_is_frozen(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {PACKAGE} WHERE id = {row}.package_id AND state IN {FROZEN})"


def _package_is_published(row: str) -> str:
    return f"EXISTS (SELECT 1 FROM {PACKAGE} WHERE id = {row}.package_id AND state = 'published')"


PACKAGE_TRIGGERS = [
    Trigger(
        name="package_starts_unpublished",
        table=PACKAGE,
        event="INSERT",
        condition=lambda differs: f"NEW.state IN {FROZEN}",
        message="A package is published by publishing it, not by inserting it.",
    ),
    Trigger(
        name="package_published_from_ready",
        table=PACKAGE,
        event="UPDATE",
        condition=lambda differs: (
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
        condition=lambda differs: "OLD.state = 'published'",
        message="A published package cannot be deleted; withdraw it first.",
    ),
    Trigger(
        name="package_file_frozen_on_insert",
        table=FILE,
        event="INSERT",
        condition=lambda differs: _package_is_frozen("NEW"),
        message="A published package takes no more files.",
    ),
    Trigger(
        name="package_file_frozen_on_update",
        table=FILE,
        event="UPDATE",
        condition=lambda differs: f"{_package_is_frozen('OLD')} OR {_package_is_frozen('NEW')}",
        message="The files of a published package cannot be changed.",
    ),
    Trigger(
        name="package_file_frozen_on_delete",
        table=FILE,
        event="DELETE",
        condition=lambda differs: _package_is_published("OLD"),
        message="The files of a published package cannot be deleted.",
    ),
    Trigger(
        name="blob_never_changes",
        table=BLOB,
        event="UPDATE",
        condition=lambda differs: any_differs(differs, ["sha256", "md5", "size"]),
        message="The digests and the size of a blob cannot be changed.",
    ),
    Trigger(
        name="blob_in_use_stays",
        table=BLOB,
        event="DELETE",
        condition=lambda differs: f"EXISTS (SELECT 1 FROM {FILE} WHERE blob_id = OLD.sha256)",
        message="A blob that a package uses cannot be deleted.",
    ),
    Trigger(
        name="model_identity_frozen",
        table=MODEL,
        event="UPDATE",
        condition=lambda differs: (
            f"{any_differs(differs, ['model_id', 'architecture', 'task_type'])} "
            f"AND EXISTS (SELECT 1 FROM {PACKAGE} WHERE model_id = OLD.id AND state = 'published')"
        ),
        message="The id, architecture and task of a model with published packages cannot be changed.",
    ),
]
