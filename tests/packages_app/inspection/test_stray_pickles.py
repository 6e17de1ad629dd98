"""Pickles are found by what they are, under any name, in a package of any backend. All of them are harmless."""

from __future__ import annotations

import os
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from packages_app.inspection.package_directory import inspect_files
from tests.packages_app.inspection.checkpoints import pickled, write_archive, write_checkpoint, write_script
from tests.packages_app.inspection.test_onnx_file import write_model


class Calls:
    """Unpickling it calls a function that does nothing here."""

    def __reduce__(self) -> tuple[Any, tuple[str, ...]]:
        return os.getenv, ("PATH",)


CALL = pickle.dumps(Calls(), protocol=2)


@pytest.fixture(params=["onnx", "torch", "torch-script", "hugging-face", "trt", "coreml"])
def backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def files(backend: str, tmp_path: Path) -> dict[str, Path]:
    """The files of a package that nothing is wrong with."""
    match backend:
        case "onnx":
            return {"weights.onnx": write_model(tmp_path / "network")}
        case "torch":
            return {"weights.pth": write_checkpoint(tmp_path / "weights", [("float32", 4)])}
        case "torch-script":
            return {"weights.torchscript": write_script(tmp_path / "script", [("float32", 4)])}
        case "trt":
            (tmp_path / "engine").write_bytes(b"ftrt" + bytes(100))
            return {"engine.plan": tmp_path / "engine"}
    return {}


@pytest.mark.parametrize("name", ["pytorch_model.bin", "extra.pkl", "last.ckpt", "EXTRA.PTH", "folder/notes.txt", "a"])
@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_that_imports_what_weights_do_not_need_is_refused(
    files: dict[str, Path], backend: str, tmp_path: Path, name: str, zipped: bool
) -> None:
    assert inspect_files(backend, files).problems == ()
    stray = tmp_path / "stray"
    if zipped:
        write_archive(stray, {"data.pkl": CALL})
    else:
        stray.write_bytes(CALL)
    problems = inspect_files(backend, {**files, name: stray}).problems
    assert any(problem.startswith(f"`{name}`") for problem in problems)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_bare_pickle_of_any_protocol_is_found(tmp_path: Path, protocol: int) -> None:
    stray = tmp_path / "stray"
    stray.write_bytes(pickle.dumps(Calls(), protocol=protocol))
    assert "bare pickle" in " ".join(inspect_files("coreml", {"a.bin": stray}).problems)


@pytest.mark.parametrize("cut", [1, 2, 5])
@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_a_pickle_that_calls_before_it_turns_out_to_be_damaged_is_found(
    tmp_path: Path, protocol: int, cut: int
) -> None:
    stray = tmp_path / "stray"
    content = pickle.dumps([Calls(), "x" * 20], protocol=protocol)
    stray.write_bytes(content[:-cut] + b"\xff")
    assert inspect_files("coreml", {"a.bin": stray}).problems


def test_weights_under_another_name_are_taken(tmp_path: Path) -> None:
    weights = write_checkpoint(tmp_path / "weights", [("float32", 4)])
    assert inspect_files("hugging-face", {"pytorch_model.bin": weights}).problems == ()


def test_the_contents_of_a_tensor_may_look_like_the_beginning_of_a_pickle(tmp_path: Path) -> None:
    members = {"data.pkl": pickled(b"}"), "data/0": b"\x80\x02" + bytes(range(256)), "version": b"3"}
    assert inspect_files("torch", {"weights.pth": write_archive(tmp_path / "w", members)}).problems == ()


def test_where_a_directory_has_no_safetensors_its_torch_file_tells_the_precision(tmp_path: Path) -> None:
    weights = write_checkpoint(tmp_path / "weights", [("float16", 4)])
    assert inspect_files("hugging-face", {"weights.pt": weights}).quantization == "fp16"


@pytest.mark.parametrize(
    "text",
    [
        b"circle\nsquare\ntriangle\n",
        b"cat\ndog\n",
        b"Note.\n",
        b"i\nam\nfine\n.",
        b"(some)\ncomment\n",
        b"(i) the first\nand the second\n",
        b"car\ntruck\nNR valve\n",
        bytes(1024),
        b'{"network_input": {}}',
        b"0\n1\n2\n",
        b"",
        b"\x80",
        bytes(range(256)),
    ],
)
def test_text_and_other_bytes_are_no_pickles(tmp_path: Path, text: bytes) -> None:
    stray = tmp_path / "stray"
    stray.write_bytes(text)
    assert inspect_files("coreml", {"class_names_of_mine.txt": stray}).problems == ()


def test_a_zip_archive_in_which_readers_may_find_different_things_is_refused_under_any_name(tmp_path: Path) -> None:
    stray = tmp_path / "stray"
    content = write_archive(stray, {"data.pkl": pickled(b"}")}).read_bytes()
    stray.write_bytes(content + b"behind")
    (problem,) = inspect_files("coreml", {"pytorch_model.bin": stray}).problems
    assert "behind" in problem


def test_a_tar_archive_which_pytorch_once_wrote_is_refused_under_any_name(tmp_path: Path) -> None:
    stray = tmp_path / "stray"
    with tarfile.open(stray, "w") as file:
        file.add(write_model(tmp_path / "m"), "pickle")
    (problem,) = inspect_files("coreml", {"pytorch_model.bin": stray}).problems
    assert "tar archive" in problem


def test_an_archive_with_two_folders_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    with zipfile.ZipFile(path, "w") as file:
        for folder in ("a", "b"):
            file.writestr(f"{folder}/data.pkl", pickled(b"}"))
    (problem,) = inspect_files("torch", {"weights.pth": path}).problems
    assert "several folders" in problem


def test_a_member_of_a_torch_file_is_found_under_any_name(tmp_path: Path) -> None:
    members = {"data.pkl": pickled(b"}"), "notes": CALL}
    (problem,) = inspect_files("torch", {"weights.pth": write_archive(tmp_path / "w", members)}).problems
    assert "getenv" in problem


def test_an_archive_is_a_script_only_where_pytorch_takes_it_for_one(tmp_path: Path) -> None:
    """It unpickles an archive with code in it that has no constants, or has them in another folder."""
    path = write_archive(tmp_path / "w", {"data.pkl": CALL, "code/__torch__.py": b""})
    assert "getenv" in " ".join(inspect_files("coreml", {"a.bin": path}).problems)


# What families of the client do otherwise


def test_the_script_that_clip_loads_is_taken_and_said_beside_the_trust(tmp_path: Path) -> None:
    script = write_script(tmp_path / "model", [("float16", 4)])
    facts = inspect_files("torch", {"model.pt": script}, architecture="clip")
    assert (facts.quantization, facts.problems) == ("fp16", ())
    assert "`model.pt`: This file is a TorchScript program" in facts.notices[0]
    assert inspect_files("torch", {"model.pt": script}, architecture="perception-encoder").problems


def test_a_configuration_that_clients_run_is_said_beside_the_trust(tmp_path: Path) -> None:
    weights = write_checkpoint(tmp_path / "w", [("float32", 4)])
    (tmp_path / "config").write_text("hidden_dim = 256\n")
    files = {"weights.pth": weights, "config.py": tmp_path / "config"}
    task = "open-vocabulary-object-detection"
    (notice,) = inspect_files("torch", files, architecture="grounding-dino", task=task).notices
    assert notice.startswith("`config.py`: Clients run this file as a program")


def test_clip_needs_a_script(tmp_path: Path) -> None:
    weights = write_checkpoint(tmp_path / "model", [("float16", 4)])
    assert "torch.jit.save" in inspect_files("torch", {"model.pt": weights}, architecture="clip").problems[0]


NAMESPACE = pickled(b"X\x04\0\0\0argscargparse\nNamespace\n)\x81}X\x02\0\0\0lrK\x01sb\x86")


def test_what_a_family_opens_in_full_may_hold_plain_values_and_that_is_said(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "w", {"data.pkl": NAMESPACE})
    facts = inspect_files("torch", {"weights.pth": path}, architecture="rfdetr")
    assert facts.problems == ()
    assert "`weights.pth`: Clients open this file in full" in facts.notices[0]
    (problem,) = inspect_files("torch", {"weights.pth": path}, architecture="resnet").problems
    assert "argparse.Namespace" in problem


def test_even_there_nothing_is_imported_that_weights_do_not_need(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "w", {"data.pkl": CALL})
    assert "getenv" in inspect_files("torch", {"weights.pth": path}, architecture="rfdetr").problems[0]
