"""Cheap nonlinear probes that try to improve on the best baseline, on the same folds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg
from threadpoolctl import threadpool_limits

from lstmsize.config import Metric
from lstmsize.metrics import losses, spread_of
from lstmsize.series import FloatArray
from lstmsize.splits import Fold
from lstmsize.windows import lagged

_LEAST_ROWS = 60
_RECENT = 12
_TREES = 80
_UNITS, _LEAKS = 120, (1.0, 0.3)
_BLOCK = 1000
"""Rows whose states are held at a time."""

_PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
_SHARES = (0.0, 0.5, 1.0)


@dataclass(frozen=True, kw_only=True)
class ProbeTask:
    """One fold with the forecasts of the best baseline.

    Parameters
    ----------
    values : ndarray, shape (score_stop,)
        The target.
    baseline : ndarray, shape (score_stop,)
        One-step forecasts of the best baseline for all rows; NaN at the start.
    fold : Fold
        Training part and scored block.
    seasons : tuple of int
        Periods in steps.
    metric : {'rmse', 'mae'}
        The loss.
    """

    values: FloatArray
    baseline: FloatArray
    fold: Fold
    seasons: tuple[int, ...]
    metric: Metric


def probe_forecasts(tasks: Sequence[ProbeTask]) -> dict[str, list[FloatArray]]:
    """Forecast the scored blocks of all folds with every probe, and with the average of the probes.

    They err in different ways, so that their average often gains more than either (Bates and Granger 1969, *The
    combination of forecasts*), as a trained network does.

    Parameters
    ----------
    tasks : sequence of ProbeTask
        One per fold.

    Returns
    -------
    dict of str to list of ndarray
        By probe, one forecast per fold; a probe that has too little to learn from on one of them is left out.
    """
    probes = (boosted_trees, random_recurrence)
    known = {p.__name__: forecasts for p in probes if (forecasts := _on_all(p, tasks)) is not None}
    if len(known) == len(probes):
        known["average_trees_recurrence"] = [np.mean(each, axis=0) for each in zip(*known.values(), strict=True)]
    return known


def _on_all(
    probe: Callable[[ProbeTask], FloatArray | None], tasks: Sequence[ProbeTask]
) -> list[FloatArray] | None:
    """Forecast all folds with a probe, or up to the first that leaves it too little to learn from."""
    found = []
    for task in tasks:
        if (forecast := probe(task)) is None:
            return None
        found.append(forecast)
    return found


def boosted_trees(task: ProbeTask) -> FloatArray | None:
    """Correct the baseline by gradient-boosted trees on lags, seasonal lags and past errors.

    Parameters
    ----------
    task : ProbeTask
        One fold.

    Returns
    -------
    ndarray, shape (scored,), or None
        Forecasts of the scored block; None where there are too few rows, or no errors, to learn from. The number
        of trees is chosen on the tail (Friedman 2001, *Greedy function approximation*).
    """
    columns, error, start = _regressors(task)
    head, train, stop = task.fold.head_stop, task.fold.train_stop, task.fold.score_stop
    if head - start < _LEAST_ROWS or _silent(error[start:], head - start):
        return None
    # Slow to import, and not needed for short series.
    from sklearn.ensemble import HistGradientBoostingRegressor

    def trees(count: int) -> HistGradientBoostingRegressor:
        return HistGradientBoostingRegressor(
            loss="squared_error" if task.metric == "rmse" else "absolute_error",
            max_iter=count,
            learning_rate=0.1,
            max_leaf_nodes=15,
            min_samples_leaf=20,
            early_stopping=False,
            random_state=0,
        )

    with threadpool_limits(1):  # which knows of what was loaded just now
        trial = trees(_TREES).fit(columns[start:head], error[start:head])
        staged = np.array(list(trial.staged_predict(columns[head:train])))
        tail = [float(losses(error[head:train], stage, task.metric).mean()) for stage in staged]
        before = float(losses(error[head:train], np.zeros(train - head), task.metric).mean())
        count = int(np.argmin(tail)) + 1
        if tail[count - 1] >= before:
            return task.baseline[train:stop]
        refit = trees(count).fit(columns[start:train], error[start:train])
        correction: FloatArray = refit.predict(columns[train:stop])
    return task.baseline[train:stop] + correction


def random_recurrence(task: ProbeTask) -> FloatArray | None:
    """Correct the baseline by a random recurrent layer with a linear readout.

    Parameters
    ----------
    task : ProbeTask
        One fold.

    Returns
    -------
    ndarray, shape (scored,), or None
        Forecasts of the scored block; None where there are too few rows, or no errors, to learn from. An echo
        state network (Jaeger 2001, *The echo state approach*) with two leaking rates; penalty and share of the
        correction by the tail.
    """
    head, train, stop = task.fold.head_stop, task.fold.train_stop, task.fold.score_stop
    start = int(np.argmax(np.isfinite(task.baseline)))
    washed = start + min(50, (head - start) // 10)
    error, readout = task.values - task.baseline, _Readout()
    if head - washed < _LEAST_ROWS or _silent(error[start:], head - start):
        return None
    recurrence = _Recurrence(task, start)
    recurrence.states(washed)
    for rows, states in recurrence.blocks(head):
        readout.learn(states, error[rows])
    coefficients, tail = readout.coefficients(_PENALTIES), []
    for rows, states in recurrence.blocks(train):
        tail.append(states @ coefficients[:-1] + coefficients[-1])
        readout.learn(states, error[rows])  # for the scored rows
    best: tuple[float, float, float] | None = None
    for penalty, fitted in zip(_PENALTIES, np.concatenate(tail).T, strict=True):
        for share in _SHARES:
            loss = float(losses(error[head:train], share * fitted, task.metric).mean())
            if best is None or loss < best[0]:
                best = loss, penalty, share
    scored = task.baseline[train:]
    if best is None or best[2] == 0:
        return scored
    coefficients = readout.coefficients((best[1],))
    corrections = [states @ coefficients[:-1] + coefficients[-1] for _, states in recurrence.blocks(stop)]
    return scored + best[2] * np.concatenate(corrections)[:, 0]


def _silent(error: FloatArray, head: int) -> bool:
    """Tell whether the head has no errors, but later rows have: that a probe gains nothing would be no proof."""
    return not error[:head].any() and bool(error[head:].any())


def _regressors(task: ProbeTask) -> tuple[FloatArray, FloatArray, int]:
    """Columns known before each row, the baseline's errors, and the first complete row."""
    error = task.values - task.baseline
    lags = sorted({*range(1, _RECENT + 1), *(s + k for s in task.seasons for k in (-1, 0, 1))})
    columns = [lagged(task.values, lag) for lag in lags]
    columns += [lagged(error, lag) for lag in (1, 2, 3)]
    columns.append(task.baseline)
    matrix = np.column_stack(columns)
    known = np.isfinite(matrix).all(axis=1) & np.isfinite(error)
    return matrix, error, int(np.argmax(known))


class _Recurrence:
    """The random layer, run through a task row by row."""

    def __init__(self, task: ProbeTask, start: int) -> None:
        head = slice(start, task.fold.head_stop)
        values, baseline = task.values, task.baseline
        centre, spread = values[head].mean(), spread_of(values[head])
        error = values - baseline
        missed = np.nan_to_num(lagged(error, 1) / spread_of(error[head]))
        inputs = np.column_stack([(lagged(values, 1) - centre) / spread, (baseline - centre) / spread, missed])
        self._inputs = np.clip(np.nan_to_num(inputs), -6, 6)
        generator = np.random.default_rng(0)
        self._into = generator.uniform(-1, 1, (inputs.shape[1] + 1, _UNITS * len(_LEAKS)))
        self._echoes = []
        for number in range(len(_LEAKS)):
            block = generator.normal(size=(_UNITS, _UNITS))
            part = slice(number * _UNITS, (number + 1) * _UNITS)
            self._echoes.append((part, 0.9 / np.abs(linalg.eigvals(block)).max() * block))
        self._leak = np.repeat(_LEAKS, _UNITS)
        self._state = np.zeros(len(self._leak))
        self.row = start

    def blocks(self, stop: int) -> Iterator[tuple[slice, FloatArray]]:
        """Go on to a row; yield rows on the way, `_BLOCK` at a time, and the states before them."""
        while self.row < stop:
            rows = slice(self.row, min(self.row + _BLOCK, stop))
            yield rows, self.states(rows.stop)

    def states(self, stop: int) -> FloatArray:
        """Go on to a row; return the states before each row on the way, with the last value and the forecast."""
        inputs = self._inputs[self.row : stop]
        width, leak, kept, state = len(self._leak), self._leak, 1 - self._leak, self._state
        states = np.empty((len(inputs), width + 2))
        # What drives a row stands where its state will.
        np.matmul(np.column_stack([inputs, np.ones(len(inputs))]), self._into, out=states[:, :width])
        states[:, width:] = inputs[:, :2]
        new = np.empty(width)
        layers = [(state[part], echo, new[part]) for part, echo in self._echoes]
        for row in states[:, :width]:  # in place: arrays of its own cost a row more time
            for old, echo, out in layers:
                np.dot(old, echo, out=out)
            new += row
            np.tanh(new, out=new)
            new *= leak
            state *= kept
            state += new
            row[:] = state
        self.row = stop
        return states


class _Readout:
    """A ridge regression of errors on states, of which only the sums over rows are kept."""

    def __init__(self) -> None:
        width = _UNITS * len(_LEAKS) + 2
        self._rows, self._error = 0, 0.0
        self._sums, self._moments, self._products = np.zeros(width), np.zeros(width), np.zeros((width, width))

    def learn(self, states: FloatArray, error: FloatArray) -> None:
        """Add rows."""
        self._rows += len(error)
        self._error += float(error.sum())
        self._sums += states.sum(axis=0)
        self._moments += states.T @ error
        self._products += states.T @ states

    def coefficients(self, penalties: tuple[float, ...]) -> FloatArray:
        """Return slopes and, last, the intercept for each penalty, shape (states + 1, penalties)."""
        centre, mean = self._sums / self._rows, self._error / self._rows
        gram = self._products / self._rows - np.outer(centre, centre)
        moment = self._moments / self._rows - mean * centre
        spectrum, vectors = linalg.eigh(gram, driver="evd")
        unit = float(np.trace(gram)) / len(gram)
        rotated = (vectors.T @ moment)[:, None] / (np.maximum(spectrum, 0)[:, None] + unit * np.array(penalties))
        slopes = vectors @ rotated
        return np.vstack([slopes, mean - centre @ slopes])
