"""Every operation of the OpenAPI document, asked with what can be made from the document.

No answer may be a 5xx, have a status or a content type that the document does not know, or break its schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks as openapi_checks

from config.wsgi import application
from registry.services.tokens import create_token

EXAMPLES = 15
LEFT_OUT = [
    # Public models need no token, so that a request without one need not be refused.
    openapi_checks.ignored_auth,
    # Query strings are texts, and more is refused than the document can say.
    openapi_checks.positive_data_acceptance,
    openapi_checks.negative_data_rejection,
]


def document() -> dict[str, Any]:
    answer = Client().get("/api/schema", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(240)
def test_every_operation_keeps_its_promises(model_host: None, push_demo: Callable[..., Any], alpha: Any) -> None:
    push_demo(public=True)
    _, token = create_token(alpha, "schemathesis", ["read", "infer", "publish", "admin"])
    schema = schemathesis.openapi.from_dict(document())
    schema.app = application
    operations = [result.ok() for result in schema.get_all_operations()]
    assert len(operations) >= 7
    for operation in operations:
        _ask(operation, token)


def _ask(operation: Any, token: str) -> None:
    @settings(
        max_examples=EXAMPLES,
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
