"""The reference server (`inference`) in .venvs/peer, made by scripts/peer-environment.sh. It gets models from us."""

from __future__ import annotations

import base64
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench._installation import RunningServer
from bench._requests import post, running
from bench._server import ROOT, free_port

ENVIRONMENT = ROOT / ".venvs" / "peer"
NOT_INSTALLED = "the reference server: scripts/peer-environment.sh installs it"
# It serves its landing page from its working directory and does not start without one.
FOLDERS = ("inference/landing/out/static", "inference/landing/out/_next/static")
# What its users would have to install for models that are not measured here.
SWITCHES = (
    "CLIP", "GAZE", "SAM", "SAM2", "SAM3", "DOCTR", "EASYOCR", "TROCR", "PE", "GROUNDINGDINO", "YOLO_WORLD", "OWLV2",
    "LMM",
)  # fmt: skip


def is_installed() -> bool:
    return (ENVIRONMENT / "made-from").exists()


@contextmanager
def running_peer(address: str, folder: Path) -> Iterator[RunningServer]:
    """The reference server, which knows no other provider than ours at ``address``, in the new ``folder``."""
    for name in FOLDERS:
        (folder / name).mkdir(parents=True)
    port = free_port()
    command = [str(ENVIRONMENT / "bin" / "python"), "-m", "uvicorn", "bench._reference_server:app"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    ready = f"http://127.0.0.1:{port}/info"
    started = time.perf_counter()
    with running(
        command, ready, environment=environment(address, folder), log=folder / "peer.log", folder=folder
    ) as process:
        yield RunningServer(port, process, time.perf_counter() - started)


def inference_request(model: str, image: bytes, token: str) -> bytes:
    """Of the reference server's API, for an encoded image."""
    encoded = {"type": "base64", "value": base64.b64encode(image).decode()}
    body = {"api_key": token, "model_id": model, "image": encoded}
    return post("/infer/object_detection", json.dumps(body).encode(), {"Content-Type": "application/json"})


def environment(address: str, work: Path) -> dict[str, str]:
    """Settings with which the reference server speaks to ``address`` and to nobody else."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        **{f"CORE_MODEL_{name}_ENABLED": "False" for name in SWITCHES},
        "PYTHONPATH": str(ROOT),
        "HOME": str(work),
        "API_BASE_URL": address,
        "ROBOFLOW_API_HOST": address,
        "METRICS_COLLECTOR_BASE_URL": address,
        "METRICS_ENABLED": "False",
        "TELEMETRY_FLUSH_INTERVAL": "300",
        "DISABLE_VERSION_CHECK": "True",
        "HF_HUB_OFFLINE": "1",
        "MODEL_CACHE_DIR": str(work / "cache"),
        "INFERENCE_HOME": str(work / "home"),
        # Whatever else it might want to reach stays out of reach.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
