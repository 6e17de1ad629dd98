"""The families that answer a map: YOLO26 and DeepLabV3+."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import NetworkMismatch, OutputNotFinite, PackageConfigInvalid
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Depth, SemanticSegmentation
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

IMAGE = np.zeros((2 * SIDE, SIDE, 3), dtype=np.uint8)
QUARTER = SIDE // 4


def _logits(cat: float) -> np.ndarray:
    """The left half is background, the right half a cat with that logit more than the rest."""
    maps = np.zeros((2, QUARTER, QUARTER), dtype=np.float32)
    maps[0, :, : QUARTER // 2] = 9
    maps[1, :, QUARTER // 2 :] = cat
    return maps


def _segmenter(directory: Path, architecture: str, output: np.ndarray, **changes: object) -> LoadedModel:
    document = config(**changes) | {"post_processing": None}
    package = write_package(directory, constant_network([output]), document, ("background", "cat"))
    return load_package(package, architecture=architecture, task="semantic-segmentation", backend="onnx")


def _segmented(model: LoadedModel, image: np.ndarray = IMAGE, **parameters: object) -> SemanticSegmentation:
    (answer,) = model.infer([image], InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert isinstance(answer, SemanticSegmentation)
    return answer


@pytest.mark.parametrize("architecture", ["yolo26", "deep-lab-v3-plus"])
def test_each_pixel_of_the_image_has_a_class(tmp_path: Path, architecture: str) -> None:
    answer = _segmented(_segmenter(tmp_path, architecture, _logits(9)))
    assert answer.class_map.shape == answer.confidence.shape == IMAGE.shape[:2]
    assert answer.class_map[:, 0].tolist() == [0] * 2 * SIDE
    assert answer.class_map[:, -1].tolist() == [1] * 2 * SIDE


# A logit of log(2/3) beside one of zero is a confidence of two fifths.
@pytest.mark.parametrize(("architecture", "sure_enough"), [("yolo26", True), ("deep-lab-v3-plus", False)])
def test_families_differ_in_how_sure_a_class_must_be(tmp_path: Path, architecture: str, sure_enough: bool) -> None:
    package = write_package(
        tmp_path,
        constant_network([np.stack([np.full((8, 8), np.log(2)), np.full((8, 8), np.log(1.5)), np.zeros((8, 8))])]),
        config(),
        ("cat", "background", "dog"),
    )
    model = load_package(package, architecture=architecture, task="semantic-segmentation", backend="onnx")
    answer = _segmented(model)
    assert answer.class_map[0, 0] == (0 if sure_enough else 1)
    assert (answer.confidence[0, 0] > 0) == sure_enough
    assert _segmented(model, confidence=0.4).class_map[0, 0] == 0


@pytest.mark.parametrize(("architecture", "grey"), [("yolo26", 127), ("deep-lab-v3-plus", 0)])
def test_families_differ_in_what_they_pad_with(tmp_path: Path, architecture: str, grey: int) -> None:
    model = _segmenter(tmp_path, architecture, _logits(9), resize_mode="fit-longer-edge", padding_value=3)
    prepared = model.preprocess(np.full((SIDE, SIDE // 2, 3), 255, dtype=np.uint8))
    np.testing.assert_allclose(prepared.tensor[:, 0, 0], grey / 255, rtol=1e-6)


def test_a_package_needs_a_background(tmp_path: Path) -> None:
    package = write_package(tmp_path, constant_network([_logits(9)]))
    with pytest.raises(PackageConfigInvalid, match="background"):
        load_package(package, architecture="yolo26", task="semantic-segmentation", backend="onnx")


def test_a_network_that_chose_the_class_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkMismatch):
        _segmented(_segmenter(tmp_path, "yolo26", np.zeros((SIDE, SIDE))))


def _depth(directory: Path, output: np.ndarray, image: np.ndarray = IMAGE) -> Depth:
    package = write_package(directory, constant_network([output]), config())
    # The package has no classes, and needs none.
    (package / "class_names.txt").unlink()
    model = load_package(package, architecture="yolo26", task="depth-estimation", backend="onnx")
    (answer,) = model.infer([image])
    assert isinstance(answer, Depth)
    return answer


@pytest.mark.parametrize("shape", [(QUARTER, QUARTER), (1, QUARTER, QUARTER)])
def test_distances_lie_on_the_image(tmp_path: Path, shape: tuple[int, ...]) -> None:
    metres = np.broadcast_to(np.arange(QUARTER, dtype=np.float32), shape)
    answer = _depth(tmp_path, metres)
    assert answer.values.shape == IMAGE.shape[:2]
    assert answer.values[0, 0] == 0
    assert answer.values[5, -1] == QUARTER - 1
    assert answer.values[0, 6] == 1.125


@pytest.mark.parametrize("shape", [(2, 8, 8), (8,)])
def test_what_is_no_map_of_distances_is_refused(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(NetworkMismatch):
        _depth(tmp_path, np.zeros(shape))


def test_a_distance_that_is_not_finite_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputNotFinite):
        _depth(tmp_path, np.full((8, 8), np.nan))
