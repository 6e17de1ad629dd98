"""What serving costs, in one run on one machine with the same model and image.

    python -m bench.inference [--seconds 4] [--rounds 5] [--against REVISION] [--as-root] [--json FILE]

Measured in turns, round by round, because a shared machine's pace drifts; the figures are medians of the rounds:

* the bare loop: decode, letterbox, session run, suppression in one process, with the threads that give the most
  throughput (one a run, as many runs as cores) and with those that give the best latency (all cores for one run),
  both on the file as it is, which is what the targets compare with; and, to tell what our host's rewriting of the
  graph does from what the rest does, the first of them once more on the graph as rewritten;
* our model host, called from this process;
* our server over HTTP, started by `manage.py serve`, with an access token and a private model, and beside it that of
  an older revision if one is named;
* the reference library (.venvs/client; scripts/client-environments.sh makes it), called in its own process;
* the reference server over HTTP (.venvs/peer; scripts/peer-environment.sh makes it), which gets the model from ours.

Then instance segmentation of an image of 3000x2000, ours beside the reference library's. What is not installed is left
out, and said so. CPU time is that of the web server and the model host together, without the client. The model is
the YOLOv8n of GOLDEN_DIR (by default ../shared/golden), or else the demo model.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import cv2
import psutil

from backends.host import HostClient, HostSettings, HostSupervisor
from backends.onnx.rewrites import write_rewritten
from bench import _peer
from bench._checkouts import PRESENT, Checkout, add_options, compared
from bench._figures import Figures, clients_name, middle, verdict
from bench._installation import Installation, RunningServer, inference_request
from bench._packages import DETECTOR, GOLDEN, NAMES, WEIGHTS, sources
from bench._quiet import watched
from bench._requests import answer_to, load
from bench._server import DEMO_IMAGE, ROOT
from bench._user import become_ordinary
from bench.host import CLIENTS, BareLoop, measure, reference_for

SEGMENTER = GOLDEN / NAMES[1]
LARGE_IMAGE = GOLDEN / "images" / "shapes_big_3000x2000.jpg"
MODEL = "bench/1"
CLIENT_PYTHON = ROOT / ".venvs" / "client" / "bin" / "python"
Measurement = Callable[[float], Figures]


@dataclass(frozen=True)
class Target:
    """A ratio of two figures, and the least or the most that is wanted of it."""

    name: str
    ratio: Callable[[Mapping[str, Figures]], float]
    least: float | None = None
    most: float | None = None


SERVER = "server"
# What medians of five rounds of the same code differ by, at most, on two cores of a shared machine.
NOISE = 0.05
BARE, BARE_LATENCY, REFERENCE = "bare loop, throughput", "bare loop, latency", "reference library"
TARGETS = (
    Target(
        "throughput over HTTP with 16 clients, to the bare loop's best",
        lambda found: found["server, 16 clients"].throughput / best_bare(found),
        least=0.92,
    ),
    Target(
        "throughput over HTTP with 16 clients, to the reference server's",
        lambda found: found["server, 16 clients"].throughput / found["reference server, 16 clients"].throughput,
        least=1.4,
    ),
    Target(
        "CPU time a request with 16 clients, to the bare loop's",
        lambda found: found["server, 16 clients"].cpu_ms / found[BARE].cpu_ms,
        most=1.15,
    ),
    Target(
        "median latency of one client, to the bare loop's best",
        lambda found: found["server, 1 client"].median_ms / found[BARE_LATENCY].median_ms,
        most=1.2,
    ),
    Target(
        "median latency of one client, to the reference server's",
        lambda found: found["server, 1 client"].median_ms / found["reference server, 1 client"].median_ms,
        most=0.8,
    ),
)


def targets_against(revision: str) -> tuple[Target, ...]:
    """No slower than an older revision, but for what two runs of the same code differ by."""
    older = f"{SERVER} of {revision}"
    return (
        Target(
            f"throughput over HTTP with 16 clients, to that of {revision}",
            lambda found: found[f"{SERVER}, 16 clients"].throughput / found[f"{older}, 16 clients"].throughput,
            least=1 - NOISE,
        ),
        Target(
            f"median latency of one client, to that of {revision}",
            lambda found: found[f"{SERVER}, 1 client"].median_ms / found[f"{older}, 1 client"].median_ms,
            most=1 + NOISE,
        ),
    )


def best_bare(found: Mapping[str, Figures]) -> float:
    return max(found[BARE].throughput, found[BARE_LATENCY].throughput)


@dataclass
class Bench:
    """What is measured, in order, and what each found in the image."""

    package: Path
    image: Path
    folder: Path
    plan: dict[str, Measurement] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)

    def add_bare_loop(self) -> None:
        cores = len(os.sched_getaffinity(0))
        content = self.image.read_bytes()
        network = self.package / WEIGHTS
        many, one = BareLoop(network, content, 1), BareLoop(network, content, cores)
        rewritten = self.folder / "rewritten.onnx"
        ours = BareLoop(rewritten if write_rewritten(network, rewritten) else network, content, 1)
        self.plan[BARE] = lambda seconds: measure(many, cores, seconds)
        self.plan[BARE_LATENCY] = lambda seconds: measure(one, 1, seconds)
        self.plan["bare loop, rewritten graph"] = lambda seconds: measure(ours, cores, seconds)
        self.objects["bare loop"] = len(many())

    @contextmanager
    def host(self) -> Iterator[None]:
        content, reference = self.image.read_bytes(), reference_for(self.package)
        supervisor = HostSupervisor(HostSettings(self.folder / "host"))
        client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start)
        try:
            self.objects["model host"] = len(client.infer(reference, [content]).results[0]["predictions"])
            pid = supervisor.host_pid or 0
            for clients in CLIENTS:
                self.plan[f"model host, {clients_name(clients)}"] = partial(
                    measure, partial(client.infer, reference, [content]), clients, other_pid=pid
                )
            yield
        finally:
            client.close()
            supervisor.stop()

    @contextmanager
    def server(self, checkout: Checkout) -> Iterator[tuple[str, str]]:
        """Our server in one of its revisions: its address, and an access token."""
        folder = self.folder / checkout.name
        folder.mkdir()
        installation = Installation(checkout, folder)
        installation.publish({MODEL: self.package}, tried=True)
        token = installation.token()
        installation.start_once()
        with installation.running() as server:
            name = SERVER if checkout.name == PRESENT else f"{SERVER} of {checkout.name}"
            self._add_server(name, server, inference_request(MODEL, self.image.read_bytes(), token))
            yield f"http://127.0.0.1:{server.port}", token

    @contextmanager
    def peer(self, address: str, token: str) -> Iterator[None]:
        with _peer.running_peer(address, self.folder / "peer") as server:
            request = _peer.inference_request(MODEL, self.image.read_bytes(), token)
            self._add_server("reference server", server, request)
            yield

    def _add_server(self, name: str, server: RunningServer, request: bytes) -> None:
        self.objects[name] = len(json.loads(answer_to(server.port, request))["predictions"])
        for clients in CLIENTS:
            self.plan[f"{name}, {clients_name(clients)}"] = partial(
                load, server.port, request, clients, server=server.process
            )

    @contextmanager
    def reference(self) -> Iterator[None]:
        with (self.folder / "reference.log").open("wb") as log:
            process = subprocess.Popen(
                [str(CLIENT_PYTHON), "-m", "bench._reference", str(self.package), str(self.image)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        questions, answers = process.stdin, process.stdout
        assert questions is not None
        assert answers is not None

        def ask(seconds: float) -> Figures:
            questions.write(f"{seconds}\n")
            questions.flush()
            answer = json.loads(answers.readline())
            self.objects[REFERENCE] = answer["objects"]
            return Figures(**answer["figures"])

        try:
            ask(0.5)
            self.plan[REFERENCE] = ask
            yield
        finally:
            questions.close()
            process.wait(30)

    def run(self, seconds: float, rounds: int) -> dict[str, Figures]:
        found: dict[str, list[Figures]] = {name: [] for name in self.plan}
        for _ in range(rounds):
            for name, measurement in self.plan.items():
                found[name].append(measurement(seconds))
        return {name: middle(figures) for name, figures in found.items()}


def segmentation(folder: Path) -> dict[str, float]:
    """Milliseconds of the segmenter on the large image, `ours` and `reference`'s, from `bench.families`."""
    packages, images, rows = folder / "packages", folder / "images", folder / "rows.json"
    packages.mkdir()
    images.mkdir()
    (packages / SEGMENTER.name).symlink_to(SEGMENTER)
    (images / LARGE_IMAGE.name).symlink_to(LARGE_IMAGE)
    command = [str(CLIENT_PYTHON), "-m", "bench.families", "--json", str(rows)]
    subprocess.run(
        [*command, "--packages", str(packages), "--images", str(images)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (row,) = json.loads(rows.read_text())
    return {"ours": row["ours"], "reference": row["reference"]}


def prepare_image(folder: Path) -> Path:
    """A JPEG of 512x384 with objects that the model knows."""
    source = GOLDEN / "images" / "shapes_wide_640x426.png"
    if not source.exists():
        source = DEMO_IMAGE
    path = folder / "image.jpg"
    image = cv2.resize(cv2.imread(str(source), cv2.IMREAD_COLOR), (512, 384), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return path


def show(found: Mapping[str, Figures], targets: Sequence[Target]) -> None:
    print(f"{'':30}{'a second':>10}{'to bare':>9}{'median ms':>11}{'p95 ms':>9}{'CPU ms':>9}{'to bare':>9}")
    best, cpu = best_bare(found), found[BARE].cpu_ms
    for name, figures in found.items():
        print(
            f"{name:30}{figures.throughput:10.1f}{figures.throughput / best:9.2f}{figures.median_ms:11.2f}"
            f"{figures.p95_ms:9.2f}{figures.cpu_ms:9.2f}{figures.cpu_ms / cpu:9.2f}"
        )
    print()
    for target in targets:
        try:
            value = target.ratio(found)
        except KeyError:
            continue
        print(f"{value:7.3f}  {target.name} ({verdict(value, least=target.least, most=target.most)})")


def main() -> int:
    parser = argparse.ArgumentParser(description="What serving costs, to the bare loop and to the reference.")
    parser.add_argument("--seconds", type=float, default=4.0, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    add_options(parser)
    options = parser.parse_args()
    checkouts = compared(options.against)
    become_ordinary("bench.inference", writes=[options.json] if options.json else [])
    cv2.setNumThreads(0)
    missing: list[str] = []
    with watched(), tempfile.TemporaryDirectory(prefix="bench-") as directory, ExitStack() as stack:
        folder = Path(directory)
        (package,) = sources(folder, [DETECTOR])
        bench = Bench(package, prepare_image(folder), folder)
        bench.add_bare_loop()
        stack.enter_context(bench.host())
        address, token = stack.enter_context(bench.server(checkouts[0]))
        for checkout in checkouts[1:]:
            stack.enter_context(bench.server(checkout))
        if CLIENT_PYTHON.exists():
            stack.enter_context(bench.reference())
        else:
            missing.append("the reference library: scripts/client-environments.sh installs it")
        if _peer.is_installed():
            stack.enter_context(bench.peer(address, token))
        else:
            missing.append(_peer.NOT_INSTALLED)
        found = bench.run(options.seconds, options.rounds)
    name = package.parent.name if package.name == "package" else package.name
    print(f"{name}, {options.rounds} rounds of {options.seconds:g} s, {psutil.cpu_count()} cores, ", end="")
    print(f"objects found: {', '.join(f'{name} {count}' for name, count in bench.objects.items())}")
    show(found, [*TARGETS, *(targets_against(options.against) if options.against else ())])
    figures = {name: asdict(values) for name, values in found.items()}
    if SEGMENTER.is_dir() and CLIENT_PYTHON.exists():
        with tempfile.TemporaryDirectory(prefix="bench-") as directory:
            figures["segmentation at 3000x2000"] = milliseconds = segmentation(Path(directory))
        ratio = milliseconds["reference"] / milliseconds["ours"]
        print(
            f"{ratio:7.3f}  segmentation at 3000x2000, speed to the reference library's ({verdict(ratio, least=3.0)})"
        )
        print(f"         ours {milliseconds['ours']:.1f} ms, the reference's {milliseconds['reference']:.1f} ms")
    else:
        missing.append("segmentation at 3000x2000: it needs GOLDEN_DIR and the reference library")
    for what in missing:
        print(f"Not measured: {what}.")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
