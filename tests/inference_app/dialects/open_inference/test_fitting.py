"""Whether a request fits a network, told by what inspection found in its file."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from backends.errors import BadTensor
from inference_app.dialects.open_inference.fitting import require_fit
from inference_app.dialects.open_inference.requests import InferRequest
from registry.errors import InvalidRequest


def package(*shape: Any, dtype: str = "float", outputs: tuple[str, ...] = ("boxes",)) -> Any:
    inputs = [{"name": "images", "dtype": dtype, "shape": list(shape)}]
    facts = {"inputs": inputs, "outputs": [{"name": name, "dtype": "float", "shape": [1]} for name in outputs]}
    return SimpleNamespace(inspection={"facts": facts})


def asked(shape: tuple[int, ...], dtype: Any = np.float32, name: str = "images", **outputs: bool) -> InferRequest:
    return InferRequest(None, {name: np.zeros(shape, dtype)}, outputs or None, False)


def test_a_batch_of_any_size_fits_a_side_with_a_name() -> None:
    require_fit(asked((7, 3, 8, 8), boxes=False), [package("batch", 3, 8, 8)])


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (asked((1, 3, 8, 9)), "must have the shape any x 3 x 8 x 8, not 1 x 3 x 8 x 9"),
        (asked((1, 3, 8)), "must have the shape any x 3 x 8 x 8, not 1 x 3 x 8"),
        (asked((1, 3, 8, 8), np.float64), "must be of type float32, not float64"),
        (asked((1, 3, 8, 8), name="pixels"), "inputs are: images"),
    ],
)
def test_a_tensor_that_does_not_fit_is_refused(request_: InferRequest, message: str) -> None:
    with pytest.raises(BadTensor, match=message):
        require_fit(request_, [package("batch", 3, 8, 8)])


def test_an_output_that_the_network_does_not_have_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="no output 'scores'"):
        require_fit(asked((1, 3, 8, 8), scores=True), [package(1, 3, 8, 8)])


def test_one_package_that_fits_is_enough() -> None:
    require_fit(asked((1, 3, 8, 8)), [package(1, 3, 16, 16), package(1, 3, 8, 8)])


@pytest.mark.parametrize("unknown", [package(1, dtype="string"), package(), SimpleNamespace(inspection={})])
def test_what_the_files_do_not_tell_is_left_to_the_network(unknown: Any) -> None:
    require_fit(asked((1, 3, 8, 8)), [unknown])
