from __future__ import annotations

import errno
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from packages_app.errors import BlobDamaged, BlobUnavailable
from packages_app.models import Blob
from packages_app.services import blobs
from packages_app.services.stores import LocalStore
from packages_app.signals import blob_damaged

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


def damaged_at(blob: Blob) -> Any:
    return Blob.objects.get(pk=blob.pk).damaged_at


def test_a_whole_file_is_verified_while_it_is_read(make_blob: Any) -> None:
    content = bytes(3 * blobs.BLOCK_BYTES + 5)
    assert b"".join(blobs.read_whole(make_blob(content))) == content
    assert b"".join(blobs.read_whole(make_blob(b""))) == b""


def test_a_damaged_file_never_arrives_whole(make_blob: Any) -> None:
    blob = make_blob(bytes(3 * blobs.BLOCK_BYTES))
    with blobs.local_path(blob).open("r+b") as file:
        file.write(b"rot")
    blocks = blobs.read_whole(blob)
    arrived: list[bytes] = []
    with pytest.raises(BlobDamaged):
        arrived.extend(blocks)
    assert 0 < sum(map(len, arrived)) < blob.size
    assert damaged_at(blob) is not None


def test_a_small_damaged_file_is_refused_before_its_first_byte(blob: Blob) -> None:
    blobs.local_path(blob).write_bytes(b"0123456780")
    with pytest.raises(BlobDamaged):
        blobs.read_whole(blob)
    assert damaged_at(blob) is not None


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"0123456780"), Path.unlink])
def test_what_a_verification_finds_is_noted_until_it_finds_the_bytes_whole(blob: Blob, damage: Any) -> None:
    told: list[str] = []

    def listen(sha256: str, **_: Any) -> None:
        told.append(sha256)

    blob_damaged.connect(listen)
    path = blobs.local_path(blob)
    assert blobs.verify(blob)
    damage(path)
    assert not blobs.verify(blob)
    first = damaged_at(blob)
    assert first is not None
    assert not blobs.verify(blob)
    assert damaged_at(blob) == first
    assert told == [blob.pk] * 2
    path.write_bytes(CONTENT)
    assert blobs.verify(blob)
    assert damaged_at(blob) is None


def test_the_same_bytes_pushed_anew_heal(blob: Blob, make_blob: Any) -> None:
    blobs.local_path(blob).write_bytes(b"0123456780")
    assert not blobs.verify(blob)
    assert make_blob(CONTENT).damaged_at is None
    assert damaged_at(blob) is None
    assert blobs.is_intact(blob)


class Failing(io.BytesIO):
    """A file on a disk that fails."""

    def read(self, *_: Any) -> bytes:
        raise OSError(errno.EIO, "Input/output error")


def test_a_disk_that_fails_is_damage_like_any_other(blob: Blob, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LocalStore, "open", lambda *_: Failing())
    with pytest.raises(BlobDamaged):
        blobs.read_whole(blob)
    assert not blobs.verify(blob)
    assert damaged_at(blob) is not None
