"""Machines on record: what a machine's probes were given, as a JSON file, and a machine that answers from it.

A recording holds only what probes ask for. It has no place for host names, serial numbers, addresses or the
names of users: the variables and packages are the fixed lists below, commands keep only the lines they need.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from negotiation.detection import machine as door
from negotiation.detection import probes
from negotiation.detection.machine import Command, Machine, MachineError, Output, Package, Platform

FORMAT = "machine-recording-v1"
FILES = (probes.NVIDIA_MODULE_FILE, probes.DEVICE_TREE_FILE, probes.L4T_FILE, probes.OS_RELEASE_FILE)
COMMANDS = (
    door.CUDA_DEVICES,
    door.NVML_DEVICES,
    door.CUDA_LIBRARY,
    door.ONNX_RUNTIME,
    door.DPKG_CUDA_RUNTIME,
    door.DPKG_TENSORRT,
    door.LSHW,
)
VERSION_LINES = re.compile(r"(__version__|cuda)\b.*")


class RecordedMachine:
    """A machine that answers from a recording. What was not recorded is not there.

    Raises ``MachineError`` on a document that is no recording.
    """

    def __init__(self, recording: dict[str, Any]) -> None:
        if not isinstance(recording, dict) or recording.get("format") != FORMAT:
            raise MachineError(f"not a recording of a machine ({FORMAT})")
        self._recording = recording

    def file(self, path: str) -> str | None:
        text: str | None = self._recording["files"].get(path)
        return text

    def variable(self, name: str) -> str | None:
        value: str | None = self._recording["variables"].get(name)
        return value

    def run(self, command: Command) -> Output | None:
        answer = self._recording["commands"].get(command.name)
        if answer is None:
            return None
        if "failure" in answer:
            raise MachineError(answer["failure"])
        return Output(**answer)

    def package(self, name: str) -> Package:
        return Package(**self._recording["packages"].get(name, {}))

    def package_files(self, name: str) -> tuple[str, ...]:
        return tuple(self._recording.get("package_files", {}).get(name, ()))

    def platform(self) -> Platform:
        return Platform(**self._recording["platform"])


def record(machine: Machine, title: str, recorded: str) -> dict[str, Any]:
    """Everything that probes can ask of ``machine``, as a JSON object for ``RecordedMachine``.

    ``recorded`` is the day, as ISO 8601. A question that fails is recorded as failing. Takes as long as the
    questions take: each is asked in turn.
    """
    coremltools = [name for name in machine.package_files("coremltools") if name.startswith("libcoremlpython")]
    return {
        "format": FORMAT,
        "title": title,
        "synthetic": False,
        "recorded": recorded,
        "platform": _platform(machine),
        "variables": _present({name: machine.variable(name) for name in probes.VARIABLES}),
        "files": _present({path: _file(machine, path) for path in FILES}),
        "commands": _present({command.name: _run(machine, command) for command in COMMANDS}),
        "packages": {name: _package(machine, name) for name in probes.PACKAGES},
        "package_files": {"coremltools": coremltools} if coremltools else {},
    }


def _platform(machine: Machine) -> dict[str, Any]:
    platform = machine.platform()
    if platform.system == "Linux" and machine.file(probes.OS_RELEASE_FILE) is not None:
        # The long name tells the kernel's build and is only asked for where the release file is missing.
        platform = dataclasses.replace(platform, description="Linux")
    return dataclasses.asdict(platform)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _file(machine: Machine, path: str) -> str | None:
    text = machine.file(path)
    if text is None or path == probes.OS_RELEASE_FILE:
        return text
    # The first line is all that probes read; later lines tell about compilers and builds.
    return text.partition("\n")[0]


def _run(machine: Machine, command: Command) -> dict[str, Any] | None:
    try:
        output = machine.run(command)
    except MachineError as error:
        return {"failure": str(error)}
    return None if output is None else dataclasses.asdict(output)


def _package(machine: Machine, name: str) -> dict[str, Any]:
    package = machine.package(name)
    lines = [line for line in (package.version_file or "").splitlines() if VERSION_LINES.match(line)]
    return _present(
        {
            "importable": package.importable,
            "version": package.version,
            "version_file": "\n".join(lines) or None,
        }
    )
