"""An installation of one checkout: a data directory of its own, packages published by that revision's own commands."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench._checkouts import Checkout
from bench._requests import JPEG, answer_to, cpu_seconds, post, running
from bench._server import free_port

WORKSPACE = "bench"
IDLE_SHARE = 0.03
IDLE_SECONDS = 1.0
LONGEST_WAIT = 120.0
# All in one process: Django starts once. `{"bench/1": "directory of its package"}` is read from the standard input.
PUBLISH = f"""
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.core.management import call_command, load_command_class
call_command("migrate", verbosity=0, interactive=False)
# Older revisions create workspaces without being asked.
push = load_command_class("packages_app", "push").create_parser("manage.py", "push").format_help()
create = ["--create-workspace"] if "--create-workspace" in push else []
for model, directory in json.load(sys.stdin).items():
    call_command("push", directory, "--model", model, "--workspace", "{WORKSPACE}", "--trust", "--publish", *create)
"""


@dataclass(frozen=True)
class RunningServer:
    """A server of an installation: where it listens, its process, and seconds from its start to its first answer."""

    port: int
    process: psutil.Process
    start_seconds: float

    def cpu_seconds(self) -> float:
        return cpu_seconds(self.process)


@dataclass(frozen=True)
class Installation:
    """``folder`` is empty at first, and takes data directory and logs."""

    checkout: Checkout
    folder: Path

    def publish(self, packages: Mapping[str, Path], *, tried: bool) -> None:
        """``packages`` are directories by the ids of their models. ``tried``: inspected with a trial run, if the
        revision has such. Raises SystemExit with what the command said if one is not published.
        """
        output = self._run(
            ["-c", PUBLISH], input=json.dumps({model: str(path) for model, path in packages.items()}), tried=tried
        )
        if output.count("published") < len(packages):
            raise SystemExit(f"{self.checkout.name}: a package is not published.\n{output[-2000:]}")

    def token(self) -> str:
        return self._run(["manage.py", "token", "create", "--workspace", WORKSPACE, "--scopes", "read,infer"]).split()[
            -1
        ]

    @contextmanager
    def running(self) -> Iterator[RunningServer]:
        port = free_port()
        command = [str(self.checkout.python), "manage.py", "serve", "--port", str(port)]
        # What was published would otherwise be written to the disk while the server waits for it.
        os.sync()
        started = time.perf_counter()
        with running(
            command,
            f"http://127.0.0.1:{port}/healthz",
            environment=self._environment(),
            log=self.folder / "serve.log",
            folder=self.checkout.root,
        ) as process:
            yield RunningServer(port, process, time.perf_counter() - started)

    def start_once(self) -> None:
        """What a first start does (and what it leaves to do to its workers) is done afterwards."""
        with self.running() as server:
            wait_until_idle(server.process)

    def _run(self, arguments: list[str], *, input: str = "", tried: bool = True) -> str:
        done = subprocess.run(
            [str(self.checkout.python), *arguments],
            cwd=self.checkout.root,
            env={**self._environment(), "TRIAL_RUNS": "true" if tried else "false"},
            input=input,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise SystemExit(f"{self.checkout.name}: {done.stdout[-500:]}\n{done.stderr[-2000:]}")
        return done.stdout

    def _environment(self) -> dict[str, str]:
        # The tree of this bench is no part of an older one.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {**kept, "DATA_DIR": str(self.folder / "data"), "LOG_LEVEL": "ERROR"}


def first_answer(port: int, request: bytes) -> float:
    """Seconds from the request to the end of its answer. Raises SystemExit unless its status is 200."""
    started = time.perf_counter()
    answer_to(port, request)
    return time.perf_counter() - started


def inference_request(model: str, image: bytes, token: str) -> bytes:
    """Of our own API, for a JPEG."""
    return post(f"/api/v1/models/{model}/infer", image, {"Content-Type": JPEG, "Authorization": f"Bearer {token}"})


def load_request(model: str, token: str) -> bytes:
    """To load a model and run nothing, as the SDK asks for it."""
    body = json.dumps({"model_id": model, "api_key": token}).encode()
    return post("/model/add", body, {"Content-Type": "application/json"})


def wait_until_idle(process: psutil.Process) -> None:
    """Until a server and what it started took next to no processor time for a second, and all is written to the disk.

    Raises SystemExit if it is never idle.
    """
    os.sync()
    end = time.monotonic() + LONGEST_WAIT
    while time.monotonic() < end:
        before = cpu_seconds(process)
        time.sleep(IDLE_SECONDS)
        # What a child that has ended took is no longer counted.
        if abs(cpu_seconds(process) - before) < IDLE_SHARE * IDLE_SECONDS:
            return
    raise SystemExit(f"The server is still busy after {LONGEST_WAIT:g} s.")
