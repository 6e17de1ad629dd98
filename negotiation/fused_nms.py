"""Suppression of overlapping boxes that is built into a package: does it match what the caller prefers?

A package that has it declares the feature ``nms_fused``, an object with the four keys below. Preferences are
None or False (no such packages), True (the policy's default values exactly), or a mapping with any of the
keys: a number, a pair of bounds in either order, or for ``class_agnostic`` a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from negotiation import reasons
from negotiation.errors import InvalidNmsFusionPreferencesError, MalformedModelFeaturesError
from negotiation.package import Package
from negotiation.reasons import Reason

FEATURE = "nms_fused"
RANGES = ("max_detections", "confidence_threshold", "iou_threshold")
CLASS_AGNOSTIC = "class_agnostic"
NEARLY_EQUAL = 1e-5
SPAN_MARGIN = 1e-6
"""Added to a span before dividing by it."""


def mismatch(package: Package, preferences: Any, defaults: Mapping[str, Any]) -> Reason | None:
    """Why the package's built-in suppression is not what is preferred; None if it is, or there is none.

    Raises ``MalformedModelFeaturesError`` if the feature is not an object or holds values that are no
    numbers, ``InvalidNmsFusionPreferencesError`` if a preference is neither a number nor a pair.
    """
    built_in = package.features.get(FEATURE) if package.features else None
    if built_in is None:
        return None
    if preferences is None or preferences is False:
        return reasons.NMS_FUSED_NOT_REQUESTED
    if not isinstance(built_in, Mapping):
        raise MalformedModelFeaturesError(
            f"The nms_fused feature of package {package.package_id[:80]} is not an object."
        )
    for key in (*RANGES, CLASS_AGNOSTIC):
        if key not in built_in:
            return reasons.nms_malformed(key)
    wanted = _preferences(preferences, defaults)
    for key in RANGES:
        if key in wanted:
            low, high = _bounds(wanted, key)
            if not _within(low, built_in[key], high, key):
                return reasons.nms_mismatch(key, str(built_in[key]), _words(low, high))
    if CLASS_AGNOSTIC in wanted and built_in[CLASS_AGNOSTIC] != wanted[CLASS_AGNOSTIC]:
        return reasons.nms_mismatch(CLASS_AGNOSTIC, str(built_in[CLASS_AGNOSTIC]), str(wanted[CLASS_AGNOSTIC]))
    return None


def closeness(package: Package, preferences: Any) -> float:
    """How well the package's built-in suppression meets the preferences, higher is better.

    0 without preferences or without built-in suppression, 1 for the preference True, else the sum over the
    preferred keys of 0 (unequal, or outside the bounds) to 1 (equal, or in the middle of the bounds).
    Only for packages without a ``mismatch``.
    """
    if preferences is None or preferences is False or not package.features:
        return 0
    built_in = package.features.get(FEATURE)
    if not isinstance(built_in, Mapping):
        return 0
    if preferences is True:
        return 1
    score = 0.0
    for key in RANGES:
        if key in preferences:
            score += _centrality(*_bounds(preferences, key), built_in[key], key)
    if CLASS_AGNOSTIC in preferences:
        score += float(built_in[CLASS_AGNOSTIC] == preferences[CLASS_AGNOSTIC])
    return score


def _preferences(preferences: Any, defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    if preferences is True:
        return defaults
    if not isinstance(preferences, Mapping):
        raise InvalidNmsFusionPreferencesError("nms_fusion_preferences must be true, false or an object.")
    return preferences


def _bounds(preferences: Mapping[str, Any], key: str) -> tuple[Any, Any]:
    value = preferences[key]
    try:
        low, high = value if isinstance(value, (list, tuple)) else (value, value)
        return min(low, high), max(low, high)
    except (TypeError, ValueError) as error:
        raise InvalidNmsFusionPreferencesError(
            f"nms_fusion_preferences: {key} must be a number or a pair of numbers."
        ) from error


def _within(low: Any, value: Any, high: Any, key: str) -> bool:
    try:
        return bool(low <= value <= high)
    except TypeError as error:
        raise _not_comparable(key, low, high) from error


def _centrality(low: Any, high: Any, value: Any, key: str) -> float:
    try:
        if low == high:
            return float(abs(value - high) < NEARLY_EQUAL)
        if value < low or value > high:
            return 0.0
        position = min(max((value - low) / (high - low + SPAN_MARGIN), 0), 1)
        return float(1.0 - abs(0.5 - position))
    except TypeError as error:
        raise _not_comparable(key, low, high) from error


def _not_comparable(key: str, low: Any, high: Any) -> InvalidNmsFusionPreferencesError | MalformedModelFeaturesError:
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return MalformedModelFeaturesError(f"The nms_fused feature of a package has a {key} that is no number.")
    return InvalidNmsFusionPreferencesError(f"nms_fusion_preferences: {key} must be a number or a pair of numbers.")


def _words(low: Any, high: Any) -> str:
    return str(low) if low == high else f"{low} to {high}"
