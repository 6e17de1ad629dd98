"""Whether others disturbed a measurement."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from bench._quiet import sentence, watched


def test_a_quiet_machine_is_told_without_advice() -> None:
    assert sentence(0.02) == "Other processes took 2% of the processors meanwhile."


def test_a_disturbed_measurement_is_to_be_repeated() -> None:
    assert sentence(0.3).endswith("30% of the processors meanwhile. Measure again when the machine does nothing else.")


def test_counting_roughly_is_not_told_as_less_than_nothing() -> None:
    assert "took 0% of" in sentence(-0.01)


def test_the_share_of_others_is_told_when_the_bench_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with watched():
        subprocess.run([sys.executable, "-c", "sum(range(10**6))"], check=True)
    assert re.match(r"Other processes took \d+% of the processors", capsys.readouterr().out)
