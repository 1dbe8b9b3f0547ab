"""The gate and the tests that are reported beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lstmsize.gate import GateDecision, judge, structure_tests
from lstmsize.results import ProbeRecord
from lstmsize.series import FloatArray

NAMES = ["ljung_box", "terasvirta", "mcleod_li"]
DRAWS = 300


def probe(gain: float, high: float, name: str = "boosted_trees") -> ProbeRecord:
    return ProbeRecord(name=name, gain=gain, gain_high=high, folds=[gain] * 3)


def judged(probes: list[ProbeRecord], **changes: Any) -> GateDecision:
    return judge(
        probes, **({"best": "mean", "error": 1.0, "quantum": 0.01, "spread": 100.0, "min_gain": 0.02} | changes)
    )


def p_values(residuals: FloatArray) -> list[float | None]:
    return [record.p_value for record in structure_tests(residuals)]


def test_the_gate_shuts_when_no_probe_could_gain_enough() -> None:
    decision = judged([probe(-0.01, 0.005), probe(0.0, 0.015, "random_recurrence")])
    assert decision.decision == "shut"
    assert decision.reason == (
        "random recurrence could lower the error of mean by at most 1.5%, below the 2.0% worth having"
    )


def test_the_gate_says_so_when_no_probe_gains_anything() -> None:
    decision = judged([probe(-0.1, -0.01)], best="log_moving_average")
    assert decision.decision == "shut"
    assert decision.reason == "no nonlinear probe lowers the error of moving average of the logarithm"


def test_the_gate_opens_when_one_probe_might_gain_enough() -> None:
    decision = judged([probe(-0.01, 0.005), probe(0.0, 0.03, "random_recurrence")])
    assert decision.decision == "open"
    assert decision.reason == (
        "random recurrence could lower the error of mean by at most 3.0%, which does not exclude 2.0%"
    )


def test_a_bound_of_exactly_the_smallest_gain_opens() -> None:
    assert judged([probe(0.0, 0.02)]).decision == "open"


def test_without_a_probe_the_gate_is_open() -> None:
    assert judged([]) == GateDecision(decision="open", reason="there is too little for the probes to learn from")


def test_an_error_at_the_rounding_level_shuts_the_gate_whatever_the_probes_might_gain() -> None:
    decision = judged([probe(0.019, 0.6)], error=0.01 / np.sqrt(12), quantum=0.01)
    assert decision == GateDecision(
        decision="shut", reason="the error of mean is at the rounding level of the data"
    )


def test_a_gain_that_was_seen_refutes_that_the_error_is_of_rounding() -> None:
    assert judged([probe(0.02, 0.1)], error=0.01 / np.sqrt(12), quantum=0.01).decision == "open"


def test_up_to_twice_the_error_of_rounding_counts_as_none() -> None:
    assert judged([], error=1.99 / np.sqrt(12), quantum=1.0).decision == "shut"
    assert judged([], error=2.01 / np.sqrt(12), quantum=1.0).decision == "open"


def test_a_series_of_zeros_and_ones_is_not_at_its_rounding_level() -> None:
    assert judged([probe(0.5, 0.55)], error=0.5, quantum=1.0, spread=0.5).decision == "open"


def test_the_tests_have_about_uniform_p_values_on_white_noise() -> None:
    found = np.array(
        [p_values(np.random.default_rng(seed).normal(size=400)) for seed in range(DRAWS)], dtype=float
    )
    rejected = (found < 0.05).mean(axis=0)
    assert (rejected < 0.10).all()
    assert (rejected > 0.01).all()
    np.testing.assert_allclose(found.mean(axis=0), 0.5, atol=0.08)


def test_an_autoregression_left_in_the_residuals_is_seen_by_ljung_and_box() -> None:
    noise = np.random.default_rng(0).normal(size=601)
    assert structure_tests(noise[1:] + 0.4 * noise[:-1])[0].p_value == pytest.approx(0.0, abs=1e-6)


def test_a_product_of_past_values_is_seen_by_terasvirta_and_not_by_ljung_and_box() -> None:
    noise = np.random.default_rng(1).normal(size=1502)
    records = structure_tests(noise[2:] + 0.6 * noise[1:-1] * noise[:-2])
    ljung_box, terasvirta = records[0].p_value, records[1].p_value
    assert ljung_box is not None
    assert ljung_box > 0.01
    assert terasvirta == pytest.approx(0.0, abs=1e-6)


def test_a_threshold_is_seen_by_terasvirta() -> None:
    noise = np.random.default_rng(2).normal(size=1200)
    series = noise.copy()
    for row in range(1, len(series)):
        series[row] += 0.8 * abs(series[row - 1])
    assert p_values(series)[1] == pytest.approx(0.0, abs=1e-6)


def test_a_changing_variance_is_seen_by_mcleod_and_li() -> None:
    generator = np.random.default_rng(3)
    spread = np.repeat(np.exp(generator.normal(size=40)), 25)
    assert p_values(spread * generator.normal(size=1000))[2] == pytest.approx(0.0, abs=1e-6)


def test_every_test_says_what_it_supposes() -> None:
    records = structure_tests(np.random.default_rng(0).normal(size=100))
    assert [record.name for record in records] == NAMES
    assert [record.null for record in records] == [
        "no autocorrelation is left",
        "nothing nonlinear is left in the mean",
        "the variance is constant",
    ]


@pytest.mark.parametrize("residuals", [np.zeros(100), np.ones(100), np.array([1.0, -1.0, 2.0])])
def test_where_a_test_has_nothing_to_go_by_its_numbers_are_none(residuals: FloatArray) -> None:
    assert [(record.statistic, record.p_value) for record in structure_tests(residuals)] == [(None, None)] * 3


def test_the_bound_decides_and_not_the_gain() -> None:
    assert judged([probe(0.01, 0.015), probe(-0.05, 0.06, "random_recurrence")]).decision == "open"
    assert judged([probe(-0.1, 0.0)], min_gain=0.0).decision == "shut"


def test_only_finely_rounded_data_shut_the_gate_at_their_rounding_level() -> None:
    assert judged([probe(0.5, 0.6)], error=0.5, quantum=1.0, spread=99.0).decision == "open"
