from __future__ import annotations

import pytest

from backends.errors import BadTensor, PackageConfigInvalid
from backends.session import BatchPolicy
from backends.tensorrt.profiles import Profile, choose_profile, combine


def _profile(index: int, least: int, best: int, most: int, side: int = 320) -> Profile:
    return Profile(index, (least, 3, side, side), (best, 3, side, side), (most, 3, side, side))


ONE, MANY = _profile(0, 1, 1, 4), _profile(1, 1, 16, 32)


@pytest.mark.parametrize(("batch", "chosen"), [(1, 0), (4, 0), (5, 1), (32, 1)])
def test_the_profile_tuned_nearest_is_chosen(batch: int, chosen: int) -> None:
    assert choose_profile([ONE, MANY], (batch, 3, 320, 320)).index == chosen


def test_of_equally_near_ones_the_narrower_is_chosen() -> None:
    assert choose_profile([_profile(0, 1, 8, 64), _profile(1, 1, 8, 8)], (8, 3, 320, 320)).index == 1


@pytest.mark.parametrize("shape", [(33, 3, 320, 320), (1, 3, 640, 640), (1, 3, 320)])
def test_it_rejects_shapes_that_no_profile_covers(shape: tuple[int, ...]) -> None:
    with pytest.raises(BadTensor):
        choose_profile([ONE, MANY], shape)


def test_the_batch_is_what_file_and_engine_both_allow() -> None:
    assert combine(BatchPolicy(1, 64), [ONE, MANY]) == BatchPolicy(1, 32)
    assert combine(BatchPolicy(2, 8), [ONE, MANY]) == BatchPolicy(2, 8)


def test_it_rejects_a_configuration_of_another_engine() -> None:
    with pytest.raises(PackageConfigInvalid):
        combine(BatchPolicy(8, 8), [ONE])
