from __future__ import annotations

import numpy as np
import pytest

from backends.errors import OutputNotFinite
from backends.predictions import Depth

METRES = np.array([[1.5, 2, 3]], dtype=np.float32)


def test_it_is_a_map_with_the_size_of_the_image() -> None:
    answer = Depth(METRES, (1, 3)).to_json()
    assert answer["image"] == {"width": 3, "height": 1}
    assert answer["depth_map"].tolist() == METRES.tolist()
    assert "original_image" not in answer


def test_a_map_of_a_part_of_the_image_says_so() -> None:
    assert Depth(METRES, (4, 6)).to_json()["original_image"] == {"width": 6, "height": 4}


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_not_finite_is_no_distance(value: float) -> None:
    with pytest.raises(OutputNotFinite):
        Depth(np.array([[value]], dtype=np.float32), (1, 1))


def test_supervision_has_no_counterpart() -> None:
    assert Depth(METRES, (1, 3)).to_supervision() is METRES
