"""How fast packages run on this machine, measured through the model host, as requests are served."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from io import BytesIO
from statistics import median

import numpy as np
from PIL import Image, ImageDraw

from backends.host.transport.client import HostClient
from backends.package_reference import PackageReference
from inference_app.services import environment, hosts, inference
from inference_app.services.machines import this_server
from inference_app.services.selection import Rules
from inference_app.services.what_if import ask
from negotiation import NegotiationRequest
from packages_app.models import Package, PackageBenchmark
from registry.models import Model

IN_FLIGHT = 4
WARM_UP = 3
LEAST_RUNS = 3
IMAGE_SIZE = (640, 480)
LOAD_DEADLINE_SECONDS = 300.0
RUN_DEADLINE_SECONDS = 60.0


@dataclass(frozen=True)
class Figures:
    """What was measured with one image a request, decoding included.

    Latencies in milliseconds with one request at a time; ``images_per_second`` with ``in_flight`` requests at
    a time; ``load_ms`` as the host measured it; ``memory_bytes`` as the host accounts the loaded model.
    """

    latency_ms: float
    latency_p95_ms: float
    images_per_second: float
    in_flight: int
    load_ms: float
    memory_bytes: int
    image: str


def runnable_packages(model: Model) -> list[Package]:
    """The published packages that this machine can run, best first."""
    answer = ask(model, this_server(), NegotiationRequest(), Rules.SERVER)
    return [answer.packages.packages[index] for index in answer.explanation.survivor_indexes]


def benchmark(package: Package, *, seconds: float) -> PackageBenchmark:
    """Measure for about ``seconds``, half of them for each way of asking, and keep the figures.

    Figures of an earlier benchmark in the same environment are replaced. Raises the errors of backends.
    """
    figures = measure(hosts.client(), inference.reference(package), seconds=seconds)
    described = environment.describe()
    benchmark, _ = PackageBenchmark.objects.update_or_create(
        package=package,
        environment_fingerprint=described["fingerprint"],
        defaults={"environment": described["environment"], "figures": asdict(figures)},
    )
    return benchmark


def measure(client: HostClient, reference: PackageReference, *, seconds: float) -> Figures:
    """Run one package through a host. It stays loaded if it was, and is unloaded if it was not."""
    before = {info.package_id for info in client.loaded()}
    client.load(reference, deadline_s=LOAD_DEADLINE_SECONDS)
    new = [info for info in client.loaded() if info.package_id not in before]
    loaded = next(
        info for info in [*new, *client.loaded()] if info.package_id.partition("#")[0] == reference.package_id
    )
    image = benchmark_image()

    def run() -> float:
        started = time.perf_counter()
        client.infer(reference, [image], {}, RUN_DEADLINE_SECONDS)
        return (time.perf_counter() - started) * 1000

    try:
        for _ in range(WARM_UP):
            run()
        alone = sorted(_until(time.perf_counter() + seconds / 2, run))
        rate = _throughput(run, seconds / 2)
    finally:
        if loaded.package_id not in before:
            client.unload(loaded.package_id)
    return Figures(
        latency_ms=round(median(alone), 3),
        latency_p95_ms=round(alone[int(0.95 * (len(alone) - 1))], 3),
        images_per_second=round(rate, 2),
        in_flight=IN_FLIGHT,
        load_ms=round(loaded.load_ms, 1),
        memory_bytes=loaded.bytes,
        image=f"JPEG, {IMAGE_SIZE[0]} x {IMAGE_SIZE[1]}",
    )


def _until(end: float, run: Callable[[], float]) -> list[float]:
    """Run until ``end``, and a few times even on a machine for which that is too soon."""
    durations: list[float] = []
    while time.perf_counter() < end or len(durations) < LEAST_RUNS:
        durations.append(run())
    return durations


def _throughput(run: Callable[[], float], seconds: float) -> float:
    """Images a second with IN_FLIGHT requests at a time. The first failure is raised."""
    counts: list[int] = []
    failures: list[Exception] = []
    started = time.perf_counter()

    def work() -> None:
        try:
            counts.append(len(_until(started + seconds, run)))
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, name=f"benchmark-{number}") for number in range(IN_FLIGHT)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts) / (time.perf_counter() - started)


@cache
def benchmark_image() -> bytes:
    """A JPEG of shapes on a ground with texture; the same bytes for every benchmark."""
    width, height = IMAGE_SIZE
    ground = np.random.default_rng(7).integers(90, 140, size=(height, width, 3), dtype=np.uint8)
    image = Image.fromarray(ground)
    pen = ImageDraw.Draw(image)
    pen.ellipse((80, 90, 240, 250), fill=(200, 60, 50))
    pen.rectangle((330, 60, 520, 210), fill=(50, 90, 200))
    pen.polygon([(300, 420), (390, 270), (480, 420)], fill=(60, 170, 80))
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()
