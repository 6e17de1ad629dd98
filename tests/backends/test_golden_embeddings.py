"""CLIP embeds as the reference library does, case by case."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backends.errors import BadText
from tests.backends import golden

CLIP = "clip-tiny-onnx"


@pytest.mark.parametrize("case", golden.cases(CLIP))
def test_clip_agrees_with_the_reference(case: dict[str, Any] | None, tmp_path: Path) -> None:
    golden.require_golden()
    assert case is not None
    model = golden.load(CLIP, case, tmp_path)
    if case["id"].startswith("text"):
        if "error" in case:
            with pytest.raises(BadText):
                model.embed_text(case["images"][0])
            return
        vectors = np.concatenate([model.embed_text(text).vectors for text in case["images"]])
    else:
        vectors = np.concatenate([answer.vectors for answer in model.infer(golden.images(case))])  # type: ignore[union-attr]
    golden.check_vectors(vectors, case)
