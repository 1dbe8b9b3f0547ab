"""Exact recursions, and how the rounding of the data is read."""

from __future__ import annotations

import numpy as np
import pytest
from folded import noise
from hypothesis import given
from hypothesis import strategies as st

from lstmsize.baselines.recursion import Recursion, find_recursion, rounding
from lstmsize.series import FloatArray

TIME = np.arange(60)


def fibonacci(count: int) -> FloatArray:
    values = [1.0, 1.0]
    while len(values) < count:
        values.append(values[-1] + values[-2])
    return np.array(values)


def chaos(rows: int) -> FloatArray:
    values = [0.3]
    for _ in range(rows - 1):
        values.append(3.9 * values[-1] * (1 - values[-1]))
    return np.array(values)


def found_in(values: FloatArray) -> Recursion:
    recursion = find_recursion(values)
    assert recursion is not None
    return recursion


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        (np.arange(1.0, 11.0), "y[t] = y[t-1] + 1"),
        (fibonacci(10), "y[t] = y[t-1] + y[t-2]"),
        (np.full(10, 3.0), "y[t] = 3"),
        (1e-12 * np.arange(1.0, 41.0), "y[t] = y[t-1] + 1e-12"),
        (2.0 ** np.arange(10), "y[t] = 2 y[t-1]"),
        (np.tile([1.0, 5.0, 2.0, 8.0, 3.0, 9.0], 4), "y[t] = y[t-6]"),
        (100.0 - 3 * np.arange(12.0), "y[t] = y[t-1] - 3"),
        (np.cos(np.pi / 3 * np.arange(24.0)), "y[t] = y[t-1] - y[t-2]"),
        ((-1.0) ** np.arange(12), "y[t] = -y[t-1]"),
        (1e-14 * fibonacci(20), "y[t] = y[t-1] + y[t-2]"),
        (1e-16 * np.arange(1.0, 11.0), "y[t] = y[t-1] + 1e-16"),
        (1e-13 * np.cos(np.pi / 3 * np.arange(24.0)), "y[t] = y[t-1] - y[t-2]"),
        (1e20 * (np.arange(12.0) - 6), "y[t] = y[t-1] + 1e+20"),
        (np.full(10, -3.0), "y[t] = -3"),
    ],
)
def test_a_simple_rule_is_named(values: FloatArray, rule: str) -> None:
    assert str(found_in(values)) == rule


@pytest.mark.parametrize(
    "values",
    [
        np.arange(1.0, 11.0),
        fibonacci(12),
        fibonacci(60),
        np.arange(12.0) ** 2,
        np.arange(14.0) ** 3,
        np.sin(0.3 * TIME),
        5 + 2 * np.cos(0.7 * TIME),
        np.tile([4.0, 1.0, 7.0], 12),
        np.tile(noise(0, 24), 4),
        1e6 + 0.5 * TIME,
        0.9**TIME,
        np.tile([0.0, 1.0], 20),
    ],
)
def test_the_rule_gives_every_row(values: FloatArray) -> None:
    recursion = found_in(values)
    longest = max(recursion.lags, default=0)
    np.testing.assert_allclose(recursion.forecast(values), values[longest:], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("unit", 10.0 ** np.arange(-60, 61, 20))
def test_the_unit_of_the_values_does_not_matter(unit: float) -> None:
    assert find_recursion(unit * (np.sin(0.3 * TIME) + 1e-5 * noise(0, 60))) is None
    for values in (fibonacci(40), 5 + 2 * np.cos(0.7 * TIME)):
        plain, scaled = found_in(values), found_in(unit * values)
        assert scaled.coefficients == pytest.approx(plain.coefficients, rel=1e-6)
        assert scaled.constant == pytest.approx(unit * plain.constant, rel=1e-6)


def test_a_rounded_wave_follows_its_rule_to_the_rounding() -> None:
    values = np.round(100 * np.sin(0.3 * TIME), 3)
    recursion = found_in(values)
    np.testing.assert_allclose(recursion.forecast(values), values[2:], atol=0.005)


@pytest.mark.parametrize("seed", range(20))
def test_noise_and_walks_follow_no_rule(seed: int) -> None:
    generator = np.random.default_rng(seed)
    assert find_recursion(generator.normal(size=100)) is None
    assert find_recursion(generator.integers(0, 10, 100).astype(float)) is None
    assert find_recursion(np.round(10 * generator.normal(size=100))) is None
    assert find_recursion(np.cumsum(generator.normal(size=300))) is None
    assert find_recursion(np.cumsum(generator.choice([-1.0, 1.0], 2000))) is None


def test_chaos_follows_no_linear_rule() -> None:
    assert find_recursion(chaos(300)) is None
    assert find_recursion(np.round(chaos(300), 3)) is None


def test_a_single_row_off_the_rule_breaks_it() -> None:
    values = np.arange(1.0, 41.0)
    values[30] += 1
    assert find_recursion(values) is None
    pattern = np.tile([1.0, 5.0, 2.0, 8.0, 3.0, 9.0], 6)
    pattern[-1] += 1
    assert find_recursion(pattern) is None


def test_a_trend_with_noise_follows_no_rule() -> None:
    assert find_recursion(np.arange(100.0) + noise(0, 100)) is None
    assert find_recursion(np.round(np.arange(100.0) + noise(0, 100), 2)) is None


@pytest.mark.parametrize("values", [np.array([5.0]), np.array([1.0, 2.0]), np.arange(4.0)])
def test_a_few_rows_are_no_proof_of_a_rule(values: FloatArray) -> None:
    assert find_recursion(values) is None


def test_a_pattern_must_occur_three_times() -> None:
    pattern = noise(1, 20)
    assert find_recursion(np.tile(pattern, 3)) is not None
    assert find_recursion(np.tile(pattern, 2)) is None


@given(
    st.lists(st.integers(0, 3), min_size=5, max_size=12),
    st.integers(1, 5),
    st.integers(0, 4),
    st.none() | st.integers(0, 63),
)
def test_a_repetition_has_the_shortest_period_that_all_rows_have(
    pattern: list[int], times: int, rest: int, spoilt: int | None
) -> None:
    values = np.resize(np.array(pattern, dtype=float), times * len(pattern) + rest)
    if spoilt is not None:
        values[spoilt % len(values)] += 1
    periods = range(5, len(values) // 3 + 1)
    shortest = next((p for p in periods if np.array_equal(values[p:], values[:-p])), None)
    found = find_recursion(values)
    if found is None:
        assert shortest is None
    elif max(found.lags, default=0) > 4:
        assert found.lags == [shortest]


def test_a_standstill_is_part_of_a_repetition() -> None:
    values = np.tile([*[0.0] * 200, 1.0, 3.0, 2.0], 3)
    assert found_in(values).lags == [203]
    values[-1] = 4.0
    assert find_recursion(values) is None


def test_coin_flips_follow_no_rule() -> None:
    found = [find_recursion(np.random.default_rng(seed).integers(0, 2, 100).astype(float)) for seed in range(200)]
    assert not any(found)


def test_a_counter_of_coin_flips_follows_no_rule() -> None:
    assert find_recursion(np.cumsum(np.random.default_rng(0).integers(0, 2, 1000)).astype(float)) is None


def test_zeros_are_zero() -> None:
    assert str(found_in(np.zeros(12))) == "y[t] = 0"


@pytest.mark.parametrize(
    ("values", "quantum"),
    [
        ([1.0, 2.0, 4.0], 1.0),
        ([0.5, 1.25], 0.01),
        ([0.1, 0.2, 0.7], 0.1),
        ([1200.0, 300.0], 100.0),
        ([1.000001, 2.0], 1e-6),
    ],
)
def test_rounding_is_read_off_the_digits(values: list[float], quantum: float) -> None:
    assert rounding(np.array(values)) == pytest.approx(quantum)


def test_numbers_of_full_precision_are_rounded_to_that() -> None:
    values = noise(2, 100)
    assert rounding(values) == pytest.approx(np.abs(values).max() * np.finfo(float).eps)


@pytest.mark.parametrize(
    "values",
    [
        noise(0, 500) * 1e-10,
        1e12 + np.cumsum(np.random.default_rng(0).poisson(1000, 500)),
        1e9 + 0.2 * noise(0, 500),
    ],
)
def test_a_large_level_or_a_small_scale_hides_no_noise(values: FloatArray) -> None:
    assert find_recursion(values) is None
