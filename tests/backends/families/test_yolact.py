from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from backends.errors import OutputNotFinite, PackageDamaged
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Detections
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package

SCORES = np.array([[0.1, 0.9, 0.2], [0.6, 0.1, 0.3], [0.9, 0.5, 0.1]], dtype=np.float32)
PRIORS = np.array([[0.25, 0.25, 0.25, 0.25], [0.5, 0.5, 0.2, 0.2], [0.75, 0.75, 0.25, 0.25]], dtype=np.float32)


def _outputs() -> list[np.ndarray]:
    offsets = np.zeros((3, 4), dtype=np.float32)
    # Half a prior to the right, and twice as wide.
    offsets[2] = [5, 0, np.log(2) / 0.2, 0]
    coefficients = np.zeros((3, 32), dtype=np.float32)
    coefficients[:, 0] = 4
    prototypes = np.zeros((SIDE // 4, SIDE // 4, 32), dtype=np.float32)
    prototypes[:, :, 0] = 1
    return [offsets, SCORES, coefficients, PRIORS, prototypes]


def _network(outputs: list[np.ndarray], batch: int | str) -> onnx.ModelProto:
    """As the families' real ones, the priors are the same for all images: without a batch side."""
    network = constant_network(outputs, batch)
    priors = network.graph.output[3]
    (adding,) = [node for node in network.graph.node if node.output[0] == priors.name]
    network.graph.node.remove(adding)
    network.graph.initializer.append(numpy_helper.from_array(outputs[3], "priors"))
    network.graph.node.append(helper.make_node("Identity", ["priors"], [priors.name]))
    del priors.type.tensor_type.shape.dim[0]
    return network


def _load(directory: Path, outputs: list[np.ndarray] | None = None, batch: int | str = 1) -> LoadedModel:
    document = config() | {"post_processing": None}
    package = write_package(directory, _network(outputs or _outputs(), batch), document)
    return load_package(package, architecture="yolact", task="instance-segmentation", backend="onnx")


def _answers(model: LoadedModel, images: int = 1, **parameters: object) -> list[Detections]:
    image = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    answers = model.infer([image] * images, InferenceParameters(**parameters))  # type: ignore[arg-type]
    assert all(isinstance(answer, Detections) for answer in answers)
    return answers  # type: ignore[return-value]


def test_boxes_are_offsets_from_priors(tmp_path: Path) -> None:
    (answer,) = _answers(_load(tmp_path))
    assert answer.xyxy.tolist() == [[8, 8, 24, 24], [40, 40, 64, 56]]
    np.testing.assert_allclose(answer.confidence, [0.9, 0.5])


def test_the_background_wins_nothing(tmp_path: Path) -> None:
    (answer,) = _answers(_load(tmp_path), confidence=0.25)
    assert answer.class_id.tolist() == [0, 0, 1]


def test_masks_are_probabilities_above_one_half(tmp_path: Path) -> None:
    outputs = _outputs()
    outputs[2][2, 0] = -1
    (answer,) = _answers(_load(tmp_path, outputs), masks_binarization_threshold=0.99)
    assert answer.masks is not None
    inside, nothing = answer.masks.areas()
    assert inside > 200
    assert nothing == 0


@pytest.mark.parametrize("batch", [1, "batch"])
def test_images_are_run_one_by_one(tmp_path: Path, batch: int | str) -> None:
    model = _load(tmp_path, batch=batch)
    one, *others = _answers(model, images=3)
    assert model.batch_limit == 1
    assert [other.xyxy.tolist() for other in others] == [one.xyxy.tolist()] * 2


def test_a_larger_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PackageDamaged):
        _load(tmp_path, batch=2)


@pytest.mark.parametrize("number", range(5))
def test_an_output_that_is_not_finite_is_an_error(tmp_path: Path, number: int) -> None:
    outputs = _outputs()
    outputs[number] = outputs[number].copy()
    outputs[number].reshape(-1)[:] = np.nan
    with pytest.raises(OutputNotFinite):
        _answers(_load(tmp_path, outputs))


def test_it_rejects_prototypes_with_channels_first(tmp_path: Path) -> None:
    outputs = _outputs()
    outputs[4] = outputs[4].transpose(2, 0, 1)
    with pytest.raises(PackageDamaged):
        _answers(_load(tmp_path, outputs))
