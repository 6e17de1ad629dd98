from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from django.test import Client
from django.urls import get_resolver

import inference_app
import packages_app
import registry
from registry.errors import InvalidToken, WeighbridgeError, error_body, explain, explanations


def subclasses(base: type) -> set[type]:
    return {base, *(deeper for child in base.__subclasses__() for deeper in subclasses(child))}


@pytest.fixture(scope="module", autouse=True)
def everything_is_imported() -> None:
    for app in (registry, packages_app, inference_app):
        for module in pkgutil.walk_packages(app.__path__, f"{app.__name__}."):
            if ".management." not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    get_resolver().url_patterns  # noqa: B018 - loads the addresses


def test_every_error_of_the_apps_is_explained_by_a_page() -> None:
    client = Client()
    for error in subclasses(WeighbridgeError) - {WeighbridgeError}:
        entry = explanations()[error.code]
        assert entry.status == error.status
        page = client.get(f"/help/errors/{error.code}")
        assert page.status_code == 200, error.code
        assert entry.title.replace("'", "&#x27;") in page.content.decode()


def test_codes_are_kebab_case_and_statuses_are_errors() -> None:
    for entry in explanations().values():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", entry.code)
        assert 400 <= entry.status < 600
        assert entry.title
        assert entry.advice.endswith((".", "`"))


def test_an_unknown_code_has_no_page() -> None:
    assert Client().get("/help/errors/no-such-code").status_code == 404


def test_the_index_lists_every_code() -> None:
    text = Client().get("/help/errors/").content.decode()
    assert all(code in text for code in explanations())


def test_a_class_that_says_too_little_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="advice"):
        type("Unfinished", (WeighbridgeError,), {"code": "unfinished", "status": 400, "title": "Unfinished"})


def test_a_code_is_not_explained_twice_in_different_words() -> None:
    explain(InvalidToken.code, InvalidToken.status, InvalidToken.title, InvalidToken.advice)
    with pytest.raises(ValueError):
        explain(InvalidToken.code, InvalidToken.status, "Another title", InvalidToken.advice)


def test_the_body_has_one_shape() -> None:
    body = error_body("invalid-token", "No.", base_url="https://models.example", request_id="abc", details=[1])
    assert body == {
        "error": {
            "code": "invalid-token",
            "message": "No.",
            "help_url": "https://models.example/help/errors/invalid-token",
            "request_id": "abc",
            "details": [1],
        },
        "message": "No.",
    }
