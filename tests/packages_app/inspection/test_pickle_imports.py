"""Pickles that are refused, written as those write them who want to be taken for weights."""

from __future__ import annotations

import collections
import datetime
import os
import pickle
import zipfile
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from packages_app.inspection.package_directory import inspect_files
from packages_app.inspection.pickle_imports import import_problem
from packages_app.inspection.torch_file import inspect_torch

HARMLESS = b"\x80\x02}."


class Calls:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


MALICE = pickle.dumps(Calls(os.system, "true"), protocol=2)


def archive(path: Path, *members: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, 2.0, "x", None, (True,), 10**20]},
        collections.OrderedDict(a=1),
        collections.Counter("ab"),
        {1, 2},
        1j,
        b"bytes",
        bytearray(b"bytes"),
    ],
)
def test_what_loading_weights_only_takes_is_taken(value: Any) -> None:
    assert import_problem(pickle.dumps(value, protocol=2)) is None


@pytest.mark.parametrize(
    "value, what",
    [
        (Namespace(lr=0.1), "argparse.Namespace"),
        (collections.defaultdict(list), "collections.defaultdict"),
        (collections.deque([1]), "collections.deque"),
        (datetime.date(2026, 1, 1), "datetime.date"),
        (frozenset([1]), "frozenset"),
        (slice(1), "slice"),
        (range(3), "range"),
        (Path("a"), "PosixPath"),
        (np.float32(1), "NumPy scalars or arrays"),
        (np.zeros(3), "NumPy scalars or arrays"),
    ],
)
def test_plain_values_that_it_refuses_are_refused_with_what_helps(value: Any, what: str) -> None:
    problem = import_problem(pickle.dumps(value, protocol=2))
    assert problem is not None
    assert what in problem
    assert "torch.save(model.state_dict()" in problem
    assert import_problem(pickle.dumps(value, protocol=2), in_full=True) is None


@pytest.mark.parametrize("protocol, taken", [(2, True), (3, True), (4, False), (5, False)])
def test_only_the_protocols_that_it_reads_are_taken(protocol: int, taken: bool) -> None:
    problem = import_problem(pickle.dumps({"a": {1: 2.0}}, protocol=protocol))
    assert problem is None if taken else f"protocol {protocol}" in str(problem)


def test_what_a_full_load_would_run_is_refused_in_full_too() -> None:
    assert "system" in str(import_problem(MALICE, in_full=True))


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("function", [os.system, eval, exec, getattr, __import__, open, compile])
def test_no_function_that_could_do_harm_is_taken(function: Any, protocol: int) -> None:
    assert import_problem(pickle.dumps(Calls(function, "x"), protocol=protocol))


@pytest.mark.parametrize(
    "content",
    [
        b"(S'true'\nios\nsystem\n.",
        b"(cos\nsystem\nS'true'\no.",
        b"\x80\x02\x82\x01.",
        b"\x80\x02ctorch.hub\nload\n.",
        b"\x80\x02ctorch._utils\n_import_dotted_name\n.",
        b"\x80\x02ctorch\nload\n.",
        b"\x80\x02ccollections\nOrderedDict.fromkeys\n.",
        b"\x80\x02ctorch FloatStorage\n\n.",
        b"\x80\x02X\xff\xff",
        b"",
    ],
)
def test_other_ways_to_a_name_and_names_nearby_are_refused(content: bytes) -> None:
    assert import_problem(content)


@pytest.mark.parametrize(
    "members",
    [
        [("a/data.pkl", MALICE)],
        [("a/data.pkl", HARMLESS), ("a/DATA.PKL", MALICE)],
        [("a/data.pkl", HARMLESS), ("b/data.pkl", MALICE)],
        [("a/data.pkl", HARMLESS), ("a/deep/inside/data.pkl", MALICE)],
    ],
)
def test_every_pickle_of_an_archive_is_looked_at(tmp_path: Path, members: list[tuple[str, bytes]]) -> None:
    assert "system" in inspect_torch(archive(tmp_path / "weights.pth", *members)).problems[0]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_members_with_one_name_both_are_looked_at(tmp_path: Path) -> None:
    for pair in ((HARMLESS, MALICE), (MALICE, HARMLESS)):
        path = archive(tmp_path / "weights.pth", *(("a/data.pkl", content) for content in pair))
        assert inspect_torch(path).problems


@pytest.mark.parametrize("backend", ["torch", "hugging-face"])
def test_every_torch_file_of_a_package_is_looked_at(tmp_path: Path, backend: str) -> None:
    files = {"first.pth": archive(tmp_path / "1", ("a/data.pkl", HARMLESS))}
    assert inspect_files(backend, files).problems == ()
    files["second.pt"] = archive(tmp_path / "2", ("a/data.pkl", MALICE))
    assert inspect_files(backend, files).problems
