"""Vectors of texts are remembered, within the bytes that the model was charged with."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from host_packages import write_package
from host_running import RunningHost, running

from backends.errors import BadText
from backends.host.models import texts
from backends.host.models.texts import TextCache
from backends.package_reference import PackageReference
from tests.backends.networks import write_clip_package

ENTRY = 2048


def test_what_was_put_is_found() -> None:
    cache = TextCache()
    cache.put("a cat", {"embeddings": [[1.0]]}, 1)
    assert cache.get("a cat") == {"embeddings": [[1.0]]}
    assert cache.get("a dog") is None


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    cache = TextCache(3 * ENTRY)
    for text in ("one", "two", "three"):
        cache.put(text, text, 20)
    cache.get("one")
    cache.put("four", "four", 20)
    assert [cache.get(text) for text in ("one", "two", "three", "four")] == ["one", None, "three", "four"]


def test_an_answer_that_is_put_again_counts_once() -> None:
    cache = TextCache(3 * ENTRY)
    cache.put("other", 0, 20)
    for number in range(100):
        cache.put("a cat", number, 20)
    assert cache.get("other") == 0
    assert cache.get("a cat") == 99


def test_what_is_too_large_is_not_kept() -> None:
    cache = TextCache(ENTRY)
    cache.put("small", 1, 0)
    cache.put("large", 2, 1000)
    assert cache.get("large") is None
    assert cache.get("small") == 1


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> RunningHost:
    folder = tmp_path_factory.mktemp("packages")
    with running(folder, loader="backends.host.models.loading:PackageLoader", preload="onnxruntime") as host:
        yield host


@pytest.fixture(scope="module")
def clip(host: RunningHost) -> PackageReference:
    directory = write_clip_package(host.folder / "clip")
    return PackageReference(
        "clip", directory, "clip", "embedding", "onnx", prepared=directory.with_name("clip.prepared")
    )


def image(value: int) -> bytes:
    return cv2.imencode(".png", np.full((64, 64, 3), value, dtype=np.uint8))[1].tobytes()


def vectors(reply: object) -> list[list[float]]:
    return [result["embeddings"][0] for result in reply.results]  # type: ignore[attr-defined]


def test_images_and_texts_of_a_request_are_answered_in_their_order(host: RunningHost, clip: PackageReference) -> None:
    apart = [vectors(host.client.infer(clip, [image(value)]))[0] for value in (0, 200)]
    apart += [vectors(host.client.infer(clip, [], texts=[text]))[0] for text in ("a cat", "two dogs")]
    together = host.client.infer(clip, [image(0), image(200)], texts=["a cat", "two dogs"])
    assert vectors(together) == apart
    assert len({tuple(vector) for vector in apart}) == 4


def test_a_text_is_run_once(host: RunningHost, clip: PackageReference) -> None:
    first = host.client.infer(clip, [], texts=["a bird that nobody asked for"])
    again = host.client.infer(clip, [], texts=["a bird that nobody asked for"])
    assert first.timings["run"] > 0
    assert again.timings["run"] == 0
    assert again.results == first.results


def test_both_networks_are_prepared_and_the_remembered_texts_are_charged(
    host: RunningHost, clip: PackageReference
) -> None:
    host.client.load(clip)
    assert clip.prepared is not None
    names = {file.name for file in clip.prepared.iterdir()}
    assert names >= {"network.onnx", "texts.onnx"}
    (info,) = [info for info in host.client.loaded() if info.package_id == "clip"]
    assert info.bytes >= texts.MOST_BYTES
    assert info.input_size == (64, 64)


def test_a_text_that_is_too_long_is_the_callers_mistake(host: RunningHost, clip: PackageReference) -> None:
    with pytest.raises(BadText):
        host.client.infer(clip, [image(0)], texts=["cat " * 80])


def test_a_model_of_images_alone_takes_no_texts(host: RunningHost, tmp_path: object) -> None:
    reference = write_package(tmp_path)  # type: ignore[arg-type]
    with pytest.raises(BadText, match="no texts"):
        host.client.infer(reference, [], texts=["a cat"])
