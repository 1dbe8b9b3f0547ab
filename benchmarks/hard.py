"""Generated series on which a network earns its place, and whose needed size is known to differ.

Which size each truly needs is measured by ``sizes.py``. Two things decide it: how little noise there is (noise of
a tenth hides any lack of capacity) and how many rows (with half of them larger networks learn nothing more).
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


def teacher(rows: int) -> FloatArray:
    """Return a random function of the last two values, the sum of 300 sines, with little noise."""
    generator = np.random.default_rng(0)
    weights = 2.0 * generator.normal(size=(300, 2))
    phases = generator.uniform(0, 2 * np.pi, 300)
    heights = generator.normal(size=300) * np.sqrt(2 / 300)
    noise = 0.02 * generator.normal(size=rows + _BURN_IN)
    values = 0.5 * generator.normal(size=rows + _BURN_IN)
    for row in range(2, len(values)):
        values[row] = heights @ np.sin(weights @ values[[row - 1, row - 2]] + phases) + noise[row]
    return values[_BURN_IN:]


def delayed(rows: int) -> FloatArray:
    """Return the sine of six times the value six steps ago: six values to keep apart, a function with waves."""
    generator = np.random.default_rng(0)
    values = generator.uniform(-1, 1, size=rows + _BURN_IN)
    noise = 0.02 * generator.normal(size=rows + _BURN_IN)
    for row in range(6, len(values)):
        values[row] = np.sin(6 * values[row - 6]) + noise[row]
    return values[_BURN_IN:]


def products(rows: int) -> FloatArray:
    """Return the sine of two products of past values and a third one: five lags that act together."""
    generator = np.random.default_rng(0)
    values = 0.3 * generator.normal(size=rows + _BURN_IN)
    noise = 0.1 * generator.normal(size=rows + _BURN_IN)
    for row in range(7, len(values)):
        one, two, three, four, seven = values[[row - 1, row - 2, row - 3, row - 4, row - 7]]
        values[row] = np.sin(3 * one * four + 2 * seven * three + 1.5 * two) + noise[row]
    return values[_BURN_IN:]


SERIES: dict[str, Callable[[int], FloatArray]] = {
    "threshold": threshold,
    "lookup": lookup,
    "three_maps": three_maps,
    "teacher": teacher,
    "delayed": delayed,
    "products": products,
}
"""By name: rows to values, the same every time."""

WINDOWS = dict.fromkeys(SERIES, 24)
"""Past steps shown to the network."""
