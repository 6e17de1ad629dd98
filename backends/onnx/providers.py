"""ONNX Runtime's execution providers and the options that each one needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backends.errors import DeviceUnavailable
from backends.session import SessionOptions

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
TENSORRT = "TensorrtExecutionProvider"
OPENVINO = "OpenVINOExecutionProvider"

Provider = tuple[str, dict[str, Any]]


def choose_providers(options: SessionOptions, available: Sequence[str]) -> list[Provider]:
    """The providers to load with, in order, each with its options; the CPU always comes last.

    Options given by the caller go before ours. Raises DeviceUnavailable if the first provider wanted is not
    ``available`` in the installed ONNX Runtime; one further back is left out.
    """
    wanted = options.providers or ((CUDA if options.on_gpu else CPU),)
    chosen: list[Provider] = []
    for item in wanted:
        name, given = (item, {}) if isinstance(item, str) else item
        if name not in available:
            if not chosen:
                raise DeviceUnavailable(f"The installed ONNX Runtime has no {name}.")
            continue
        chosen.append((name, {**_defaults(name, options), **given}))
    if all(name != CPU for name, _ in chosen):
        chosen.append((CPU, {}))
    return chosen


def check_first_provider(chosen: Sequence[Provider], active: Sequence[str]) -> None:
    """Raises DeviceUnavailable if the runtime silently dropped the provider that was wanted most.

    ONNX Runtime only logs when a provider cannot start (a missing library, no such device), and goes on with the CPU,
    which would be a hundred times slower than what was promised.
    """
    first = chosen[0][0]
    if first not in active:
        raise DeviceUnavailable(f"{first} could not be started on this machine.")


def _defaults(name: str, options: SessionOptions) -> Mapping[str, Any]:
    if name == CUDA:
        defaults: dict[str, Any] = {
            "device_id": options.device_index,
            # The default doubles its arena, which makes a memory budget meaningless.
            "arena_extend_strategy": "kSameAsRequested",
            # The exhaustive search takes seconds for every new shape.
            "cudnn_conv_algo_search": "HEURISTIC",
        }
        if options.memory_limit is not None:
            defaults["gpu_mem_limit"] = options.memory_limit
        return defaults
    if name == TENSORRT:
        defaults = {"device_id": options.device_index}
        if options.cache_directory is not None:
            defaults |= {
                "trt_engine_cache_enable": True,
                "trt_engine_cache_path": str(options.cache_directory),
                "trt_timing_cache_enable": True,
                "trt_timing_cache_path": str(options.cache_directory),
            }
        return defaults
    if name == OPENVINO:
        defaults = {"device_type": "GPU" if options.device.startswith("gpu") else "CPU"}
        if options.threads:
            defaults["num_of_threads"] = options.threads
        return defaults
    return {}
