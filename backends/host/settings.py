"""How a host is set up. The supervisor and the host process share one description, passed as arguments."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

MEBIBYTE = 1024 * 1024
# sun_path holds 108 bytes with its final zero, and the host binds under a temporary name 4 longer.
MAX_SOCKET_PATH = 103


def available_cores() -> int:
    """The cores that this process may use: those of the machine, less what affinity and a container's quota forbid."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    groups = Path("/sys/fs/cgroup")
    for quota_file, period_file in (("cpu.max", "cpu.max"), ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us")):
        with contextlib.suppress(OSError, ValueError, IndexError):
            quota = int((groups / quota_file).read_text().split()[0])
            period = int((groups / period_file).read_text().split()[-1])
            if quota > 0 and period > 0:
                cores = min(cores, max(1, round(quota / period)))
    return cores


@dataclass(frozen=True)
class HostSettings:
    """One host, for one device. Sizes in bytes, times in seconds; zero means "choose for me" where noted."""

    directory: Path
    device: str = "cpu"
    memory_budget: int = 0
    threads: int = 0
    latency_threads: int = 0
    queue_limit: int = 64
    max_batch: int = 0
    max_wait: float = 0.0
    default_deadline: float = 60.0
    run_limit: float = 60.0
    load_limit: float = 120.0
    load_patience: float = 3.0
    drain: float = 10.0
    max_request: int = 256 * MEBIBYTE
    max_connections: int = 512
    crash_limit: int = 3
    graph_rewriting: bool = True
    loader: str = "backends.host.models.loading:PackageLoader"
    preload: str = "onnxruntime,onnx"
    python: str = sys.executable
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # The host has another working directory.
        object.__setattr__(self, "directory", self.directory.absolute())
        if len(os.fsencode(self.socket)) > MAX_SOCKET_PATH:
            raise ValueError(f"the socket's path must have at most {MAX_SOCKET_PATH} bytes: use a shorter directory")

    @property
    def name(self) -> str:
        """The device as part of a file name: ``cpu``, ``cuda-0``."""
        return re.sub(r"[^a-z0-9]+", "-", self.device.lower())

    @property
    def socket(self) -> Path:
        """Where the host listens."""
        return self.directory / f"{self.name}.sock"

    @property
    def lock(self) -> Path:
        """Whoever holds the lock on this file supervises the host."""
        return self.directory / f"{self.name}.lock"

    @property
    def activity(self) -> Path:
        """What is executing in the host at this moment; readable after its death."""
        return self.directory / f"{self.name}.activity"

    @property
    def crash_log(self) -> Path:
        """Crashes by package, suspects, and packages that are blocked."""
        return self.directory / f"{self.name}.crashes.json"

    @property
    def saved_state(self) -> Path:
        """The models that are loaded, so that a restarted host can load them again."""
        return self.directory / f"{self.name}.models.json"

    @property
    def is_cpu(self) -> bool:
        """Whether the host runs models on the CPU, and its budget is anonymous memory."""
        return self.device.lower().startswith("cpu")

    @property
    def slots(self) -> int:
        """How many requests use the CPU at once."""
        return self.threads or available_cores()

    @property
    def latency_slots(self) -> int:
        """How many threads one run has when its request is alone."""
        return self.latency_threads or min(self.slots, 8)

    @property
    def batch_size(self) -> int:
        """How many images of several requests run together at most."""
        return self.max_batch or (1 if self.is_cpu else 8)

    def arguments(self) -> list[str]:
        """The command line that gives a host process these settings."""
        line: list[str] = []
        for part in fields(self):
            if part.name not in ("python", "environment"):
                line += [f"--{part.name.replace('_', '-')}", str(getattr(self, part.name))]
        return line


HELP: dict[str, str] = {
    "directory": "folder for the socket, the lock and the journal; created with mode 0700",
    "device": "cpu, or cuda:N",
    "memory_budget": "bytes that models and their work may hold (anonymous memory on a CPU, device memory on a "
    "GPU), beside the empty host; 0 is half of what the machine has",
    "threads": "requests that use the CPU at once; 0 is one for each core",
    "latency_threads": "threads for a request that is alone; 0 is one for each core, at most 8",
    "queue_limit": "requests for one model that may wait or run; one more is refused at once",
    "max_batch": "images of several requests that run together; 0 is 1 on a CPU and 8 on a GPU",
    "max_wait": "seconds that a request waits for others to form a batch",
    "default_deadline": "seconds for a request that names no deadline",
    "run_limit": "seconds after which a run counts as hung and the host is killed",
    "load_limit": "seconds after which a load is written off and its package blocked",
    "load_patience": "seconds that a load waits for those before it; several at once blur what each one's memory is",
    "drain": "seconds that running requests have to finish when the host is told to stop",
    "max_request": "bytes of images or tensors in one request",
    "max_connections": "connections at once",
    "crash_limit": "deaths of the host after which the package that caused them is blocked",
    "graph_rewriting": "whether networks get an equal graph that runs faster, where that was tested: True or False",
    "loader": "module:class that loads packages; other than the default only for tests",
    "preload": "modules to import at start, separated by commas, so that they count as the empty host",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser one option for each setting."""
    for part in fields(HostSettings):
        if part.name in HELP:
            kinds: Mapping[str, Any] = {"int": int, "float": float, "bool": "True".__eq__, "Path": Path}
            kind = kinds.get(str(part.type), str)
            required = part.name == "directory"
            default = None if required else part.default
            text = HELP[part.name] + ("" if required else " (default: %(default)s)")
            parser.add_argument(
                f"--{part.name.replace('_', '-')}", type=kind, default=default, required=required, help=text
            )


def parse(arguments: Sequence[str], parser: argparse.ArgumentParser) -> tuple[HostSettings, argparse.Namespace]:
    """The settings of a command line, and the whole namespace for options that the parser had before."""
    add_arguments(parser)
    namespace = parser.parse_args(arguments)
    return HostSettings(**{name: getattr(namespace, name) for name in HELP}), namespace
