"""Masks in the SDK's dialect, of the reference's own package."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.backends.golden import GOLDEN
from tests.inference_app.conftest import ACTOR

FOLDER = GOLDEN / "yolov8n-shapes-seg-onnx-static"

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


# Of one, the masks that are left are lines; of the other, one pixel or nothing.
@pytest.mark.parametrize(
    ("variant", "image", "most"), [("center-crop", "chelsea.png", 300), ("contrast-adaptive", "tiny_8x8.png", 128)]
)
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the golden packages are not here")
def test_no_polygon_has_fewer_than_three_points(
    tmp_path: Path, alpha: Any, infer_token: str, variant: str, image: str, most: int
) -> None:
    from packages_app.services.push import push_directory

    directory = shutil.copytree(FOLDER / "package", tmp_path / "package", copy_function=shutil.copyfile)
    shutil.copyfile(FOLDER / "variants" / f"{variant}.json", directory / "inference_config.json")
    push_directory(directory, model_id="golden/seg", workspace=alpha, actor=ACTOR, trusted=True, publish=True)
    encoded = {"type": "base64", "value": base64.b64encode((GOLDEN / "images" / image).read_bytes()).decode()}
    fields = {"model_id": "golden/seg", "confidence": 0.02, "iou_threshold": 0.9, "image": encoded}
    body = json.dumps({"api_key": infer_token, **fields})
    answer = Client().post("/infer/instance_segmentation", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    numbers = [len(found["points"]) for found in answer.json()["predictions"]]
    assert min(numbers) == 3
    assert len(numbers) <= most
