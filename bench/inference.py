"""What serving costs, in one run on one machine with the same model and picture.

    python -m bench.inference [--seconds 4] [--rounds 5] [--json FILE]

Measured in turns, round by round, because a shared machine's pace drifts; the figures are medians of the rounds:

* the bare loop: decode, letterbox, session run, suppression in one process, with the threads that give the most
  throughput (one a run, as many runs as cores) and with those that give the best latency (all cores for one run),
  both on the file as it is, which is what the targets compare with; and, to tell what our host's rewriting of the
  graph does from what the rest does, the first of them once more on the graph as rewritten;
* our model host, called from this process;
* our server over HTTP, started by `manage.py serve`, with an access token and a private model;
* the reference library (.venvs/client; scripts/client-environments.sh makes it), called in its own process;
* the reference server over HTTP (.venvs/peer; scripts/peer-environment.sh makes it), which gets the model from ours.

Then instance segmentation of a picture of 3000x2000, ours beside the reference library's. What is not installed is left
out, and said so. CPU time is that of the web server and the model host together, without the client. The model is
the YOLOv8n of GOLDEN_DIR (by default ../shared/golden), or else the demo model.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import cv2
import psutil

from backends.host import HostClient, HostSettings, HostSupervisor
from backends.onnx.rewrites import rewritten
from bench._requests import answer_to, load, post, running
from bench._server import ROOT, free_port
from bench.host import CLIENTS, WEIGHTS, BareLoop, Figures, measure, middle, reference_for

GOLDEN = Path(os.environ.get("GOLDEN_DIR") or ROOT.parent / "shared" / "golden")
DETECTOR = GOLDEN / "yolov8n-shapes-od-onnx-static" / "package"
SEGMENTER = GOLDEN / "yolov8n-shapes-seg-onnx-static"
LARGE_PICTURE = GOLDEN / "images" / "shapes_big_3000x2000.jpg"
# The reference server wants two parts with a slash between.
MODEL = "bench/1"
CLIENT_PYTHON = ROOT / ".venvs" / "client" / "bin" / "python"
PEER_PYTHON = ROOT / ".venvs" / "peer" / "bin" / "python"
# It serves its landing page from its working directory and does not start without one.
PEER_FOLDERS = ("inference/landing/out/static", "inference/landing/out/_next/static")
# What its users would have to install for models that are not measured here.
PEER_SWITCHES = (
    "CLIP", "GAZE", "SAM", "SAM2", "SAM3", "DOCTR", "EASYOCR", "TROCR", "PE", "GROUNDINGDINO", "YOLO_WORLD", "OWLV2",
    "LMM",
)  # fmt: skip
Measurement = Callable[[float], Figures]


@dataclass(frozen=True)
class Target:
    """A ratio of two figures, and the least or the most that is wanted of it."""

    name: str
    ratio: Callable[[Mapping[str, Figures]], float]
    least: float | None = None
    most: float | None = None


def verdict(value: float, *, least: float | None = None, most: float | None = None) -> str:
    """What was wanted of a ratio, and whether it is so."""
    good = (least is None or value >= least) and (most is None or value <= most)
    wanted = f"at least {least:g}" if least is not None else f"at most {most:g}"
    return f"{wanted} wanted: {'met' if good else 'missed'}"


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


def best_bare(found: Mapping[str, Figures]) -> float:
    return max(found[BARE].throughput, found[BARE_LATENCY].throughput)


def clients_name(clients: int) -> str:
    return "1 client" if clients == 1 else f"{clients} clients"


@dataclass
class Bench:
    """What is measured, in order, and what each found in the picture."""

    package: Path
    picture: Path
    folder: Path
    plan: dict[str, Measurement] = field(default_factory=dict)
    objects: dict[str, int] = field(default_factory=dict)

    def add_bare_loop(self) -> None:
        cores = len(os.sched_getaffinity(0))
        content = self.picture.read_bytes()
        network = self.package / WEIGHTS
        many, one = BareLoop(network, content, 1), BareLoop(network, content, cores)
        with rewritten(network) as file:
            ours = BareLoop(file, content, 1)
        self.plan[BARE] = lambda seconds: measure(many, cores, seconds)
        self.plan[BARE_LATENCY] = lambda seconds: measure(one, 1, seconds)
        self.plan["bare loop, rewritten graph"] = lambda seconds: measure(ours, cores, seconds)
        self.objects["bare loop"] = len(many())

    @contextmanager
    def host(self) -> Iterator[None]:
        content, reference = self.picture.read_bytes(), reference_for(self.package)
        supervisor = HostSupervisor(HostSettings(self.folder / "host"))
        client = HostClient(supervisor.settings.socket, before_connecting=supervisor.start)
        try:
            self.objects["model host"] = len(client.infer(reference, [content]).results[0]["predictions"])
            pid = supervisor.host_pid or 0
            for clients in CLIENTS:
                self.plan[f"model host, {clients_name(clients)}"] = lambda seconds, clients=clients: measure(
                    lambda: client.infer(reference, [content]), clients, seconds, pid
                )
            yield
        finally:
            client.close()
            supervisor.stop()

    @contextmanager
    def server(self) -> Iterator[tuple[str, str]]:
        """Our server: its address, and an access token."""
        environment = {**os.environ, "DATA_DIR": str(self.folder / "data")}

        def manage(*arguments: str) -> str:
            command = [sys.executable, "manage.py", *arguments]
            return subprocess.run(
                command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
            ).stdout

        manage("migrate", "--verbosity", "0")
        manage(
            "push",
            str(self.package),
            "--model",
            MODEL,
            "--workspace",
            "bench",
            "--create-workspace",
            "--trust",
            "--publish",
        )
        token = manage("token", "create", "--workspace", "bench", "--scopes", "read,infer").strip()
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "manage.py", "serve", "--port", str(port)]
        with running(command, f"{address}/help/errors/", environment=environment, log=self.folder / "serve.log") as us:
            request = post(
                f"/api/v1/models/{MODEL}/infer",
                self.picture.read_bytes(),
                {"Content-Type": "image/jpeg", "Authorization": f"Bearer {token}"},
            )
            self._add_server("server", port, request, us)
            yield address, token

    @contextmanager
    def peer(self, address: str, token: str) -> Iterator[None]:
        """The reference server, which knows no other provider than ours at ``address``."""
        work = self.folder / "peer"
        for name in PEER_FOLDERS:
            (work / name).mkdir(parents=True)
        port = free_port()
        command = [str(PEER_PYTHON), "-m", "uvicorn", "bench._peer_app:app", "--host", "127.0.0.1", "--port", str(port)]
        ready = f"http://127.0.0.1:{port}/info"
        environment = peer_environment(address, work)
        log = self.folder / "peer.log"
        with running(command, ready, environment=environment, log=log, folder=work) as process:
            body = {
                "api_key": token,
                "model_id": MODEL,
                "image": {"type": "base64", "value": base64.b64encode(self.picture.read_bytes()).decode()},
            }
            request = post("/infer/object_detection", json.dumps(body).encode(), {"Content-Type": "application/json"})
            self._add_server("reference server", port, request, process)
            yield

    def _add_server(self, name: str, port: int, request: bytes, process: psutil.Process) -> None:
        self.objects[name] = len(json.loads(answer_to(port, request))["predictions"])
        for clients in CLIENTS:
            self.plan[f"{name}, {clients_name(clients)}"] = lambda seconds, clients=clients: load(
                port, request, clients, seconds, process
            )

    @contextmanager
    def reference(self) -> Iterator[None]:
        with (self.folder / "reference.log").open("wb") as log:
            process = subprocess.Popen(
                [str(CLIENT_PYTHON), "-m", "bench._reference", str(self.package), str(self.picture)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(seconds: float) -> Figures:
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            self.objects[REFERENCE] = answer["objects"]
            return Figures(**answer["figures"])

        try:
            ask(0.5)
            self.plan[REFERENCE] = ask
            yield
        finally:
            process.stdin.close()
            process.wait(30)

    def run(self, seconds: float, rounds: int) -> dict[str, Figures]:
        found: dict[str, list[Figures]] = {name: [] for name in self.plan}
        for _ in range(rounds):
            for name, measurement in self.plan.items():
                found[name].append(measurement(seconds))
        return {name: middle(figures) for name, figures in found.items()}


def peer_environment(address: str, work: Path) -> dict[str, str]:
    """Settings with which the reference server speaks to ``address`` and to nobody else."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        **{f"CORE_MODEL_{name}_ENABLED": "False" for name in PEER_SWITCHES},
        "PYTHONPATH": str(ROOT),
        "HOME": str(work),
        "API_BASE_URL": address,
        "ROBOFLOW_API_HOST": address,
        "METRICS_COLLECTOR_BASE_URL": address,
        "METRICS_ENABLED": "False",
        "TELEMETRY_FLUSH_INTERVAL": "300",
        "DISABLE_VERSION_CHECK": "True",
        "HF_HUB_OFFLINE": "1",
        "MODEL_CACHE_DIR": str(work / "cache"),
        "INFERENCE_HOME": str(work / "home"),
        # Whatever else it might want to reach stays out of reach.
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }


def segmentation(folder: Path) -> dict[str, float]:
    """Milliseconds of the segmenter on the large picture, `ours` and `reference`'s, from `bench.families`."""
    packages, images, rows = folder / "packages", folder / "images", folder / "rows.json"
    packages.mkdir()
    images.mkdir()
    (packages / SEGMENTER.name).symlink_to(SEGMENTER)
    (images / LARGE_PICTURE.name).symlink_to(LARGE_PICTURE)
    command = [str(CLIENT_PYTHON), "-m", "bench.families", "--packages", str(packages), "--images", str(images)]
    subprocess.run([*command, "--json", str(rows)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    (row,) = json.loads(rows.read_text())
    return {"ours": row["ours"], "reference": row["reference"]}


def prepare_picture(folder: Path) -> Path:
    """A JPEG of 512x384 with objects that the model knows."""
    source = GOLDEN / "images" / "shapes_wide_640x426.png"
    if not source.exists():
        source = ROOT / "demo" / "images" / "meadow.jpg"
    picture = folder / "picture.jpg"
    image = cv2.resize(cv2.imread(str(source), cv2.IMREAD_COLOR), (512, 384), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(picture), image, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return picture


def show(found: Mapping[str, Figures]) -> None:
    print(f"{'':30}{'a second':>10}{'to bare':>9}{'median ms':>11}{'p95 ms':>9}{'CPU ms':>9}{'to bare':>9}")
    best, cpu = best_bare(found), found[BARE].cpu_ms
    for name, figures in found.items():
        print(
            f"{name:30}{figures.throughput:10.1f}{figures.throughput / best:9.2f}{figures.median_ms:11.2f}"
            f"{figures.p95_ms:9.2f}{figures.cpu_ms:9.2f}{figures.cpu_ms / cpu:9.2f}"
        )
    print()
    for target in TARGETS:
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
    options = parser.parse_args()
    cv2.setNumThreads(0)
    package = DETECTOR if DETECTOR.is_dir() else ROOT / "demo" / "packages" / "onnx-static"
    missing: list[str] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, ExitStack() as stack:
        folder = Path(directory)
        bench = Bench(package, prepare_picture(folder), folder)
        bench.add_bare_loop()
        stack.enter_context(bench.host())
        address, token = stack.enter_context(bench.server())
        if CLIENT_PYTHON.exists():
            stack.enter_context(bench.reference())
        else:
            missing.append("the reference library: scripts/client-environments.sh installs it")
        if PEER_PYTHON.exists():
            stack.enter_context(bench.peer(address, token))
        else:
            missing.append("the reference server: scripts/peer-environment.sh installs it")
        found = bench.run(options.seconds, options.rounds)
    name = package.parent.name if package.name == "package" else package.name
    print(f"{name}, {options.rounds} rounds of {options.seconds:g} s, {psutil.cpu_count()} cores, ", end="")
    print(f"objects found: {', '.join(f'{name} {count}' for name, count in bench.objects.items())}")
    show(found)
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
