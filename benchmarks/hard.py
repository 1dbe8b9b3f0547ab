"""Generated series on which a network earns its place, and whose needed size is known to differ.

Which size each truly needs is measured by ``sizes.py``. Noise decides what it costs to know: without any the
curves fall for as long as one looks, so that a table of trainings to convergence takes days; with too much, a lack
of capacity no longer shows. With half the rows larger networks learn nothing more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lstmsize.series import FloatArray

ROWS = 8000
"""Length of every series; a training step costs the same whatever it is."""

_BURN_IN = 1000


def threshold(rows: int) -> FloatArray:
    """Return an autoregression whose slope depends on the sign of the value before last: any size will do."""
    noise = 0.5 * np.random.default_rng(7).normal(size=rows + _BURN_IN)
    values = np.zeros(rows + _BURN_IN)
    for row in range(2, len(values)):
        slope = 0.9 if values[row - 2] > 0 else -0.8
        values[row] = slope * values[row - 1] - 0.2 * values[row - 2] + noise[row]
    return values[_BURN_IN:]


def lookup(rows: int) -> FloatArray:
    """Return values read from a random table of 8 by 8 levels at the last two: noise hides its edges."""
    generator = np.random.default_rng(0)
    table = generator.integers(0, 8, size=(8, 8))
    noise = 0.3 * generator.normal(size=rows + _BURN_IN)
    values = np.zeros(rows + _BURN_IN)
    for row in range(2, len(values)):
        last, before = np.clip(np.round(values[[row - 1, row - 2]]), 0, 7).astype(int)
        values[row] = table[last, before] + noise[row]
    return values[_BURN_IN:]


def three_maps(rows: int) -> FloatArray:
    """Return the sum of three logistic maps, each at its own chaotic rate."""
    rates = np.array([3.9, 3.8, 3.7])
    states = np.random.default_rng(0).uniform(0.2, 0.8, 3)
    values = np.empty(rows + _BURN_IN)
    for row in range(len(values)):
        states = rates * states * (1 - states)
        values[row] = states.sum()
    return values[_BURN_IN:]


def interactions(rows: int) -> FloatArray:
    """Return the sine of two products of past values and a third one: five lags that act together."""
    generator = np.random.default_rng(0)
    values = 0.3 * generator.normal(size=rows + _BURN_IN)
    noise = 0.3 * generator.normal(size=rows + _BURN_IN)
    for row in range(7, len(values)):
        one, two, three, four, seven = values[[row - 1, row - 2, row - 3, row - 4, row - 7]]
        values[row] = np.sin(3 * one * four + 2 * seven * three + 1.5 * two) + noise[row]
    return values[_BURN_IN:]


def two_waves(rows: int) -> FloatArray:
    """Return the sum of two sines, each of a product of two past values."""
    generator = np.random.default_rng(0)
    values = 0.3 * generator.normal(size=rows + _BURN_IN)
    noise = 0.3 * generator.normal(size=rows + _BURN_IN)
    for row in range(6, len(values)):
        one, two, three, five = values[[row - 1, row - 2, row - 3, row - 5]]
        values[row] = np.sin(3 * one * two) + np.sin(3 * three * five) + noise[row]
    return values[_BURN_IN:]


def automaton(rows: int) -> FloatArray:
    """Return the levels of 32 states; the sign of the last value says which of two permutations comes next."""
    generator = np.random.default_rng(0)
    following = np.stack([generator.permutation(32), generator.permutation(32)])
    levels = generator.normal(size=32)
    noise = 0.2 * generator.normal(size=rows + _BURN_IN)
    values = np.zeros(rows + _BURN_IN)
    state = 0
    for row in range(1, len(values)):
        state = following[int(values[row - 1] > 0), state]
        values[row] = levels[state] + noise[row]
    return values[_BURN_IN:]


SERIES: dict[str, Callable[[int], FloatArray]] = {
    "threshold": threshold,
    "lookup": lookup,
    "three_maps": three_maps,
    "interactions": interactions,
    "two_waves": two_waves,
    "automaton": automaton,
}
"""By name: rows to values, the same every time."""

WINDOWS = {**dict.fromkeys(SERIES, 24), "interactions": 12, "two_waves": 12}
"""Past steps shown to the network."""
