"""Fixtures for the host's tests. The helpers beside this file are imported by name, here and in the host."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from host_running import RunningHost, running


@pytest.fixture
def host(tmp_path: Path) -> Iterator[RunningHost]:
    """A host of this test's own."""
    with running(tmp_path) as host:
        yield host


@pytest.fixture(scope="module")
def shared_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHost]:
    """One host for all tests of a module that do it no harm."""
    with running(tmp_path_factory.mktemp("packages")) as host:
        yield host
