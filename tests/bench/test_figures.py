"""What benches make of their measurements."""

from __future__ import annotations

import pytest

from bench._figures import Figures, Ratio, figures_of, middle, percentile, verdict


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], 50) == 3.0
    assert percentile([float(value) for value in range(1, 101)], 95) == 95.0
    assert percentile([7.0], 95) == 7.0


def test_figures_count_requests_and_share_the_processor_time_among_them() -> None:
    figures = figures_of([0.3, 0.1, 0.2], elapsed=1.5, cpu_seconds=0.6)
    assert figures == Figures(throughput=2.0, median_ms=200.0, p95_ms=200.0, cpu_ms=pytest.approx(200.0))


def test_a_measurement_without_an_answer_has_no_figures() -> None:
    with pytest.raises(ValueError, match="No request was answered"):
        figures_of([], elapsed=1.0, cpu_seconds=0.0)


def test_the_middle_of_rounds_is_taken_figure_by_figure() -> None:
    rounds = [Figures(1, 20, 300, 4), Figures(2, 30, 100, 5), Figures(3, 10, 200, 6)]
    assert middle(rounds) == Figures(2, 20, 200, 5)


@pytest.mark.parametrize(
    "value, wanted, sentence",
    [
        (0.92, {"least": 0.92}, "at least 0.92 wanted: met"),
        (0.91, {"least": 0.92}, "at least 0.92 wanted: missed"),
        (1.3, {"most": 1.3}, "at most 1.3 wanted: met"),
        (1.31, {"most": 1.3}, "at most 1.3 wanted: missed"),
        (1.0, {}, "no target"),
    ],
)
def test_a_verdict_says_what_was_wanted_and_whether_it_is_so(
    value: float, wanted: dict[str, float], sentence: str
) -> None:
    assert verdict(value, **wanted) == sentence


def test_a_line_of_a_report_shows_the_ratio_its_name_and_the_verdict() -> None:
    assert str(Ratio("start, to older", 1.0, 2.0, most=0.7)) == "  0.500  start, to older (at most 0.7 wanted: met)"
