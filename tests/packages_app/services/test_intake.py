from __future__ import annotations

import errno
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import close_old_connections

from packages_app.errors import (
    DigestMismatch,
    FileTooLarge,
    MalformedDigest,
    StorageFull,
    UploadTruncated,
    UppercaseDigest,
)
from packages_app.models import Blob
from packages_app.services import blobs, intake
from packages_app.services.intake import Intake, receive, sweep_staging

CONTENT = b"bytes of a network"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT).hexdigest()

pytestmark = pytest.mark.django_db


def files_below(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


@pytest.fixture
def nothing_is_left(settings: Any) -> Any:
    yield
    assert files_below(settings.STAGING_ROOT) == []
    assert files_below(settings.BLOB_ROOT) == []
    assert not Blob.objects.exists()


def test_it_stores_bytes_under_their_sha256(settings: Any) -> None:
    blob = receive([CONTENT[:5], CONTENT[5:]])
    assert (blob.sha256, blob.md5, blob.size) == (SHA256, MD5, len(CONTENT))
    assert (settings.BLOB_ROOT / SHA256[:2] / SHA256[2:4] / SHA256).read_bytes() == CONTENT
    assert files_below(settings.STAGING_ROOT) == []


def test_it_takes_what_was_announced() -> None:
    blob = receive([CONTENT], expected_size=len(CONTENT), expected_md5=MD5, expected_sha256=SHA256)
    assert blob.sha256 == SHA256


def test_it_takes_an_empty_file() -> None:
    assert receive([]).size == 0


def test_the_same_bytes_twice_give_one_blob(settings: Any) -> None:
    assert receive([CONTENT]) == receive([CONTENT])
    assert Blob.objects.count() == 1
    assert len(files_below(settings.BLOB_ROOT)) == 1


def test_the_same_bytes_again_mend_a_damaged_blob() -> None:
    blob = receive([CONTENT])
    blobs.local_path(blob).write_bytes(b"bit rot")
    receive([CONTENT])
    assert blobs.is_intact(blob)


def test_the_same_bytes_again_bring_back_a_lost_file() -> None:
    blob = receive([CONTENT])
    blobs.local_path(blob).unlink()
    receive([CONTENT])
    assert blobs.is_intact(blob)


@pytest.mark.usefixtures("nothing_is_left")
def test_it_rejects_a_file_above_the_limit_on_the_chunk_that_passes_it() -> None:
    taken = []

    def chunks() -> Any:
        for number in range(100):
            taken.append(number)
            yield b"x" * 10

    with pytest.raises(FileTooLarge):
        receive(chunks(), limit=25)
    assert taken == [0, 1, 2]


def test_it_takes_a_file_of_exactly_the_limit() -> None:
    assert receive([b"x" * 25], limit=25).size == 25


@pytest.mark.usefixtures("nothing_is_left")
def test_it_rejects_an_announced_size_above_the_limit_before_any_byte() -> None:
    with pytest.raises(FileTooLarge):
        Intake(limit=25, expected_size=26)


@pytest.mark.usefixtures("nothing_is_left")
def test_the_limit_of_the_settings_holds_where_none_is_given(settings: Any) -> None:
    settings.MAX_FILE_BYTES = 3
    with pytest.raises(FileTooLarge):
        receive([b"four"])


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1])
def test_it_rejects_a_truncated_upload(size: int) -> None:
    with pytest.raises(UploadTruncated):
        receive([CONTENT], expected_size=size)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("announced", [{"expected_md5": "0" * 32}, {"expected_sha256": "0" * 64}])
def test_it_rejects_other_bytes_than_were_announced(announced: dict[str, str]) -> None:
    with pytest.raises(DigestMismatch):
        receive([CONTENT], **announced)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("announced", [{"expected_md5": MD5.upper()}, {"expected_sha256": SHA256.upper()}])
def test_it_rejects_an_upper_case_digest(announced: dict[str, str]) -> None:
    with pytest.raises(UppercaseDigest):
        receive([CONTENT], **announced)


@pytest.mark.usefixtures("nothing_is_left")
@pytest.mark.parametrize("digest", ["", "0" * 31, "0" * 33, "g" * 32, "0" * 31 + "\n", "٣" * 32])
def test_it_rejects_a_malformed_digest(digest: str) -> None:
    with pytest.raises(MalformedDigest):
        receive([CONTENT], expected_md5=digest)


@pytest.mark.usefixtures("nothing_is_left")
def test_it_rejects_bytes_below_the_free_disk_floor(settings: Any) -> None:
    settings.MIN_FREE_DISK_BYTES = 2**62
    with pytest.raises(StorageFull):
        receive([CONTENT])


@pytest.mark.usefixtures("nothing_is_left")
def test_it_looks_at_the_free_disk_again_while_bytes_arrive(settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(intake, "FREE_SPACE_INTERVAL", 10)
    with Intake() as incoming:
        incoming.write(b"x" * 8)
        settings.MIN_FREE_DISK_BYTES = 2**62
        with pytest.raises(StorageFull):
            incoming.write(b"x" * 8)


@pytest.mark.usefixtures("nothing_is_left")
def test_a_disk_that_is_full_is_told_as_such(monkeypatch: Any) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageFull):
        receive([CONTENT])


@pytest.mark.usefixtures("nothing_is_left")
def test_a_sender_that_fails_leaves_nothing() -> None:
    def chunks() -> Any:
        yield CONTENT
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        receive(chunks())


@pytest.mark.usefixtures("nothing_is_left")
def test_an_aborted_intake_leaves_nothing() -> None:
    incoming = Intake()
    incoming.write(CONTENT)
    incoming.abort()


def test_a_failure_of_the_database_leaves_no_row_and_a_whole_file_at_most(settings: Any, monkeypatch: Any) -> None:
    def fail(blob: Blob) -> Blob:
        raise ConnectionError

    monkeypatch.setattr(intake, "_touch", fail)
    with pytest.raises(ConnectionError):
        receive([CONTENT])
    assert not Blob.objects.exists()
    assert all(path.read_bytes() == CONTENT for path in files_below(settings.BLOB_ROOT))


def test_staging_on_another_file_system_works_too(settings: Any, monkeypatch: Any) -> None:
    rename = os.replace

    def across(source: Any, target: Any) -> None:
        if Path(source).parent == settings.STAGING_ROOT:
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        rename(source, target)

    monkeypatch.setattr(os, "replace", across)
    blob = receive([CONTENT])
    assert blobs.is_intact(blob)
    assert files_below(settings.STAGING_ROOT) == []
    assert len(files_below(settings.BLOB_ROOT)) == 1


def test_old_leftovers_are_swept_and_running_uploads_are_not(settings: Any) -> None:
    left = settings.STAGING_ROOT / "intake-left"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))
    with Intake() as running:
        running.write(CONTENT)
        assert sweep_staging() == 1
        assert not left.exists()
        assert running.finish().sha256 == SHA256


@pytest.mark.parametrize("name", ["tmp1234.upload.bin", ".hidden", "tmpfolder/deep/weights.onnx"])
def test_what_is_left_is_swept_whatever_its_name(name: str, settings: Any) -> None:
    left = settings.STAGING_ROOT / name
    left.parent.mkdir(parents=True, exist_ok=True)
    left.write_bytes(b"left")
    for path in [*settings.STAGING_ROOT.rglob("*")]:
        os.utime(path, (0, 0))

    assert sweep_staging() == 1
    assert list(settings.STAGING_ROOT.iterdir()) == []


def test_a_folder_stays_while_something_in_it_is_young(settings: Any) -> None:
    folder = settings.STAGING_ROOT / "tmpfolder"
    folder.mkdir()
    (folder / "weights.onnx").write_bytes(b"in work")
    os.utime(folder, (0, 0))

    assert sweep_staging() == 0


@pytest.mark.django_db(transaction=True)
def test_concurrent_uploads_of_one_file_all_succeed(settings: Any) -> None:
    barrier = threading.Barrier(6)
    results: list[Any] = []

    def upload() -> None:
        try:
            barrier.wait()
            results.append(receive([CONTENT] * 50).sha256)
        except Exception as error:
            results.append(error)
        finally:
            close_old_connections()
            from django.db import connection

            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [hashlib.sha256(CONTENT * 50).hexdigest()] * 6
    assert Blob.objects.count() == 1
    assert len(files_below(settings.BLOB_ROOT)) == 1
    assert files_below(settings.STAGING_ROOT) == []
