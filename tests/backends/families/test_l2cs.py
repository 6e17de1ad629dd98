"""L2CS: two angles for each face."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import BadImage, NetworkMismatch, OutputNotFinite
from backends.families.l2cs.gaze import DEVIATION, MEAN, SIDE, prepare_face
from backends.model import LoadedModel
from backends.parameters import DEFAULTS, InferenceParameters
from backends.predictions import Gaze
from backends.registry import load_package
from tests.backends.networks import constant_network

FACE = np.zeros((90, 60, 3), dtype=np.uint8)


def load(directory: Path, *outputs: object, side: int = SIDE) -> LoadedModel:
    network = constant_network([np.array(output, dtype=np.float32) for output in outputs], side=side)
    (directory / "weights.onnx").write_bytes(network.SerializeToString())
    return load_package(directory, architecture="l2cs-net", task="gaze-detection", backend="onnx")


def test_the_first_number_is_yaw_and_the_second_pitch(tmp_path: Path) -> None:
    (answer,) = load(tmp_path, 0.25, -0.5).infer([FACE])
    assert isinstance(answer, Gaze)
    assert answer.to_json() == {"predictions": [{"yaw": 0.25, "pitch": -0.5}]}


def test_a_number_may_stand_in_a_list_of_one(tmp_path: Path) -> None:
    answers = load(tmp_path, [0.25], [-0.5]).infer([FACE] * 3)
    assert [answer.to_json()["predictions"] for answer in answers] == [[{"yaw": 0.25, "pitch": -0.5}]] * 3


def test_the_face_is_stretched_and_normalised() -> None:
    image = np.full((20, 700, 3), (255, 0, 51), dtype=np.uint8)
    tensor, geometry = prepare_face(image, DEFAULTS)
    wanted = (np.array([0.2, 0, 1]) - MEAN) / DEVIATION
    np.testing.assert_allclose(tensor, np.broadcast_to(wanted[:, None, None], tensor.shape), atol=1e-5)
    assert (geometry.original, geometry.network) == ((20, 700), (SIDE, SIDE))


def test_arrays_may_be_in_another_order() -> None:
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    given, _ = prepare_face(image[:, :, ::-1], InferenceParameters(input_color_format="rgb"))
    np.testing.assert_array_equal(given, prepare_face(image, DEFAULTS)[0])


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(BadImage):
        prepare_face(np.zeros((8, 8), dtype=np.uint8), DEFAULTS)


@pytest.mark.parametrize("outputs", [(0.5,), ([0.1, 0.2], 0.5), (0.5, [0.1, 0.2])])
def test_other_outputs_are_refused(tmp_path: Path, outputs: tuple[object, ...]) -> None:
    with pytest.raises(NetworkMismatch):
        load(tmp_path, *outputs).infer([FACE])


def test_angles_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputNotFinite):
        load(tmp_path, 0.5, np.nan).infer([FACE])


def test_a_network_for_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch, match="448"):
        load(tmp_path, 0.5, 0.5, side=64)
