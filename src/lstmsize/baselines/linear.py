"""Linear autoregression: recent lags, lags around each season, all lags to one season, Fourier terms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmsize.baselines.design import Lags
from lstmsize.baselines.forecasts import Forecasts, Task
from lstmsize.baselines.ridge import Ridge, Scale, Tried, lag_sets, plainest
from lstmsize.baselines.trends import fourier
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_HARMONICS = (2, 6)

_MOST_DIFFERENCED = 30
"""Lags beyond which a regression on differences is the same as one on values, the penalty being small."""


@dataclass(frozen=True, kw_only=True)
class LinearFit:
    """The chosen linear autoregression of one fold.

    Parameters
    ----------
    lags : list of int
        Past steps used.
    differenced : str
        What is regressed: ``no`` for values, ``last`` for changes since the last value, ``season S`` since one
        season ago, ``last and season S`` for changes of the seasonal changes.
    harmonics : int
        Fourier terms per season beside them, 0 for none.
    penalty : float
        Ridge penalty per row.
    from_head, from_train : ndarray, shape (score_stop,)
        One-step forecasts of all rows with coefficients from the head, and from the whole training part.
    honest : ndarray, shape (score_stop,)
        As `from_head`, but blocks by which a polynomial on top is chosen are forecast from the rows before.
    """

    lags: list[int]
    differenced: str
    harmonics: int
    penalty: float
    from_head: FloatArray
    from_train: FloatArray
    honest: FloatArray

    @property
    def detail(self) -> dict[str, Any]:
        """What was chosen, for the record."""
        detail: dict[str, Any] = {"lags": self.lags, "penalty": self.penalty}
        if self.differenced != "no":
            detail["differenced"] = self.differenced
        return detail | ({"harmonics": self.harmonics} if self.harmonics else {})


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    lags: list[int]
    differenced: str
    harmonics: int
    tried: Tried


def fit_linear(task: Task) -> LinearFit | None:
    """Choose lags, differences, Fourier terms and penalty on the tail, then refit on the training part.

    Parameters
    ----------
    task : Task
        One fold.

    Returns
    -------
    LinearFit or None
        None where the head is too short for a single lag.
    """
    scale = Scale.of(task)
    bases = _bases(task, scale.down(task.values))
    candidates = [candidate for name, base in bases.items() for candidate in _candidates(task, scale, name, base)]
    # Differences count as two lags, so that they stand only where they pay.
    candidates.sort(key=lambda found: len(found.tried.chosen) + 2 * (found.differenced != "no"))
    position = plainest([candidate.tried for candidate in candidates])
    if position is None:
        return None
    best = candidates[position]
    # The refit learns from every row that the chosen lags reach, not only from those that all candidates do.
    own = _ridge(task, scale, bases[best.differenced], best.lags, best.harmonics, len(task.values))
    penalty = best.tried.penalty
    head, train = (own.forecast(penalty, stop) for stop in (task.fold.head_stop, task.fold.train_stop))
    honest = head.copy()
    for stop in own.blocks()[:-1]:
        rows = own.block(stop)
        honest[rows] = own.forecast(penalty, stop)[rows]
    return LinearFit(
        lags=best.lags,
        differenced=best.differenced,
        harmonics=best.harmonics,
        penalty=penalty,
        from_head=head,
        from_train=train,
        honest=honest,
    )


def _bases(task: Task, scaled: FloatArray) -> dict[str, FloatArray]:
    """What is taken off before the regression; a network may see differences, so a line may as well."""
    bases = {"no": np.zeros(len(scaled)), "last": lagged(scaled, 1)}
    for season in task.seasons:
        if 3 * season <= task.fold.head_stop:
            bases[f"season {season}"] = lagged(scaled, season)
            bases[f"last and season {season}"] = (
                lagged(scaled, 1) + lagged(scaled, season) - lagged(scaled, season + 1)
            )
    return bases


def _candidates(task: Task, scale: Scale, differenced: str, base: FloatArray) -> Iterator[_Candidate]:
    """All sets of lags, and of Fourier terms where the season is still there, on one base."""
    plain = differenced == "no"
    reach = int(np.argmax(np.isfinite(base)))
    sets = [members for members in lag_sets(task, reach) if plain or len(members) <= _MOST_DIFFERENCED]
    if not sets:
        return
    lags = sorted({lag for members in sets for lag in members})
    counts = (0, *_HARMONICS) if differenced in ("no", "last") and task.seasons else (0,)
    ridge = _ridge(task, scale, base, lags, max(counts), len(task.train))
    terms = {count: fourier(1, task.seasons, count).shape[1] for count in counts}
    for members in sets:
        for count in counts:
            # Terms stand in the order of their multiples, so a smaller count is a prefix of a larger one.
            waves = np.arange(terms[count]) + len(lags)
            chosen = np.concatenate([np.searchsorted(lags, members), waves]).astype(np.intp)
            # More than columns / rows draws the few slopes of a wandering series towards its mean (Hoerl, Kennard
            # and Baldwin 1975, *Ridge regression: some simulations*); changes are drawn to the last value.
            most = len(chosen) / task.fold.train_stop if plain else np.inf
            if (tried := ridge.choose_penalty(chosen, most)) is not None:
                yield _Candidate(lags=members, differenced=differenced, harmonics=count, tried=tried)


def _ridge(task: Task, scale: Scale, base: FloatArray, lags: list[int], harmonics: int, rows: int) -> Ridge:
    """Regression of the changes since a base on their lags and Fourier terms, with columns of the first rows."""
    change = scale.down(task.values[:rows]) - base[:rows]
    waves = fourier(len(change), task.seasons, harmonics)
    return Ridge(task=task, scale=scale, design=Lags(values=change, lags=lags, terms=waves), base=base)


def linear_autoregression(fit: LinearFit | None) -> Forecasts | None:
    """Forecast by the chosen linear autoregression."""
    if fit is None:
        return None
    return Forecasts(values=fit.from_train, detail=fit.detail, from_head=fit.from_head)
