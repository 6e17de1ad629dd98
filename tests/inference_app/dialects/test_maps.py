"""Maps as text: what is read back is what was there."""

from __future__ import annotations

import base64

import cv2
import numpy as np
import pytest

from inference_app.dialects.maps import described, png

METRES = np.array([[1.5, 2, 75], [3, 4, 5]], dtype=np.float32)


def pixels(text: str) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(base64.b64decode(text), dtype=np.uint8), cv2.IMREAD_UNCHANGED)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_class_ids_are_a_grey_png(dtype: type[np.unsignedinteger]) -> None:
    ids = np.array([[0, 1], [np.iinfo(dtype).max, 3]], dtype=dtype)
    read = pixels(png(ids))
    assert read.dtype == dtype
    assert read.tolist() == ids.tolist()


def test_numbers_are_levels_between_the_least_and_the_greatest() -> None:
    form = described(METRES, "png")
    assert form["format"] == "png16"
    read = form["offset"] + form["scale"] * pixels(form["data"])
    np.testing.assert_allclose(read, METRES, atol=form["scale"] / 2 * 1.001)
    assert (read.min(), read.max()) == (1.5, pytest.approx(75))


def test_or_between_given_bounds() -> None:
    form = described(np.array([[0, 0.25, 1]], dtype=np.float32), "png", 0.0, 1.0)
    assert (form["offset"], form["scale"]) == (0.0, 1 / 65535)
    assert pixels(form["data"]).tolist() == [[0, 16384, 65535]]


def test_a_map_of_one_value_is_read_as_that_value() -> None:
    form = described(np.full((2, 2), 3.25, dtype=np.float32), "png")
    assert (form["offset"] + form["scale"] * pixels(form["data"])).tolist() == [[3.25] * 2] * 2


def test_floats_are_exact() -> None:
    # A view of every second column is not laid out row by row.
    values = np.repeat(METRES, 2, axis=1)[:, ::2]
    form = described(values, "floats")
    assert (form["format"], form["shape"]) == ("float32", [2, 3])
    read = np.frombuffer(base64.b64decode(form["data"]), dtype="<f4").reshape(form["shape"])
    assert read.tolist() == METRES.tolist()
