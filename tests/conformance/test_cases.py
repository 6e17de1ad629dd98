"""Small packages that real use brought, pushed to a live server: each is refused for its reason, or runs.

They are not part of the project: `tests.cases` says where the folder is, and the tests skip where there is none.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import cases
from tests.backends import golden
from tests.conformance import damage
from tests.conformance.clients import ClientWorker, Load
from tests.conformance.house import Attempt, House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

RAW_YOLO26 = "yolo26_default_export_raw_1x8x84.onnx"
# What a package says of the suppression that it has inside.
FUSED = {"max_detections": 300, "confidence_threshold": 0.25, "iou_threshold": 0.7, "class_agnostic": 0}
# What the refusal must name: the cause, and what would be right.
REFUSED = {
    "nan-box": ["not finite"],
    "nan-class-fused": ["not finite"],
    "uint8-in-scaled": ["uint8", "float32"],
    "e2e-as-yolov8-raw": ["yolov10", "fused"],
    "too-few-names": ["class_names.txt", "8", "3"],
    "size-mismatch": ["128", "64"],
}


def push(house: House, case: str, tmp_path: Path, **manifest: Any) -> Attempt:
    directory = damage.copy(cases.case(case), tmp_path / case)
    return house.try_push(directory, f"cases/{case}", manifest=manifest, scratch=tmp_path)


def loaded(house: House, client: ClientWorker, model: str, home: Path) -> Load:
    return client.load(model, address=house.address, home=home, run=True)


def test_with_external_data_in_a_folder_we_find_as_many_as_the_client(
    house: House, client: ClientWorker, home: Path, tmp_path: Path, images: tuple[Path, ...]
) -> None:
    pushed = push(house, "ext-sub", tmp_path)
    assert pushed.package_id, pushed.said

    ours = house.infer("cases/ext-sub", images[0])["predictions"]
    theirs = client.load("cases/ext-sub", address=house.address, home=home, images=images[:1])

    assert not theirs.error, theirs.message
    assert len(ours) == len(theirs.predictions[0].boxes) > 0


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_client_would_misread_is_refused_with_its_reason(case: str, house: House, tmp_path: Path) -> None:
    features = {"model_features": {"nms_fused": FUSED}} if case == "nan-class-fused" else {}

    attempt = push(house, case, tmp_path, **features)

    assert not attempt.package_id, attempt.said
    assert [word for word in REFUSED[case] if word not in attempt.said] == [], attempt.said


def test_a_stray_network_is_pointed_out_and_does_not_speak_for_the_one_that_is_loaded(
    house: House, client: ClientWorker, home: Path, tmp_path: Path
) -> None:
    attempt = push(house, "zz-onnx", tmp_path)

    assert attempt.package_id, attempt.said
    assert "zz.onnx" in attempt.said
    (manifest,) = [each["packageManifest"] for each in house.metadata("cases/zz-onnx")["modelPackages"]]
    assert (manifest["staticBatchSize"], manifest["opset"]) == (1, 17)
    assert not loaded(house, client, "cases/zz-onnx", home).error


def test_line_separators_inside_a_class_name_are_part_of_it_everywhere(
    house: House, client: ClientWorker, home: Path, tmp_path: Path
) -> None:
    attempt = push(house, "names-u2028", tmp_path)

    assert attempt.package_id, attempt.said
    load = loaded(house, client, "cases/names-u2028", home)
    assert not load.error, load.message
    assert len(load.class_names) == 3
    described = httpx.get(f"{house.address}/api/v1/models/cases/names-u2028", timeout=30).json()
    assert tuple(described["class_names"]) == load.class_names


def test_a_newer_ir_version_is_published_and_is_a_fact(house: House, tmp_path: Path) -> None:
    attempt = push(house, "ir-14", tmp_path)

    assert attempt.package_id, attempt.said


@pytest.fixture
def raw_yolo26(tmp_path: Path) -> Path:
    """Today's default YOLO26 export, in a package of the golden YOLOv8's files."""
    golden.require_golden()
    directory = damage.copy(golden.GOLDEN / "yolov8n-shapes-od-onnx-static" / "package", tmp_path / "raw")
    shutil.copyfile(cases.case(f"files/{RAW_YOLO26}"), directory / "weights.onnx")
    config = json.loads((directory / "inference_config.json").read_text())
    config["network_input"]["training_input_size"] = {"height": 64, "width": 64}
    (directory / "inference_config.json").write_text(json.dumps(config))
    return directory


def test_a_raw_yolo26_head_is_refused_as_yolo26_with_the_name_under_which_it_is_read(
    raw_yolo26: Path, house: House, tmp_path: Path
) -> None:
    config = json.loads((raw_yolo26 / damage.CONFIG).read_text())
    (raw_yolo26 / damage.CONFIG).write_text(json.dumps({**config, "model_architecture": "yolo26"}))

    attempt = house.try_push(raw_yolo26, "cases/raw-as-yolo26", manifest={}, scratch=tmp_path)

    assert not attempt.package_id
    assert "yolov8" in attempt.said
    assert "nms=False" in attempt.said


def test_a_raw_yolo26_head_runs_as_yolov8(
    raw_yolo26: Path, house: House, client: ClientWorker, home: Path, tmp_path: Path, images: tuple[Path, ...]
) -> None:
    attempt = house.try_push(raw_yolo26, "cases/raw-as-yolov8", manifest={}, scratch=tmp_path)

    assert attempt.package_id, attempt.said
    assert not loaded(house, client, "cases/raw-as-yolov8", home).error
    house.infer("cases/raw-as-yolov8", images[0])
