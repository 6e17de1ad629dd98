from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from negotiation.wire import parse_reply
from packages_app.services.publishing import withdraw
from registry.models import AccessToken, ModelAlias, ModelDependency
from registry.services.tokens import revoke_token
from tests.conftest import ONNX_FILES
from tests.helpers import assert_error, bearer
from tests.packages_app.services.test_completeness import COMPLETE

pytestmark = pytest.mark.django_db
WEIGHTS = "/models/v1/external/weights"


def metadata(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.content
    return response.json()["modelMetadata"]


def ids(response: Any) -> list[str]:
    return [entry["packageId"] for entry in metadata(response)["modelPackages"]]


@pytest.fixture
def many(model: Any, make_package: Any) -> list[str]:
    """Twelve packages of `model`; their ids, sorted."""
    return sorted(make_package(model, files={"weights.onnx": b"%d" % number}).package_id for number in range(12))


def test_it_announces_a_model(package: Any, ask: Any, alpha_token: str) -> None:
    answer = metadata(ask("shapes/1", alpha_token))
    assert answer.keys() == {"type", "modelId", "modelArchitecture", "taskType", "modelPackages"}
    assert answer["modelId"] == "shapes/1"
    (entry,) = answer["modelPackages"]
    assert entry.keys() == {"type", "packageId", "packageManifest", "packageFiles", "trustedSource"}
    assert entry["packageManifest"] == {
        "type": "onnx-model-package-v1",
        "backendType": "onnx",
        "quantization": "fp32",
        "dynamicBatchSize": True,
        "opset": 17,
    }
    assert [file["fileHandle"] for file in entry["packageFiles"]] == sorted(ONNX_FILES)


def test_the_answer_belongs_to_no_cache(package: Any, ask: Any, alpha_token: str) -> None:
    assert ask("shapes/1", alpha_token).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("backend", "fields"), COMPLETE.items())
def test_the_client_reads_every_backend(
    model: Any, make_package: Any, ask: Any, alpha_token: str, backend: str, fields: dict[str, Any]
) -> None:
    features = {"model_features": {"nms_fused": {"max_detections": 300}}, "memory_profile": {"peakVramMb": {"1": 350}}}
    package = make_package(model, backend, **fields, **features, recommended_parameters={"confidence": 0.3})
    response = ask("shapes/1", alpha_token, includeCoreMLPackages="true")
    (entry,) = parse_reply(response.json()).entries
    assert entry.package_id == package.package_id
    if backend == "mediapipe":
        assert entry.reason.category is not None
        manifest = metadata(response)["modelPackages"][0]["packageManifest"]
        assert manifest == {"type": "mediapipe-model-package-v1", "backendType": "mediapipe"}
        return
    read = entry.package
    assert (read.backend, read.quantization) == (backend, package.quantization)
    assert read.features == package.model_features
    assert read.recommended_parameters.confidence == 0.3
    assert read.peak_vram_mb == {1: 350}


def test_a_fact_that_is_not_known_is_left_out_and_an_empty_one_is_not(
    model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    make_package(model, model_features={})
    assert metadata(ask("shapes/1", alpha_token))["modelPackages"][0]["modelFeatures"] == {}


def test_parameters_are_announced_with_the_package_only(
    make_model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    make_package(make_model(recommended_parameters={"confidence": 0.3}))
    answer = metadata(ask("shapes/1", alpha_token))
    assert "recommendedParameters" not in answer
    assert answer["modelPackages"][0]["recommendedParameters"] == {"confidence": 0.3}


def test_what_changes_on_the_model_changes_no_package(package: Any, model: Any, ask: Any, alpha_token: str) -> None:
    def without_addresses() -> Any:
        entries = metadata(ask("shapes/1", alpha_token))["modelPackages"]
        for file in entries[0]["packageFiles"]:
            del file["downloadUrl"]
        return entries

    before = without_addresses()
    model.recommended_parameters = {"confidence": 0.9}
    model.variant = "yolov8n"
    model.is_public = True
    model.save()
    assert without_addresses() == before


def test_an_alias_leads_to_the_model(package: Any, model: Any, ask: Any, alpha_token: str) -> None:
    ModelAlias.objects.create(model=model, alias="shapes/latest")
    assert metadata(ask("shapes/latest", alpha_token))["modelId"] == "shapes/1"


@pytest.mark.parametrize("model_id", ["shapes", "a/b/c/d", "Shapes \u2605/1", "with~tilde+plus%20", "1"])
def test_any_id_that_a_client_can_send_is_found(
    make_model: Any, make_package: Any, ask: Any, alpha_token: str, model_id: str
) -> None:
    make_package(make_model(model_id))
    assert metadata(ask(model_id, alpha_token))["modelId"] == model_id


def test_drafts_and_withdrawn_packages_are_not_announced(
    model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    shown = make_package(model)
    make_package(model, state="draft")
    make_package(model, state="ready", quantization="fp16")
    withdraw(make_package(model, quantization="int8"))
    assert ids(ask("shapes/1", alpha_token)) == [shown.package_id]


def test_packages_come_sorted_by_id_and_on_one_page(many: list[str], ask: Any, alpha_token: str) -> None:
    assert ids(ask("shapes/1", alpha_token)) == many


def test_pages_follow_each_other(many: list[str], ask: Any, alpha_token: str) -> None:
    seen: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        answer = ask("shapes/1", alpha_token, pageSize="5", **cursor)
        seen += ids(answer)
        cursor = {"startAfter": metadata(answer).get("nextPage")}
    assert seen == many
    assert cursor == {"startAfter": None}


def test_there_are_never_more_pages_than_a_client_reads(many: list[str], ask: Any, alpha_token: str) -> None:
    seen: list[str] = []
    answer = ask("shapes/1", alpha_token, pageSize="1")
    pages = 1
    while cursor := metadata(answer).get("nextPage"):
        seen += ids(answer)
        answer = ask("shapes/1", alpha_token, pageSize="1", startAfter=cursor)
        pages += 1
    assert seen + ids(answer) == many
    assert pages <= 10


def test_beyond_the_last_package_is_an_empty_page(many: list[str], ask: Any, alpha_token: str) -> None:
    assert ids(ask("shapes/1", alpha_token, startAfter="g")) == []


@pytest.mark.parametrize("size", ["0", "-1", "ten", "", "1.5", "99999999999", "\u0661"])
def test_it_rejects_a_bad_page_size(package: Any, ask: Any, alpha_token: str, size: str) -> None:
    assert_error(ask("shapes/1", alpha_token, pageSize=size), "invalid-request", 400)


def test_core_ml_packages_are_for_those_who_ask(model: Any, make_package: Any, ask: Any, alpha_token: str) -> None:
    onnx = make_package(model)
    coreml = make_package(model, "coreml", quantization="fp16", static_batch_size=1)
    assert ids(ask("shapes/1", alpha_token)) == [onnx.package_id]
    assert ids(ask("shapes/1", alpha_token, includeCoreMLPackages="false")) == [onnx.package_id]
    both = ask("shapes/1", alpha_token, includeCoreMLPackages="true")
    assert ids(both) == sorted([onnx.package_id, coreml.package_id])


def test_a_model_with_core_ml_packages_alone_says_so(model: Any, make_package: Any, ask: Any, alpha_token: str) -> None:
    make_package(model, "coreml", quantization="fp16", static_batch_size=1)
    error = assert_error(ask("shapes/1", alpha_token), "nothing-published", 409)
    assert "Core ML" in error["message"]


@pytest.fixture
def family(make_model: Any, make_package: Any) -> Any:
    """A model that depends on another, each with a package: (parent, its package, dependency, its package)."""
    parent, feature_extractor = make_model("instant/1"), make_model("owl/2")
    ModelDependency.objects.create(model=parent, name="feature_extractor", depends_on=feature_extractor)
    inner = make_package(feature_extractor)
    return parent, make_package(parent), feature_extractor, inner


def test_dependencies_are_announced(family: Any, ask: Any, alpha_token: str) -> None:
    dependency = {"type": "model-dependency-v1", "name": "feature_extractor", "modelId": "owl/2"}
    assert metadata(ask("instant/1", alpha_token))["modelDependencies"] == [dependency]
    assert "modelDependencies" not in metadata(ask("owl/2", alpha_token))
    family[0].dependencies.update(pinned_package_id=family[3].package_id)
    pinned = {**dependency, "modelPackageId": family[3].package_id}
    assert metadata(ask("instant/1", alpha_token))["modelDependencies"] == [pinned]


def test_the_id_of_a_parent_changes_with_the_packages_of_its_dependency(
    family: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    _, package, feature_extractor, inner = family
    first = ids(ask("instant/1", alpha_token))
    assert first != [package.package_id]
    second_inner = make_package(feature_extractor, quantization="fp16")
    second = ids(ask("instant/1", alpha_token))
    assert second != first
    withdraw(second_inner)
    assert ids(ask("instant/1", alpha_token)) == first
    assert ids(ask("owl/2", alpha_token)) == [inner.package_id]


def test_the_id_of_a_parent_with_a_pinned_dependency_stays(
    family: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    parent, _, feature_extractor, inner = family
    parent.dependencies.update(pinned_package_id=inner.package_id)
    before = ids(ask("instant/1", alpha_token))
    make_package(feature_extractor, quantization="fp16")
    assert ids(ask("instant/1", alpha_token)) == before


def test_a_public_model_needs_no_token(public_package: Any, ask: Any) -> None:
    assert ids(ask("shapes/public")) == [public_package.package_id]


@pytest.mark.parametrize("no_key", ["local", "None", "null", ""])
def test_what_old_clients_send_for_no_key_is_anonymous(public_package: Any, ask: Any, no_key: str) -> None:
    assert ids(ask("shapes/public", api_key=no_key)) == [public_package.package_id]


def test_a_public_model_is_open_to_other_workspaces(public_package: Any, ask: Any, beta_token: str) -> None:
    assert ids(ask("shapes/public", beta_token)) == [public_package.package_id]


@pytest.mark.parametrize("token", ["nonsense", "wb_", "wb_0123456789_", "wb_0123456789_secret", "wb_\x00", "x" * 10000])
@pytest.mark.parametrize("model_id", ["shapes/1", "shapes/public", "no/such"])
def test_a_wrong_token_is_401_and_never_anonymous(
    package: Any, public_package: Any, client: Any, token: str, model_id: str
) -> None:
    response = client.get(WEIGHTS, {"modelId": model_id, "api_key": token})
    assert_error(response, "invalid-token", 401)
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_an_expired_token_is_401(package: Any, ask: Any, make_token: Any, alpha: Any) -> None:
    token = make_token(alpha, "read", expires_at=timezone.now() - timedelta(seconds=1))
    assert_error(ask("shapes/1", token), "token-expired", 401)


def test_a_revoked_token_is_401(package: Any, ask: Any, alpha_token: str) -> None:
    revoke_token(AccessToken.objects.get())
    assert_error(ask("shapes/1", alpha_token), "token-revoked", 401)


@pytest.mark.parametrize("scope", ["infer", "publish", "trust", "admin"])
def test_a_token_that_may_not_read_is_403(
    package: Any, public_package: Any, ask: Any, make_token: Any, alpha: Any, scope: str
) -> None:
    token = make_token(alpha, scope)
    assert_error(ask("shapes/1", token), "insufficient-scope", 403)
    assert_error(ask("shapes/public", token), "insufficient-scope", 403)


def test_a_foreign_model_looks_like_one_that_does_not_exist(package: Any, ask: Any, beta_token: str) -> None:
    foreign = assert_error(ask("shapes/1", beta_token), "model-not-found", 404)
    unknown = assert_error(ask("no/such", beta_token), "model-not-found", 404)
    assert foreign["message"] == unknown["message"]


def test_a_foreign_alias_is_not_found(package: Any, model: Any, ask: Any, beta_token: str) -> None:
    ModelAlias.objects.create(model=model, alias="shapes/latest")
    assert_error(ask("shapes/latest", beta_token), "model-not-found", 404)


def test_without_a_token_a_private_model_looks_like_one_that_does_not_exist(package: Any, ask: Any) -> None:
    private = assert_error(ask("shapes/1"), "token-required", 401)
    unknown = assert_error(ask("no/such"), "token-required", 401)
    assert private["message"] == unknown["message"]


@pytest.mark.parametrize("model_id", ["", "  ", "\t"])
def test_it_rejects_a_missing_model_id(alpha_token: str, ask: Any, model_id: str) -> None:
    assert_error(ask(model_id, alpha_token), "invalid-request", 400)


@pytest.mark.parametrize("model_id", ["a\x00b", "x" * 5000, "'; DROP TABLE registry_model; --", "../../etc", "\udcff"])
def test_an_id_that_no_model_can_have_is_not_found(alpha_token: str, client: Any, model_id: str) -> None:
    from urllib.parse import quote

    address = f"{WEIGHTS}?modelId={quote(model_id.encode('utf-8', 'surrogateescape'))}"
    assert_error(client.get(address, headers=bearer(alpha_token)), "model-not-found", 404)


def test_a_model_with_only_a_draft_says_that_nothing_is_published(
    model: Any, make_package: Any, ask: Any, alpha_token: str
) -> None:
    make_package(model, state="draft")
    assert_error(ask("shapes/1", alpha_token), "nothing-published", 409)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_it_answers_no_other_method(package: Any, method: str) -> None:
    response = getattr(Client(enforce_csrf_checks=True), method)(WEIGHTS)
    assert_error(response, "method-not-allowed", 405)
    assert response.headers["Allow"] == "GET, HEAD"


def test_head_is_answered(package: Any, client: Any, alpha_token: str) -> None:
    response = client.head(WEIGHTS, {"modelId": "shapes/1"}, headers=bearer(alpha_token))
    assert (response.status_code, response.content) == (200, b"")


def test_addresses_begin_with_the_public_address_where_it_is_set(
    package: Any, ask: Any, alpha_token: str, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://models.example/weighbridge"
    file = metadata(ask("shapes/1", alpha_token))["modelPackages"][0]["packageFiles"][0]
    assert file["downloadUrl"].startswith("https://models.example/weighbridge/files/")


def test_stat_tells_what_kind_of_model_it_is(package: Any, client: Any, alpha_token: str) -> None:
    response = client.get("/models/v1/external/stat", {"modelId": "shapes/1"}, headers=bearer(alpha_token))
    assert response.json() == {
        "modelMetadata": {
            "type": "external-model-metadata-v1",
            "modelId": "shapes/1",
            "modelArchitecture": "yolov8",
            "taskType": "object-detection",
        }
    }


def test_stat_refuses_as_weights_does(model: Any, client: Any, alpha_token: str, beta_token: str) -> None:
    def stat(token: str | None, model_id: str = "shapes/1") -> Any:
        headers = bearer(token) if token else {}
        return client.get("/models/v1/external/stat", {"modelId": model_id}, headers=headers)

    assert_error(stat(alpha_token), "nothing-published", 409)
    assert_error(stat(beta_token), "model-not-found", 404)
    assert_error(stat(None), "token-required", 401)
    assert_error(stat(alpha_token, ""), "invalid-request", 400)


def test_a_database_that_does_not_answer_gives_503(package: Any, ask: Any, alpha_token: str, monkeypatch: Any) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("server at 10.0.0.1 closed the connection")

    monkeypatch.setattr("packages_app.services.provider.dependencies_of", fail)
    response = ask("shapes/1", alpha_token)
    error = assert_error(response, "service-unavailable", 503)
    assert "10.0.0.1" not in error["message"]
    assert response.headers["Retry-After"] == "2"


def count_queries(ask: Any, token: str, model_id: str) -> int:
    ask(model_id, token)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert ask(model_id, token).status_code == 200
    return len(queries)


@pytest.mark.parametrize("count", [1, 15])
def test_the_number_of_queries_does_not_grow_with_packages(
    model: Any, make_package: Any, ask: Any, alpha_token: str, count: int
) -> None:
    for number in range(count):
        make_package(model, files={"weights.onnx": b"%d" % number})
    # Token, model, dependencies, packages, files with their blobs.
    assert count_queries(ask, alpha_token, "shapes/1") == 5


def test_an_alias_and_dependencies_cost_two_queries_more(family: Any, ask: Any, alpha_token: str) -> None:
    ModelAlias.objects.create(model=family[0], alias="instant/latest")
    assert count_queries(ask, alpha_token, "instant/1") == 6
    assert count_queries(ask, alpha_token, "instant/latest") == 7


@pytest.mark.parametrize("count", [10, 200])
def test_the_number_of_queries_does_not_grow_with_models(
    make_model: Any, make_package: Any, ask: Any, alpha_token: str, count: int
) -> None:
    models = [make_model(f"many/{number}") for number in range(count)]
    for model in models[:6]:
        make_package(model, files={"weights.onnx": b"weights"})
    assert count_queries(ask, alpha_token, "many/5") == 5


def test_no_secret_reaches_the_log(
    package: Any, ask: Any, client: Any, alpha_token: str, server_log: Any, monkeypatch: Any
) -> None:
    import base64

    basic = base64.b64encode(f"user:{alpha_token}".encode()).decode()
    answers = [
        ask("shapes/1", alpha_token),
        ask("shapes/1", api_key=alpha_token),
        client.get(WEIGHTS, {"modelId": "shapes/1"}, headers={"Authorization": f"Basic {basic}"}),
        ask("no/such", api_key=alpha_token),
        client.get("/nowhere", {"api_key": alpha_token}),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404]

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError(f"GET {WEIGHTS}?modelId=a&api_key={alpha_token} Authorization: Basic {basic}")

    monkeypatch.setattr("packages_app.api.provider.model_metadata", fail)
    failing = Client(raise_request_exception=False)
    broken = failing.get(WEIGHTS, {"modelId": "shapes/1", "api_key": alpha_token})
    error = assert_error(broken, "internal-error", 500)
    log = server_log.getvalue()
    assert "unexpected error" in log
    for secret in (alpha_token.split("_", 2)[2], basic):
        assert secret not in log
        assert secret not in json.dumps(error)
