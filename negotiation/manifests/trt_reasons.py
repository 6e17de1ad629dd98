"""Why a machine cannot run a TensorRT engine."""

from __future__ import annotations

from functools import lru_cache

from negotiation.reasons import INSTALL_EXTRA, Reason, listed, on_this_machine

NOT_INSTALLED = on_this_machine(
    "trt_not_installed", f"This machine has no TensorRT. {INSTALL_EXTRA.format(extra='trt10', file='trt')}"
)
PYTHON_PACKAGE_MISSING = on_this_machine(
    "trt_details_missing",
    "TensorRT is installed, but its Python package is not. Install tensorrt into this environment.",
    "trt_python_package_missing",
)
RUNTIME_L4T_UNKNOWN = on_this_machine(
    "trt_details_missing",
    "The engine was compiled on a Jetson, and this machine has no known L4T version. On a Jetson set "
    "L4T_VERSION; elsewhere publish an engine compiled on a server.",
    "trt_runtime_l4t_unknown",
)


@lru_cache(maxsize=1024)
def device_name_mismatch(compiled_for: str, here: tuple[str, ...]) -> Reason:
    """No candidate GPU bears the name of the one that the engine was compiled on."""
    return on_this_machine(
        "trt_device_mismatch",
        f"The engine was compiled for {compiled_for}; the GPUs to choose from are {listed(here)}. "
        "Compile it on this machine, or with compatibility for the same compute capability.",
    )


@lru_cache(maxsize=1024)
def compute_capability_mismatch(compiled_for: str, here: tuple[str, ...]) -> Reason:
    """No candidate GPU has the compute capability that the engine was compiled for."""
    return on_this_machine(
        "trt_device_mismatch",
        f"The engine needs compute capability {compiled_for}; the GPUs to choose from have {listed(here)}. "
        "Compile it on a GPU of this kind.",
    )


@lru_cache(maxsize=1024)
def l4t_mismatch(package: str, runtime: str) -> Reason:
    """The L4T releases differ in major or minor."""
    return on_this_machine(
        "trt_l4t_mismatch",
        f"The engine was compiled under L4T {package}; this Jetson runs {runtime}. "
        "Compile it on this release, or flash the Jetson to that one.",
    )


@lru_cache(maxsize=1024)
def version_not_equal(package: str, runtime: str) -> Reason:
    """The engine needs exactly its own TensorRT version."""
    return on_this_machine(
        "trt_version_mismatch",
        f"The engine needs exactly TensorRT {package}; this machine has {runtime}. "
        "Install that version, or compile the engine with the one here.",
        "trt_version_not_equal",
    )


@lru_cache(maxsize=1024)
def runtime_older_than_engine(package: str, runtime: str) -> Reason:
    """A forward compatible engine runs on its own TensorRT version or a later one."""
    return on_this_machine(
        "trt_version_mismatch",
        f"The engine needs TensorRT {package} or later; this machine has {runtime}. Upgrade TensorRT.",
        "trt_runtime_older_than_engine",
    )


LEAN_RUNTIME_EXCLUDED = on_this_machine(
    "trt_lean_runtime_excluded",
    "The engine is forward compatible but was compiled without the lean runtime, which is not supported. "
    "Compile it with the lean runtime included.",
)
HOST_CODE_FORBIDDEN = on_this_machine(
    "trt_host_code_forbidden",
    "A forward compatible engine carries code that runs on the host. "
    "Pass trt_engine_host_code_allowed=True if you trust the package.",
)
