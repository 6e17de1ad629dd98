"""PINNED_MODELS: the server is ready once they are in memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from inference_app.services import hosts, inference, preload
from registry.models import ModelAlias

PATIENCE_SECONDS = 60.0
# Without the name, which may be that of a private model: the address needs no token.
ONE_MISSING = ["Pinned models that are not loaded yet: 1. The log tells what stands in the way."]


def readiness() -> tuple[int, dict[str, Any]]:
    answer = Client().get("/readiness")
    return answer.status_code, answer.json()


def readiness_in_the_end() -> tuple[int, dict[str, Any]]:
    """What is answered once nothing is being loaded any more."""
    thread = preload._loading
    assert thread is not None
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()
    return readiness()


@pytest.fixture
def empty_host(model_host: None) -> Iterator[None]:
    """A running host without a model in it, before and after."""
    hosts.client().unload_all(pinned=True)
    yield
    if preload._loading is not None:
        preload._loading.join(PATIENCE_SECONDS)
    hosts.client().unload_all(pinned=True)


@pytest.mark.django_db
def test_a_server_without_pinned_models_is_ready_and_starts_no_host() -> None:
    assert readiness() == (200, {"status": "ready"})
    assert not hosts.is_running()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_host")
def test_it_is_not_ready_until_the_pinned_model_is_loaded(push_demo: Callable[..., Any], settings: Any) -> None:
    package = push_demo()
    settings.PINNED_MODELS = ["demo/shapes"]
    status, answer = readiness()
    assert (status, answer["problems"]) == (503, ONE_MISSING)
    assert readiness_in_the_end() == (200, {"status": "ready"})
    assert [(info.package_id, info.pinned) for info in inference.loaded()] == [(package.package_id, True)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_host")
def test_a_model_is_pinned_by_its_alias(push_demo: Callable[..., Any], settings: Any) -> None:
    package = push_demo()
    ModelAlias.objects.create(model=package.model, alias="shapes-in-use")
    settings.PINNED_MODELS = ["shapes-in-use"]
    assert readiness()[0] == 503
    assert readiness_in_the_end()[0] == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_host")
def test_a_model_that_is_loaded_and_not_pinned_does_not_count(
    push_demo: Callable[..., Any], image: bytes, settings: Any
) -> None:
    package = push_demo()
    inference.infer(package.model, [image])
    settings.PINNED_MODELS = ["demo/shapes"]
    assert readiness()[0] == 503
    assert readiness_in_the_end()[0] == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_host")
def test_one_that_cannot_be_loaded_keeps_the_server_unready_and_the_others_loading(
    push_demo: Callable[..., Any], settings: Any
) -> None:
    push_demo()
    settings.PINNED_MODELS = ["demo/misspelt", "demo/shapes"]
    assert readiness()[0] == 503
    status, answer = readiness_in_the_end()
    assert (status, answer["problems"]) == (503, ONE_MISSING)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("empty_host")
def test_a_pinned_model_that_was_unloaded_is_loaded_again(push_demo: Callable[..., Any], settings: Any) -> None:
    package = push_demo()
    settings.PINNED_MODELS = ["demo/shapes"]
    readiness()
    assert readiness_in_the_end()[0] == 200
    hosts.client().unload(package.package_id)
    assert readiness()[0] == 503
    assert readiness_in_the_end()[0] == 200


@pytest.mark.django_db
def test_an_error_of_the_database_is_logged_and_the_next_model_is_tried(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked = []

    def find(name: str) -> None:
        asked.append(name)
        raise OperationalError("the database is away")

    monkeypatch.setattr(preload, "_find", find)
    # In a thread of its own, as always, since the connection is closed at the end.
    thread = threading.Thread(target=preload._load, args=(["a/1", "b/1"],))
    thread.start()
    thread.join(10)
    assert asked == ["a/1", "b/1"]
    assert caplog.text.count("a pinned model could not be loaded") == 2
