"""Packages are prepared by a child before the host opens them; what a package does to the child is all that it does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnx
import pytest
from host_packages import write_package
from host_running import RunningHost, eventually, running
from onnx import TensorProto, helper, numpy_helper

from backends.errors import PackageBlocked, PackageFailedToLoad
from backends.host import PackageReference

LOADER = "crashing_loader:Loader"
SECONDS = 4.0


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    folder = tmp_path_factory.mktemp("packages")
    with running(folder, loader=LOADER, preload="onnxruntime,onnx", load_limit=SECONDS) as host:
        yield host


@pytest.fixture
def image() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (48, 96, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


@pytest.fixture
def package(tmp_path: Path, request: pytest.FixtureRequest) -> PackageReference:
    """A package of this test's own, with a place for what is prepared of it."""
    reference = replace(write_package(tmp_path), package_id=request.node.name[:80])
    return replace(reference, prepared=tmp_path / "prepared")


def note(package: PackageReference) -> Path:
    assert package.prepared is not None
    return package.prepared / "note.json"


def loop(body: onnx.NodeProto, times: int) -> onnx.ModelProto:
    """A network that does something to the image so many times."""
    scalar = helper.make_tensor_value_info("number", TensorProto.INT64, [])
    going, on = (helper.make_tensor_value_info(name, TensorProto.BOOL, []) for name in ("going", "on"))
    carried, following = (helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("carried", "next"))
    true = helper.make_node("Identity", ["going"], ["on"])
    inner = helper.make_graph([true, body], "body", [scalar, going, carried], [on, following])
    nodes = [
        helper.make_node("Constant", [], ["times"], value=numpy_helper.from_array(np.array(times, dtype=np.int64))),
        helper.make_node("Constant", [], ["yes"], value=numpy_helper.from_array(np.array(True))),
        helper.make_node("Loop", ["times", "yes", "images"], ["output0"], body=inner),
    ]
    images = helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 64, 64])
    output = helper.make_tensor_value_info("output0", TensorProto.FLOAT, [1, 6, 84])
    graph = helper.make_graph(nodes, "network", [images], [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def crashing(package: PackageReference) -> None:
    (package.directory / "crash").touch()


def hanging(package: PackageReference) -> None:
    onnx.save(loop(helper.make_node("Cos", ["carried"], ["next"]), 10**9), package.directory / "weights.onnx")


def growing(package: PackageReference) -> None:
    # From 48 KiB to 3 GiB in four rounds.
    body = helper.make_node("Concat", ["carried"] * 16, ["next"], axis=0)
    onnx.save(loop(body, 8), package.directory / "weights.onnx")


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (crashing, r"could not be prepared: it ended the process that tried it \(SIGSEGV\)"),
        (hanging, "could not be prepared: it did not end within 4 seconds"),
        (growing, "could not be prepared: .* memory"),
    ],
)
def test_what_ends_the_child_is_blocked_with_the_reason_and_the_host_lives(
    host: RunningHost, package: PackageReference, spoil: Callable[[PackageReference], None], reason: str
) -> None:
    pid = host.client.status()["pid"]
    spoil(package)
    with pytest.raises(PackageBlocked, match=reason):
        host.client.load(package)
    status = host.client.status()
    assert status["pid"] == pid
    assert "could not be prepared" in status["blocked"][package.package_id]
    started = time.monotonic()
    with pytest.raises(PackageBlocked, match=reason):
        host.client.load(package)
    assert time.monotonic() - started < 1


def test_others_are_answered_while_a_child_hangs(
    host: RunningHost, package: PackageReference, tmp_path: Path, image: bytes
) -> None:
    other = write_package(tmp_path, "other")
    host.client.load(other)
    hanging(package)
    with ThreadPoolExecutor(1) as executor:
        load = executor.submit(host.client.load, package)
        answered = 0
        while not load.done():
            started = time.monotonic()
            assert host.client.infer(other, [image]).results
            assert time.monotonic() - started < 1
            answered += 1
    assert answered > 20
    assert isinstance(load.exception(), PackageBlocked)


def test_what_was_prepared_is_opened_by_the_next_load_and_not_prepared_again(
    host: RunningHost, package: PackageReference, image: bytes
) -> None:
    first = host.client.infer(package, [image]).results
    before = note(package).stat().st_mtime_ns
    host.client.unload(package.package_id)
    # Nobody who prepares it now would come back.
    crashing(package)
    assert host.client.infer(package, [image]).results == first
    assert note(package).stat().st_mtime_ns == before


def cut_short(folder: Path) -> None:
    network = folder / "network.onnx"
    network.chmod(0o600)
    os.truncate(network, network.stat().st_size // 2)


def of_another_version(folder: Path) -> None:
    file = folder / "note.json"
    file.write_text(file.read_text().replace("ONNX Runtime 1.", "ONNX Runtime 0."))


def of_another_processor(folder: Path) -> None:
    file = folder / "note.json"
    file.write_text(file.read_text().replace('"processor": "', '"processor": "other-'))


def without_note(folder: Path) -> None:
    (folder / "note.json").unlink()


@pytest.mark.parametrize("spoil", [cut_short, of_another_version, of_another_processor, without_note])
def test_what_does_not_fit_is_made_anew_and_never_opened(
    host: RunningHost, package: PackageReference, image: bytes, spoil: Callable[[Path], None]
) -> None:
    first = host.client.infer(package, [image]).results
    host.client.unload(package.package_id)
    assert package.prepared is not None
    spoil(package.prepared)
    assert host.client.infer(package, [image]).results == first
    assert "ONNX Runtime 1." in note(package).read_text()
    assert "other-" not in note(package).read_text()
    assert onnx.load(package.prepared / "network.onnx").graph.node


def test_without_a_place_for_it_the_package_is_prepared_for_one_load(
    host: RunningHost, package: PackageReference, image: bytes
) -> None:
    homeless = replace(package, prepared=None)
    assert host.client.infer(homeless, [image]).results
    left = ("prepared-", "trial-")
    eventually(lambda: not [path for path in host.settings.directory.iterdir() if path.name.startswith(left)])


def test_where_it_cannot_be_kept_the_package_is_loaded_as_it_is(
    host: RunningHost, package: PackageReference, tmp_path: Path, image: bytes
) -> None:
    assert host.client.infer(replace(package, prepared=tmp_path / "nowhere" / "prepared"), [image]).results


def test_a_refused_package_says_why_as_before(host: RunningHost, package: PackageReference) -> None:
    (package.directory / "weights.onnx").write_bytes(b"no network")
    with pytest.raises(PackageFailedToLoad, match="The ONNX file is damaged") as raised:
        host.client.load(package)
    assert raised.value.cause == "package-damaged"
    assert package.package_id not in host.client.status()["blocked"]
