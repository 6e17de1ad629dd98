"""Hours in minutes: mixed models under load, loaded and evicted all the time, while the host's memory is watched.

    python bench/soak.py [--minutes 10] [--package DIRECTORY ...] [--leak BYTES_PER_REQUEST]

Threads ask for predictions of several packages in a budget that does not hold all of them. At intervals the load
pauses, everything is unloaded, and the memory of the empty host is noted: after the first few notes it must not
grow any more. ``--leak`` makes each request in the host keep some bytes; the same check must then find it, and the
exit status is 0 when the outcome is the expected one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backends.errors import BackendError  # noqa: E402
from backends.host import HostClient, HostSettings, HostSupervisor, PackageReference  # noqa: E402
from backends.memory import anonymous_memory  # noqa: E402

MEBIBYTE = 1024 * 1024
# What the empty host may grow by between two notes of a healthy run: allocator and thread stacks are never exactly
# the same. A third of the notes is left out at the start: caches fill.
TOLERANCE = 6 * MEBIBYTE
NOTES = 12
LEAK_VARIABLE = "SOAK_LEAK_BYTES"


@dataclass
class Report:
    """``notes``: memory of the empty host in bytes, in order. ``most``: the peak under load, above the empty host."""

    notes: list[int] = field(default_factory=list)
    most: int = 0
    budget: int = 0
    requests: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    deaths: int = 0


def growth(notes: Sequence[int]) -> int:
    """By how many bytes the memory grew from the early notes to the late ones, warm-up left out."""
    settled = notes[len(notes) // 3 :]
    half = max(1, len(settled) // 2)
    return int(statistics.median(settled[-half:]) - statistics.median(settled[:half]))


def is_flat(notes: Sequence[int]) -> bool:
    """Whether the memory stayed where it was."""
    return growth(notes) <= TOLERANCE


class _Leaking:
    """A model whose every answer costs memory that never comes back."""

    kept: list[bytearray] = []

    def __init__(self, model: Any) -> None:
        self._model = model
        self._bytes = int(os.environ[LEAK_VARIABLE])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def answer(self, outputs: Any, prepared: Any, parameters: Any) -> Any:
        self.kept.append(bytearray(os.urandom(self._bytes)))
        return self._model.answer(outputs, prepared, parameters)


def leaking_loader(settings: HostSettings) -> Any:
    """The loader of a host with a leak planted in it."""
    from backends.host.models.loading import PackageLoader

    class LeakingLoader(PackageLoader):
        def open(self, *arguments: Any, **options: Any) -> Any:
            return _Leaking(super().open(*arguments, **options))

    return LeakingLoader(settings)


def soak(
    packages: Sequence[PackageReference],
    image: bytes,
    *,
    seconds: float,
    budget: int,
    clients: int = 4,
    leak: int = 0,
    least: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Report:
    """Load the host for so long, and for ``least`` requests between two notes, and note its memory."""
    report = Report(budget=budget)
    with tempfile.TemporaryDirectory(prefix="soak-") as directory:
        settings = HostSettings(
            Path(directory),
            memory_budget=budget,
            loader="bench.soak:leaking_loader" if leak else HostSettings.loader,
            environment={LEAK_VARIABLE: str(leak), **(environment or {})},
        )
        supervisor = HostSupervisor(settings)
        client = HostClient(settings.socket, before_connecting=supervisor.start)
        try:
            base = client.status()["memory"]["base"]
            for _ in range(NOTES):
                goal = report.requests + least
                _load_for(seconds / NOTES, goal, client, supervisor, packages, image, clients, base, report)
                client.unload_all(pinned=True)
                # Requests that were inside have left; the last model closes a moment later.
                time.sleep(0.1)
                report.notes.append(client.status()["memory"]["measured"])
            report.deaths = len(client.status()["crashes"])
        finally:
            client.close()
            supervisor.stop()
    return report


def _load_for(
    seconds: float,
    goal: int,
    client: HostClient,
    supervisor: HostSupervisor,
    packages: Sequence[PackageReference],
    image: bytes,
    clients: int,
    base: int,
    report: Report,
) -> None:
    end = time.monotonic() + seconds
    guard = threading.Lock()

    def work(seed: int) -> None:
        chance = random.Random(seed)
        while time.monotonic() < end or report.requests < goal:
            package = chance.choice(packages)
            # A few requests in a row, as a camera sends them; now and then several images, or a bad one.
            for _ in range(chance.randint(1, 12)):
                kind = chance.random()
                images = [image] * (3 if kind < 0.1 else 1) if kind < 0.97 else [image[:200]]
                name = ""
                try:
                    client.infer(package, images)
                except BackendError as error:
                    name = error.code
                with guard:
                    report.requests += 1
                    if name:
                        report.errors[name] = report.errors.get(name, 0) + 1
            if chance.random() < 0.02:
                client.unload(package.package_id)

    threads = [threading.Thread(target=work, args=(report.requests + n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(0.02)
        report.most = max(report.most, anonymous_memory(supervisor.host_pid or 0) - base)
    for thread in threads:
        thread.join()


def main() -> int:
    parser = argparse.ArgumentParser(description="Watches the host's memory under a long mixed load.")
    golden = Path(os.environ.get("GOLDEN_DIR", ROOT.parent / "shared" / "golden"))
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--package", type=Path, action="append", help="with model_config.json; may be repeated")
    parser.add_argument("--image", type=Path, help="default: a drawn JPEG of 512x384")
    parser.add_argument("--budget", type=int, default=256, help="MiB; should not hold all packages")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--leak", type=int, default=0, help="bytes that each request shall leak")
    options = parser.parse_args()
    directories = options.package or sorted(path for path in golden.glob("yolo*-onnx*/package") if path.is_dir())
    if not directories:
        parser.error("name packages with --package")
    packages = [_reference(path.resolve()) for path in directories]
    from bench.host import drawn_image

    image = options.image.read_bytes() if options.image else drawn_image()
    report = soak(
        packages,
        image,
        seconds=options.minutes * 60,
        budget=options.budget * MEBIBYTE,
        clients=options.clients,
        leak=options.leak,
    )
    flat = is_flat(report.notes)
    print(f"requests {report.requests}, errors {report.errors or 'none'}, deaths of the host {report.deaths}")
    print("empty host, MiB: " + " ".join(f"{note / MEBIBYTE:.1f}" for note in report.notes))
    print(f"growth {growth(report.notes) / MEBIBYTE:.1f} MiB (at most {TOLERANCE // MEBIBYTE} is flat)")
    print(f"peak under load {report.most / MEBIBYTE:.0f} MiB above the empty host; budget {options.budget} MiB")
    print("memory is flat" if flat else "memory grows: there is a leak")
    return 0 if flat != bool(options.leak) and report.deaths == 0 else 1


def _reference(directory: Path) -> PackageReference:
    config = json.loads((directory / "model_config.json").read_text())
    return PackageReference(
        directory.parent.name if directory.name == "package" else directory.name,
        directory,
        config["model_architecture"],
        config["task_type"],
        config["backend_type"],
    )


if __name__ == "__main__":
    sys.exit(main())
