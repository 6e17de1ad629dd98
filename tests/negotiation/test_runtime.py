from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from negotiation import Environment, Implementation, NegotiationRequest, Policy, negotiate_packages
from negotiation.errors import ModelPackageNegotiationError
from negotiation.manifests.onnx import OnnxManifest
from negotiation.package import Package
from tests.negotiation.entries import (
    CPU,
    ORIN,
    T4,
    coreml,
    hugging_face,
    jetson_trt,
    onnx,
    package,
    torch,
    torch_script,
    trt,
)

MODELS = {
    "hf": ("vit", "classification"),
    "torch": ("rfdetr", "object-detection"),
    "coreml": ("rfdetr", "object-detection"),
}
TWO_GPUS = dataclasses.replace(T4, gpu_devices=("tesla-t4", "nvidia-l4"), gpu_devices_cc=("7.5", "8.9"))


def verdict(manifest: dict[str, Any], environment: Environment = T4, **request: Any) -> str:
    """``survives``, or the cause of the discard."""
    architecture, task = MODELS.get(manifest["backendType"], ("yolov8", "object-detection"))
    asked = NegotiationRequest(**{"device": "cuda:0", **request})
    explanation = negotiate_packages([package(manifest=manifest)], architecture, task, environment, asked)
    return explanation.discards[0].cause if explanation.discards else "survives"


def with_onnx(
    version: str | None, *providers: str, preferred: tuple[str, ...] = ("CPUExecutionProvider",)
) -> Environment:
    return Environment(
        onnxruntime_version=version,
        available_onnx_execution_providers=providers,
        onnx_default_execution_providers=preferred,
    )


def test_onnx_needs_onnx_runtime() -> None:
    assert verdict(onnx(), Environment(available_onnx_execution_providers=("A",))) == "onnx_not_installed"
    assert verdict(onnx(), Environment(onnxruntime_version="1.20")) == "onnx_not_installed"
    assert verdict(onnx(), with_onnx("1.20")) == "onnx_not_installed"


def test_onnx_needs_one_of_the_preferred_providers() -> None:
    assert verdict(onnx(), with_onnx("1.20", "TensorrtExecutionProvider")) == "onnx_default_providers_unavailable"


@pytest.mark.parametrize(
    "requested, expected",
    [
        (("CUDAExecutionProvider",), "survives"),
        (("Unknown", "CPUExecutionProvider"), "survives"),
        (("Unknown",), "onnx_requested_providers_unavailable"),
        ((("CUDAExecutionProvider", {}),), "onnx_requested_providers_unavailable"),
        ((("CUDAExecutionProvider", {}), "CPUExecutionProvider"), "survives"),
        ((), "survives"),
    ],
)
def test_requested_providers_replace_the_preferred_ones(requested: Any, expected: str) -> None:
    assert verdict(onnx(), onnx_execution_providers=requested) == expected


@pytest.mark.parametrize(
    "barred, requested, expected",
    [
        (["CUDAExecutionProvider"], None, "onnx_incompatible_provider"),
        (["CPUExecutionProvider"], None, "survives"),
        (["CUDAExecutionProvider"], ("CPUExecutionProvider", "CUDAExecutionProvider"), "survives"),
        (
            ["CPUExecutionProvider"],
            (("CUDAExecutionProvider", {}), "CPUExecutionProvider"),
            "onnx_incompatible_provider",
        ),
        ([], None, "survives"),
    ],
)
def test_only_the_first_usable_provider_must_not_be_barred(barred: list[str], requested: Any, expected: str) -> None:
    assert verdict(onnx(incompatibleProviders=barred), onnx_execution_providers=requested) == expected


def test_a_barred_provider_counts_whatever_the_device() -> None:
    barred = onnx(incompatibleProviders=["CUDAExecutionProvider"])
    assert verdict(barred, device="cpu") == "onnx_incompatible_provider"


@pytest.mark.parametrize(
    "version, limit",
    [
        ("1.14.1", 19),
        ("1.15.0", 19),
        ("1.16.3", 19),
        ("1.17.1", 20),
        ("1.18.0", 21),
        ("1.19.2", 21),
        ("1.20.1", 21),
        ("1.21", 22),
        ("1.22.0.post1", 23),
        ("1.23.0", 19),
        ("2.0", 19),
    ],
)
def test_the_opset_is_limited_by_the_release_of_onnx_runtime(version: str, limit: int) -> None:
    environment = with_onnx(version, "CPUExecutionProvider")
    assert verdict(onnx(opset=limit), environment) == "survives"
    assert verdict(onnx(opset=limit + 1), environment).startswith("onnx_opset_too_high_for_")


def test_it_tells_a_release_that_is_not_listed() -> None:
    assert (
        verdict(onnx(opset=20), with_onnx("1.23", "CPUExecutionProvider")) == "onnx_opset_too_high_for_unlisted_runtime"
    )
    assert (
        verdict(onnx(opset=24), with_onnx("1.22", "CPUExecutionProvider")) == "onnx_opset_too_high_for_listed_runtime"
    )


def test_a_server_knows_the_limit_of_what_it_has_installed() -> None:
    policy = Policy.for_server([Implementation("yolov8", "object-detection", "onnx")], onnx_opset_limits={"1.23": 23})
    packages = [package(manifest=onnx(opset=23))]
    environment = with_onnx("1.23", "CPUExecutionProvider")
    assert negotiate_packages(packages, "yolov8", "object-detection", environment, policy=policy).error is None


def with_ir_version(ir_version: int | None) -> Package:
    """An ONNX package as who has the file knows it: the wire does not carry the IR version."""
    known = package(manifest=onnx())
    assert isinstance(known.manifest, OnnxManifest)
    return dataclasses.replace(known, manifest=known.manifest.model_copy(update={"ir_version": ir_version}))


SERVER = Policy.for_server(
    [Implementation("yolov8", "object-detection", "onnx")],
    onnx_opset_limits={"1.23": 23},
    onnx_ir_limits={"1.22": 10, "1.23": 11},
)


@pytest.mark.parametrize(
    "version, ir_version, survives",
    [("1.22.1", 10, True), ("1.22.1", 11, False), ("1.23.2", 11, True), ("1.30.0", 40, True), ("1.22.1", None, True)],
)
def test_a_server_does_not_choose_a_file_that_its_runtime_cannot_read(
    version: str, ir_version: int | None, survives: bool
) -> None:
    environment = with_onnx(version, "CPUExecutionProvider")
    packages = [with_ir_version(ir_version)]
    explanation = negotiate_packages(packages, "yolov8", "object-detection", environment, policy=SERVER)
    assert (explanation.error is None) == survives
    if not survives:
        assert f"cannot read IR {ir_version}" in explanation.discards[0].sentence


def test_the_client_chooses_it_all_the_same() -> None:
    environment = with_onnx("1.22.1", "CPUExecutionProvider")
    assert negotiate_packages([with_ir_version(14)], "yolov8", "object-detection", environment).error is None


@pytest.mark.parametrize(
    "manifest, change, expected",
    [
        (torch(), {"torch_available": False}, "torch_not_installed"),
        (torch(), {"torch_version": None}, "survives"),
        (hugging_face(), {"hf_transformers_available": False}, "hf_not_installed"),
        (hugging_face(), {}, "survives"),
        (coreml(), {}, "coreml_not_available"),
        (coreml(), {"coremltools_version": "8.3.0"}, "survives"),
    ],
)
def test_each_library_must_be_there(manifest: dict[str, Any], change: dict[str, Any], expected: str) -> None:
    assert verdict(manifest, dataclasses.replace(T4, **change)) == expected


@pytest.mark.parametrize(
    "manifest, change, device, expected",
    [
        (torch_script(), {}, "cuda:0", "survives"),
        (torch_script(), {"torch_available": False}, "cpu", "torch_not_installed"),
        (torch_script(), {}, None, "torchscript_device_unspecified"),
        (torch_script(), {}, "mps", "torchscript_device_type_mismatch"),
        (torch_script(supportedDeviceTypes=[]), {}, "cpu", "torchscript_device_type_mismatch"),
        (torch_script(), {"torch_version": None}, "cpu", "torchscript_torch_version_unknown"),
        (torch_script(torchVersion="2.6"), {}, "cpu", "survives"),
        (torch_script(torchVersion="2.6.1"), {}, "cpu", "torchscript_torch_too_old"),
        (torch_script(torchVersion="2.6.0+cu124"), {}, "cpu", "torchscript_torch_too_old"),
        (torch_script(torchVersion="2.6.0"), {"torch_version": "2.6.0a0"}, "cpu", "torchscript_torch_too_old"),
        (torch_script(torchVisionVersion="0.21"), {}, "cpu", "survives"),
        (
            torch_script(torchVisionVersion="0.21"),
            {"torchvision_version": None},
            "cpu",
            "torchscript_torchvision_version_unknown",
        ),
        (torch_script(torchVisionVersion="0.22"), {}, "cpu", "torchscript_torchvision_too_old"),
        (torch_script(), {"torchvision_version": None}, "cpu", "survives"),
    ],
)
def test_torchscript_needs_its_device_and_versions(
    manifest: dict[str, Any], change: dict[str, Any], device: str | None, expected: str
) -> None:
    assert verdict(manifest, dataclasses.replace(T4, **change), device=device) == expected


@pytest.mark.parametrize(
    "manifest, change, expected",
    [
        (trt(), {}, "survives"),
        (trt(), {"trt_version": None, "trt_python_package_available": False}, "trt_not_installed"),
        (trt(), {"trt_python_package_available": False}, "trt_python_package_missing"),
        (jetson_trt(), {}, "trt_runtime_l4t_unknown"),
        (trt(cudaDeviceType="nvidia-l4"), {}, "trt_device_mismatch"),
        (trt(cudaDeviceCC="9.0"), {}, "survives"),
        (trt(cudaDeviceType="nvidia-l4", sameCCCompatible=True), {}, "survives"),
        (trt(cudaDeviceType="nvidia-l4", cudaDeviceCC="7.5.0", sameCCCompatible=True), {}, "survives"),
        (trt(cudaDeviceCC="8.9", sameCCCompatible=True), {}, "trt_device_mismatch"),
        (trt(trtVersion="10.3"), {}, "survives"),
        (trt(trtVersion="10.3.0.26"), {}, "trt_version_not_equal"),
        (trt(trtVersion="8.6.1"), {}, "trt_version_not_equal"),
        (trt(trtVersion="8.6.1", trtForwardCompatible=True), {}, "survives"),
        (trt(trtVersion="10.4", trtForwardCompatible=True), {}, "trt_runtime_older_than_engine"),
        (
            trt(trtForwardCompatible=True, trtLeanRuntimeExcluded=True),
            {},
            "trt_lean_runtime_excluded",
        ),
        (trt(trtLeanRuntimeExcluded=True), {}, "survives"),
        (trt(cudaVersion="99.0"), {"cuda_version": "11.8"}, "survives"),
        (trt(), {"driver_version": None, "os_version": None, "cuda_version": None}, "survives"),
    ],
)
def test_an_engine_needs_its_gpu_and_version(manifest: dict[str, Any], change: dict[str, Any], expected: str) -> None:
    assert verdict(manifest, dataclasses.replace(T4, **change)) == expected


@pytest.mark.parametrize(
    "manifest, expected",
    [
        (jetson_trt(), "survives"),
        (jetson_trt(machineSpecs={"l4tVersion": "36.4.0"}), "survives"),
        (jetson_trt(machineSpecs={"l4tVersion": "36.3.0"}), "trt_l4t_mismatch"),
        (jetson_trt(machineSpecs={"deviceName": "nvidia-jetson-orin-nano"}), "survives"),
        (jetson_trt(cudaDeviceType="xavier"), "trt_device_mismatch"),
        (jetson_trt(trtVersion="10.4"), "trt_version_not_equal"),
        (trt(cudaDeviceType="orin"), "survives"),
    ],
)
def test_a_jetson_needs_its_l4t_release(manifest: dict[str, Any], expected: str) -> None:
    assert verdict(manifest, ORIN) == expected


def test_host_code_needs_permission_only_in_forward_compatible_engines() -> None:
    forbidden = {"trt_engine_host_code_allowed": False}
    assert verdict(trt(trtForwardCompatible=True), **forbidden) == "trt_host_code_forbidden"
    assert verdict(trt(), **forbidden) == "survives"


@pytest.mark.parametrize(
    "device, expected",
    [
        ("cuda", "trt_device_mismatch"),
        ("cuda:0", "trt_device_mismatch"),
        ("cuda:1", "survives"),
        (None, "survives"),
        ("cpu", "trt_device_mismatch"),
    ],
)
def test_the_device_says_which_gpus_count(device: str | None, expected: str) -> None:
    assert verdict(trt(cudaDeviceType="nvidia-l4"), TWO_GPUS, device=device) == expected


def test_a_cuda_device_that_is_not_there_ends_the_negotiation() -> None:
    packages = [package("a", trt()), package("b", onnx())]
    request = NegotiationRequest(device="cuda:1")
    explanation = negotiate_packages(packages, "yolov8", "object-detection", T4, request)
    assert type(explanation.error) is ModelPackageNegotiationError


def test_a_cuda_device_that_is_not_there_goes_unnoticed_without_engines() -> None:
    assert verdict(onnx(), CPU, device="cuda:3") == "survives"


def test_a_backend_without_a_check_is_an_error() -> None:
    policy = Policy.for_server([Implementation("yolov8", "object-detection", "ultralytics")])
    packages = [package(manifest={"type": "ultralytics-model-package-v1"})]
    explanation = negotiate_packages(packages, "yolov8", "object-detection", T4, policy=policy)
    assert type(explanation.error) is ModelPackageNegotiationError
