from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from packages_app.errors import AddressExpired, AddressInvalid
from packages_app.services.signing import Grant, download_path, verify

SHA256 = "ab" * 32
NAME = "weights.onnx"
NOW = 1_800_000_000


def query_of(**options: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(download_path(SHA256, NAME, now=NOW, **options)).query))


def test_an_address_has_the_digest_and_the_name_in_its_path() -> None:
    assert urlsplit(download_path(SHA256, NAME)).path == f"/files/{SHA256}/{NAME}"


def test_an_address_is_verified_as_what_it_was_made_for() -> None:
    assert verify(SHA256, NAME, query_of(token_prefix="abc"), now=NOW) == Grant(SHA256, "abc")
    assert verify(SHA256, NAME, query_of(), now=NOW) == Grant(SHA256, "")


def test_an_address_lives_for_hours_and_not_longer(settings: Any) -> None:
    settings.DOWNLOAD_LIFETIME_SECONDS = 7200
    verify(SHA256, NAME, query_of(), now=NOW + 7199)
    with pytest.raises(AddressExpired):
        verify(SHA256, NAME, query_of(), now=NOW + 7200)


@pytest.mark.parametrize(
    "change",
    [
        {"expires": "1999999999"},
        {"expires": ""},
        {"expires": "-1"},
        {"expires": "1e99"},
        {"expires": "9" * 5000},
        {"token": "other"},
        {"token": ""},
        {"signature": ""},
        {"signature": "A" * 43},
        {"signature": "\u00e9"},
        {"signature": "\udcff"},
    ],
)
def test_a_changed_address_is_invalid(change: dict[str, str]) -> None:
    with pytest.raises(AddressInvalid):
        verify(SHA256, NAME, {**query_of(token_prefix="abc"), **change}, now=NOW)


@pytest.mark.parametrize("missing", ["expires", "signature", "token"])
def test_an_address_that_was_cut_off_is_invalid(missing: str) -> None:
    query = query_of(token_prefix="abc")
    del query[missing]
    with pytest.raises(AddressInvalid):
        verify(SHA256, NAME, query, now=NOW)


def test_an_address_opens_no_other_blob() -> None:
    with pytest.raises(AddressInvalid):
        verify("cd" * 32, NAME, query_of(), now=NOW)


def test_an_address_gives_no_other_name() -> None:
    with pytest.raises(AddressInvalid):
        verify(SHA256, "setup.exe", query_of(), now=NOW)


def test_parts_cannot_be_moved_across_their_borders() -> None:
    query = query_of(token_prefix="abc")
    with pytest.raises(AddressInvalid):
        verify(SHA256, f"{NAME}\x00{query['expires']}", {**query, "expires": "abc", "token": ""}, now=NOW)


def test_a_retired_key_still_opens_what_it_signed(settings: Any) -> None:
    query = query_of()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another key of enough characters, surely"
    verify(SHA256, NAME, query, now=NOW)
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(AddressInvalid):
        verify(SHA256, NAME, query, now=NOW)


def test_the_key_is_not_the_secret_key_itself(settings: Any) -> None:
    query = query_of()
    message = "\x00".join([SHA256, NAME, query["expires"], ""]).encode()
    assert query["signature"] not in hmac.new(settings.SECRET_KEY.encode(), message, "sha256").hexdigest()


def test_signatures_are_compared_in_constant_time(monkeypatch: Any) -> None:
    compared = []
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append((one, other)) or False)
    with pytest.raises(AddressInvalid):
        verify(SHA256, NAME, query_of(), now=NOW)
    assert len(compared) == 1
