"""What loading other models costs the requests of one that is busy: its 95th percentile with loads to that without.

    python -m bench.loads [--package DIRECTORY] [--rounds 5] [--json]

In each round clients ask for predictions of model A, first undisturbed, then while five other packages are loaded one
after the other. The model host is called from this process. The packages are those of GOLDEN_DIR (by default
../shared/golden), or else the demo model, under six names. Another model A can be named: the faster it is, the more of
its time a load can take.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from backends.host import HostClient, HostSettings, HostSupervisor, PackageReference
from bench._server import ROOT
from bench.host import drawn_picture, reference_for
from bench.inference import GOLDEN

NAMES = ("yolov8n-shapes-od-onnx-static", "yolov8n-shapes-seg-onnx-static", "yolov10n-shapes-od-onnx")
OTHERS = 5
CLIENTS = (1, 2, 4, 16)
MOST = 1.5


def percentile_while(client: HostClient, model: PackageReference, clients: int, other: Callable[[], None]) -> float:
    """The 95th percentile of the latency in ms of ``clients`` threads, for as long as ``other`` takes."""
    picture, stop = drawn_picture(), threading.Event()
    times: list[list[float]] = [[] for _ in range(clients)]

    def ask(mine: list[float]) -> None:
        while not stop.is_set():
            started = time.perf_counter()
            client.infer(model, [picture])
            mine.append((time.perf_counter() - started) * 1000)

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in times]
    for thread in threads:
        thread.start()
    other()
    stop.set()
    for thread in threads:
        thread.join()
    every = sorted(value for mine in times for value in mine)
    return every[int(0.95 * (len(every) - 1))]


def run(package: Path | None, rounds: int) -> dict[int, tuple[float, float]]:
    """By the number of clients: milliseconds without and with loads, medians of the rounds."""
    directories = [path for path in (GOLDEN / name / "package" for name in NAMES) if path.is_dir()]
    directories = directories or [ROOT / "demo" / "packages" / "onnx-static"]
    packages = [
        replace(reference_for(directories[number % len(directories)]), package_id=f"model-{number}")
        for number in range(1 + OTHERS)
    ]
    busy, others = packages[0] if package is None else reference_for(package), packages[1:]
    found: dict[int, list[tuple[float, float]]] = {clients: [] for clients in CLIENTS}
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        supervisor = HostSupervisor(HostSettings(Path(directory)))
        client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start)
        # Loads come from a connection of their own, as an administrator's do.
        administrator = HostClient(supervisor.settings.socket)

        def load_others() -> None:
            for package in others:
                administrator.load(package)

        try:
            client.load(busy)
            for _ in range(rounds):
                for clients in CLIENTS:
                    started = time.perf_counter()
                    during = percentile_while(client, busy, clients, load_others)
                    seconds = time.perf_counter() - started
                    for package in others:
                        administrator.unload(package.package_id)
                    before = percentile_while(client, busy, clients, lambda seconds=seconds: time.sleep(seconds))
                    found[clients].append((before, during))
        finally:
            client.close()
            administrator.close()
            supervisor.stop()
    return {
        clients: (statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs))
        for clients, pairs in found.items()
    }


def main() -> int:
    parser = argparse.ArgumentParser(description="What loads cost the requests of a busy model.")
    parser.add_argument("--package", type=Path, help="model A; by default the first of GOLDEN_DIR, or the demo model")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true", help="print figures for a program")
    options = parser.parse_args()
    found = run(options.package, options.rounds)
    if options.json:
        print(json.dumps({str(clients): pair for clients, pair in found.items()}))
        return 0
    print(f"95th percentile in ms of a busy model, undisturbed and while {OTHERS} others are loaded:")
    for clients, (before, during) in found.items():
        ratio = during / before
        print(
            f"{clients:3} client{'s' if clients > 1 else ' '}{before:9.2f}{during:9.2f}   {ratio:5.2f} times "
            f"(at most {MOST} wanted: {'met' if ratio <= MOST else 'missed'})"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
