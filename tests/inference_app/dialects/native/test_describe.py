from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from inference_app.dialects.native.serializers import ModelDescription, ModelPage, PackageDescription
from packages_app.models import PackageBenchmark, PackageFailure
from packages_app.services.announcing import dependencies_of
from registry.models import ModelAlias, ModelDependency
from tests.helpers import assert_error, bearer
from tests.inference_app.dialects.native.shapes import assert_shape

MODELS = "/api/v1/models"


def get(client: Client, path: str, token: str | None = None) -> Any:
    return client.get(path, headers=bearer(token) if token else {})


def ids(response: Any) -> list[str]:
    return [result["model_id"] for result in response.json()["results"]]


# The list


def test_it_lists_the_models_of_the_workspace_and_public_ones(
    client: Client, alpha_token: str, package: Any, public_package: Any, make_model: Any, beta: Any
) -> None:
    make_model("other/1", workspace=beta)
    response = get(client, MODELS, alpha_token)
    assert_shape(ModelPage(), response.json())
    assert ids(response) == ["shapes/1", "shapes/public"]
    assert response.json()["results"][0]["published_packages"] == 1


def test_without_a_token_it_lists_public_models_alone(client: Client, package: Any, public_package: Any) -> None:
    assert ids(get(client, MODELS)) == ["shapes/public"]


@pytest.mark.parametrize("search", ["SHAPES/1", "latest", "circles-of", "instance-seg"])
def test_it_searches_ids_aliases_architectures_and_tasks(
    client: Client, alpha_token: str, make_model: Any, search: str
) -> None:
    model = make_model("shapes/1", architecture="circles-of-air", task_type="instance-segmentation")
    ModelAlias.objects.create(model=model, alias="shapes-latest")
    make_model("other/2")
    assert ids(client.get(MODELS, {"search": search}, headers=bearer(alpha_token))) == ["shapes/1"]


def test_it_gives_pages_with_addresses_that_do_not_repeat_the_token(
    client: Client, alpha_token: str, make_model: Any
) -> None:
    for number in range(5):
        make_model(f"m/{number}")
    response = client.get(MODELS, {"page_size": 2, "search": "m/", "api_key": alpha_token})
    seen = ids(response)
    while address := response.json()["next"]:
        assert alpha_token not in address
        response = get(client, address, alpha_token)
        seen += ids(response)
    assert seen == [f"m/{number}" for number in range(5)]
    assert response.json()["previous"].endswith("?page=2&page_size=2&search=m%2F")


@pytest.mark.parametrize("query", ["page=0", "page=2", "page=x", "page_size=0", "page_size=201", "page=²", "page=1e3"])
def test_it_refuses_pages_that_there_are_not(client: Client, package: Any, query: str) -> None:
    assert_error(get(client, f"{MODELS}?{query}"), "invalid-request", 400)


def test_a_search_may_hold_any_characters(client: Client, package: Any) -> None:
    assert ids(client.get(MODELS, {"search": "%\x00_'\""})) == []


def test_listing_needs_the_scope_read(client: Client, alpha: Any, make_token: Callable[..., str]) -> None:
    assert_error(get(client, MODELS, make_token(alpha, "infer")), "insufficient-scope", 403)


# One model


def test_it_describes_a_model_with_its_published_packages(
    client: Client, alpha_token: str, model: Any, package: Any, make_package: Callable[..., Any]
) -> None:
    make_package(model, state="draft", opset=16)
    PackageFailure.objects.create(package=package, reason="ended the host", strikes=3)
    answer = get(client, f"{MODELS}/shapes/1", alpha_token).json()
    assert_shape(ModelDescription(), answer)
    (summary,) = answer["packages"]
    assert summary["package_id"] == summary["announced_as"] == package.package_id
    assert (summary["files"], summary["bytes"]) == (3, sum(file.blob.size for file in package.files.all()))
    assert summary["set_aside"] is True


def test_an_alias_leads_to_the_model(client: Client, alpha_token: str, package: Any) -> None:
    ModelAlias.objects.create(model=package.model, alias="shapes/new/latest")
    answer = get(client, f"{MODELS}/shapes/new/latest", alpha_token).json()
    assert (answer["model_id"], answer["aliases"]) == ("shapes/1", ["shapes/new/latest"])


def test_a_private_model_looks_like_none_from_outside(client: Client, beta_token: str, package: Any) -> None:
    assert_error(get(client, f"{MODELS}/shapes/1", beta_token), "model-not-found", 404)
    assert_error(get(client, f"{MODELS}/shapes/1"), "token-required", 401)


def test_describing_needs_the_scope_read(client: Client, alpha: Any, package: Any, make_token: Any) -> None:
    assert_error(get(client, f"{MODELS}/shapes/1", make_token(alpha, "infer")), "insufficient-scope", 403)


def test_a_public_model_is_described_to_anybody(client: Client, public_package: Any) -> None:
    assert get(client, f"{MODELS}/shapes/public").status_code == 200


def test_other_methods_are_refused(client: Client, public_package: Any) -> None:
    assert_error(client.delete(f"{MODELS}/shapes/public"), "method-not-allowed", 405)


def test_the_number_of_queries_does_not_grow_with_packages(
    client: Client, alpha_token: str, model: Any, make_package: Callable[..., Any]
) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert get(client, path, alpha_token).status_code == 200
        return len(captured)

    package = make_package(model)
    paths = [MODELS, f"{MODELS}/shapes/1", f"{MODELS}/shapes/1/packages/{package.package_id}"]
    get(client, MODELS, alpha_token)
    before = [queries(path) for path in paths]
    for number in range(3):
        make_package(model, files={"weights.onnx": bytes([number])})
    assert [queries(path) for path in paths] == before


# One package


def test_it_describes_a_package_with_files_benchmarks_and_inspection(
    client: Client, alpha_token: str, package: Any
) -> None:
    PackageBenchmark.objects.create(
        package=package, environment_fingerprint="f" * 64, environment={"a": 1}, figures={"latency_ms": 2.5}
    )
    PackageFailure.objects.create(package=package, reason="ended the host", strikes=3)
    answer = get(client, f"{MODELS}/shapes/1/packages/{package.package_id}", alpha_token).json()
    assert_shape(PackageDescription(), answer)
    assert answer["manifest"] == {
        "type": "onnx-model-package-v1", "backendType": "onnx", "quantization": "fp32", "dynamicBatchSize": True,
        "opset": 17,
    }  # fmt: skip
    blob = package.files.get(handle="weights.onnx").blob
    assert answer["files"][-1] == {
        "handle": "weights.onnx", "bytes": blob.size, "md5": blob.md5, "sha256": blob.sha256,
    }  # fmt: skip
    assert answer["benchmarks"][0]["figures"] == {"latency_ms": 2.5}
    assert answer["set_aside"]["reason"] == "ended the host"


def test_a_package_is_found_by_the_id_that_clients_know(
    client: Client, alpha_token: str, package: Any, make_model: Any, make_package: Callable[..., Any]
) -> None:
    base = make_model("base/1")
    make_package(base)
    ModelDependency.objects.create(model=package.model, name="base", depends_on=base)
    announced = dependencies_of(package.model).announced_id(package.package_id)
    assert announced != package.package_id
    for name in (announced, package.package_id):
        answer = get(client, f"{MODELS}/shapes/1/packages/{name}", alpha_token).json()
        assert (answer["package_id"], answer["announced_as"]) == (package.package_id, announced)
    dependency = get(client, f"{MODELS}/shapes/1", alpha_token).json()["dependencies"]
    assert dependency == [{"name": "base", "model_id": "base/1", "package_id": None}]


def test_a_package_of_another_model_is_not_found(
    client: Client, alpha_token: str, package: Any, make_model: Any
) -> None:
    make_model("other/1")
    path = f"{MODELS}/other/1/packages/{package.package_id}"
    assert_error(get(client, path, alpha_token), "package-not-found", 404)


def test_a_package_of_a_private_model_is_not_found_from_outside(client: Client, beta_token: str, package: Any) -> None:
    path = f"{MODELS}/shapes/1/packages/{package.package_id}"
    assert_error(get(client, path, beta_token), "model-not-found", 404)
