from __future__ import annotations

from typing import Any

import pytest

from packages_app.errors import (
    FileNotInPackage,
    InvalidFileHandle,
    InvalidPackageField,
    PackageFrozen,
    PackageTooLarge,
)
from packages_app.models import Package, State
from packages_app.services.drafting import add_file, create_draft, delete_draft, remove_file, update_draft
from packages_app.services.publishing import mark_ready, set_trusted
from registry.models import AuditEvent

pytestmark = pytest.mark.django_db

GOOD_HANDLES = [
    "weights.onnx",
    "vit/config.json",
    "a/b/c/d.bin",
    "x" * 255,
    ".hidden",
    "-",
    "console.txt",
    "weights/model_config.json",
]
BAD_HANDLES = [
    "",
    "/weights.onnx",
    "weights.onnx/",
    "a//b",
    "../weights.onnx",
    "a/../b",
    "..",
    ".",
    "a/./b",
    "a\\b",
    "C:weights",
    "weights.onnx.",
    "folder./weights.onnx",
    "weights onnx",
    " weights.onnx",
    "weights.onnx\n",
    "weights\x00.onnx",
    "gewicht\u00e9.onnx",
    "weights%2eonnx",
    "weights.onnx#1",
    "weights?.onnx",
    "~/weights",
    "x" * 256,
    "CON",
    "con.txt",
    "a/NUL",
    "lpt1.bin",
    "COM9.tar.gz",
    ".weights.lock",
    "a/.weights.lock",
    "model_config.json",
    "model_dependencies",
    "model_dependencies/a.bin",
    "dependencies/a.bin",
]


@pytest.fixture
def draft(model: Any, make_package: Any) -> Package:
    return make_package(model, state="draft", files={"weights.onnx": b"weights"})


def test_it_makes_a_draft(model: Any) -> None:
    package = create_draft(model, "onnx", fields={"opset": 17, "dynamic_batch_size": True, "model_features": {}})
    package.refresh_from_db()
    assert (package.state, package.package_id, package.trusted) == (State.DRAFT, "", False)
    assert (package.manifest["opset"], package.dynamic_batch_size, package.model_features) == (17, True, {})
    assert AuditEvent.objects.filter(action="package.drafted").count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"opset": "many"},
        {"opset": -1},
        {"quantization": "FP32"},
        {"quantization": "int4"},
        {"static_batch_size": 0},
        {"static_batch_size": 1, "dynamic_batch_size": True},
        {"machine_type": "laptop"},
        {"incompatible_providers": "CUDAExecutionProvider"},
        {"incompatible_providers": [1]},
        {"supported_device_types": {"cpu": True}},
        {"model_features": ["nms_fused"]},
        {"recommended_parameters": {"confidence": "0.3"}},
        {"recommended_parameters": {"confidence": 1.5}},
        {"recommended_parameters": {"iou": 0.3}},
        {"memory_profile": {"peakVramMb": {"one": 1}}},
        {"memory_profile": {"peakVramMb": {"1": 1.5}}},
        {"memory_profile": []},
        {"notes": "a\x00b"},
        {"model_features": {"a": ["\x00"]}},
        {"no_such_field": 1},
        {"state": "published"},
        {"package_id": "0" * 32},
        {"trusted": True},
        {"model": None},
        {"id": 1},
    ],
)
def test_it_rejects_a_bad_field(model: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidPackageField):
        create_draft(model, "onnx", fields=fields)
    assert not Package.objects.exists()


def test_it_rejects_an_unknown_backend(model: Any) -> None:
    with pytest.raises(InvalidPackageField):
        create_draft(model, "tfjs")


@pytest.mark.parametrize("handle", GOOD_HANDLES)
def test_it_takes_a_good_handle(draft: Package, make_blob: Any, handle: str) -> None:
    assert add_file(draft, handle, make_blob(b"x")).handle == handle


@pytest.mark.parametrize("handle", BAD_HANDLES)
def test_it_rejects_a_bad_handle(draft: Package, make_blob: Any, handle: str) -> None:
    with pytest.raises(InvalidFileHandle):
        add_file(draft, handle, make_blob(b"x"))
    assert [file.handle for file in draft.files.all()] == ["weights.onnx"]


@pytest.mark.parametrize("handle", ["Weights.onnx", "weights.onnx/a", "WEIGHTS.ONNX/a"])
def test_it_rejects_a_handle_that_clashes_with_another(draft: Package, make_blob: Any, handle: str) -> None:
    with pytest.raises(InvalidFileHandle):
        add_file(draft, handle, make_blob(b"x"))


def test_a_file_replaces_the_one_of_the_same_handle(draft: Package, make_blob: Any) -> None:
    blob = make_blob(b"better weights")
    add_file(draft, "weights.onnx", blob)
    assert [file.blob for file in draft.files.all()] == [blob]


def test_it_rejects_a_file_that_makes_the_package_too_large(draft: Package, make_blob: Any, settings: Any) -> None:
    settings.MAX_PACKAGE_BYTES = 10
    add_file(draft, "a.bin", make_blob(b"xxx"))
    with pytest.raises(PackageTooLarge):
        add_file(draft, "b.bin", make_blob(b"x"))
    add_file(draft, "weights.onnx", make_blob(b"1234567"))


def test_it_removes_a_file(draft: Package) -> None:
    remove_file(draft, "weights.onnx")
    assert not draft.files.exists()
    with pytest.raises(FileNotInPackage):
        remove_file(draft, "weights.onnx")


@pytest.mark.parametrize(
    "change",
    [
        lambda package, blob: update_draft(package, fields={"opset": 18}),
        lambda package, blob: add_file(package, "class_names.txt", blob),
        lambda package, blob: remove_file(package, "weights.onnx"),
    ],
)
def test_a_change_makes_a_ready_package_a_draft_again(draft: Package, make_blob: Any, change: Any) -> None:
    mark_ready(draft)
    change(draft, make_blob(b"x"))
    draft.refresh_from_db()
    assert draft.state == State.DRAFT


@pytest.mark.parametrize(
    "change",
    [
        lambda package, blob: update_draft(package, fields={"opset": 18}),
        lambda package, blob: add_file(package, "more.bin", blob),
        lambda package, blob: add_file(package, "weights.onnx", blob),
        lambda package, blob: remove_file(package, "weights.onnx"),
        lambda package, blob: delete_draft(package),
    ],
)
def test_a_published_package_cannot_be_changed(package: Package, make_blob: Any, change: Any) -> None:
    before = (package.manifest, sorted(package.files.values_list("handle", "blob")))
    with pytest.raises(PackageFrozen):
        change(package, make_blob(b"x"))
    package.refresh_from_db()
    assert (package.manifest, sorted(package.files.values_list("handle", "blob"))) == before


def test_a_draft_can_be_deleted(draft: Package) -> None:
    delete_draft(draft)
    assert not Package.objects.exists()
    assert AuditEvent.objects.filter(action="package.deleted").count() == 1


@pytest.mark.parametrize("change", ["exchanged", "added", "removed"])
def test_trust_ends_when_the_files_change(draft: Any, make_blob: Any, change: str) -> None:
    assert draft.trusted
    if change == "removed":
        remove_file(draft, "weights.onnx")
    else:
        add_file(draft, "weights.onnx" if change == "exchanged" else "more.bin", make_blob(b"not looked at"))
    draft.refresh_from_db()
    assert not draft.trusted
    assert AuditEvent.objects.get(action="package.distrusted").details == {
        "model": "shapes/1",
        "reason": "Its files changed.",
    }


def test_trust_does_not_end_when_a_field_changes(draft: Any) -> None:
    set_trusted(draft, True)
    update_draft(draft, fields={"notes": "for the line"})
    draft.refresh_from_db()
    assert draft.trusted
