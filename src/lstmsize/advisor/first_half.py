"""The first half of the journey: outlook (cut, exact rule, seasons), baselines, gate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from lstmsize.advisor.probing import gate_of
from lstmsize.advisor.threads import one_thread
from lstmsize.baselines import FoldForecasts, Recursion, find_recursion, forecast_fold, grows
from lstmsize.baselines.forecasts import Forecasts
from lstmsize.baselines.scores import Scoreboard
from lstmsize.config import Request
from lstmsize.events import Progress, Stage
from lstmsize.naming import spoken
from lstmsize.resampling import Gain
from lstmsize.results import BaselineRecord, GateRecord, Verdict
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray, Series
from lstmsize.splits import Splits, cut, require_rows, require_window

MOST_SEASON_ROWS = 50_000
"""Latest rows in which seasons are looked for."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What is known before any baseline is fitted.

    Parameters
    ----------
    series : Series
        The input.
    splits : Splits
        Its cuts.
    recursion : Recursion or None
        An exact rule; then nothing else is computed.
    seasons : tuple of int
        Periods in steps.
    grows : bool
        Whether the baselines are tried on the logarithm too.
    seconds : dict of str to float
        Time of each stage.
    """

    series: Series
    splits: Splits
    recursion: Recursion | None
    seasons: tuple[int, ...]
    grows: bool
    seconds: dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Fitted(Outlook):
    """What the baselines show.

    Parameters
    ----------
    board : Scoreboard or None
        Scores of the baselines on the folds, thinned.
    correctable : str or None
        Name of the simple model that a network may correct: the best baseline, or the linear autoregression.
    corrected : list of Forecasts
        Its forecasts on each fold.
    baselines : list of BaselineRecord
        Scores of all baselines for the record, the best first.
    skill : Gain or None
        Of the best baseline over the better of mean and last value.
    """

    board: Scoreboard | None
    correctable: str | None
    corrected: list[Forecasts]
    baselines: list[BaselineRecord]
    skill: Gain | None

    @property
    def best(self) -> str:
        """Name of the best baseline."""
        return self.baselines[0].name if self.board is None else self.board.best

    @property
    def logarithm(self) -> bool:
        """Whether the best baseline works on the logarithm."""
        return self.best.startswith("log_")

    def simple_verdict(self, least_gain: float) -> Verdict:
        """``baseline``, or ``unpredictable`` where none is better than mean and last value by `least_gain`.

        What forecasts without an error leaves nothing to gain, be it the last value.
        """
        if self.skill is None or self.skill.gain >= least_gain or (self.board is not None and self.board.perfect):
            return "baseline"
        return "unpredictable"


@dataclass(frozen=True, kw_only=True)
class FirstHalf(Fitted):
    """What is known before any network is compared with the baselines.

    Parameters
    ----------
    gate : GateRecord
        The decision.
    """

    gate: GateRecord

    def leaves_something(self, *, forced: bool) -> bool:
        """Say whether networks are to be trained; an exact recursion leaves nothing to compare them with."""
        return self.board is not None and (forced or self.gate.decision == "open")


def look_at(series: Series, request: Request) -> Outlook:
    """Cut a series, and look for an exact rule and for seasons.

    Parameters
    ----------
    series : Series
        The input.
    request : Request
        What is asked.

    Returns
    -------
    Outlook
        What baselines and networks begin from.

    Raises
    ------
    DataError
        If there are too few rows for the request.
    """
    started = perf_counter()
    if request.window is not None:
        require_window(series.rows, request.window, series.source)
    splits = cut(series.rows)
    recursion = find_recursion(series.target)
    seasons: tuple[int, ...] = ()
    grown = False
    if recursion is None:
        require_rows(series.rows, request.window or 2, series.source)
        development = series.target[: splits.development]
        with one_thread():
            seasons = find_seasons(development[-MOST_SEASON_ROWS:], series.step)
        grown = grows(development)
    return Outlook(
        series=series,
        splits=splits,
        recursion=recursion,
        seasons=seasons,
        grows=grown,
        seconds={"baselines": perf_counter() - started},
    )


def first_half(outlook: Outlook, request: Request, progress: Progress) -> FirstHalf:
    """Walk the first half of the journey: `fit`, then `pass_gate`."""
    return pass_gate(fit(outlook, request, progress), request, progress)


def fit(outlook: Outlook, request: Request, progress: Progress) -> Fitted:
    """Fit the baselines.

    Parameters
    ----------
    outlook : Outlook
        What a look at the series showed.
    request : Request
        What is asked.
    progress : Progress
        Who is told.

    Returns
    -------
    Fitted
        Their scores on the folds, and the forecasts that are needed later; an exact rule alone where there is one.
    """
    if outlook.recursion is not None:
        record = _exact(outlook.series.target, outlook.recursion)
        return Fitted(**vars(outlook), board=None, correctable=None, corrected=[], baselines=[record], skill=None)
    started = perf_counter()
    progress(Stage(name="baselines", message="fitting the baselines on three folds"))
    # One thread: the same sums in the same order on every run, and no fight for cores with other processes.
    with one_thread():
        fitted = [
            forecast_fold(outlook.series.target, fold, outlook.seasons, request.metric, logarithm=outlook.grows)
            for fold in outlook.splits.folds
        ]
        board = _scoreboard(outlook, request, fitted)
        skill = board.skill_of_best(request.seed)
    correctable = correctable_by_networks(board.best, fitted)
    seconds = {"baselines": outlook.seconds["baselines"] + perf_counter() - started}
    return Fitted(
        **vars(outlook) | {"seconds": seconds},
        board=board.thinned(),
        correctable=correctable,
        corrected=[found.bases[correctable] for found in fitted] if correctable else [],
        baselines=board.records(),
        skill=skill,
    )


def pass_gate(fitted: Fitted, request: Request, progress: Progress) -> FirstHalf:
    """Ask whether anything can be added to the best baseline.

    Parameters
    ----------
    fitted : Fitted
        What the baselines show.
    request : Request
        What is asked.
    progress : Progress
        Who is told.

    Returns
    -------
    FirstHalf
        With the gate's decision.
    """
    if fitted.board is None:
        reason = f"an exact recursion gives every row: {fitted.recursion}"
        gate = GateRecord(decision="shut", reason=reason, probes=[], tests=[])
        return FirstHalf(**vars(fitted), gate=gate)
    started = perf_counter()
    progress(Stage(name="gate", message=f"can anything be added to {spoken(fitted.best)}?"))
    with one_thread():
        gate = gate_of(fitted.board, fitted.splits, request)
    return FirstHalf(**vars(fitted) | {"seconds": fitted.seconds | {"gate": perf_counter() - started}}, gate=gate)


def _scoreboard(outlook: Outlook, request: Request, fitted: list[FoldForecasts]) -> Scoreboard:
    everywhere = [name for name in fitted[0].forecasts if all(name in found.forecasts for found in fitted)]
    return Scoreboard(
        values=outlook.series.target,
        folds=outlook.splits.folds,
        forecasts={name: [found.forecasts[name] for found in fitted] for name in everywhere},
        seasons=outlook.seasons,
        metric=request.metric,
    )


def correctable_by_networks(best: str, fitted: Sequence[FoldForecasts]) -> str | None:
    """Name the simple model that a network may correct: the best baseline, or else the linear autoregression.

    Parameters
    ----------
    best : str
        The best baseline.
    fitted : sequence of FoldForecasts
        What was forecast on each fold.

    Returns
    -------
    str or None
        The first of the two, on the best one's scale, that every fold has coefficients of its head for.
    """
    linear = "log_linear_autoregression" if best.startswith("log_") else "linear_autoregression"
    return next((name for name in (best, linear) if all(name in found.bases for found in fitted)), None)


def _exact(values: FloatArray, recursion: Recursion) -> BaselineRecord:
    forecast = recursion.forecast(values)
    error = values[-len(forecast) :] - forecast
    return BaselineRecord(
        name="exact_recursion",
        detail={"lags": recursion.lags, "coefficients": recursion.coefficients, "constant": recursion.constant},
        rmse=float(np.sqrt(np.mean(error**2))),
        mae=float(np.mean(np.abs(error))),
        mase=None,
        stderr=None,
        n=len(error),
        skill=1.0 if np.ptp(values) > 0 else None,
        folds=[],
    )
