from __future__ import annotations

import hashlib
import hmac
import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from packages_app.models import Blob, Package
from packages_app.services import blobs, signing
from packages_app.services.publishing import withdraw
from registry.models import AccessToken
from registry.services.tokens import revoke_token
from tests.conftest import ONNX_FILES
from tests.helpers import assert_error

pytestmark = pytest.mark.django_db
CONTENT = ONNX_FILES["weights.onnx"]
ETAG = f'"{hashlib.sha256(CONTENT).hexdigest()}"'


@pytest.fixture
def address(package: Package, addresses: Any, alpha_token: str) -> str:
    return addresses("shapes/1", alpha_token)["weights.onnx"]


@pytest.fixture
def anonymous_address(public_package: Package, addresses: Any) -> str:
    return addresses("shapes/public")["weights.onnx"]


def get(address: str, **headers: str) -> Any:
    return Client().get(address, headers={name.replace("_", "-"): value for name, value in headers.items()})


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_it_sends_the_whole_file(address: str) -> None:
    response = get(address)
    assert response.status_code == 200
    assert body(response) == CONTENT
    headers = response.headers
    assert headers["Content-Length"] == str(len(CONTENT))
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["ETag"] == ETAG
    assert headers["Accept-Ranges"] == "bytes"
    assert headers["Content-Disposition"] == 'attachment; filename="weights.onnx"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "no-transform" in headers["Cache-Control"]
    assert "private" in headers["Cache-Control"]


def test_it_never_compresses(address: str) -> None:
    response = get(address, Accept_Encoding="gzip, deflate, br")
    assert "Content-Encoding" not in response.headers
    assert body(response) == CONTENT


def test_head_gives_the_length_and_no_body(address: str) -> None:
    response = Client().head(address)
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["ETag"] == ETAG


def test_head_ignores_a_range(address: str) -> None:
    response = Client().head(address, headers={"Range": "bytes=0-3"})
    assert response.status_code == 200
    assert response.headers["Content-Length"] == str(len(CONTENT))


@pytest.mark.parametrize(
    ("header", "start", "stop"), [("bytes=0-3", 0, 4), ("bytes=4-", 4, len(CONTENT)), ("bytes=-5", -5, len(CONTENT))]
)
def test_it_sends_one_range(address: str, header: str, start: int, stop: int) -> None:
    response = get(address, Range=header)
    assert response.status_code == 206
    expected = CONTENT[start:stop]
    assert body(response) == expected
    first = start % len(CONTENT)
    assert response.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(CONTENT)}"
    assert response.headers["Content-Length"] == str(len(expected))
    assert response.headers["ETag"] == ETAG


def test_ranges_in_any_order_make_up_the_file(address: str) -> None:
    parts = {start: body(get(address, Range=f"bytes={start}-{start + 9}")) for start in range(40, -1, -10)}
    assert b"".join(parts[start] for start in sorted(parts)) == CONTENT


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=5-1", "lines=0-1", "nonsense"])
def test_several_ranges_or_an_unreadable_one_give_the_whole_file(address: str, header: str) -> None:
    response = get(address, Range=header)
    assert response.status_code == 200
    assert body(response) == CONTENT


def test_a_range_outside_of_the_file_gives_416(address: str) -> None:
    response = get(address, Range="bytes=1000-")
    assert_error(response, "range-not-satisfiable", 416)
    assert response.headers["Content-Range"] == f"bytes */{len(CONTENT)}"
    assert response.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("if_range", "status"), [(ETAG, 206), ('"other"', 200), ("Wed, 21 Oct 2026 07:28:00 GMT", 200)]
)
def test_if_range_decides_whether_the_range_stands(address: str, if_range: str, status: int) -> None:
    assert get(address, Range="bytes=0-3", If_Range=if_range).status_code == status


def test_what_the_client_has_already_is_not_sent(address: str) -> None:
    response = get(address, If_None_Match=ETAG)
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["Content-Length"] == str(len(CONTENT))
    assert response.headers["ETag"] == ETAG
    assert get(address, If_None_Match='"other"').status_code == 200


def test_if_match_guards_against_another_file(address: str) -> None:
    assert get(address, If_Match=ETAG).status_code == 200
    assert_error(get(address, If_Match='"other"'), "precondition-failed", 412)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_answers_no_other_method(address: str, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(address)
    assert_error(response, "method-not-allowed", 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_nested_files_are_named_by_their_last_part(
    model: Any, make_package: Any, addresses: Any, alpha_token: str
) -> None:
    make_package(model, "hugging-face", files={"vit/config.json": b"{}"}, quantization="fp32")
    address = addresses("shapes/1", alpha_token)["vit/config.json"]
    assert get(address).headers["Content-Disposition"] == 'attachment; filename="config.json"'


def test_an_address_needs_no_credentials_and_ignores_foreign_ones(address: str) -> None:
    assert get(address).status_code == 200
    assert get(address, Authorization="Basic bmV0cmM6b3RoZXI=").status_code == 200


def test_an_expired_address_is_refused(package: Package, settings: Any) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    long_ago = time.time() - settings.DOWNLOAD_LIFETIME_SECONDS - 1
    address = signing.download_path(digest, "weights.onnx", now=long_ago)
    assert_error(get(address), "download-address-expired", 403)


@pytest.mark.parametrize(
    "damage",
    [
        lambda address: address.replace("weights.onnx", "setup.exe"),
        lambda address: address.replace("expires=1", "expires=2"),
        lambda address: address[:-1],
        lambda address: address.partition("?")[0],
        lambda address: "/files/" + "0" * 64 + address[71:],
        lambda address: "/files/nonsense" + address[71:],
    ],
)
def test_a_changed_address_is_refused(address: str, damage: Any) -> None:
    assert_error(get(damage(address)), "download-address-invalid", 403)


def test_an_address_of_one_file_does_not_open_another(package: Package, addresses: Any, alpha_token: str) -> None:
    files = addresses("shapes/1", alpha_token)
    query = files["weights.onnx"].partition("?")[2]
    path = files["class_names.txt"].partition("?")[0]
    assert_error(get(f"{path}?{query}"), "download-address-invalid", 403)


def test_an_address_dies_with_the_token_that_got_it(address: str) -> None:
    token = AccessToken.objects.get()
    revoke_token(token)
    assert_error(get(address), "download-address-revoked", 403)


@pytest.mark.parametrize(
    "end",
    [
        lambda token: AccessToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda token: AccessToken.objects.update(can_read=False, can_infer=True),
        lambda token: token.delete(),
    ],
)
def test_an_address_dies_with_the_right_of_its_token(address: str, end: Any) -> None:
    end(AccessToken.objects.get())
    assert_error(get(address), "download-address-revoked", 403)


def test_another_token_is_not_affected(address: str, addresses: Any, make_token: Any, alpha: Any) -> None:
    other = make_token(alpha, "read")
    other_address = addresses("shapes/1", other)["weights.onnx"]
    revoke_token(AccessToken.objects.order_by("pk").first())
    assert get(other_address).status_code == 200


def test_an_address_dies_when_its_package_is_withdrawn(address: str, package: Package) -> None:
    withdraw(package)
    assert_error(get(address), "download-address-revoked", 403)


def test_a_file_that_another_published_package_shares_stays(
    address: str, package: Package, model: Any, make_package: Any
) -> None:
    make_package(model, files={"weights.onnx": CONTENT})
    withdraw(package)
    assert get(address).status_code == 200


def test_a_file_that_only_a_foreign_package_shares_does_not_stay(
    address: str, package: Package, beta: Any, make_model: Any, make_package: Any
) -> None:
    make_package(make_model("beta/1", workspace=beta))
    withdraw(package)
    assert_error(get(address), "download-address-revoked", 403)


def test_an_address_got_without_a_token_opens_files_of_public_models(anonymous_address: str) -> None:
    assert "token=" not in anonymous_address
    assert body(get(anonymous_address)) == CONTENT


def test_an_address_got_without_a_token_dies_when_the_model_becomes_private(
    anonymous_address: str, public_package: Package
) -> None:
    public_package.model.is_public = False
    public_package.model.save()
    assert_error(get(anonymous_address), "download-address-revoked", 403)


def test_an_address_got_without_a_token_dies_with_the_last_public_package(
    anonymous_address: str, public_package: Package, package: Package
) -> None:
    withdraw(public_package)
    assert_error(get(anonymous_address), "download-address-revoked", 403)


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_that_the_storage_lost_gives_503(address: str, package: Package, method: str) -> None:
    blobs.local_path(package.files.get(handle="weights.onnx").blob).unlink()
    response = getattr(Client(), method)(address)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"


def test_a_file_of_another_size_is_not_begun(address: str, package: Package) -> None:
    blobs.local_path(package.files.get(handle="weights.onnx").blob).write_bytes(b"cut")
    assert_error(get(address), "blob-unavailable", 503)


def test_a_database_that_does_not_answer_gives_503(address: str, monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("connection to server at 10.0.0.1 failed")

    monkeypatch.setattr("packages_app.services.downloads._workspace_of", fail)
    response = get(address)
    error = assert_error(response, "service-unavailable", 503)
    assert "10.0.0.1" not in error["message"]
    assert response.headers["Retry-After"] == "2"


def test_nginx_is_told_where_the_file_is(address: str, settings: Any) -> None:
    settings.BLOB_DELIVERY = "accel"
    digest = hashlib.sha256(CONTENT).hexdigest()
    response = get(address, Range="bytes=0-3")
    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["X-Accel-Redirect"] == f"/internal-blobs/{digest[:2]}/{digest[2:4]}/{digest}"
    assert response.headers["Content-Disposition"] == 'attachment; filename="weights.onnx"'
    head = Client().head(address)
    assert head.headers["Content-Length"] == str(len(CONTENT))
    assert "X-Accel-Redirect" not in head.headers


def test_a_download_takes_two_queries(address: str, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        get(address)


def test_a_closed_connection_closes_the_file(address: str, monkeypatch: Any) -> None:
    opened = []
    original = blobs.blob_store().__class__.open

    def spy(store: Any, key: str) -> Any:
        opened.append(original(store, key))
        return opened[-1]

    monkeypatch.setattr(blobs.blob_store().__class__, "open", spy)
    response = get(address)
    next(iter(response.streaming_content))
    response.close()
    assert [file.closed for file in opened] == [True]


def test_neither_signature_nor_token_reaches_the_log(
    address: str, alpha_token: str, server_log: Any, monkeypatch: Any
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError(f"while answering {address} for {alpha_token}")

    get(address)
    get(address.replace("weights", "other"))
    monkeypatch.setattr("packages_app.services.downloads._workspace_of", fail)
    response = Client(raise_request_exception=False).get(address)
    assert_error(response, "internal-error", 500)
    log = server_log.getvalue()
    assert log.count("path=/files/") == 3
    assert "while answering" in log
    assert address.partition("signature=")[2].partition("&")[0] not in log
    assert alpha_token.split("_", 2)[-1] not in log


def test_the_signature_is_compared_in_constant_time(address: str, monkeypatch: Any) -> None:
    original, compared = hmac.compare_digest, []
    monkeypatch.setattr(hmac, "compare_digest", lambda *pair: compared.append(pair) or original(*pair))
    get(address)
    assert len(compared) == 1


@pytest.fixture
def damaged(package: Package) -> Blob:
    """The blob of the weights, other bytes of the same number in its place."""
    blob = package.files.get(handle="weights.onnx").blob
    path = blobs.local_path(blob)
    assert path is not None
    path.write_bytes(bytes([255]) * blob.size)
    return blob


@pytest.mark.parametrize("header", [{}, {"Range": "bytes=0-1"}])
@pytest.mark.parametrize("method", ["get", "head"])
def test_a_file_that_is_known_to_be_damaged_is_not_sent(
    address: str, damaged: Blob, method: str, header: dict[str, str]
) -> None:
    assert not blobs.verify(damaged)
    response = getattr(Client(), method)(address, headers=header)
    assert response.status_code == 503
    if method == "get":
        assert_error(response, "blob-damaged", 503)


def test_damage_is_found_by_the_download_itself(address: str, damaged: Blob) -> None:
    assert_error(get(address), "blob-damaged", 503)
    assert_error(get(address, Range="bytes=0-1"), "blob-damaged", 503)


def test_a_damaged_file_is_sent_again_once_the_same_bytes_were_pushed_anew(
    address: str, damaged: Blob, make_blob: Any
) -> None:
    assert_error(get(address), "blob-damaged", 503)
    make_blob(CONTENT)
    assert body(get(address)) == CONTENT
