from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from inference_app.dialects.native.serializers import EnvironmentDescription, MachineList
from inference_app.models import MachineRecord
from inference_app.services import environment
from negotiation import Environment
from tests.helpers import assert_error, bearer
from tests.inference_app.dialects.native.shapes import assert_shape


def test_it_describes_the_environment_with_sources_and_problems(
    client: Client, alpha_token: str, cpu_box: dict[str, Any]
) -> None:
    answer = client.get("/api/v1/environment", headers=bearer(alpha_token)).json()
    assert_shape(EnvironmentDescription(), answer)
    assert answer == cpu_box


def test_what_is_really_detected_has_the_described_shape(client: Client, alpha_token: str) -> None:
    environment.forget()
    answer = client.get("/api/v1/environment", headers=bearer(alpha_token)).json()
    assert_shape(EnvironmentDescription(), answer)
    assert Environment.from_json(answer["environment"]).fingerprint() == answer["fingerprint"]


def test_the_environment_is_not_for_everybody(client: Client, alpha: Any, make_token: Any, cpu_box: Any) -> None:
    assert_error(client.get("/api/v1/environment"), "token-required", 401)
    headers = bearer(make_token(alpha, "infer"))
    assert_error(client.get("/api/v1/environment", headers=headers), "insufficient-scope", 403)


@pytest.fixture
def own(alpha: Any) -> MachineRecord:
    return MachineRecord.objects.create(
        workspace=alpha, slug="line-3", title="Line 3", environment=Environment().to_json(), source="label"
    )


def test_it_lists_the_catalogue_and_the_machines_of_the_workspace(
    client: Client, alpha_token: str, beta_token: str, own: MachineRecord
) -> None:
    answer = client.get("/api/v1/machines", headers=bearer(alpha_token)).json()
    assert_shape(MachineList(), answer)
    assert (answer["machines"][0]["name"], answer["machines"][0]["origin"]) == ("cpu-server", "catalogue")
    assert (answer["machines"][-1]["name"], answer["machines"][-1]["origin"]) == ("line-3", "own")
    for headers in ({}, bearer(beta_token)):
        listed = client.get("/api/v1/machines", headers=headers).json()["machines"]
        assert "line-3" not in [machine["name"] for machine in listed]
