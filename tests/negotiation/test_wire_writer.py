from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from negotiation.metadata import ModelDependency, ModelMetadata
from negotiation.package import RecommendedParameters
from negotiation.wire import parse_metadata, parse_reply
from negotiation.wire_writer import dump_entry, dump_metadata, dump_reply
from tests.negotiation.entries import (
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

MANIFESTS = [
    onnx(),
    onnx(incompatibleProviders=[]),
    onnx(**static(2)),
    torch(),
    hugging_face(),
    coreml(),
    torch_script(),
    trt(),
    trt(**static(1), minBatchSize=None, optBatchSize=None),
    jetson_trt(),
    {"type": "ultralytics-model-package-v1"},
]


def model(*packages: Any, **fields: Any) -> ModelMetadata:
    return ModelMetadata("shapes/1", "yolov8", "object-detection", packages, **fields)


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_what_is_written_reads_the_same(manifest: dict[str, Any]) -> None:
    original = package(manifest=manifest, modelFeatures={"a": [1, None]}, memoryProfile={"peakVramMb": {"1": 5}})
    written = json.loads(json.dumps(dump_metadata(model(original))))
    assert parse_metadata(written).model.packages == (original,)


def test_a_whole_model_reads_the_same() -> None:
    original = model(
        package("a"),
        package("b", manifest=trt()),
        variant="n",
        dependencies=(ModelDependency("extractor", "owlv2"), ModelDependency("other", "x", "a1")),
        recommended_parameters=RecommendedParameters(0.4, {"circle": 0.5}),
        latency_ms=12.5,
        next_page="b",
    )
    assert parse_reply(json.loads(json.dumps(dump_reply(original)))).model == original


def test_packages_are_written_in_order_of_their_ids() -> None:
    written = dump_metadata(model(package("c"), package("a"), package("b")))
    assert [entry["packageId"] for entry in written["modelPackages"]] == ["a", "b", "c"]


def test_nothing_null_is_written() -> None:
    bare = dataclasses.replace(package(manifest=onnx(**static(1))), files=(), features=None)
    assert "null" not in json.dumps(dump_metadata(model(bare)))


def test_the_flags_of_an_engine_are_always_written() -> None:
    manifest = dump_entry(package(manifest=trt()))["packageManifest"]
    assert manifest["sameCCCompatible"] is False
    assert manifest["trtForwardCompatible"] is False
    assert manifest["trtLeanRuntimeExcluded"] is False


def test_trust_is_written_as_a_real_boolean() -> None:
    assert dump_entry(package())["trustedSource"] is True


def test_the_wires_name_of_hugging_face_is_hf() -> None:
    assert dump_entry(package(manifest=hugging_face()))["packageManifest"]["backendType"] == "hf"


def test_no_features_and_empty_features_stay_different() -> None:
    assert "modelFeatures" not in dump_entry(package())
    assert dump_entry(package(modelFeatures={}))["modelFeatures"] == {}


def test_an_empty_cursor_is_not_written() -> None:
    assert "nextPage" not in dump_metadata(model(next_page=""))
