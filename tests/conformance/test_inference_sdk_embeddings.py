"""The real inference SDK with models that embed, from the golden packages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.backends import golden
from tests.backends.golden import GOLDEN
from tests.conformance.clients import ClientWorker
from tests.conformance.house import House
from tests.conformance.line_process import LineProcess
from tests.conformance.test_inference_sdk import worker  # noqa: F401 - the same environment

CLIP = "clip-tiny-onnx"
DEFAULT, NAMED, PERCEPTION = "clip/ViT-B-16", "clip/RN50", "perception_encoder/PE-Core-L14-336"
SQUARE, WIDE = "shapes_square_320x320.png", "shapes_wide_640x426.png"
CAT, CIRCLE = "a photo of a cat", "circle"

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def key(house: House) -> str:
    golden.require_golden()
    for model in (DEFAULT, NAMED, PERCEPTION):
        house.push(GOLDEN / CLIP / "package", model, public=False)
    return house.token()


@pytest.fixture
def call(worker: LineProcess, house: House, key: str) -> Callable[..., Any]:  # noqa: F811
    """A method of the SDK, with images by their names."""

    def call(method: str, images: list[str] | None = None, *, mode: str = "v1", **arguments: Any) -> Any:
        job: dict[str, Any] = {
            "client": "sdk", "method": method, "address": house.address, "key": key, "mode": mode,
            "arguments": arguments,
        }  # fmt: skip
        if images is not None:
            job |= {"images": [str(GOLDEN / "images" / name) for name in images], "many": len(images) > 1}
        answer = worker.ask(job)
        assert "result" in answer, answer
        return answer["result"]

    return call


def recorded(name: str) -> np.ndarray:
    """The vector that the reference library has for an image or a text."""
    cases = json.loads((GOLDEN / CLIP / "expected.json").read_text())["cases"]
    case = next(each for each in cases if each["images"] == [name] and each["id"] in {"image", "text"})
    return np.array(case["results"]["tensor"][0])


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))


@pytest.mark.parametrize("mode", ["v1", "v0"])
@pytest.mark.parametrize("version", [None, "RN50"])
def test_images_have_the_vectors_of_the_reference(call: Callable[..., Any], mode: str, version: str | None) -> None:
    found = call("get_clip_image_embeddings", [SQUARE, WIDE], mode=mode, clip_version=version)
    for answer, name in zip(found, (SQUARE, WIDE), strict=True):
        np.testing.assert_allclose(answer["embeddings"][0], recorded(name), atol=1e-3)


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_texts_have_the_vectors_of_the_reference(call: Callable[..., Any], mode: str) -> None:
    one = call("get_clip_text_embeddings", text=CAT, mode=mode)
    both = call("get_clip_text_embeddings", text=[CAT, CIRCLE], mode=mode)
    np.testing.assert_allclose(one["embeddings"], [recorded(CAT)], atol=1e-3)
    np.testing.assert_allclose(both["embeddings"], [recorded(CAT), recorded(CIRCLE)], atol=1e-3)


@pytest.mark.parametrize("subject_type", ["image", "text"])
@pytest.mark.parametrize("prompt_type", ["image", "text"])
def test_what_is_alike_is_said_by_the_cosine(call: Callable[..., Any], subject_type: str, prompt_type: str) -> None:
    names = {"image": [WIDE, SQUARE], "text": [CAT, CIRCLE]}
    sent = {"image": [str(GOLDEN / "images" / name) for name in names["image"]], "text": names["text"]}
    found = call(
        "clip_compare",
        subject=sent[subject_type][0],
        subject_type=subject_type,
        prompt=sent[prompt_type],
        prompt_type=prompt_type,
    )
    wanted = [cosine(recorded(names[subject_type][0]), recorded(name)) for name in names[prompt_type]]
    # The SDK encodes the images anew, as JPEG.
    assert found["similarity"] == pytest.approx(wanted, abs=0.02)


def test_perception_encoders_are_asked_at_their_own_addresses(call: Callable[..., Any]) -> None:
    image = call("get_perception_encoder_image_embeddings", [SQUARE])
    text = call("get_perception_encoder_text_embeddings", text=CAT)
    np.testing.assert_allclose(image["embeddings"][0], recorded(SQUARE), atol=1e-3)
    np.testing.assert_allclose(text["embeddings"][0], recorded(CAT), atol=1e-3)


def test_vectors_of_a_model_by_its_id(call: Callable[..., Any]) -> None:
    found = call("get_image_embeddings", [SQUARE], model_id=NAMED)
    np.testing.assert_allclose(found["embeddings"][0], recorded(SQUARE), atol=1e-3)
    assert found["embedding_info"]["dimension"] == 64


def test_the_automodel_client_loads_what_lies_beside_the_addresses(
    client: ClientWorker, house: House, key: str, home: Any
) -> None:
    load = client.load(DEFAULT, address=house.address, key=key, home=home)
    assert load.model_class == "ClipOnnx", load.message
