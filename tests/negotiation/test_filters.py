from __future__ import annotations

from typing import Any

import pytest

from negotiation import Environment, Implementation, NegotiationRequest, Policy, negotiate_packages
from negotiation.errors import (
    BatchSizeNotDeclaredError,
    InvalidRequestedBatchSizeError,
    UnknownBackendTypeError,
    UnknownQuantizationError,
)
from negotiation.explanation import Explanation
from negotiation.package import Package
from tests.negotiation.entries import (
    CPU,
    T4,
    coreml,
    hugging_face,
    onnx,
    package,
    static,
    torch,
    torch_script,
    trt,
)


def ask(
    one: Package,
    environment: Environment = T4,
    model: tuple[str, str | None] = ("yolov8", "object-detection"),
    **request: Any,
) -> Explanation:
    return negotiate_packages([one], *model, environment, NegotiationRequest(**{"device": "cuda:0", **request}))


def verdict(one: Package, *, model: tuple[str, str | None] = ("yolov8", "object-detection"), **request: Any) -> str:
    """``survives``, or the cause of the discard."""
    explanation = ask(one, model=model, **request)
    return explanation.discards[0].cause if explanation.discards else "survives"


@pytest.mark.parametrize(
    "model, manifest, expected",
    [
        (("resnet", "classification"), onnx(), "survives"),
        (("resnet", "multi-label-classification"), torch(), "survives"),
        (("resnet", "classification"), trt(), "missing_capability"),
        (("vit", "classification"), hugging_face(), "survives"),
        (("vit", "classification"), torch(), "missing_capability"),
        (("yolov8", "classification"), onnx(), "missing_capability"),
        (("resnet", "object-detection"), onnx(), "missing_capability"),
        (("resnet", None), onnx(), "missing_capability"),
    ],
)
def test_image_embeddings_come_from_some_classifiers_only(
    model: tuple[str, str | None], manifest: dict[str, Any], expected: str
) -> None:
    assert verdict(package(manifest=manifest), model=model, required_capabilities=("image_embeddings",)) == expected


@pytest.mark.parametrize(
    "model, manifest, features, expected",
    [
        (("yolov8", "object-detection"), onnx(), None, "survives"),
        (("yolov8", "object-detection"), onnx(), {}, "survives"),
        (("yolov8", "object-detection"), torch(), None, "no_implementation_for_backend"),
        (("yolov8", None), onnx(), None, "no_implementation_for_backend"),
        (("unknown", "object-detection"), onnx(), None, "no_implementation_for_backend"),
        (("yolov8", "object-detection"), trt(), {"nms_fused": None}, "unsupported_model_feature"),
        (("yolov8", "object-detection"), onnx(), {"nms_fused": None}, "survives"),
        (("yolov8", "object-detection"), onnx(), {"nms_fused": None, "other": 1}, "unsupported_model_feature"),
        (("rfdetr", "object-detection"), onnx(), {"resolution": "whatever"}, "survives"),
        (("rfdetr", "object-detection"), torch(), {"resolution": 560}, "unsupported_model_feature"),
        (("doctr", "structured-ocr"), torch(), None, "required_model_feature_missing"),
        (("doctr", "structured-ocr"), torch(), {}, "required_model_feature_missing"),
        (("doctr", "structured-ocr"), torch(), {"other": 1}, "required_model_feature_missing"),
        (("doctr", "structured-ocr"), torch(), {"doctr_vocab_127": False}, "survives"),
        (("doctr", "structured-ocr"), torch(), {"doctr_vocab_127": 1, "other": 1}, "unsupported_model_feature"),
    ],
)
def test_an_implementation_must_know_the_features(
    model: tuple[str, str | None], manifest: dict[str, Any], features: Any, expected: str
) -> None:
    assert verdict(package(manifest=manifest, modelFeatures=features), model=model) == expected


def test_an_untrusted_package_needs_permission() -> None:
    untrusted = package(trustedSource=False)
    assert verdict(untrusted) == "untrusted"
    assert verdict(untrusted, allow_untrusted_packages=True) == "survives"


@pytest.mark.parametrize("backend", ["onnx", "ONNX", ("trt", "onnx"), ("Onnx",), None])
def test_a_requested_backend_survives(backend: Any) -> None:
    assert verdict(package(), backend=backend) == "survives"


@pytest.mark.parametrize("backend", ["trt", ("trt", "vllm", "custom", "hugging-face"), ()])
def test_another_backend_is_discarded(backend: Any) -> None:
    assert verdict(package(), backend=backend) == "backend_not_requested"


@pytest.mark.parametrize("backend", ["hf", "onnx ", "", "openvino", ("onnx", "nothing"), (None,), 5])
def test_a_backend_that_does_not_exist_is_an_error(backend: Any) -> None:
    assert isinstance(ask(package(), backend=backend).error, UnknownBackendTypeError)


def test_a_disabled_backend_is_discarded() -> None:
    assert verdict(package(), disabled_backends=("onnx", "unheard-of")) == "backend_not_requested"
    assert verdict(package(), disabled_backends=("trt",)) == "survives"


def test_disabled_backends_do_not_matter_beside_requested_ones() -> None:
    assert verdict(package(), backend="onnx", disabled_backends=("onnx",)) == "survives"


@pytest.mark.parametrize(
    "manifest, batch_size, expected",
    [
        (onnx(), 1000, "survives"),
        (onnx(**static(4)), 4, "survives"),
        (onnx(**static(4)), (1, 8), "survives"),
        (onnx(**static(4)), (4, 4), "survives"),
        (onnx(**static(4)), 3, "batch_size_static"),
        (onnx(**static(4)), (5, 8), "batch_size_static"),
        (onnx(**static(1)), True, "survives"),
        (trt(), (1, 8), "survives"),
        (trt(), 8, "survives"),
        (trt(), 9, "batch_size_dynamic_range"),
        (trt(), (1, 9), "batch_size_dynamic_range"),
        (trt(minBatchSize=8, optBatchSize=16, maxBatchSize=2), (2, 16), "survives"),
        (trt(minBatchSize=2), 1, "batch_size_dynamic_range"),
    ],
)
def test_the_requested_batch_size_must_fit(manifest: dict[str, Any], batch_size: Any, expected: str) -> None:
    assert verdict(package(manifest=manifest), batch_size=batch_size) == expected


@pytest.mark.parametrize(
    "batch_size", [0, -1, "4", 2.0, (), (1,), (1, 2, 3), (0, 4), (8, 4), (1, "2"), (1.0, 2), [1, 4], (-4, -1)]
)
def test_an_invalid_batch_size_is_an_error(batch_size: Any) -> None:
    assert isinstance(ask(package(), batch_size=batch_size).error, InvalidRequestedBatchSizeError)


def test_a_batch_size_cannot_be_compared_with_a_package_that_declares_none() -> None:
    explanation = ask(package(manifest=hugging_face()), model=("vit", "classification"), batch_size=1)
    assert isinstance(explanation.error, BatchSizeNotDeclaredError)


def test_excluding_the_backend_without_batch_size_helps() -> None:
    packages = [package("a", hugging_face()), package("b", onnx())]
    request = NegotiationRequest(device="cuda:0", batch_size=1, backend="onnx")
    assert negotiate_packages(packages, "vit", "classification", T4, request).attempt_order == ["b"]


@pytest.mark.parametrize(
    "device, environment, allowed",
    [
        ("cpu", T4, {"unknown", "fp32", "bf16"}),
        ("cuda", T4, {"unknown", "fp32", "fp16"}),
        ("mps", CPU, {"unknown", "fp32", "fp16"}),
        (None, T4, {"unknown", "fp32", "fp16"}),
        (None, CPU, {"unknown", "fp32", "fp16", "bf16"}),
    ],
)
def test_the_default_quantizations_depend_on_the_device(
    device: str | None, environment: Environment, allowed: set[str]
) -> None:
    packages = [package(name, onnx(quantization=name)) for name in ("fp32", "fp16", "bf16", "int8", "unknown")]
    request = NegotiationRequest(device=device)
    explanation = negotiate_packages(packages, "yolov8", "object-detection", environment, request)
    assert set(explanation.attempt_order) == allowed


def test_core_ml_is_exempt_from_the_default_quantizations_only() -> None:
    mac = Environment(coremltools_version="8.3.0")
    int8 = package(manifest=coreml(quantization="int8"))
    model = ("rfdetr", "object-detection")
    assert ask(int8, mac, model, device="cpu").attempt_order == ["a"]
    assert ask(int8, mac, model, device="cpu", quantization="fp16").discards[0].cause == "quantization_not_requested"


@pytest.mark.parametrize("quantization", ["int8", ("fp32", "int8"), (), ""])
def test_a_requested_quantization_survives(quantization: Any) -> None:
    assert verdict(package(manifest=onnx(quantization="int8")), quantization=quantization) == "survives"


@pytest.mark.parametrize("quantization, cause", [(None, "not_in_defaults"), (("fp32",), "not_requested")])
def test_another_quantization_is_discarded(quantization: Any, cause: str) -> None:
    int8 = package(manifest=onnx(quantization="int8"))
    assert verdict(int8, quantization=quantization) == f"quantization_{cause}"


@pytest.mark.parametrize("quantization", ["FP16", "half", ("fp32", ""), ("fp32", None), (["fp32"],)])
def test_a_quantization_that_does_not_exist_is_an_error(quantization: Any) -> None:
    assert isinstance(ask(package(), quantization=quantization).error, UnknownQuantizationError)


def test_the_first_bad_argument_decides_even_when_nothing_is_left() -> None:
    untrusted = package(trustedSource=False)
    both = {"batch_size": 0, "quantization": "half"}
    assert isinstance(ask(untrusted, backend="hf", **both).error, UnknownBackendTypeError)
    assert isinstance(ask(untrusted, **both).error, InvalidRequestedBatchSizeError)
    assert isinstance(ask(untrusted, quantization="half").error, UnknownQuantizationError)


def test_a_package_is_discarded_by_the_first_filter_that_it_fails() -> None:
    hopeless = package(manifest=torch_script(quantization="int8", **static(3)), trustedSource=False)
    assert verdict(hopeless, backend="onnx", batch_size=1) == "untrusted"
    assert verdict(hopeless, backend="onnx", batch_size=1, allow_untrusted_packages=True) == "backend_not_requested"


def test_a_server_discards_what_its_own_implementations_cannot_run() -> None:
    policy = Policy.for_server([Implementation("yolov8", "object-detection", "onnx")])
    packages = [package("a", onnx()), package("b", trt())]
    explanation = negotiate_packages(packages, "yolov8", "object-detection", T4, policy=policy)
    assert explanation.attempt_order == ["a"]
    assert explanation.discards[1].cause == "no_implementation_for_backend"
