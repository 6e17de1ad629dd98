"""Counts for Prometheus."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from registry.metrics import instruments
from tests.helpers import assert_error

pytestmark = pytest.mark.django_db

IN_A_PROCESS = """
import sys
import django
from pathlib import Path
django.setup()
from registry.metrics import instruments
instruments().refusals.labels("invalid-token").inc(float(sys.argv[1]))
"""


@pytest.fixture
def page(settings: Any) -> Any:
    """Reads the page of a server that has counted nothing yet."""
    settings.METRICS = True
    instruments.cache_clear()
    client = Client()

    def read() -> str:
        response = client.get("/metrics")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith("text/plain")
        return response.content.decode()

    yield read
    instruments.cache_clear()


def test_it_is_off_unless_set() -> None:
    error = assert_error(Client().get("/metrics"), "not-found", 404)
    assert "METRICS" in error["message"]


def test_requests_count_under_the_pattern_that_answers_them(page: Any) -> None:
    client = Client()
    for number in range(3):
        client.get(f"/api/v1/models/some/{number}")
    text = page()
    line = 'weighbridge_requests_total{method="GET",route="/api/v1/models/<path:model_id>",status="401"} 3.0'
    assert line in text
    assert "some/1" not in text


def test_latencies_are_in_buckets(page: Any) -> None:
    Client().get("/healthz")
    assert 'weighbridge_request_seconds_bucket{le="+Inf",route="/healthz"} 1.0' in page()


def test_refusals_count_by_their_code(page: Any) -> None:
    Client().get("/api/v1/models?sort=name")
    Client().get("/api/v1/environment")
    text = page()
    assert 'weighbridge_refusals_total{code="invalid-request"} 1.0' in text
    assert 'weighbridge_refusals_total{code="token-required"} 1.0' in text


@pytest.mark.parametrize(
    ("method", "address"), [("BREW", "/healthz"), ("GET", "/no/such/thing/at/all"), ("X" * 50, "/")]
)
def test_labels_have_few_values_whatever_is_asked(page: Any, method: str, address: str) -> None:
    Client().generic(method, address)
    text = page()
    assert method not in text or method == "GET"
    assert "/no/such" not in text


def test_several_processes_answer_as_one(settings: Any, tmp_path: Path) -> None:
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment["DATA_DIR"] = str(tmp_path / "data")
    for number in ("2", "3"):
        subprocess.run([sys.executable, "-c", IN_A_PROCESS, number], env=environment, check=True, cwd=settings.BASE_DIR)
    settings.METRICS = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        text = Client().get("/metrics").content.decode()
    assert 'weighbridge_refusals_total{code="invalid-token"} 5.0' in text
