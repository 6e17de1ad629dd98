from __future__ import annotations

from typing import Any

import pytest

from negotiation.handles import handle_problem, handle_problems

ACCEPTED = [
    "weights.onnx",
    "class_names.txt",
    "inference_config.json",
    "vit/config.json",
    "text_encoder/vocab.txt",
    "a/b/c/d/e/f.bin",
    ".gitattributes",
    "a.lock",
    ".lock.txt",
    "-",
    "_",
    "...a",
    "model.v1.2.bin",
    "CONSOLE.txt",
    "COM0",
    "COM10.bin",
    "LPT",
    "configs/model_config.json",
    "parts/dependencies",
    "model_config.json.bak",
    "dependencies2/x",
    "x" * 255,
    f"{'x' * 255}/{'y' * 255}",
]
REJECTED = [
    "",
    "/weights.onnx",
    "folder/",
    "/",
    "a//b",
    ".",
    "..",
    "../weights.onnx",
    "a/../b",
    "a/./b",
    "a\\b",
    "C:weights",
    "with space",
    "with\ttab",
    "line\n",
    "nul\0byte",
    "gewicht\u00e9.bin",
    "\u0661.bin",
    "a:b",
    "a*b",
    "~",
    "trailing.",
    "folder./x",
    "CON",
    "con.txt",
    "Aux.tar.gz",
    "deep/NUL",
    "com1.bin",
    "lpt9",
    "PRN.onnx/x",
    ".weights.lock",
    ".a.LOCK",
    "sub/.x.lock",
    ".lock",
    "model_config.json",
    "Model_Config.JSON",
    "model_config.json/x",
    "model_dependencies",
    "model_dependencies/x",
    "Dependencies/x",
    "dependencies",
    "x" * 256,
]


@pytest.mark.parametrize("handle", ACCEPTED)
def test_it_accepts(handle: str) -> None:
    assert handle_problem(handle) is None


@pytest.mark.parametrize("handle", REJECTED)
def test_it_rejects(handle: str) -> None:
    assert handle_problem(handle)


@pytest.mark.parametrize("handle", [None, 1, b"weights", ["weights"]])
def test_it_rejects_what_is_no_text(handle: Any) -> None:
    assert handle_problem(handle) == "must be text"


@pytest.mark.parametrize(
    "handles",
    [
        ["weights.onnx", "class_names.txt"],
        ["a/x", "a/y", "a/b/x"],
        ["a/x", "b/x", "x"],
        ["ab", "a/b", "abc/d"],
        [],
    ],
)
def test_it_accepts_together(handles: list[str]) -> None:
    assert handle_problems(handles) == []


@pytest.mark.parametrize(
    "handles",
    [
        ["a", "a"],
        ["a/b", "a/b"],
        ["weights", "Weights"],
        ["A/x", "a/y"],
        ["a/B/x", "a/b/y"],
        ["a", "a/b"],
        ["a/b", "a"],
        ["a/b", "a/b/c/d"],
        ["a/b/c/d", "a/b"],
    ],
)
def test_it_rejects_together(handles: list[str]) -> None:
    assert handle_problems(handles)


def test_it_reports_a_collision_once() -> None:
    assert len(handle_problems(["a", "a"])) == 1


def test_it_reports_every_bad_handle() -> None:
    assert len(handle_problems(["../a", "fine", "CON", "fine"])) == 3


def test_a_message_holds_no_more_than_the_beginning_of_a_long_handle() -> None:
    assert len(handle_problems(["*" * 5000])[0]) < 300
