"""The baselines that networks are measured by, and may correct, on the folds and on the holdout."""

from __future__ import annotations

from lstmsize.advisor.first_half import Fitted
from lstmsize.advisor.threads import one_thread
from lstmsize.baselines import FoldForecasts, forecast_fold
from lstmsize.config import Request
from lstmsize.series import FloatArray
from lstmsize.trials import HOLDOUT
from lstmsize.yardstick import Yardstick


def baselines_on_holdout(fitted: Fitted, request: Request) -> FoldForecasts:
    """The best baseline and the one to correct, refitted on the development part; one thread, as on the folds."""
    with one_thread():
        return forecast_fold(
            fitted.series.target,
            fitted.splits.final,
            fitted.seasons,
            request.metric,
            logarithm=fitted.logarithm,
            only={fitted.best, fitted.correctable or fitted.best},
        )


def correctable_forecasts(
    fitted: Fitted, final: FoldForecasts | None = None
) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Forecasts that a network may correct, by fold: coefficients from the head, and from the training part.

    The holdout is among the folds where its forecasts are given.
    """
    found = dict(enumerate(fitted.corrected))
    if final is not None and fitted.correctable in final.bases:
        found[HOLDOUT] = final.bases[fitted.correctable]
    return {n: (base.from_head, base.values) for n, base in found.items() if base.from_head is not None}


def yardsticks_of(fitted: Fitted, request: Request, final: FoldForecasts | None = None) -> dict[int, Yardstick]:
    """Measure the best baseline on every fold, by number, and on the holdout where its forecasts are given."""
    if fitted.board is None:
        raise ValueError("an exact recursion leaves nothing to search")
    folds = dict(enumerate(fitted.splits.folds))
    forecasts = dict(enumerate(fitted.board.forecasts[fitted.best]))
    if final is not None:
        folds[HOLDOUT], forecasts[HOLDOUT] = fitted.splits.final, final.forecasts[fitted.best]
    floor = fitted.board.floor
    return {
        number: Yardstick.of(fitted.series.target, forecasts[number].values, fold, request.metric, floor)
        for number, fold in folds.items()
    }
