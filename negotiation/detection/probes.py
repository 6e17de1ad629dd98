"""The probes: one for each source of facts. What they give is checked; what they cannot read is a problem.

Where each fact is looked for, and in which order, follows the client (``inference-models`` 0.39.6), so that
a machine describes itself here as the client on it would.
"""

from __future__ import annotations

import ast
import json
import re
from typing import Any

from negotiation.detection import machine as door
from negotiation.detection.jetson import PRODUCTS, jetson_type, slug
from negotiation.detection.machine import Command, Machine, MachineError
from negotiation.detection.probe import Finding, Probe
from negotiation.versions import is_version, parse_version

NVIDIA_MODULE_FILE = "/proc/driver/nvidia/version"
DEVICE_TREE_FILE = "/proc/device-tree/model"
L4T_FILE = "/etc/nv_tegra_release"
OS_RELEASE_FILE = "/etc/os-release"
VARIABLES = ("JETSON_MODULE", "L4T_VERSION", "RUNNING_ON_JETSON", "ONNXRUNTIME_EXECUTION_PROVIDERS")
# Of an opset or an IR version: more than there will be for long.
MAX_ONNX_VERSION = 1000
PACKAGES = ("torch", "torchvision", "onnxruntime", "transformers", "tensorrt", "tensorrt_lean", "coremltools")

MAX_DEVICES = 64
MAX_NAME_LENGTH = 200
MIN_MACOS_FOR_COREML = "13.0"
NVGPU_SUFFIX = " (nvgpu)"
PLATFORM = "Python's platform module"


def find_cuda_devices(machine: Machine) -> Finding:
    """Devices as ``[{"name", "compute_capability"}]`` in CUDA index order, from the CUDA driver itself."""
    answer = _ask(machine, door.CUDA_DEVICES)
    devices, error = _field(answer, "devices"), _field(answer, "error")
    problem = None if error in (0, 100) else f"the CUDA driver answered with error {error}"
    return Finding(None if devices is None else _devices(devices), problem)


def find_nvml_devices(machine: Machine) -> Finding:
    """Devices as ``[{"name", "compute_capability"}]`` in the order of the PCI bus."""
    answer = _ask(machine, door.NVML_DEVICES)
    devices, error = _field(answer, "devices"), _field(answer, "error")
    problem = None if error is None else f"NVML answered: {_name(error)}"
    return Finding(None if devices is None else _devices(devices), problem)


def find_driver(machine: Machine) -> Finding:
    """The first number of two or three parts in the first line: the version of the kernel module."""
    text = machine.file(NVIDIA_MODULE_FILE)
    if text is None:
        return Finding()
    first_line = text.partition("\n")[0]
    match = re.search(r"\b\d+(?:\.\d+){1,2}\b", first_line)
    return _version(match.group(0) if match else "", "the driver's version")


def find_cuda_library(machine: Machine) -> Finding:
    """``{"runtime", "driver"}``: the library's version and the newest one the driver can run, or None."""
    answer = _ask(machine, door.CUDA_LIBRARY)
    runtime, driver = _cuda_number(_field(answer, "runtime")), _cuda_number(_field(answer, "driver"))
    return Finding({"runtime": runtime, "driver": driver} if runtime or driver else None)


def find_cuda_package(machine: Machine) -> Finding:
    """The version of the first installed ``cuda-cudart`` package, with its Debian revision as ``.postN``."""
    version = _debian_version(machine, door.DPKG_CUDA_RUNTIME)
    return Finding() if version is None else _version(version, "the package's version")


def find_cuda_of_torch(machine: Machine) -> Finding:
    """The CUDA version that the installed torch was built with."""
    version = _assignments(machine.package("torch").version_file).get("cuda")
    return Finding() if version is None else _version(version, "torch's CUDA version")


def find_tensorrt_package(machine: Machine) -> Finding:
    """The version of ``libnvinfer-bin``, without the CUDA version that follows it."""
    version = _debian_version(machine, door.DPKG_TENSORRT)
    return Finding() if version is None else _version(version.split("+cuda")[0], "the package's version")


def find_tensorrt_python(machine: Machine) -> Finding:
    """``{"version"}`` of the importable TensorRT package, full or lean; None where neither is there."""
    for name in ("tensorrt", "tensorrt_lean"):
        package = machine.package(name)
        if package.importable:
            if package.version is None:
                return Finding({"version": None}, f"{name} is installed without a version")
            finding = _version(package.version, f"the version of {name}")
            return Finding({"version": finding.value}, finding.problem)
    return Finding()


def find_declared_jetson(machine: Machine) -> Finding:
    declared = machine.variable("JETSON_MODULE")
    if not declared:
        return Finding()
    known = jetson_type(declared)
    if known is None:
        return Finding(problem="not a known Jetson, the client refuses to start; known: " + ", ".join(PRODUCTS))
    return Finding(known)


def find_jetson_hardware(machine: Machine) -> Finding:
    # Every Jetson is an ARM machine, and lshw takes seconds.
    if machine.platform().architecture not in ("aarch64", "arm64"):
        return Finding()
    output = machine.run(door.LSHW)
    if output is None:
        return Finding()
    for line in output.text.splitlines():
        # The sound device carries the product's name: "product: NVIDIA Jetson AGX Orin HDA".
        match = re.search(r"NVIDIA.*?(?=HDA)", line)
        if match:
            return Finding(jetson_type(match.group(0).strip()))
    return Finding()


def find_jetson_device_tree(machine: Machine) -> Finding:
    text = machine.file(DEVICE_TREE_FILE)
    return Finding() if text is None else Finding(jetson_type(text.strip().partition("\n")[0]))


def find_declared_on_jetson(machine: Machine) -> Finding:
    declared = machine.variable("RUNNING_ON_JETSON")
    if declared is None:
        return Finding()
    word = declared.strip().lower()
    if word in ("true", "1", "t", "yes", "y", "on"):
        return Finding(True)
    if word in ("false", "0", "f", "no", "n", "off"):
        return Finding(False)
    return Finding(problem="neither true nor false; the client refuses to start")


def find_declared_l4t(machine: Machine) -> Finding:
    declared = machine.variable("L4T_VERSION")
    return _version(declared, "the declared L4T version") if declared else Finding()


def find_l4t_release(machine: Machine) -> Finding:
    """``# R36 (release), REVISION: 4.3, ...`` gives ``36.4.3``."""
    text = machine.file(L4T_FILE)
    if text is None:
        return Finding()
    match = re.search(r"R(\d+).*REVISION:\s*([\d.]+)", text.partition("\n")[0])
    return _version(f"{match.group(1)}.{match.group(2)}" if match else "", "the L4T release")


def find_operating_system(machine: Machine) -> Finding:
    """``ubuntu-22.04`` from the release file; the platform's long name where that does not tell."""
    platform = machine.platform()
    if platform.system == "Linux":
        text = machine.file(OS_RELEASE_FILE) or ""
        fields = dict(line.strip().split("=", 1) for line in text.splitlines() if "=" in line)
        name, version = fields.get("NAME", "").strip('"'), fields.get("VERSION_ID", "").strip('"')
        if name and version:
            return Finding(_name(f"{name}-{version}").lower())
        problem = "the release file names no system and version" if text else None
        return Finding(_name(platform.description).lower(), problem, PLATFORM)
    if platform.system in ("Darwin", "Windows"):
        return Finding(_name(platform.description).lower(), source=PLATFORM)
    return Finding()


def find_torch(machine: Machine) -> Finding:
    return _installed(machine, "torch")


def find_torchvision(machine: Machine) -> Finding:
    return _installed(machine, "torchvision")


def find_onnx_runtime(machine: Machine) -> Finding:
    """``{"version", "providers"}`` as ONNX Runtime itself says, and ``{"newest_opset", "newest_ir_version"}`` by trial,
    None where the trial did not tell."""
    if not machine.package("onnxruntime").importable:
        return Finding()
    answer = _ask(machine, door.ONNX_RUNTIME)
    version, providers = _field(answer, "version"), _field(answer, "providers")
    if version is None:
        return Finding(problem="ONNX Runtime is installed but cannot be imported")
    if not isinstance(providers, list):
        raise MachineError("the answer lists no execution providers")
    finding = _version(version, "ONNX Runtime's version")
    value = {"version": finding.value, "providers": [_name(item) for item in providers]}
    for name in ("newest_opset", "newest_ir_version"):
        newest = answer.get(name)
        value[name] = newest if isinstance(newest, int) and 0 < newest < MAX_ONNX_VERSION else None
    return Finding(value, finding.problem)


def find_transformers(machine: Machine) -> Finding:
    return Finding(True if machine.package("transformers").importable else None)


def find_coremltools(machine: Machine) -> Finding:
    """Its version, where it can run models: on Apple silicon, macOS 13 or later, with its runtime library."""
    platform = machine.platform()
    if platform.system != "Darwin" or platform.architecture != "arm64":
        return Finding()
    if not is_version(platform.macos_version):
        return Finding(problem="the version of macOS is not known")
    if parse_version(platform.macos_version) < parse_version(MIN_MACOS_FOR_COREML):
        return Finding()
    version = machine.package("coremltools").version
    if version is None:
        return Finding()
    if not any(name.startswith("libcoremlpython") for name in machine.package_files("coremltools")):
        return Finding(problem="this build of coremltools converts models but cannot run them")
    return _version(version, "the version of coremltools")


def find_execution_providers(machine: Machine) -> Finding:
    """The client's configured order of preference, None where it is left at its default."""
    declared = machine.variable("ONNXRUNTIME_EXECUTION_PROVIDERS")
    if declared is None:
        return Finding()
    names = [name.strip() for name in declared.strip("[").strip("]").split(",")]
    return Finding([_name(name) for name in names if name])


PROBES = (
    Probe("cuda_devices", "CUDA driver", find_cuda_devices),
    Probe("nvml_devices", "NVML", find_nvml_devices),
    Probe("driver", NVIDIA_MODULE_FILE, find_driver),
    Probe("cuda_library", "libcudart.so", find_cuda_library),
    Probe("cuda_package", "dpkg cuda-cudart", find_cuda_package),
    Probe("cuda_of_torch", "torch build", find_cuda_of_torch),
    Probe("tensorrt_package", "dpkg libnvinfer-bin", find_tensorrt_package),
    Probe("tensorrt_python", "Python package tensorrt", find_tensorrt_python),
    Probe("declared_jetson", "JETSON_MODULE", find_declared_jetson),
    Probe("jetson_hardware", "lshw", find_jetson_hardware),
    Probe("jetson_device_tree", DEVICE_TREE_FILE, find_jetson_device_tree),
    Probe("declared_on_jetson", "RUNNING_ON_JETSON", find_declared_on_jetson),
    Probe("declared_l4t", "L4T_VERSION", find_declared_l4t),
    Probe("l4t_release", L4T_FILE, find_l4t_release),
    Probe("operating_system", OS_RELEASE_FILE, find_operating_system),
    Probe("torch", "Python package torch", find_torch),
    Probe("torchvision", "Python package torchvision", find_torchvision),
    Probe("onnx_runtime", "Python package onnxruntime", find_onnx_runtime),
    Probe("transformers", "Python package transformers", find_transformers),
    Probe("coremltools", "Python package coremltools", find_coremltools),
    Probe("execution_providers", "ONNXRUNTIME_EXECUTION_PROVIDERS", find_execution_providers),
)


def _ask(machine: Machine, command: Command) -> dict[str, Any]:
    output = machine.run(command)
    if output is None:
        raise MachineError("Python could not be started to ask")
    if output.status < 0:
        raise MachineError(f"the process that asked was ended by signal {-output.status}")
    if output.status > 0:
        raise MachineError(f"the process that asked ended with status {output.status}")
    try:
        # A library may have printed before the answer, which is one line.
        answer = json.loads(output.text.strip().rpartition("\n")[2])
    except ValueError:
        raise MachineError("the answer cannot be read") from None
    if not isinstance(answer, dict):
        raise MachineError("the answer cannot be read")
    return answer


def _field(answer: dict[str, Any], name: str) -> Any:
    if name not in answer:
        raise MachineError("the answer is incomplete")
    return answer[name]


def _devices(devices: Any) -> list[dict[str, str]]:
    if not isinstance(devices, list) or len(devices) > MAX_DEVICES:
        raise MachineError("the answer is not a list of devices")
    checked = []
    for device in devices:
        if not isinstance(device, dict):
            raise MachineError("the answer is not a list of devices")
        capability = device.get("compute_capability")
        if not isinstance(capability, str) or not re.fullmatch(r"\d+\.\d+", capability):
            raise MachineError("a device has no compute capability")
        # NVML calls Jetson's GPU "Orin (nvgpu)", CUDA and the packages call it "Orin".
        name = _name(device.get("name")).removesuffix(NVGPU_SUFFIX)
        checked.append({"name": slug(name), "compute_capability": capability})
    return checked


def _name(value: Any) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_NAME_LENGTH or not value.isprintable():
        raise MachineError("the answer holds something that is no name")
    return value


def _cuda_number(number: Any) -> str | None:
    if number is None or number == 0:
        return None
    if not isinstance(number, int) or not 1000 <= number < 1_000_000:
        raise MachineError("the answer holds something that is no CUDA version")
    return f"{number // 1000}.{number % 1000 // 10}.{number % 10}"


def _debian_version(machine: Machine, command: Command) -> str | None:
    output = machine.run(command)
    # 1: no such package.
    if output is None or output.status == 1:
        return None
    if output.status != 0:
        raise MachineError(f"dpkg-query ended with status {output.status}")
    if not output.text.endswith("\n"):
        # A version cut short would still look like one.
        raise MachineError("the answer of dpkg-query is cut off")
    for line in output.text.splitlines():
        words = line.split()
        if words and words[0][1:2] == "i":
            if len(words) != 3:
                raise MachineError("the answer of dpkg-query cannot be read")
            return words[2]
    return None


def _installed(machine: Machine, name: str) -> Finding:
    """``{"version"}``, cut at ``+``, of an importable package; None where it is not there."""
    package = machine.package(name)
    if not package.importable:
        return Finding()
    version = package.version or _assignments(package.version_file).get("__version__")
    finding = _version(version.split("+")[0] if version else "", f"the version of {name}")
    return Finding({"version": finding.value}, finding.problem)


def _assignments(source: str | None) -> dict[str, str]:
    """The names that a Python file sets to plain text; it is read, never run."""
    if source is None:
        return {}
    try:
        statements = ast.parse(source).body
    except (SyntaxError, ValueError):
        return {}
    found: dict[str, str] = {}
    for statement in statements:
        if isinstance(statement, ast.Assign):
            targets: list[ast.expr] = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        value = statement.value
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            found.update({target.id: value.value for target in targets if isinstance(target, ast.Name)})
    return found


def _version(text: Any, what: str) -> Finding:
    """A PEP 440 version, as it was spelt. Only a Debian revision is rewritten: ``-1`` is ``.post1`` there."""
    if not isinstance(text, str) or not is_version(text):
        return Finding(problem=f"{what} cannot be read")
    return Finding(str(parse_version(text)) if "-" in text else text)
