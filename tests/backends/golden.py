"""Reading the golden packages: predictions of the reference library on real packages, kept outside the repository.

The folder comes from GOLDEN_DIR, else ``../shared/golden`` beside the repository. Tests skip when it is not there.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from backends import InferenceParameters, LoadedModel, RecommendedParameters, SessionOptions, load_package
from backends.errors import BackendError
from backends.masks import decompress
from backends.predictions import Depth, Detections, KeyPoints, SemanticSegmentation

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = Path(os.environ.get("GOLDEN_DIR") or REPOSITORY.parent / "shared" / "golden")

Check = Callable[[list[Any], dict[str, Any]], None]
"""Holds answers, one for each image, against a case."""

# Pictures of unusual shapes, made of the one that the case names.
ODD: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "numpy: np.ascontiguousarray(a[:1, :])": lambda image: image[:1, :],
    "numpy: np.ascontiguousarray(a[:, :3])": lambda image: image[:, :3],
    "numpy: np.full((40, 60, 3), 255, np.uint8)": lambda image: np.full((40, 60, 3), 255, dtype=np.uint8),
    "numpy: np.tile(a, (3, 2, 1))": lambda image: np.tile(image, (3, 2, 1)),
}


def require_golden() -> None:
    """Skips the test where the folder is missing."""
    if not (GOLDEN / "manifest.json").is_file():
        pytest.skip("no golden packages: set GOLDEN_DIR to their folder")


def cases(package: str) -> list[Any]:
    """All cases of a package as pytest parameters; one that skips if there is no folder."""
    file = GOLDEN / package / "expected.json"
    if not file.is_file():
        return [pytest.param(None, id="no-golden-folder")]
    expected = json.loads(file.read_text())
    return [
        pytest.param(case, id="-".join([case["variant"], case["id"], *case["images"][:1]]))
        for case in expected["cases"]
    ]


def every(packages: Iterable[str]) -> list[Any]:
    """The cases of several packages: each a name and what was recorded."""
    return [
        pytest.param(package, *case.values, id=f"{package}-{case.id}")
        for package in packages
        for case in cases(package)
    ]


def check_case(check: Check, package: str, case: dict[str, Any] | None, tmp_path: Path) -> None:
    """The package answers as the reference does, by ``check``, or fails where that fails."""
    require_golden()
    assert case is not None
    model = load(package, case, tmp_path)
    if "error" in case:
        with pytest.raises(BackendError):
            model.infer(images(case), parameters(case))
    else:
        check(model.infer(images(case), parameters(case)), case)


def load(package: str, case: dict[str, Any], tmp_path: Path) -> LoadedModel:
    """The package as the case wants it: with a variant's configuration and recommended parameters."""
    recommended = (case.get("load_kwargs") or {}).get("recommended_parameters")
    key = json.dumps(recommended, sort_keys=True)
    return _load(package, case["variant"], key, tmp_path)


_LOADED: dict[tuple[str, str, str], LoadedModel] = {}


def _load(package: str, variant: str, recommended: str, tmp_path: Path) -> LoadedModel:
    if (package, variant, recommended) in _LOADED:
        return _LOADED[package, variant, recommended]
    source = GOLDEN / package / "package"
    names = json.loads((source / "model_config.json").read_text())
    directory = source
    if variant != "package":
        directory = tmp_path / "package"
        directory.mkdir()
        for file in source.iterdir():
            (directory / file.name).symlink_to(file)
        (directory / "inference_config.json").unlink()
        shutil.copy(GOLDEN / package / "variants" / f"{variant}.json", directory / "inference_config.json")
    given = json.loads(recommended)
    model = load_package(
        directory,
        architecture=names["model_architecture"],
        task=names["task_type"],
        backend=names["backend_type"],
        options=SessionOptions(threads=2),
        recommended=None if given is None else RecommendedParameters(**given),
    )
    _LOADED[package, variant, recommended] = model
    return model


def unload_all() -> None:
    """Closes what `load` keeps between cases."""
    while _LOADED:
        _LOADED.popitem()[1].close()


@cache
def _image(name: str) -> np.ndarray:
    image = cv2.imread(str(GOLDEN / "images" / name), cv2.IMREAD_COLOR)
    assert image is not None
    return image


def images(case: dict[str, Any]) -> list[np.ndarray]:
    """The arrays of the case's call."""
    kind = case["input"]
    originals = [_image(name) for name in case["images"]]
    if "[::2, ::3]" in kind:
        return [image[::2, ::3] for image in originals]
    if "[::2, ::-1]" in kind:
        return [image[::2, ::-1] for image in originals]
    if kind in ODD:
        return [np.ascontiguousarray(ODD[kind](image)) for image in originals]
    if kind == "rgb-numpy":
        return [image[:, :, ::-1] for image in originals]
    if kind.startswith("BGRA"):
        return [cv2.cvtColor(image, cv2.COLOR_BGR2BGRA) for image in originals]
    if kind.startswith("gray"):
        return [cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) for image in originals]
    # Torch tensors hold the same values in RGB order: the same image to us.
    return originals


def parameters(case: dict[str, Any]) -> InferenceParameters:
    """The parameters of the case's call."""
    return InferenceParameters.from_mapping(case["params"])


def named(package: str, case: dict[str, Any]) -> dict[str, Any]:
    """The case without the boxes of a class that has no name, which this server leaves out.

    The reference answers them: it counts the classes of YOLOv5 and YOLOv7 segmentation from the objectness.
    """
    file = GOLDEN / package / "package" / "class_names.txt"
    names = len(file.read_text().split())
    results = []
    for result in case["results"]:
        kept = [row for row, class_id in enumerate(result["class_id"]) if class_id < names]
        lists = {key: [value[row] for row in kept] for key, value in result.items() if key in _FOR_EACH_BOX}
        results.append(result | lists)
    return case | {"results": results}


_FOR_EACH_BOX = ("class_id", "xyxy", "confidence", "masks", "mask_area")


def check_scores(answers: list[Any], case: dict[str, Any]) -> None:
    """Classes of one label each: the best one, and all scores within 0.001."""
    # One result holds all images of the call.
    (expected,) = case["results"]
    assert [int(np.argmax(scores)) for scores in answers] == expected["class_id"]
    np.testing.assert_allclose(answers, expected["confidence"], atol=1e-3, rtol=0)


def check(answers: list[Any], case: dict[str, Any]) -> None:
    """Equal boxes and classes, confidence within 0.001, mask overlap of at least 0.99."""
    assert len(answers) == len(case["results"])
    for answer, expected in zip(answers, case["results"], strict=True):
        assert isinstance(answer, Detections)
        assert answer.class_id.tolist() == expected["class_id"]
        # Whole pixels are equal; on the grid of smaller masks the file has six digits.
        wanted = np.array(expected["xyxy"], dtype=np.float32).reshape(-1, 4)
        whole = np.array_equal(wanted, np.rint(wanted))
        np.testing.assert_allclose(answer.xyxy, wanted, atol=0 if whole else 1e-3, rtol=0)
        np.testing.assert_allclose(answer.confidence, expected["confidence"], atol=1e-3, rtol=0)
        if "masks" in expected:
            _check_masks(answer, expected)


def check_every_pixel(answers: list[Any], case: dict[str, Any]) -> None:
    """As `check`, and of each mask hardly a pixel differs: a row of them that flips is found."""
    check(answers, case)
    for answer, expected in zip(answers, case["results"], strict=True):
        for counts, wanted in zip(answer.masks.runs, expected["masks"], strict=True):
            ours, theirs = _pixels(counts), _pixels(decompress(wanted["counts"]))
            pixels = max(ours.size, theirs.size)
            different = np.resize(ours, pixels) ^ np.resize(theirs, pixels)
            assert different.sum() <= 2 + theirs.sum() / 2000


def check_key_points(answers: list[Any], case: dict[str, Any]) -> None:
    """Equal boxes and classes; key points within a pixel, their confidence within 0.001."""
    points, boxes = case["results"]["tuple"]
    assert len(answers) == len(points)
    assert all(isinstance(answer, KeyPoints) for answer in answers)
    check([answer.boxes for answer in answers], {"results": boxes})
    for answer, expected in zip(answers, points, strict=True):
        wanted = np.array(expected["xy"], dtype=np.float32).reshape(answer.xy.shape)
        np.testing.assert_allclose(answer.xy, wanted, atol=1, rtol=0)
        scores = np.array(expected["confidence"]).reshape(answer.confidence.shape)
        np.testing.assert_allclose(answer.confidence, scores, atol=1e-3, rtol=0)


def check_classes_of_pixels(answers: list[Any], case: dict[str, Any]) -> None:
    """The class of 99.5 % of the pixels at least, and the confidence of those within 0.001."""
    assert len(answers) == len(case["results"])
    for answer, expected in zip(answers, case["results"], strict=True):
        assert isinstance(answer, SemanticSegmentation)
        assert list(answer.class_map.shape) == expected["shape"]
        wanted = np.full(answer.class_map.size, 255, dtype=np.int64)
        for class_id, mask in expected["classes"].items():
            assert mask["size"] == expected["shape"]
            wanted[_pixels(decompress(mask["counts"]))] = int(class_id)
        agree = answer.class_map == wanted.reshape(answer.class_map.shape, order="F")
        assert agree.mean() >= 0.995
        assert abs(answer.confidence.mean() - expected["confidence_mean"]) <= 1e-3
        grid = np.ix_(expected["rows"], expected["columns"])
        of_the_same = agree[grid]
        np.testing.assert_allclose(
            answer.confidence[grid][of_the_same], np.array(expected["values"])[of_the_same], atol=1e-3, rtol=0
        )


def check_depth(answers: list[Any], case: dict[str, Any]) -> None:
    """Each recorded value within a thousandth of it."""
    assert len(answers) == len(case["results"])
    for answer, expected in zip(answers, case["results"], strict=True):
        assert isinstance(answer, Depth)
        assert list(answer.values.shape) == expected["shape"]
        grid = np.ix_(expected["rows"], expected["columns"])
        np.testing.assert_allclose(answer.values[grid], expected["values"], atol=1e-5, rtol=1e-3)


def check_vectors(vectors: np.ndarray, case: dict[str, Any]) -> None:
    """Embeddings within 0.001, and in the same direction."""
    wanted = np.array(case["results"]["tensor"])
    np.testing.assert_allclose(vectors, wanted, atol=1e-3, rtol=0)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(wanted, axis=1)
    assert ((vectors * wanted).sum(axis=1) / lengths).min() >= 0.9999


def _check_masks(answer: Detections, expected: dict[str, Any]) -> None:
    assert answer.masks is not None
    assert list(answer.masks.size) == expected["mask_size"]
    areas = expected.get("mask_area") or [_pixels(decompress(mask["counts"])).sum() for mask in expected["masks"]]
    for counts, area, wanted in zip(answer.masks.runs, areas, expected["masks"], strict=True):
        ours, theirs = _pixels(counts), _pixels(decompress(wanted["counts"]))
        assert theirs.sum() == area
        pixels = max(ours.size, theirs.size)
        ours, theirs = np.resize(ours, pixels), np.resize(theirs, pixels)
        union = (ours | theirs).sum()
        assert union == 0 or (ours & theirs).sum() / union >= 0.99


def _pixels(counts: np.ndarray) -> np.ndarray:
    return np.repeat(np.arange(counts.size) % 2 == 1, counts)
