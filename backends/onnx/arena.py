"""One arena for the working memory of all networks that ONNX Runtime runs on the CPU in this process.

Ordinarily each session keeps what its runs took, for ever. With one arena for all, models that do not run at the same
moment take it in turn: a YOLOv8n with two sessions takes 4 MiB beside its weights, and not 20 (`bench.memory`).
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import numpy as np

# Grow by what is asked for: the default doubles itself.
_AS_REQUESTED = 1
_guard = threading.Lock()

# The smallest ONNX model there is: y = Identity(x) for one float. Written out in protobuf's wire format
# (field numbers of onnx.proto), because the library that would write it is not needed to serve.
_TENSOR_TYPE = b"\x12\x0a\x0a\x08\x08\x01\x12\x04\x0a\x02\x08\x01"
_NODE = b"\x0a\x01x\x12\x01y\x22\x08Identity"
_GRAPH = (
    bytes((0x0A, len(_NODE)))
    + _NODE
    + b"\x12\x01g"
    + bytes((0x5A, 3 + len(_TENSOR_TYPE)))
    + b"\x0a\x01x"
    + _TENSOR_TYPE
    + bytes((0x62, 3 + len(_TENSOR_TYPE)))
    + b"\x0a\x01y"
    + _TENSOR_TYPE
)
_SMALLEST_MODEL = b"\x08\x08" + bytes((0x3A, len(_GRAPH))) + _GRAPH + b"\x42\x02\x10\x0d"


def share(runtime: Any, settings: Any) -> None:
    """Have a session with these settings use the arena. ``runtime`` is ONNX Runtime."""
    with _guard:
        _register(runtime)
    settings.add_session_config_entry("session.use_env_allocators", "1")
    # Constants stay for as long as the session: they would cut the arena in pieces.
    settings.add_session_config_entry("session.use_device_allocator_for_initializers", "1")


def shrink(runtime: Any) -> None:
    """Give back what no run uses at this moment. Takes less than a millisecond; runs may go on meanwhile."""
    with _guard:
        session = _smallest_session(runtime)
    options = runtime.RunOptions()
    # The runtime only does it at the end of a run.
    options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
    session.run(None, {"x": np.zeros(1, dtype=np.float32)}, options)


@cache
def _register(runtime: Any) -> None:
    memory = runtime.OrtMemoryInfo("Cpu", runtime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, 0, runtime.OrtMemType.DEFAULT)
    runtime.create_and_register_allocator(memory, runtime.OrtArenaCfg({"arena_extend_strategy": _AS_REQUESTED}))


@cache
def _smallest_session(runtime: Any) -> Any:
    settings = runtime.SessionOptions()
    settings.intra_op_num_threads = settings.inter_op_num_threads = 1
    _register(runtime)
    settings.add_session_config_entry("session.use_env_allocators", "1")
    return runtime.InferenceSession(_SMALLEST_MODEL, sess_options=settings, providers=["CPUExecutionProvider"])
