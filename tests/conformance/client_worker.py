"""Runs inside a client's environment: loads models with the unmodified client and tells what happened.

The client reads its settings once, when it is imported. So this process imports only what the client itself
stands on, which takes seconds, and forks for every job: the child sets the job's environment, imports the
client, works and ends. Each job is thus a fresh client process of one second.

    python client_worker.py PACKAGE        PACKAGE: inference_models or inference_exp

A job: {"environment": {...}, "folder": working directory, "model": id, "arguments": {...},
"images": [paths], "batch": bool, "run": bool}. "run": call the model, of whatever task, once on a gray image.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import traceback
from typing import Any

PRELOADED = (
    "torch",
    "torchvision",
    "cv2",
    "onnxruntime",
    "requests",
    "pydantic",
    "rich",
    "supervision",
    "transformers",
)


def main() -> None:
    # Clients print to standard output; the answers keep it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for module in PRELOADED:
        importlib.import_module(module)
    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump(answer(sys.argv[1], json.loads(line)), pipe, default=str)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        _, status = os.waitpid(child, 0)
        answers.write((text or json.dumps({"error": {"type": "ProcessEnded", "message": str(status)}})) + "\n")
        answers.flush()


def answer(package: str, job: dict[str, Any]) -> dict[str, Any]:
    os.environ.update(job["environment"])
    os.chdir(job["folder"])
    try:
        client = importlib.import_module(package)
        model = client.AutoModel.from_pretrained(job["model"], **job["arguments"])
        return {
            "type": type(model).__name__,
            "resolved": resolved(model),
            "class_names": list(getattr(model, "class_names", None) or []),
            "predictions": predict(model, job["images"], batch=job["batch"]),
            "ran": job.get("run", False) and run_once(model),
        }
    except Exception as error:
        traceback.print_exc()
        return {"error": described(error)}


def resolved(model: Any) -> dict[str, str | None]:
    """Which package the client chose, where it says so."""
    choice = getattr(model, "resolved_model", None)
    names = ("model_id", "model_package_id", "backend", "quantization")
    return {name: getattr(choice, name) for name in names if hasattr(choice, name)}


def predict(model: Any, paths: list[str], *, batch: bool) -> list[dict[str, list[Any]]]:
    """Boxes as corners in pixels, with class numbers and confidences, for each image."""
    import cv2

    images = [cv2.imread(path, cv2.IMREAD_COLOR) for path in paths]
    calls = [images] if batch else [[image] for image in images]
    detections = [found for call in calls for found in model(call)]
    return [
        {
            "boxes": found.xyxy.tolist(),
            "classes": found.class_id.tolist(),
            "confidences": found.confidence.tolist(),
        }
        for found in detections
    ]


def run_once(model: Any) -> bool:
    """One gray image through the model, by whichever method its task has."""
    import numpy as np

    image = np.full((240, 320, 3), 114, dtype=np.uint8)
    if not hasattr(model, "infer"):
        model.embed_images(image)
    elif "classes" in inspect.signature(model.infer).parameters:
        model(image, ["circle"])
    else:
        model(image)
    return True


def described(error: BaseException) -> dict[str, Any]:
    """The error, its base classes, and the errors of every package that was tried."""
    return {
        "type": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error),
        "tried": [type(each).__name__ for each in getattr(error, "alternatives_errors", None) or []],
    }


if __name__ == "__main__":
    main()
