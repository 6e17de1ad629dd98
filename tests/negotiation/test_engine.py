from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from negotiation import Environment, NegotiationRequest, Policy, negotiate, negotiate_packages
from negotiation.errors import (
    AmbiguousModelPackageResolutionError,
    InvalidMetadataError,
    InvalidParameterError,
    ModelRetrievalError,
    NoModelPackagesAvailableError,
    RuntimeIntrospectionError,
)
from negotiation.explanation import Explanation
from negotiation.wire import parse_metadata
from tests.negotiation.entries import CPU, ORIN, T4, document, entry, onnx, package, static, torch, trt


def ask(*entries: Any, environment: Environment = T4, **request: Any) -> Explanation:
    return negotiate(document(*entries), environment, NegotiationRequest(**{"device": "cuda:0", **request}))


def kind(explanation: Explanation) -> str:
    assert isinstance(explanation.error, NoModelPackagesAvailableError)
    return explanation.error.kind


def test_it_chooses_a_package() -> None:
    explanation = ask(entry("a", onnx()), entry("b", trt()), entry("c", torch()))
    assert explanation.chosen is not None
    assert explanation.chosen.package_id == "b"
    assert (explanation.chosen_index, explanation.survivor_indexes) == (1, [1, 0])
    assert explanation.or_raise() is explanation


def test_a_parsed_document_gives_the_same_answer() -> None:
    wire = document(entry("a"), entry("b", trt()))
    assert negotiate(parse_metadata(wire), T4).to_json() == negotiate(wire, T4).to_json()


def test_parsed_packages_give_the_same_answer() -> None:
    packages = [package("a"), package("b", trt())]
    alone = negotiate_packages(packages, "yolov8", "object-detection", T4)
    assert alone.to_json() == negotiate(document(entry("a"), entry("b", trt())), T4).to_json()


def test_dropped_entries_count_as_positions() -> None:
    explanation = ask(entry("a", trustedSource=None), entry("b"))
    assert explanation.survivor_indexes == [1]
    assert explanation.package_ids == ["a", "b"]
    assert explanation.discards[0].stage == "parse"


def test_no_packages_announced_at_all_is_a_failed_retrieval() -> None:
    assert isinstance(ask().error, ModelRetrievalError)


def test_no_packages_that_can_be_read() -> None:
    assert kind(ask(entry(trustedSource=None))) == "no_packages_announced"
    assert negotiate_packages([], "yolov8", "object-detection", T4).error is not None


def test_nothing_left() -> None:
    explanation = ask(entry("a", torch()), entry("b", onnx(opset=30)), entry("c", onnx(opset=30)))
    assert kind(explanation) == "all_packages_filtered_out"
    assert explanation.chosen is None
    assert "2 x The package has opset 30" in str(explanation.error)


def test_a_malformed_document_is_raised() -> None:
    with pytest.raises(InvalidMetadataError):
        negotiate({"modelPackages": []}, T4)


def test_bad_arguments_come_before_a_malformed_document() -> None:
    with pytest.raises(InvalidParameterError):
        negotiate({}, T4, NegotiationRequest(device="gpu"))


@pytest.mark.parametrize("request_", [{"device": "cuda:x"}, {"required_capabilities": ("mind_reading",)}])
def test_bad_arguments_come_before_the_packages(request_: dict[str, Any]) -> None:
    assert isinstance(ask(**request_).error, InvalidParameterError)


def test_a_jetson_must_know_its_l4t_version() -> None:
    nameless = dataclasses.replace(ORIN, l4t_version=None)
    assert isinstance(ask(entry(), environment=nameless).error, RuntimeIntrospectionError)


def test_a_requested_package_skips_the_filters() -> None:
    unfit = entry("b", torch(quantization="int8", **static(3)), modelFeatures={"nms_fused": 5})
    explanation = ask(
        entry("a"), unfit, model_package_id="b", backend="hf", batch_size=0, quantization="half",
        nms_fusion_preferences={"iou_threshold": []},
    )  # fmt: skip
    assert explanation.attempt_order == ["b"]
    assert explanation.discards == {}


def test_a_requested_package_must_exist() -> None:
    assert kind(ask(entry("a"), model_package_id="b")) == "package_id_not_found"
    assert kind(ask(entry("a"), model_package_id="")) == "package_id_not_found"


def test_a_requested_package_must_be_the_only_one_of_its_id() -> None:
    twice = ask(entry("a"), entry("a", trt()), model_package_id="a")
    assert isinstance(twice.error, AmbiguousModelPackageResolutionError)


def test_a_requested_package_must_be_trusted() -> None:
    untrusted = entry("a", trustedSource=False)
    assert kind(ask(untrusted, model_package_id="a")) == "package_id_untrusted"
    assert ask(untrusted, model_package_id="a", allow_untrusted_packages=True).error is None


def test_a_requested_package_must_have_the_capabilities() -> None:
    lacking = ask(entry("a"), model_package_id="a", required_capabilities=("image_embeddings",))
    assert kind(lacking) == "package_id_lacks_capability"


@pytest.mark.parametrize("attempts, expected", [(None, "cba"), (1, "c"), (2, "cb"), (9, "cba"), (-1, "cb"), (-2, "c")])
def test_attempts_are_cut_as_python_slices_are(attempts: int | None, expected: str) -> None:
    explanation = ask(entry("a"), entry("b"), entry("c"), max_package_loading_attempts=attempts)
    assert explanation.attempt_order == list(expected)
    assert len(explanation.ranked) == 3


@pytest.mark.parametrize("attempts", [0, -3])
def test_no_attempts_left_is_an_error(attempts: int) -> None:
    explanation = ask(entry("a"), entry("b"), entry("c"), max_package_loading_attempts=attempts)
    assert kind(explanation) == "zero_loading_attempts"
    assert explanation.chosen is None
    assert explanation.survivor_indexes == [2, 1, 0]


def test_each_package_has_a_place_or_a_reason() -> None:
    explanation = ask(entry("a"), entry("b", torch()), entry("c", trt()), entry("d", trustedSource=1))
    verdicts = explanation.verdicts
    assert [verdict.place for verdict in verdicts] == [2, None, 1, None]
    assert [verdict.reason.category if verdict.reason else None for verdict in verdicts] == [
        None,
        "no_implementation",
        None,
        "invalid_entry",
    ]
    assert [verdict.above_next for verdict in verdicts] == [None, None, "backend", None]
    assert [verdict.survived for verdict in verdicts] == [True, False, True, False]


def test_a_package_beside_a_requested_one_has_neither_place_nor_reason() -> None:
    verdict = ask(entry("a"), entry("b"), model_package_id="b").verdicts[0]
    assert (verdict.place, verdict.reason) == (None, None)


def test_an_explanation_is_json() -> None:
    explanation = ask(entry("a"), entry("b", torch()), entry("c", trt()))
    told = json.loads(json.dumps(explanation.to_json()))
    assert told["chosen"] == "c"
    assert told["decided_by"] == ["backend"]
    assert told["packages"][1]["reason"]["cause"] == "no_implementation_for_backend"
    assert told["ranked"][0]["key"]["backend"] == 7
    assert told["policy"] == "inference-models-0.39.6"
    assert told["error"] is None


def test_an_error_is_json_too() -> None:
    explanation = ask(entry("a", torch()))
    assert json.loads(json.dumps(explanation.to_json()))["error"]["code"] == "no-model-packages-available"
    with pytest.raises(NoModelPackagesAvailableError):
        explanation.or_raise()


def test_every_sentence_says_something_to_do() -> None:
    explanation = ask(
        entry("a", torch()), entry("b", trustedSource=False), entry("c", onnx(quantization="int8")),
        entry("d", onnx(opset=30)), entry("e", trt(trtVersion="8.6")), entry("f", {"type": "x"}), environment=T4,
    )  # fmt: skip
    sentences = [reason.sentence for reason in explanation.discards.values()]
    assert len(sentences) == 6
    assert all(sentence.endswith(".") and sentence.count(". ") >= 1 for sentence in sentences)


def test_it_needs_no_request_and_no_policy() -> None:
    assert negotiate(document(entry("a")), CPU).policy == Policy.for_client().name
