"""Scores from raw values."""

from __future__ import annotations

import warnings

import numpy as np

from backends.postprocessing.activation import sigmoid


def test_the_largest_values_do_not_overflow() -> None:
    values = np.array([-np.inf, -1e30, 0, 1e30, np.inf], dtype=np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = sigmoid(values)
    assert scores.tolist() == [0, 0, 0.5, 1, 1]
    assert scores.dtype == np.float32


def test_nan_stays_nan() -> None:
    assert np.isnan(sigmoid(np.array([np.nan], dtype=np.float32))).all()
