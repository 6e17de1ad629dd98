from __future__ import annotations

from typing import Any

import pytest

from negotiation.publishing import validate_for_publishing
from negotiation.wire_writer import dump_entry
from tests.negotiation.entries import (
    MD5,
    coreml,
    entry,
    hugging_face,
    jetson_trt,
    onnx,
    package,
    static,
    torch,
    torch_script,
    trt,
)

SOUND = [
    onnx(),
    onnx(**static(4)),
    onnx(incompatibleProviders=["CPUExecutionProvider"]),
    torch(),
    torch_script(torchVisionVersion="0.19.0"),
    hugging_face(),
    coreml(),
    trt(),
    trt(**static(1), minBatchSize=None, optBatchSize=None, maxBatchSize=None),
    jetson_trt(trtForwardCompatible=True),
    {"type": "mediapipe-model-package-v1", "backendType": "mediapipe"},
]


def fields(one_entry: Any) -> list[str]:
    return [problem.field for problem in validate_for_publishing(one_entry)]


@pytest.mark.parametrize("manifest", SOUND)
def test_it_accepts_a_sound_entry(manifest: dict[str, Any]) -> None:
    assert validate_for_publishing(entry("0a1b", manifest)) == []


@pytest.mark.parametrize("manifest", SOUND[:-1])
def test_it_accepts_what_we_write(manifest: dict[str, Any]) -> None:
    assert validate_for_publishing(dump_entry(package("0a1b", manifest))) == []


def test_an_address_may_come_later() -> None:
    assert validate_for_publishing(entry(packageFiles=[{"fileHandle": "w", "md5Hash": MD5}])) == []


@pytest.mark.parametrize(
    "change, field",
    [
        ({"packageId": ""}, "packageId"),
        ({"packageId": "3f0b-1c"}, "packageId"),
        ({"packageId": "a/b"}, "packageId"),
        ({"packageId": "a\n"}, "packageId"),
        ({"packageId": "nul"}, "packageId"),
        ({"packageId": "a" * 256}, "packageId"),
        ({"packageId": 7}, "packageId"),
        ({"trustedSource": "true"}, "trustedSource"),
        ({"trustedSource": 1}, "trustedSource"),
        ({"trustedSource": None}, "trustedSource"),
        ({"modelFeatures": ["nms_fused"]}, "modelFeatures"),
        ({"recommendedParameters": {"confidence": "0.3"}}, "recommendedParameters.confidence"),
        ({"packageFiles": []}, "packageFiles"),
        ({"packageFiles": None}, "packageFiles"),
        ({"packageFiles": [{"fileHandle": "../w", "md5Hash": MD5}]}, "packageFiles.fileHandle"),
        ({"packageFiles": [{"fileHandle": 5, "md5Hash": MD5}]}, "packageFiles.0.fileHandle"),
        ({"packageFiles": [{"fileHandle": "w"}]}, "packageFiles.0.md5Hash"),
        ({"packageFiles": [{"fileHandle": "w", "md5Hash": MD5.upper()}]}, "packageFiles.0.md5Hash"),
        ({"packageFiles": [{"fileHandle": "w", "md5Hash": MD5 + "0"}]}, "packageFiles.0.md5Hash"),
        ({"packageFiles": ["w"]}, "packageFiles.0"),
        ({"type": "external-model-package-v2"}, "type"),
        ({"packageManifest": None}, "packageManifest"),
    ],
)
def test_it_finds_the_problem_of_an_entry(change: dict[str, Any], field: str) -> None:
    assert fields(entry(**change)) == [field]


@pytest.mark.parametrize(
    "manifest, field",
    [
        ({"type": "oak-model-package-v1"}, "type"),
        ({"type": None}, "type"),
        ({"type": "mediapipe-model-package-v1"}, "backendType"),
        (onnx(backendType="trt"), "backendType"),
        (onnx(opset="17"), "opset"),
        (onnx(opset=0), "opset"),
        (onnx(quantization="FP16"), "quantization"),
        (onnx(dynamicBatchSize="true"), "dynamicBatchSize"),
        (onnx(staticBatchSize=1), "staticBatchSize"),
        (onnx(**static(0)), "staticBatchSize"),
        (onnx(incompatibleProviders="CPUExecutionProvider"), "incompatibleProviders"),
        (hugging_face(backendType="hugging-face"), "backendType"),
        (torch_script(torchVersion="new"), "torchVersion"),
        (torch_script(torchVisionVersion=""), "torchVisionVersion"),
        (torch_script(supportedDeviceTypes=[]), "supportedDeviceTypes"),
        (torch_script(supportedDeviceTypes=["cuda:0"]), "supportedDeviceTypes"),
        (trt(sameCCCompatible=None), "sameCCCompatible"),
        (trt(cudaVersion=12.4), "cudaVersion"),
        (trt(cudaVersion="twelve"), "cudaVersion"),
        (trt(trtVersion=""), "trtVersion"),
        (trt(cudaDeviceCC="x"), "cudaDeviceCC"),
        (trt(cudaDeviceType=" "), "cudaDeviceType"),
        (trt(optBatchSize=None), "minBatchSize"),
        (trt(minBatchSize=8, optBatchSize=4), "minBatchSize"),
        (trt(minBatchSize=0), "minBatchSize"),
        (trt(machineType="laptop"), "machineType"),
        (trt(machineType="jetson"), "machineType"),
        (trt(machineSpecs={"type": "laptop-specs-v1"}), "machineSpecs"),
        (jetson_trt(machineSpecs={"l4tVersion": "latest"}), "machineSpecs.l4tVersion"),
        (jetson_trt(machineSpecs={"deviceName": None}), "machineSpecs.deviceName"),
        (jetson_trt(machineSpecs={"driverVersion": "new"}), "machineSpecs.driverVersion"),
    ],
)
def test_it_finds_the_problem_of_a_manifest(manifest: dict[str, Any], field: str) -> None:
    assert fields(entry(manifest=manifest)) == [f"packageManifest.{field}"]


@pytest.mark.parametrize("missing", ["type", "packageId", "packageManifest", "packageFiles", "trustedSource"])
def test_it_finds_what_is_missing(missing: str) -> None:
    lacking = entry()
    del lacking[missing]
    assert fields(lacking) == [missing]


@pytest.mark.parametrize("nothing", [None, [], "entry"])
def test_it_rejects_what_is_no_entry(nothing: Any) -> None:
    assert len(validate_for_publishing(nothing)) == 1


def test_it_finds_all_problems_at_once() -> None:
    many = entry("a-b", onnx(opset="17"), trustedSource=None, packageFiles=[{"fileHandle": "CON"}])
    assert set(fields(many)) == {
        "packageId",
        "packageManifest.opset",
        "trustedSource",
        "packageFiles.fileHandle",
        "packageFiles.0.md5Hash",
    }


def test_it_says_what_is_expected_in_plain_words() -> None:
    messages = {problem.message for problem in validate_for_publishing(entry(manifest=onnx(quantization="FP16")))}
    assert messages == {"must be 'fp32', 'fp16', 'bf16', 'int8' or 'unknown'"}
