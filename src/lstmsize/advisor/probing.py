"""The gate with its evidence: what nonlinear probes gain over the best baseline on the folds."""

from __future__ import annotations

import numpy as np

from lstmsize.baselines import rounding
from lstmsize.baselines.scores import Scoreboard
from lstmsize.config import Request
from lstmsize.gate import judge, structure_tests
from lstmsize.metrics import aggregate, losses
from lstmsize.probes import ProbeTask, probe_forecasts
from lstmsize.resampling import gain_interval, gain_of
from lstmsize.results import GateRecord, ProbeRecord
from lstmsize.series import FloatArray
from lstmsize.splits import Splits


def gate_of(board: Scoreboard, splits: Splits, request: Request) -> GateRecord:
    """Ask whether anything can be added to the best baseline.

    Parameters
    ----------
    board : Scoreboard
        The baselines on the folds.
    splits, request : Splits, Request
        The cuts, and what is asked.

    Returns
    -------
    GateRecord
        The decision with what the probes gain, and tests of what the best baseline leaves.
    """
    best = board.best
    probes = _probed(board, splits, request)
    development = board.values[: splits.development]
    quantum, spread = rounding(development), float(development.std())
    error = aggregate(np.concatenate(board.fold_losses(best)), request.metric)
    decision = judge(probes, best=best, error=error, quantum=quantum, spread=spread, min_gain=request.least_gain)
    residuals = np.concatenate(
        [
            board.values[fold.train_stop : fold.score_stop] - found.values[fold.train_stop - fold.score_stop :]
            for fold, found in zip(splits.folds, board.forecasts[best], strict=True)
        ]
    )
    return GateRecord(
        decision=decision.decision,
        reason=decision.reason,
        probes=probes,
        tests=structure_tests(residuals),
    )


def _probed(board: Scoreboard, splits: Splits, request: Request) -> list[ProbeRecord]:
    """What the probes gain over the best baseline on the folds."""
    tasks = [
        ProbeTask(
            values=board.values[(first := fold.score_stop - len(found.values)) : fold.score_stop],
            baseline=found.values,
            fold=fold.without(first),
            seasons=board.seasons,
            metric=request.metric,
        )
        for fold, found in zip(splits.folds, board.forecasts[board.best], strict=True)
    ]
    return [_probe(name, found, board, splits, request) for name, found in probe_forecasts(tasks).items()]


def _probe(
    name: str, forecasts: list[FloatArray], board: Scoreboard, splits: Splits, request: Request
) -> ProbeRecord:
    against = board.fold_losses(board.best)
    model = [
        losses(board.values[fold.train_stop : fold.score_stop], forecast, request.metric)
        for fold, forecast in zip(splits.folds, forecasts, strict=True)
    ]
    stacked = [loss[None, :] for loss in model]
    gain = gain_interval(stacked, against, request.metric, board.seasons, request.seed, floor=board.floor)
    folds = [
        gain_of(mine, theirs, request.metric, board.floor) for mine, theirs in zip(model, against, strict=True)
    ]
    return ProbeRecord(name=name, gain=gain.gain, gain_high=gain.high, folds=folds)
