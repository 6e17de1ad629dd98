from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from packages_app.errors import BlobUnavailable
from packages_app.models import Blob
from packages_app.services import blobs

pytestmark = pytest.mark.django_db
CONTENT = b"0123456789"


@pytest.fixture
def blob(make_blob: Any) -> Blob:
    return make_blob(CONTENT)


def make_old(blob: Blob) -> None:
    Blob.objects.filter(pk=blob.pk).update(received_at=timezone.now() - timedelta(days=2))


def test_it_opens_a_blob(blob: Blob) -> None:
    with blobs.open_blob(blob) as file:
        assert file.read() == CONTENT


def test_it_reads_a_part(blob: Blob) -> None:
    assert b"".join(blobs.read_blob(blob, start=2, length=3)) == b"234"
    assert b"".join(blobs.read_blob(blob, start=7)) == b"789"


def test_a_lost_file_is_unavailable(blob: Blob) -> None:
    blobs.local_path(blob).unlink()
    assert not blobs.is_stored(blob)
    with pytest.raises(BlobUnavailable):
        blobs.open_blob(blob)
    with pytest.raises(BlobUnavailable):
        blobs.read_blob(blob)


def test_bit_rot_is_found(blob: Blob) -> None:
    assert blobs.is_intact(blob)
    blobs.local_path(blob).write_bytes(b"0123456780")
    assert blobs.is_stored(blob)
    assert not blobs.is_intact(blob)


def test_an_unused_blob_is_deleted_when_it_is_old(blob: Blob) -> None:
    path = blobs.local_path(blob)
    assert blobs.delete_unused() == 0
    make_old(blob)
    assert blobs.delete_unused() == 1
    assert not path.exists()
    assert not Blob.objects.exists()
    assert blobs.delete_unused() == 0


def test_a_blob_that_a_draft_uses_stays(model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft")
    for file in package.files.all():
        make_old(file.blob)
    assert blobs.delete_unused() == 0


def test_a_blob_that_arrived_again_lately_stays(blob: Blob, make_blob: Any) -> None:
    make_old(blob)
    make_blob(CONTENT)
    assert blobs.delete_unused() == 0
