"""What the files of real use are, by the cases that are kept outside the repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from packages_app.facts import Facts
from packages_app.inspection.package_directory import inspect_files
from tests.cases import case


def inspected(backend: str, handle: str, path: Path) -> Facts:
    return inspect_files(backend, {handle: path})


def test_the_ir_version_is_a_fact_beside_the_opset() -> None:
    facts = inspected("onnx", "weights.onnx", case("ir-14") / "weights.onnx")
    assert (facts.ir_version, facts.opset, facts.problems) == (14, 17, ())


@pytest.mark.parametrize(
    "name, problem",
    [
        ("dfl_head_opsets_20_then_17.onnx", "different versions (20 and 17)"),
        ("no_opset_import.onnx", "names no version of the default operator set"),
    ],
)
def test_operator_sets_that_are_not_clear_are_refused(name: str, problem: str) -> None:
    assert problem in " ".join(inspected("onnx", "weights.onnx", case(f"files/{name}")).problems)


@pytest.mark.parametrize(
    "name, backend, handle, precision",
    [
        ("fp16_with_one_fp32_buffer.pth", "torch", "weights.pth", "fp16"),
        ("no_crc.pth", "torch", "weights.pth", "fp32"),
        ("frozen.torchscript", "torch-script", "weights.torchscript", "fp32"),
    ],
)
def test_torch_files_are_taken_with_their_precision(name: str, backend: str, handle: str, precision: str) -> None:
    facts = inspected(backend, handle, case(f"files/{name}"))
    assert (facts.quantization, facts.problems) == (precision, ())
