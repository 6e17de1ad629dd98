"""What the benches of first answers, memory and loads want, of whatever was measured."""

from __future__ import annotations

import pytest

from bench import first_answer, loads, memory
from bench.first_answer import START, TRIED, UNTRIED, VERY_FIRST, Times, plan_for
from bench.loads import Cost
from bench.memory import Held


def times(**seconds: float) -> Times:
    names = {"start": START, "very_first": VERY_FIRST, "tried": TRIED, "untried": UNTRIED}
    return Times({names[name]: [value] for name, value in seconds.items()})


def test_no_round_asks_for_a_model_of_another_round() -> None:
    plan = plan_for(3)
    asked = [model for number in range(3) for part in plan.of_round(number)[1:] for model in part]
    asked += [plan.of_round(number)[0] for number in range(3)]
    assert len(asked) == len(set(asked)) == 3 * (1 + 7 + 7)


def test_first_answers_are_compared_with_the_older_revision_and_the_reference_server() -> None:
    found = {
        "present": times(start=1.0, very_first=0.5, tried=0.1, untried=0.5),
        "older": times(start=2.0, very_first=1.0, tried=0.5, untried=0.4),
        "reference": times(start=20.0, very_first=0.5, untried=0.2),
    }
    lines = {each.name: (each.value / each.reference, each.most) for each in first_answer.targets(found, "older")}
    assert lines["tried before, to older"] == (pytest.approx(0.25), 0.4)
    assert lines["tried before, to reference"] == (pytest.approx(0.5), 1.0)
    assert lines["never tried, to older"] == (pytest.approx(1.25), 1.5)
    assert lines["very first answer, to older"] == (pytest.approx(0.5), 0.4)
    assert lines["start, to older"] == (pytest.approx(0.5), 0.7)


def test_first_answers_are_compared_with_nothing_that_was_not_measured() -> None:
    assert list(first_answer.targets({"present": times(tried=0.1, untried=0.5)}, None)) == []


def test_first_answers_are_shown_with_their_spread(capsys: pytest.CaptureFixture[str]) -> None:
    first_answer.show({"present": Times({TRIED: [0.1, 0.3, 0.2]})}, None)
    assert "0.200 (0.100 to 0.300)" in capsys.readouterr().out


def test_memory_is_compared_when_all_models_are_loaded_with_a_target() -> None:
    found = {"present": Held(100, 300), "older": Held(100, 600), "reference": Held(500, 1500)}
    lines = {each.name: (each.value / each.reference, each.most) for each in memory.targets(found, "older")}
    assert lines["8 models loaded, to older"] == (0.5, 0.6)
    assert lines["8 models loaded, to reference"] == (pytest.approx(0.2), 0.3)
    assert lines["a model more, to older"] == (pytest.approx(0.4), None)


def test_the_middle_of_loads_is_taken_figure_by_figure() -> None:
    assert loads.middle([Cost(1, 5, 9), Cost(2, 4, 8), Cost(3, 6, 7)]) == Cost(2, 5, 8)


def test_loads_are_shown_beside_the_older_revision(capsys: pytest.CaptureFixture[str]) -> None:
    loads.show({"present": {16: Cost(100, 140, 300)}, "older": {16: Cost(100, 280, 300)}})
    shown = capsys.readouterr().out
    assert "1.400  16 clients, beside loads to undisturbed (at most 1.3 wanted: missed)" in shown
    assert "0.500  16 clients beside loads, to older (no target)" in shown
