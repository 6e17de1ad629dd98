"""The trainable side: which cells learn which shape, and that the published packages hold the kept weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import demo
from demo.detect import Detector, letterbox, to_input
from demo.draw import draw

torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
pytestmark = pytest.mark.torch

from demo.loss import assign, complete_iou, detection_loss  # noqa: E402  (needs torch)
from demo.network import ExportedDetector, ShapeDetector, cell_centres, load_network  # noqa: E402

FOLDER = Path(demo.__file__).parent
CENTRES = cell_centres(8, 8, 8)
SHAPE = torch.tensor([8.0, 8.0, 40.0, 40.0])


def cells(box: torch.Tensor) -> torch.Tensor:
    """Boxes (1, cells, 4): every cell predicts the same one."""
    return box.expand(1, len(CENTRES), 4)


def certain_of(class_id: int) -> torch.Tensor:
    """Probabilities (1, cells, 2) of 0.9 for one class."""
    probabilities = torch.full((1, len(CENTRES), 2), 0.1)
    probabilities[..., class_id] = 0.9
    return probabilities


def test_only_cells_inside_a_shape_learn_it():
    _, target = assign(
        cells(SHAPE), certain_of(1), CENTRES, SHAPE[None, None], torch.tensor([[1]]), torch.tensor([[True]])
    )
    chosen = CENTRES[target[0] > 0]
    assert len(chosen) == 9
    assert ((chosen > 8) & (chosen < 40)).all()


def test_the_cell_with_the_best_box_has_the_highest_target():
    boxes = cells(SHAPE + torch.tensor([0.0, 0.0, 12.0, 12.0])).clone()
    best = int(((CENTRES - 20).abs().sum(dim=1)).argmin())
    boxes[0, best] = SHAPE
    _, target = assign(boxes, certain_of(1), CENTRES, SHAPE[None, None], torch.tensor([[1]]), torch.tensor([[True]]))
    assert int(target[0].argmax()) == best
    assert float(target[0, best]) == pytest.approx(1.0, abs=1e-4)


def test_filling_that_is_no_shape_is_learnt_by_no_cell():
    _, target = assign(
        cells(SHAPE), certain_of(0), CENTRES, SHAPE[None, None], torch.tensor([[0]]), torch.tensor([[False]])
    )
    assert float(target.abs().sum()) == 0


def test_a_cell_inside_two_shapes_learns_the_one_that_its_box_fits():
    both = torch.stack([SHAPE, SHAPE + 4])[None]
    owner, target = assign(
        cells(SHAPE + 4), certain_of(0), CENTRES, both, torch.tensor([[0, 0]]), torch.tensor([[True, True]])
    )
    shared = (target[0] > 0) & ((CENTRES > 12) & (CENTRES < 40)).all(dim=1)
    assert shared.any()
    assert set(owner[0, shared].tolist()) == {1}


def test_complete_iou_is_one_for_equal_boxes_and_negative_for_distant_ones():
    equal, distant = complete_iou(torch.stack([SHAPE, SHAPE]), torch.stack([SHAPE, SHAPE + 200]))
    assert float(equal) == pytest.approx(1.0, abs=1e-5)
    assert float(distant) < 0


def test_a_better_prediction_has_a_smaller_loss():
    truth = (CENTRES, SHAPE[None, None], torch.tensor([[1]]), torch.tensor([[True]]))
    good = sum(detection_loss(cells(SHAPE), certain_of(1).logit(), *truth))
    bad = sum(detection_loss(cells(SHAPE + 6), certain_of(1).logit(), *truth))
    assert float(good) < float(bad)


def test_the_network_learns_from_every_one_of_its_weights():
    network = ShapeDetector(4).train()
    boxes, logits = network(torch.rand(2, 3, 64, 64))
    (boxes.square().mean() + logits.square().mean()).backward()
    assert [name for name, value in network.named_parameters() if value.grad is None] == []


def test_cell_centres_run_along_the_rows():
    assert cell_centres(2, 3, 8).tolist() == [[4, 4], [12, 4], [20, 4], [4, 12], [12, 12], [20, 12]]


@pytest.mark.parametrize("name", ["onnx-dynamic", "onnx-static"])
def test_a_package_predicts_what_the_kept_weights_predict(name: str):
    images = to_input([letterbox(draw(4_000_000, 320, 240).image, 320)[0]])
    with torch.no_grad():
        expected = ExportedDetector(load_network(FOLDER / "weights.npz"))(torch.from_numpy(images)).numpy()
    session = Detector(FOLDER / "packages" / name / "weights.onnx").session
    np.testing.assert_allclose(session.run(None, {"images": images})[0], expected, rtol=1e-3, atol=2e-3)
