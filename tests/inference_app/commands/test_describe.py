from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference_app.services import describing
from packages_app.models import PackageBenchmark
from registry.models import ModelAlias


def run(*arguments: str) -> str:
    output = StringIO()
    call_command(*arguments, stdout=output)
    return output.getvalue()


@pytest.fixture
def aliased(package: Any) -> Any:
    ModelAlias.objects.create(model=package.model, alias="shapes/latest")
    return package


def test_environment_is_a_table_with_sources_and_problems(cpu_box: Any) -> None:
    output = run("environment")
    assert "ubuntu-22.04" in output
    assert "/etc/os-release" in output
    assert cpu_box["fingerprint"] in output
    assert "! os: odd" in output


@pytest.mark.parametrize("command", ["environment", "describe_compute_environment"])
def test_environment_is_json_on_demand(command: str, cpu_box: Any) -> None:
    assert json.loads(run(command, "--json")) == cpu_box


def test_describe_compute_environment_is_the_same_table(cpu_box: Any) -> None:
    assert run("describe_compute_environment") == run("environment")


def test_describe_model_shows_the_model_and_its_packages(aliased: Any) -> None:
    output = run("describe_model", "shapes/latest")
    for shown in ("shapes/1", "object-detection", "circle, square", aliased.package_id, "onnx", "dynamic"):
        assert shown in output


def test_describe_model_says_that_nothing_is_published(model: Any) -> None:
    assert "No package is published." in run("describe_model", "shapes/1")


def test_describe_model_is_json_on_demand(aliased: Any) -> None:
    model = describing.models_for_list(type(aliased.model).objects.all()).get()
    assert json.loads(run("describe_model", "shapes/1", "--json")) == describing.describe_model(model)


def test_describe_model_refuses_an_unknown_model(db: None) -> None:
    with pytest.raises(CommandError, match="no model with this id"):
        run("describe_model", "nothing/1")


def test_what_people_typed_cannot_steer_the_terminal(make_model: Any) -> None:
    make_model("shapes/[bold]1", variant="\x1b[2Jwiped", class_names=["[red]circle[/red]"])
    output = run("describe_model", "shapes/[bold]1")
    assert "\x1b" not in output
    assert "[red]circle[/red]" in output


def test_describe_model_package_shows_manifest_files_and_benchmarks(aliased: Any) -> None:
    PackageBenchmark.objects.create(
        package=aliased, environment_fingerprint="f" * 64, environment={}, figures={"latency_ms": 12.25}
    )
    output = run("describe_model_package", "shapes/latest", aliased.package_id)
    blob = aliased.files.get(handle="weights.onnx").blob
    for shown in ("onnx-model-package-v1", "opset", "weights.onnx", blob.md5, blob.sha256, "latency_ms", "12.25"):
        assert shown in output


def test_describe_model_package_is_json_on_demand(aliased: Any) -> None:
    described = json.loads(run("describe_model_package", "shapes/1", aliased.package_id, "--json"))
    assert described == describing.describe_package(describing.find_package(aliased.model, aliased.package_id))


def test_describe_model_package_refuses_an_unknown_package(aliased: Any) -> None:
    with pytest.raises(CommandError, match="no published package"):
        run("describe_model_package", "shapes/1", "0" * 32)
