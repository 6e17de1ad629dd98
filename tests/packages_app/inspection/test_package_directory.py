"""All files of a package together."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from packages_app.inspection.package_directory import inspect_files
from tests.packages_app.inspection.test_onnx_file import write_model


def test_it_reads_the_class_names_and_drops_blank_lines(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("circle\n\n square \n")
    files = {"weights.onnx": write_model(tmp_path / "m.onnx"), "class_names.txt": names}
    assert inspect_files("onnx", files).class_names == ("circle", "square")


@pytest.mark.parametrize(
    "backend, handle",
    {"onnx": "weights.onnx", "torch-script": "weights.torchscript", "trt": "engine.plan"}.items(),
)
def test_it_says_which_file_a_package_lacks(backend: str, handle: str) -> None:
    facts = inspect_files(backend, {}, architecture="yolov8", task="object-detection")
    assert f"The client needs {handle}. Add it." in facts.gaps


def test_it_says_which_torch_file_a_package_lacks() -> None:
    facts = inspect_files("torch", {}, architecture="rfdetr", task="object-detection")
    assert "The client needs weights.pth. Add it." in facts.gaps


def test_a_model_that_no_client_knows_is_not_loaded_by_any() -> None:
    facts = inspect_files("onnx", {}, architecture="yolov8", task="semantic-segmentation")
    assert "not for `semantic-segmentation`" in facts.gaps[0]


def test_files_of_which_nothing_is_written_down_are_said_not_to_be_checked() -> None:
    facts = inspect_files("torch", {}, architecture="patchcore", task="classification")
    assert facts.gaps == ()
    assert facts.notices[0].startswith("The files were not checked")


def test_the_facts_are_those_of_the_file_that_is_loaded(tmp_path: Path) -> None:
    """Whatever comes first or last in the alphabet."""
    files = {
        "a.onnx": write_model(tmp_path / "a.onnx", batch=2, opset=14),
        "weights.onnx": write_model(tmp_path / "m.onnx", batch=1, opset=17),
        "zz.onnx": write_model(tmp_path / "z.onnx", batch=4, opset=18),
    }
    facts = inspect_files("onnx", files, architecture="yolov8", task="object-detection")
    assert (facts.static_batch_size, facts.opset) == (1, 17)
    assert [notice.partition(" ")[0] for notice in facts.notices] == ["a.onnx", "zz.onnx"]


def test_class_names_that_the_networks_file_carries_are_offered(tmp_path: Path) -> None:
    network = onnx.load(write_model(tmp_path / "m.onnx"))
    onnx.helper.set_model_props(network, {"names": "{0: 'circle', 1: 'square'}"})
    onnx.save(network, tmp_path / "m.onnx")
    facts = inspect_files("onnx", {"weights.onnx": tmp_path / "m.onnx"}, architecture="yolov8", task="object-detection")
    assert any("class_names.txt" in gap and "would give circle, square" in gap for gap in facts.gaps)


def test_external_data_that_ends_too_early_is_told(tmp_path: Path) -> None:
    network = onnx.load(write_model(tmp_path / "m.onnx", location="data.bin"), load_external_data=False)
    network.graph.initializer[0].external_data.add(key="length", value="16")
    onnx.save(network, tmp_path / "m.onnx")
    (tmp_path / "data.bin").write_bytes(bytes(8))
    files = {"weights.onnx": tmp_path / "m.onnx", "data.bin": tmp_path / "data.bin"}
    assert "data.bin has 8 bytes" in inspect_files("onnx", files).problems[0]


def test_it_refuses_an_engine_of_another_kind(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_bytes(b"\x7fELF" + b"\0" * 100)
    assert inspect_files("trt", {"engine.plan": engine}).problems


def test_it_takes_the_tag_of_an_engine(tmp_path: Path) -> None:
    engine = tmp_path / "engine"
    engine.write_bytes(b"ftrt" + b"\0" * 100)
    assert inspect_files("trt", {"engine.plan": engine}).problems == ()


@pytest.mark.parametrize("text", ["", "[1]", "{", "[" * 100_000])
def test_it_refuses_a_configuration_that_is_no_object(tmp_path: Path, text: str) -> None:
    config = tmp_path / "config"
    config.write_text(text)
    files = {"weights.onnx": write_model(tmp_path / "m.onnx"), "inference_config.json": config}
    assert any("inference_config.json" in gap for gap in inspect_files("onnx", files).gaps)
