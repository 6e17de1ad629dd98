"""Whether a request fits a network, told by what inspection found in its file: before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from backends.errors import BadTensor
from backends.session import TensorSpec, check_tensors
from inference_app.dialects.open_inference.answers import no_output
from inference_app.dialects.open_inference.requests import InferRequest
from inference_app.dialects.open_inference.tensors import dtype_of_onnx
from packages_app.models import Package
from registry.errors import InvalidRequest


def require_fit(request: InferRequest, packages: Sequence[Package]) -> None:
    """Raises BadTensor or InvalidRequest where the request fits none of the packages, any of which may have to run.

    What files do not tell is left to the network, which is loaded for it.
    """
    misfits = [misfit for package in packages for misfit in _misfits(request, package.inspection.get("facts", {}))]
    if misfits and misfits[0] is not None and all(misfits):
        raise misfits[0]


def _misfits(request: InferRequest, facts: Mapping[str, Any]) -> Iterator[BadTensor | InvalidRequest | None]:
    """Why it fits the package's network not, and why not the second one where there are two."""
    for inputs, outputs in (("inputs", "outputs"), ("other_inputs", "other_outputs")):
        if inputs == "inputs" or inputs in facts:
            yield _misfit(request, facts.get(inputs, ()), facts.get(outputs, ()))


def _misfit(
    request: InferRequest, declared: Sequence[Mapping[str, Any]], outputs_declared: Sequence[Mapping[str, Any]]
) -> BadTensor | InvalidRequest | None:
    inputs = [_spec(tensor) for tensor in declared]
    known = [spec for spec in inputs if spec is not None]
    if known and len(known) == len(inputs):
        try:
            check_tensors(known, request.inputs)
        except BadTensor as misfit:
            return misfit
    outputs = {tensor["name"] for tensor in outputs_declared}
    unknown = [name for name in request.outputs or () if outputs and name not in outputs]
    return no_output(unknown[0]) if unknown else None


def _spec(tensor: Mapping[str, Any]) -> TensorSpec | None:
    """The input as a runtime would describe it; None where the file leaves its type or its number of sides open."""
    kind = dtype_of_onnx(tensor["dtype"])
    if kind is None or not tensor["shape"]:
        return None
    sides = tuple(side if isinstance(side, int) and side > 0 else None for side in tensor["shape"])
    return TensorSpec(tensor["name"], np.dtype(kind).name, sides)
