"""The object store, against an imitation of S3 in this process."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from django.test import Client
from moto import mock_aws

from packages_app.errors import BlobUnavailable
from packages_app.services import blobs, stores
from packages_app.services.stores import ObjectStore, blob_store
from tests.helpers import assert_error

CONTENT = b"0123456789"
S3_OPTIONS = {"signature_version": "s3v4", "default_acl": None, "file_overwrite": True}


@pytest.fixture
def bucket(settings: Any, monkeypatch: Any) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        resource = boto3.resource("s3", region_name="us-east-1")
        settings.BLOB_STORE = "s3"
        settings.BLOB_DELIVERY = "redirect"
        settings.STORAGES = {
            **settings.STORAGES,
            "blobs": {
                "BACKEND": "storages.backends.s3.S3Storage",
                "OPTIONS": {**S3_OPTIONS, "bucket_name": "blobs", "region_name": "us-east-1", "location": "below/this"},
            },
        }
        yield resource.create_bucket(Bucket="blobs")


@pytest.fixture
def store(bucket: Any) -> ObjectStore:
    store = blob_store()
    assert isinstance(store, ObjectStore)
    return store


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.django_db
def test_intake_stores_in_the_bucket_and_leaves_nothing_on_the_disk(bucket: Any, make_blob: Any, settings: Any) -> None:
    blob = make_blob(CONTENT)
    assert [item.key for item in bucket.objects.all()] == [f"below/this/{blob.storage_key}"]
    assert list(settings.STAGING_ROOT.iterdir()) == []
    assert blobs.local_path(blob) is None
    assert blobs.is_intact(blob)
    assert b"".join(blobs.read_blob(blob, start=3, length=4)) == b"3456"


def test_a_second_upload_of_the_same_key_is_no_error(store: ObjectStore, source: Path, monkeypatch: Any) -> None:
    store.put(source, "ab/cd/key")
    # As if another upload had finished between the look and the upload.
    monkeypatch.setattr(ObjectStore, "size", lambda self, key: None)
    store.put(source, "ab/cd/key")


def test_an_object_of_another_size_is_replaced(store: ObjectStore, bucket: Any, source: Path) -> None:
    bucket.put_object(Key="below/this/ab/cd/key", Body=b"short")
    store.put(source, "ab/cd/key")
    assert store.size("ab/cd/key") == len(CONTENT)


def test_a_large_file_goes_up_in_parts(store: ObjectStore, source: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(stores, "PART_BYTES", 6 * 1024 * 1024)
    source.write_bytes(b"x" * (13 * 1024 * 1024))
    store.put(source, "ab/cd/key")
    assert store.size("ab/cd/key") == 13 * 1024 * 1024


def test_an_upload_in_parts_that_fails_leaves_nothing(
    store: ObjectStore, bucket: Any, source: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(stores, "PART_BYTES", 4)
    monkeypatch.setattr(store._client, "upload_part", fail_with("InternalError"))
    monkeypatch.setattr(ObjectStore, "_client", store._client)
    with pytest.raises(BlobUnavailable):
        store.put(source, "ab/cd/key")
    assert list(bucket.objects.all()) == []
    assert list(bucket.multipart_uploads.all()) == []


@pytest.mark.django_db
def test_objects_without_a_record_are_found_beyond_the_first_page_and_others_are_left(
    store: ObjectStore, bucket: Any, make_blob: Any, monkeypatch: Any
) -> None:
    kept = make_blob(CONTENT)
    orphans = [f"below/this/00/00/{number:064x}" for number in range(1005)]
    for key in (*orphans, "below/this/notes.txt", "elsewhere/00/00/" + "0" * 64):
        bucket.put_object(Key=key, Body=b"x")
    assert blobs.delete_unknown() == 0, "they may belong to uploads that are under way"
    assert blobs.delete_unknown(grace=timedelta(seconds=-5)) == len(orphans)
    assert {item.key for item in bucket.objects.all()} == {
        f"below/this/{kept.storage_key}",
        "below/this/notes.txt",
        "elsewhere/00/00/" + "0" * 64,
    }


@pytest.mark.django_db
def test_uploads_in_parts_that_were_killed_are_ended_once_they_are_old(store: ObjectStore, bucket: Any) -> None:
    address = store._object("ab/cd/" + "ab" * 32)
    store._client.create_multipart_upload(**address)
    store._client.create_multipart_upload(Bucket="blobs", Key="elsewhere")
    now = datetime.now(UTC)
    assert (store.sweep(datetime(2000, 1, 1, tzinfo=UTC)), len(list(bucket.multipart_uploads.all()))) == (0, 2)
    # The imitation gives every upload one date, long ago.
    assert store.sweep(now + timedelta(seconds=5)) == 1
    assert [upload.object_key for upload in bucket.multipart_uploads.all()] == ["elsewhere"]


@pytest.mark.parametrize(("delivery", "modes"), [("stream", (0o700, 0o600)), ("accel", (0o750, 0o640))])
@pytest.mark.django_db
def test_files_are_closed_except_to_the_group_that_delivers_them(
    make_blob: Any, settings: Any, delivery: str, modes: tuple[int, int]
) -> None:
    settings.BLOB_DELIVERY = delivery
    path = blobs.local_path(make_blob(CONTENT))
    assert path is not None
    found = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent, path.parent.parent)]
    assert found == [modes[1], modes[0], modes[0]]
    assert path.stat().st_gid == Path(settings.BLOB_ROOT).stat().st_gid


def test_what_is_not_there_has_no_size_and_cannot_be_opened(store: ObjectStore) -> None:
    assert store.size("ab/cd/none") is None
    with pytest.raises(BlobUnavailable):
        store.open("ab/cd/none")


def test_deleting_twice_is_no_error(store: ObjectStore, source: Path) -> None:
    store.put(source, "ab/cd/key")
    store.delete("ab/cd/key")
    store.delete("ab/cd/key")
    assert store.size("ab/cd/key") is None


def test_a_store_that_does_not_answer_is_unavailable(store: ObjectStore, monkeypatch: Any) -> None:
    client = store._client
    monkeypatch.setattr(client, "head_object", fail_with("SlowDown"))
    monkeypatch.setattr(ObjectStore, "_client", client)
    with pytest.raises(BlobUnavailable) as caught:
        store.size("ab/cd/key")
    assert "blobs" not in caught.value.message


@pytest.mark.django_db
def test_a_download_is_sent_on_to_the_bucket(bucket: Any, package: Any, addresses: Any, alpha_token: str) -> None:
    address = addresses("shapes/1", alpha_token)["weights.onnx"]
    head = Client().head(address)
    assert head.status_code == 200
    assert head.headers["Content-Length"] == str(len(b"not really a network, yet bytes all the same"))
    response = Client().get(address)
    assert response.status_code == 302
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "X-Amz-Signature" in response.headers["Location"]


@pytest.mark.django_db
def test_nginx_is_told_the_signed_address_in_the_bucket(
    bucket: Any, package: Any, addresses: Any, alpha_token: str, settings: Any
) -> None:
    settings.BLOB_DELIVERY = "accel"
    settings.BLOB_ACCEL_PREFIX = "/internal-objects/"
    address = addresses(package.model.model_id, alpha_token)["weights.onnx"]
    response = Client().get(address)
    assert (response.status_code, response.content) == (200, b"")
    path, _, query = response.headers["X-Accel-Redirect"].partition("?")
    assert path.startswith("/internal-objects/below/this/")
    assert "X-Amz-Signature=" in query


@pytest.mark.django_db
def test_a_bucket_can_be_streamed_through(
    bucket: Any, package: Any, addresses: Any, alpha_token: str, settings: Any
) -> None:
    settings.BLOB_DELIVERY = "stream"
    address = addresses("shapes/1", alpha_token)["class_names.txt"]
    response = Client().get(address, headers={"Range": "bytes=2-4"})
    assert response.status_code == 206
    assert b"".join(response.streaming_content) == b"rcl"


@pytest.mark.django_db
def test_a_bucket_that_lost_the_file_gives_503(
    bucket: Any, package: Any, addresses: Any, alpha_token: str, settings: Any
) -> None:
    settings.BLOB_DELIVERY = "stream"
    address = addresses("shapes/1", alpha_token)["class_names.txt"]
    bucket.objects.all().delete()
    response = Client().get(address)
    assert_error(response, "blob-unavailable", 503)
    assert response.headers["Retry-After"] == "5"


def fail_with(code: str) -> Any:
    def fail(**_: Any) -> None:
        raise ClientError({"Error": {"Code": code}}, "Operation")

    return fail


@pytest.mark.parametrize("part", [stores.PART_BYTES, 5 * 1024 * 1024])
def test_an_object_of_other_bytes_is_replaced_and_equal_ones_stay(
    store: ObjectStore, bucket: Any, tmp_path: Path, monkeypatch: Any, part: int
) -> None:
    monkeypatch.setattr(stores, "PART_BYTES", part)
    whole = bytes(6 * 1024 * 1024)
    source = tmp_path / "source"
    source.write_bytes(whole)
    store.put(source, "ab/cd/key")
    item = bucket.Object("below/this/ab/cd/key")
    first = item.last_modified
    monkeypatch.setattr(stores.ObjectStore, "_put_parts", lambda *_: pytest.fail("it was sent again"))
    store.put(source, "ab/cd/key")
    assert item.last_modified == first
    monkeypatch.undo()
    monkeypatch.setattr(stores, "PART_BYTES", part)
    item.put(Body=b"rot" + whole[3:])
    store.put(source, "ab/cd/key")
    assert item.get()["Body"].read() == whole


@pytest.mark.django_db
def test_the_same_bytes_pushed_anew_heal_a_damaged_object(bucket: Any, make_blob: Any, monkeypatch: Any) -> None:
    blob = make_blob(CONTENT)
    bucket.put_object(Key=f"below/this/{blob.storage_key}", Body=b"0123456780")
    assert not blobs.verify(blob)
    # Where a store's ETag says nothing of the bytes, what was found is enough.
    monkeypatch.setattr(stores, "_has_content", lambda *_: True)
    assert make_blob(CONTENT).damaged_at is None
    assert blobs.is_intact(blob)


@pytest.mark.django_db
def test_a_store_that_does_not_answer_is_no_damage(bucket: Any, make_blob: Any, monkeypatch: Any) -> None:
    blob = make_blob(CONTENT)

    def refuse(*_: Any, **__: Any) -> Any:
        raise BlobUnavailable

    monkeypatch.setattr(ObjectStore, "_head", refuse)
    with pytest.raises(BlobUnavailable):
        blobs.verify(blob)
    blob.refresh_from_db()
    assert blob.damaged_at is None
