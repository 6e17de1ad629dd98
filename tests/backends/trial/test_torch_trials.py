"""Trials of what runs code when it is loaded, with the real PyTorch."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from backends.trial.request import TrialLimits, TrialRequest
from backends.trial.result import FAILED, PASSED, Trial
from backends.trial.runner import try_package
from tests.backends.networks import config

pytestmark = pytest.mark.torch

DOCUMENT = config() | {"forward_pass": {"static_batch_size": 1}}


def tried(directory: Path, **limits: Any) -> Trial:
    request = TrialRequest(directory, "yolov8", "object-detection", "torch-script", trusted=True)
    return try_package(request, TrialLimits(**limits))


def write(directory: Path, rounds: int) -> Path:
    """A TorchScript package whose network adds up its image so many times, and answers one box."""
    torch = pytest.importorskip("torch")

    class Network(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.rounds = rounds

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            total = torch.zeros(1)
            for _ in range(self.rounds):
                total = total + images.mean()
            return torch.tensor([[[20.0], [20.0], [10.0], [10.0], [0.9], [0.1]]]) + 0 * total

    # The annotation of `forward` is read from its source, where torch must have this name.
    globals()["torch"] = torch
    torch.jit.script(Network().eval()).save(str(directory / "weights.torchscript"))
    (directory / "inference_config.json").write_text(json.dumps(DOCUMENT))
    (directory / "class_names.txt").write_text("cat\ndog\n")
    return directory


def test_torchscript_that_somebody_trusts_is_run(tmp_path: Path) -> None:
    trial = tried(write(tmp_path, rounds=1))
    assert (trial.outcome, trial.reason) == (PASSED, "")
    assert trial.runtime.startswith("PyTorch ")


def test_torchscript_that_does_not_end_in_time_fails(tmp_path: Path) -> None:
    trial = tried(write(tmp_path, rounds=10**9), seconds=15)
    assert (trial.outcome, trial.code) == (FAILED, "trial-too-slow")
