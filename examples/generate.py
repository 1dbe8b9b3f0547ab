"""Write the synthetic example series beside this file, the same bytes every time.

Run ``python examples/generate.py``; it needs numpy and nothing else.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HERE = Path(__file__).resolve().parent

# Mackey and Glass (1977), with the constants at which the series is chaotic.
DELAY = 17.0
GROWTH = 0.2
DECAY = 0.1
SUBSTEPS = 10  # integration steps per unit of time
SAMPLE_EVERY = 6  # units of time between two rows
BURN_IN = 200  # rows dropped until the start is forgotten
OBSERVATION_NOISE = 0.02  # fraction of the clean series' standard deviation


def one_to_ten() -> list[int]:
    """Return the numbers 1 to 10."""
    return list(range(1, 11))


def fibonacci(rows: int = 40) -> list[int]:
    """Return the first Fibonacci numbers, from 1, 1."""
    values = [1, 1]
    while len(values) < rows:
        values.append(values[-1] + values[-2])
    return values


def quadratic(rows: int = 400, seed: int = 1) -> FloatArray:
    """Return a parabola with noise of standard deviation 15."""
    t = np.arange(rows, dtype=np.float64)
    return 100 + 0.5 * t + 0.01 * t * t + _noise(seed, rows, 15)


def cubic(rows: int = 400, seed: int = 2) -> FloatArray:
    """Return a cubic that rises, rests and rises again, with noise of standard deviation 15."""
    t = np.arange(rows, dtype=np.float64) - rows / 2
    return 1000 + 0.5 * t + 0.0001 * t * t * t + _noise(seed, rows, 15)


def white_noise(rows: int = 1000, seed: int = 3) -> FloatArray:
    """Return independent standard normal numbers."""
    return _noise(seed, rows, 1)


def random_walk(rows: int = 1000, seed: int = 4) -> FloatArray:
    """Return 100 plus the running sum of independent standard normal steps."""
    return 100 + np.cumsum(_noise(seed, rows, 1))


def threshold(rows: int = 3000, seed: int = 7) -> FloatArray:
    """Return an autoregression whose slope hangs on the sign of the value before last (Tong 1990)."""
    burn_in = 1000
    noise, values = _noise(seed, rows + burn_in, 0.5), np.zeros(rows + burn_in)
    for row in range(2, rows + burn_in):
        slope = 0.9 if values[row - 2] > 0 else -0.8
        values[row] = slope * values[row - 1] - 0.2 * values[row - 2] + noise[row]
    return values[burn_in:]


def mackey_glass(rows: int = 3000, seed: int = 5) -> FloatArray:
    """Return the Mackey-Glass series with a little observation noise."""
    clean = mackey_glass_clean(rows)
    return clean + _noise(seed, rows, OBSERVATION_NOISE * float(np.std(clean)))


def mackey_glass_clean(rows: int = 3000) -> FloatArray:
    """Integrate x'(t) = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x(t) by Runge-Kutta of order 4.

    Parameters
    ----------
    rows : int
        Rows to return, one for every 6 units of time, after the burn-in.

    Returns
    -------
    ndarray of float64, shape (rows,)
        The series without noise.

    Notes
    -----
    The delayed value in the middle of a step is the mean of its two ends. A chaotic series multiplies
    every difference in rounding, so only operations whose rounding IEEE 754 fixes are used: no power
    function, no vector code.
    """
    step = 1 / SUBSTEPS
    lag = round(DELAY * SUBSTEPS)
    stride = SAMPLE_EVERY * SUBSTEPS
    path = [1.2] * (lag + 1)
    for now in range(lag, lag + (BURN_IN + rows) * stride):
        path.append(_runge_kutta(path[now], path[now - lag], path[now - lag + 1], step))
    return np.array(path[lag + BURN_IN * stride :: stride][:rows])


def _runge_kutta(x: float, delayed: float, delayed_next: float, step: float) -> float:
    start, end = _inflow(delayed), _inflow(delayed_next)
    middle = _inflow((delayed + delayed_next) / 2)
    k1 = start - DECAY * x
    k2 = middle - DECAY * (x + step / 2 * k1)
    k3 = middle - DECAY * (x + step / 2 * k2)
    k4 = end - DECAY * (x + step * k3)
    return x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _inflow(delayed: float) -> float:
    square = delayed * delayed
    fourth = square * square
    return GROWTH * delayed / (1 + fourth * fourth * square)


def _noise(seed: int, rows: int, deviation: float) -> FloatArray:
    return deviation * np.random.default_rng(seed).standard_normal(rows)


def _write(name: str, values: list[int] | FloatArray, digits: int) -> None:
    lines = ["value", *(f"{value:.{digits}f}" for value in values)]
    path = HERE / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{path.name}: {len(values)} rows")


def main() -> None:
    """Write all files."""
    _write("one_to_ten", one_to_ten(), 0)
    _write("fibonacci", fibonacci(), 0)
    _write("quadratic", quadratic(), 2)
    _write("cubic", cubic(), 2)
    _write("white_noise", white_noise(), 4)
    _write("random_walk", random_walk(), 3)
    _write("threshold", threshold(), 3)
    _write("mackey_glass", mackey_glass(), 5)


if __name__ == "__main__":
    main()
