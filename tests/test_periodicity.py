"""Periods from the values alone: lines and patterns are found, humps and wandering are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lstmsize.periodicity import autocorrelation, repeated_periods
from lstmsize.series import FloatArray

DRAWS = 40


def noise(seed: int, rows: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows)


def wave(period: int, rows: int, *harmonics: int) -> FloatArray:
    time = 2 * np.pi * np.arange(rows) / period
    return np.sum([np.sin(k * time + k) for k in harmonics or (1,)], axis=0)


def autoregression(seed: int, rows: int, *slopes: float) -> FloatArray:
    values = noise(seed, rows + 200)
    for row in range(len(slopes), len(values)):
        values[row] += sum(slope * values[row - lag] for lag, slope in enumerate(slopes, start=1))
    return values[200:]


def pattern(seed: int, period: int, cycles: int, spread: float) -> FloatArray:
    generator = np.random.default_rng(seed)
    return np.tile(generator.normal(size=period), cycles) + spread * generator.normal(size=period * cycles)


@pytest.mark.parametrize(("period", "rows"), [(7, 80), (7, 240), (22, 400), (43, 800), (13, 8000)])
def test_a_smooth_season_in_autocorrelated_noise_is_found(period: int, rows: int) -> None:
    found = [
        repeated_periods(2 * wave(period, rows, 1, 2) + autoregression(seed, rows, 0.7)) for seed in range(DRAWS)
    ]
    assert found.count((period,)) >= 0.9 * DRAWS


def test_a_long_season_is_found_as_closely_as_the_rows_tell() -> None:
    found = [repeated_periods(2 * wave(96, 800, 1, 2) + autoregression(seed, 800, 0.7)) for seed in range(DRAWS)]
    assert sum(len(periods) == 1 and abs(periods[0] - 96) <= 1 for periods in found) >= 0.9 * DRAWS


@pytest.mark.parametrize(("short", "long"), [(22, 110), (8, 56), (18, 90)])
def test_a_season_within_a_longer_one_is_named_beside_it(short: int, long: int) -> None:
    both = 2 * (wave(short, 800, 1, 2) + wave(long, 800, 1, 2))
    found = [repeated_periods(both + autoregression(seed, 800, 0.6)) for seed in range(DRAWS)]
    assert found.count((short, long)) >= 0.9 * DRAWS


@pytest.mark.parametrize(("short", "long", "rows"), [(7, 30, 365), (7, 40, 600), (12, 50, 800), (24, 100, 1000)])
def test_two_seasons_that_do_not_fit_into_each_other_are_both_named(short: int, long: int, rows: int) -> None:
    both = 2 * (wave(short, rows, 1, 2) + wave(long, rows, 1, 2))
    found = [repeated_periods(both + noise(seed, rows)) for seed in range(DRAWS)]
    assert found.count((short, long)) >= 0.9 * DRAWS


def test_a_week_around_a_day_needs_no_more_than_three_cycles() -> None:
    hour = np.arange(560)
    level = np.where((hour // 24) % 7 >= 5, 0.3, 1.0)
    found = [repeated_periods(level * wave(24, 560) + 0.2 * noise(seed, 560)) for seed in range(DRAWS)]
    assert found.count((24, 168)) >= 0.6 * DRAWS


@pytest.mark.parametrize(("period", "harmonics"), [(21, (1, 3)), (20, (1, 2)), (12, (1, 2, 3))])
def test_strong_harmonics_are_no_seasons_of_their_own(period: int, harmonics: tuple[int, ...]) -> None:
    for seed in range(10):
        assert repeated_periods(2 * wave(period, 800, *harmonics) + noise(seed, 800)) == (period,)


@pytest.mark.parametrize(("period", "cycles"), [(5, 6), (7, 10), (12, 6), (12, 20), (31, 8), (100, 8)])
def test_a_rich_pattern_is_found_within_few_cycles(period: int, cycles: int) -> None:
    found = [repeated_periods(pattern(seed, period, cycles, 0.4)) for seed in range(DRAWS)]
    assert sum(any(one % period == 0 for one in periods) for periods in found) >= 0.85 * DRAWS


def test_a_season_that_grows_is_found_once() -> None:
    for seed in range(10):
        assert repeated_periods(np.linspace(1, 4, 960) * (wave(12, 960, 1, 2) + 0.3 * noise(seed, 960))) == (12,)


@pytest.mark.parametrize("rows", [80, 240, 800, 4000])
@pytest.mark.parametrize("slopes", [(), (0.9,), (-0.5,), (1.0,)])
def test_noise_and_wandering_have_no_season(rows: int, slopes: tuple[float, ...]) -> None:
    found = [repeated_periods(autoregression(seed, rows, *slopes)) for seed in range(DRAWS)]
    assert sum(map(bool, found)) <= 0.05 * DRAWS


@pytest.mark.parametrize("slopes", [(1.2, -0.8), (0.5, -0.7)])
def test_an_oscillation_that_decays_is_no_season_where_there_are_rows_to_tell(slopes: tuple[float, ...]) -> None:
    found = [repeated_periods(autoregression(seed, 800, *slopes)) for seed in range(DRAWS)]
    assert sum(map(bool, found)) <= 0.05 * DRAWS


@pytest.mark.parametrize("rows", [52, 56, 60])
def test_a_smooth_year_of_months_is_found_in_four_to_five_cycles(rows: int) -> None:
    for seed in range(10):
        assert repeated_periods(wave(12, rows) + 0.1 * noise(seed, rows)) == (12,)


def test_a_wave_that_fits_only_three_times_is_no_season_and_lends_it_to_no_other_length() -> None:
    for seed in range(10):
        assert repeated_periods(3 * wave(100, 350) + noise(seed, 350)) == ()


def test_a_wave_without_noise_has_its_own_period_although_that_is_no_whole_number() -> None:
    assert repeated_periods(np.sin(0.5 * np.arange(1000))) == (25,)


def test_an_alternation_counts_by_what_it_explains() -> None:
    alternation = np.where(np.arange(4000) % 2, -1.0, 1.0)
    assert all(repeated_periods(0.2 * alternation + noise(seed, 4000)) == () for seed in range(10))
    assert all(repeated_periods(0.4 * alternation + noise(seed, 4000)) == (2,) for seed in range(10))


@settings(max_examples=100, deadline=None)
@given(arrays(float, st.integers(2, 120), elements=st.floats(-1e6, 1e6)))
def test_whatever_the_values_the_periods_fit_into_the_rows(values: FloatArray) -> None:
    periods = repeated_periods(values)
    assert len(periods) <= 2
    assert list(periods) == sorted(set(periods))
    assert all(2 <= period <= len(values) // 3 for period in periods)  # 3 cycles, around a season that is known


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_units_do_not_matter(scale: float) -> None:
    assert repeated_periods(scale * (pattern(0, 12, 20, 0.4) + 5)) == (12,)


def test_constants_have_no_period() -> None:
    assert repeated_periods(np.full(100, 3.0)) == ()


def test_the_autocorrelation_of_a_wave_returns_with_its_period() -> None:
    found = autocorrelation(wave(20, 400), 40)
    assert found[[0, 20, 40]] == pytest.approx([1, 1, 1], abs=1e-9)
    assert found[10] == pytest.approx(-1, abs=0.01)
