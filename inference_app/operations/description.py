"""The server's own addresses that are plain views, as the API's description has them."""

from __future__ import annotations

from registry.api.openapi import TEXT, array, content, operation, record

TAG = "operations"
ABOUT = "For whoever operates the server, and this description itself."
PATHS = {
    "/": {"get": operation("home", "pages", "The first page.", content(html={}), public=True)},
    "/healthz": {
        "get": operation(
            "health",
            TAG,
            "200 while the process answers. It asks nothing else.",
            content(json=record({"status": TEXT})),
            public=True,
        )
    },
    "/readiness": {
        "get": operation(
            "readiness",
            TAG,
            "200 once the database answers and the pinned models are loaded.",
            content(json=record({"status": TEXT})),
            public=True,
            _503={
                "description": "Not ready; `problems` says what is missing.",
                "content": content(json=record({"status": TEXT, "problems": array(TEXT)})),
            },
        )
    },
    "/metrics": {
        "get": operation(
            "metrics",
            TAG,
            "Requests, latencies and refusals for Prometheus, where the setting METRICS is on; else 404.",
            {"text/plain": {"schema": TEXT}},
            public=True,
        )
    },
    "/api/schema": {
        "get": operation(
            "schema",
            TAG,
            "This description, as OpenAPI 3.",
            {name: {"schema": {}} for name in (
                "application/vnd.oai.openapi", "application/yaml",
                "application/vnd.oai.openapi+json", "application/json",
            )},
        )
    },
    "/api/docs": {"get": operation("docs", TAG, "This description, as a page.", content(html={}))},
}  # fmt: skip
