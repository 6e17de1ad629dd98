"""A published package and its files change by no road; only a withdrawn package can go."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from packages_app.models import Blob, Package, PackageFile, State
from packages_app.services.publishing import withdraw
from registry.models import AuditEvent, Model

pytestmark = pytest.mark.django_db


NEWER = {"opset": 18}


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def save_changed(instance: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(instance, name, value)
    instance.save()


def bulk_update_changed(package: Package) -> None:
    package.manifest = NEWER
    Package.objects.bulk_update([package], ["manifest"])


def upsert(package: Package) -> None:
    copy = Package.objects.get(pk=package.pk)
    copy.manifest = NEWER
    Package.objects.bulk_create([copy], update_conflicts=True, unique_fields=["id"], update_fields=["manifest"])


def other_blob() -> Blob:
    return Blob.objects.create(sha256="f" * 64, md5="f" * 32, size=1)


def draft_of(package: Package) -> Package:
    return Package.objects.create(model=package.model, backend="onnx")


PACKAGE_ROADS: dict[str, Callable[[Package], Any]] = {
    "save": lambda package: save_changed(package, manifest=NEWER),
    "save of one field": lambda package: (
        setattr(package, "manifest", NEWER),
        package.save(update_fields=["manifest"]),
    ),
    "ORM update": lambda package: Package.objects.filter(pk=package.pk).update(manifest=NEWER),
    "bulk update": bulk_update_changed,
    "upsert": upsert,
    "raw SQL": lambda package: sql(
        "UPDATE packages_app_package SET manifest = %s WHERE id = %s", json.dumps(NEWER), package.pk
    ),
    "IR version": lambda package: Package.objects.update(manifest={**package.manifest, "ir_version": 9}),
    "no manifest": lambda package: Package.objects.update(manifest={}),
    "empty list from none": lambda package: Package.objects.update(
        manifest={**package.manifest, "incompatible_providers": []}
    ),
    "trust": lambda package: Package.objects.update(trusted=False),
    "features from null": lambda package: Package.objects.update(model_features={}),
    "another id": lambda package: Package.objects.update(package_id="0" * 32),
    "another model": lambda package: Package.objects.update(
        model=Model.objects.create(model_id="other", workspace=package.model.workspace, architecture="a", task_type="t")
    ),
    "back to draft": lambda package: Package.objects.update(state=State.DRAFT, package_id=""),
    "back to ready": lambda package: Package.objects.update(state=State.READY, package_id="", published_at=None),
    "withdrawal with a change": lambda package: Package.objects.update(
        state=State.WITHDRAWN, withdrawn_at=timezone.now(), manifest=NEWER
    ),
    "delete": lambda package: package.delete(),
    "delete of all": lambda package: Package.objects.all().delete(),
    "raw delete": lambda package: Package.objects.filter(pk=package.pk)._raw_delete("default"),
    "SQL delete": lambda package: sql("DELETE FROM packages_app_package"),
    "delete of the model": lambda package: sql("DELETE FROM registry_model"),
    "file renamed": lambda package: package.files.filter(handle="weights.onnx").update(handle="other.onnx"),
    "file replaced": lambda package: package.files.filter(handle="weights.onnx").update(blob=other_blob()),
    "file saved": lambda package: save_changed(package.files.first(), handle="other.onnx"),
    "file added": lambda package: PackageFile.objects.create(package=package, handle="more", blob=other_blob()),
    "files added in bulk": lambda package: PackageFile.objects.bulk_create(
        [PackageFile(package=package, handle="more", blob=other_blob())]
    ),
    "file moved in": lambda package: PackageFile.objects.create(
        package=draft_of(package), handle="more", blob=other_blob()
    ).package.files.update(package=package),
    "file moved out": lambda package: package.files.update(package=draft_of(package)),
    "file deleted": lambda package: package.files.first().delete(),
    "files deleted": lambda package: package.files.all().delete(),
    "files deleted by SQL": lambda package: sql("DELETE FROM packages_app_packagefile"),
    "blob changed": lambda package: Blob.objects.filter(files__package=package).update(md5="0" * 32),
    "blob resized": lambda package: sql("UPDATE packages_app_blob SET size = 1"),
    "blob deleted": lambda package: sql("DELETE FROM packages_app_blob"),
    "model renamed": lambda package: Model.objects.update(model_id="renamed"),
    "model of another architecture": lambda package: Model.objects.update(architecture="yolov9"),
    "model of another task": lambda package: sql("UPDATE registry_model SET task_type = 'x'"),
}


def snapshot() -> Any:
    return (
        list(Package.objects.order_by("pk").values()),
        list(PackageFile.objects.order_by("pk").values()),
        list(Blob.objects.order_by("pk").values()),
        list(Model.objects.order_by("pk").values()),
    )


def walk(road: Callable[[Package], Any], package: Package) -> None:
    with transaction.atomic():
        road(package)
        # Foreign keys are looked at when the transaction ends, at the latest.
        connection.check_constraints()


@pytest.mark.parametrize("road", PACKAGE_ROADS.values(), ids=PACKAGE_ROADS.keys())
def test_no_road_changes_a_published_package(package: Package, road: Callable[[Package], Any]) -> None:
    before = snapshot()
    with pytest.raises(DatabaseError):
        walk(road, package)
    assert snapshot() == before


@pytest.mark.parametrize("state", [State.PUBLISHED, State.WITHDRAWN])
def test_no_package_is_born_published(model: Any, state: str) -> None:
    born = Package(
        model=model, backend="ultralytics", state=state, package_id="0" * 32, published_at=timezone.now(),
        withdrawn_at=timezone.now() if state == State.WITHDRAWN else None,
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        born.save()
    with pytest.raises(DatabaseError), transaction.atomic():
        Package.objects.bulk_create([born])


@pytest.mark.parametrize("state", [State.DRAFT, State.INSPECTING, State.QUARANTINED])
def test_no_package_is_published_past_ready(model: Any, make_package: Any, state: str) -> None:
    package = make_package(model, state="draft")
    Package.objects.filter(pk=package.pk).update(state=state)
    with pytest.raises(DatabaseError), transaction.atomic():
        Package.objects.update(state=State.PUBLISHED, package_id="0" * 32, published_at=timezone.now())


def test_a_withdrawn_package_stays_withdrawn(package: Package) -> None:
    withdraw(package)
    with pytest.raises(DatabaseError), transaction.atomic():
        Package.objects.update(state=State.PUBLISHED, withdrawn_at=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        Package.objects.update(withdrawal_reason="Another reason.")
    with pytest.raises(DatabaseError), transaction.atomic():
        package.files.update(handle="other")


def test_a_withdrawn_package_can_be_deleted(package: Package) -> None:
    withdraw(package)
    package.delete()
    assert not PackageFile.objects.exists()


def test_a_draft_can_be_changed_and_deleted(model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft")
    Package.objects.update(manifest=NEWER)
    package.files.first().delete()
    package.delete()
    assert not Package.objects.exists()


def test_a_model_without_published_packages_can_be_renamed(model: Any, make_package: Any) -> None:
    make_package(model, state="ready")
    assert Model.objects.update(model_id="renamed") == 1


def test_what_is_not_identity_of_a_model_can_change(package: Package) -> None:
    assert Model.objects.update(notes="Seen by eye.", is_public=True, variant="yolov8n") == 1


def test_the_audit_trail_is_only_added_to(package: Package) -> None:
    for change in (
        lambda: AuditEvent.objects.update(actor="somebody else"),
        lambda: AuditEvent.objects.all().delete(),
        lambda: sql("DELETE FROM registry_auditevent"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
