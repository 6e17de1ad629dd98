"""Times our families beside the reference library, in one run on one machine.

Run it in an environment that has ``inference-models`` (make bench does), with a folder of packages as the client lays
them out, each with ``package/`` inside, and images:

    python -m bench.families [--packages FOLDER] [--images FOLDER] [--runs 15] [--threads 2]

For every package whose architecture we run on ONNX or TorchScript, and for each image: the median milliseconds of
the whole call, of ours and of the reference's, and how often ours fits into it; for ours also the stages.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from backends import SessionOptions, load_package
from backends.errors import BackendError

RUNNABLE = {"onnx", "torch-script"}
GOLDEN = Path(os.environ.get("GOLDEN_DIR") or Path(__file__).resolve().parents[2] / "shared" / "golden")


def median_ms(call: Callable[[], Any], runs: int) -> float:
    """Median of the wall time of ``runs`` calls after one that is not counted, in milliseconds."""
    call()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def load_reference(package: Path) -> Any:
    """The same package in the reference library, or None where that is not installed."""
    try:
        from inference_models import AutoModel
    except ImportError:
        return None
    return AutoModel.from_pretrained(str(package), onnx_execution_providers=["CPUExecutionProvider"])


def compare(package: Path, images: dict[str, np.ndarray], runs: int, threads: int) -> list[dict[str, Any]]:
    """One row an image; none if we do not run the package."""
    names = json.loads((package / "model_config.json").read_text())
    if names["backend_type"] not in RUNNABLE:
        return []
    try:
        ours = load_package(
            package,
            architecture=names["model_architecture"],
            task=names["task_type"],
            backend=names["backend_type"],
            options=SessionOptions(threads=threads),
        )
    except BackendError:
        return []
    reference = load_reference(package)
    rows = []
    for image_name, image in images.items():
        prepared = ours.preprocess(image)
        outputs = [output[0] for output in ours.run(prepared.tensor[None])]
        row: dict[str, Any] = {
            "package": package.parent.name,
            "image": image_name,
            "ours": median_ms(partial(ours.infer, [image]), runs),
            "pre": median_ms(partial(ours.preprocess, image), runs),
            "run": median_ms(partial(ours.run, prepared.tensor[None]), runs),
            "post": median_ms(partial(ours.postprocess, outputs, prepared), runs),
        }
        if reference is not None:
            row["reference"] = median_ms(partial(reference, image), runs)
            row["ratio"] = row["reference"] / row["ours"]
        rows.append(row)
    ours.close()
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--packages", type=Path, default=GOLDEN, help="default: GOLDEN_DIR")
    parser.add_argument("--images", type=Path, default=GOLDEN / "images")
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--threads", type=int, default=2, help="threads of one run; 2 is nearest to the reference")
    parser.add_argument("--json", type=Path, help="write the rows here too")
    arguments = parser.parse_args()
    if not arguments.images.is_dir():
        print("Nothing to measure: name folders with --packages and --images, or set GOLDEN_DIR.")
        return
    images = {
        path.name: image
        for path in sorted(arguments.images.iterdir())
        if (image := cv2.imread(str(path), cv2.IMREAD_COLOR)) is not None
    }
    columns = ("ours", "pre", "run", "post", "reference", "ratio")
    print(f"{'package':34} {'image':28}" + "".join(f"{name:>10}" for name in columns))
    rows: list[dict[str, Any]] = []
    for directory in sorted(arguments.packages.glob("*/package")):
        if not (directory / "model_config.json").is_file():
            continue
        for row in compare(directory, images, arguments.runs, arguments.threads):
            rows.append(row)
            numbers = "".join(f"{row[name]:10.2f}" if name in row else f"{'-':>10}" for name in columns)
            print(f"{row['package']:34} {row['image']:28}{numbers}", flush=True)
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
