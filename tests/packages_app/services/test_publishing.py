from __future__ import annotations

import re
import threading
from collections import Counter
from typing import Any

import pytest
from django.db import connection

from packages_app.errors import (
    AlreadyPublished,
    PackageFrozen,
    PackageIncomplete,
    PackageNotFound,
    PackageNotPublished,
    PackageNotReady,
    PackageNotWithdrawn,
)
from packages_app.models import Blob, Package, PackageFile, State
from packages_app.services.drafting import create_draft
from packages_app.services.publishing import (
    mark_ready,
    publish,
    purge,
    quarantine,
    release,
    set_trusted,
    start_inspection,
    withdraw,
)
from registry.models import AuditEvent
from registry.services.audit import Actor

pytestmark = pytest.mark.django_db
CURATOR = Actor(name="curator")


@pytest.fixture
def ready(model: Any, make_package: Any) -> Package:
    return make_package(model, state="ready")


def audited(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


def test_publishing_gives_an_id_and_writes_the_audit_trail(ready: Package) -> None:
    publish(ready, actor=CURATOR)
    ready.refresh_from_db()
    assert ready.state == State.PUBLISHED
    assert re.fullmatch("[0-9a-f]{32}", ready.package_id)
    assert ready.published_at is not None
    assert ready.published_by == "curator"
    event = AuditEvent.objects.get(action="package.published")
    assert (event.actor, event.subject, event.workspace) == ("curator", ready.package_id, ready.model.workspace)


def test_the_parameters_of_the_model_are_frozen_into_the_package(make_model: Any, make_package: Any) -> None:
    model = make_model(recommended_parameters={"confidence": 0.3})
    package = make_package(model)
    assert package.recommended_parameters == {"confidence": 0.3}
    model.recommended_parameters = {"confidence": 0.9}
    model.save()
    package.refresh_from_db()
    assert package.recommended_parameters == {"confidence": 0.3}


def test_the_parameters_of_the_package_go_before_those_of_the_model(make_model: Any, make_package: Any) -> None:
    package = make_package(
        make_model(recommended_parameters={"confidence": 0.3}), recommended_parameters={"confidence": 0.5}
    )
    assert package.recommended_parameters == {"confidence": 0.5}


def test_identical_content_is_refused_with_the_id_that_it_has(model: Any, package: Any, make_package: Any) -> None:
    again = make_package(model, state="ready")
    with pytest.raises(AlreadyPublished) as caught:
        publish(again)
    assert package.package_id in caught.value.message
    again.refresh_from_db()
    assert again.state == State.READY


def test_publishing_twice_is_refused_with_the_id(package: Package) -> None:
    with pytest.raises(AlreadyPublished) as caught:
        publish(package)
    assert package.package_id in caught.value.message


def test_identical_content_can_be_published_again_after_a_withdrawal(
    model: Any, package: Any, make_package: Any
) -> None:
    withdraw(package)
    assert make_package(model).package_id == package.package_id


FIELDS: dict[str, Any] = {"quantization": "fp32", "dynamic_batch_size": True}
FILES = {"weights.onnx": b"weights", "class_names.txt": b"circle"}


@pytest.mark.parametrize(
    "change",
    [
        {"quantization": "fp16"},
        {"dynamic_batch_size": False, "static_batch_size": 1},
        {"dynamic_batch_size": False, "static_batch_size": 2},
        {"model_features": {}},
        {"model_features": {"nms_fused": {"max_detections": 300}}},
        {"recommended_parameters": {"confidence": 0.3}},
        {"recommended_parameters": {"perClassConfidence": {"circle": 0.3}}},
        {"trusted": False},
        {"files": {**FILES, "weights.onnx": b"other weights"}},
        {"files": {**FILES, "more.txt": b"more"}},
        {"files": {"weights.onnx": b"weights"}},
        {"files": {"network.onnx": b"weights", "class_names.txt": b"circle"}},
        {"backend": "torch"},
    ],
)
def test_a_change_of_what_clients_hold_immutable_gives_another_id(
    model: Any, make_package: Any, change: dict[str, Any]
) -> None:
    first = make_package(model, **{"files": FILES, **FIELDS})
    second = make_package(model, **{"files": FILES, **FIELDS, **change})
    assert first.package_id != second.package_id


@pytest.mark.parametrize(
    "change", [{"model_id": "other/1"}, {"architecture": "yolov9"}, {"task_type": "instance-segmentation"}]
)
def test_another_model_gives_another_id(make_model: Any, make_package: Any, change: dict[str, Any]) -> None:
    first = make_package(make_model("shapes/1"))
    second = make_package(make_model(**{"model_id": "shapes/2", **change}))
    assert first.package_id != second.package_id


@pytest.mark.parametrize("state", [State.DRAFT, State.INSPECTING, State.QUARANTINED])
def test_only_a_ready_package_is_published(model: Any, make_package: Any, state: str) -> None:
    package = make_package(model, state="draft")
    Package.objects.filter(pk=package.pk).update(state=state)
    with pytest.raises(PackageNotReady):
        publish(package)
    package.refresh_from_db()
    assert (package.state, package.package_id) == (state, "")


def test_an_incomplete_package_does_not_become_ready(model: Any) -> None:
    package = create_draft(model, "onnx")
    with pytest.raises(PackageIncomplete) as caught:
        mark_ready(package)
    assert {problem["code"] for problem in caught.value.details} == {"batch-missing", "opset-missing", "no-files"}
    package.refresh_from_db()
    assert package.state == State.DRAFT


def test_what_got_incomplete_after_it_was_ready_is_not_published(ready: Package) -> None:
    PackageFile.objects.filter(package=ready).delete()
    with pytest.raises(PackageIncomplete):
        publish(ready)


def test_a_package_that_is_gone_is_not_found(ready: Package) -> None:
    Package.objects.filter(pk=ready.pk).delete()
    with pytest.raises(PackageNotFound):
        publish(ready)


def test_withdrawing_keeps_the_reason(package: Package) -> None:
    withdraw(package, actor=CURATOR, reason="Finds no circles.")
    package.refresh_from_db()
    assert package.state == State.WITHDRAWN
    assert (package.withdrawn_by, package.withdrawal_reason) == ("curator", "Finds no circles.")
    assert audited("package.withdrawn") == 1
    with pytest.raises(PackageNotPublished):
        withdraw(package)


def test_only_a_published_package_is_withdrawn(ready: Package) -> None:
    with pytest.raises(PackageNotPublished):
        withdraw(ready)


def test_only_a_withdrawn_package_is_purged(package: Package) -> None:
    with pytest.raises(PackageNotWithdrawn):
        purge(package)
    withdraw(package)
    purge(package)
    assert not Package.objects.exists()
    assert not PackageFile.objects.exists()
    assert Blob.objects.count() == 3
    assert audited("package.purged") == 1


def test_trust_is_given_before_publication_only(ready: Package) -> None:
    set_trusted(ready, False)
    assert audited("package.distrusted") == 1
    publish(ready)
    with pytest.raises(PackageFrozen):
        set_trusted(ready, True)
    ready.refresh_from_db()
    assert not ready.trusted


def test_a_quarantined_package_is_released_as_a_draft(ready: Package) -> None:
    quarantine(ready, "It opens a shell.")
    ready.refresh_from_db()
    assert (ready.state, ready.quarantine_reason) == (State.QUARANTINED, "It opens a shell.")
    with pytest.raises(PackageNotReady):
        mark_ready(ready)
    release(ready)
    ready.refresh_from_db()
    assert (ready.state, ready.quarantine_reason) == (State.DRAFT, "")
    with pytest.raises(PackageNotReady):
        release(ready)


def test_an_inspection_can_end_ready(model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft")
    start_inspection(package)
    assert package.state == State.INSPECTING
    assert mark_ready(package).state == State.READY


@pytest.mark.parametrize("refuse", [lambda package: quarantine(package, "no"), start_inspection, mark_ready])
def test_a_published_package_is_never_set_back(package: Package, refuse: Any) -> None:
    with pytest.raises(PackageFrozen):
        refuse(package)


def at_once(work: Any, times: int) -> Counter[str]:
    """Run ``work(number)`` in threads that start together; the counted outcomes, by class of the error."""
    barrier = threading.Barrier(times)
    outcomes: list[str] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            work(number)
            outcomes.append("success")
        except Exception as error:
            outcomes.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_a_package_at_once_one_succeeds(model: Any, make_package: Any) -> None:
    package = make_package(model, state="ready")
    outcomes = at_once(lambda number: publish(Package.objects.get(pk=package.pk)), 4)
    assert outcomes == {"success": 1, "AlreadyPublished": 3}
    assert audited("package.published") == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_publish_the_same_content_at_once_one_succeeds(model: Any, make_package: Any) -> None:
    packages = [make_package(model, state="ready") for _ in range(3)]
    outcomes = at_once(lambda number: publish(packages[number]), 3)
    assert outcomes == {"success": 1, "AlreadyPublished": 2}
    assert Package.objects.filter(state=State.PUBLISHED).count() == 1
