"""Which web server costs the least for the same small Django view?

Compared in one run: Granian (WSGI; ASGI with the receiver, as the project runs it; ASGI with Django's own handler),
waitress, gunicorn with threads, uvicorn, one process each. The view is `/healthz`, through all of the project's
middleware. Reported: requests a second, CPU milliseconds a request (which holds better than throughput on a shared
machine), and the ratio of that to Granian's WSGI mode. What is not the project's own is installed into an environment
of its own, `.venvs/servers`. What the servers do with slow clients is in docs/architecture.md, and measured by
bench.waiting.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venvs" / "servers"
SECONDS = float(os.environ.get("BENCH_SECONDS", "5"))
CLIENTS = 8


def main() -> None:
    python = _environment()
    rows = []
    for name, command in _servers(python).items():
        rate, cpu = _measure(command)
        rows.append((name, rate, cpu))
    reference = rows[0][2]
    print(f"{'server':<22}{'requests/s':>12}{'CPU ms':>10}{'ratio':>8}")
    for name, rate, cpu in rows:
        print(f"{name:<22}{rate:>12.0f}{cpu:>10.3f}{cpu / reference:>8.2f}")


def _environment() -> Path:
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        # The project's own packages come from the environment that runs this script.
        site = next((Path(sys.prefix) / "lib").glob("python*/site-packages"))
        target = next((ENVIRONMENT / "lib").glob("python*/site-packages"))
        (target / "project.pth").write_text(f"{site}\n")
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "gunicorn==23.0.0", "uvicorn==0.38.0", "waitress==3.0.2"], check=True
        )
    return python


def _servers(python: Path) -> dict[str, list[str]]:
    asgi, wsgi = "django.core.asgi:get_asgi_application", "config.wsgi:application"
    granian = [str(python), "-m", "granian", "--no-ws", "--log-level", "error", "--port", "PORT"]
    return {
        "granian wsgi": [*granian, "--interface", "wsgi", "--blocking-threads", "4", wsgi],
        "granian, receiver": [*granian, "--interface", "asginl", "--http", "1", "config.asgi:application"],
        "waitress": [
            str(python), "-m", "waitress", "--listen", "127.0.0.1:PORT", "--threads", "4", wsgi,
        ],
        "gunicorn gthread": [
            str(python), "-m", "gunicorn", "-b", "127.0.0.1:PORT", "-k", "gthread", "--threads", "4", wsgi,
        ],
        "granian asgi": [*granian, "--interface", "asgi", "--factory", asgi],
        "uvicorn": [
            str(python), "-m", "uvicorn", "--factory", "--port", "PORT", "--log-level", "error",
            "--no-access-log", asgi,
        ],
    }  # fmt: skip


def _measure(command: list[str]) -> tuple[float, float]:
    """Requests a second, and CPU milliseconds a request of the server with its children."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        environment = {
            **os.environ, "DATA_DIR": data, "LOG_LEVEL": "ERROR", "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        server = subprocess.Popen(
            [part.replace("PORT", str(port)) for part in command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
        )
        try:
            _wait(port)
            _load(port, 1.0)
            before = _cpu_seconds(server.pid)
            started = time.perf_counter()
            requests = _load(port, SECONDS)
            elapsed = time.perf_counter() - started
            used = _cpu_seconds(server.pid) - before
        finally:
            server.terminate()
            server.wait(20)
    return requests / elapsed, used / requests * 1000


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server did not start.")


def _load(port: int, seconds: float) -> int:
    counts = [0] * CLIENTS
    end = time.perf_counter() + seconds

    def client(number: int) -> None:
        connection = HTTPConnection("127.0.0.1", port)
        while time.perf_counter() < end:
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            counts[number] += 1

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def _cpu_seconds(pid: int) -> float:
    process = psutil.Process(pid)
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    return total


if __name__ == "__main__":
    main()
