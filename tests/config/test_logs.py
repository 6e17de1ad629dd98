from __future__ import annotations

import pytest

from config.logs import redact

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
