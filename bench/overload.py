"""Two hundred clients on a slow model for a minute: what the server answers, and whether it stays well.

Printed: answers by status, the latency of `/healthz` meanwhile (median, 95th percentile, highest), the memory of web
process and model host before, at most, and after, and whether every request succeeds once the load is gone.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import psutil

from bench._user import become_ordinary
from bench.slow_model import write_slow_package
from tests.conformance.house import REPOSITORY, House

CLIENTS = int(os.environ.get("BENCH_CLIENTS", "200"))
SECONDS = float(os.environ.get("BENCH_SECONDS", "60"))
MODEL = "bench/slow"
# Clients wait as told: with a Retry-After of a second, two hundred of them ask two hundred times a second.
LEAST_WAIT = 0.5
CHECKER = """
import json, sys, time, urllib.request
address, seconds = sys.argv[1], float(sys.argv[2])
end, taken = time.monotonic() + seconds, []
while time.monotonic() < end:
    started = time.perf_counter()
    urllib.request.urlopen(address, timeout=30).read()
    taken.append((time.perf_counter() - started) * 1000)
    time.sleep(0.25)
print(json.dumps(taken))
"""


def main() -> None:
    become_ordinary("bench.overload")
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), environment={"LOG_LEVEL": "ERROR"}, threads=64)
        house.start()
        try:
            house.push(write_slow_package(Path(folder) / "slow"), MODEL)
            _overload(house)
        finally:
            house.stop()


def _overload(house: House) -> None:
    image = (REPOSITORY / "demo" / "images" / "meadow.jpg").read_bytes()
    assert _ask(house, image).status_code == 200
    before = _memory()
    statuses: Counter[int | str] = Counter()
    without_hint = 0
    peak = [before]
    end = time.monotonic() + SECONDS
    guard = threading.Lock()

    def client() -> None:
        nonlocal without_hint
        with httpx.Client(timeout=120) as connection:
            while time.monotonic() < end:
                try:
                    response = _ask(house, image, connection)
                except httpx.TransportError as error:
                    with guard:
                        statuses[type(error).__name__] += 1
                    time.sleep(LEAST_WAIT)
                    continue
                with guard:
                    statuses[response.status_code] += 1
                    without_hint += response.status_code == 503 and "Retry-After" not in response.headers
                if response.status_code != 200:
                    time.sleep(max(LEAST_WAIT, float(response.headers.get("Retry-After", "1"))))

    def watch() -> None:
        while time.monotonic() < end:
            peak[0] = max(peak[0], _memory())
            time.sleep(0.25)

    # A process of its own, as whatever checks health is: in this one, two hundred threads would be in its way.
    checker = subprocess.Popen(
        [sys.executable, "-c", CHECKER, f"{house.address}/healthz", str(SECONDS)], stdout=subprocess.PIPE, text=True
    )
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)] + [threading.Thread(target=watch)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    afterwards = [_ask(house, image).status_code for _ in range(20)]
    health = sorted(json.loads(checker.communicate()[0]))
    print(f"answers of {CLIENTS} clients in {SECONDS:.0f} s: {dict(statuses)}; 503 without Retry-After: {without_hint}")
    print(
        f"/healthz: median {statistics.median(health):.1f} ms, 95 % below {health[int(len(health) * 0.95)]:.1f} ms, "
        f"highest {health[-1]:.1f} ms"
    )
    print(f"memory of the server: {before:.0f} MiB before, at most {peak[0]:.0f} MiB, {_memory():.0f} MiB after")
    print(f"after it: {Counter(afterwards)}")


def _ask(house: House, image: bytes, connection: httpx.Client | None = None) -> httpx.Response:
    post = connection.post if connection else httpx.post
    return post(
        f"{house.address}/api/v1/models/{MODEL}/infer",
        content=image,
        headers={"Content-Type": "image/jpeg"},
        timeout=120,
    )


def _memory() -> float:
    """Resident memory in MiB of everything that this script started: server, worker, model host."""
    return sum(process.memory_info().rss for process in psutil.Process().children(recursive=True)) / 2**20


if __name__ == "__main__":
    main()
