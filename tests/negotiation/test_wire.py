from __future__ import annotations

from typing import Any

import pytest

from negotiation.errors import InvalidMetadataError, ModelRetrievalError
from negotiation.manifests.coreml import CoremlManifest
from negotiation.manifests.hugging_face import HuggingFaceManifest
from negotiation.manifests.onnx import OnnxManifest
from negotiation.manifests.torch import TorchManifest
from negotiation.manifests.torch_script import TorchScriptManifest
from negotiation.manifests.trt import GpuServer, Jetson, TrtManifest
from negotiation.manifests.ultralytics import UltralyticsManifest
from negotiation.package import PackageFile, RecommendedParameters
from negotiation.wire import parse_metadata, parse_pages, parse_reply
from tests.negotiation.entries import (
    MD5,
    coreml,
    document,
    entry,
    hugging_face,
    jetson_trt,
    onnx,
    package,
    parsed,
    static,
    torch,
    torch_script,
    trt,
)

FP32: dict[str, Any] = {"quantization": "fp32", "dynamic_batch_size": True}


def category(one_entry: Any) -> str:
    reason = parsed(one_entry).reason
    return "accepted" if reason is None else reason.category


def test_it_reads_an_entry() -> None:
    read = package(
        "a1",
        modelFeatures={"resolution": 560},
        recommendedParameters={"confidence": 0.3, "perClassConfidence": {"circle": 0.5}},
        memoryProfile={"peakVramMb": {"1": 500, "8": 900}},
    )
    assert read.package_id == "a1"
    assert read.files == (PackageFile("weights.onnx", "https://models.invalid/1", MD5),)
    assert read.trusted is True
    assert read.features == {"resolution": 560}
    assert read.recommended_parameters == RecommendedParameters(0.3, {"circle": 0.5})
    assert read.peak_vram_mb == {1: 500, 8: 900}


def test_a_package_that_does_not_mention_trust_is_not_trusted() -> None:
    silent = entry()
    del silent["trustedSource"]
    assert parsed(silent).package.trusted is False


@pytest.mark.parametrize(
    "manifest, expected",
    [
        (onnx(), OnnxManifest(**FP32, opset=17)),
        (onnx(incompatibleProviders=[]), OnnxManifest(**FP32, opset=17, incompatible_providers=())),
        (onnx(**static(4)), OnnxManifest(quantization="fp32", static_batch_size=4, opset=17)),
        (torch(), TorchManifest(**FP32)),
        (hugging_face(), HuggingFaceManifest(quantization="fp32")),
        (coreml(), CoremlManifest(**FP32)),
        (
            torch_script(torchVisionVersion="0.19"),
            TorchScriptManifest(
                **FP32, supported_device_types=("cpu", "cuda"), torch_version="2.4.0", torchvision_version="0.19"
            ),
        ),
        ({"type": "ultralytics-model-package-v1"}, UltralyticsManifest()),
    ],
)
def test_it_reads_the_manifests(manifest: dict[str, Any], expected: object) -> None:
    assert package(manifest=manifest).manifest == expected


def test_it_reads_an_engine_of_a_server() -> None:
    manifest = package(manifest=trt(sameCCCompatible=True)).manifest
    assert isinstance(manifest, TrtManifest)
    assert manifest.machine_specs == GpuServer(driver_version="550.90.7", os_version="ubuntu-22.04")
    assert (manifest.min_batch_size, manifest.opt_batch_size, manifest.max_batch_size) == (1, 4, 8)
    assert (manifest.same_cc_compatible, manifest.trt_forward_compatible) == (True, False)


def test_it_reads_an_engine_of_a_jetson() -> None:
    manifest = package(manifest=jetson_trt()).manifest
    assert isinstance(manifest, TrtManifest)
    assert manifest.machine_specs == Jetson(
        l4t_version="36.4.3", device_name="nvidia-jetson-agx-orin", driver_version="540.4.0"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"packageFiles": []},
        {"packageFiles": [{"fileHandle": "a", "downloadUrl": "u"}]},
        {"packageFiles": [{"fileHandle": "a", "downloadUrl": "u", "md5Hash": None, "more": 1}]},
        {"modelFeatures": None},
        {"modelFeatures": {}},
        {"recommendedParameters": None},
        {"recommendedParameters": {"confidence": 1}},
        {"recommendedParameters": {"confidence": None, "unknown": "x"}},
        {"memoryProfile": "much"},
        {"memoryProfile": {"peakVramMb": {"one": 1}}},
        {"unknownKey": [1]},
    ],
)
def test_it_forgives(change: dict[str, Any]) -> None:
    assert category(entry(**change)) == "accepted"


@pytest.mark.parametrize(
    "change",
    [
        {"trustedSource": "true"},
        {"trustedSource": 1},
        {"trustedSource": None},
        {"packageId": 5},
        {"packageManifest": None},
        {"packageManifest": [1]},
        {"packageFiles": None},
        {"packageFiles": [{"fileHandle": "a", "downloadUrl": None}]},
        {"packageFiles": [{"fileHandle": "a", "downloadUrl": "u", "md5Hash": 5}]},
        {"modelFeatures": []},
        {"recommendedParameters": {"confidence": "0.3"}},
        {"recommendedParameters": {"perClassConfidence": {"a": "0.3"}}},
        {"type": "external-model-package-v2"},
        {"type": None},
    ],
)
def test_it_drops_an_entry_that_needs_coercion(change: dict[str, Any]) -> None:
    assert category(entry(**change)) == "invalid_entry"


@pytest.mark.parametrize("missing", ["type", "packageId", "packageManifest", "packageFiles"])
def test_it_drops_an_entry_that_lacks(missing: str) -> None:
    lacking = entry()
    del lacking[missing]
    assert category(lacking) == "invalid_entry"


@pytest.mark.parametrize("kind", ["oak", "tfjs", "mediapipe"])
def test_it_ignores_manifests_of_other_runtimes(kind: str) -> None:
    assert category(entry(manifest={"type": f"{kind}-model-package-v1"})) == "ignored_manifest_type"


def test_a_server_that_runs_what_clients_ignore_keeps_it() -> None:
    wire = document(
        entry("a", manifest={"type": "mediapipe-model-package-v1", "backendType": "mediapipe"}),
        entry("b", manifest={"type": "tfjs-model-package-v1"}),
    )
    kept = parse_metadata(wire, keep_ignored=True)
    assert [package.backend for package in kept.model.packages] == ["mediapipe"]
    assert parse_metadata(wire).model.packages == ()


@pytest.mark.parametrize("kind", ["vllm-model-package-v1", "onnx-model-package-v2", "", None, 5, [], {}])
def test_it_does_not_know_other_manifests(kind: Any) -> None:
    assert category(entry(manifest={"type": kind})) == "unknown_manifest_type"


def test_it_does_not_know_a_manifest_without_type() -> None:
    assert category(entry(manifest={"backendType": "onnx"})) == "unknown_manifest_type"


@pytest.mark.parametrize(
    "manifest",
    [
        onnx(opset="17"),
        onnx(opset=17.0),
        onnx(dynamicBatchSize="true"),
        onnx(dynamicBatchSize=False, staticBatchSize="4"),
        onnx(incompatibleProviders=None),
        onnx(unknownKey=1),
        torch_script(torchVisionVersion=None),
        torch_script(supportedDeviceTypes=[]),
        trt(minBatchSize=8, maxBatchSize=1),
        trt(trtVersion="10.3.0.30-1"),
        trt(**static(1), minBatchSize=None),
    ],
)
def test_manifests_coerce(manifest: dict[str, Any]) -> None:
    assert category(entry(manifest=manifest)) == "accepted"


@pytest.mark.parametrize(
    "manifest",
    [
        onnx(opset=17.5),
        onnx(opset=None),
        onnx(quantization="FP32"),
        onnx(quantization="int4"),
        onnx(quantization=None),
        onnx(backendType="trt"),
        onnx(dynamicBatchSize=False),
        onnx(dynamicBatchSize=None),
        onnx(staticBatchSize=1),
        onnx(**static(0)),
        onnx(**static(-1)),
        onnx(incompatibleProviders="CPUExecutionProvider"),
        hugging_face(backendType="hugging-face"),
        torch_script(torchVersion="new"),
        torch_script(torchVisionVersion=""),
        torch_script(supportedDeviceTypes="cpu"),
        torch_script(supportedDeviceTypes=None),
        trt(optBatchSize=None),
        trt(sameCCCompatible=None),
        trt(trtForwardCompatible=None),
        trt(trtLeanRuntimeExcluded=None),
        trt(cudaVersion=12.4),
        trt(cudaVersion="twelve"),
        trt(cudaDeviceCC=""),
        trt(trtVersion="x"),
        trt(machineType="jetson"),
        trt(machineSpecs={"type": "gpu-server-specs-v1", "driverVersion": "550"}),
        trt(machineSpecs={"type": "gpu-server-specs-v1", "driverVersion": "new", "osVersion": "u"}),
        trt(machineSpecs={"type": "laptop-specs-v1"}),
        jetson_trt(machineType="gpu-server"),
        jetson_trt(machineSpecs={"l4tVersion": "latest"}),
    ],
)
def test_it_drops_an_invalid_manifest(manifest: dict[str, Any]) -> None:
    assert category(entry(manifest=manifest)) == "invalid_manifest"


def test_a_dropped_entry_keeps_its_id_and_place() -> None:
    entries = parse_metadata(document(entry("a"), entry("b", trustedSource=None), entry("c"))).entries
    assert [one.package_id for one in entries] == ["a", "b", "c"]
    assert [one.package is None for one in entries] == [False, True, False]


def test_a_dropped_entry_whose_id_is_no_text_has_none() -> None:
    assert parsed(entry(packageId=5)).package_id is None


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        document(type="external-model-metadata-v2"),
        document(modelId=None),
        document(modelArchitecture=5),
        document(modelPackages=None),
        document("not an object"),
        document(modelDependencies=[{"type": "model-dependency-v1", "name": "x"}]),
        document(recommendedParameters={"confidence": "high"}),
        document(nextPage=5),
    ],
)
def test_it_rejects_a_malformed_document(broken: Any) -> None:
    with pytest.raises(InvalidMetadataError):
        parse_metadata(broken)


def test_the_document_itself_coerces() -> None:
    model = parse_metadata(document(recommendedParameters={"confidence": "0.3"}, modelLatencyMs="slow")).model
    assert model.recommended_parameters == RecommendedParameters(0.3)
    assert model.latency_ms is None


def test_a_reply_without_metadata_is_malformed() -> None:
    with pytest.raises(InvalidMetadataError):
        parse_reply({"error": "no"})


def test_pages_are_joined_and_the_last_one_describes_the_model() -> None:
    pages = [document(entry("a"), modelArchitecture="x", nextPage="2"), document(), document(entry("b"))]
    joined = parse_pages(pages)
    assert [one.package_id for one in joined.entries] == ["a", "b"]
    assert joined.model.architecture == "yolov8"


def test_pages_beyond_the_tenth_are_lost() -> None:
    pages = [document(entry(f"p{number}")) for number in range(12)]
    assert len(parse_pages(pages).entries) == 10


def test_no_pages_are_no_model() -> None:
    with pytest.raises(ModelRetrievalError):
        parse_pages([])
