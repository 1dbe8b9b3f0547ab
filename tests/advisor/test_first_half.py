"""The first half of the journey on series of known kinds: baselines, seasons, gate."""

from __future__ import annotations

import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from lstmsize.advisor.first_half import FirstHalf, correctable_by_networks, first_half, look_at
from lstmsize.config import Request
from lstmsize.errors import DataError
from lstmsize.events import Stage, silent
from lstmsize.resampling import Gain
from lstmsize.series import FloatArray, Series


def walked(values: FloatArray, **options: int) -> FirstHalf:
    series = Series(values=np.asarray(values, dtype=float)[:, None], names=("value",))
    request = Request(window=options.get("window"))
    return first_half(look_at(series, request), request, silent)


def noise(seed: int, rows: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows)


def test_one_to_ten_is_an_exact_recursion_and_nothing_else_is_computed() -> None:
    found = walked(np.arange(1.0, 11.0), window=2)
    assert found.best == "exact_recursion"
    assert found.gate.decision == "shut"
    assert found.gate.reason == "an exact recursion gives every row: y[t] = y[t-1] + 1"
    assert found.simple_verdict(0.02) == "baseline"
    assert found.board is None


@pytest.mark.parametrize("walk", [False, True])
def test_white_noise_and_a_random_walk_are_unpredictable(walk: bool) -> None:
    values = np.cumsum(noise(0, 600)) if walk else noise(0, 600)
    found = walked(values)
    assert found.board is not None
    assert found.board.simplest == ("last_value" if walk else "mean")
    assert found.simple_verdict(0.02) == "unpredictable"


def test_a_series_that_is_constant_on_the_folds_is_forecast_and_not_unpredictable() -> None:
    found = walked(np.r_[noise(4, 40), np.full(160, 3.0), 4.0])
    assert found.board is not None
    assert found.board.perfect
    assert (found.simple_verdict(0.02), found.gate.decision) == ("baseline", "shut")


def test_a_noisy_quadratic_trend_has_a_baseline() -> None:
    found = walked((np.arange(400) / 40.0) ** 2 + noise(1, 400))
    assert found.simple_verdict(0.02) == "baseline"
    assert found.skill is not None
    assert found.skill.low > 0.1


@pytest.mark.parametrize(("gain", "verdict"), [(0.02, "baseline"), (0.0199, "unpredictable")])
def test_a_simple_model_needs_the_smallest_gain_over_mean_and_last_value(gain: float, verdict: str) -> None:
    found = replace(walked(noise(0, 60)), skill=Gain(gain=gain, low=gain - 0.05, high=0.1, p_value=0.3))
    assert found.simple_verdict(0.02) == verdict


def test_a_linear_autoregression_shuts_the_gate_or_leaves_little() -> None:
    values, shocks = np.zeros(1500), noise(2, 1500)
    for row in range(2, 1500):
        values[row] = 1.2 * values[row - 1] - 0.5 * values[row - 2] + shocks[row]
    found = walked(values)
    assert max(probe.gain for probe in found.gate.probes) < 0.02
    assert found.simple_verdict(0.02) == "baseline"


def test_the_baselines_stand_in_the_record_the_best_first() -> None:
    found = walked(noise(3, 300))
    assert len(found.baselines) >= 7
    assert found.baselines[0].name == found.best
    assert {record.n for record in found.baselines} == {3 * 28}
    assert {test.name for test in found.gate.tests} == {"ljung_box", "terasvirta", "mcleod_li"}


def test_the_holdout_is_never_looked_at() -> None:
    values = noise(4, 400)
    altered = values.copy()
    altered[320:] = 100 * noise(5, 80)
    one, two = walked(values), walked(altered)
    assert (one.baselines, one.gate, one.skill) == (two.baselines, two.gate, two.skill)


def test_whoever_listens_hears_of_baselines_and_gate() -> None:
    heard: list[str] = []
    series = Series(values=noise(6, 100)[:, None], names=("value",))
    first_half(
        look_at(series, Request()),
        Request(),
        lambda event: heard.append(event.name) if isinstance(event, Stage) else None,
    )
    assert heard == ["baselines", "gate"]


def test_too_few_rows_are_refused_with_the_number_needed() -> None:
    with pytest.raises(DataError, match="20 rows are too few; a window of 2 steps needs at least 32 rows"):
        walked(noise(7, 20))


def test_a_series_that_stands_still_in_one_scored_block_is_answered() -> None:
    assert walked(np.concatenate([noise(8, 200), np.full(300, 2.0)])).baselines


def test_a_noisy_parity_of_four_bits_opens_the_gate() -> None:
    generator = np.random.default_rng(0)
    bits = [int(bit) for bit in generator.integers(0, 2, 4)]
    for row in range(4, 3000):
        flipped = int(generator.random() < 0.1)
        bits.append(bits[row - 1] ^ bits[row - 2] ^ bits[row - 3] ^ bits[row - 4] ^ flipped)
    found = walked(np.array(bits))
    assert max(probe.gain for probe in found.gate.probes) > 0.05
    assert found.gate.decision == "open"


def waves(time: FloatArray) -> FloatArray:
    return np.sin(2 * np.pi * time / 37.3) + 0.5 * np.sin(2 * np.pi * time / 11.1)


@pytest.mark.parametrize(
    ("values", "best"),
    [
        (np.cumsum(np.random.default_rng(0).integers(0, 7, 9000)), "drift"),
        (np.arange(2000) / 2 + np.random.default_rng(0).uniform(0, 0.2, 2000), "polynomial_trend"),
        (waves(np.arange(800.0)) + 1e-4 * np.random.default_rng(0).normal(size=800), "linear_autoregression"),
    ],
    ids=["counter", "line", "smooth"],
)
def test_an_error_far_below_the_spread_of_the_levels_is_not_perfect_and_what_equals_it_gains_nothing(
    values: FloatArray, best: str
) -> None:
    found = walked(values)
    assert found.best == best
    assert found.gate.decision == "shut"
    assert max(probe.gain for probe in found.gate.probes) < 0.02
    assert found.simple_verdict(0.02) == "baseline"


@pytest.mark.parametrize(
    ("best", "there", "corrected"),
    [
        ("exponential_smoothing", ["exponential_smoothing", "linear_autoregression"], "exponential_smoothing"),
        ("mean", ["linear_autoregression"], "linear_autoregression"),
        (
            "log_exponential_smoothing",
            ["linear_autoregression", "log_linear_autoregression"],
            "log_linear_autoregression",
        ),
        ("mean", [], None),
    ],
)
def test_the_best_model_is_corrected_or_else_the_linear_one_on_its_scale(
    best: str, there: list[str], corrected: str | None
) -> None:
    fitted = [SimpleNamespace(bases=dict.fromkeys(names)) for names in (there, [*there, best], there)]
    assert correctable_by_networks(best, fitted) == corrected  # type: ignore[arg-type]
    found = replace(walked(noise(3, 60)), board=SimpleNamespace(best=best))  # type: ignore[arg-type]
    assert found.logarithm is best.startswith("log_")


def test_a_rounded_trend_is_forecast_to_its_rounding() -> None:
    time = np.arange(500.0)
    found = walked(np.round(0.002 * time**2 + 0.3 * time))
    assert found.gate.reason.endswith("is at the rounding level of the data")


@pytest.mark.parametrize("unit", [1, 3])
def test_the_events_of_a_counter_are_not_its_rounding(unit: int) -> None:
    rng = np.random.default_rng(0)
    events = rng.integers(2, size=2000)
    for row in range(3, 2000):
        events[row] = events[row - 1] ^ events[row - 3] ^ (rng.random() < 0.05)
    assert walked(unit * np.cumsum(events).astype(float)).gate.decision == "open"


def test_seasons_are_sought_in_the_latest_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["lstmsize.advisor.first_half"], "MOST_SEASON_ROWS", 300)
    time = np.arange(800)
    early = 3 * np.sin(2 * np.pi * time / 12) * (time < 320)
    assert walked(early + noise(0, 800)).seasons == ()
