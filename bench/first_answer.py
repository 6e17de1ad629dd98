"""How long the first answer of a model takes, and the start of a server.

    python -m bench.first_answer [--rounds 3] [--against REVISION] [--as-root]

In each round each revision's server is started on a data directory that a server was started on before. Reported are

* from the start of the process to its first answer at all (`/healthz`);
* the very first prediction, right after that;
* then, when the server is idle again, the first predictions of seven different models one after the other: such as had
  a trial run on this machine when they were inspected, and such as had none. None was loaded by a server before.

The reference server (.venvs/peer; scripts/peer-environment.sh makes it) answers for seven models a round too, whose
files it fetches from a server of ours first. It is started once, as its start takes half a minute. Models are the
YOLOv8n of GOLDEN_DIR, each with a changed weight, or a generated one of the same size; figures are medians.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import _peer
from bench._checkouts import Checkout
from bench._comparison import REFERENCE, compare
from bench._figures import Ratio
from bench._installation import Installation, first_answer, inference_request, wait_until_idle
from bench._packages import DETECTOR, model_ids, sources, varied
from bench._server import DEMO_IMAGE

MODELS = 7
START, VERY_FIRST, TRIED, UNTRIED = "start", "very first answer", "tried before", "never tried"
Ask = Callable[[str], float]


@dataclass
class Times:
    """Seconds by what was measured, all rounds together."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, *seconds: float) -> None:
        self.seconds.setdefault(name, []).extend(seconds)

    def middle(self, name: str) -> float | None:
        return statistics.median(self.seconds[name]) if name in self.seconds else None


@dataclass(frozen=True)
class Plan:
    """The ids of the models that each round asks for, all of them once."""

    very_first: Sequence[str]
    tried: Sequence[str]
    untried: Sequence[str]

    def of_round(self, number: int) -> tuple[str, Sequence[str], Sequence[str]]:
        part = slice(number * MODELS, (number + 1) * MODELS)
        return self.very_first[number], self.tried[part], self.untried[part]


def plan_for(rounds: int) -> Plan:
    count = rounds * MODELS
    return Plan(*(list(model_ids(*each)) for each in (("first", rounds), ("tried", count), ("untried", count))))


def targets(found: Mapping[str, Times], against: str | None) -> Iterator[Ratio]:
    """What is wanted of the present revision, as far as the other side was measured."""
    wanted: list[tuple[str, str | None, str, float | None]] = [
        (TRIED, against, UNTRIED, 0.4), (TRIED, REFERENCE, UNTRIED, 1.0), (UNTRIED, against, UNTRIED, 1.5),
        (VERY_FIRST, against, VERY_FIRST, 0.4), (START, against, START, 0.7),
        (VERY_FIRST, REFERENCE, VERY_FIRST, None), (UNTRIED, REFERENCE, UNTRIED, None), (START, REFERENCE, START, None),
    ]  # fmt: skip
    present = next(iter(found.values()))
    for name, other, reference_name, most in wanted:
        value = present.middle(name)
        if value is None or other is None or other not in found:
            continue
        reference = found[other].middle(reference_name)
        if reference is not None:
            yield Ratio(f"{name}, to {other}", value, reference, most=most)


def measure(installation: Installation, image: bytes, token: str, plan: Plan, number: int, times: Times) -> None:
    """One round of one revision."""
    very_first, tried, untried = plan.of_round(number)
    with installation.running() as server:
        times.add(START, server.start_seconds)

        def ask(model: str) -> float:
            return first_answer(server.port, inference_request(model, image, token))

        times.add(VERY_FIRST, ask(very_first))
        for name, models in ((TRIED, tried), (UNTRIED, untried)):
            wait_until_idle(server.process)
            times.add(name, *(ask(model) for model in models))


def prepare(plan: Plan, packages: Mapping[str, Path], folder: Path, checkout: Checkout) -> tuple[Installation, str]:
    folder.mkdir()
    installation = Installation(checkout, folder)
    installation.publish({model: packages[model] for model in (*plan.very_first, *plan.tried)}, tried=True)
    installation.publish({model: packages[model] for model in plan.untried}, tried=False)
    installation.start_once()
    return installation, installation.token()


def run(checkouts: Sequence[Checkout], rounds: int, folder: Path) -> dict[str, Times]:
    """By revision, the present one first, and the reference server's if it is there."""
    plan, image = plan_for(rounds), DEMO_IMAGE.read_bytes()
    every = [*plan.very_first, *plan.tried, *plan.untried]
    (source,) = sources(folder, [DETECTOR])
    packages = varied(source, folder, {model: number for number, model in enumerate(every)})
    with ThreadPoolExecutor(len(checkouts)) as threads:
        making = [threads.submit(prepare, plan, packages, folder / each.name, each) for each in checkouts]
        installations = [each.result() for each in making]
    found = {checkout.name: Times() for checkout in checkouts}
    with ExitStack() as stack:
        ask_peer: Ask | None = None
        if _peer.is_installed():
            found[REFERENCE] = Times()
            provider, token = prepare_provider(checkouts[0], plan, packages, folder / "provider")
            address = f"http://127.0.0.1:{stack.enter_context(provider.running()).port}"
            peer = stack.enter_context(_peer.running_peer(address, folder / "peer"))
            found[REFERENCE].add(START, peer.start_seconds)
            ask_peer = partial(first_answer_of_peer, peer.port, image, token)
            found[REFERENCE].add(VERY_FIRST, ask_peer(plan.very_first[0]))
        for number in range(rounds):
            for installation, token in installations:
                measure(installation, image, token, plan, number, found[installation.checkout.name])
            if ask_peer is not None:
                os.sync()
                found[REFERENCE].add(UNTRIED, *map(ask_peer, plan.of_round(number)[2]))
    return found


def prepare_provider(
    checkout: Checkout, plan: Plan, packages: Mapping[str, Path], folder: Path
) -> tuple[Installation, str]:
    """Where the reference server gets its models from: nothing is asked of it while another is measured."""
    folder.mkdir()
    provider = Installation(checkout, folder)
    models = [plan.very_first[0], *plan.untried]
    provider.publish({model: packages[model] for model in models}, tried=False)
    provider.start_once()
    return provider, provider.token()


def first_answer_of_peer(port: int, image: bytes, token: str, model: str) -> float:
    return first_answer(port, _peer.inference_request(model, image, token))


def show(found: Mapping[str, Times], against: str | None) -> None:
    names = (START, VERY_FIRST, TRIED, UNTRIED)
    print("Seconds, medians (least to most):")
    print(f"{'':12}" + "".join(f"{name:>24}" for name in names))
    for server, times in found.items():
        cells = []
        for name in names:
            seconds = times.seconds.get(name)
            cells.append(
                f"{statistics.median(seconds):.3f} ({min(seconds):.3f} to {max(seconds):.3f})" if seconds else ""
            )
        print(f"{server:12}" + "".join(f"{cell:>24}" for cell in cells))
    print()
    for ratio in targets(found, against):
        print(ratio)


def main() -> int:
    return compare("bench.first_answer", "How long first answers and starts take.", rounds=3, run=run, show=show)


if __name__ == "__main__":
    sys.exit(main())
