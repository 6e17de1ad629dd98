from __future__ import annotations

import base64
from typing import Any

import pytest
from django.test import RequestFactory

from registry.errors import InvalidToken
from registry.request_identity import identify
from registry.services.tokens import ANONYMOUS

pytestmark = pytest.mark.django_db


def request(*, header: str | None = None, **query: str) -> Any:
    headers = {} if header is None else {"Authorization": header}
    return RequestFactory().get("/", query, headers=headers)


def basic(credentials: str) -> str:
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def test_without_a_key_it_is_nobody() -> None:
    assert identify(request()) == ANONYMOUS


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_a_bearer_token_is_read(alpha: Any, alpha_token: str, scheme: str) -> None:
    assert identify(request(header=f"{scheme} {alpha_token}")).workspace_id == alpha.pk


@pytest.mark.parametrize("template", ["anyone:{}", ":{}", "{}:", "{}:x", "user:with:colons"])
def test_basic_credentials_of_a_netrc_are_read(alpha: Any, alpha_token: str, template: str) -> None:
    header = basic(template.format(alpha_token))
    if "{}" not in template:
        with pytest.raises(InvalidToken):
            identify(request(header=header))
        return
    assert identify(request(header=header)).workspace_id == alpha.pk


def test_the_query_of_old_clients_is_read(alpha: Any, alpha_token: str) -> None:
    assert identify(request(api_key=alpha_token)).workspace_id == alpha.pk


def test_the_key_in_the_body_is_read(alpha: Any, alpha_token: str) -> None:
    assert identify(request(), body_key=alpha_token).workspace_id == alpha.pk


def test_the_header_goes_before_the_query(alpha: Any, alpha_token: str, beta_token: str) -> None:
    assert identify(request(header=f"Bearer {alpha_token}", api_key=beta_token)).workspace_id == alpha.pk


@pytest.mark.parametrize("nothing", ["", "None", "null", "local"])
def test_what_clients_send_for_no_key_is_nobody(nothing: str) -> None:
    assert identify(request(api_key=nothing), body_key=nothing) == ANONYMOUS


@pytest.mark.parametrize(
    "header", ["nonsense", "Digest abc", "Bearer nonsense", "Basic !!!", "Basic //8=", "Basic YQ", "Bearer wb_a_b"]
)
def test_a_header_that_holds_no_token_of_ours_is_refused(header: str) -> None:
    with pytest.raises(InvalidToken):
        identify(request(header=header))


def test_a_wrong_header_does_not_fall_back_to_a_good_query(alpha_token: str) -> None:
    with pytest.raises(InvalidToken):
        identify(request(header="Bearer nonsense", api_key=alpha_token))
