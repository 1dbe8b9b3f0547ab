"""Tasks and series that the tests of the baselines share."""

from __future__ import annotations

from typing import Literal

import numpy as np

from lstmsize.baselines.forecasts import Task
from lstmsize.series import FloatArray
from lstmsize.splits import Fold


def fold_of(rows: int) -> Fold:
    """Half of the rows as head, a tenth as tail, the rest scored."""
    return Fold(head_stop=rows // 2, train_stop=rows * 3 // 5, score_stop=rows)


def task_of(values: FloatArray, seasons: tuple[int, ...] = (), metric: Literal["rmse", "mae"] = "rmse") -> Task:
    return Task(values=np.asarray(values, dtype=float), fold=fold_of(len(values)), seasons=seasons, metric=metric)


def noise(seed: int, rows: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=rows)


def scored_error(task: Task, forecast: FloatArray) -> float:
    """Root mean square error on the scored block."""
    rows = slice(task.fold.train_stop, task.fold.score_stop)
    return float(np.sqrt(np.mean((task.values[rows] - forecast[rows]) ** 2)))


def before(values: FloatArray, lag: int) -> FloatArray:
    """Values of so many rows ago, written out as a loop."""
    return np.array([values[row - lag] if row >= lag else np.nan for row in range(len(values))])
