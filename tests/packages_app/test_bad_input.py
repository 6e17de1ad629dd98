"""What is wrong with a file is told in the one shape, by whatever door the file comes in."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from config.urls import urlpatterns as real_urlpatterns
from packages_app.models import Blob, Package
from packages_app.services.drafting import add_file, create_draft
from packages_app.services.intake import receive
from packages_app.services.publishing import mark_ready, publish, set_trusted, withdraw
from tests.helpers import assert_error
from tests.packages_app.services.test_drafting import BAD_HANDLES

pytestmark = pytest.mark.django_db
CONTENT = b"weights"
MD5 = hashlib.md5(CONTENT).hexdigest()
WORK: list[Callable[[], Any]] = []


def door(request: Any) -> HttpResponse:
    """A door of the simplest kind: it does one thing."""
    WORK.pop()()
    return HttpResponse(status=201)


urlpatterns = [path("door", door), *real_urlpatterns]


@pytest.fixture
def answer_to(settings: Any) -> Callable[[Callable[[], Any]], Any]:
    settings.ROOT_URLCONF = __name__

    def do(work: Callable[[], Any]) -> Any:
        WORK.append(work)
        return Client(raise_request_exception=False).get("/door")

    return do


@pytest.mark.parametrize(
    ("options", "code", "status"),
    [
        ({"expected_md5": MD5.upper()}, "upper-case-digest", 400),
        ({"expected_md5": "md5"}, "malformed-digest", 400),
        ({"expected_md5": "0" * 32}, "digest-mismatch", 400),
        ({"expected_size": len(CONTENT) + 1}, "upload-truncated", 400),
        ({"limit": len(CONTENT) - 1}, "file-too-large", 413),
    ],
)
def test_a_bad_upload(answer_to: Any, options: dict[str, Any], code: str, status: int) -> None:
    assert_error(answer_to(lambda: receive([CONTENT], **options)), code, status)
    assert not Blob.objects.exists()


def test_an_upload_to_a_disk_that_is_full(answer_to: Any, settings: Any) -> None:
    settings.MIN_FREE_DISK_BYTES = 2**62
    assert_error(answer_to(lambda: receive([CONTENT])), "storage-full", 507)


@pytest.mark.parametrize("handle", BAD_HANDLES)
def test_a_bad_handle(answer_to: Any, model: Any, make_blob: Any, handle: str) -> None:
    package = create_draft(model, "onnx")
    blob = make_blob(CONTENT)
    assert_error(answer_to(lambda: add_file(package, handle, blob)), "invalid-file-handle", 400)
    assert not package.files.exists()


def test_a_bad_field(answer_to: Any, model: Any) -> None:
    error = assert_error(
        answer_to(lambda: create_draft(model, "onnx", fields={"opset": "many"})), "invalid-package-field", 400
    )
    assert error["message"].startswith("opset: ")


def test_an_incomplete_package(answer_to: Any, model: Any) -> None:
    package = create_draft(model, "onnx")
    error = assert_error(answer_to(lambda: mark_ready(package)), "package-incomplete", 409)
    assert {"code": "no-files", "message": "Add the files of the package."} in error["details"]


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (publish, "already-published"),
        (lambda package: set_trusted(package, False), "package-frozen"),
        (lambda package: withdraw(create_draft(package.model, "onnx")), "package-not-published"),
        (lambda package: publish(create_draft(package.model, "onnx")), "package-not-ready"),
    ],
)
def test_what_does_not_fit_the_state_of_a_package(answer_to: Any, package: Package, work: Any, code: str) -> None:
    assert_error(answer_to(lambda: work(package)), code, 409)
