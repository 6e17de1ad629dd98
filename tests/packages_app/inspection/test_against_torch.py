"""Our verdict on checkpoints is that of PyTorch's own `torch.load`, which loads weights only."""

from __future__ import annotations

import argparse
import collections
import datetime
import pathlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from packages_app.inspection.torch_file import inspect_torch, inspect_torch_script

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

VALUES: dict[str, Callable[[], Any]] = {
    "float32": lambda: torch.zeros(3),
    "bool": lambda: torch.zeros(3, dtype=torch.bool),
    **{
        name: lambda name=name: torch.zeros(3, dtype=getattr(torch, name))
        for name in ("uint16", "uint32", "uint64", "complex32", "complex64", "bfloat16", "float64")
    },
    **{
        name: lambda name=name: torch.zeros(3).to(getattr(torch, name))
        for name in ("float8_e4m3fn", "float8_e5m2", "float8_e4m3fnuz", "float8_e5m2fnuz")
    },
    "sparse": lambda: torch.eye(3).to_sparse(),
    "compressed": lambda: torch.eye(3).to_sparse_csr(),
    "parameter": lambda: torch.nn.Parameter(torch.zeros(2)),
    "view": lambda: torch.zeros(100)[:3],
    "meta": lambda: torch.zeros(2, device="meta"),
    "counter": lambda: collections.Counter("ab"),
    "set": lambda: {1},
    "complex": lambda: 1j,
    "bytes": lambda: b"a",
    "bytearray": lambda: bytearray(b"a"),
    "size": lambda: torch.Size([1]),
    "device": lambda: torch.device("cpu"),
    "dtype": lambda: torch.float16,
    "ordered": lambda: collections.OrderedDict(a=1),
    "long": lambda: 10**30,
    "namespace": lambda: argparse.Namespace(a=1),
    "defaultdict": lambda: collections.defaultdict(list),
    "deque": lambda: collections.deque([1]),
    "date": lambda: datetime.date(2026, 1, 1),
    "frozenset": lambda: frozenset([1]),
    "slice": lambda: slice(1),
    "range": lambda: range(3),
    "path": lambda: pathlib.Path("a"),
    "scalar": lambda: np.float32(1),
    "array": lambda: np.zeros(3),
    "module": lambda: torch.nn.Linear(1, 1),
    "function": lambda: torch.load,
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", VALUES)
@pytest.mark.parametrize("protocol", [2, 3, 4])
def test_what_it_takes_is_taken_and_what_it_refuses_is_refused(tmp_path: Path, name: str, protocol: int) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"value": VALUES[name](), "weight": torch.zeros(4)}, path, pickle_protocol=protocol)
    try:
        torch.load(path)
        taken = True
    except Exception:  # it raises several types
        taken = False
    assert (inspect_torch(path).problems == ()) == taken


def test_files_without_checksums_are_taken(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save({"weight": torch.zeros(4).half()}, tmp_path / "weights.pth")
    finally:
        torch.serialization.set_crc32_options(True)
    facts = inspect_torch(tmp_path / "weights.pth")
    assert (facts.quantization, facts.problems) == ("fp16", ())


class Network(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Conv2d(3, 8, 3).half()
        self.register_buffer("factor", torch.ones(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.layer(x) * self.factor[0]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("frozen", [True, False])
def test_the_precision_of_a_script_is_that_of_most_elements(tmp_path: Path, frozen: bool) -> None:
    script = torch.jit.script(Network().eval())
    (torch.jit.freeze(script) if frozen else script).save(str(tmp_path / "weights.torchscript"))
    facts = inspect_torch_script(tmp_path / "weights.torchscript")
    assert (facts.quantization, facts.problems) == ("fp16", ())
