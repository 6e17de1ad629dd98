"""How a host is set up. The supervisor and the host process share one description, passed as arguments."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from backends.processor import available_cores

MEBIBYTE = 1024 * 1024
# sun_path holds 108 bytes with its final zero, and the host binds under a temporary name 4 longer.
MAX_SOCKET_PATH = 103
# https://sourceware.org/glibc/manual/latest/html_node/Memory-Allocation-Tunables.html. Huge pages (2.35 and later) are
# for what runs work in. The thresholds rise to 32 and 64 MiB if left alone: then what a closed model had lies in the
# heaps, and stays there.
ALLOCATOR = f"hugetlb=1,mmap_threshold={2 * MEBIBYTE},trim_threshold={4 * MEBIBYTE}"


@dataclass(frozen=True)
class HostSettings:
    """One host, for one device. Sizes in bytes, times in seconds; zero means "choose for me" where noted."""

    directory: Annotated[Path, "folder for the socket, the lock and the log of activity; created with mode 0700"]
    device: Annotated[str, "cpu, or cuda:N"] = "cpu"
    memory_budget: Annotated[
        int,
        "bytes that models and their work may hold (anonymous memory on a CPU, device memory on a GPU), beside the "
        "empty host; 0 is half of what the machine has",
    ] = 0
    threads: Annotated[int, "requests that use the CPU at once; 0 is one for each core"] = 0
    latency_threads: Annotated[int, "threads for a request that is alone; 0 is one for each core, at most 8"] = 0
    queue_limit: Annotated[int, "requests for one model that may wait or run; one more is refused at once"] = 64
    max_batch: Annotated[int, "images of several requests that run together; 0 is 1 on a CPU and 8 on a GPU"] = 0
    max_wait: Annotated[float, "seconds that a request waits for others to form a batch"] = 0.0
    default_deadline: Annotated[float, "seconds for a request that names no deadline"] = 60.0
    run_limit: Annotated[float, "seconds after which a run counts as hung and the host is killed"] = 60.0
    load_limit: Annotated[
        float, "seconds to prepare a package, or it is blocked, and to open it, or the host is killed"
    ] = 120.0
    drain: Annotated[float, "seconds that running requests have to finish when the host is told to stop"] = 10.0
    max_request: Annotated[int, "bytes of images or tensors in one request"] = 256 * MEBIBYTE
    max_connections: Annotated[int, "connections at once"] = 512
    crash_limit: Annotated[int, "crashes of the host after which the package that caused them is blocked"] = 3
    graph_rewriting: Annotated[
        bool, "whether networks get an equal graph that runs faster, where that was tested: True or False"
    ] = True
    allocator: Annotated[
        str, "tunables of glibc's allocator, as name=value with commas between; empty leaves it as it is"
    ] = ALLOCATOR
    loader: Annotated[str, "module:class that loads packages; other than the default only for tests"] = (
        "backends.host.models.loading:PackageLoader"
    )
    preload: Annotated[str, "modules to import at start, separated by commas, so that they count as the empty host"] = (
        "onnxruntime"
    )
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
        """What is executing in the host at this moment; readable after its end."""
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
    def concurrency(self) -> int:
        """How many requests use the CPU at once."""
        return self.threads or available_cores()

    @property
    def wide_threads(self) -> int:
        """How many threads one run has when its request is alone."""
        return self.latency_threads or min(self.concurrency, 8)

    @property
    def batch_size(self) -> int:
        """How many images of several requests run together at most."""
        return self.max_batch or (1 if self.is_cpu else 8)

    def arguments(self) -> list[str]:
        """The command line that gives a host process these settings."""
        line: list[str] = []
        for name, *_ in _options():
            line += [f"--{name.replace('_', '-')}", str(getattr(self, name))]
        return line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give the parser one option for each setting that is explained."""
    for name, kind, text in _options():
        required = not hasattr(HostSettings, name)
        parser.add_argument(
            f"--{name.replace('_', '-')}",
            type="True".__eq__ if kind is bool else kind,
            default=None if required else getattr(HostSettings, name),
            required=required,
            help=text + ("" if required else " (default: %(default)s)"),
        )


def _options() -> Iterator[tuple[str, Any, str]]:
    """Name, type and help of each setting that a host process is given."""
    for name, hint in get_type_hints(HostSettings, include_extras=True).items():
        if get_origin(hint) is Annotated:
            yield name, *get_args(hint)


def parse(arguments: Sequence[str], parser: argparse.ArgumentParser) -> tuple[HostSettings, argparse.Namespace]:
    """The settings of a command line, and the whole namespace for options that the parser had before."""
    add_arguments(parser)
    namespace = parser.parse_args(arguments)
    return HostSettings(**{name: getattr(namespace, name) for name, *_ in _options()}), namespace
