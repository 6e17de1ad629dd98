"""Print the version of ONNX Runtime, the execution providers it was built with, in its own order, and what it reads.

Output: ``{"version": "1.22.0", "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"], "newest_opset": 22,
"newest_ir_version": 10}``, nulls where ONNX Runtime cannot be imported. It does not say what it reads: the smallest
network there is, written for one version after the other, is loaded until it refuses one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

# What every release reads that clients use, and more versions than there will be for long.
OLDEST_OPSET, OLDEST_IR_VERSION, MOST_VERSIONS = 13, 7, 100


def main() -> None:
    try:
        import onnxruntime
    except ImportError:
        print(json.dumps({"version": None, "providers": None, "newest_opset": None, "newest_ir_version": None}))
        return
    answer = {
        "version": onnxruntime.__version__,
        "providers": onnxruntime.get_available_providers(),
        "newest_opset": _newest(onnxruntime, OLDEST_OPSET, lambda opset: network(opset, OLDEST_IR_VERSION)),
        "newest_ir_version": _newest(onnxruntime, OLDEST_IR_VERSION, lambda version: network(OLDEST_OPSET, version)),
    }
    print(json.dumps(answer, allow_nan=False))


def network(opset: int, ir_version: int) -> bytes:
    """An ONNX file: one operator that gives back its input. Field numbers: onnx.proto."""
    value_type = _field(1, _number(1, 1) + _field(2, _field(1, _number(1, 1))))
    values = [_field(number, _field(1, name) + _field(2, value_type)) for number, name in ((11, b"a"), (12, b"b"))]
    node = _field(1, _field(1, b"a") + _field(2, b"b") + _field(4, b"Identity"))
    graph = _field(7, node + _field(2, b"identity") + b"".join(values))
    return _number(1, ir_version) + graph + _field(8, _number(2, opset))


def _newest(onnxruntime: Any, oldest: int, write: Callable[[int], bytes]) -> int | None:
    """The last version from ``oldest`` on that is read; None if not even that one is."""
    onnxruntime.set_default_logger_severity(4)
    newest = None
    for version in range(oldest, oldest + MOST_VERSIONS):
        try:
            onnxruntime.InferenceSession(write(version), providers=["CPUExecutionProvider"])
        except Exception:  # what it raises has no type of its own
            break
        newest = version
    return newest


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _number(number: int, value: int) -> bytes:
    return bytes([number << 3, value])


if __name__ == "__main__":
    main()
