"""Files that come in through the form of a new package, in one piece, as browsers without JavaScript send them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from packages_app.models import Blob, Package
from packages_app.services import inspecting
from tests.admin_personas import HOSTILE, messages_of

ADD = "/admin/packages_app/package/add/"
FILES = {"weights.onnx": b"some weights", "class_names.txt": b"circle\nsquare\n"}


@pytest.fixture(autouse=True)
def inspected(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The inspection is tested elsewhere and starts a process: here it is only noted that it was asked for."""
    packages: list[int] = []

    def enqueue(package: Package, *, actor: Any) -> None:
        packages.append(package.pk)

    monkeypatch.setattr(inspecting, "enqueue", enqueue)
    return packages


def form(model: Any, files: dict[str, bytes] = FILES, **fields: Any) -> dict[str, Any]:
    return {
        "model": model.pk, "backend": "onnx", "quantization": "fp32", "opset": "17", "dynamic_batch_size": "on",
        "files": [SimpleUploadedFile(name, content) for name, content in files.items()],
        "form_end": "1", **fields,
    }  # fmt: skip


def test_one_form_makes_a_package_of_several_files(curator: Client, model: Any, inspected: list[int]) -> None:
    response = curator.post(ADD, form(model), follow=True)
    package = Package.objects.get()
    assert response.redirect_chain[-1][0] == f"/admin/packages_app/package/{package.pk}/change/"
    assert (package.backend, package.manifest["opset"], package.created_by) == ("onnx", 17, "curator")
    stored = {file.handle: file.blob.sha256 for file in package.files.select_related("blob")}
    assert stored == {handle: hashlib.sha256(content).hexdigest() for handle, content in FILES.items()}
    assert inspected == [package.pk]


def test_the_files_are_never_held_whole(curator: Client, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from packages_app.admin import receiving

    pieces = []
    write = receiving.Intake.write
    monkeypatch.setattr(receiving.Intake, "write", lambda self, chunk: (pieces.append(len(chunk)), write(self, chunk)))
    curator.post(ADD, form(model, {"weights.onnx": b"x" * 5_000_000}))
    assert sum(pieces) == 5_000_000
    assert max(pieces) <= receiving.CHUNK_BYTES


def test_it_needs_the_csrf_token(log_in: Any, alpha: Any, model: Any) -> None:
    client = log_in("ann", (alpha, "curator"), enforce_csrf_checks=True)
    assert client.post(ADD, form(model)).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(ADD).content.decode())[1]
    assert client.post(ADD, form(model, csrfmiddlewaretoken=token)).status_code == 302
    assert Package.objects.count() == 1


def test_a_viewer_is_refused_before_anything_is_received(viewer: Client, model: Any) -> None:
    assert viewer.post(ADD, form(model)).status_code == 403
    assert not Blob.objects.exists()


def test_an_anonymous_upload_is_sent_to_the_login_and_nothing_is_received(client: Client, model: Any) -> None:
    assert client.post(ADD, form(model)).headers["Location"].startswith("/admin/login/")
    assert not Blob.objects.exists()


def test_a_curator_adds_no_package_to_a_model_of_another_workspace(curator: Client, make_model: Any, beta: Any) -> None:
    assert curator.post(ADD, form(make_model("foreign/1", workspace=beta))).status_code == 200
    assert not Package.objects.exists()


@pytest.mark.parametrize("name", ["my weights.onnx", "weights.onnx.", "CON.txt", HOSTILE])
def test_a_name_that_clients_refuse_is_told_and_the_bytes_are_not_lost(curator: Client, model: Any, name: str) -> None:
    page = curator.post(ADD, form(model, {name: b"some weights"})).content.decode()
    assert not Package.objects.exists()
    assert "<img src=x" not in page
    receipt = re.search(r'name="receipt" value="([^"]+)"', page)[1]
    curator.post(ADD, form(model, {}, receipt=[receipt], handle=["vit/weights.onnx"]))
    file = Package.objects.get().files.select_related("blob").get()
    assert (file.handle, file.blob.size) == ("vit/weights.onnx", len(b"some weights"))


def test_a_receipt_that_this_server_did_not_sign_names_nothing(curator: Client, model: Any, package: Any) -> None:
    digest = package.files.first().blob_id
    curator.post(ADD, form(model, {}, receipt=[digest], handle=["stolen.onnx"]))
    assert not Package.objects.exclude(pk=package.pk).get().files.exists()


def test_a_mistyped_field_is_told_and_the_files_are_not_lost(curator: Client, model: Any) -> None:
    page = curator.post(ADD, form(model, opset="many")).content.decode()
    assert page.count('name="receipt"') == len(FILES)
    assert not Package.objects.exists()


def test_a_form_that_was_cut_off_makes_nothing(curator: Client, model: Any) -> None:
    data = form(model)
    del data["form_end"]
    assert "The upload was cut off on its way." in curator.post(ADD, data).content.decode()
    assert not Package.objects.exists()


def test_a_body_that_ends_in_the_middle_of_a_file_makes_nothing(curator: Client, model: Any) -> None:
    from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

    body = encode_multipart(BOUNDARY, form(model, {"weights.onnx": b"x" * 100_000}))
    response = curator.generic("POST", ADD, body[:50_000], content_type=MULTIPART_CONTENT)
    assert "The upload was cut off on its way." in response.content.decode()
    assert not Package.objects.exists()


def test_a_file_above_the_limit_is_told_and_leaves_nothing_behind(curator: Client, model: Any, settings: Any) -> None:
    settings.MAX_FILE_BYTES = 1000
    page = curator.post(ADD, form(model, {"weights.onnx": b"x" * 5000, "small.txt": b"y"})).content.decode()
    assert "weights.onnx: The file is larger than 1000 bytes." in page
    assert list(Path(settings.STAGING_ROOT).iterdir()) == []
    assert list(Blob.objects.values_list("size", flat=True)) == [1]


def test_files_above_the_limit_of_a_package_together_are_told(curator: Client, model: Any, settings: Any) -> None:
    settings.MAX_PACKAGE_BYTES = 1000
    page = curator.post(ADD, form(model, {"a.onnx": b"x" * 800, "b.onnx": b"x" * 800})).content.decode()
    assert "b.onnx: The file is larger than 200 bytes." in page


def test_a_full_disk_is_told(curator: Client, model: Any, settings: Any) -> None:
    settings.MIN_FREE_DISK_BYTES = 2**60
    assert "disk is nearly full" in curator.post(ADD, form(model)).content.decode()


def test_too_many_files_are_a_message_and_no_error(curator: Client, model: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    response = curator.post(ADD, form(model, {f"{number}.txt": b"x" for number in range(5)}), follow=True)
    assert messages_of(response)[0].startswith("The form could not be read")


def test_a_form_of_fields_alone_is_answered_with_where_to_send_the_files(curator: Client, model: Any) -> None:
    answer = curator.post(ADD, form(model, {}), headers={"Accept": "application/json"})
    package = Package.objects.get()
    assert answer.status_code == 201
    assert answer.json()["files"] == f"/admin/packages_app/package/{package.pk}/files/"


def test_mistakes_in_such_a_form_are_answered_by_field(curator: Client, model: Any) -> None:
    answer = curator.post(ADD, form(model, {}, opset="many"), headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "Opset", "message": "Enter a whole number."}]


CONFIG = b'{"model_architecture": "yolov8", "task_type": "object-detection", "backend_type": "onnx"}'


def test_the_directory_that_push_takes_can_be_chosen_whole(curator: Client, model: Any) -> None:
    curator.post(ADD, form(model, {**FILES, "model_config.json": CONFIG}, backend=""))
    package = Package.objects.get()
    assert package.backend == "onnx"
    assert set(package.files.values_list("handle", flat=True)) == set(FILES)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CONFIG.replace(b"yolov8", b"yolov9"), "and model_config.json says `yolov9` for `object-detection`"),
        (CONFIG.replace(b"onnx", b"tensorrt"), "model_config.json says that the backend is `trt`, and not `onnx`."),
        (b"{", "model_config.json cannot be read as JSON."),
        (b"\xff", "model_config.json cannot be read as UTF-8 text."),
        (b" " * 1_048_577, "model_config.json is larger than a file of its kind can be."),
    ],
)
def test_a_config_of_something_else_is_told_and_the_files_are_not_lost(
    curator: Client, model: Any, content: bytes, said: str
) -> None:
    page = curator.post(ADD, form(model, {**FILES, "model_config.json": content})).content.decode()
    assert said in page
    assert page.count('name="receipt"') == len(FILES)
    assert not Package.objects.exists()


def test_a_config_added_later_is_compared_and_not_stored(curator: Client, model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft", files={})
    files = [SimpleUploadedFile("model_config.json", CONFIG), SimpleUploadedFile("class_names.txt", b"circle")]
    response = curator.post(
        f"/admin/packages_app/package/{package.pk}/files/", {"files": files, "form_end": "1"}, follow=True
    )
    assert messages_of(response)[0] == "model_config.json was read; it is no file of the package."
    assert package.files.get().handle == "class_names.txt"
