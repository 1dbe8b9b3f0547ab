"""Scores of the baselines over all folds, and which of them is the best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lstmsize.baselines.forecasts import Forecasts
from lstmsize.config import Metric
from lstmsize.metrics import aggregate, least_error, losses, mase_scale
from lstmsize.resampling import Gain, block_length, error_stderr, gain_interval
from lstmsize.results import BaselineRecord
from lstmsize.series import FloatArray
from lstmsize.splits import Fold

SIMPLEST = ("mean", "last_value")
"""The baselines that an unpredictable series leaves unbeaten."""

_TIE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Scoreboard:
    """Losses of the baselines on the scored blocks.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target.
    folds : tuple of Fold
        Rolling origins.
    forecasts : dict of str to list of Forecasts
        By name: one per fold, of the scored block at least; only baselines that forecast every fold.
    seasons : tuple of int
        Periods in steps.
    metric : {'rmse', 'mae'}
        The error that decides.
    """

    values: FloatArray
    folds: tuple[Fold, ...]
    forecasts: dict[str, list[Forecasts]]
    seasons: tuple[int, ...]
    metric: Metric

    def fold_losses(self, name: str, metric: Metric | None = None) -> list[FloatArray]:
        """Losses of one baseline on each fold's scored block."""
        return [
            losses(
                self.values[fold.train_stop : fold.score_stop],
                found.values[fold.train_stop - fold.score_stop :],
                metric or self.metric,
            )
            for fold, found in zip(self.folds, self.forecasts[name], strict=True)
        ]

    def thinned(self) -> Scoreboard:
        """Return the same scores without forecasts before the scored blocks, but for the best baseline's.

        Of a long series these are most of what the first half holds.
        """
        best = self.best
        return replace(
            self,
            forecasts={
                name: each
                if name == best
                else [_scored(one, fold) for one, fold in zip(each, self.folds, strict=True)]
                for name, each in self.forecasts.items()
            },
        )

    @property
    def best(self) -> str:
        """The lowest mean of errors that are divided by each fold's median; a plainer one in a near tie."""
        return self._lowest(list(self.forecasts))

    @property
    def perfect(self) -> bool:
        """Whether the best baseline has no error on the folds that counts (see `floor`)."""
        return bool(np.all(self._errors[self.best] <= self.floor))

    @property
    def simplest(self) -> str:
        """The better of mean and last value."""
        return self._lowest([name for name in SIMPLEST if name in self.forecasts])

    def skill_of_best(self, seed: int) -> Gain:
        """Gain of the best baseline over the better of mean and last value."""
        model = [loss[None, :] for loss in self.fold_losses(self.best)]
        return gain_interval(
            model, self.fold_losses(self.simplest), self.metric, self.seasons, seed, floor=self.floor
        )

    def records(self) -> list[BaselineRecord]:
        """One record per baseline: the best, then the others by the same mean of errors."""
        best = self.best
        ranked = sorted(self.forecasts, key=lambda name: (name != best, self._relative(name)))
        return [self._record(name) for name in ranked]

    def _lowest(self, names: list[str]) -> str:
        least = min(self._relative(name) for name in names)
        return next(name for name in names if self._relative(name) <= least * (1 + _TIE))

    @cached_property
    def floor(self) -> float:
        """Error below which a forecast counts as perfect."""
        return least_error(self.values[: self.folds[-1].score_stop])

    @cached_property
    def _errors(self) -> dict[str, FloatArray]:
        """Error of each baseline on each fold, shape (folds,)."""
        return {
            name: np.array([aggregate(loss, self.metric) for loss in self.fold_losses(name)])
            for name in self.forecasts
        }

    @cached_property
    def _usual(self) -> FloatArray:
        """Median error over the baselines on each fold; on one of few rows the least is a matter of luck."""
        found = np.maximum(np.median(list(self._errors.values()), axis=0), self.floor)
        return np.where(found > 0, found, 1.0)

    def _relative(self, name: str) -> float:
        return float(np.mean(np.maximum(self._errors[name], self.floor) / self._usual))

    def _record(self, name: str) -> BaselineRecord:
        together = np.concatenate(self.fold_losses(name))
        squared = np.concatenate(self.fold_losses(name, "rmse"))
        absolute = np.concatenate(self.fold_losses(name, "mae"))
        scale = mase_scale(self.values[: self.folds[0].train_stop])
        naive = aggregate(np.concatenate(self.fold_losses("last_value")), self.metric)
        length = block_length(len(together), self.seasons)
        return BaselineRecord(
            name=name,
            detail=self.forecasts[name][-1].detail,
            rmse=aggregate(squared, "rmse"),
            mae=float(absolute.mean()),
            mase=None if scale is None else float(absolute.mean()) / scale,
            stderr=error_stderr(together, self.metric, length),
            n=len(together),
            skill=1 - aggregate(together, self.metric) / naive if naive > 0 else None,
            folds=self._errors[name].tolist(),
        )


def _scored(forecasts: Forecasts, fold: Fold) -> Forecasts:
    return replace(forecasts, values=forecasts.values[fold.train_stop - fold.score_stop :].copy(), from_head=None)
