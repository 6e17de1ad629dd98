"""Print the version of ONNX Runtime and the execution providers it was built with, in its own order.

Output: ``{"version": "1.22.0", "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"]}``, nulls where
ONNX Runtime cannot be imported.
"""

from __future__ import annotations

import json


def main() -> None:
    try:
        import onnxruntime
    except ImportError:
        print(json.dumps({"version": None, "providers": None}))
        return
    answer = {"version": onnxruntime.__version__, "providers": onnxruntime.get_available_providers()}
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
