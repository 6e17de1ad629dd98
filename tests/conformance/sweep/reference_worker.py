"""Runs inside the client's environment: answers what the unmodified library predicts, a line of JSON for each line.

A question: {"directory": a package, "image": path, "parameters": {...}, "recommended": {...} or null}. An answer:
{"scores": [...]} of a classifier, {"class_id", "confidence", "xyxy", "size", "masks"} of others with masks as run
lengths down the columns, or {"error": type and message}.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import cv2
import numpy as np


def main() -> None:
    # The library prints to standard output; the answers keep it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        try:
            answer = predict(json.loads(line))
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def predict(question: dict[str, Any]) -> dict[str, Any]:
    from inference_models import AutoModel
    from inference_models.weights_providers.entities import RecommendedParameters

    given = question["recommended"]
    more = {} if given is None else {"recommended_parameters": RecommendedParameters(**given)}
    model = AutoModel.from_pretrained(question["directory"], **more)
    found = model(cv2.imread(question["image"]), **question["parameters"])
    if not isinstance(found, list):
        return {"scores": found.confidence[0].tolist()}
    first = found[0]
    answer = {name: getattr(first, name).tolist() for name in ("class_id", "confidence", "xyxy")}
    if hasattr(first, "mask"):
        masks = first.mask.numpy()
        answer |= {"size": list(masks.shape[1:]), "masks": [runs(mask) for mask in masks]}
    return answer


def runs(mask: np.ndarray) -> list[int]:
    """Lengths of equal pixels down the columns, those outside first."""
    pixels = np.concatenate(([False], mask.T.reshape(-1), [False]))
    edges = np.flatnonzero(np.diff(pixels.astype(np.int8)))
    return np.diff(np.concatenate(([0], edges, [mask.size]))).tolist()


main()
