"""Answers of the protocol: JSON, with the bytes of tensors behind it where they were asked for so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backends.errors import OutputNotFinite
from inference_app.dialects.open_inference.requests import InferRequest
from inference_app.dialects.open_inference.tensors import NAMES, Array
from inference_app.requests.admission import NUMBER_BYTES, weigh
from inference_app.services.inference import TensorOutcome
from registry.api.strict_json import dump
from registry.errors import InvalidRequest


def no_output(name: str) -> InvalidRequest:
    return InvalidRequest(f"The model has no output {name[:80]!r}.")


def answer(name: str, outcome: TensorOutcome, request: InferRequest) -> tuple[bytes, int | None]:
    """The answer of the model asked for as ``name``; a model's version is the package that ran. As `dump_reply`."""
    reply: dict[str, Any] = {"model_name": name, "model_version": outcome.package.package_id}
    if request.identifier is not None:
        reply["id"] = request.identifier
    return dump_reply(reply, outcome.reply.outputs, request)


def dump_reply(
    reply: Mapping[str, Any], outputs: Mapping[str, Array], request: InferRequest
) -> tuple[bytes, int | None]:
    """The body of an answer, and the length of its JSON where binary tensors follow it.

    ``reply`` holds the fields beside the outputs. Raises InvalidRequest for a wanted output that the network
    does not have, OutputNotFinite for one that JSON cannot hold (as bytes it keeps its bits), and ServerBusy where
    there is no room for its numbers now.
    """
    wanted = list(outputs) if request.outputs is None else list(request.outputs)
    described, blobs = [], []
    for name in wanted:
        if name not in outputs:
            raise no_output(name)
        array = np.ascontiguousarray(outputs[name])
        if array.dtype not in NAMES:
            raise InvalidRequest(f"The output {name!r} has a type that the protocol does not know.")
        entry: dict[str, Any] = {"name": name, "datatype": NAMES[array.dtype], "shape": list(array.shape)}
        if request.wants_binary(name):
            blob = array.tobytes()
            entry["parameters"] = {"binary_data_size": len(blob)}
            blobs.append(blob)
        else:
            if not np.isfinite(array).all():
                raise OutputNotFinite(
                    f"The output {name[:80]!r} holds NaN or infinity, which JSON does not have. Ask for it as bytes: "
                    "`binary_data` of the output, or `binary_data_output` of the request."
                )
            weigh(array.size * NUMBER_BYTES)
            entry["data"] = array.ravel().tolist()
        described.append(entry)
    head = dump({**reply, "outputs": described})
    return (head, None) if not blobs else (b"".join([head, *blobs]), len(head))
