"""What the web process itself costs for one inference request: microseconds of CPU, without the model host.

    python -m bench.request_path [--requests 400] [--rounds 7]

The WSGI application is called in this process, with a real database, token and package. The host is replaced by a
fixed answer of eight boxes, so that what is left is reading, checking, choosing and answering. Rows alternate in
rounds; the figures are medians. The second part asks whether steps around the framework are worth their lines: each is
replaced by the framework's ordinary way. What that costs is told as a share of a whole request, which is the web
process's part and the same image through the YOLOv8n of GOLDEN_DIR (or else the demo model) on one thread.
"""

from __future__ import annotations

import argparse
import base64
import gc
import io
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = Path(os.environ.get("GOLDEN_DIR") or ROOT.parent / "shared" / "golden")
DETECTOR = GOLDEN / "yolov8n-shapes-od-onnx-static" / "package"
DEMO = ROOT / "demo" / "packages" / "onnx-dynamic"
IMAGE = ROOT / "demo" / "images" / "meadow.jpg"
MODEL = "bench/shapes"
BOXES = 8
MILLIONTHS = 1e6

WARM_UP = 20

Road = Callable[[], bytes]
Way = Callable[[], AbstractContextManager[Any]]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--requests", type=int, default=400)
    arguments.add_argument("--rounds", type=int, default=7)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings", LOG_LEVEL="WARNING")
        token = _fill()
        with _fixed_answer():
            network = _network_seconds()
            roads = _roads(token)
            rows = {name: (nullcontext, road) for name, road in roads.items()}
            _report("dialect", _in_turns(rows, options.rounds, options.requests), network)
            ways = {"as it is": nullcontext, **_ordinary_ways()}
            rows = {name: (way, roads["native"]) for name, way in ways.items()}
            _report("native, with", _in_turns(rows, options.rounds, options.requests), network)


def _fill() -> str:
    """A database with one private model of one package; the token."""
    import django

    django.setup()
    from django.core.management import call_command

    from packages_app.services.push import push_directory
    from registry.models import Workspace
    from registry.services.audit import Actor
    from registry.services.tokens import create_token

    call_command("migrate", verbosity=0, interactive=False)
    workspace = Workspace.objects.create(slug="bench", name="Bench")
    push_directory(
        DEMO, model_id=MODEL, workspace=workspace, actor=Actor(name="bench"), trusted=True, publish=True
    )  # fmt: skip
    return create_token(workspace, "bench", ["read", "infer"])[1]


@contextmanager
def _fixed_answer() -> Iterator[None]:
    """A host that answers at once."""
    import numpy as np

    from backends.host.transport.client import HostReply, TensorReply
    from backends.predictions import Detections
    from inference_app.services import hosts

    corners = np.random.default_rng(7).integers(0, 300, (BOXES, 2))
    found = Detections(
        xyxy=np.hstack([corners, corners + 120]).astype(np.float32),
        class_id=np.arange(BOXES) % 2,
        confidence=np.linspace(0.9, 0.5, BOXES, dtype=np.float32),
        class_names=("circle", "square"),
        image_size=(480, 640),
    )
    timings = dict.fromkeys(("load", "queue", "decode", "preprocess", "run", "postprocess", "total"), 1.234567)
    client = mock.Mock()
    client.infer.return_value = HostReply([found.to_json()], timings)
    client.infer_tensors.return_value = TensorReply({"output0": np.zeros((1, 6, 100), dtype=np.float32)}, timings)
    with mock.patch.object(hosts, "client", return_value=client):
        yield


def _network_seconds() -> float:
    """CPU of the same image through the network alone, decoded first, on one thread."""
    from backends.images import decode
    from backends.registry import load_package
    from backends.session import SessionOptions

    directory = DETECTOR if DETECTOR.is_dir() else DEMO
    model = load_package(
        directory,
        architecture="yolov8",
        task="object-detection",
        backend="onnx",
        options=SessionOptions(threads=1),
    )
    content = IMAGE.read_bytes()

    def run() -> None:
        model.infer([decode(content, 100_000_000)])

    for _ in range(3):
        run()
    return statistics.median(_cpu_seconds(run, 1) for _ in range(15))


def _roads(token: str) -> dict[str, Road]:
    image = IMAGE.read_bytes()
    encoded = base64.b64encode(image).decode()
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    v1 = json.dumps({"api_key": token, "model_id": MODEL, "image": {"type": "base64", "value": encoded}}).encode()
    tensor = {
        "name": "images",
        "datatype": "FP32",
        "shape": [1, 3, 320, 320],
        "parameters": {"binary_data_size": 1228800},
    }
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    tensors = head + bytes(1228800)
    length = {"HTTP_INFERENCE_HEADER_CONTENT_LENGTH": str(len(head))}
    kind = "application/octet-stream"
    return {
        "native": _road(f"/api/v1/models/{MODEL}/infer", image, "image/jpeg", bearer),
        "SDK v1": _road("/infer/object_detection", v1, "application/json", {}),
        "SDK v0": _road(f"/{MODEL}", encoded.encode(), "application/json", {"QUERY_STRING": f"api_key={token}"}),
        "open inference": _road(f"/v2/models/{MODEL}/infer", tensors, kind, {**bearer, **length}),
    }


def _road(path: str, body: bytes, content_type: str, headers: Mapping[str, str]) -> Road:
    from config.wsgi import application

    fixed = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "QUERY_STRING": "",
        **headers,
    }

    def ask() -> bytes:
        status: list[str] = []
        answer = application({**fixed, "wsgi.input": io.BytesIO(body)}, lambda line, _: status.append(line))
        content = b"".join(answer)
        answer.close()
        if status != ["200 OK"]:
            raise SystemExit(f"{path}: {status} {content[:300]!r}")
        return content

    return ask


def _ordinary_ways() -> dict[str, Way]:
    """Patches that replace a step around the framework by the framework's own way."""
    from django.conf import settings
    from django.urls import path
    from rest_framework.views import APIView

    from inference_app.dialects.native.views import infer
    from registry.services.lookups import Lookup, ValuesLookup

    class FrameworkView(APIView):
        authentication_classes = ()
        parser_classes = ()

        def post(self, request: Any, model_id: str) -> Any:
            return infer(request._request, model_id)

    @contextmanager
    def written_anew() -> Iterator[None]:
        def first(lookup: Any, **values: Any) -> Any:
            return lookup._query(**values).first()

        def every(lookup: Any, **values: Any) -> Any:
            return list(lookup._query(**values))

        with mock.patch.object(Lookup, "first", first), mock.patch.object(ValuesLookup, "all", every):
            yield

    addresses: Any = ModuleType("bench_addresses")
    addresses.urlpatterns = [path("api/v1/models/<path:model_id>/infer", FrameworkView.as_view())]
    sys.modules[addresses.__name__] = addresses
    return {
        "a view of REST framework": lambda: mock.patch.object(settings, "ROOT_URLCONF", addresses.__name__),
        "queries written anew by the ORM": written_anew,
        "garbage collected as by default": _default_garbage_collection,
    }


@contextmanager
def _default_garbage_collection() -> Iterator[None]:
    ours = gc.get_threshold()
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    try:
        yield
    finally:
        gc.set_threshold(*ours)
        gc.freeze()


def _in_turns(rows: Mapping[str, tuple[Way, Road]], rounds: int, requests: int) -> dict[str, float]:
    """Median CPU seconds of one request of each row, within its patch."""
    seconds: dict[str, list[float]] = {name: [] for name in rows}
    for number in range(rounds + 1):
        for name, (way, road) in rows.items():
            with way():
                spent = _cpu_seconds(road, requests if number else WARM_UP)
            if number:
                seconds[name].append(spent)
    return {name: statistics.median(values) for name, values in seconds.items()}


def _cpu_seconds(run: Callable[[], Any], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        run()
    return (time.process_time() - started) / times


def _report(title: str, seconds: Mapping[str, float], network: float) -> None:
    first = next(iter(seconds.values()))
    print(f"\nthe network alone: {network * 1000:.2f} ms of CPU")
    print(f"{title:<36}{'CPU us':>8}{'to first':>10}{'% of a request':>16}")
    for name, value in seconds.items():
        share = (value - first) / (network + first) * 100
        print(f"{name:<36}{value * MILLIONTHS:>8.0f}{value / first:>10.2f}{share:>16.1f}")


if __name__ == "__main__":
    main()
