from __future__ import annotations

import numpy as np
import pytest

from backends.errors import OutputNotFinite
from backends.predictions import Embeddings


def test_embeddings_are_lists_of_numbers() -> None:
    assert Embeddings(np.ones((1, 2), dtype=np.float32)).to_json() == {"embeddings": [[1.0, 1.0]]}


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_no_embedding(value: float) -> None:
    with pytest.raises(OutputNotFinite):
        Embeddings(np.array([[1, value]], dtype=np.float32))
