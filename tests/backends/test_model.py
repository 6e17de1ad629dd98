from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import BadImage, BadInput, BadTensor, ModelClosed
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, raw_detections, write_package

OUTPUT = raw_detections([32, 32, 16, 16, 0, 0.9], [10, 10, 8, 8, 1, 0.5])
IMAGE = np.zeros((128, 64, 3), dtype=np.uint8)


@pytest.fixture
def model(tmp_path: Path) -> LoadedModel:
    package = write_package(tmp_path, constant_network([OUTPUT]))
    return load_package(package, architecture="yolov8", task="object-detection", backend="onnx")


def test_images_of_several_sizes_are_answered_in_order(model: LoadedModel) -> None:
    sizes = [(128, 64), (64, 64), (32, 640)]
    answers = model.infer([np.zeros((*size, 3), dtype=np.uint8) for size in sizes])
    assert [answer.image_size for answer in answers if isinstance(answer, Detections)] == sizes


def test_boxes_are_in_pixels_of_the_image(model: LoadedModel) -> None:
    (answer,) = model.infer([IMAGE])
    assert isinstance(answer, Detections)
    assert answer.xyxy.tolist() == [[24, 48, 40, 80], [6, 12, 14, 28]]


def test_stages_of_several_requests_can_share_a_run(model: LoadedModel) -> None:
    requests = [InferenceParameters(confidence=0.6), InferenceParameters(confidence=0.1)]
    prepared = [model.preprocess(IMAGE, parameters) for parameters in requests]
    answers = [
        model.postprocess(outputs, item, parameters)
        for outputs, item, parameters in zip(model.run_prepared(prepared), prepared, requests, strict=True)
    ]
    assert [len(answer) for answer in answers if isinstance(answer, Detections)] == [1, 2]


def test_images_of_a_dynamic_network_run_apart_if_they_must(tmp_path: Path) -> None:
    document = config(
        training_input_size=None,
        dynamic_spatial_size_supported=True,
        dynamic_spatial_size_mode={"type": "any-size"},
    )
    package = write_package(tmp_path, constant_network([OUTPUT], side="any"), document)  # type: ignore[arg-type]
    model = load_package(package, architecture="yolov8", task="object-detection", backend="onnx")
    model.warm_up()
    assert model.input_size is None
    answers = model.infer([np.zeros((64, 96, 3), np.uint8), np.zeros((32, 32, 3), np.uint8)])
    assert len(answers) == 2


def test_tensors_can_be_run_directly(model: LoadedModel) -> None:
    tensor = np.zeros((1, 3, SIDE, SIDE), dtype=np.float32)
    answers = model.run_tensors({"images": tensor})
    (output,) = model.outputs_read
    np.testing.assert_array_equal(answers[output], OUTPUT[None])


def test_it_rejects_no_images(model: LoadedModel) -> None:
    with pytest.raises(BadInput):
        model.infer([])


def test_it_rejects_grey_arrays(model: LoadedModel) -> None:
    with pytest.raises(BadImage):
        model.infer([np.zeros((8, 8), dtype=np.uint8)])


def test_it_rejects_wrong_tensors(model: LoadedModel) -> None:
    with pytest.raises(BadTensor):
        model.run_tensors({"images": np.zeros((1, 3, 5, 5), dtype=np.float32)})


def test_a_closed_model_does_not_run(model: LoadedModel) -> None:
    with model:
        model.warm_up()
    with pytest.raises(ModelClosed):
        model.infer([IMAGE])
