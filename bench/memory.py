"""What servers hold in memory with eight models loaded.

    python -m bench.memory [--rounds 1] [--against REVISION] [--as-root]

Each revision's server, and the reference server (.venvs/peer; scripts/peer-environment.sh makes it), is measured alone,
as what two servers map together would count half: run nothing else from the same environments. Reported is the
proportional set size (`Pss` of smaps_rollup) of all its processes, once they are idle: before the first prediction, and
with eight models that answered twice each. They are the YOLOv8n of GOLDEN_DIR with a changed weight each, or a
generated one of the same size, so that no two have a file in common.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psutil

from bench import _peer
from bench._checkouts import Checkout
from bench._comparison import REFERENCE, compare
from bench._figures import Ratio
from bench._installation import Installation, RunningServer, first_answer, inference_request, wait_until_idle
from bench._packages import DETECTOR, model_ids, sources, varied
from bench._server import DEMO_IMAGE

MODELS = 8
MEBIBYTE = 2**20


@dataclass(frozen=True)
class Held:
    """MiB of all processes of a server, at rest and with all models loaded."""

    rest: float
    loaded: float

    @property
    def each(self) -> float:
        return (self.loaded - self.rest) / MODELS


def middle(rounds: Sequence[Held]) -> Held:
    return Held(statistics.median(each.rest for each in rounds), statistics.median(each.loaded for each in rounds))


def targets(found: Mapping[str, Held], against: str | None) -> Iterator[Ratio]:
    """What is wanted of the present revision, as far as the other side was measured."""
    present = next(iter(found.values()))
    for other, most in ((against, 0.6), (REFERENCE, 0.3)):
        if other is not None and other in found:
            yield Ratio(f"{MODELS} models loaded, to {other}", present.loaded, found[other].loaded, most=most)
            yield Ratio(f"at rest, to {other}", present.rest, found[other].rest)
            yield Ratio(f"a model more, to {other}", present.each, found[other].each)


def proportional_set_size(process: psutil.Process) -> float:
    """MiB of a process and of all that it started."""
    every = [process, *process.children(recursive=True)]
    return sum(each.memory_full_info().pss for each in every) / MEBIBYTE


def ask_twice(server: RunningServer, requests: Sequence[bytes]) -> None:
    for request in requests:
        for _ in range(2):
            first_answer(server.port, request)
    wait_until_idle(server.process)


def measure(installation: Installation, requests: Sequence[bytes]) -> Held:
    with installation.running() as server:
        wait_until_idle(server.process)
        rest = proportional_set_size(server.process)
        ask_twice(server, requests)
        return Held(rest, proportional_set_size(server.process))


def measure_peer(provider: Installation, requests: Sequence[bytes], folder: Path) -> Held:
    """Its provider has ended when it is measured."""
    with ExitStack() as stack:
        with provider.running() as ours:
            work = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=folder)))
            peer = stack.enter_context(_peer.running_peer(f"http://127.0.0.1:{ours.port}", work))
            wait_until_idle(peer.process)
            rest = proportional_set_size(peer.process)
            ask_twice(peer, requests)
        return Held(rest, proportional_set_size(peer.process))


def run(checkouts: Sequence[Checkout], rounds: int, folder: Path) -> dict[str, Held]:
    """By revision, the present one first, and the reference server's if it is there."""
    image, models = DEMO_IMAGE.read_bytes(), list(model_ids("bench", MODELS))
    (source,) = sources(folder, [DETECTOR])
    packages = varied(source, folder, {model: number for number, model in enumerate(models)})
    measurements: dict[str, Callable[[], Held]] = {}
    for checkout in checkouts:
        (folder / checkout.name).mkdir()
        installation = Installation(checkout, folder / checkout.name)
        installation.publish(packages, tried=True)
        installation.start_once()
        token = installation.token()
        requests = [inference_request(model, image, token) for model in models]
        measurements[checkout.name] = partial(measure, installation, requests)
        if checkout == checkouts[0] and _peer.is_installed():
            theirs = [_peer.inference_request(model, image, token) for model in models]
            measurements[REFERENCE] = partial(measure_peer, installation, theirs, folder)
    found: dict[str, list[Held]] = {}
    for _ in range(rounds):
        for name, measurement in measurements.items():
            found.setdefault(name, []).append(measurement())
    return {name: middle(each) for name, each in found.items()}


def show(found: Mapping[str, Held], against: str | None) -> None:
    print(f"Proportional set size of all processes in MiB, at rest and with {MODELS} models:")
    print(f"{'':12}{'rest':>10}{'loaded':>10}{'a model':>10}")
    for name, held in found.items():
        print(f"{name:12}{held.rest:10.1f}{held.loaded:10.1f}{held.each:10.1f}")
    print()
    for ratio in targets(found, against):
        print(ratio)


def main() -> int:
    return compare(
        "bench.memory", "What servers hold in memory with eight models loaded.", rounds=1, run=run, show=show
    )


if __name__ == "__main__":
    sys.exit(main())
