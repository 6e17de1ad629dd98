"""The real inference SDK 1.8.3 against a live server: its users change the URL and nothing else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.house import REPOSITORY, House
from tests.conformance.line_process import LineProcess

MODEL = "sdk-shapes/1"
SDK_PYTHON = REPOSITORY / ".venvs" / "sdk" / "bin" / "python"

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LineProcess]:
    if not SDK_PYTHON.exists():
        pytest.fail("The SDK is not installed. Run `make conformance`, or scripts/client-environments.sh by itself.")
    folder = tmp_path_factory.mktemp("sdk")
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    process = LineProcess(
        [str(SDK_PYTHON), str(Path(__file__).with_name("sdk_worker.py"))],
        environment=kept,
        folder=folder,
        log=folder / "worker.log",
    )
    yield process
    process.close()


@pytest.fixture(scope="session")
def model(house: House, demo_package: Path) -> str:
    """A private model."""
    house.push(demo_package, MODEL, public=False)
    return MODEL


@pytest.fixture(scope="session")
def key(house: House) -> str:
    return house.token()


@pytest.fixture
def ask(worker: LineProcess, house: House, model: str, key: str) -> Callable[..., dict[str, Any]]:
    """Call a method of the SDK; the whole answer, error or result."""

    def call(method: str = "infer", **job: Any) -> dict[str, Any]:
        job = {"client": "sdk", "address": house.address, "key": key, "method": method, **job}
        if method.startswith("infer"):
            job["arguments"] = {"model_id": model, **job.get("arguments", {})}
        return worker.ask(job)

    return call


@pytest.fixture
def infer(ask: Callable[..., dict[str, Any]], images: tuple[Path, ...]) -> Callable[..., Any]:
    """The result of an inference on the first drawn image, unless told otherwise."""

    def call(method: str = "infer", **job: Any) -> Any:
        answer = ask(method, **{"images": [str(images[0])], **job})
        assert "result" in answer, answer
        return answer["result"]

    return call


def corners(result: dict[str, Any]) -> list[tuple[float, ...]]:
    return [
        (p["x"] - p["width"] / 2, p["y"] - p["height"] / 2, p["x"] + p["width"] / 2, p["y"] + p["height"] / 2)
        for p in result["predictions"]
    ]


@pytest.mark.parametrize("mode", ["v1", "v0"])
@pytest.mark.parametrize("method", ["infer", "infer_async"])
def test_it_gets_the_boxes_of_our_own_call(
    infer: Callable[..., Any], house: House, key: str, images: tuple[Path, ...], mode: str, method: str
) -> None:
    own = house.infer(MODEL, images[0], key)["predictions"]
    result = infer(method, mode=mode)
    assert corners(result) == [(p["x_min"], p["y_min"], p["x_max"], p["y_max"]) for p in own]
    assert own


@pytest.mark.parametrize("mode", ["v1", "v0"])
@pytest.mark.parametrize("kind", ["file", "numpy", "pil"])
def test_it_takes_every_kind_of_input_of_the_sdk(infer: Callable[..., Any], mode: str, kind: str) -> None:
    assert infer(mode=mode, input=kind)["predictions"]


@pytest.mark.parametrize("mode", ["v1", "v0"])
@pytest.mark.parametrize("batch", [1, 3])
def test_many_images_are_answered_in_order(
    infer: Callable[..., Any], images: tuple[Path, ...], mode: str, batch: int
) -> None:
    paths = [str(path) for path in images]
    results = infer(mode=mode, images=paths, many=True, configuration={"max_batch_size": batch})
    singly = [infer(mode=mode, images=[path]) for path in paths]
    assert [corners(result) for result in results] == [corners(result) for result in singly]


@pytest.mark.parametrize("transport", ["legacy", "both", "header"])
@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_the_key_arrives_by_every_transport(infer: Callable[..., Any], mode: str, transport: str) -> None:
    assert infer(mode=mode, transport=transport)["predictions"]


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_confidence_has_its_effect(infer: Callable[..., Any], mode: str) -> None:
    every = infer(mode=mode, configuration={"confidence_threshold": 0.05})["predictions"]
    middle = sorted(p["confidence"] for p in every)[len(every) // 2]
    few = infer(mode=mode, configuration={"confidence_threshold": middle - 1e-4})["predictions"]
    assert 0 < len(few) < len(every)
    assert all(p["confidence"] >= middle - 1e-4 for p in few)


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_overlap_has_its_effect(infer: Callable[..., Any], mode: str) -> None:
    loose = {"confidence_threshold": 0.05, "iou_threshold": 0.95}
    strict = {"confidence_threshold": 0.05, "iou_threshold": 0.05}
    assert len(infer(mode=mode, configuration=loose)["predictions"]) > len(
        infer(mode=mode, configuration=strict)["predictions"]
    )


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_max_detections_has_its_effect(infer: Callable[..., Any], mode: str) -> None:
    assert len(infer(mode=mode, configuration={"max_detections": 1})["predictions"]) == 1


def test_class_filter_has_its_effect(infer: Callable[..., Any]) -> None:
    name = infer()["predictions"][0]["class"]
    kept = infer(configuration={"class_filter": [name]})["predictions"]
    assert {p["class"] for p in kept} == {name}


def test_class_agnostic_suppression_is_taken(infer: Callable[..., Any]) -> None:
    configuration = {"confidence_threshold": 0.05, "class_agnostic_nms": True}
    apart = {**configuration, "class_agnostic_nms": False}
    assert len(infer(configuration=configuration)["predictions"]) <= len(infer(configuration=apart)["predictions"])


def test_a_visualisation_comes_with_the_predictions(infer: Callable[..., Any]) -> None:
    result = infer(configuration={"visualize_predictions": True, "visualize_labels": True, "stroke_width": 2})
    assert result["visualization"]
    assert result["predictions"]


@pytest.mark.parametrize("form", ["image", "image_and_json"])
def test_mode_v0_gives_images(infer: Callable[..., Any], form: str) -> None:
    assert infer(mode="v0", configuration={"format": form})["visualization"]


@pytest.mark.parametrize(
    "field",
    [
        "disable_preproc_auto_orientation",
        "disable_preproc_contrast",
        "disable_preproc_grayscale",
        "disable_preproc_static_crop",
        "disable_active_learning",
        "fix_batch_size",
    ],
)
@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_switches_are_taken(infer: Callable[..., Any], mode: str, field: str) -> None:
    assert "predictions" in infer(mode=mode, configuration={field: True})


@pytest.mark.parametrize(
    "configuration",
    [
        {"source": "test"},
        {"source_info": "x"},
        {"max_candidates": 10},
        {"count_inference": False},
        {"service_secret": "s"},
    ],
)
def test_fields_without_a_meaning_here_do_no_harm(infer: Callable[..., Any], configuration: dict[str, Any]) -> None:
    assert "predictions" in infer(configuration=configuration)


def test_downsizing_by_the_client_scales_boxes_back(infer: Callable[..., Any]) -> None:
    small = corners(infer(configuration={"client_downsizing_disabled": False}))
    whole = corners(infer())
    assert any(all(abs(a - b) < 15 for a, b in zip(box, other, strict=True)) for box in small for other in whole)


def test_the_server_says_who_it_is(ask: Callable[..., dict[str, Any]]) -> None:
    assert ask("get_server_info")["result"]["name"] == "Weighbridge"


def test_a_model_is_loaded_described_and_listed(ask: Callable[..., dict[str, Any]]) -> None:
    ask("load_model", arguments={"model_id": MODEL})
    described = ask("get_model_description", arguments={"model_id": MODEL})["result"]
    assert described["task_type"] == "object-detection"
    listed = ask("list_loaded_models")["result"]["models"]
    assert MODEL in {entry["model_id"] for entry in listed}


def test_unloading_by_default_says_that_a_key_is_needed(ask: Callable[..., dict[str, Any]]) -> None:
    answer = ask("unload_model", arguments={"model_id": MODEL})
    assert answer["status"] == 401
    assert "api_key_transport" in answer["message"]


@pytest.mark.parametrize("method", ["unload_model", "unload_all_models"])
def test_a_manager_unloads(ask: Callable[..., dict[str, Any]], house: House, method: str) -> None:
    manager = house.token(scopes="read,infer,admin")
    ask("load_model", key=manager, arguments={"model_id": MODEL})
    arguments = {"model_id": MODEL} if method == "unload_model" else {}
    left = ask(method, key=manager, transport="header", arguments=arguments)["result"]["models"]
    assert MODEL not in {entry["model_id"] for entry in left}


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_an_unknown_model_is_a_404(ask: Callable[..., dict[str, Any]], images: tuple[Path, ...], mode: str) -> None:
    answer = ask(mode=mode, images=[str(images[0])], arguments={"model_id": "nothing/1"})
    assert answer["status"] == 404


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_a_wrong_key_is_a_401(ask: Callable[..., dict[str, Any]], images: tuple[Path, ...], mode: str) -> None:
    assert ask(mode=mode, key="wrong", images=[str(images[0])])["status"] == 401


def test_no_key_is_a_401(ask: Callable[..., dict[str, Any]], images: tuple[Path, ...]) -> None:
    assert ask(key=None, images=[str(images[0])])["status"] == 401


@pytest.mark.parametrize("mode", ["v1", "v0"])
def test_bytes_that_are_no_image_are_a_400(ask: Callable[..., dict[str, Any]], tmp_path: Path, mode: str) -> None:
    garbage = tmp_path / "garbage.jpg"
    garbage.write_bytes(b"no image at all" * 10)
    assert ask(mode=mode, images=[str(garbage)])["status"] == 400


def test_a_renamed_model_is_found(infer: Callable[..., Any], house: House, demo_package: Path) -> None:
    """The SDK sends `coco/3` for `yolov8n-640`."""
    house.push(demo_package, "yolov8n-640")
    assert infer(arguments={"model_id": "yolov8n-640"})["predictions"]


def test_what_is_out_of_scope_is_a_501(ask: Callable[..., dict[str, Any]], images: tuple[Path, ...]) -> None:
    answer = ask("ocr_image", images=[str(images[0])])
    assert answer["status"] == 501
