"""What the real ONNX Runtime refuses, and what we call it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from backends.errors import (
    BackendError,
    PackageDamaged,
    RuntimeTooOld,
    UnsupportedInput,
    UnsupportedOperator,
    UnsupportedPackage,
)
from backends.onnx import OnnxSession
from backends.session import NetworkFiles, SessionOptions
from tests.cases import case


def refusal(directory: Path, content: bytes) -> BackendError:
    (directory / "weights.onnx").write_bytes(content)
    with pytest.raises(BackendError) as caught:
        OnnxSession(NetworkFiles(directory, "weights.onnx"), SessionOptions())
    return caught.value


def one_node(
    operator: str,
    domain: str = "",
    *,
    imports: Sequence[str] = (),
    opset: int = 17,
    ir: int = 8,
    kind: int = TensorProto.FLOAT,
) -> bytes:
    images, output = (helper.make_tensor_value_info(name, kind, [1, 3, 8, 8]) for name in ("images", "output0"))
    graph = helper.make_graph(
        [helper.make_node(operator, ["images"], ["output0"], domain=domain)], "g", [images], [output]
    )
    versions = [helper.make_opsetid("", opset), *(helper.make_opsetid(name, 1) for name in imports)]
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=versions, ir_version=ir)
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (one_node("Gelu"), "Gelu, which opset 17 does not have"),
        (one_node("NoSuchThing"), "NoSuchThing"),
        (one_node("EfficientNMS_TRT", "TRT", imports=["TRT"]), "TRT:EfficientNMS_TRT"),
        (one_node("Mine", "com.example"), "com.example"),
    ],
    ids=["not in this opset", "in none", "of a plugin", "of a domain that is not imported"],
)
def test_an_operator_that_the_runtime_does_not_have_is_named(tmp_path: Path, content: bytes, name: str) -> None:
    error = refusal(tmp_path, content)
    assert isinstance(error, UnsupportedOperator)
    assert name in error.message


def test_a_version_of_an_operator_without_a_kernel_is_named(tmp_path: Path) -> None:
    error = refusal(tmp_path, case("files/roialign_opset22.onnx").read_bytes())
    assert isinstance(error, UnsupportedOperator)
    assert "unsupported operator RoiAlign(22)" in error.message


@pytest.mark.parametrize("content", [one_node("Identity", opset=999), one_node("Identity", ir=999)])
def test_a_file_newer_than_the_runtime_is_called_so(tmp_path: Path, content: bytes) -> None:
    error = refusal(tmp_path, content)
    assert isinstance(error, RuntimeTooOld)
    assert "999" in error.message


@pytest.mark.parametrize("operator", ["Identity", "Sigmoid"])
def test_inputs_that_cannot_be_filled_are_named(tmp_path: Path, operator: str) -> None:
    error = refusal(tmp_path, one_node(operator, kind=TensorProto.BFLOAT16))
    assert isinstance(error, UnsupportedInput)
    assert "images is of type bfloat16" in error.message


def test_bytes_that_are_no_network_are_damaged_and_not_unsupported(tmp_path: Path) -> None:
    error = refusal(tmp_path, one_node("Identity")[:-20])
    assert isinstance(error, PackageDamaged)
    assert not isinstance(error, UnsupportedPackage)


def test_names_out_of_the_file_cannot_write_messages_of_their_own(tmp_path: Path) -> None:
    error = refusal(tmp_path, one_node("No<b>\nSuch thing", "TRT", imports=["TRT"]))
    assert "<" not in error.message
    assert "\n" not in error.message
