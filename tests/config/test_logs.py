from __future__ import annotations

import json
import logging

import pytest

from config.logs import RequestFormatter, redact

SECRET = "s3cr3t-Value_123"


@pytest.mark.parametrize(
    "line",
    [
        f"GET /models/v1/external/weights?modelId=a&api_key={SECRET} HTTP/1.1",
        f"/files/ab/w.onnx?expires=1&signature={SECRET}&token={SECRET}",
        f"Authorization: Bearer {SECRET}",
        f"authorization: basic {SECRET}",
        f'{{"api_key": "{SECRET}", "image": 1}}',
        f"{{'password': '{SECRET}'}}",
        f"token wb_0123456789_{SECRET} was refused",
        f"https://example.com/?service_secret={SECRET}",
    ],
)
def test_secrets_are_removed_from_a_line(line: str) -> None:
    assert SECRET not in redact(line)
    assert "[redacted]" in redact(line)


@pytest.mark.parametrize(
    "line", ["GET /models/v1/external/weights 200 in 3.1 ms", "published 0123456789abcdef for shapes/1", ""]
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


def request_record(path: str) -> logging.LogRecord:
    record = logging.LogRecord("weighbridge.requests", logging.INFO, "", 0, "request", None, None)
    record.created = 1_700_000_000.25
    record.fields = {"method": "GET", "path": path, "status": 200, "ms": 1.5}
    return record


def test_the_line_of_a_request_is_readable() -> None:
    line = RequestFormatter(as_json=False).format(request_record("/healthz"))
    assert line.startswith("2023-11-14T22:13:20.250000Z [info     ] request ")
    assert line.endswith("[weighbridge.requests] method=GET path=/healthz status=200 ms=1.5")


def test_the_line_of_a_request_can_be_json() -> None:
    assert json.loads(RequestFormatter(as_json=True).format(request_record("/healthz"))) == {
        "event": "request", "level": "info", "logger": "weighbridge.requests", "method": "GET", "path": "/healthz",
        "status": 200, "ms": 1.5, "timestamp": "2023-11-14T22:13:20.250000Z",
    }  # fmt: skip


@pytest.mark.parametrize("as_json", [True, False])
def test_a_secret_in_a_path_is_not_in_the_line(as_json: bool) -> None:
    line = RequestFormatter(as_json=as_json).format(request_record(f"/x/wb_0123456789_{SECRET}"))
    assert SECRET not in line
    assert "[redacted]" in line
