"""The people and things of all tests: two workspaces, their tokens, models and packages with real files.

Django is imported inside the fixtures only: the clients' environments, which run some of these tests, do not
have it.
"""

from __future__ import annotations

import importlib.util
import io
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

HAS_DJANGO = importlib.util.find_spec("pytest_django") is not None

ONNX_FILES: Mapping[str, bytes] = {
    "weights.onnx": b"not really a network, yet bytes all the same",
    "class_names.txt": b"circle\nsquare\n",
    "inference_config.json": b'{"network_input": {}}',
}


@pytest.fixture(autouse=True)
def data_directories(request: pytest.FixtureRequest) -> Path | None:
    """Every test has directories of its own; none of them is the one that a running server uses."""
    if not HAS_DJANGO:
        return None
    settings = request.getfixturevalue("settings")
    directory: Path = request.getfixturevalue("tmp_path_factory").mktemp("data")
    settings.DATA_DIR = directory
    settings.BLOB_STORE = "local"
    settings.BLOB_DELIVERY = "stream"
    settings.BLOB_ROOT = directory / "blobs"
    settings.STAGING_ROOT = directory / "staging"
    settings.MODEL_HOST_DIR = directory / "host"
    settings.MODEL_CACHE_DIR = directory / "cache"
    settings.MIN_FREE_DISK_BYTES = 0
    settings.PUBLIC_URL = ""
    # Most packages of the tests hold no network that could be loaded; those that do say so (`trial_runs`).
    settings.TRIAL_RUNS = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STAGING_ROOT.mkdir(parents=True)
    return directory


@pytest.fixture
def trial_runs(settings: Any) -> None:
    """Packages are tried when they are inspected, as on a server."""
    settings.TRIAL_RUNS = True


@pytest.fixture(autouse=True)
def disk_need_not_be_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test cuts the power: what is told to the disk counts, and waiting for it makes the tests slow."""
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """SQLite in a file, as on a server: in memory, threads share one connection and nothing ever waits."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "sqlite3" in database["ENGINE"]:
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "tests.db")


@pytest.fixture(autouse=True, scope="session")
def tables_can_be_emptied() -> Iterator[None]:
    """Tests with real transactions end by emptying all tables, which the triggers rightly refuse."""
    if not HAS_DJANGO:
        yield
        return
    from django.test import TransactionTestCase

    from registry.triggers import drop_triggers, install_triggers

    original = TransactionTestCase._fixture_teardown

    def teardown(case: TransactionTestCase) -> None:
        if not _is_transactional(case):
            original(case)
            return
        drop_triggers()
        try:
            original(case)
        finally:
            install_triggers()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original


def _is_transactional(case: Any) -> bool:
    from django.test import TestCase

    return not isinstance(case, TestCase)


@pytest.fixture
def server_log() -> Iterator[io.StringIO]:
    """What the server writes to its log, as finished lines."""
    ours = [
        handler
        for name in ("", "weighbridge.requests")
        for handler in logging.getLogger(name).handlers
        if handler.name in ("console", "requests") and isinstance(handler, logging.StreamHandler)
    ]
    assert len(ours) == 2
    lines = io.StringIO()
    streams = [handler.setStream(lines) for handler in ours]
    yield lines
    for handler, stream in zip(ours, streams, strict=True):
        handler.setStream(stream)


@pytest.fixture
def alpha(db: None) -> Any:
    from registry.models import Workspace

    return Workspace.objects.create(name="Alpha", slug="alpha")


@pytest.fixture
def beta(db: None) -> Any:
    from registry.models import Workspace

    return Workspace.objects.create(name="Beta", slug="beta")


@pytest.fixture
def make_token() -> Callable[..., str]:
    """Make a token of a workspace with scopes, and return what its owner sees once."""
    from registry.services.tokens import create_token

    def make(workspace: Any, *scopes: str, **options: Any) -> str:
        return create_token(workspace, "test", scopes or ("read",), **options)[1]

    return make


@pytest.fixture
def alpha_token(alpha: Any, make_token: Callable[..., str]) -> str:
    """Reads in alpha."""
    return make_token(alpha, "read")


@pytest.fixture
def beta_token(beta: Any, make_token: Callable[..., str]) -> str:
    """Reads in beta."""
    return make_token(beta, "read")


@pytest.fixture
def make_model(alpha: Any) -> Callable[..., Any]:
    """Make a model, private in alpha unless told otherwise."""
    from registry.models import Model

    def make(model_id: str = "shapes/1", **fields: Any) -> Any:
        defaults = {
            "workspace": alpha,
            "architecture": "yolov8",
            "task_type": "object-detection",
            "class_names": ["circle", "square"],
        }
        return Model.objects.create(model_id=model_id, **{**defaults, **fields})

    return make


@pytest.fixture
def make_blob() -> Callable[[bytes], Any]:
    """Take bytes in through the intake."""
    from packages_app.services.intake import receive

    return lambda content: receive([content])


@pytest.fixture
def make_package(make_blob: Callable[[bytes], Any]) -> Callable[..., Any]:
    """Make a package, published unless told otherwise. ``files`` are contents by handle."""
    from packages_app.services.drafting import add_file, create_draft
    from packages_app.services.publishing import mark_ready, publish, set_trusted

    def make(
        model: Any,
        backend: str = "onnx",
        *,
        files: Mapping[str, bytes] = ONNX_FILES,
        state: str = "published",
        trusted: bool = True,
        **fields: Any,
    ) -> Any:
        if backend == "onnx":
            fields = {"quantization": "fp32", "opset": 17, "dynamic_batch_size": True, **fields}
        package = create_draft(model, backend, fields=fields)
        for handle, content in files.items():
            add_file(package, handle, make_blob(content))
        set_trusted(package, trusted)
        if state in {"ready", "published"}:
            mark_ready(package)
        if state == "published":
            publish(package)
        return package

    return make


@pytest.fixture
def model(make_model: Callable[..., Any]) -> Any:
    """A private model of alpha without packages."""
    return make_model()


@pytest.fixture
def package(model: Any, make_package: Callable[..., Any]) -> Any:
    """A published, trusted package of `model`."""
    return make_package(model)


@pytest.fixture
def public_package(make_model: Callable[..., Any], make_package: Callable[..., Any]) -> Any:
    """A published, trusted package of a public model."""
    return make_package(make_model("shapes/public", is_public=True))


@pytest.fixture
def ask(client: Any) -> Callable[..., Any]:
    """Ask the provider for a model, as a client does: `ask(model_id, token, **query)`."""
    from tests.helpers import bearer

    def ask_for(model_id: str, token: str | None = None, **query: str) -> Any:
        headers = bearer(token) if token else {}
        return client.get("/models/v1/external/weights", {"modelId": model_id, **query}, headers=headers)

    return ask_for


@pytest.fixture
def addresses(ask: Callable[..., Any]) -> Callable[..., dict[str, str]]:
    """The download addresses of a model with one package, by handle, as paths with queries."""

    def fetch(model_id: str, token: str | None = None) -> dict[str, str]:
        response = ask(model_id, token)
        assert response.status_code == 200, response.content
        files = response.json()["modelMetadata"]["modelPackages"][0]["packageFiles"]
        return {file["fileHandle"]: file["downloadUrl"].removeprefix("http://testserver") for file in files}

    return fetch
