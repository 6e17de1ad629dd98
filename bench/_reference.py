"""The reference library in a loop, for `python -m bench._reference PACKAGE IMAGE` in .venvs/client.

Reads lines, each a number of seconds, and answers each with one line of JSON: the figures of a loop of that long
over decoding and inference, and the number of objects found.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from inference_models import AutoModel


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    package, image = sys.argv[1:]
    encoded = np.frombuffer(Path(image).read_bytes(), np.uint8)
    model = AutoModel.from_pretrained(package, onnx_execution_providers=["CPUExecutionProvider"])
    for _ in range(3):
        (found,) = model(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    for line in sys.stdin:
        times = []
        cpu, begun = time.process_time(), time.perf_counter()
        end = begun + float(line)
        while (started := time.perf_counter()) < end:
            model(cv2.imdecode(encoded, cv2.IMREAD_COLOR))
            times.append(time.perf_counter() - started)
        elapsed = time.perf_counter() - begun
        times.sort()
        figures = {
            "throughput": len(times) / elapsed,
            "median_ms": statistics.median(times) * 1000,
            "p95_ms": times[int(0.95 * (len(times) - 1))] * 1000,
            "cpu_ms": (time.process_time() - cpu) / len(times) * 1000,
        }
        answers.write(json.dumps({"figures": figures, "objects": len(found.class_id)}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
