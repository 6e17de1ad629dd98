"""`manage.py push`."""

from __future__ import annotations

import json
import shutil
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from packages_app.models import Package, State
from registry.models import Workspace
from tests.packages_app.inspection.checkpoints import write_checkpoint

DEMO = settings.BASE_DIR / "demo" / "packages" / "onnx-dynamic"

pytestmark = pytest.mark.django_db


def push(*arguments: str) -> str:
    out = StringIO()
    call_command("push", *arguments, stdout=out)
    return out.getvalue()


def test_it_pushes_publishes_and_says_so() -> None:
    output = push(
        str(DEMO),
        "--model",
        "shapes/1",
        "--workspace",
        "factory",
        "--create-workspace",
        "--public",
        "--trust",
        "--publish",
    )
    package = Package.objects.get()
    assert package.package_id in output
    assert (package.state, package.trusted, package.model.is_public) == (State.PUBLISHED, True, True)
    assert package.model.workspace.slug == "factory"


def test_it_leaves_the_package_unpublished_by_default() -> None:
    push(str(DEMO), "--model", "shapes/1")
    assert Package.objects.get().state == State.READY


def test_it_says_what_to_know_before_the_package_is_trusted(tmp_path: Path) -> None:
    config = {"model_architecture": "rfdetr", "task_type": "object-detection", "backend_type": "torch"}
    (tmp_path / "model_config.json").write_text(json.dumps(config))
    for name in ("class_names.txt", "inference_config.json"):
        shutil.copy(DEMO / name, tmp_path)
    (tmp_path / "model_type.json").write_text('{"model_type": "rfdetr-nano"}')
    write_checkpoint(tmp_path / "weights.pth", [("float16", 4)])
    output = push(str(tmp_path), "--model", "shapes/1", "--keep-draft")
    assert "Note: `weights.pth`: Clients open this file in full" in output


def test_it_takes_manifest_fields_that_the_files_do_not_say(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"incompatible_providers": ["CUDAExecutionProvider"]}))
    push(str(DEMO), "--model", "shapes/1", "--manifest", str(manifest))
    assert Package.objects.get().manifest["incompatible_providers"] == ["CUDAExecutionProvider"]


@pytest.mark.parametrize("model_id", ["", " ", "api/1", "ADMIN/x", "a\x00b"])
def test_it_refuses_a_model_id_that_cannot_be_served(model_id: str) -> None:
    with pytest.raises(CommandError):
        push(str(DEMO), "--model", model_id)
    assert not Package.objects.exists()


def test_it_refuses_what_is_no_directory_and_says_what_it_is(tmp_path: Path) -> None:
    nothing, archive, weights = tmp_path / "nothing", tmp_path / "best.zip", tmp_path / "best.onnx"
    archive.touch()
    weights.touch()
    with pytest.raises(CommandError, match=f"{nothing} does not exist."):
        push(str(nothing), "--model", "shapes/1")
    with pytest.raises(CommandError, match=f"{archive} is an archive; unpack it and push the directory."):
        push(str(archive), "--model", "shapes/1")
    with pytest.raises(CommandError, match=f"{weights} is a file; push the directory that holds it"):
        push(str(weights), "--model", "shapes/1")


def test_a_directory_with_an_archive_in_place_of_a_package_says_to_unpack_it(tmp_path: Path) -> None:
    (tmp_path / "best.zip").touch()
    with pytest.raises(CommandError, match=r"best\.zip is an archive; unpack it and push the directory"):
        push(str(tmp_path), "--model", "shapes/1")


def test_content_that_is_published_already_is_a_success_that_leaves_no_row() -> None:
    push(str(DEMO), "--model", "shapes/1", "--publish")
    published = Package.objects.get()
    output = push(str(DEMO), "--model", "shapes/1", "--publish")
    assert f"published already, as {published.package_id}" in output
    assert Package.objects.get() == published


def test_a_mistyped_workspace_is_not_made_and_those_there_are_come_closest_first() -> None:
    for slug in ("alpha", "factory"):
        Workspace.objects.create(slug=slug, name=slug)
    with pytest.raises(CommandError, match=r"no workspace factry; there are: factory, alpha.*--create-workspace"):
        push(str(DEMO), "--model", "shapes/1", "--workspace", "factry")
    assert Workspace.objects.count() == 2


def test_a_workspace_made_for_a_push_that_is_refused_goes_with_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        push(str(tmp_path), "--model", "shapes/1", "--workspace", "factory", "--create-workspace")
    assert not Workspace.objects.exists()


def test_it_says_what_a_package_lacks_that_cannot_be_published(tmp_path: Path) -> None:
    (tmp_path / "model_config.json").write_text((DEMO / "model_config.json").read_text().replace("onnx", "trt"))
    (tmp_path / "engine.plan").write_bytes(b"ftrt" + bytes(64))
    with pytest.raises(CommandError, match="Enter the TensorRT version of the TensorRT engine"):
        push(str(tmp_path), "--model", "shapes/1")
    assert not Package.objects.exists()
    output = push(str(tmp_path), "--model", "shapes/1", "--keep-draft")
    assert "- Enter the TensorRT version of the TensorRT engine." in output
    assert f"/admin/packages_app/package/{Package.objects.get().pk}/change/" in output


def test_it_refuses_what_is_no_slug_of_a_workspace() -> None:
    with pytest.raises(CommandError):
        push(str(DEMO), "--model", "shapes/1", "--workspace", "two words", "--create-workspace")
    assert not Package.objects.exists()
