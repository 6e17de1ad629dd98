"""The SDK's addresses for embeddings, with a model whose vectors can be told in advance."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from django.test import Client

from tests.helpers import assert_error
from tests.inference_app.conftest import push_clip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("model_host")]


@pytest.fixture
def clip(alpha: Any, tmp_path: Path) -> Any:
    """The model that the SDK means where it names no version."""
    return push_clip(alpha, tmp_path, "clip/ViT-B-16")


def image(*bgr: int) -> dict[str, str]:
    encoded = cv2.imencode(".png", np.full((64, 64, 3), bgr, dtype=np.uint8))[1].tobytes()
    return {"type": "base64", "value": base64.b64encode(encoded).decode()}


RED, GREEN = image(0, 0, 255), image(0, 255, 0)


@pytest.fixture
def ask(infer_token: str) -> Callable[..., Any]:
    def ask(address: str, **fields: Any) -> Any:
        body = json.dumps({"api_key": infer_token, **fields})
        return Client().post(address, body, content_type="application/json")

    return ask


def test_an_image_has_one_vector_and_several_have_theirs(clip: Any, ask: Callable[..., Any]) -> None:
    one = ask("/clip/embed_image", image=RED).json()
    both = ask("/clip/embed_image", image=[RED, GREEN]).json()
    assert {"inference_id", "frame_id", "time", "embeddings"} <= set(one)
    assert one["embeddings"] == both["embeddings"][:1]
    assert np.argmax(both["embeddings"], axis=1).tolist() == [0, 1]


def test_a_text_has_one_vector_and_several_have_theirs(clip: Any, ask: Callable[..., Any]) -> None:
    one = ask("/clip/embed_text", text="a cat").json()
    both = ask("/clip/embed_text", text=["a cat", "two dogs"]).json()
    assert {"inference_id", "frame_id", "time", "embeddings"} <= set(one)
    assert one["embeddings"] == both["embeddings"][:1]
    assert both["embeddings"][0] != both["embeddings"][1]


@pytest.mark.parametrize("subject_type", ["image", "text"])
@pytest.mark.parametrize("prompt_type", ["image", "text"])
def test_any_two_are_compared_by_the_cosine(
    clip: Any, ask: Callable[..., Any], subject_type: str, prompt_type: str
) -> None:
    sent = {"image": [RED, GREEN], "text": ["a cat", "two dogs"]}
    vectors = {
        "image": ask("/clip/embed_image", image=sent["image"]).json()["embeddings"],
        "text": ask("/clip/embed_text", text=sent["text"]).json()["embeddings"],
    }

    answer = ask(
        "/clip/compare",
        subject=sent[subject_type][1],
        subject_type=subject_type,
        prompt=sent[prompt_type],
        prompt_type=prompt_type,
    )

    subject = np.array(vectors[subject_type][1])
    for similarity, vector in zip(answer.json()["similarity"], vectors[prompt_type], strict=True):
        wanted = subject @ vector / (np.linalg.norm(subject) * np.linalg.norm(vector))
        assert similarity == pytest.approx(wanted, abs=1e-6)


def test_an_image_is_compared_with_texts_unless_something_else_is_said(clip: Any, ask: Callable[..., Any]) -> None:
    answer = ask("/clip/compare", subject=RED, prompt="a cat").json()
    assert len(answer["similarity"]) == 1
    assert -1 <= answer["similarity"][0] <= 1


@pytest.mark.parametrize(("kind", "one", "two"), [("image", RED, GREEN), ("text", "a cat", "two dogs")])
def test_prompts_under_names_are_answered_under_them(
    clip: Any, ask: Callable[..., Any], kind: str, one: Any, two: Any
) -> None:
    answer = ask("/clip/compare", subject=RED, prompt={"one": one, "two": two}, prompt_type=kind).json()
    listed = ask("/clip/compare", subject=RED, prompt=[one, two], prompt_type=kind).json()
    assert list(answer["similarity"].items()) == list(zip(("one", "two"), listed["similarity"], strict=True))


def test_the_version_says_which_model_is_meant(alpha: Any, tmp_path: Path, ask: Callable[..., Any]) -> None:
    push_clip(alpha, tmp_path, "clip/RN50")
    assert ask("/clip/embed_image", image=RED, clip_version_id="RN50").status_code == 200
    assert_error(ask("/clip/embed_image", image=RED), "model-not-found", 404)
    assert_error(ask("/clip/embed_image", image=RED, clip_version_id="RN101"), "model-not-found", 404)


def test_perception_encoders_have_addresses_of_their_own(alpha: Any, tmp_path: Path, ask: Callable[..., Any]) -> None:
    push_clip(alpha, tmp_path, "perception_encoder/PE-Core-L14-336")
    assert len(ask("/perception_encoder/embed_image", image=RED).json()["embeddings"]) == 1
    assert len(ask("/perception_encoder/embed_text", text=["a", "b"]).json()["embeddings"]) == 2
    assert ask("/perception_encoder/compare", subject=RED, prompt="a").status_code == 200


def test_vectors_of_a_model_by_its_id_name_their_space(clip: Any, ask: Callable[..., Any]) -> None:
    answer = ask("/infer/embeddings", model_id="clip/ViT-B-16", image=[RED, GREEN]).json()
    assert answer["embeddings"] == ask("/clip/embed_image", image=[RED, GREEN]).json()["embeddings"]
    info = answer["embedding_info"]
    assert (info["dimension"], info["model_id"], info["normalization"]) == (3, "clip/ViT-B-16", "none")
    assert set(info) >= {"output_type", "feature_definition", "preprocessing", "space_id", "backend", "precision"}


@pytest.mark.parametrize(
    ("address", "fields"),
    [
        ("/clip/embed_image", {}),
        ("/clip/embed_image", {"image": []}),
        ("/clip/embed_text", {}),
        ("/clip/embed_text", {"text": []}),
        ("/clip/embed_text", {"text": [1]}),
        ("/clip/embed_text", {"text": {"a": "b"}}),
        ("/clip/compare", {"subject": RED}),
        ("/clip/compare", {"prompt": "a cat"}),
        ("/clip/compare", {"subject": RED, "prompt": []}),
        ("/clip/compare", {"subject": RED, "prompt": {}}),
        ("/clip/compare", {"subject": [RED, GREEN], "prompt": "a cat"}),
        ("/clip/compare", {"subject": RED, "subject_type": "video", "prompt": "a cat"}),
        ("/clip/compare", {"subject": "a cat", "prompt": "a cat"}),
        ("/clip/compare", {"subject": RED, "prompt": RED}),
        ("/infer/embeddings", {"image": RED}),
        ("/clip/embed_image", {"image": RED, "clip_version_id": 3}),
    ],
)
def test_what_is_missing_or_of_another_kind_is_refused(
    clip: Any, ask: Callable[..., Any], address: str, fields: dict[str, Any]
) -> None:
    assert ask(address, **fields).status_code == 400


def test_a_text_that_is_too_long_is_refused(clip: Any, ask: Callable[..., Any]) -> None:
    assert_error(ask("/clip/embed_text", text="cat " * 80), "bad-text", 400)


def test_more_texts_than_a_request_may_have_are_refused(clip: Any, ask: Callable[..., Any]) -> None:
    assert ask("/clip/embed_text", text=["a cat"] * 101).status_code == 413


def test_mode_v0_has_no_form_for_vectors(clip: Any, infer_token: str) -> None:
    answer = Client().post(f"/clip/ViT-B-16?api_key={infer_token}", RED["value"], content_type="text/plain")
    assert "POST /infer/embeddings" in assert_error(answer, "invalid-request", 400)["message"]
