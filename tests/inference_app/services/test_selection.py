"""Choosing the package that this server runs, and how long a choice holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from inference_app.services import environment, inference, selection
from packages_app.models import PackageFailure
from packages_app.services import publishing
from packages_app.services.push import push_directory
from registry.errors import NothingPublished
from registry.services.audit import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def chosen(push_demo: Callable[..., Any]) -> Callable[[], Any]:
    """The package that a request for the demo model would run now, remembered choices included."""
    dynamic = push_demo()
    push_demo("onnx-static")
    return lambda: inference.choice_for(dynamic.model).candidates[0]


def test_the_dynamic_package_goes_before_the_static_one(chosen: Callable[[], Any]) -> None:
    assert chosen().dynamic_batch_size


def test_a_choice_holds_while_nothing_changes(chosen: Callable[[], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    first = chosen()
    monkeypatch.setattr(inference, "choose", lambda *_: pytest.fail("The packages are the same as before."))
    assert chosen() == first


def test_a_withdrawal_takes_effect_with_the_next_request(chosen: Callable[[], Any]) -> None:
    publishing.withdraw(chosen())
    assert not chosen().dynamic_batch_size


def test_a_package_that_is_set_aside_is_passed_over_with_the_next_request(chosen: Callable[[], Any]) -> None:
    PackageFailure.objects.create(package=chosen(), reason="It ended the host.")
    assert not chosen().dynamic_batch_size


def test_where_all_are_set_aside_the_best_is_tried_again(chosen: Callable[[], Any]) -> None:
    best = chosen()
    for package in best.model.packages.all():
        PackageFailure.objects.create(package=package, reason="It ended the host.")
    assert chosen() == best


def test_a_package_of_a_model_without_published_ones_is_not_chosen(push_demo: Callable[..., Any]) -> None:
    package = push_demo(publish=False)
    with pytest.raises(NothingPublished):
        selection.choose(package.model)


def test_what_clients_pass_over_may_run_here(alpha: Any, tmp_path: Path) -> None:
    kind = {
        "model_architecture": "mediapipe-face-detector",
        "task_type": "keypoint-detection",
        "backend_type": "mediapipe",
    }
    (tmp_path / "model_config.json").write_text(json.dumps(kind))
    (tmp_path / "mediapipe_face_detector.tflite").write_bytes(b"a network")
    package = push_directory(
        tmp_path, model_id="faces/1", workspace=alpha, actor=Actor(name="test"), trusted=True, publish=True
    )
    assert selection.choose(package.model).candidates == (package,)
    by_rules = selection.packages_by_rules(package.model)
    assert by_rules[selection.Rules.SERVER].parsed.model.packages
    assert by_rules[selection.Rules.CLIENT].parsed.model.packages == ()


def test_looking_whether_a_choice_still_holds_takes_one_query(
    chosen: Callable[[], Any], django_assert_num_queries: Callable[[int], Any]
) -> None:
    chosen()
    with django_assert_num_queries(1):
        chosen()


def test_the_limits_of_the_installed_runtime_are_those_that_it_was_found_to_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They do not end with a table: a release that nobody listed reads what it reads."""
    value = {"version": "1.99.0", "newest_opset": 40, "newest_ir_version": 20}
    described = {"probes": [{"name": "onnx_runtime", "value": value}]}
    monkeypatch.setattr(environment, "describe", lambda: described)
    policy = selection.server_policy()
    assert (policy.onnx_opset_limits["1.99"], policy.onnx_ir_limits["1.99"]) == (40, 20)
    assert (policy.onnx_opset_limits["1.22"], policy.onnx_ir_limits["1.22"]) == (22, 10)


def test_the_installed_runtime_is_asked() -> None:
    version, opset, ir_version = environment.newest_onnx()
    assert version == onnxruntime.__version__
    assert (opset or 0) >= 23
    assert (ir_version or 0) >= 11
