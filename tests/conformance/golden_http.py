"""Asking a live server for the golden cases: pushing packages with their variants, and reading its answers."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np

from backends.masks import InstanceMasks, decompress
from backends.predictions import Depth, Detections, KeyPoints, SemanticSegmentation
from tests.backends import golden
from tests.conformance.house import House

# One client for all: making one reads the certificates of the machine, which takes longer than most requests.
HTTP = httpx.Client(timeout=120)
CONTENT_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@dataclass
class GoldenModels:
    """The golden packages on one server: a model for each variant, pushed when a case first needs it."""

    house: House
    folder: Path
    # What a package's files do not say, by the package's name; `manage.py push --manifest` adds it.
    manifests: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    _pushed: dict[str, str] = field(default_factory=dict)

    def model_for(self, package: str, case: Mapping[str, Any]) -> str:
        """The id of the model that has the case's variant, and its recommended parameters, published."""
        recommended = (case.get("load_kwargs") or {}).get("recommended_parameters")
        name = "-".join([package, case["variant"], *(["recommended"] if recommended else [])])
        if name not in self._pushed:
            self._pushed[name] = self._push(name, package, case["variant"], recommended)
        return self._pushed[name]

    def _push(self, name: str, package: str, variant: str, recommended: dict[str, Any] | None) -> str:
        directory = self.folder / name
        shutil.copytree(golden.GOLDEN / package / "package", directory, copy_function=shutil.copyfile)
        if variant != "package":
            shutil.copyfile(
                golden.GOLDEN / package / "variants" / f"{variant}.json", directory / "inference_config.json"
            )
        manifest = dict(self.manifests.get(package, {}))
        if recommended:
            manifest["recommended_parameters"] = {
                "confidence": recommended["confidence"],
                "perClassConfidence": recommended["per_class_confidence"],
            }
        pushed = self.house.push(directory, f"golden/{name}", manifest=manifest, scratch=directory.parent)
        # A model that has only one package cannot answer with another.
        return pushed.model


def encoded(case: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    """The case's images as (content type, bytes): the files themselves, or what was made of them, as PNG.

    Tensors and arrays in RGB order hold the image of the file, and a file says itself what its colours are.
    """
    if case["input"] in golden.ODD or "non-contiguous" in case["input"] or case["input"].startswith(("BGRA", "gray")):
        return [("image/png", cv2.imencode(".png", image)[1].tobytes()) for image in golden.images(dict(case))]
    files = [golden.GOLDEN / "images" / name for name in case["images"]]
    return [(CONTENT_TYPES[file.suffix], file.read_bytes()) for file in files]


def fields(params: Mapping[str, Any]) -> dict[str, str]:
    """Parameters as a query or a form has them."""
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}


def ask_in_query(
    house: House,
    model: str,
    image: tuple[str, bytes],
    parameters: Mapping[str, str],
    token: str | None = None,
) -> httpx.Response:
    """The image as the body, the parameters in the query."""
    content_type, content = image
    return HTTP.post(
        f"{house.address}/api/v1/models/{model}/infer",
        params=dict(parameters),
        content=content,
        headers={"Content-Type": content_type, **_authorization(token)},
    )


def ask_in_form(
    house: House,
    model: str,
    images: list[tuple[str, bytes]],
    parameters: Mapping[str, str],
    token: str | None = None,
    *,
    query: Mapping[str, str] | None = None,
) -> httpx.Response:
    """One multipart form with all the images and the parameters; ``query`` is sent beside it."""
    parts: list[tuple[str, Any]] = [(name, (None, value)) for name, value in parameters.items()]
    parts += [("image", ("image", content, content_type)) for content_type, content in images]
    return HTTP.post(
        f"{house.address}/api/v1/models/{model}/infer",
        params=dict(query or {}),
        # A form without any part is not one.
        files=parts or [("explain", (None, "false"))],
        headers=_authorization(token),
    )


def _authorization(token: str | None) -> dict[str, str]:
    return {} if token is None else {"Authorization": f"Bearer {token}"}


def detections(answer: Mapping[str, Any], *, with_masks: bool = False) -> Detections:
    """The answer for one image in the shape in which the direct tests compare. Masks must be run lengths."""
    predictions = answer["predictions"]
    size = (answer["image"]["height"], answer["image"]["width"])
    corners = [[each[name] for name in ("x_min", "y_min", "x_max", "y_max")] for each in predictions]
    masks = None
    if with_masks:
        assert all(each["rle"]["size"] == list(size) for each in predictions)
        masks = InstanceMasks(size, tuple(decompress(each["rle"]["counts"]) for each in predictions))
    named = {each["class_id"]: each["class"] for each in predictions}
    return Detections(
        xyxy=np.array(corners, dtype=np.float32).reshape(-1, 4),
        class_id=np.array([each["class_id"] for each in predictions], dtype=np.int64),
        confidence=np.array([each["confidence"] for each in predictions], dtype=np.float32),
        class_names=tuple(named.get(number, "") for number in range(max(named, default=-1) + 1)),
        image_size=size,
        masks=masks,
    )


def key_points(answer: Mapping[str, Any], places: int) -> KeyPoints:
    """The answer for one image, with zeros in the ``places`` of those key points that are left out."""
    predictions = answer["predictions"]
    xy = np.zeros((len(predictions), places, 2), dtype=np.float32)
    confidence = np.zeros((len(predictions), places), dtype=np.float32)
    for row, prediction in enumerate(predictions):
        for point in prediction["keypoints"]:
            xy[row, point["class_id"]] = point["x"], point["y"]
            confidence[row, point["class_id"]] = point["confidence"]
    return KeyPoints(detections(answer), xy, confidence, (), ())


def classes_of_pixels(answer: Mapping[str, Any]) -> SemanticSegmentation:
    """The answer for one image, its maps read from their text."""
    found, size = answer["predictions"], (answer["image"]["height"], answer["image"]["width"])
    names = tuple(found["class_map"][str(number)] for number in range(len(found["class_map"])))
    class_map = _png(found["segmentation_mask"])
    assert class_map.shape == size
    assert found["present_class_ids"] == np.unique(class_map).tolist()
    return SemanticSegmentation(class_map, _numbers(found["confidence_mask"]), names, size)


def depth(answer: Mapping[str, Any]) -> Depth:
    """The answer for one image, its map read from its text."""
    values = _numbers(answer["depth_map"])
    assert values.shape == (answer["image"]["height"], answer["image"]["width"])
    return Depth(values, values.shape)


def _numbers(form: Mapping[str, Any]) -> Any:
    if form["format"] == "float32":
        return np.frombuffer(base64.b64decode(form["data"]), dtype="<f4").reshape(form["shape"])
    return (form["offset"] + form["scale"] * _png(form["data"])).astype(np.float32)


def _png(text: str) -> Any:
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), dtype=np.uint8), cv2.IMREAD_UNCHANGED)
