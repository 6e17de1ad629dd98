from __future__ import annotations

from typing import Any

import pytest

from packages_app.models import Package
from packages_app.services import blobs
from packages_app.services.completeness import problems, sentences
from registry.models import ModelDependency

pytestmark = pytest.mark.django_db

TRT = {
    "quantization": "fp16",
    "static_batch_size": 1,
    "cuda_device_type": "nvidia-l4",
    "cuda_device_cc": "8.9",
    "cuda_version": "12.6",
    "trt_version": "10.8.0.43",
    "machine_type": "gpu-server",
    "driver_version": "550.54.15",
    "os_version": "ubuntu-22.04",
}
TORCH_SCRIPT = {
    "quantization": "fp32",
    "static_batch_size": 1,
    "supported_device_types": ["cpu"],
    "torch_version": "2.1.0",
}
COMPLETE = {
    "onnx": {"quantization": "fp32", "opset": 17, "dynamic_batch_size": True},
    "trt": TRT,
    "torch": {"quantization": "fp32", "dynamic_batch_size": True},
    "hugging-face": {"quantization": "fp32"},
    "torch-script": TORCH_SCRIPT,
    "coreml": {"quantization": "fp16", "static_batch_size": 1},
    "ultralytics": {},
    "mediapipe": {},
}


def codes(package: Package) -> list[str]:
    return [problem.code for problem in problems(package)]


@pytest.mark.parametrize(("backend", "fields"), COMPLETE.items())
def test_a_complete_package_of_each_backend_has_no_problem(
    model: Any, make_package: Any, backend: str, fields: dict[str, Any]
) -> None:
    assert codes(make_package(model, backend, state="draft", **fields)) == []


@pytest.mark.parametrize(
    ("backend", "missing", "code"),
    [
        ("onnx", "opset", "opset-missing"),
        ("onnx", "dynamic_batch_size", "batch-missing"),
        *(
            ("trt", name, f"{name.replace('_', '-')}-missing")
            for name in TRT
            if name not in {"quantization", "static_batch_size"}
        ),
        ("trt", "static_batch_size", "batch-missing"),
        ("torch", "dynamic_batch_size", "batch-missing"),
        ("torch-script", "supported_device_types", "device-types-missing"),
        ("torch-script", "torch_version", "torch-version-missing"),
        ("coreml", "static_batch_size", "batch-missing"),
    ],
)
def test_what_is_missing_is_named(model: Any, make_package: Any, backend: str, missing: str, code: str) -> None:
    package = make_package(model, backend, state="draft", **COMPLETE[backend])
    if missing in package.manifest:
        del package.manifest[missing]
    else:
        setattr(package, missing, Package._meta.get_field(missing).get_default())
    package.save()
    assert codes(package) == [code]


def test_a_dynamic_engine_needs_its_three_sizes(model: Any, make_package: Any) -> None:
    fields = {**TRT, "static_batch_size": None, "dynamic_batch_size": True}
    package = make_package(model, "trt", state="draft", **fields)
    assert codes(package) == ["min-batch-size-missing", "opt-batch-size-missing", "max-batch-size-missing"]


@pytest.mark.parametrize(
    ("backend", "fields"),
    [
        ("trt", {**TRT, "trt_version": "ten"}),
        ("trt", {**TRT, "cuda_version": "12.x.y"}),
        ("torch-script", {**TORCH_SCRIPT, "torch_version": "newest"}),
    ],
)
def test_what_clients_could_not_read_is_a_problem(model: Any, make_package: Any, backend: str, fields: Any) -> None:
    found = problems(make_package(model, backend, state="draft", **fields))
    assert len(found) == 1
    assert "version" in found[0].sentence.lower()


def test_a_package_without_files_has_a_problem(model: Any, make_package: Any) -> None:
    assert codes(make_package(model, state="draft", files={})) == ["no-files"]


def test_a_file_whose_bytes_are_lost_is_a_problem(model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft")
    blobs.local_path(package.files.first().blob).unlink()
    assert codes(package) == ["file-missing"]


def test_a_dependency_without_a_published_package_is_a_problem(model: Any, make_model: Any, make_package: Any) -> None:
    feature_extractor = make_model("owl/2")
    ModelDependency.objects.create(model=model, name="feature_extractor", depends_on=feature_extractor)
    package = make_package(model, state="draft")
    assert codes(package) == ["dependency-not-published"]
    make_package(feature_extractor)
    assert codes(package) == []
    model.dependencies.update(pinned_package_id="0" * 32)
    assert codes(package) == ["dependency-not-published"]


def test_a_public_model_with_a_private_dependency_has_a_problem(make_model: Any, make_package: Any) -> None:
    parent, feature_extractor = make_model("instant/1", is_public=True), make_model("owl/2")
    ModelDependency.objects.create(model=parent, name="feature_extractor", depends_on=feature_extractor)
    make_package(feature_extractor)
    assert codes(make_package(parent, state="draft")) == ["dependency-not-public"]


def test_what_no_client_knows_is_told_once_and_where_to_mend_it(make_model: Any, make_package: Any) -> None:
    package = make_package(make_model(architecture="YOLO v8"), state="draft")
    said = "No client knows the architecture `YOLO v8`; the closest that they know is `yolov8`."
    package.inspection = {"facts": {"inputs": [{}]}, "problems": [said]}
    assert sentences(package) == [f"{said} Correct it on the page of the model."]


def test_nobody_is_asked_to_type_what_the_missing_network_will_say(model: Any, make_package: Any) -> None:
    package = make_package(model, state="draft", opset=None, dynamic_batch_size=False)
    package.inspection = {"facts": {}, "problems": ["The client needs weights.onnx; yours is best.onnx. Rename it."]}
    assert sentences(package) == ["The client needs weights.onnx; yours is best.onnx. Rename it."]
