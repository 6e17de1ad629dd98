from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backends.errors import PackageConfigInvalid
from backends.model import LoadedModel
from backends.parameters import InferenceParameters
from backends.predictions import Classification
from backends.registry import load_package
from tests.backends.networks import SIDE, config, constant_network, write_package


def _load(directory: Path, fused: bool = True, kind: str = "softmax", **network_input: object) -> LoadedModel:
    document = config(**network_input) | {"post_processing": {"type": kind, "fused": fused}}
    package = write_package(directory, constant_network([np.array([0.8, 0.2])]), document)
    return load_package(package, architecture="yolov11", task="classification", backend="onnx")


@pytest.mark.parametrize(("fused", "scores"), [(True, [0.8, 0.2]), (False, [0.6457, 0.3543])])
def test_a_softmax_that_is_not_said_to_be_inside_is_applied_again(
    tmp_path: Path, fused: bool, scores: list[float]
) -> None:
    (answer,) = _load(tmp_path, fused).infer([np.zeros((SIDE, SIDE, 3), dtype=np.uint8)], InferenceParameters())
    assert isinstance(answer, Classification)
    np.testing.assert_allclose(answer.scores, scores, atol=1e-4)


def test_fitting_the_longer_edge_becomes_a_grey_letterbox(tmp_path: Path) -> None:
    model = _load(tmp_path, resize_mode="fit-longer-edge")
    prepared = model.preprocess(np.zeros((SIDE, SIDE // 2, 3), dtype=np.uint8))
    assert prepared.tensor[0, 0].tolist() == [np.float32(127 / 255)] * 16 + [0] * 32 + [np.float32(127 / 255)] * 16


def test_it_wants_a_softmax(tmp_path: Path) -> None:
    with pytest.raises(PackageConfigInvalid, match="softmax"):
        _load(tmp_path, kind="nms")
