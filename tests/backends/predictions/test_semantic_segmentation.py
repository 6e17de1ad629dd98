from __future__ import annotations

import numpy as np
import pytest

from backends.errors import OutputUnusable
from backends.predictions import SemanticSegmentation

MAP = np.array([[0, 0, 2], [0, 2, 2]], dtype=np.uint8)
CONFIDENCE = np.full((2, 3), 0.5, dtype=np.float32)
NAMES = ("background", "cat", "dog")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_it_tells_the_classes_that_some_pixel_has(dtype: type[np.unsignedinteger]) -> None:
    answer = SemanticSegmentation(MAP.astype(dtype), CONFIDENCE, NAMES, (2, 3)).to_json()
    assert answer["image"] == {"width": 3, "height": 2}
    predictions = answer["predictions"]
    assert predictions["class_map"] == {"0": "background", "1": "cat", "2": "dog"}
    assert predictions["present_class_ids"] == [0, 2]
    assert predictions["segmentation_mask"].tolist() == MAP.tolist()
    assert predictions["confidence_mask"].dtype == np.float32


def test_a_map_of_a_part_of_the_image_says_so() -> None:
    answer = SemanticSegmentation(MAP, CONFIDENCE, NAMES, (10, 20)).to_json()
    assert answer["image"] == {"width": 3, "height": 2}
    assert answer["original_image"] == {"width": 20, "height": 10}


def test_a_class_without_a_name_is_no_segmentation() -> None:
    with pytest.raises(OutputUnusable, match=r"found class 2, .* names for 2 classes"):
        SemanticSegmentation(MAP, CONFIDENCE, NAMES[:2], (2, 3))


def test_supervision_has_no_counterpart() -> None:
    assert SemanticSegmentation(MAP, CONFIDENCE, NAMES, (2, 3)).to_supervision() is MAP
