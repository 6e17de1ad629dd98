"""The only door to the machine: files, environment variables, commands and installed distributions.

Everything that detection learns passes through the six methods of ``Machine``, so that a recorded machine
answers like a real one.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import re
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

MAX_FILE_BYTES = 64 * 1024
MAX_OUTPUT_BYTES = 1024 * 1024
CHILDREN = Path(__file__).with_name("children")


class MachineError(Exception):
    """The machine gave no usable answer; the message is fit to be shown."""


def no_answer_within(seconds: float) -> str:
    """The one sentence for every kind of hang."""
    return f"no answer within {seconds:g} s"


@dataclass(frozen=True, slots=True)
class Command:
    """One command that detection may run.

    ``keep`` selects the lines of output that may leave the machine's side of the door. It is what keeps
    serial numbers, which the same commands print, out of reports and recordings.
    """

    name: str
    arguments: tuple[str, ...]
    keep: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed on its standard output, and its exit status (negative: the signal)."""

    status: int
    text: str


@dataclass(frozen=True, slots=True)
class Platform:
    """The operating system as Python describes it: ``Linux``, ``x86_64``, a long name, macOS's version."""

    system: str
    architecture: str
    description: str
    macos_version: str = ""


@dataclass(frozen=True, slots=True)
class Package:
    """What is installed under one name: the importable module of that name and its distribution.

    ``version_file`` is the text of the module's own ``version.py``, which torch and torchvision have.
    """

    importable: bool = False
    version: str | None = None
    version_file: str | None = None


def _child(name: str, program: str) -> Command:
    # -P: a file of the working directory must not pass for a library.
    return Command(name, (sys.executable, "-P", str(CHILDREN / program)))


DPKG_CUDA_RUNTIME = Command(
    "dpkg cuda-cudart",
    ("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package} ${Version}\\n", "*cuda-cudart*"),
)
DPKG_TENSORRT = Command(
    "dpkg libnvinfer-bin",
    ("dpkg-query", "--show", "--showformat=${db:Status-Abbrev} ${Package} ${Version}\\n", "*libnvinfer-bin*"),
)
LSHW = Command("lshw", ("lshw",), keep=r"product: NVIDIA Jetson")
CUDA_DEVICES = _child("cuda devices", "cuda_devices.py")
CUDA_LIBRARY = _child("cuda library", "cuda_library.py")
NVML_DEVICES = _child("nvml devices", "nvml_devices.py")
ONNX_RUNTIME = _child("onnx runtime", "onnx_runtime.py")


class Machine(Protocol):
    """What detection may ask. Any method may raise, hang or answer nonsense: callers are prepared."""

    def file(self, path: str) -> str | None:
        """The start of a text file (64 KiB), None where there is none."""

    def variable(self, name: str) -> str | None:
        """An environment variable, None where it is not set."""

    def run(self, command: Command) -> Output | None:
        """Run a command to its end, None where it is not installed. Raises ``MachineError``."""

    def package(self, name: str) -> Package:
        """What is installed under this name, found without importing it."""

    def package_files(self, name: str) -> tuple[str, ...]:
        """The names, without folders, of the files that a distribution installed; empty without one."""

    def platform(self) -> Platform:
        """The operating system and processor architecture."""


class ThisMachine:
    """The machine that this process runs on. No command may take longer than ``limit_seconds``."""

    def __init__(self, limit_seconds: float = 5.0) -> None:
        self.limit_seconds = limit_seconds

    def file(self, path: str) -> str | None:
        try:
            with open(path, "rb") as stream:
                return stream.read(MAX_FILE_BYTES).decode(errors="replace")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def variable(self, name: str) -> str | None:
        return os.environ.get(name)

    def run(self, command: Command) -> Output | None:
        try:
            process = subprocess.Popen(
                command.arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A session of its own, so that what the command has started ends with it.
                start_new_session=True,
            )
        except (FileNotFoundError, NotADirectoryError):
            return None
        expired = threading.Event()

        def end() -> None:
            if process.returncode is None:
                expired.set()
                _kill(process)

        timer = threading.Timer(self.limit_seconds, end)
        timer.daemon = True
        timer.start()
        with process:
            assert process.stdout is not None
            output = process.stdout.read(MAX_OUTPUT_BYTES + 1)
            if len(output) > MAX_OUTPUT_BYTES:
                _kill(process)
            status = process.wait()
            timer.cancel()
        if expired.is_set():
            raise MachineError(no_answer_within(self.limit_seconds))
        if len(output) > MAX_OUTPUT_BYTES:
            raise MachineError("the answer is too long")
        return Output(status, _kept(output.decode(errors="replace"), command.keep))

    def package(self, name: str) -> Package:
        origin = _module_origin(name)
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = None
        version_file = self.file(str(Path(origin).with_name("version.py"))) if origin else None
        return Package(origin is not None, version, version_file)

    def package_files(self, name: str) -> tuple[str, ...]:
        try:
            return tuple(file.name for file in importlib.metadata.files(name) or ())
        except importlib.metadata.PackageNotFoundError:
            return ()

    def platform(self) -> Platform:
        return Platform(
            system=platform.system(),
            architecture=platform.machine(),
            description=platform.platform(),
            macos_version=platform.mac_ver()[0],
        )


def _module_origin(name: str) -> str | None:
    try:
        specification = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return None
    # A stray folder of the same name is a namespace package without an origin: nothing is installed there.
    return specification.origin if specification is not None else None


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError, AttributeError):
        process.kill()


def _kept(text: str, keep: str) -> str:
    if not keep:
        return text
    return "".join(line for line in text.splitlines(keepends=True) if re.search(keep, line))
