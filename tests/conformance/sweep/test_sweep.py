"""Random packages, images and parameters: this server's families answer like the real library, case by case.

The cases are made from their numbers, so a failing one can be run alone: ``-k "[17]"``. SWEEP_CASES says how many there
are, SWEEP_FIRST with which number they begin. The library answers in a process of its own, in its own environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from backends import InferenceParameters, RecommendedParameters, load_package
from backends.errors import BackendError
from backends.predictions import Classification, Detections
from tests.conformance.clients import client_python
from tests.conformance.line_process import LineProcess
from tests.conformance.sweep.cases import NAMES, Case, make_case

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(120)]

FIRST, COUNT = int(os.environ.get("SWEEP_FIRST", "0")), int(os.environ.get("SWEEP_CASES", "90"))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LineProcess]:
    python = client_python("client")
    if not python.exists():
        pytest.fail("There is no environment with the client. Run `make conformance` to install it.")
    folder = tmp_path_factory.mktemp("library")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    process = LineProcess(
        [str(python), str(Path(__file__).with_name("reference_worker.py"))],
        environment={**kept, "HOME": str(folder), "INFERENCE_HOME": str(folder), "HF_HUB_OFFLINE": "1"},
        folder=folder,
        log=folder / "log",
    )
    yield process
    process.close()


@pytest.mark.parametrize("number", range(FIRST, FIRST + COUNT))
def test_it_answers_like_the_library(number: int, library: LineProcess, tmp_path: Path) -> None:
    case = make_case(number, tmp_path)
    expected = library.ask(
        {
            "directory": str(case.directory),
            "image": str(case.image),
            "parameters": case.parameters,
            "recommended": case.recommended,
        }
    )
    if "Input and output sizes should be greater than 0" in expected.get("error", ""):
        # Of an image so narrow that no prototype of the masks lies on it, the library cannot enlarge any. Here the
        # image is within one prototype then, so that boxes are answered.
        assert _answer(case).masks is not None
        return
    if "error" in expected:
        # Only images that are too narrow for the network are made so that it fails.
        assert "resize" in expected["error"], expected["error"]
        with pytest.raises(BackendError):
            _answer(case)
        return
    answer = _answer(case)
    if isinstance(answer, Classification):
        np.testing.assert_allclose(answer.scores, expected["scores"], atol=1e-3, rtol=0)
        return
    assert isinstance(answer, Detections)
    _compare(answer, expected)


def _answer(case: Case) -> Any:
    names = case.subject
    model = load_package(
        case.directory,
        architecture=names.architecture,
        task=names.task,
        backend="onnx",
        features={"nms_fused"} if names.post_processing == {"type": "nms", "fused": True} else (),
        recommended=None if case.recommended is None else RecommendedParameters(**case.recommended),
    )
    image = cv2.imread(str(case.image), cv2.IMREAD_COLOR)
    assert image is not None
    with model:
        (answer,) = model.infer([image], InferenceParameters.from_mapping(case.parameters))
    return answer


def _compare(answer: Detections, expected: dict[str, Any]) -> None:
    # This server leaves out boxes of YOLOv5 and YOLOv7 segmentation whose class has no name; the library answers them.
    kept = [row for row, class_id in enumerate(expected["class_id"]) if class_id < len(NAMES)]
    chosen: Callable[[str], list[Any]] = lambda name: [expected[name][row] for row in kept]  # noqa: E731
    assert answer.class_id.tolist() == chosen("class_id")
    np.testing.assert_allclose(answer.confidence, chosen("confidence"), atol=1e-3, rtol=0)
    boxes = np.array(chosen("xyxy"), dtype=np.float32).reshape(-1, 4)
    whole = np.array_equal(boxes, np.rint(boxes))
    np.testing.assert_allclose(answer.xyxy, boxes, atol=0 if whole else 1e-3, rtol=0)
    if answer.masks is None:
        return
    assert list(answer.masks.size) == expected["size"]
    for ours, theirs in zip(answer.masks.runs, chosen("masks"), strict=True):
        one, other = _pixels(ours, answer.masks.size), _pixels(theirs, answer.masks.size)
        union = (one | other).sum()
        assert union == 0 or (one & other).sum() / union >= 0.99 or (one ^ other).sum() <= 2


def _pixels(runs: Any, size: tuple[int, int]) -> np.ndarray:
    inside = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return np.pad(inside, (0, size[0] * size[1] - inside.size))
