from __future__ import annotations

import numpy as np
import pytest

from backends.errors import NetworkMismatch, OutputNotFinite, PackageConfigInvalid
from backends.postprocessing.semantic import background_of, segment
from backends.predictions import SemanticSegmentation
from backends.preprocessing.geometry import plan

NAMES = ("cat", "Background", "dog")
GEOMETRY = plan("stretch", (2, 2), (0, 0, 2, 2), (2, 2))


def _segment(logits: list[list[float]], threshold: object = 0.0, names: tuple[str, ...] = NAMES, **options: str):  # type: ignore[no-untyped-def]
    """Each list has the logits of four pixels for a class."""
    maps = np.array(logits, dtype=np.float32).reshape(len(logits), 2, 2)
    limit = np.asarray(threshold, dtype=np.float32) if isinstance(threshold, list) else np.float32(threshold)  # type: ignore[arg-type]
    return segment(maps, GEOMETRY, names, limit, **options)  # type: ignore[arg-type]


def _classes(found: SemanticSegmentation) -> list[int]:
    return list(found.class_map.ravel().tolist())


def test_each_pixel_has_the_class_with_the_highest_logit() -> None:
    found = _segment([[5, 0, 0, 1], [0, 5, 0, 0], [0, 0, 5, 1]])
    assert _classes(found) == [0, 1, 2, 0]
    assert found.class_map.dtype == np.uint8


def test_the_confidence_is_the_share_of_that_class() -> None:
    found = _segment([[np.log(3), 100, 0, 0], [0, 0, 0, 0], [-100, -100, 0, -100]])
    np.testing.assert_allclose(found.confidence.ravel(), [0.75, 1, 1 / 3, 0.5], rtol=1e-6)


def test_or_its_own_where_classes_stand_for_themselves() -> None:
    found = _segment([[np.log(3), 100, -100, 0], [-5] * 4, [-5, -5, -100, -5]], activation="sigmoid")
    np.testing.assert_allclose(found.confidence.ravel(), [0.75, 1, 1 / (1 + np.exp(5)), 0.5], rtol=1e-5)


def test_the_background_is_put_in_where_the_network_has_no_map_of_it() -> None:
    assert _classes(_segment([[5, 0, 5, 0], [0, 5, 0, 5]])) == [0, 2, 0, 2]


def test_one_map_alone_is_read_as_the_one_class_beside_the_background() -> None:
    found = _segment([[np.log(3), -np.log(3), 0, 9]], 0.5, ("background", "cat"))
    assert _classes(found) == [1, 0, 1, 1]
    np.testing.assert_allclose(found.confidence.ravel()[:3], [0.75, 0, 0.5], rtol=1e-6)


def test_what_is_not_sure_enough_is_background_without_confidence() -> None:
    found = _segment([[np.log(3), 9, 0, 0], [0, 0, 0, 9], [-100] * 4], 0.8)
    assert _classes(found) == [1, 0, 1, 1]
    assert found.confidence.ravel()[[0, 2]].tolist() == [0, 0]
    assert found.confidence.ravel()[3] > 0.99


def test_the_threshold_itself_is_enough() -> None:
    assert _classes(_segment([[0] * 4, [-200] * 4, [-200] * 4], 1.0)) == [0] * 4


def test_each_class_may_have_its_own_threshold() -> None:
    logits = [[np.log(3), 0, 9, 0], [-100] * 4, [0, np.log(3), 0, 9]]
    assert _classes(_segment(logits, [0.9, 0.0, 0.5])) == [1, 2, 0, 2]


def test_what_the_network_did_not_see_is_the_first_class_unsure() -> None:
    geometry = plan("center-crop", (2, 4), (0, 0, 4, 2), (2, 2))
    maps = np.zeros((3, 2, 2), dtype=np.float32)
    maps[2] = 9
    found = segment(maps, geometry, NAMES, np.float32(0.0))
    assert found.class_map.tolist() == [[0, 2, 2, 0]] * 2
    np.testing.assert_allclose(found.confidence[:, 0], 1 / 3, rtol=1e-6)


def test_beside_a_static_crop_all_is_background_without_confidence() -> None:
    geometry = plan("stretch", (4, 4), (1, 1, 3, 3), (2, 2))
    maps = np.zeros((3, 2, 2), dtype=np.float32)
    maps[2] = 9
    found = segment(maps, geometry, NAMES, np.float32(0.5))
    assert found.class_map.tolist() == [[1, 1, 1, 1], [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1]]
    assert found.confidence[0].tolist() == [0] * 4


def test_more_classes_than_a_byte_holds_have_wider_numbers() -> None:
    names = ("background", *(f"class {number}" for number in range(300)))
    maps = np.zeros((301, 2, 2), dtype=np.float32)
    maps[300] = 9
    found = segment(maps, GEOMETRY, names, np.float32(0))
    assert found.class_map.dtype == np.uint16
    assert _classes(found) == [300] * 4


@pytest.mark.parametrize("count", [1, 4])
def test_maps_that_are_not_as_many_as_the_classes_are_refused(count: int) -> None:
    with pytest.raises(NetworkMismatch, match="want 3 or 2 maps"):
        _segment([[0] * 4] * count)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_logits_that_are_not_finite_are_an_error(value: float) -> None:
    with pytest.raises(OutputNotFinite):
        _segment([[0, 0, 0, value], [0] * 4, [0] * 4])


@pytest.mark.parametrize("names", [("cat", "dog"), ("background",)])
def test_class_names_need_a_background_and_another(names: tuple[str, ...]) -> None:
    with pytest.raises(PackageConfigInvalid, match="needs the class background"):
        background_of(names)
