from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from negotiation import Environment, NegotiationRequest, negotiate_packages
from negotiation.explanation import Explanation
from negotiation.package import Package
from negotiation.ranking import RankingKey
from tests.negotiation.entries import (
    CPU,
    ORIN,
    T4,
    coreml,
    hugging_face,
    jetson_trt,
    onnx,
    package,
    static,
    torch,
    torch_script,
    trt,
)

EVERYTHING = dataclasses.replace(T4, coremltools_version="8.3.0")
REQUEST = {"device": "cuda:0", "quantization": (), "allow_untrusted_packages": True}


def rank(
    *packages: Package, environment: Environment = EVERYTHING, task: str = "object-detection", **request: Any
) -> Explanation:
    asked = NegotiationRequest(**{**REQUEST, **request})
    return negotiate_packages(packages, "rfdetr", task, environment, asked)


def better_by(
    part: str, better: dict[str, Any], worse: dict[str, Any], environment: Environment = EVERYTHING, **fields: Any
) -> None:
    """``better`` ranks above ``worse`` because of ``part``, although the tie-break is against it."""
    explanation = rank(package("a", better), package("b", worse, **fields), environment=environment)
    assert (explanation.attempt_order, explanation.decided_by) == (["a", "b"], [part])


def test_the_parts_are_compared_in_this_order() -> None:
    assert RankingKey._fields == (
        "backend",
        "quantization",
        "trusted_source",
        "batch_mode",
        "static_batch_size",
        "onnx_opset",
        "trt_forward_compatible",
        "trt_same_cc",
        "cuda_device_match",
        "cuda_version",
        "trt_version",
        "onnx_incompatible_providers",
        "trt_dynamic_range",
        "nms_fused",
        "trt_lean_runtime",
        "jetson_device_name",
        "os_version",
        "l4t_version",
        "driver_version",
        "package_id",
    )


@pytest.mark.parametrize("better, worse", [(coreml(), trt()), (trt(), onnx()), (onnx(), torch())])
def test_backends_have_an_order(better: dict[str, Any], worse: dict[str, Any]) -> None:
    better_by("backend", better, worse)


def test_backends_with_few_implementations_have_an_order_too() -> None:
    packages = [package("a", onnx()), package("b", hugging_face()), package("c", torch_script())]
    for model in (("vit", "classification"), ("yolov8", "object-detection")):
        explanation = negotiate_packages(packages, *model, T4, NegotiationRequest(device="cuda:0"))
        assert explanation.decided_by == ["backend"]
        assert explanation.attempt_order[0] == "a"


@pytest.mark.parametrize(
    "better, worse", [("int8", "fp16"), ("fp16", "fp32"), ("fp32", "unknown"), ("unknown", "bf16")]
)
def test_quantizations_have_an_order(better: str, worse: str) -> None:
    better_by("quantization", onnx(quantization=better), onnx(quantization=worse))


def test_trust_comes_after_quantization() -> None:
    better_by("trusted_source", onnx(), onnx(), trustedSource=False)
    packages = [package("a", onnx()), package("b", onnx(quantization="fp16"), trustedSource=False)]
    assert rank(*packages).attempt_order == ["b", "a"]


def test_dynamic_batches_are_better_than_static_ones() -> None:
    better_by("batch_mode", onnx(), onnx(**static(1)))


def test_smaller_static_batches_are_better() -> None:
    better_by("static_batch_size", onnx(**static(2)), onnx(**static(4)))


def test_a_newer_opset_is_better() -> None:
    better_by("onnx_opset", onnx(opset=19), onnx(opset=17))


def test_an_engine_for_one_version_is_better_than_a_forward_compatible_one() -> None:
    better_by("trt_forward_compatible", trt(), trt(trtForwardCompatible=True))


def test_an_engine_for_one_gpu_is_better_than_one_for_its_capability() -> None:
    better_by("trt_same_cc", trt(), trt(sameCCCompatible=True))


def test_matching_gpus_are_counted() -> None:
    same = {"sameCCCompatible": True}
    better_by("cuda_device_match", trt(**same), trt(cudaDeviceType="quadro-rtx-5000", **same))


def test_every_gpu_counts_without_a_device() -> None:
    two = dataclasses.replace(T4, gpu_devices=("tesla-t4", "tesla-t4"), gpu_devices_cc=("7.5", "7.5"))
    assert rank(package(manifest=trt()), environment=two, device=None).ranked[0].key.cuda_device_match == 2


def test_the_oldest_cuda_version_is_best() -> None:
    better_by("cuda_version", trt(cudaVersion="11.8"), trt(cudaVersion="12.4"))


def test_spellings_of_one_version_tie() -> None:
    better_by("driver_version", trt(cudaVersion="12.4.0"), trt(cudaVersion="12.4", machineSpecs=_server("1.0")))


def test_the_oldest_tensorrt_version_is_best() -> None:
    forward = {"trtForwardCompatible": True}
    better_by("trt_version", trt(trtVersion="8.6.1", **forward), trt(**forward))


def test_packages_without_versions_come_after_all_that_have_one() -> None:
    explanation = rank(package("a", trt()), package("b", trt(cudaVersion="11.8")), package("c", onnx()))
    ranks = {ranked.package.package_id: ranked.key.cuda_version for ranked in explanation.ranked}
    assert ranks == {"a": -1, "b": 0, "c": -2}


def test_packages_of_one_id_share_the_last_version() -> None:
    explanation = rank(package("a", trt(cudaVersion="11.8")), package("a", trt()), package("a", onnx()))
    assert [ranked.key.cuda_version for ranked in explanation.ranked] == [-1, -1, -1]


def test_fewer_barred_providers_that_are_here_are_better() -> None:
    barred = {"incompatibleProviders": ["CPUExecutionProvider", "NotHere"]}
    better_by("onnx_incompatible_providers", onnx(incompatibleProviders=["NotHere"]), onnx(**barred))


def test_a_wider_range_of_batches_is_better() -> None:
    better_by("trt_dynamic_range", trt(maxBatchSize=16), trt())


def test_the_range_of_a_static_engine_counts_too() -> None:
    assert rank(package(manifest=trt(**static(1)))).ranked[0].key.trt_dynamic_range == 7


def test_the_lean_runtime_is_better_kept() -> None:
    better_by("trt_lean_runtime", trt(), trt(trtLeanRuntimeExcluded=True))


def test_the_same_jetson_is_better() -> None:
    other = jetson_trt(machineSpecs={"deviceName": "nvidia-jetson-orin-nano"})
    better_by("jetson_device_name", jetson_trt(), other, ORIN)


def test_the_same_operating_system_is_better() -> None:
    better_by("os_version", trt(), trt(machineSpecs={**_server(), "osVersion": "debian-12"}))


def test_no_operating_system_matches_nothing() -> None:
    nameless = dataclasses.replace(T4, os_version="")
    key = rank(package(manifest=trt(machineSpecs={**_server(), "osVersion": ""})), environment=nameless).ranked[0].key
    assert key.os_version == 0


def test_the_same_l4t_release_is_better() -> None:
    better_by("l4t_version", jetson_trt(), jetson_trt(machineSpecs={"l4tVersion": "36.4.0"}), ORIN)


def test_the_same_driver_is_better() -> None:
    better_by("driver_version", trt(), trt(machineSpecs=_server("535.104.5")))


@pytest.mark.parametrize(
    "wire, expected", [("abc", "cba"), ("bca", "bac"), ("cab", "acb"), ("cba", "cba"), ("bac", "cba")]
)
def test_the_tie_break_is_the_clients(wire: str, expected: str) -> None:
    assert rank(*(package(name) for name in wire)).attempt_order == list(expected)


def test_on_a_sorted_wire_the_largest_id_wins_among_any_subset() -> None:
    for subset in ("abcd", "acd", "bd", "ad"):
        assert rank(*(package(name) for name in subset)).attempt_order == sorted(subset, reverse=True)


def test_on_any_other_wire_a_third_package_can_change_the_order_of_two() -> None:
    assert rank(*(package(name) for name in "ca")).attempt_order == ["c", "a"]
    assert rank(*(package(name) for name in "bca")).attempt_order == ["b", "a", "c"]


def test_it_ranks_on_a_machine_without_anything_to_match() -> None:
    assert rank(package(), environment=CPU).ranked[0].key.driver_version == 0


def _server(driver: str = "550.90.7") -> dict[str, str]:
    return {"type": "gpu-server-specs-v1", "driverVersion": driver, "osVersion": "ubuntu-22.04"}
