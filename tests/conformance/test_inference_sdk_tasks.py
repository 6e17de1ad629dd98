"""The real inference SDK with models of tasks beyond boxes, from the golden packages."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from tests.backends.golden import GOLDEN
from tests.conformance.house import House
from tests.conformance.line_process import LineProcess
from tests.conformance.test_inference_sdk import worker  # noqa: F401 - the same environment

SEGMENTER, CLASSIFIER, MULTI_LABEL = "sdk-segments/1", "sdk-classes/1", "sdk-labels/1"
POSES, PIXELS, DISTANCES = "sdk-poses/1", "sdk-pixels/1", "sdk-distances/1"
PACKAGES = {
    SEGMENTER: "yolov8n-shapes-seg-onnx-static",
    CLASSIFIER: "resnet-test-cls-onnx",
    MULTI_LABEL: "resnet-test-multilabel-onnx",
    POSES: "yolov8-shapes-kp-onnx",
    PIXELS: "yolo26-shapes-semseg-onnx",
    DISTANCES: "yolo26-shapes-depth-onnx",
}

PNG, JPEG = b"\x89PNG", b"\xff\xd8"

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def key(house: House) -> str:
    if not GOLDEN.is_dir():
        pytest.skip("The golden packages are not here; GOLDEN_DIR names their folder.")
    for model, package in PACKAGES.items():
        house.push(GOLDEN / package / "package", model, public=False)
    return house.token()


@pytest.fixture
def infer(worker: LineProcess, house: House, key: str) -> Callable[..., dict[str, Any]]:  # noqa: F811
    image = GOLDEN / "images" / "shapes_wide_640x426.png"

    def call(
        model: str,
        mode: str = "v1",
        *,
        method: str = "infer",
        arguments: dict[str, Any] | None = None,
        **configuration: Any,
    ) -> dict[str, Any]:
        answer = worker.ask(
            {
                "client": "sdk",
                "method": method,
                "address": house.address,
                "key": key,
                "mode": mode,
                "images": [str(image)],
                "arguments": {"model_id": model, **(arguments or {})},
                "configuration": configuration,
            }
        )
        assert "result" in answer, answer
        return answer["result"]

    return call


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_segments_are_polygons_in_pixels_of_the_image(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    result = infer(SEGMENTER, mode)
    assert result["predictions"]
    for prediction in result["predictions"]:
        assert len(prediction["points"]) >= 3
        assert all(0 <= point["x"] <= 640 and 0 <= point["y"] <= 426 for point in prediction["points"])


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_segments_are_run_lengths_when_asked_for(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    for prediction in infer(SEGMENTER, mode, response_mask_format="rle")["predictions"]:
        assert prediction["rle"]["size"] == [426, 640]
        assert isinstance(prediction["rle"]["counts"], str)
        assert "points" not in prediction


def test_masks_may_stay_as_small_as_the_network_made_them(infer: Callable[..., dict[str, Any]]) -> None:
    result = infer(SEGMENTER, mask_decode_mode="fast", allow_reduced_mask_resolution=True)
    assert result["original_image"] == {"width": 640, "height": 426}
    assert result["image"]["width"] < 640
    assert result["mask_metadata"]["coordinate_system"] == "mask_grid"


def test_a_tradeoff_lies_between(infer: Callable[..., dict[str, Any]]) -> None:
    options = {"mask_decode_mode": "tradeoff", "allow_reduced_mask_resolution": True}
    widths = [infer(SEGMENTER, tradeoff_factor=factor, **options)["image"]["width"] for factor in (0.0, 0.5, 1.0)]
    assert widths == sorted(widths)
    assert widths[0] < widths[-1] == 640


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_a_classifier_names_the_best_class(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    result = infer(CLASSIFIER, mode, confidence_threshold=0.01)
    best = max(result["predictions"], key=lambda prediction: prediction["confidence"])
    assert (result["top"], result["confidence"]) == (best["class"], best["confidence"])


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_a_classifier_of_several_classes_scores_each(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    result = infer(MULTI_LABEL, mode)
    assert set(result["predicted_classes"]) <= set(result["predictions"])
    assert all({"confidence", "class_id"} == set(entry) for entry in result["predictions"].values())


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_key_points_have_names_and_lie_beside_their_box(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    result = infer(POSES, mode)
    assert result["predictions"]
    for prediction in result["predictions"]:
        names = [point["class"] for point in prediction["keypoints"]]
        assert names[:3] == ["centre", "left", "right"]
        assert abs(prediction["keypoints"][0]["x"] - prediction["x"]) < prediction["width"]
        assert all(point["confidence"] > 0 for point in prediction["keypoints"])


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_a_threshold_hides_key_points(infer: Callable[..., dict[str, Any]], mode: str) -> None:
    def points(**configuration: float) -> int:
        return sum(len(each["keypoints"]) for each in infer(POSES, mode, **configuration)["predictions"])

    assert points(keypoint_confidence_threshold=0.97) < points()


def test_classes_of_pixels_are_images_in_text(infer: Callable[..., dict[str, Any]]) -> None:
    found = infer(PIXELS, "v0")["predictions"]
    assert found["image"] == {"width": 640, "height": 426}
    assert "circle" in {found["class_map"][str(number)] for number in found["present_class_ids"]}
    for mask in ("segmentation_mask", "confidence_mask"):
        assert base64.b64decode(found[mask]).startswith(PNG)


def test_distances_are_rows_of_numbers(infer: Callable[..., dict[str, Any]]) -> None:
    result = infer(DISTANCES, method="depth_estimation")
    assert (len(result["normalized_depth"]), len(result["normalized_depth"][0])) == (426, 640)
    assert base64.b64decode(result["image"]).startswith(JPEG)


@pytest.mark.parametrize("form", ["png16", "png8"])
@pytest.mark.parametrize("in_path", [False, True])
def test_distances_are_an_array_where_they_come_as_an_image(
    infer: Callable[..., dict[str, Any]], form: str, in_path: bool
) -> None:
    arguments = {"depth_map_format": form, "model_id_in_path": in_path}
    result = infer(DISTANCES, method="depth_estimation", arguments=arguments)
    assert result["normalized_depth"] == {"shape": [426, 640], "least": 0.0, "greatest": 1.0}


@pytest.mark.parametrize("model", [POSES, PIXELS, DISTANCES])
def test_each_can_be_drawn(infer: Callable[..., dict[str, Any]], model: str) -> None:
    assert infer(model, "v0", format="image_and_json")["visualization"]
