"""Every operation of the OpenAPI document, asked with what can be made from the document.

No answer may be a 5xx, have a status or a content type that the document does not know, or break its schema.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from typing import Any

import openapi_spec_validator
import pytest
import schemathesis
from django.test import Client
from django.urls import Resolver404, resolve
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as openapi_checks

from config.wsgi import application
from inference_app.dialects.open_inference.unsupported import OF_A_MODEL, OF_THE_SERVER
from inference_app.dialects.sdk.unsupported import NOT_OFFERED
from registry.services.tokens import create_token
from tests.routes import combinations, routes

EXAMPLES_EACH = 15
LEFT_OUT = [
    # Public models need no token, so that a request without one need not be refused.
    openapi_checks.ignored_auth,
    # Query strings are texts, and more is refused than the document can say.
    openapi_checks.positive_data_acceptance,
    openapi_checks.negative_data_rejection,
]


METHODS = ("get", "post", "put", "patch", "delete")


def document() -> dict[str, Any]:
    answer = Client().get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return answer.json()


def documented() -> dict[str, set[str]]:
    """The methods that the document has for each pattern of the resolver."""
    found: dict[str, set[str]] = {}
    for path, item in document()["paths"].items():
        found.setdefault(_pattern(path), set()).update(set(item) & set(METHODS))
    return found


def _pattern(path: str) -> str:
    """The pattern of the resolver that answers a path of the document."""
    for values in combinations(re.findall(r"\{(\w+)\}", path)):
        with contextlib.suppress(Resolver404):
            return "/" + resolve(path.format(**values)).route
    raise LookupError(path)


@pytest.mark.django_db
def test_every_address_has_an_entry_for_every_method_that_it_answers(
    model_host: None, push_demo: Callable[..., Any]
) -> None:
    push_demo(public=True)
    described, client = documented(), Client(enforce_csrf_checks=True)
    for route in routes():
        if route.pattern.startswith("/admin/"):
            continue
        statuses = {method: client.generic(method.upper(), route.example).status_code for method in METHODS}
        if set(statuses.values()) == {501}:
            assert route.pattern not in described
            continue
        answered = {method for method, status in statuses.items() if status != 405}
        if answered == set(METHODS):
            # An address that answers everything alike needs to be described once.
            answered = described.get(route.pattern) or answered
        assert described.get(route.pattern) == answered, route.pattern


def test_what_is_not_offered_is_told_as_such() -> None:
    about = " ".join(tag["description"] for tag in document()["tags"])
    for name in (*NOT_OFFERED, *OF_THE_SERVER, *OF_A_MODEL):
        assert f"{name}`" in about


def test_the_document_is_valid_and_holds_no_notes_of_ours() -> None:
    found = document()
    openapi_spec_validator.validate(found)
    assert "dispatch" not in json.dumps(found)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(240)
def test_every_operation_keeps_its_promises(model_host: None, push_demo: Callable[..., Any], alpha: Any) -> None:
    push_demo(public=True)
    _, token = create_token(alpha, "schemathesis", ["read", "infer", "publish", "admin"])
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 35
    for operation in operations:
        _ask(operation, token)


def _ask(operation: Any, token: str) -> None:
    @settings(
        max_examples=EXAMPLES_EACH,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        case.validate_response(response, excluded_checks=LEFT_OUT)

    ask()
