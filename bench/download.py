"""How fast is one large download, beside nginx serving the same file?

One file of BENCH_DOWNLOAD_MIB (1024) mebibytes is taken in, published, and fetched over the loopback interface
by turns: from nginx alone (the reference, with sendfile), from this server, and from nginx after this server
allowed it (X-Accel-Redirect). Reported: MB/s as medians, the ratio to nginx alone, and by how much the
server's own memory grew at most while it sent, also to a client that reads slowly.

BENCH_ROUNDS (5). Needs nginx (Debian's package).
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench._server import ROOT, Server, free_port, server_environment, serving, wait_for

MEBIBYTE = 1024 * 1024
SIZE = int(os.environ.get("BENCH_DOWNLOAD_MIB", "1024")) * MEBIBYTE
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SLOW_SECONDS = 5.0
# More than this is no longer "flat": some blocks for each of the threads that may send.
ALLOWED_GROWTH = 64 * MEBIBYTE

NGINX = """
worker_processes 1;
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location /plain/ {{ alias {blobs}/; }}
        location /internal-blobs/ {{ internal; alias {blobs}/; }}
        location / {{ proxy_pass http://127.0.0.1:{upstream}; proxy_set_header Host $http_host; }}
    }}
}}
"""


def main() -> None:
    if shutil.which("nginx") is None:
        raise SystemExit("nginx is needed: apt-get install nginx-light")
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        # nginx's worker runs as another user where this is run as root.
        directory.chmod(0o755)
        environment = {"DATA_DIR": str(directory / "data"), "DATABASE_URL": f"sqlite:///{directory / 'bench.db'}"}
        prepared = prepare(environment)
        with (
            serving(environment) as server,
            serving({**environment, "BLOB_DELIVERY": "accel"}) as accelerated,
            nginx(directory, accelerated.port) as nginx_port,
        ):
            good = measure(prepared, server, nginx_port)
    raise SystemExit(0 if good else 1)


def measure(prepared: dict[str, str], server: Server, nginx_port: int) -> bool:
    fetch(server.port, prepared["address"])
    idle = server.memory()
    seconds: dict[str, list[float]] = {"nginx": [], "this server": [], "nginx, allowed by this server": []}
    growth = 0
    for _ in range(ROUNDS):
        seconds["nginx"].append(fetch(nginx_port, f"/plain/{prepared['key']}"))
        with watched(server) as peak:
            seconds["this server"].append(fetch(server.port, prepared["address"]))
        growth = max(growth, peak[0] - idle)
        seconds["nginx, allowed by this server"].append(fetch(nginx_port, prepared["address"]))
    with watched(server) as peak:
        fetch_slowly(server.port, prepared["address"])
    slow_growth = peak[0] - idle
    reference = statistics.median(seconds["nginx"])
    print(f"{SIZE // MEBIBYTE} MiB, {ROUNDS} rounds, medians")
    print(f"{'':<32}{'MB/s':>8}{'ratio':>8}")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name:<32}{SIZE / median / 1e6:>8.0f}{reference / median:>8.3f}")
    print(f"  memory of this server: {idle / 1e6:.0f} MB before, grew by at most {growth / 1e6:.1f} MB while sending")
    print(
        f"  and by {slow_growth / 1e6:.1f} MB for a client that reads slowly (below {ALLOWED_GROWTH / 1e6:.0f} wanted)"
    )
    return max(growth, slow_growth) < ALLOWED_GROWTH


def fetch(port: int, path: str) -> float:
    """Seconds to read the whole answer into nothing."""
    buffer = bytearray(4 * MEBIBYTE)
    started = time.perf_counter()
    with requested(port, path) as connection:
        received = connection.recv_into(buffer)
        head, _, body = bytes(buffer[:received]).partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise SystemExit(f"The answer began {head[:60]!r}.")
        left = SIZE - len(body)
        while left > 0:
            received = connection.recv_into(buffer)
            if received == 0:
                raise SystemExit(f"The answer ended {left} bytes early.")
            left -= received
    return time.perf_counter() - started


def fetch_slowly(port: int, path: str) -> None:
    """Read a little now and then, for a while, and go away in the middle."""
    with requested(port, path) as connection:
        end = time.perf_counter() + SLOW_SECONDS
        while time.perf_counter() < end:
            connection.recv(16 * 1024)
            time.sleep(0.05)


@contextmanager
def requested(port: int, path: str) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        yield connection


@contextmanager
def watched(server: Server) -> Iterator[list[int]]:
    """A list whose one element grows to the most memory that the server held."""
    peak = [server.memory()]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            peak[0] = max(peak[0], server.memory())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        done.set()
        thread.join()


@contextmanager
def nginx(directory: Path, upstream: int) -> Iterator[int]:
    port = free_port()
    configuration = directory / "nginx.conf"
    blobs = directory / "data" / "blobs"
    configuration.write_text(NGINX.format(directory=directory, port=port, upstream=upstream, blobs=blobs))
    process = subprocess.Popen(["nginx", "-c", str(configuration), "-e", str(directory / "error.log")])
    try:
        wait_for(f"http://127.0.0.1:{port}/bench/empty")
        yield port
    finally:
        process.terminate()
        process.wait(20)


def prepare(environment: dict[str, str]) -> dict[str, str]:
    """Publish a package with the file, in a process of its own: its download path, and its key among the blobs."""
    output = subprocess.run(
        [sys.executable, "-m", "bench.download", "prepare"],
        cwd=ROOT,
        env=server_environment(environment),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    prepared: dict[str, str] = json.loads(output.stdout)
    return prepared


def publish_file() -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from packages_app.services import drafting, publishing, signing
    from packages_app.services.intake import receive
    from registry.models import Model, Workspace

    call_command("migrate", verbosity=0, interactive=False)
    workspace = Workspace.objects.create(name="Bench", slug="bench")
    model = Model.objects.create(
        workspace=workspace, model_id="bench/large", architecture="yolov8", task_type="object-detection", is_public=True
    )
    blob = receive(os.urandom(MEBIBYTE) for _ in range(SIZE // MEBIBYTE))
    package = drafting.create_draft(model, "hugging-face", fields={"quantization": "fp32"})
    drafting.add_file(package, "weights.bin", blob)
    publishing.publish(publishing.mark_ready(package))
    address = urlsplit(signing.download_path(blob.sha256, "weights.bin"))
    print(json.dumps({"address": f"{address.path}?{address.query}", "key": blob.storage_key}))


if __name__ == "__main__":
    publish_file() if sys.argv[1:] == ["prepare"] else main()
