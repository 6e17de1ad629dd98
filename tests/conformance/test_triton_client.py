"""Triton's own HTTP client reads our metadata and runs the demo model by tensors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from tests.conformance.house import House
from tests.conformance.line_process import LineProcess
from tests.conformance.test_inference_sdk import worker  # noqa: F401 - the same environment

MODEL = "triton/shapes"

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def key(house: House, demo_package: Path) -> str:
    house.push(demo_package, MODEL, public=False)
    return house.token()


@pytest.fixture(scope="module")
def metadata(worker: LineProcess, house: House, key: str) -> dict[str, Any]:  # noqa: F811
    job = {"client": "triton", "method": "metadata", "address": house.address, "key": key, "model": MODEL}
    answer = worker.ask(job)
    assert "result" in answer, answer
    return answer["result"]


def test_it_reads_health_and_metadata(metadata: dict[str, Any]) -> None:
    assert metadata["live"]
    assert metadata["ready"]
    assert metadata["model_ready"]
    assert metadata["server"]["name"] == "weighbridge"
    assert metadata["model"]["inputs"][0]["datatype"] == "FP32"


@pytest.mark.parametrize("binary", [True, False], ids=["binary", "json"])
def test_it_gets_what_the_runtime_gives(
    worker: LineProcess,  # noqa: F811
    house: House,
    key: str,
    metadata: dict[str, Any],
    demo_package: Path,
    tmp_path: Path,
    binary: bool,
) -> None:
    described = metadata["model"]["inputs"][0]
    shape = [2 if size == -1 else size for size in described["shape"]]
    pixels = np.random.default_rng(3).random(shape, dtype=np.float32)
    np.save(tmp_path / "input.npy", pixels)
    answer = worker.ask(
        {
            "client": "triton",
            "method": "infer",
            "address": house.address,
            "key": key,
            "model": MODEL,
            "tensor": str(tmp_path / "input.npy"),
            "answer": str(tmp_path / "output.npy"),
            "input_name": described["name"],
            "output_name": metadata["model"]["outputs"][0]["name"],
            "binary": binary,
        }
    )
    assert answer.get("result") == metadata["model"]["versions"][0], answer
    session = onnxruntime.InferenceSession(str(demo_package / "weights.onnx"), providers=["CPUExecutionProvider"])
    expected = session.run(None, {described["name"]: pixels})[0]
    assert np.allclose(np.load(tmp_path / "output.npy"), expected, atol=1e-4)


def test_an_error_reaches_it_as_text(worker: LineProcess, house: House) -> None:  # noqa: F811
    job = {"client": "triton", "method": "metadata", "address": house.address, "key": None, "model": MODEL}
    answer = worker.ask(job)
    assert answer["error"] == "InferenceServerException"
