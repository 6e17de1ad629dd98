"""Everybody who can make a server wait, all at once: does it go on for the others?

Two hundred bodies that do not come (half of them with a token), two hundred readers who do not read, fifty images
that are much work, and two packages that never finish loading. Meanwhile, each as a ratio to itself at rest in the same
run: `/healthz`, an image on a loaded model, and the first image on a model that nobody asked for before. Then the
disk, the memory, and whether everything is as before once they are gone.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from PIL import Image

from bench._figures import verdict
from bench._user import become_ordinary
from tests.conformance.house import REPOSITORY, House

SECONDS = float(os.environ.get("BENCH_SECONDS", "30"))
BODIES, READERS, IMAGES = 200, 200, 50
PACKAGE = REPOSITORY / "demo" / "packages" / "onnx-dynamic"
IMAGE = (REPOSITORY / "demo" / "images" / "meadow.jpg").read_bytes()
LOADED = "demo/shapes"
HANGING = ("bench/hanging-1", "bench/hanging-2")
LARGE_BYTES = 32 * 1024 * 1024
SCANS = 2000
CALM_SECONDS = 15.0
JPEG = {"Content-Type": "image/jpeg"}
# A process of its own: in this one, the threads of the other clients would be in its way.
CLIENT = """
import json, sys, time, httpx
address, image, seconds, pause = sys.argv[1], sys.argv[2], float(sys.argv[3]), float(sys.argv[4])
content = open(image, "rb").read() if image else None
end, taken, statuses = time.monotonic() + seconds, [], {}
with httpx.Client(timeout=120) as client:
    while time.monotonic() < end:
        started = time.perf_counter()
        if content:
            answer = client.post(address, content=content, headers={"Content-Type": "image/jpeg"})
        else:
            answer = client.get(address)
        taken.append((time.perf_counter() - started) * 1000)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        time.sleep(pause)
print(json.dumps({"taken": taken, "statuses": statuses}))
"""


@dataclass(frozen=True)
class Figures:
    """Milliseconds: of `/healthz` at the 99th percentile, of a loaded model's answer, of a fresh model's first."""

    health: float
    answer: float
    fresh: float
    statuses: dict[str, int]


def main() -> None:
    become_ordinary("bench.waiting")
    with tempfile.TemporaryDirectory(prefix="wb-") as directory:
        folder = Path(directory)
        house = House(folder, environment=_environment(folder), threads=64)
        house.start()
        try:
            _publish(house, folder)
            _measure_all(house, folder)
        finally:
            house.stop()


def _environment(folder: Path) -> dict[str, str]:
    python = folder / "python"
    python.write_text(
        f'#!/bin/sh\nHANGING="{folder}/hanging" exec "{sys.executable}" -P "{REPOSITORY}/bench/_hanging_host.py" "$@"\n'
    )
    python.chmod(0o755)
    return {
        "LOG_LEVEL": "ERROR", "MODEL_HOST_PYTHON": str(python),
        "PYTHONPATH": str(REPOSITORY), "TRIAL_RUNS": "false",
    }  # fmt: skip


def _publish(house: House, folder: Path) -> None:
    hanging = [house.push(_package(folder, name), name).package_id for name in HANGING]
    (folder / "hanging").write_text("\n".join(hanging))
    for number in range(2):
        house.push(_package(folder, f"fresh-{number}"), f"bench/fresh-{number}")
    large = _package(folder, "large")
    (large / "large.bin").write_bytes(os.urandom(LARGE_BYTES))
    house.push(large, "bench/large")


def _package(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(PACKAGE, folder / name.replace("/", "-")))


def _measure_all(house: House, folder: Path) -> None:
    first = _infer(house, LOADED)
    assert first.status_code == 200, f"{first.text}\n{house.end_of_log()}"
    free = shutil.disk_usage(house.data_dir).free
    memory = _memory()
    rest = _measure(house, "bench/fresh-0")
    with _watched() as peak, _everybody(house, folder) as answers:
        # They begin while nobody is there yet; what counts is when all of them are.
        time.sleep(5)
        besieged = _measure(house, "bench/fresh-1")
        taken = free - shutil.disk_usage(house.data_dir).free
    time.sleep(CALM_SECONDS)
    calm = _measure(house, None)
    print(f"{'':34}{'at rest':>10}{'besieged':>10}{'after':>10}   milliseconds")
    for name, field in (
        ("/healthz, 99 % below", "health"),
        ("loaded model, median", "answer"),
        ("fresh model", "fresh"),
    ):
        values = [getattr(figures, field) for figures in (rest, besieged, calm)]
        print(f"{name:34}" + "".join(f"{value:10.1f}" if value else f"{'':>10}" for value in values))
    print(f"answers to others: {json.dumps(besieged.statuses)}; to those who besiege: {dict(answers)}")
    for what, value, most in (
        ("/healthz", besieged.health / rest.health, 5),
        ("loaded model", besieged.answer / rest.answer, 2),
        ("fresh model", besieged.fresh / rest.fresh, 5),
        ("/healthz afterwards", calm.health / rest.health, 2),
        ("loaded model afterwards", calm.answer / rest.answer, 1.5),
    ):
        print(f"{value:7.2f}  {what} ({verdict(value, most=most)})")
    print(
        f"disk: {taken / 2**20:.0f} MiB taken meanwhile; memory: {memory:.0f} MiB before, at most {peak[0]:.0f},",
        end="",
    )
    print(f" {_memory():.0f} after; connections left: {_connections(house)}")


def _measure(house: House, fresh: str | None) -> Figures:
    """Both kinds of client for a while, and the first answer of the model ``fresh`` meanwhile."""
    seconds = SECONDS / 2
    image = str(REPOSITORY / "demo" / "images" / "meadow.jpg")
    health = _client(f"{house.address}/healthz", "", seconds, 0.02)
    loaded = _client(f"{house.address}{_path(LOADED)}", image, seconds, 0.1)
    found = [json.loads(client.communicate()[0]) for client in (health, loaded)]
    times = [sorted(each["taken"]) for each in found]
    statuses = Counter({**found[0]["statuses"]}) + Counter(
        {f"{k} of the model": v for k, v in found[1]["statuses"].items()}
    )
    milliseconds = 0.0
    if fresh:
        # Made beforehand: a client of httpx takes longer to make than a small answer.
        with httpx.Client(timeout=180) as client:
            started = time.perf_counter()
            answer = client.post(f"{house.address}{_path(fresh)}", content=IMAGE, headers=JPEG)
            milliseconds = (time.perf_counter() - started) * 1000
        statuses[f"{answer.status_code} of the fresh model"] += 1
    return Figures(times[0][int(len(times[0]) * 0.99)], statistics.median(times[1]), milliseconds, dict(statuses))


def _client(address: str, image: str, seconds: float, pause: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CLIENT, address, image, str(seconds), str(pause)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextmanager
def _everybody(house: House, folder: Path) -> Iterator[Counter[str]]:
    """All who besiege, from begin to end; what they were answered is complete afterwards."""
    hostile, image = folder / "hostile.jpg", folder / "image.jpg"
    hostile.write_bytes(_hostile_image())
    image.write_bytes(IMAGE)
    clients = {
        "bodies": BODIES,
        "readers": READERS,
        "file": _large_file(house),
        "token": house.token(),
        "images": [(_path(LOADED), str(hostile))] * IMAGES + [(_path(model), str(image)) for model in HANGING],
    }
    command = [sys.executable, "-m", "bench._besiegers", str(house.port), json.dumps(clients)]
    besiegers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    answers: Counter[str] = Counter()
    try:
        yield answers
    finally:
        answers.update(json.loads(besiegers.communicate("")[0]))


def _large_file(house: House) -> str:
    """The path of a file that is larger than what a connection holds by itself."""
    metadata = httpx.get(f"{house.address}/models/v1/external/weights", params={"modelId": "bench/large"}).text
    address = re.search(r'"(http://[^"]+large\.bin[^"]*)"', metadata)
    assert address is not None
    return address[1].replace("\\u0026", "&").removeprefix(house.address)


def _hostile_image() -> bytes:
    """A progressive JPEG whose last scan comes again and again: much work for a decoder, few bytes."""
    buffer = io.BytesIO()
    Image.new("L", (3000, 3000), 128).save(buffer, "JPEG", progressive=True)
    image = buffer.getvalue()
    return image[:-2] + b"\xff\xda\0\x08\x01\x01\0\0\0\x10" * SCANS + image[-2:]


def _infer(house: House, model: str) -> httpx.Response:
    return httpx.post(f"{house.address}{_path(model)}", content=IMAGE, headers=JPEG, timeout=180)


def _path(model: str) -> str:
    return f"/api/v1/models/{model}/infer"


@contextmanager
def _watched() -> Iterator[list[float]]:
    peak = [_memory()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            peak[0] = max(peak[0], _memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


def _memory() -> float:
    """Resident MiB of the server: web processes and model host, not the clients."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        try:
            if not any("bench._besiegers" in part or part == CLIENT for part in process.cmdline()):
                total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total / 2**20


def _connections(house: House) -> int:
    return sum(
        each.laddr.port == house.port and each.status == psutil.CONN_ESTABLISHED
        for process in psutil.Process().children(recursive=True)
        for each in process.net_connections("tcp")
    )


if __name__ == "__main__":
    main()
