"""What loads cost the requests of a busy model: the 95th percentile beside five loads to that without.

    python -m bench.loads [--rounds 3] [--against REVISION] [--tried] [--as-root]

A server is asked over HTTP for predictions of one model by 1, 2, 4 and 16 clients, first undisturbed, then while five
other packages, which nobody asked for before, are loaded one after the other. They are loaded and not asked for an
answer, which is a request beside the others' and no part of a load. `--tried`: the others had a trial run
when they were inspected. Servers of all revisions take turns, round by round, each started anew; figures are medians of
the rounds. The models are those of GOLDEN_DIR (by default ../shared/golden), each with a changed weight, or a generated
one of the same size.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench._checkouts import Checkout, add_options, compared
from bench._figures import Ratio, clients_name, percentile
from bench._installation import Installation, first_answer, inference_request, load_request, wait_until_idle
from bench._packages import model_ids, sources, varied
from bench._quiet import watched
from bench._requests import exchange
from bench._server import DEMO_IMAGE
from bench._user import become_ordinary

BUSY = "busy/1"
LOADS = 5
CLIENTS = (1, 2, 4, 16)
MOST = 1.3
UNDISTURBED_SECONDS = 2.5


@dataclass(frozen=True)
class Cost:
    """95th percentiles of a busy model in ms, without and with loads, and the ms that one load took."""

    before: float
    during: float
    load: float

    @property
    def ratio(self) -> float:
        return self.during / self.before


def middle(costs: Sequence[Cost]) -> Cost:
    columns = zip(*((each.before, each.during, each.load) for each in costs), strict=True)
    return Cost(*(statistics.median(column) for column in columns))


def percentile_while(port: int, request: bytes, clients: int, other: Callable[[], None], percent: int = 95) -> float:
    """The percentile ``percent`` of the latency in ms of ``clients``, for as long as ``other`` takes."""
    stop = threading.Event()

    def ask() -> list[float]:
        times = []
        with socket.create_connection(("127.0.0.1", port), timeout=120) as connection:
            while not stop.is_set():
                started = time.perf_counter()
                exchange(connection, request)
                times.append((time.perf_counter() - started) * 1000)
        return times

    with ThreadPoolExecutor(clients) as threads:
        asking = [threads.submit(ask) for _ in range(clients)]
        try:
            other()
        finally:
            stop.set()
        return percentile([value for each in asking for value in each.result()], percent)


def measure(
    installation: Installation, image: bytes, token: str, others: Mapping[int, Sequence[str]]
) -> dict[int, Cost]:
    """One round; ``others`` are the ids of the models to load by the number of clients."""
    busy = inference_request(BUSY, image, token)
    costs = {}
    with installation.running() as server:
        first_answer(server.port, busy)
        for clients, models in others.items():
            wait_until_idle(server.process)
            before = percentile_while(server.port, busy, clients, lambda: time.sleep(UNDISTURBED_SECONDS))
            loads: list[float] = []

            def load(models: Sequence[str] = models, loads: list[float] = loads) -> None:
                for model in models:
                    loads.append(first_answer(server.port, load_request(model, token)) * 1000)

            during = percentile_while(server.port, busy, clients, load)
            costs[clients] = Cost(before, during, statistics.median(loads))
    return costs


def run(checkouts: Sequence[Checkout], rounds: int, folder: Path, *, tried: bool) -> dict[str, dict[int, Cost]]:
    """By revision and number of clients."""
    ids = iter(list(model_ids("other", rounds * len(CLIENTS) * LOADS)))
    plan = [{clients: [next(ids) for _ in range(LOADS)] for clients in CLIENTS} for _ in range(rounds)]
    every = [model for part in plan for models in part.values() for model in models]
    available = sources(folder)
    packages = varied(available[0], folder, {BUSY: 0})
    for number, source in enumerate(available):
        packages |= varied(source, folder, {model: k + 1 for k, model in enumerate(every[number :: len(available)])})

    def prepare(checkout: Checkout) -> tuple[Installation, str]:
        (folder / checkout.name).mkdir()
        installation = Installation(checkout, folder / checkout.name)
        installation.publish(packages, tried=tried)
        installation.start_once()
        return installation, installation.token()

    with ThreadPoolExecutor(len(checkouts)) as threads:
        installations = list(threads.map(prepare, checkouts))
    image = DEMO_IMAGE.read_bytes()
    found: dict[str, dict[int, list[Cost]]] = {checkout.name: {} for checkout in checkouts}
    for part in plan:
        for installation, token in installations:
            for clients, cost in measure(installation, image, token, part).items():
                found[installation.checkout.name].setdefault(clients, []).append(cost)
    return {name: {clients: middle(costs) for clients, costs in each.items()} for name, each in found.items()}


def show(found: Mapping[str, Mapping[int, Cost]]) -> None:
    print(f"95th percentile in ms of a busy model, undisturbed and beside {LOADS} loads, and ms of one load:")
    print(f"{'':12}{'clients':>9}{'before':>10}{'during':>10}{'ratio':>8}{'a load':>10}")
    for name, costs in found.items():
        for clients, cost in costs.items():
            print(f"{name:12}{clients:9}{cost.before:10.2f}{cost.during:10.2f}{cost.ratio:8.2f}{cost.load:10.0f}")
    print()
    present, *older = found
    for clients, cost in found[present].items():
        print(Ratio(f"{clients_name(clients)}, beside loads to undisturbed", cost.during, cost.before, most=MOST))
    for name in older:
        for clients, cost in found[present].items():
            print(Ratio(f"{clients_name(clients)} beside loads, to {name}", cost.during, found[name][clients].during))


def main() -> int:
    parser = argparse.ArgumentParser(description="What loads cost the requests of a busy model.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tried", action="store_true", help="load packages that had a trial run here")
    add_options(parser)
    options = parser.parse_args()
    checkouts = compared(options.against)
    become_ordinary("bench.loads")
    with watched(), tempfile.TemporaryDirectory(prefix="bench-") as directory:
        show(run(checkouts, options.rounds, Path(directory), tried=options.tried))
    return 0


if __name__ == "__main__":
    sys.exit(main())
