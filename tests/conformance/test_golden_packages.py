"""Packages of many kinds, pushed on the command line, reach the client and load there.

They are not part of the project: the folder comes from GOLDEN_DIR, else ``../shared/golden`` beside the
repository, and the tests skip where there is none.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.clients import ClientWorker
from tests.conformance.house import REPOSITORY, House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

GOLDEN = Path(os.environ.get("GOLDEN_DIR") or REPOSITORY.parent / "shared" / "golden")
# Each with what its files do not say, and `manage.py push --manifest` adds. Left out are those that the client
# cannot load: the face detector, whose backend it dropped, and a Perception Encoder of a size of its own.
DYNAMIC = {"dynamic_batch_size": True}
PACKAGES: dict[str, dict[str, Any]] = {
    "clip-tiny-onnx": {},
    "clip-tiny-torch": DYNAMIC,
    "l2cs-tiny-random-onnx": {},
    "resnet-test-cls-onnx": {},
    "resnet-test-cls-torch": DYNAMIC,
    "resnet-test-multilabel-onnx": {},
    "rfdetr-nano-shapes-torch": DYNAMIC,
    "rfdetr-shapes-kp-onnx": {},
    "rfdetr-shapes-seg-onnx": {},
    "rfdetr-shapes-semseg-onnx": {},
    "vit-tiny-cls-hf": {},
    "yolact-shapes-seg-onnx": {},
    "yolo26-shapes-od-onnx": {},
    "yolo26-shapes-seg-onnx": {},
    "yolonas-shapes-od-onnx": {},
    "yolov11-shapes-cls-onnx": {},
    "yolov5-shapes-od-onnx": {},
    "yolov5-shapes-seg-onnx": {},
    "yolov8-shapes-cls-onnx": {},
    "yolov10n-shapes-od-onnx": {},
    "yolov8n-shapes-od-onnx-static": {},
    "yolov8n-shapes-od-torchscript": {
        "static_batch_size": 1,
        "torch_version": "2.1.0",
        "supported_device_types": ["cpu"],
    },
    "yolov8n-shapes-seg-onnx-static": {},
}


@pytest.mark.parametrize("name", PACKAGES)
def test_the_client_loads_what_was_pushed(
    name: str, house: House, client: ClientWorker, home: Path, model_id: str, tmp_path: Path
) -> None:
    if not GOLDEN.is_dir():
        pytest.skip("no golden packages: set GOLDEN_DIR to their folder")
    expected = json.loads((GOLDEN / name / "expected.json").read_text())
    package = house.push(GOLDEN / name / "package", model_id, manifest=PACKAGES[name], scratch=tmp_path)

    # On a CPU the client takes no FP16 weights unless it is asked to; one of the packages has them.
    load = client.load(model_id, address=house.address, home=home, quantization=["fp32", "fp16", "unknown"])

    # The gaze model's predictions were recorded with an older client, so the file does not name the class.
    assert load.model_class == expected.get("loader_class", "L2CSNetOnnx"), f"{load.message} {load.tried}"
    assert load.package_id == package.package_id
