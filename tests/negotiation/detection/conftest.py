from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from negotiation.detection import RecordedMachine

RECORDINGS = Path(__file__).parents[2] / "data" / "machines"


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], RecordedMachine]:
    def machine(name: str) -> RecordedMachine:
        return RecordedMachine(json.loads((RECORDINGS / f"{name}.json").read_text()))

    return machine
