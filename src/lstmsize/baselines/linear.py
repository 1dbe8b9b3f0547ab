"""Linear autoregression: recent lags, lags around each season, all lags to one season, Fourier terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmsize.baselines.forecasts import Forecasts, Task, lagged
from lstmsize.baselines.ridge import MOST_COLUMNS_PER_ROW, Ridge, Scale, Tried, plainest
from lstmsize.baselines.trends import fourier
from lstmsize.series import FloatArray

_RECENT = (1, 2, 3, 4, 6, 8, 12, 16, 24, 36, 48, 72)
_HARMONICS = (2, 6)


@dataclass(frozen=True, kw_only=True)
class LinearFit:
    """The chosen linear autoregression of one fold.

    Parameters
    ----------
    lags : list of int
        Past steps used.
    harmonics : int
        Fourier terms per season beside them, 0 for none.
    penalty : float
        Ridge penalty per row.
    from_head, from_train : ndarray, shape (score_stop,)
        One-step forecasts of all rows with coefficients from the head, and from the whole training part.
    """

    lags: list[int]
    harmonics: int
    penalty: float
    from_head: FloatArray
    from_train: FloatArray

    @property
    def detail(self) -> dict[str, Any]:
        """What was chosen, for the record."""
        detail: dict[str, Any] = {"lags": self.lags, "penalty": self.penalty}
        return detail | ({"harmonics": self.harmonics} if self.harmonics else {})


def fit_linear(task: Task) -> LinearFit | None:
    """Choose lags, Fourier terms and penalty on the tail, then refit on the whole training part.

    Parameters
    ----------
    task : Task
        One fold.

    Returns
    -------
    LinearFit or None
        None where the head is too short for a single lag.
    """
    sets = _lag_sets(task)
    if not sets:
        return None
    scale = Scale.of(task)
    scaled = scale.down(task.values)
    lags = sorted({lag for members in sets for lag in members})
    waves = {count: fourier(len(scaled), task.seasons, count) for count in (0, *_HARMONICS)}
    columns = np.column_stack([*(lagged(scaled, lag) for lag in lags), waves[max(waves)]])
    ridge = Ridge(task=task, scale=scale, columns=columns, base=np.zeros(len(scaled)))
    tried: list[tuple[list[int], int, Tried]] = []
    for members in sets:
        for count in waves if task.seasons else (0,):
            # Terms stand in the order of their multiples, so a smaller count is a prefix of a larger one.
            terms = np.arange(waves[count].shape[1]) + len(lags)
            chosen = np.concatenate([np.searchsorted(lags, members), terms]).astype(np.intp)
            if (found := ridge.choose_penalty(chosen)) is not None:
                tried.append((members, count, found))
    tried.sort(key=lambda candidate: len(candidate[2].chosen))
    position = plainest([found for _, _, found in tried])
    if position is None:
        return None
    members, count, best = tried[position]
    # The refit learns from every row that the chosen lags reach, not only from those that all candidates do.
    own = Ridge(task=task, scale=scale, columns=columns[:, best.chosen], base=ridge.base)
    everything = np.arange(len(best.chosen))
    return LinearFit(
        lags=members,
        harmonics=count,
        penalty=best.penalty,
        from_head=own.forecast(everything, best.penalty, task.fold.head_stop),
        from_train=own.forecast(everything, best.penalty, task.fold.train_stop),
    )


def linear_autoregression(fit: LinearFit | None) -> Forecasts | None:
    """Forecast by the chosen linear autoregression."""
    return None if fit is None else Forecasts(values=fit.from_train, detail=fit.detail)


def _lag_sets(task: Task) -> list[list[int]]:
    """Candidates from few to many: recent lags, lags around the seasons, all lags to one season."""
    head, seasons = task.fold.head_stop, task.seasons
    recent = [list(range(1, count + 1)) for count in _RECENT]
    sets = {tuple(members): None for members in recent}
    for members in recent if seasons else []:
        for multiples, width in (((1,), 1), ((1, 2), 2)):
            near = {m * s + k for s in seasons for m in multiples for k in range(-width, width + 1)}
            sets[tuple(sorted({*members, *(lag for lag in near if lag > 0)}))] = None
    sets |= {tuple(range(1, season + 2)): None for season in seasons}
    return [
        list(members)
        for members in sorted(sets, key=len)
        if len(members) <= max(1, MOST_COLUMNS_PER_ROW * (head - members[-1])) and 3 * members[-1] <= 2 * head
    ]
