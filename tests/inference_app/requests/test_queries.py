"""Fields of the query that nothing knows."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.helpers import assert_error, bearer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address", ["models", "models/shapes/1", "models/shapes/1/packages/{}", "machines", "environment"]
)
def test_an_unknown_field_is_refused_by_its_name(package: Any, alpha_token: str, address: str) -> None:
    address = f"/api/v1/{address.format(package.package_id)}"
    assert Client().get(address, headers=bearer(alpha_token)).status_code == 200
    assert Client().get(address, {"api_key": alpha_token}).status_code == 200
    error = assert_error(Client().get(f"{address}?sort=name", headers=bearer(alpha_token)), "invalid-request", 400)
    assert "'sort'" in error["message"]


def test_the_fields_that_there_are_are_named(alpha_token: str) -> None:
    answer = Client().get("/api/v1/models?pagesize=3", headers=bearer(alpha_token))
    assert "search, page, page_size" in answer.json()["message"]
