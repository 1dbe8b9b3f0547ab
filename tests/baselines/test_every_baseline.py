"""What holds for every baseline: nothing of the future, on the level and on the logarithm."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from folded import fold_of, noise
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize import baselines
from lstmsize.baselines import FoldForecasts, forecast_fold, grows
from lstmsize.series import FloatArray
from lstmsize.splits import cut

NAMES = [
    "mean",
    "last_value",
    "drift",
    "seasonal_naive",
    "moving_average",
    "exponential_smoothing",
    "polynomial_trend",
    "harmonic_regression",
    "linear_autoregression",
    "polynomial_autoregression",
    "average_smoothing_linear",
    "average_smoothing_polynomial",
]
ON_LOGARITHM = [f"log_{name}" for name in NAMES if name not in ("mean", "last_value", "seasonal_naive")]
ROWS, SEASON = 150, 6
FOLD = fold_of(ROWS)


def growing(seed: int) -> FloatArray:
    season = np.tile([0.0, 0.3, -0.2, 0.1, 0.4, -0.6], ROWS // 6)
    return np.asarray(np.exp(0.015 * np.arange(ROWS) + season + 0.1 * noise(seed, ROWS)))


CORRECTABLE = (
    "linear_autoregression",
    "exponential_smoothing",
    "polynomial_autoregression",
    "average_smoothing_linear",
    "average_smoothing_polynomial",
)


def forecast(values: FloatArray, metric: str = "rmse") -> FoldForecasts:
    assert metric in ("rmse", "mae")
    return forecast_fold(values, FOLD, (SEASON,), "mae" if metric == "mae" else "rmse", logarithm=True)


@cache
def among_all() -> FoldForecasts:
    return forecast(growing(0))


def test_all_baselines_forecast_a_seasonal_growing_series() -> None:
    found = forecast(growing(0))
    assert list(found.forecasts) == NAMES + ON_LOGARITHM
    assert set(found.bases) == {log + name for log in ("", "log_") for name in CORRECTABLE}
    for forecasts in found.forecasts.values():
        assert forecasts.values.shape == (ROWS,)
        assert np.isfinite(forecasts.values[FOLD.train_stop :]).all()


@pytest.mark.parametrize("name", [*NAMES, *ON_LOGARITHM])
def test_one_alone_is_what_it_is_among_all(name: str) -> None:
    alone = forecast_fold(growing(0), FOLD, (SEASON,), "rmse", logarithm=True, only={name})
    assert list(alone.forecasts) == [name]
    together = among_all()
    np.testing.assert_array_equal(alone.forecasts[name].values, together.forecasts[name].values)
    assert (name in alone.bases) is (name in together.bases)


@settings(deadline=None, max_examples=8)
@given(seed=st.integers(0, 1000), row=st.integers(FOLD.train_stop, ROWS - 1))
def test_no_forecast_uses_its_own_row_or_a_later_one(seed: int, row: int) -> None:
    values = growing(seed)
    altered = values.copy()
    altered[row:] = np.exp(noise(seed + 1, ROWS - row)) * 50
    before, after = forecast(values), forecast(altered)
    assert list(before.forecasts) == list(after.forecasts)
    for name, forecasts in before.forecasts.items():
        np.testing.assert_array_equal(
            forecasts.values[: row + 1], after.forecasts[name].values[: row + 1], err_msg=name
        )
        assert forecasts.detail == after.forecasts[name].detail
    for name, base in before.bases.items():
        np.testing.assert_array_equal(base.from_head[: row + 1], after.bases[name].from_head[: row + 1])


@settings(deadline=None, max_examples=4)
@given(row=st.integers(FOLD.head_stop, FOLD.train_stop - 1))
def test_coefficients_of_the_head_use_no_row_of_the_tail(row: int) -> None:
    values = growing(1)
    altered = values.copy()
    altered[row : FOLD.train_stop] *= 1.001
    before, after = forecast(values).bases, forecast(altered).bases
    for name in ("linear_autoregression", "polynomial_autoregression"):
        assert before[name].detail == after[name].detail
        np.testing.assert_allclose(
            before[name].from_head[: row + 1], after[name].from_head[: row + 1], rtol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("name", CORRECTABLE)
def test_what_a_network_corrects_is_the_forecast_itself(name: str) -> None:
    skewed = np.random.default_rng(3).gamma(0.5, size=400)
    medians = {}
    for metric in ("rmse", "mae"):
        found = forecast_fold(skewed, fold_of(400), (), metric, logarithm=False)
        np.testing.assert_array_equal(found.bases[name].values, found.forecasts[name].values)
        medians[metric] = np.nanmedian(skewed[:200] - found.bases[name].from_head[:200])
    assert medians["mae"] == pytest.approx(0.0, abs=1e-9)
    assert medians["rmse"] < -0.1


@pytest.mark.parametrize("metric", ["rmse", "mae"])
@pytest.mark.parametrize("seed", range(3))
def test_forecasts_from_the_logarithm_are_positive(metric: str, seed: int) -> None:
    for name, forecasts in forecast(growing(seed), metric).forecasts.items():
        if name.startswith("log_"):
            assert (forecasts.values[FOLD.train_stop :] > 0).all(), name


def test_for_squared_errors_the_mean_is_forecast_from_the_logarithm_and_not_the_median() -> None:
    values = np.exp(0.8 * noise(2, 900))
    fold = fold_of(900)
    name = "log_linear_autoregression"
    for metric, mean in (("rmse", np.exp(0.32)), ("mae", 1.0)):
        found = forecast_fold(values, fold, (), metric, logarithm=True, only={name}).forecasts[name]  # type: ignore[arg-type]
        assert found.values[fold.train_stop :].mean() == pytest.approx(mean, rel=0.15)


def test_exponential_growth_is_solved_on_the_logarithm() -> None:
    values = np.exp(0.05 * np.arange(ROWS))
    found = forecast(values).forecasts["log_polynomial_trend"]
    np.testing.assert_allclose(found.values[FOLD.train_stop :], values[FOLD.train_stop :], rtol=1e-5)


def test_a_baseline_that_cannot_forecast_is_left_out() -> None:
    found = forecast_fold(noise(0, 150), FOLD, (), "rmse", logarithm=False)
    assert "seasonal_naive" not in found.forecasts
    assert "harmonic_regression" not in found.forecasts
    assert not any(name.startswith("log_") for name in found.forecasts)


def test_a_baseline_on_a_few_rows_is_fine() -> None:
    found = forecast_fold(noise(0, 31), fold_of(31), (), "rmse", logarithm=False)
    assert {"mean", "last_value", "drift", "linear_autoregression"} <= set(found.forecasts)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.exp(0.05 * np.arange(100)), True),
        (np.exp(-0.05 * np.arange(100)), True),
        (np.exp(2 * noise(1, 400)), True),
        (10 + noise(1, 400), False),
        (noise(1, 400) - 0.1, False),
        (np.concatenate([[0.0], np.exp(0.05 * np.arange(100))]), False),
        (np.arange(1.0, 7.0), False),
    ],
)
def test_the_logarithm_is_tried_where_a_positive_series_grows_falls_or_spreads(
    values: FloatArray, expected: bool
) -> None:
    assert grows(values) is expected


def test_for_absolute_errors_a_skewed_series_is_forecast_by_its_median() -> None:
    values = np.random.default_rng(0).exponential(size=4000)
    fold = fold_of(4000)
    found = forecast_fold(values, fold, (), "mae", logarithm=False).forecasts["mean"]
    assert found.values[fold.train_stop :].mean() == pytest.approx(np.log(2), rel=0.1)


def test_a_zero_behind_positive_rows_drops_no_logarithmic_baseline() -> None:
    values = growing(0)
    values[FOLD.train_stop + 3] = 0.0
    found = forecast_fold(values, FOLD, (SEASON,), "rmse", logarithm=True).forecasts
    assert "log_linear_autoregression" in found
    assert "log_exponential_smoothing" in found


def test_a_long_series_has_the_same_baselines_as_a_short_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "MOST_ROWS", 500)
    values = noise(0, 3000)
    fold = cut(len(values)).folds[-1]
    short = values[fold.train_stop - 500 : fold.score_stop]
    found = forecast_fold(values, fold, (), "rmse", logarithm=False)
    again = forecast_fold(short, fold.without(fold.train_stop - 500), (), "rmse", logarithm=False)
    assert list(found.forecasts) == list(again.forecasts)
    assert "linear_autoregression" in found.forecasts
    scored = slice(fold.train_stop - fold.score_stop, None)
    for name, forecasts in again.forecasts.items():
        np.testing.assert_array_equal(found.forecasts[name].values[scored], forecasts.values[scored])


def test_they_are_the_same_whatever_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lstmsize.baselines.design._MOST_KEPT", 0)
    monkeypatch.setattr("lstmsize.baselines.design._CHUNK", 4)
    blocks, whole = forecast(growing(0)), among_all()
    assert list(blocks.forecasts) == list(whole.forecasts)
    assert list(blocks.bases) == list(whole.bases)
    for mine, theirs in ((blocks.forecasts, whole.forecasts), (blocks.bases, whole.bases)):
        for name, found in mine.items():
            assert found.detail == theirs[name].detail
            np.testing.assert_allclose(found.values, theirs[name].values, rtol=1e-8)
            head, other = found.from_head, theirs[name].from_head
            assert (head is None) == (other is None)
            if head is not None and other is not None:
                np.testing.assert_allclose(head, other, rtol=1e-8)
