"""What the SDK's dialect costs beyond the native API, in CPU milliseconds of the web process.

One server, one model, one image; requests of each road alternate in rounds. The web process alone is measured: what
the model host does is the same for all. Reference: `POST /api/v1/models/<id>/infer` with the image as the body.
"""

from __future__ import annotations

import base64
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from bench._user import become_ordinary
from tests.conformance.house import REPOSITORY, House

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "7"))
REQUESTS = int(os.environ.get("BENCH_REQUESTS", "60"))
MODEL = "bench/shapes"


def main() -> None:
    become_ordinary("bench.dialects")
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), environment={"LOG_LEVEL": "WARNING"})
        house.start()
        try:
            _measure(house)
        finally:
            house.stop()


def _measure(house: House) -> None:
    house.push(REPOSITORY / "demo" / "packages" / "onnx-dynamic", MODEL, public=False)
    token = house.token()
    image = (REPOSITORY / "demo" / "images" / "meadow.jpg").read_bytes()
    web = _web_process()
    with httpx.Client(base_url=house.address, timeout=60) as client:
        roads = _roads(client, token, image)
        for road in roads.values():
            for _ in range(10):
                road().raise_for_status()
        costs: dict[str, list[float]] = {name: [] for name in roads}
        for _ in range(ROUNDS):
            for name, road in roads.items():
                before = _cpu(web)
                for _ in range(REQUESTS):
                    road()
                costs[name].append((_cpu(web) - before) / REQUESTS * 1000)
    native = statistics.median(costs["native"])
    print(f"{'road':<18}{'CPU ms':>8}{'beyond native':>15}{'ratio':>8}")
    for name, values in costs.items():
        cost = statistics.median(values)
        print(f"{name:<18}{cost:>8.2f}{cost - native:>15.2f}{cost / native:>8.2f}")


def _roads(client: httpx.Client, token: str, image: bytes) -> dict[str, Callable[[], httpx.Response]]:
    bearer = {"Authorization": f"Bearer {token}"}
    encoded = base64.b64encode(image).decode()
    body = json.dumps({"api_key": token, "model_id": MODEL, "image": {"type": "base64", "value": encoded}})
    return {
        "native": lambda: client.post(
            f"/api/v1/models/{MODEL}/infer", content=image, headers={**bearer, "Content-Type": "image/jpeg"}
        ),
        "SDK v1 infer": lambda: client.post(
            "/infer/object_detection", content=body, headers={"Content-Type": "application/json"}
        ),
        "SDK v0 infer": lambda: client.post(
            f"/{MODEL}?api_key={token}", content=encoded, headers={"Content-Type": "application/json"}
        ),
        "SDK v1 registry": lambda: client.get(f"/model/registry?api_key={token}"),
    }


def _web_process() -> psutil.Process:
    """The worker of the only server that this script started: the grandchild that is not the model host."""
    for _ in range(100):
        for process in psutil.Process().children(recursive=True):
            line = " ".join(process.cmdline())
            if "manage.py serve" in line and process.ppid() != os.getpid() and "backends.host" not in line:
                return process
        time.sleep(0.1)
    sys.exit("The server's worker was not found.")


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
