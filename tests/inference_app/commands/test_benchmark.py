from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from inference_app.services import environment
from packages_app.models import PackageBenchmark


def run(*arguments: str) -> str:
    output = StringIO()
    call_command("benchmark", "demo/shapes", "--seconds", "0.2", *arguments, stdout=output)
    return output.getvalue()


def test_it_times_every_package_that_runs_here_and_keeps_the_figures(
    model_host: None, push_demo: Callable[..., Any], make_package: Callable[..., Any]
) -> None:
    package = push_demo()
    push_demo("onnx-static")
    make_package(package.model, trusted=False)
    output = run()
    benchmarks = PackageBenchmark.objects.all()
    assert len(benchmarks) == 2
    for benchmark in benchmarks:
        assert benchmark.environment_fingerprint == environment.describe()["fingerprint"]
        figures = benchmark.figures
        assert 0 < figures["latency_ms"] <= figures["latency_p95_ms"] < 60_000
        assert figures["images_per_second"] > 0
        assert figures["load_ms"] > 0
        assert figures["memory_bytes"] > 0
        assert f"{figures['latency_ms']:.1f} ms" in output


def test_measuring_again_replaces_the_figures(model_host: None, push_demo: Callable[..., Any]) -> None:
    package = push_demo()
    first, second = (json.loads(run("--json", "--package", package.package_id))[0]["figures"] for _ in range(2))
    assert first != second
    assert PackageBenchmark.objects.get().figures == second


def test_a_package_that_cannot_be_loaded_is_reported_and_the_others_are_measured(
    model_host: None, push_demo: Callable[..., Any], make_package: Callable[..., Any]
) -> None:
    package = push_demo()
    broken = make_package(package.model)
    results = {result["package_id"]: result for result in json.loads(run("--json"))}
    assert results[package.package_id]["figures"] is not None
    assert results[broken.package_id]["figures"] is None
    assert results[broken.package_id]["problem"]


def test_it_refuses_a_model_of_which_nothing_runs_here(push_demo: Callable[..., Any]) -> None:
    push_demo(trusted=False)
    with pytest.raises(CommandError, match="can run no such package"):
        run()


@pytest.mark.parametrize("seconds", ["0", "-1", "601", "nan"])
def test_it_refuses_odd_durations(push_demo: Callable[..., Any], seconds: str) -> None:
    with pytest.raises(CommandError, match="--seconds"):
        call_command("benchmark", "demo/shapes", f"--seconds={seconds}")
