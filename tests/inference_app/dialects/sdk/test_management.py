"""Loading and unloading in the SDK's dialect."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from inference_app.services import hosts
from tests.helpers import assert_error, bearer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


def post(address: str, token: str | None = None, **fields: Any) -> Any:
    headers = bearer(token) if token else {}
    return Client().post(address, json.dumps(fields), content_type="application/json", headers=headers)


def listed(response: Any) -> set[str]:
    assert response.status_code == 200, response.content
    return {entry["model_id"] for entry in response.json()["models"]}


@pytest.fixture
def admin_token(alpha: Any, make_token: Callable[..., str]) -> str:
    return make_token(alpha, "read", "infer", "admin")


def test_info_names_the_server() -> None:
    answer = Client().get("/info").json()
    assert {name: type(value) for name, value in answer.items()} == {"name": str, "version": str, "uuid": str}


def test_a_model_that_was_added_is_listed_under_its_names(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo().model.aliases.create(alias="shapes-alias")
    response = post("/model/add", api_key=infer_token, model_id="shapes-alias")
    assert listed(response) >= {"demo/shapes", "shapes-alias"}
    entry = response.json()["models"][0]
    assert entry["task_type"] == "object-detection"
    assert entry["input_height"] > 0


def test_the_key_of_the_registry_is_in_the_query(push_demo: Callable[..., Any], infer_token: str) -> None:
    push_demo()
    post("/model/add", api_key=infer_token, model_id="demo/shapes")
    assert "demo/shapes" in listed(Client().get("/model/registry", {"api_key": infer_token}))


def test_a_stranger_does_not_see_what_is_loaded(
    push_demo: Callable[..., Any], infer_token: str, beta_token: str
) -> None:
    push_demo()
    post("/model/add", api_key=infer_token, model_id="demo/shapes")
    assert listed(Client().get("/model/registry", {"api_key": beta_token})) == set()
    assert listed(Client().get("/model/registry?api_key=None")) == set()


def test_an_admin_unloads_a_model(push_demo: Callable[..., Any], admin_token: str) -> None:
    push_demo()
    post("/model/add", api_key=admin_token, model_id="demo/shapes")
    assert "demo/shapes" not in listed(post("/model/remove", admin_token, model_id="demo/shapes"))


def test_an_admin_unloads_all_of_the_workspace(push_demo: Callable[..., Any], admin_token: str) -> None:
    push_demo()
    post("/model/add", api_key=admin_token, model_id="demo/shapes")
    response = Client().post("/model/clear", headers=bearer(admin_token))
    assert "demo/shapes" not in listed(response)


def test_an_admin_of_another_workspace_unloads_nothing(
    push_demo: Callable[..., Any], infer_token: str, beta: Any, make_token: Callable[..., str]
) -> None:
    push_demo(public=True)
    post("/model/add", api_key=infer_token, model_id="demo/shapes")
    stranger = make_token(beta, "read", "infer", "admin")
    post("/model/remove", stranger, model_id="demo/shapes")
    post("/model/clear", stranger)
    assert "demo/shapes" in listed(Client().get("/model/registry", {"api_key": infer_token}))


@pytest.mark.parametrize("address", ["/model/remove", "/model/clear"])
def test_unloading_without_a_key_says_how_to_send_one(address: str) -> None:
    error = assert_error(post(address, model_id="demo/shapes"), "token-required", 401)
    assert "api_key_transport" in error["message"]


@pytest.mark.parametrize("address", ["/model/remove", "/model/clear"])
def test_unloading_needs_the_scope_admin(address: str, infer_token: str) -> None:
    assert_error(post(address, infer_token, model_id="demo/shapes"), "insufficient-scope", 403)


def test_unloading_what_is_not_there_is_no_error(admin_token: str) -> None:
    assert post("/model/remove", admin_token, model_id="nothing/1").status_code == 200


@pytest.mark.parametrize("address", ["/model/add", "/model/remove", "/model/clear"])
def test_a_get_does_not_change_anything(address: str) -> None:
    assert Client().get(address).status_code == 405


def test_adding_an_unknown_model_is_a_404(infer_token: str) -> None:
    assert_error(post("/model/add", api_key=infer_token, model_id="nothing/1"), "model-not-found", 404)


def test_the_registry_answers_while_the_host_does_not(
    push_demo: Callable[..., Any], infer_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    push_demo()
    post("/model/add", api_key=infer_token, model_id="demo/shapes")
    monkeypatch.setattr(hosts, "STATUS_SECONDS", 0.2)
    process = hosts.client().status()["pid"]
    os.kill(process, signal.SIGSTOP)
    try:
        assert listed(Client().get("/model/registry", {"api_key": infer_token})) == set()
    finally:
        os.kill(process, signal.SIGCONT)
    monkeypatch.undo()
    assert "demo/shapes" in listed(post("/model/add", api_key=infer_token, model_id="demo/shapes"))
