"""All files of a package together."""

from __future__ import annotations

from pathlib import Path

import pytest

from packages_app.inspection.package_directory import inspect_files
from tests.packages_app.inspection.test_onnx_file import write_model


def test_it_reads_the_class_names_and_drops_blank_lines(tmp_path: Path) -> None:
    names = tmp_path / "names"
    names.write_text("circle\n\n square \n")
    files = {"weights.onnx": write_model(tmp_path / "m.onnx"), "class_names.txt": names}
    assert inspect_files("onnx", files).class_names == ("circle", "square")


@pytest.mark.parametrize("backend", ["onnx", "torch", "torch-script", "trt"])
def test_it_says_which_file_a_package_lacks(tmp_path: Path, backend: str) -> None:
    assert inspect_files(backend, {}).problems


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
    assert inspect_files("onnx", files).problems
