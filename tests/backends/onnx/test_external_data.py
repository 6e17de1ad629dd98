from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from backends.errors import PackageDamaged
from backends.onnx.external_data import check_external_files, external_files, name_problem
from tests.backends.networks import constant_network


def _external(name: str, location: str) -> TensorProto:
    tensor = TensorProto(name=name, data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="offset", value="0")
    tensor.external_data.add(key="location", value=location)
    return tensor


def _write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def _network() -> onnx.ModelProto:
    return constant_network([np.zeros((6, 3))])


def test_a_file_without_external_data_refers_to_nothing(tmp_path: Path) -> None:
    assert external_files(_write(tmp_path / "a.onnx", _network())) == frozenset()


def test_all_hiding_places_are_found(tmp_path: Path) -> None:
    model = _network()
    model.graph.initializer.append(_external("a", "initializer"))
    model.graph.sparse_initializer.add().values.CopyFrom(_external("b", "sparse"))
    model.graph.node.append(helper.make_node("Constant", [], ["c"], value=_external("c", "attribute")))
    inner = helper.make_graph([], "inner", [], [], [_external("d", "subgraph")])
    model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=inner, else_branch=inner))
    function = model.functions.add(name="f", domain="d")
    function.node.append(helper.make_node("Constant", [], ["e"], value=_external("e", "function")))
    model.training_info.add().algorithm.initializer.append(_external("g", "training"))
    found = external_files(_write(tmp_path / "a.onnx", model))
    assert found == {"initializer", "sparse", "attribute", "subgraph", "function", "training"}


def test_plain_files_beside_the_model_are_fine(tmp_path: Path) -> None:
    model = _network()
    model.graph.initializer.append(_external("a", "weights.bin"))
    (tmp_path / "weights.bin").write_bytes(b"0000")
    check_external_files(_write(tmp_path / "a.onnx", model))


@pytest.mark.parametrize("location", ["../weights.bin", "/etc/passwd", "a/b", "..", ".", "", "c:\\x", "missing.bin"])
def test_it_rejects_paths_out_of_the_package(tmp_path: Path, location: str) -> None:
    model = _network()
    model.graph.initializer.append(_external("a", location))
    (tmp_path / "package").mkdir()
    (tmp_path / "weights.bin").write_bytes(b"0000")
    with pytest.raises(PackageDamaged):
        check_external_files(_write(tmp_path / "package" / "a.onnx", model))


def _in_a_folder(tmp_path: Path) -> Path:
    model = _network()
    model.graph.initializer.append(_external("a", "data/weights.bin"))
    (tmp_path / "package").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "weights.bin").write_bytes(b"0000")
    return _write(tmp_path / "package" / "a.onnx", model)


def test_a_file_in_a_folder_of_the_package_is_fine(tmp_path: Path) -> None:
    path = _in_a_folder(tmp_path)
    (tmp_path / "package" / "data").mkdir()
    (tmp_path / "package" / "data" / "weights.bin").write_bytes(b"0000")
    assert check_external_files(path) == {"data/weights.bin"}


def test_it_rejects_a_folder_that_is_a_link_out_of_the_package(tmp_path: Path) -> None:
    path = _in_a_folder(tmp_path)
    (tmp_path / "package" / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(PackageDamaged, match="leads out"):
        check_external_files(path)


@pytest.mark.parametrize(
    "name",
    [
        "/a",
        "../a",
        "a/../b",
        "./a",
        "a//b",
        "a/",
        "",
        ".",
        "a\\b",
        "file:a",
        "https://a/b",
        "a\0",
        "*/_ORT_MEM_ADDR_/*",
    ],
)
def test_names_that_are_no_name_of_a_file_of_the_package_are_told(name: str) -> None:
    assert name_problem(name)


@pytest.mark.parametrize("name", ["weights.bin", "data/weights.bin", "a/b/c.onnx_data"])
def test_names_of_files_of_the_package_are_fine(name: str) -> None:
    assert name_problem(name) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 64, b"\xff" * 64, b"PK\x03\x04" + b"x" * 60])
def test_it_rejects_what_is_no_onnx(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(PackageDamaged):
        external_files(tmp_path / "a.onnx")


def test_it_rejects_a_truncated_file(tmp_path: Path) -> None:
    content = _network().SerializeToString()
    (tmp_path / "a.onnx").write_bytes(content[: len(content) // 2])
    with pytest.raises(PackageDamaged):
        external_files(tmp_path / "a.onnx")


def test_it_rejects_endless_nesting(tmp_path: Path) -> None:
    def field(number: int, body: bytes) -> bytes:
        length = len(body)
        return bytes([number << 3 | 2, length & 0x7F | 0x80, length >> 7]) + body

    graph = field(5, field(13, field(1, b"location") + field(2, b"file")))
    for _ in range(40):
        # A graph in an attribute of a node of a graph; the onnx library itself does not write more than a few.
        graph = field(1, field(5, field(6, graph)))
    (tmp_path / "a.onnx").write_bytes(field(7, graph))
    with pytest.raises(PackageDamaged, match="deeply"):
        external_files(tmp_path / "a.onnx")
