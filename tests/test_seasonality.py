"""Seasons from the calendar and from the data."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.seasonality import calendar_seasons, find_seasons
from lstmsize.series import FloatArray, Step

SECONDS = {"1min": 60, "30min": 1800, "1h": 3600, "1D": 86_400, "1W": 604_800, "1M": 2_629_800, "1Y": 31_557_600}
SEEDS = 100


def step(label: str) -> Step:
    return Step(label=label, seconds=float(SECONDS[label]))


def noise(seed: int, rows: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows)


def half_hours(spread: float, seed: int, weekend: float = 0.3) -> FloatArray:
    """Eight weeks of days of 48 half hours, which swing less at the weekend."""
    time = np.arange(336 * 8)
    day = np.sin(2 * np.pi * time / 48) + 0.5 * np.sin(4 * np.pi * time / 48)
    return day * np.where((time // 48) % 7 >= 5, weekend, 1.0) + spread * noise(seed, len(time))


@pytest.mark.parametrize(
    ("label", "seasons"),
    [
        ("1min", [60, 1440, 10_080, 525_960]),
        ("30min", [48, 336, 17_532]),
        ("1h", [24, 168, 8766]),
        ("1D", [7, 365]),
        ("1W", [52]),
        ("1M", [12]),
        ("1Y", []),
    ],
)
def test_the_calendar_suggests_hour_day_week_and_year(label: str, seasons: list[int]) -> None:
    assert calendar_seasons(step(label)) == seasons


def test_without_time_stamps_the_calendar_is_silent() -> None:
    assert calendar_seasons(None) == []


@pytest.mark.parametrize(("label", "period"), [("1M", 12), ("1D", 7), ("1h", 24), ("30min", 48), ("1W", 52)])
def test_a_season_of_the_calendar_is_found_under_noise(label: str, period: int) -> None:
    time = np.arange(12 * period)
    values = np.sin(2 * np.pi * time / period) + 0.5 * noise(0, len(time)) + 0.01 * time
    assert period in find_seasons(values, step(label))


@pytest.mark.parametrize(
    "period",
    [
        5,
        12,
        31,
    ],
)
def test_a_season_that_only_the_data_know_is_found(period: int) -> None:
    pattern = np.random.default_rng(period).normal(size=period)
    values = np.tile(pattern, 20) + 0.2 * noise(1, 20 * period)
    assert find_seasons(values, None) == (period,)


@pytest.mark.parametrize("label", [None, "30min"])
def test_day_and_week_are_both_found_in_half_hours(label: str | None) -> None:
    for seed in range(5):
        assert find_seasons(half_hours(0.02, seed), step(label) if label else None) == (48, 336)


def test_a_week_that_explains_all_that_the_day_leaves_is_found_without_time_stamps() -> None:
    assert find_seasons(half_hours(0.02, 0, weekend=0.5), None) == (48, 336)


def test_day_and_week_are_found_under_more_noise_by_the_calendar() -> None:
    for seed in range(5):
        assert find_seasons(half_hours(0.2, seed), step("30min")) == (48, 336)


def test_a_smooth_season_is_found_under_little_noise_without_time_stamps() -> None:
    time = np.arange(48 * 56)
    for seed in range(5):
        assert 48 in find_seasons(np.sin(2 * np.pi * time / 48) + 0.1 * noise(seed, len(time)), None)


@pytest.mark.parametrize("cycles", [5, 8])
def test_a_slow_wave_over_a_short_season_is_found_without_time_stamps(cycles: int) -> None:
    time = np.arange(1000)
    short = np.tile(np.random.default_rng(0).normal(size=12), 84)[:1000]
    for seed in range(5):
        wave = 2 * np.sin(2 * np.pi * time / (12 * cycles))
        assert find_seasons(short + wave + 0.5 * noise(seed, 1000), None) == (12, 12 * cycles)


def test_a_season_that_grows_is_not_found_twice() -> None:
    pattern = np.random.default_rng(0).normal(size=12)
    growth = np.exp(np.linspace(0, 2, 600))
    for seed in range(5):
        assert find_seasons(growth * (np.tile(pattern, 50) + 0.2 * noise(seed, 600)), None) == (12,)


@pytest.mark.parametrize(
    ("label", "rows"),
    [(None, 150), (None, 600), (None, 1500), ("1M", 150), ("1D", 600), ("1h", 600), ("30min", 1500)],
)
def test_white_noise_and_random_walks_have_no_season_nine_times_in_ten(label: str | None, rows: int) -> None:
    known = step(label) if label else None
    for walk in (False, True):
        series = [noise(seed, rows) for seed in range(SEEDS)]
        found = [find_seasons(np.cumsum(one) if walk else one, known) for one in series]
        assert sum(map(bool, found)) <= 0.1 * SEEDS


def test_a_trend_is_no_season() -> None:
    for power in (1, 2, 3):
        values = np.linspace(0, 1, 400) ** power + 0.01 * noise(power, 400)
        assert find_seasons(values, step("1D")) == ()


def test_the_rounding_of_an_exact_line_is_no_season() -> None:
    for slope in (0.1, 1.0, 7.3):
        assert find_seasons(slope * np.arange(100.0) + 7.3, None) == ()


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_a_handful_of_rows_has_no_season(rows: int) -> None:
    assert find_seasons(noise(0, rows), None) == ()


def test_a_constant_has_no_season() -> None:
    assert find_seasons(np.full(200, 3.0), step("1D")) == ()


def test_a_year_of_months_that_fits_three_times_is_believed() -> None:
    for rows in (36, 37, 38):
        values = 100 + 30 * np.sin(2 * np.pi * np.arange(rows) / 12) + 3 * noise(rows, rows)
        assert find_seasons(values, step("1M")) == (12,)


def test_a_season_that_does_not_fit_three_times_is_not_believed() -> None:
    time = np.arange(365 * 2)
    assert 365 not in find_seasons(np.sin(2 * np.pi * time / 365), step("1D"))


def test_of_three_seasons_the_shortest_and_the_strongest_other_are_named() -> None:
    time = np.arange(60 * 24 * 7 * 4)
    cycles = sum(np.sin(2 * np.pi * time / period) for period in (60, 1440, 10_080))
    assert find_seasons(cycles + 0.1 * noise(0, len(time)), step("1min")) == (60, 10_080)


@pytest.mark.parametrize(("label", "period"), [("1D", 45), ("1h", 36), ("30min", 100), ("1M", 9)])
def test_a_season_that_is_not_the_calendars_is_found_beside_it(label: str, period: int) -> None:
    pattern = noise(period, period)
    for seed in range(20):
        values = np.tile(pattern, 1200 // period) + 0.5 * noise(seed, 1200 // period * period)
        assert find_seasons(values, step(label)) == (period,)


@pytest.mark.parametrize("period", [10, 30, 55, 100])
def test_both_are_named_where_both_are_there(period: int) -> None:
    time = np.arange(2400)
    for seed in range(5):
        week, other = noise(seed, 7)[time % 7], noise(seed + 20, period)[time % period]
        assert find_seasons(week + other + 0.3 * noise(seed + 40, len(time)), step("1D")) == (7, period)


def test_a_year_that_the_data_tell_as_361_days_is_the_calendars() -> None:
    time = np.arange(365 * 10)
    values = 5 * np.sin(2 * np.pi * time / 365.25) + noise(0, len(time))
    assert find_seasons(values, step("1D")) == (365,)


@pytest.mark.parametrize("seed", range(5))
def test_a_season_of_the_changes_is_found_in_a_series_that_wanders(seed: int) -> None:
    generator = np.random.default_rng(seed)
    week = np.tile(generator.normal(size=7), 60)
    values = np.cumsum(week - week.mean() + 0.5 * generator.normal(size=420))
    assert find_seasons(values, step("1D")) == (7,)
