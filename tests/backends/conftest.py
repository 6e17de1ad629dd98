"""Golden packages are loaded once for the cases of a module, and closed behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.backends import golden


@pytest.fixture(scope="module", autouse=True)
def _unload() -> Iterator[None]:
    yield
    golden.unload_all()
