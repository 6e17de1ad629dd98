"""`manage.py push`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from packages_app.models import Package, State

DEMO = settings.BASE_DIR / "demo" / "packages" / "onnx-dynamic"

pytestmark = pytest.mark.django_db


def push(*arguments: str) -> str:
    out = StringIO()
    call_command("push", *arguments, stdout=out)
    return out.getvalue()


def test_it_pushes_publishes_and_says_so() -> None:
    output = push(str(DEMO), "--model", "shapes/1", "--workspace", "factory", "--public", "--trust", "--publish")
    package = Package.objects.get()
    assert package.package_id in output
    assert (package.state, package.trusted, package.model.is_public) == (State.PUBLISHED, True, True)
    assert package.model.workspace.slug == "factory"


def test_it_leaves_the_package_unpublished_by_default() -> None:
    push(str(DEMO), "--model", "shapes/1")
    assert Package.objects.get().state == State.READY


def test_it_takes_manifest_fields_that_the_files_do_not_say(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"incompatible_providers": ["CUDAExecutionProvider"]}))
    push(str(DEMO), "--model", "shapes/1", "--manifest", str(manifest))
    assert Package.objects.get().incompatible_providers == ["CUDAExecutionProvider"]


@pytest.mark.parametrize("model_id", ["", " ", "api/1", "ADMIN/x", "a\x00b"])
def test_it_refuses_a_model_id_that_cannot_be_served(model_id: str) -> None:
    with pytest.raises(CommandError):
        push(str(DEMO), "--model", model_id)
    assert not Package.objects.exists()


def test_it_refuses_what_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        push(str(tmp_path / "nothing"), "--model", "shapes/1")


def test_it_says_what_a_package_lacks_that_cannot_be_published(tmp_path: Path) -> None:
    (tmp_path / "model_config.json").write_text((DEMO / "model_config.json").read_text().replace("onnx", "trt"))
    (tmp_path / "engine.plan").write_bytes(b"ftrt" + bytes(64))
    output = push(str(tmp_path), "--model", "shapes/1")
    assert "Enter the TensorRT version of the TensorRT engine." in output


def test_it_refuses_what_is_no_slug_of_a_workspace() -> None:
    with pytest.raises(CommandError):
        push(str(DEMO), "--model", "shapes/1", "--workspace", "two words")
    assert not Package.objects.exists()
