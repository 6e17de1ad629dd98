"""From findings to an environment: which source wins where several can tell. Pure: no machine is asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from negotiation.detection.detected import FieldReport
from negotiation.detection.probe import ProbeReport
from negotiation.environment import DEFAULT_ONNX_EXECUTION_PROVIDERS, Environment
from negotiation.versions import major_minor


def assemble(reports: Iterable[ProbeReport]) -> tuple[Environment, tuple[FieldReport, ...]]:
    """The environment that the probes' findings describe, and where each of its fields comes from."""
    findings = Findings(reports)
    fields = [
        *_devices(findings),
        *_jetson_or_not(findings),
        _cuda(findings),
        *_tensorrt(findings),
        *_python_packages(findings),
    ]
    environment = Environment(**{report.field: report.value for report in fields})
    ordered = {report.field: report for report in fields}
    return environment, tuple(ordered[name] for name in environment.to_json())


class Findings:
    """The probes' reports by name."""

    def __init__(self, reports: Iterable[ProbeReport]) -> None:
        self._reports = {report.name: report for report in reports}

    def value(self, probe: str, key: str | None = None) -> Any:
        """What the probe found, or one entry of it; None where it found nothing."""
        value = self._reports[probe].value
        return value[key] if key is not None and value is not None else value

    def problem(self, *probes: str) -> str | None:
        """What stood in the way of the first of these probes that had a problem."""
        return next((self._reports[probe].problem for probe in probes if self._reports[probe].problem), None)

    def field(self, field: str, *candidates: str | tuple[str, str], default: Any = None) -> FieldReport:
        """The first candidate (a probe, or a probe and a key of its finding) that gives a value."""
        pairs = [(item, None) if isinstance(item, str) else item for item in candidates]
        for probe, key in pairs:
            value = self.value(probe, key)
            if value is not None:
                return FieldReport(field, value, self._reports[probe].source)
        return FieldReport(field, default, None, self.problem(*(probe for probe, _ in pairs)))


def _devices(findings: Findings) -> list[FieldReport]:
    # The CUDA driver first: its numbering, and what it hides, is what torch and the runtimes will see.
    found = findings.field("gpu_devices", "cuda_devices", "nvml_devices", default=[])
    problem = found.problem
    if found.source == "NVML" and found.value:
        problem = "the CUDA driver did not list its devices: their order may differ, and some may be hidden"
    names = tuple(device["name"] for device in found.value)
    capabilities = tuple(device["compute_capability"] for device in found.value)
    return [
        FieldReport("gpu_available", bool(names), found.source, problem),
        FieldReport("gpu_devices", names, found.source, problem),
        FieldReport("gpu_devices_cc", capabilities, found.source, problem),
    ]


def _jetson_or_not(findings: Findings) -> list[FieldReport]:
    jetson = findings.field("jetson_type", "declared_jetson", "jetson_hardware", "jetson_device_tree")
    declared = findings.value("declared_on_jetson")
    on_jetson = declared if declared is not None else jetson.value is not None
    driver = findings.field("driver_version", "driver")
    if not on_jetson:
        return [
            FieldReport("jetson_type", None, None, jetson.problem),
            FieldReport("l4t_version", None, None),
            findings.field("os_version", "operating_system"),
            driver,
        ]
    l4t = findings.field("l4t_version", "declared_l4t", "l4t_release")
    if l4t.value is None:
        problem = l4t.problem or "not known: the client refuses to start on an Orin until L4T_VERSION is set"
        l4t = FieldReport("l4t_version", None, None, problem)
    if driver.value is None:
        # The older Jetson driver has no version file; its version is that of L4T.
        driver = FieldReport("driver_version", l4t.value, l4t.source, driver.problem)
    return [jetson, l4t, FieldReport("os_version", None, None), driver]


def _cuda(findings: Findings) -> FieldReport:
    runtime = findings.field("cuda_version", ("cuda_library", "runtime"), "cuda_package", "cuda_of_torch")
    supported = findings.field("cuda_version", ("cuda_library", "driver"))
    if supported.value is None:
        return runtime
    if runtime.value is None:
        return supported
    if major_minor(runtime.value) > major_minor(supported.value):
        problem = f"CUDA {runtime.value} is installed, but the driver runs {supported.value} at most"
        return FieldReport("cuda_version", supported.value, supported.source, problem)
    return runtime


def _tensorrt(findings: Findings) -> list[FieldReport]:
    package = findings.field("trt_python_package_available", "tensorrt_python", default=False)
    return [
        findings.field("trt_version", "tensorrt_package", ("tensorrt_python", "version")),
        FieldReport(package.field, bool(package.value), package.source, package.problem),
    ]


def _python_packages(findings: Findings) -> list[FieldReport]:
    torch = findings.field("torch_available", "torch", default=False)
    providers = findings.field("available_onnx_execution_providers", ("onnx_runtime", "providers"))
    preferred = findings.field(
        "onnx_default_execution_providers", "execution_providers", default=DEFAULT_ONNX_EXECUTION_PROVIDERS
    )
    return [
        FieldReport(torch.field, bool(torch.value), torch.source, torch.problem),
        findings.field("torch_version", ("torch", "version")),
        findings.field("torchvision_version", ("torchvision", "version")),
        findings.field("onnxruntime_version", ("onnx_runtime", "version")),
        FieldReport(
            providers.field,
            None if providers.value is None else tuple(providers.value),
            providers.source,
            providers.problem,
        ),
        findings.field("hf_transformers_available", "transformers", default=False),
        findings.field("coremltools_version", "coremltools"),
        FieldReport(preferred.field, tuple(preferred.value), preferred.source, preferred.problem),
    ]
