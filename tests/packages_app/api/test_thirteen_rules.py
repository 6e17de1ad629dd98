"""The thirteen rules that a provider must obey for real clients, each by its number."""

from __future__ import annotations

import base64
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import OperationalError
from django.test import Client

from packages_app.errors import InvalidFileHandle, PackageIncomplete
from packages_app.services import blobs
from packages_app.services.drafting import add_file
from packages_app.services.publishing import mark_ready, withdraw
from tests.conftest import ONNX_FILES
from tests.helpers import assert_error, bearer

pytestmark = pytest.mark.django_db


def entries(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content
    return response.json()["modelMetadata"]["modelPackages"]


def test_rule_1_one_address_without_a_trailing_slash_answers_model_metadata(
    package: Any, client: Any, alpha_token: str
) -> None:
    response = client.get("/models/v1/external/weights?modelId=shapes%2F1", headers=bearer(alpha_token))
    assert response.status_code == 200
    assert list(response.json()) == ["modelMetadata"]


def test_rule_2_the_key_is_taken_from_the_header_the_query_and_a_netrc_and_kept_out_of_logs(
    package: Any, client: Any, alpha_token: str, server_log: Any
) -> None:
    def basic(user: str, password: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}

    address = "/models/v1/external/weights?modelId=shapes/1"
    for query, headers in (
        ("", bearer(alpha_token)),
        (f"&api_key={alpha_token}", {}),
        ("", basic("anyone", alpha_token)),
        ("", basic(alpha_token, "")),
    ):
        assert client.get(address + query, headers=headers).status_code == 200
    assert "shapes" not in server_log.getvalue()
    assert alpha_token.split("_", 2)[2] not in server_log.getvalue()


def test_rule_3_file_addresses_are_absolute_and_authorise_themselves(package: Any, ask: Any, alpha_token: str) -> None:
    for file in entries(ask("shapes/1", alpha_token))[0]["packageFiles"]:
        address = urlsplit(file["downloadUrl"])
        assert address.scheme in {"http", "https"}
        assert address.netloc == "testserver"
        assert {"expires", "signature"} <= set(parse_qs(address.query))
        stranger = Client()
        head = stranger.head(f"{address.path}?{address.query}")
        assert head.headers["Accept-Ranges"] == "bytes"
        assert int(head.headers["Content-Length"]) == len(ONNX_FILES[file["fileHandle"]])
        part = stranger.get(f"{address.path}?{address.query}", headers={"Range": "bytes=1-3"})
        assert part.status_code == 206
        assert b"".join(part.streaming_content) == ONNX_FILES[file["fileHandle"]][1:4]


def test_rule_4_every_file_has_a_lower_case_md5(package: Any, ask: Any, alpha_token: str) -> None:
    files = entries(ask("shapes/1", alpha_token))[0]["packageFiles"]
    assert len(files) == len(ONNX_FILES)
    assert all(re.fullmatch("[0-9a-f]{32}", file["md5Hash"]) for file in files)


def test_rule_5_package_ids_are_letters_and_digits(package: Any, ask: Any, alpha_token: str) -> None:
    (entry,) = entries(ask("shapes/1", alpha_token))
    assert re.fullmatch("[A-Za-z0-9]{1,255}", entry["packageId"])


def test_rule_6_a_package_id_is_derived_from_content_and_another_content_has_another(
    model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    first = make_package(model)
    withdraw(first)
    changed = make_package(model, trusted=False)
    withdraw(changed)
    again = make_package(model)
    assert again.package_id == first.package_id != changed.package_id
    assert [entry["packageId"] for entry in entries(ask("shapes/1", alpha_token))] == [first.package_id]


@pytest.mark.parametrize("trusted", [True, False])
def test_rule_7_trusted_source_is_a_json_boolean(
    model: Any, make_package: Any, ask: Any, alpha_token: str, trusted: bool
) -> None:
    make_package(model, trusted=trusted)
    assert entries(ask("shapes/1", alpha_token))[0]["trustedSource"] is trusted


def test_rule_8_what_clients_would_refuse_is_not_published(model: Any, make_package: Any, make_blob: Any) -> None:
    package = make_package(model, "torch-script", state="draft", quantization="fp32", static_batch_size=1)
    with pytest.raises(PackageIncomplete):
        mark_ready(package)
    with pytest.raises(InvalidFileHandle):
        add_file(package, "../weights.torchscript", make_blob(b"x"))


def test_rule_9_addresses_live_for_hours(package: Any, ask: Any, alpha_token: str) -> None:
    address = entries(ask("shapes/1", alpha_token))[0]["packageFiles"][0]["downloadUrl"]
    expires = int(parse_qs(urlsplit(address).query)["expires"][0])
    assert expires - time.time() > 3600


@pytest.mark.parametrize("failing", ["registry.services.tokens._BY_PREFIX", "packages_app.services.provider.Package"])
def test_rule_10_a_failure_that_may_pass_is_503_and_never_500(
    package: Any, ask: Any, alpha_token: str, monkeypatch: Any, failing: str
) -> None:
    class Unreachable:
        @property
        def objects(self) -> Any:
            raise OperationalError("the server closed the connection")

        def first(self, **_: str) -> Any:
            raise OperationalError("the server closed the connection")

    monkeypatch.setattr(failing, Unreachable())
    response = ask("shapes/1", alpha_token)
    assert_error(response, "service-unavailable", 503)
    assert int(response.headers["Retry-After"]) > 0


def test_rule_10_holds_for_files_too(package: Any, addresses: Any, alpha_token: str, monkeypatch: Any) -> None:
    address = addresses("shapes/1", alpha_token)["weights.onnx"]

    def fail(*_: Any, **__: Any) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(blobs, "is_stored", fail)
    assert_error(Client().get(address), "service-unavailable", 503)


def test_rule_11_the_first_byte_does_not_wait_for_the_file(
    model: Any, make_package: Any, addresses: Any, alpha_token: str, monkeypatch: Any
) -> None:
    from packages_app.services import stores

    make_package(model, files={"weights.onnx": b"x" * (3 * 1024 * 1024)})
    address = addresses("shapes/1", alpha_token)["weights.onnx"]
    assert stores.READ_BYTES <= 1024 * 1024
    blocks = iter(Client().get(address).streaming_content)
    assert len(next(blocks)) == stores.READ_BYTES
    assert sum(map(len, blocks)) == 3 * 1024 * 1024 - stores.READ_BYTES


def test_rule_12_opset_and_precision_are_declared_as_they_are(
    model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    make_package(model, opset=19, quantization="unknown")
    manifest = entries(ask("shapes/1", alpha_token))[0]["packageManifest"]
    assert (manifest["opset"], manifest["quantization"]) == (19, "unknown")


def test_rule_13_next_page_is_never_an_empty_string(model: Any, make_package: Any, ask: Any, alpha_token: str) -> None:
    for number in range(3):
        make_package(model, files={"weights.onnx": b"%d" % number})
    pages = [ask("shapes/1", alpha_token, pageSize="2").json()["modelMetadata"]]
    pages.append(ask("shapes/1", alpha_token, pageSize="2", startAfter=pages[0]["nextPage"]).json()["modelMetadata"])
    pages.append(ask("shapes/1", alpha_token).json()["modelMetadata"])
    assert isinstance(pages[0]["nextPage"], str)
    assert pages[0]["nextPage"]
    assert "nextPage" not in pages[1]
    assert "nextPage" not in pages[2]
