"""What isolation costs: the bare loop against the model host, in one run, with the same package and image.

    python -m bench.host [--package DIRECTORY] [--image FILE] [--seconds 5] [--rounds 3] [--json]

The bare loop is what one would write without a server: decode, letterbox, session run, suppression, in one
process, at its best number of threads for throughput and for latency. The host is called by threads of this
process through its client. Bare loop and host take turns, round by round, because a shared machine's pace drifts;
the figures are medians of the rounds. CPU time is that of this process and the host together. The package must be
a YOLOv8-like detector in ONNX with a fixed input (``model_config.json`` is read for architecture and task if there).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime

from backends.host import HostClient, HostSettings, HostSupervisor, PackageReference
from bench._figures import Figures, figures_of, middle
from bench._packages import DETECTOR, GOLDEN, WEIGHTS
from bench._user import AS_ROOT, become_ordinary

CLIENTS = (1, 4, 16)
TICKS = os.sysconf("SC_CLK_TCK")
Work = Callable[[], Any]


class BareLoop:
    """The least code that does the work; ``threads`` are those of one run."""

    def __init__(self, network: Path, image: bytes, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        # Several threads do best when they spin between the operators, and stop with the run.
        options.add_session_config_entry("session.intra_op.allow_spinning", "1" if threads > 1 else "0")
        options.add_session_config_entry("session.force_spinning_stop", "1")
        self.session = onnxruntime.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
        self.input = self.session.get_inputs()[0]
        self.height, self.width = self.input.shape[2:]
        self.image = np.frombuffer(image, np.uint8)

    def __call__(self) -> Any:
        image = cv2.imdecode(self.image, cv2.IMREAD_COLOR)
        assert image is not None
        scale = min(self.height / image.shape[0], self.width / image.shape[1])
        height, width = round(image.shape[0] * scale), round(image.shape[1] * scale)
        canvas = np.full((self.height, self.width, 3), 114, np.uint8)
        top, left = (self.height - height) // 2, (self.width - width) // 2
        cv2.resize(image, (width, height), dst=canvas[top : top + height, left : left + width])
        blob = cv2.dnn.blobFromImage(canvas, 1 / 255, swapRB=True)
        rows = self.session.run(None, {self.input.name: blob})[0][0].T
        scores = rows[:, 4:].max(axis=1)
        rows, scores = rows[scores > 0.4], scores[scores > 0.4]
        boxes = np.concatenate([rows[:, :2] - rows[:, 2:4] / 2, rows[:, 2:4]], axis=1)
        return cv2.dnn.NMSBoxes(boxes.tolist(), scores.tolist(), 0.4, 0.3)


def cpu_seconds(pid: int) -> float:
    """CPU time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def own_cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(work: Work, clients: int, seconds: float, other_pid: int = 0) -> Figures:
    """Let ``clients`` threads do ``work`` again and again."""
    times: list[list[float]] = [[] for _ in range(clients)]
    end = time.perf_counter() + seconds

    def client(mine: list[float]) -> None:
        while (started := time.perf_counter()) < end:
            work()
            mine.append(time.perf_counter() - started)

    work()
    cpu = own_cpu_seconds() + (cpu_seconds(other_pid) if other_pid else 0.0)
    begun = time.perf_counter()
    end = begun + seconds
    threads = [threading.Thread(target=client, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    cpu = own_cpu_seconds() + (cpu_seconds(other_pid) if other_pid else 0.0) - cpu
    every = (value for mine in times for value in mine)
    return figures_of(every, elapsed=elapsed, cpu_seconds=cpu)


def reference_for(directory: Path) -> PackageReference:
    """How the host is told of the package."""
    file = directory / "model_config.json"
    config = json.loads(file.read_text()) if file.exists() else {}
    architecture = config.get("model_architecture", "yolov8")
    return PackageReference("bench", directory, architecture, config.get("task_type", "object-detection"), "onnx")


def run(package: Path, image: bytes, seconds: float, rounds: int) -> dict[str, Figures]:
    """All measurements, by name."""
    cv2.setNumThreads(0)
    cores = len(os.sched_getaffinity(0))
    network = package / WEIGHTS
    many, one = BareLoop(network, image, 1), BareLoop(network, image, cores)
    reference = reference_for(package)
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        supervisor = HostSupervisor(HostSettings(Path(directory)))
        client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start)
        try:
            client.load(reference)
            pid = supervisor.host_pid or 0
            hosted: Work = partial(client.infer, reference, [image])
            for _ in range(rounds):
                plan: list[tuple[str, Work, int, int]] = [
                    ("bare, throughput", many, cores, 0),
                    ("bare, latency", one, 1, 0),
                ]
                plan += [(f"host, {clients} clients", hosted, clients, pid) for clients in CLIENTS]
                for name, work, clients, other in plan:
                    found.setdefault(name, []).append(measure(work, clients, seconds, other))
        finally:
            client.close()
            supervisor.stop()
    return {name: middle(figures) for name, figures in found.items()}


def ratios(found: dict[str, Figures]) -> dict[str, float]:
    """The host by the bare loop's best."""
    throughput, latency = found["bare, throughput"], found["bare, latency"]
    result = {
        f"throughput at {clients} clients": found[f"host, {clients} clients"].throughput / throughput.throughput
        for clients in CLIENTS
    }
    result["CPU time a request at 16 clients"] = found["host, 16 clients"].cpu_ms / throughput.cpu_ms
    result["median latency of one client"] = found["host, 1 clients"].median_ms / latency.median_ms
    return {name: round(value, 3) for name, value in result.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description="The bare loop against the model host.")
    parser.add_argument("--package", type=Path, default=GOLDEN / DETECTOR / "package")
    parser.add_argument("--image", type=Path, help="default: a drawn JPEG of 512x384")
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print figures for a program")
    parser.add_argument(AS_ROOT, action="store_true", help="stay root, where root starts the bench")
    options = parser.parse_args()
    become_ordinary("bench.host")
    if not (options.package / WEIGHTS).is_file():
        parser.error("--package must be a directory with weights.onnx")
    image = options.image.read_bytes() if options.image else drawn_image()
    found = run(options.package.resolve(), image, options.seconds, options.rounds)
    if options.json:
        print(json.dumps({"figures": {k: f.__dict__ for k, f in found.items()}, "ratios": ratios(found)}, indent=1))
        return 0
    print(f"{'':24}{'a second':>10}{'median ms':>11}{'p95 ms':>9}{'CPU ms':>9}")
    for name, figures in found.items():
        print(f"{name:24}{figures.throughput:10.1f}{figures.median_ms:11.2f}{figures.p95_ms:9.2f}{figures.cpu_ms:9.2f}")
    print("\nHost by bare loop:")
    for name, value in ratios(found).items():
        print(f"  {name:38}{value:6.3f}")
    return 0


def drawn_image() -> bytes:
    """Shapes on noise, as JPEG: about what a photograph costs to decode."""
    random = np.random.default_rng(7)
    image = cv2.GaussianBlur(random.integers(0, 255, (384, 512, 3), dtype=np.uint8), (7, 7), 0)
    for number in range(6):
        centre = (60 + 75 * number, 90 + 40 * (number % 4))
        cv2.circle(image, centre, 30, [int(value) for value in random.integers(0, 255, 3)], -1)
    return cv2.imencode(".jpg", image)[1].tobytes()


if __name__ == "__main__":
    sys.exit(main())
