"""Whether the server is ready for work, where the database is away."""

from __future__ import annotations

import pytest
from django.db import OperationalError
from django.db.models import QuerySet
from django.test import Client


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(self: QuerySet) -> bool:
        raise OperationalError("password of the database: secret")

    monkeypatch.setattr(QuerySet, "exists", ask)


@pytest.mark.usefixtures("no_database")
def test_a_server_without_its_database_says_so_and_no_more() -> None:
    answer = Client().get("/readiness")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json() == {"status": "not ready", "problems": ["The database does not answer."]}


@pytest.mark.usefixtures("no_database")
def test_the_open_inference_protocol_hears_the_same_in_its_words() -> None:
    answer = Client().get("/v2/health/ready")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json() == {"ready": False}


@pytest.mark.django_db
def test_a_server_whose_database_answers_is_ready() -> None:
    assert Client().get("/readiness").json() == {"status": "ready"}
