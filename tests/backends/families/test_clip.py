"""CLIP: images and texts become vectors in one space."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import BadImage, BadTensor, BadText, NetworkMismatch, PackageDamaged
from backends.families.clip.images import DEVIATION, MEAN, ClipImages
from backends.families.clip.tokenizer import tokenizer
from backends.model import LoadedModel
from backends.parameters import DEFAULTS, InferenceParameters
from backends.predictions import Embeddings
from backends.registry import check_texts, load_package
from tests.backends.networks import SIDE, write_clip_package


def load(directory: Path, **changes: Any) -> LoadedModel:
    return load_package(write_clip_package(directory, **changes), architecture="clip", task="embedding", backend="onnx")


def vector(model: LoadedModel, image: np.ndarray, **parameters: Any) -> np.ndarray:
    (answer,) = model.infer([image], InferenceParameters(**parameters))
    assert isinstance(answer, Embeddings)
    return answer.vectors[0]


def plain(height: int, width: int, bgr: tuple[int, int, int]) -> np.ndarray:
    return np.full((height, width, 3), bgr, dtype=np.uint8)


def test_an_image_is_normalised_in_the_order_red_green_blue(tmp_path: Path) -> None:
    found = vector(load(tmp_path), plain(100, 150, (255, 0, 51)))
    wanted = (np.array([0.2, 0, 1]) - MEAN) / DEVIATION
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_an_array_may_be_in_that_order_already(tmp_path: Path) -> None:
    model = load(tmp_path)
    given = vector(model, plain(70, 70, (51, 0, 255)), input_color_format="rgb")
    np.testing.assert_array_equal(given, vector(model, plain(70, 70, (255, 0, 51))))


@pytest.mark.parametrize(("height", "width"), [(SIDE, 3 * SIDE), (3 * SIDE, SIDE)])
def test_only_the_middle_is_seen(tmp_path: Path, height: int, width: int) -> None:
    image = plain(height, width, (0, 0, 0))
    rows = slice(SIDE, 2 * SIDE) if height > width else slice(None)
    columns = slice(SIDE, 2 * SIDE) if width > height else slice(None)
    image[rows, columns] = 255
    # A cubic filter at its own size looks at no neighbour.
    np.testing.assert_allclose(vector(load(tmp_path), image), (1 - np.array(MEAN)) / DEVIATION, atol=1e-5)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (3, 16_000)])
def test_narrow_images_are_taken(size: tuple[int, int]) -> None:
    tensor, geometry = ClipImages(SIDE)(plain(*size, (9, 9, 9)), DEFAULTS)
    assert tensor.shape == (3, SIDE, SIDE)
    assert geometry.original == size
    assert min(geometry.resized) == SIDE


@pytest.mark.parametrize("shape", [(8, 8), (8, 8, 4), (8, 8, 1), (0, 8, 3)])
def test_other_arrays_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadImage):
        ClipImages(SIDE)(np.zeros(shape, dtype=np.uint8), DEFAULTS)


def test_a_text_has_a_vector(tmp_path: Path) -> None:
    with load(tmp_path) as model:
        tokens = tokenizer().encode("a cat").astype(np.float32)
        assert model.takes_texts
        found = model.embed_text("a cat").vectors
    np.testing.assert_allclose(found, [[tokens[1] / 1e4, tokens[2] / 1e4, tokens.sum() / 1e4]], rtol=1e-5)


def test_a_text_that_is_too_long_is_refused(tmp_path: Path) -> None:
    with load(tmp_path) as model, pytest.raises(BadText, match="75 tokens"):
        model.embed_text("cat " * 80)


def test_texts_can_be_checked_before_anything_is_loaded() -> None:
    check_texts("clip", "embedding", ["a cat"])
    with pytest.raises(BadText, match="75 tokens"):
        check_texts("clip", "embedding", ["a cat", "cat " * 80])
    with pytest.raises(BadText, match="no texts"):
        check_texts("yolov8", "object-detection", ["a cat"])
    check_texts("yolov8", "object-detection", [])


def test_the_size_of_images_is_the_networks(tmp_path: Path) -> None:
    with load(tmp_path, side=32) as model:
        assert model.input_size == (32, 32)


@pytest.mark.parametrize("batch", [1, 4])
def test_a_network_of_a_fixed_batch_is_filled_up(tmp_path: Path, batch: int) -> None:
    with load(tmp_path, batch=batch) as model:
        answers = model.infer([plain(9, 9, (value, value, value)) for value in (0, 100, 200)])
    values = [answer.vectors[0, 0] for answer in answers]  # type: ignore[union-attr]
    np.testing.assert_allclose(values, (np.array([0, 100, 200]) / 255 - MEAN[0]) / DEVIATION[0], atol=1e-5)


def test_bare_tensors_go_to_the_network_that_they_fit(tmp_path: Path) -> None:
    with load(tmp_path, dimension=5) as model:
        images = model.run_tensors({"input": np.ones((2, 3, SIDE, SIDE), dtype=np.float32)})
        texts = model.run_tensors({"input": np.full((1, 77), 100, dtype=np.int32)})
        with pytest.raises(BadTensor):
            model.run_tensors({"input": np.ones((1, 77), dtype=np.float32)})
    np.testing.assert_allclose(images["output"], np.ones((2, 5)))
    np.testing.assert_allclose(texts["output"], [[0.01, 0.01, 0.77, 1, 1]], rtol=1e-5)


@pytest.mark.parametrize("missing", ["visual.onnx", "textual.onnx"])
def test_both_networks_are_needed(tmp_path: Path, missing: str) -> None:
    package = write_clip_package(tmp_path)
    (package / missing).unlink()
    with pytest.raises(PackageDamaged, match=missing):
        load_package(package, architecture="clip", task="embedding", backend="onnx")


def test_the_two_networks_must_answer_in_one_space(tmp_path: Path) -> None:
    package, other = write_clip_package(tmp_path / "one"), write_clip_package(tmp_path / "other", dimension=8)
    (package / "textual.onnx").write_bytes((other / "textual.onnx").read_bytes())
    with pytest.raises(NetworkMismatch, match="dimension"):
        load_package(package, architecture="clip", task="embedding", backend="onnx")


@pytest.mark.parametrize("changes", [{"side": "any"}, {"context": 32}])
def test_networks_of_another_kind_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(NetworkMismatch):
        load(tmp_path, **changes)
