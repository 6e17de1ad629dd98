"""The pair of promises of publishing, on golden packages and on generated damage to them.

Whatever publishes is loaded and run by the real client, and answers here where this server runs the family.
Whatever does not publish says why.

All of it takes seven minutes: `PROMISES=all`. Otherwise every package as it is, and a drawn sample.
"""

from __future__ import annotations

import json
import os
import random
from pathlib import Path
from typing import Any

import httpx
import pytest

from backends.registry import implementations
from tests.backends import golden
from tests.conformance import damage
from tests.conformance.clients import ClientWorker
from tests.conformance.house import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]

SAMPLE = 40
SEED = 20261201
DYNAMIC = {"dynamic_batch_size": True}
# What the files do not say.
MANIFESTS: dict[str, dict[str, Any]] = {
    "yolov8n-shapes-od-torchscript": {
        "static_batch_size": 1,
        "torch_version": "2.1.0",
        "supported_device_types": ["cpu"],
    },
}
# TorchScript files do not say what comes out of them, and the server of these tests has no PyTorch to try them with.
NOT_TRIED = {
    ("yolov8n-shapes-od-torchscript", "for-instance-segmentation"),
    ("yolov8n-shapes-od-torchscript", "other-size"),
}
# A pipeline; a model that needs another one first; and what client 0.39.6 has no loader for.
LEFT_OUT = {"face-and-gaze-pipeline", "roboflow-instant-tiny-hf", "mediapipe-face-detector"}


def _chosen() -> list[Any]:
    names = sorted(path.parent.name for path in golden.GOLDEN.glob("*/package") if path.parent.name not in LEFT_OUT)
    pairs = [(name, each) for name in names for each in damage.damages(golden.GOLDEN / name / "package")]
    pairs = [pair for pair in pairs if (pair[0], pair[1].name) not in NOT_TRIED]
    if os.environ.get("PROMISES") != "all":
        intact = [pair for pair in pairs if pair[1].name == "intact"]
        others = [pair for pair in pairs if pair[1].name != "intact"]
        pairs = intact + random.Random(SEED).sample(others, min(SAMPLE, len(others)))
    return [pytest.param(name, each, number, id=f"{name}-{each.name}") for number, (name, each) in enumerate(pairs)]


@pytest.mark.parametrize(("name", "harm", "number"), _chosen())
def test_what_publishes_is_loaded_and_run_and_what_does_not_says_why(
    name: str,
    harm: damage.Damage,
    number: int,
    house: House,
    client: ClientWorker,
    home: Path,
    images: tuple[Path, ...],
    tmp_path: Path,
) -> None:
    directory = damage.copy(golden.GOLDEN / name / "package", tmp_path / "package")
    harm.apply(directory)
    config = json.loads((directory / damage.CONFIG).read_text())
    model_id = f"promises/{number}"

    manifest = MANIFESTS.get(name, DYNAMIC if config["backend_type"] == "torch" else {})
    attempt = house.try_push(directory, model_id, manifest=manifest, scratch=tmp_path)

    if not attempt.package_id:
        assert _is_a_reason(attempt.said), attempt.said
        return
    # On a CPU the client takes no FP16 weights unless it is asked to.
    load = client.load(
        model_id, address=house.address, home=home, run=True, quantization=["fp32", "fp16", "bf16", "int8", "unknown"]
    )
    assert not load.error, f"{load.error}: {load.message} {load.tried}"
    if _runs_here(config):
        answer = _infer(house, model_id, images[0])
        assert answer.status_code == 200 or _lacks_a_name(answer, harm), f"{answer.text}\n{house.end_of_log()}"


def _lacks_a_name(answer: httpx.Response, harm: damage.Damage) -> bool:
    """Whether the network found a class without a name: rows of six do not say how many classes there are."""
    wanted = harm.name == "class-names-one-short"
    return wanted and answer.status_code == 422 and answer.json()["error"]["code"] == "output-unusable"


def _is_a_reason(said: str) -> bool:
    """More than a state: a sentence."""
    return said.endswith(".") and len(said.split()) > 6


def _runs_here(config: dict[str, str]) -> bool:
    key = (config["model_architecture"], config["task_type"], config["backend_type"])
    ours = {(item.architecture, item.task, item.backend) for item in implementations()}
    # The server of these tests has no PyTorch.
    return key in ours and config["backend_type"] == "onnx"


def _infer(house: House, model_id: str, image: Path) -> httpx.Response:
    return httpx.post(
        f"{house.address}/api/v1/models/{model_id}/infer",
        content=image.read_bytes(),
        headers={"Content-Type": {".jpg": "image/jpeg", ".png": "image/png"}[image.suffix]},
        timeout=120,
    )
