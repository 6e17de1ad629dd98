from __future__ import annotations

import numpy as np

from backends.predictions import Classification


def test_a_classification_names_the_best_class() -> None:
    answer = Classification(np.array([0.1, 0.7, 0.2], dtype=np.float32), ("a", "b", "c"), (4, 4)).to_json()
    assert answer["top"] == "b"
    assert [item["class"] for item in answer["predictions"]] == ["b", "c", "a"]


def test_several_labels_may_hold_at_once() -> None:
    scores = np.array([0.9, 0.2, 0.6], dtype=np.float32)
    answer = Classification(scores, ("a", "b", "c"), (4, 4), multi_label=True).to_json()
    assert answer["predicted_classes"] == ["a", "c"]
