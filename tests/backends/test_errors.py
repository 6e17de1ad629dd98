from __future__ import annotations

import pickle

import pytest

from backends import errors


def _all() -> list[type[errors.BackendError]]:
    return [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, errors.BackendError)]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [error.code for error in _all()]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and " " not in code for code in codes)


@pytest.mark.parametrize("error", _all())
def test_an_error_survives_the_way_between_processes(error: type[errors.BackendError]) -> None:
    copy = pickle.loads(pickle.dumps(error("Something was wrong.")))  # noqa: S301, TID251
    assert type(copy) is error
    assert copy.message == str(copy) == "Something was wrong."


def test_lack_of_memory_may_pass() -> None:
    assert errors.OutOfMemory.retryable
    assert not errors.PackageDamaged.retryable
