"""What packages that hang, die or fill the memory while they are loaded cost the requests of a busy model.

    python -m bench.hostile [--rounds 3] [--as-root]

A server is asked over HTTP for predictions of one model by 1 and 4 clients, first undisturbed, then while two packages
are loaded: a network that never ends, whose child is killed after some seconds, and one that takes twice as much memory
with each step. Both must be refused. The figure is the 99th percentile meanwhile to that without, as medians of rounds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
from onnx import TensorProto, helper, numpy_helper

from bench._checkouts import compared
from bench._figures import Ratio, clients_name
from bench._installation import Installation, first_answer, inference_request, load_request, wait_until_idle
from bench._packages import CLASSES, SIDE, sources, varied
from bench._quiet import watched
from bench._requests import refusal_of
from bench._server import DEMO_IMAGE
from bench._user import AS_ROOT, become_ordinary
from bench.loads import BUSY, percentile_while
from bench.slow_model import write_layout

CLIENTS = (1, 4)
PERCENT = 99
MOST = 1.5
SECONDS = 5.0
MEMORY_BYTES = 2 * 1024**3
HANGING, GROWING = "hanging", "growing"
# What each does with the image again and again, and how often: 10^9 cosines are minutes, 2^15 images 40 GB.
LOOPS = {
    HANGING: (helper.make_node("Cos", ["carried"], ["next"]), 10**9),
    GROWING: (helper.make_node("Concat", ["carried", "carried"], ["next"], axis=0), 15),
}


def write_hostile(directory: Path, kind: str) -> Path:
    """Lay out a detector that does what LOOPS says, and has a weight that no other has."""
    node, times = LOOPS[kind]
    body = helper.make_graph(
        [helper.make_node("Identity", ["going"], ["on"]), node],
        "body",
        [
            helper.make_tensor_value_info("number", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("carried", TensorProto.FLOAT, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", TensorProto.FLOAT, None),
        ],
    )
    weights = [
        numpy_helper.from_array(np.array(times), "times"),
        numpy_helper.from_array(np.array(True), "yes"),
        numpy_helper.from_array(np.frombuffer(str(directory).encode(), dtype=np.uint8).astype(np.float32), "mark"),
    ]
    nodes = [
        helper.make_node("Loop", ["times", "yes", "images"], ["output0"], body=body),
        helper.make_node("Identity", ["mark"], ["marked"]),
    ]
    graph = helper.make_graph(
        nodes,
        kind,
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, None)],
        weights,
    )
    return write_layout(directory, graph, side=SIDE, classes=CLASSES)


def kill_child(server: psutil.Process) -> None:
    """End what is being prepared: the newest of the server's processes. Raises SystemExit if there is none."""
    child = max(server.children(recursive=True), key=psutil.Process.create_time)
    if child.nice() <= server.nice() or time.time() - child.create_time() > SECONDS + 1:
        raise SystemExit("No package is being prepared.")
    child.kill()


def measure(
    installation: Installation, image: bytes, token: str, models: Mapping[int, Sequence[str]]
) -> dict[int, tuple[float, float]]:
    """One round: the percentile without and with hostile ``models`` (one that hangs, one that grows), by clients."""
    busy, found = inference_request(BUSY, image, token), {}
    with installation.running() as server, ThreadPoolExecutor(1) as thread:
        first_answer(server.port, busy)

        def load(model: str) -> str:
            return refusal_of(server.port, load_request(model, token))

        for clients, (hanging, growing) in models.items():

            def disturb(hanging: str = hanging, growing: str = growing) -> None:
                refusal = thread.submit(load, hanging)
                time.sleep(SECONDS)
                kill_child(server.process)
                print(f"  {hanging}: {refusal.result()}\n  {growing}: {load(growing)}")

            wait_until_idle(server.process)
            before = percentile_while(server.port, busy, clients, lambda: time.sleep(SECONDS), PERCENT)
            found[clients] = before, percentile_while(server.port, busy, clients, disturb, PERCENT)
    return found


def run(rounds: int, folder: Path) -> dict[int, list[tuple[float, float]]]:
    """By number of clients, the percentiles of each round."""
    plan = [
        {clients: [f"{kind}-{clients}/{number + 1}" for kind in LOOPS] for clients in CLIENTS}
        for number in range(rounds)
    ]
    packages = varied(sources(folder)[0], folder, {BUSY: 0})
    for models in (models for part in plan for models in part.values()):
        packages |= {
            model: write_hostile(folder / model.replace("/", "-"), kind)
            for kind, model in zip(LOOPS, models, strict=True)
        }
    (checkout,) = compared(None)
    (folder / "installation").mkdir()
    installation = Installation(checkout, folder / "installation")
    installation.publish(packages, tried=False)
    installation.start_once()
    token, image = installation.token(), DEMO_IMAGE.read_bytes()
    found: dict[int, list[tuple[float, float]]] = {clients: [] for clients in CLIENTS}
    for part in plan:
        for clients, pair in measure(installation, image, token, part).items():
            found[clients].append(pair)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description="What packages that hang, die or grow cost the requests of a busy model."
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(AS_ROOT, action="store_true", help="stay root, where root starts the bench")
    options = parser.parse_args()
    become_ordinary("bench.hostile")
    # What a child may take too. Some machines give a process new memory at 200 MB a second.
    os.environ["MODEL_HOST_MEMORY_BYTES"] = str(MEMORY_BYTES)
    with watched(), tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for clients, pairs in run(options.rounds, Path(directory)).items():
            before, during = (statistics.median(column) for column in zip(*pairs, strict=True))
            print(f"{clients_name(clients)}: {before:.1f} ms undisturbed, {during:.1f} ms beside hostile packages")
            print(Ratio(f"{PERCENT}th percentile of {clients_name(clients)}", during, before, most=MOST))
    return 0


if __name__ == "__main__":
    sys.exit(main())
