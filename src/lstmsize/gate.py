"""The gate: whether anything is left to forecast that the best simple model misses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from lstmsize.naming import spoken
from lstmsize.results import Decision, ProbeRecord, TestRecord
from lstmsize.series import FloatArray

_ROUNDING = 2.0
"""An error of up to twice that of rounding (the standard deviation of a uniform error) is as good as none."""

_EXACT = 1e-12
"""Variance that a line leaves of standardised residuals below which all that is left is rounding."""

_FINE = 0.01
"""Rounding is fine if its step is at most this fraction of the standard deviation of the data."""


@dataclass(frozen=True, kw_only=True)
class GateDecision:
    """Whether the search is worth its seconds, and why."""

    decision: Decision
    reason: str


def judge(
    probes: list[ProbeRecord], *, best: str, error: float, quantum: float, spread: float, min_gain: float
) -> GateDecision:
    """Decide from what the probes could gain.

    Parameters
    ----------
    probes : list of ProbeRecord
        Nonlinear models that tried to improve on the best baseline.
    best : str
        That baseline's name.
    error : float
        Its error in the units of the target.
    quantum : float
        Distance of neighbouring numbers that the data are rounded to.
    spread : float
        Standard deviation of the data; rounding is only spoken of where it is far below that.
    min_gain : float
        Smallest gain that is worth a network.

    Returns
    -------
    GateDecision
        ``shut`` only when the upper bounds of all gains lie below `min_gain` or none is above 0, or when the
        error is at the rounding level and no probe was seen to gain as much: in a counter of events every error
        is below the unit that it counts in, and may be predictable. ``open`` when in doubt.
    """
    name = spoken(best)
    rounded = error <= _ROUNDING * quantum / np.sqrt(12) and quantum <= _FINE * spread
    if rounded and all(probe.gain < min_gain for probe in probes):
        return GateDecision(decision="shut", reason=f"the error of {name} is at the rounding level of the data")
    if not probes:
        return GateDecision(decision="open", reason="there is too little for the probes to learn from")
    strongest = max(probes, key=lambda probe: probe.gain_high)
    if strongest.gain_high <= 0:
        return GateDecision(decision="shut", reason=f"no nonlinear probe lowers the error of {name}")
    bound = f"{spoken(strongest.name)} could lower the error of {name} by at most {strongest.gain_high:.1%}"
    if strongest.gain_high < min_gain:
        return GateDecision(decision="shut", reason=f"{bound}, below the {min_gain:.1%} worth having")
    return GateDecision(decision="open", reason=f"{bound}, which does not exclude {min_gain:.1%}")


def structure_tests(residuals: FloatArray, lags: int = 8) -> list[TestRecord]:
    """Test the best baseline's one-step residuals for what it may have left.

    Parameters
    ----------
    residuals : ndarray, shape (time,)
        Residuals in time order.
    lags : int
        Past residuals that are looked at.

    Returns
    -------
    list of TestRecord
        Ljung and Box 1978 (linear structure), Teräsvirta, Lin and Granger 1993 (neglected nonlinearity in the
        mean, the Lagrange multiplier form with second and third powers), McLeod and Li 1983 (volatility).
    """
    return [
        _record("ljung_box", "no autocorrelation is left", _ljung_box(residuals, lags)),
        _record("terasvirta", "nothing nonlinear is left in the mean", _terasvirta(residuals, min(lags, 3))),
        _record("mcleod_li", "the variance is constant", _ljung_box(residuals**2, lags)),
    ]


def _record(name: str, null: str, found: tuple[float, float] | None) -> TestRecord:
    statistic, p_value = found if found is not None else (None, None)
    return TestRecord(name=name, null=null, statistic=statistic, p_value=p_value)


def _ljung_box(values: FloatArray, lags: int) -> tuple[float, float] | None:
    rows = len(values)
    centred = values - values.mean()
    power = float(centred @ centred)
    if rows < 3 * lags or power == 0:
        return None
    correlations = [float(centred[lag:] @ centred[:-lag]) / power for lag in range(1, lags + 1)]
    statistic = rows * (rows + 2) * sum(r * r / (rows - lag) for lag, r in enumerate(correlations, start=1))
    return float(statistic), float(special.chdtrc(lags, statistic))


def _terasvirta(values: FloatArray, lags: int) -> tuple[float, float] | None:
    rows = len(values) - lags
    spread = float(values.std())
    if rows < 40 or spread == 0:
        return None
    scaled = (values - values.mean()) / spread
    past = np.column_stack([scaled[lags - lag : len(scaled) - lag] for lag in range(1, lags + 1)])
    linear = np.column_stack([np.ones(rows), past])
    squares = [past[:, i] * past[:, j] for i in range(lags) for j in range(i, lags)]
    cubes = [
        past[:, i] * past[:, j] * past[:, k] for i in range(lags) for j in range(i, lags) for k in range(j, lags)
    ]
    powers = np.column_stack(squares + cubes)
    error = scaled[lags:] - linear @ np.linalg.lstsq(linear, scaled[lags:], rcond=None)[0]
    if float(error @ error) <= _EXACT * rows:
        return None
    both = np.column_stack([linear, powers])
    left = error - both @ np.linalg.lstsq(both, error, rcond=None)[0]
    statistic = rows * max(0.0, 1 - float(left @ left) / float(error @ error))  # rounding may go below
    return statistic, float(special.chdtrc(powers.shape[1], statistic))
