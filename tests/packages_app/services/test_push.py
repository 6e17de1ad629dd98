"""Pushing a directory that is laid out as the client's local package."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from packages_app.errors import (
    AlreadyPublished,
    BlobUnavailable,
    InvalidDirectory,
    InvalidFileHandle,
    InvalidModel,
    ModelMismatch,
    PackageRefused,
)
from packages_app.models import Blob, Package, State
from packages_app.services import blobs
from packages_app.services.push import push_directory
from registry.models import Model
from registry.services.audit import Actor
from tests.packages_app.inspection.test_onnx_file import write_model

ACTOR = Actor(name="test")
DEMO = settings.BASE_DIR / "demo" / "packages"
CONFIG = {"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    target = tmp_path / "package"
    shutil.copytree(DEMO / "onnx-dynamic", target)
    return target


@pytest.fixture
def push(alpha: Any) -> Callable[..., Package]:
    def run(directory: Path, model_id: str = "shapes/1", **options: Any) -> Package:
        return push_directory(directory, model_id=model_id, workspace=alpha, actor=ACTOR, **options)

    return run


def test_it_creates_the_model_and_a_ready_package(push: Callable[..., Package], directory: Path) -> None:
    package = push(directory)
    assert package.state == State.READY
    assert (package.model.architecture, package.model.task_type) == ("yolov8", "object-detection")


def test_it_takes_the_class_names(push: Callable[..., Package], directory: Path) -> None:
    names = (directory / "class_names.txt").read_text().split()
    assert push(directory).model.class_names == names


def test_it_fills_in_what_the_files_prove(push: Callable[..., Package], directory: Path) -> None:
    package = push(directory)
    assert (package.manifest["opset"], package.dynamic_batch_size, package.quantization) == (17, True, "fp32")


def test_it_leaves_model_config_out_of_the_files(push: Callable[..., Package], directory: Path) -> None:
    handles = set(push(directory).files.values_list("handle", flat=True))
    assert handles == {"weights.onnx", "class_names.txt", "inference_config.json"}


def test_it_publishes_and_trusts_when_asked(push: Callable[..., Package], directory: Path) -> None:
    package = push(directory, trusted=True, publish=True)
    assert (package.state, package.trusted) == (State.PUBLISHED, True)


def test_two_packages_of_a_model_have_different_ids(push: Callable[..., Package], directory: Path) -> None:
    first = push(directory, publish=True)
    second = push(DEMO / "onnx-static", publish=True)
    assert first.package_id != second.package_id


def test_it_keeps_files_in_folders(push: Callable[..., Package], directory: Path) -> None:
    (directory / "vit").mkdir()
    (directory / "vit" / "config.json").write_text("{}")
    assert push(directory).files.filter(handle="vit/config.json").exists()


def test_it_leaves_out_locks_of_a_client(push: Callable[..., Package], directory: Path) -> None:
    (directory / "extract.lock").touch()
    assert not push(directory).files.filter(handle="extract.lock").exists()


def test_it_refuses_a_directory_without_model_config(push: Callable[..., Package], directory: Path) -> None:
    (directory / "model_config.json").unlink()
    with pytest.raises(InvalidDirectory):
        push(directory)


@pytest.mark.parametrize("config", [[], {}, {**CONFIG, "backend_type": "abacus"}, {**CONFIG, "task_type": 3}])
def test_it_refuses_a_model_config_that_does_not_say_what_is_needed(
    push: Callable[..., Package], directory: Path, config: Any
) -> None:
    (directory / "model_config.json").write_text(json.dumps(config))
    with pytest.raises(InvalidDirectory):
        push(directory)


def test_a_bad_file_name_stops_it_before_anything_is_stored(push: Callable[..., Package], directory: Path) -> None:
    (directory / "bad name.txt").touch()
    with pytest.raises(InvalidFileHandle):
        push(directory)
    assert not Blob.objects.exists()
    assert not Model.objects.exists()


def test_it_refuses_a_link_that_leads_out_of_the_directory(
    push: Callable[..., Package], directory: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("secret")
    (directory / "notes.txt").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidDirectory):
        push(directory)


def test_it_refuses_a_package_for_a_model_of_another_kind(
    push: Callable[..., Package], directory: Path, make_model: Callable[..., Any]
) -> None:
    make_model("shapes/1", architecture="yolov10")
    with pytest.raises(ModelMismatch):
        push(directory)


def test_it_refuses_a_model_of_another_workspace(
    push: Callable[..., Package], directory: Path, make_model: Callable[..., Any], beta: Any
) -> None:
    make_model("shapes/1", workspace=beta)
    with pytest.raises(ModelMismatch):
        push(directory)


def test_a_damaged_network_is_refused_with_the_reason(push: Callable[..., Package], directory: Path) -> None:
    (directory / "weights.onnx").write_bytes(b"no network")
    with pytest.raises(PackageRefused, match="not an ONNX model"):
        push(directory)


def test_external_data_that_leads_elsewhere_is_quarantined(push: Callable[..., Package], directory: Path) -> None:
    write_model(directory / "weights.onnx", location="/etc/passwd")
    assert push(directory, keep_draft=True).state == State.QUARANTINED


def test_what_was_typed_and_what_the_file_says_must_agree(push: Callable[..., Package], directory: Path) -> None:
    package = push(directory, manifest={"opset": 12}, keep_draft=True)
    assert package.state == State.DRAFT
    assert package.manifest["opset"] == 12


@pytest.mark.parametrize("publish", [False, True])
def test_a_push_that_is_refused_leaves_nothing_behind(
    push: Callable[..., Package], directory: Path, publish: bool
) -> None:
    (directory / "weights.onnx").write_bytes(b"no network")
    with pytest.raises(PackageRefused):
        push(directory, publish=publish)
    assert not Package.objects.exists()
    assert not Model.objects.exists()


def test_a_push_that_is_refused_leaves_the_model_that_was_there_as_it_was(
    push: Callable[..., Package], directory: Path, model: Model
) -> None:
    (directory / "weights.onnx").write_bytes(b"no network")
    with pytest.raises(PackageRefused):
        push(directory, public=True)
    model.refresh_from_db()
    assert not model.is_public


def test_a_push_whose_files_cannot_be_read_leaves_nothing_behind(
    push: Callable[..., Package], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(blob: Blob) -> None:
        raise BlobUnavailable

    monkeypatch.setattr(blobs, "local_path", lost)
    with pytest.raises(BlobUnavailable):
        push(directory)
    assert not Package.objects.exists()


@pytest.mark.parametrize("publish", [False, True])
def test_content_that_is_published_already_is_named_and_leaves_no_row(
    push: Callable[..., Package], directory: Path, publish: bool
) -> None:
    published = push(directory, publish=True)
    with pytest.raises(AlreadyPublished, match=published.package_id):
        push(directory, publish=publish)
    assert Package.objects.get() == published


@pytest.mark.parametrize(("key", "value"), [("model_architecture", "YOLO v8"), ("task_type", "detect")])
def test_a_kind_of_model_that_no_client_knows_stops_it_before_anything_is_stored(
    push: Callable[..., Package], directory: Path, key: str, value: str
) -> None:
    (directory / "model_config.json").write_text(json.dumps({**CONFIG, key: value}))
    with pytest.raises(InvalidModel, match="the closest that they know is"):
        push(directory)
    assert not Blob.objects.exists()


def test_a_model_with_an_id_from_before_the_rules_takes_packages(
    push: Callable[..., Package], directory: Path, make_model: Callable[..., Any]
) -> None:
    make_model("My Defects v1", class_names=[])
    assert push(directory, "My Defects v1").state == State.READY
