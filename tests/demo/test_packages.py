"""The demonstration packages: small, in the YOLOv8 layout, and good at what they claim to do."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest

import demo
from demo.detect import Detections, Detector, letterbox, suppress, to_input
from demo.draw import CLASS_NAMES, draw
from demo.evaluate import Counts, compare, evaluate

FOLDER = Path(demo.__file__).parent
NAMES = ("onnx-dynamic", "onnx-static")
# Strides 8, 16 and 32 on 320 pixels: 40 * 40 + 20 * 20 + 10 * 10 cells.
CELLS = 2100


@cache
def detector(name: str) -> Detector:
    return Detector(FOLDER / "packages" / name / "weights.onnx")


@cache
def network_input(images: int) -> np.ndarray:
    return to_input([letterbox(draw(2_000_000 + seed, 320, 240).image, 320)[0] for seed in range(images)])


def configuration(name: str, file: str) -> dict:
    return json.loads((FOLDER / "packages" / name / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_package_has_the_files_of_the_client_s_local_layout(name: str):
    files = {path.name for path in (FOLDER / "packages" / name).iterdir()}
    assert files == {"model_config.json", "inference_config.json", "class_names.txt", "weights.onnx"}
    assert configuration(name, "model_config.json") == {
        "model_architecture": "yolov8",
        "task_type": "object-detection",
        "backend_type": "onnx",
    }


@pytest.mark.parametrize("name", NAMES)
def test_class_names_are_those_of_the_drawings(name: str):
    names = (FOLDER / "packages" / name / "class_names.txt").read_text(encoding="ascii").splitlines()
    assert tuple(names) == CLASS_NAMES


@pytest.mark.parametrize("name", NAMES)
def test_weights_are_at_most_one_megabyte_of_opset_17(name: str):
    path = FOLDER / "packages" / name / "weights.onnx"
    assert path.stat().st_size <= 1_000_000
    model = onnx.load(path)
    onnx.checker.check_model(model)
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 17)]
    assert {tensor.data_type for tensor in model.graph.initializer} <= {
        onnx.TensorProto.FLOAT,
        onnx.TensorProto.INT64,
    }


@pytest.mark.parametrize(
    ("name", "batch", "static_batch_size", "max_dynamic_batch_size"),
    [("onnx-dynamic", "batch", None, 16), ("onnx-static", 1, 1, None)],
)
def test_the_batch_is_declared_alike_in_the_network_and_in_the_configuration(
    name: str, batch: str | int, static_batch_size: int | None, max_dynamic_batch_size: int | None
):
    session = detector(name).session
    (first_input,), (first_output,) = session.get_inputs(), session.get_outputs()
    assert (first_input.type, first_input.shape) == ("tensor(float)", [batch, 3, 320, 320])
    assert (first_output.type, first_output.shape) == ("tensor(float)", [batch, 4 + len(CLASS_NAMES), CELLS])
    assert configuration(name, "inference_config.json")["forward_pass"] == {
        "static_batch_size": static_batch_size,
        "max_dynamic_batch_size": max_dynamic_batch_size,
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_configuration_asks_for_the_preprocessing_that_the_network_was_trained_with(name: str):
    config = configuration(name, "inference_config.json")
    assert config["network_input"] == {
        "training_input_size": {"height": 320, "width": 320},
        "dynamic_spatial_size_supported": False,
        "color_mode": "rgb",
        "resize_mode": "letterbox",
        "padding_value": 114,
        "input_channels": 3,
        "scaling_factor": 255,
        "normalization": None,
    }
    assert config["post_processing"] == {"type": "nms", "fused": False}


def test_output_rows_are_centres_sizes_and_probabilities():
    output = detector("onnx-dynamic").session.run(None, {"images": network_input(4)})[0]
    assert (output[:, 2:4] > 0).all()
    assert ((output[:, 4:] >= 0) & (output[:, 4:] <= 1)).all()
    # Cells lie inside the boxes that they predict, so centres cannot leave the image by more than half a box.
    assert (np.abs(output[:, :2] - 160) <= 160 + output[:, 2:4] / 2).all()


def test_a_batch_gives_what_single_images_give():
    images = network_input(4)
    together = detector("onnx-dynamic").session.run(None, {"images": images})[0]
    for index in range(4):
        alone = detector("onnx-static").session.run(None, {"images": images[index : index + 1]})[0]
        np.testing.assert_allclose(together[index], alone[0], rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_recall_and_precision_on_unseen_drawings_are_at_least_nine_tenths(name: str):
    counts = evaluate(detector(name), 60, first_seed=3_000_000)
    total = sum(counts, Counts())
    assert total.found + total.missed > 150
    assert total.recall >= 0.9
    assert total.precision >= 0.9
    for class_name, count in zip(CLASS_NAMES, counts, strict=True):
        assert count.recall >= 0.85, class_name


def test_every_shape_on_the_three_images_is_found_and_nothing_else():
    for entry in json.loads((FOLDER / "images" / "ground_truth.json").read_text(encoding="utf-8")):
        found = detector("onnx-static").detect(cv2.imread(str(FOLDER / "images" / entry["file"])))
        names = sorted(CLASS_NAMES[class_id] for class_id in found.class_ids)
        assert names == sorted(shape["class"] for shape in entry["shapes"]), entry["file"]


def test_a_gray_image_has_no_shapes():
    assert len(detector("onnx-static").detect(np.full((480, 640, 3), 128, dtype=np.uint8)).boxes) == 0


def test_evaluation_counts_a_wrong_class_as_missed_and_invented():
    drawing = draw(11, 320, 240)
    shape = drawing.shapes[0]
    wrong = (shape.class_id + 1) % len(CLASS_NAMES)
    detections = Detections(np.array([shape.box]), np.array([0.9]), np.array([wrong]))
    counts = compare((shape,), detections)
    assert (counts[shape.class_id].found, counts[shape.class_id].missed) == (0, 1)
    assert counts[wrong].invented == 1


def test_evaluation_counts_a_second_box_on_one_shape_as_invented():
    shape = draw(11, 320, 240).shapes[0]
    detections = Detections(np.array([shape.box] * 2), np.array([0.9, 0.8]), np.array([shape.class_id] * 2))
    count = compare((shape,), detections)[shape.class_id]
    assert (count.found, count.missed, count.invented) == (1, 0, 1)


def test_suppression_undoes_the_letterbox():
    square, placement = letterbox(np.zeros((100, 200, 3), dtype=np.uint8), 320)
    assert square[0, 0].tolist() == [114, 114, 114]
    output = np.zeros((8, 2), dtype=np.float32)
    output[:4, 0] = (160, 160, 32, 16)
    output[5, 0] = 0.9
    found = suppress(output, placement, 200, 100)
    np.testing.assert_allclose(found.boxes, [[90, 45, 110, 55]])
    assert found.class_ids.tolist() == [1]
