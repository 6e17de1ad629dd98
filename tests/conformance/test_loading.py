"""The unmodified client gets models from a live server and runs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.conformance.clients import ClientWorker, Prediction, client_python
from tests.conformance.house import House
from tests.conformance.recording_proxy import RecordingProxy

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

DEMO_MODEL = "demo/shapes"
METADATA = "/models/v1/external/weights"
MEBIBYTE = 1024 * 1024
# inference-models keeps what it is at least so sure of; inference-exp keeps more.
DEFAULT_CONFIDENCE = 0.4


def rest_prediction(house: House, image: Path, model: str = DEMO_MODEL) -> Prediction:
    """What our own REST call finds in ``image``, in the shape of a client's prediction."""
    found = house.infer(model, image)["predictions"]
    return Prediction.read(
        {
            "boxes": [[each[side] for side in ("x_min", "y_min", "x_max", "y_max")] for each in found],
            "classes": [each["class_id"] for each in found],
            "confidences": [each["confidence"] for each in found],
        }
    )


def assert_same(ours: Prediction, theirs: Prediction, *, pixels: float = 1, confidence: float = 0.01) -> None:
    """The same objects in the same order. Clients round boxes to whole pixels."""
    np.testing.assert_array_equal(ours.classes, theirs.classes)
    np.testing.assert_allclose(ours.boxes, theirs.boxes, rtol=0, atol=pixels)
    np.testing.assert_allclose(ours.confidences, theirs.confidences, rtol=0, atol=confidence)


def test_the_demo_model_finds_the_same_boxes_as_our_rest_call(
    house: House, client: ClientWorker, home: Path, images: tuple[Path, ...]
) -> None:
    load = client.load(DEMO_MODEL, address=house.address, home=home, images=images)

    assert load.model_class == "YOLOv8ForObjectDetectionOnnx", load.message
    assert len(load.predictions) == len(images) == 3
    for image, theirs in zip(images, load.predictions, strict=True):
        assert len(theirs.boxes) > 0
        assert_same(rest_prediction(house, image), theirs)


def test_the_client_and_our_rest_call_choose_the_same_package(
    house: House, client: ClientWorker, home: Path, images: tuple[Path, ...]
) -> None:
    load = client.load(DEMO_MODEL, address=house.address, home=home)

    assert len(house.metadata(DEMO_MODEL)["modelPackages"]) == 2
    assert load.package_id == house.infer(DEMO_MODEL, images[0])["package"]["package_id"]


def test_a_batch_of_images_gives_what_each_image_gives(
    house: House, client: ClientWorker, home: Path, images: tuple[Path, ...]
) -> None:
    alone = client.load(DEMO_MODEL, address=house.address, home=home, images=images)
    together = client.load(DEMO_MODEL, address=house.address, home=home, images=images, batch=True)

    assert len(together.predictions) == 3, together.message
    for one, of_batch in zip(alone.predictions, together.predictions, strict=True):
        assert_same(one, of_batch, confidence=1e-4)


def test_a_second_load_in_the_same_cache_makes_no_request(
    proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    first = client.load(DEMO_MODEL, address=proxy.address, home=home)
    seen = len(proxy.exchanges)
    second = client.load(DEMO_MODEL, address=proxy.address, home=home)

    assert not first.error, first.message
    assert second == first
    assert seen > 0
    assert len(proxy.exchanges) == seen


def test_a_cold_load_asks_once_for_metadata_and_once_for_each_file(
    proxy: RecordingProxy, client: ClientWorker, home: Path
) -> None:
    load = client.load(DEMO_MODEL, address=proxy.address, home=home)

    assert not load.error, load.message
    assert [each.query["modelId"] for each in proxy.requests(METADATA)] == [[DEMO_MODEL]]
    files = proxy.requests("/files/")
    assert len(files) == len({each.path for each in files}) == 3
    assert {each.status for each in files} == {200}
    assert len(proxy.requests("/files/", "HEAD")) == 3


def test_inference_exp_loads_the_same_response_and_finds_the_same_boxes(
    house: House, client: ClientWorker, exp_client: ClientWorker, tmp_path: Path, images: tuple[Path, ...]
) -> None:
    new = client.load(DEMO_MODEL, address=house.address, home=tmp_path / "new", images=images)
    old = exp_client.load(DEMO_MODEL, address=house.address, home=tmp_path / "old", images=images)

    assert old.model_class == "YOLOv8ForObjectDetectionOnnx", old.message
    assert old.class_names == new.class_names
    for by_old, by_new in zip(old.predictions, new.predictions, strict=True):
        sure = by_old.confidences >= DEFAULT_CONFIDENCE
        kept = Prediction(by_old.boxes[sure], by_old.classes[sure], by_old.confidences[sure])
        assert_same(kept, by_new, confidence=1e-3)


def test_a_model_loads_under_its_alias_as_itself(
    house: House, client: ClientWorker, home: Path, demo_package: Path, model_id: str
) -> None:
    house.push(demo_package, model_id)
    house.alias(model_id, f"{model_id}/latest")

    load = client.load(f"{model_id}/latest", address=house.address, home=home)

    assert load.model_id == model_id, load.message


def test_a_file_of_40_mib_is_fetched_in_three_ranges(
    house: House,
    proxy: RecordingProxy,
    client: ClientWorker,
    home: Path,
    demo_package: Path,
    model_id: str,
    tmp_path: Path,
) -> None:
    directory = Path(shutil.copytree(demo_package, tmp_path / "package"))
    (directory / "large.bin").write_bytes(os.urandom(40 * MEBIBYTE))
    house.push(directory, model_id)

    load = client.load(model_id, address=proxy.address, home=home)

    assert not load.error, load.message
    ranges = proxy.requests("large.bin")
    assert sorted(each.headers["Range"] for each in ranges) == [
        "bytes=0-16777215",
        "bytes=16777216-33554431",
        "bytes=33554432-41943039",
    ]
    assert {each.status for each in ranges} == {206}
    (stored,) = home.glob("models-cache/*/*/large.bin")
    assert stored.read_bytes() == (directory / "large.bin").read_bytes()


@pytest.fixture(scope="module")
def instant_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `owlv2` and `instant`: an instant model looks at images through an OWLv2."""
    folder = tmp_path_factory.mktemp("instant")
    script = Path(__file__).with_name("tiny_instant.py")
    subprocess.run([client_python("client"), script, folder], check=True, timeout=200, capture_output=True)
    return folder


def test_a_model_is_loaded_with_its_dependency(
    house: House,
    proxy: RecordingProxy,
    client: ClientWorker,
    home: Path,
    instant_packages: Path,
    images: tuple[Path, ...],
    model_id: str,
) -> None:
    house.push(instant_packages / "owlv2", f"{model_id}/owlv2")
    instant = house.push(instant_packages / "instant", model_id, publish=False)
    house.depend(model_id, "feature_extractor", f"{model_id}/owlv2")
    house.publish(instant)

    load = client.load(model_id, address=proxy.address, home=home, images=images[:1])

    assert load.model_class == "RoboflowInstantHF", load.message
    assert load.class_names == ("mark",)
    assert len(load.predictions) == 1
    assert [each.query["modelId"] for each in proxy.requests(METADATA)] == [[model_id], [f"{model_id}/owlv2"]]


def test_a_model_whose_dependency_got_a_new_package_loads_again_in_the_same_cache(
    house: House,
    client: ClientWorker,
    home: Path,
    instant_packages: Path,
    model_id: str,
    tmp_path: Path,
) -> None:
    always_ask = {"AUTO_LOADER_CACHE_EXPIRATION_MINUTES": "0"}
    first_owlv2 = house.push(instant_packages / "owlv2", f"{model_id}/owlv2")
    instant = house.push(instant_packages / "instant", model_id, publish=False)
    house.depend(model_id, "feature_extractor", f"{model_id}/owlv2")
    house.publish(instant)
    before = client.load(model_id, address=house.address, home=home, environment=always_ask)

    directory = Path(shutil.copytree(instant_packages / "owlv2", tmp_path / "owlv2"))
    (directory / "notes.txt").write_text("another package")
    house.withdraw(first_owlv2)
    house.push(directory, f"{model_id}/owlv2")
    after = client.load(model_id, address=house.address, home=home, environment=always_ask)

    assert not before.error, before.message
    assert not after.error, after.message
    assert after.package_id != before.package_id
