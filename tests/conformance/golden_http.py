"""Asking a live server for the golden cases: pushing packages with their variants, and reading its answers."""

from __future__ import annotations

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
from backends.predictions import Detections
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
