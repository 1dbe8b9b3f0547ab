"""The answer: one record from what both halves found."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import RECIPE, SecondHalf, holdout_losses
from lstmsize.advisor.wording import baseline_summary, choice_summary, transform_reason
from lstmsize.config import Request
from lstmsize.findings import Finding
from lstmsize.metrics import aggregate
from lstmsize.replicates import Replicate
from lstmsize.resampling import block_length
from lstmsize.results import (
    Basis,
    CellState,
    Choice,
    EquivalentSize,
    HoldoutRecord,
    InputRecord,
    Recommendation,
    ReplicateRecord,
    SizeName,
    SizeRecord,
    Training,
    TransformRecord,
    Verdict,
    WindowRecord,
)
from lstmsize.space import Cell, size_order
from lstmsize.splits import HOLDOUT_SHARE
from lstmsize.verdict import rows_needed

_PACKAGES = ("numpy", "scipy", "scikit-learn", "optuna", "torch")


def first_answer(
    first: FirstHalf,
    request: Request,
    *,
    verdict: Verdict | None,
    findings: list[Finding],
    environment: dict[str, Any],
) -> Recommendation:
    """Build the record of the first half alone: unknown parts are null.

    Parameters
    ----------
    first : FirstHalf
        What the baselines showed.
    request : Request
        What was asked.
    verdict : str or None
        Settled by a shut gate; None while it is open.
    findings : list of Finding
        What was noticed.
    environment : dict
        Versions and machine.

    Returns
    -------
    Recommendation
        The record.
    """
    return Recommendation(
        lstmsize_version=environment["lstmsize"],
        verdict=verdict,
        lean=None,
        summary=baseline_summary(first, verdict),
        input=input_record(first),
        request=asdict(request),
        transform=None,
        window=None,
        recommendation=None,
        equivalent_sizes=[],
        observed_best=None,
        baselines=first.baselines,
        best_baseline=first.best,
        gate=first.gate,
        sizes=[],
        holdout=None,
        diagnostics=None,
        findings=findings,
        timing={name: round(value, 3) for name, value in first.seconds.items()},
        environment=environment,
    )


def full_answer(
    first: FirstHalf,
    second: SecondHalf,
    request: Request,
    *,
    findings: list[Finding],
    environment: dict[str, Any],
) -> Recommendation:
    """Build the record of the whole journey.

    Parameters
    ----------
    first : FirstHalf
        What the baselines showed.
    second : SecondHalf
        What the networks showed.
    request : Request
        What was asked.
    findings : list of Finding
        What was noticed.
    environment : dict
        Versions and machine.

    Returns
    -------
    Recommendation
        The record.
    """
    verdict, lean = verdict_of(first, second, request)
    choice = _choice(second, verdict, lean, request)
    chosen = second.selected
    return Recommendation(
        lstmsize_version=environment["lstmsize"],
        verdict=verdict,
        lean=lean,
        summary=choice_summary(first, second, verdict, lean, choice),
        input=input_record(first),
        request=asdict(request),
        transform=_transform(first, second),
        window=WindowRecord(steps=second.plan.window, reason=second.plan.window_reason),
        recommendation=choice,
        equivalent_sizes=[] if chosen is None else [_equivalent(second, cell) for cell in chosen.equivalent],
        observed_best=None if chosen is None else SizeName(units=chosen.best.units, layers=chosen.best.layers),
        baselines=first.baselines,
        best_baseline=first.best,
        gate=first.gate,
        sizes=_sizes(second),
        holdout=_holdout(second, request),
        diagnostics=None,
        findings=findings,
        timing=_timing(first, second),
        environment=environment,
    )


def verdict_of(first: FirstHalf, second: SecondHalf, request: Request) -> tuple[Verdict, Verdict | None]:
    """Return verdict and lean; without a comparison on the holdout the simple model is the safer choice."""
    if second.judgement is None:
        return "inconclusive", first.simple_verdict(request.min_gain)
    return second.judgement.verdict, second.judgement.lean


def environment_record(*, jobs: int | None, study: str | None) -> dict[str, Any]:
    """Return versions, machine, jobs and paths; nothing in it bears on the answer."""
    packages = {"lstmsize": _version("lstmsize"), "python": platform.python_version()}
    packages |= {name: _version(name) for name in _PACKAGES}
    return packages | {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "jobs": jobs,
        "threads_per_job": 1,
        "device": "cpu",
        "study": study,
    }


def input_record(first: FirstHalf) -> InputRecord:
    """Return the input as it was read, with its seasons."""
    series = first.series
    return InputRecord(
        source=series.source,
        sha256=series.sha256,
        rows=series.rows,
        target=series.names[0],
        time=series.time_name,
        features=list(series.names[1:]),
        step=None if series.step is None else series.step.label,
        seasons=list(first.seasons),
        read_as=series.read_as,
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _transform(first: FirstHalf, second: SecondHalf) -> TransformRecord | None:
    form = second.form
    if form is None:
        return None
    detail = form.detail
    if form.needs_linear:
        detail |= {"linear": first.fold_forecasts[-1].linear[form.log].detail}
    trials = [
        {"form": name, "losses": [loss if np.isfinite(loss) else None for _, loss in sorted(found.items())]}
        for name, found in second.form_losses.items()
    ]
    return TransformRecord(
        kind=form.kind, reason=transform_reason(second), log=form.log, detail=detail, trials=trials
    )


def _choice(second: SecondHalf, verdict: Verdict, lean: Verdict | None, request: Request) -> Choice | None:
    chosen = second.selected
    networked = "recurrent" in (verdict, lean)
    if chosen is None or second.form is None or not (networked or request.force_search):
        return None
    basis: Basis = chosen.basis if networked else "forced"
    steps = [result.steps for result in second.final]
    return Choice(
        cell="lstm",
        units=chosen.cell.units,
        layers=chosen.cell.layers,
        window=second.plan.window,
        horizon=1,
        parameters=chosen.cell.parameters(second.form.channels),
        training=Training(
            learning_rate=RECIPE.learning_rate,
            steps=int(np.median(steps)) if steps else 0,
            batch=RECIPE.batch,
        ),
        excess_at_most=chosen.excess_at_most,
        basis=basis,
    )


def _equivalent(second: SecondHalf, cell: Cell) -> EquivalentSize:
    comparison, chosen = second.comparison, second.selected
    if comparison is None or chosen is None or second.form is None:
        raise ValueError("nothing was compared")
    difference = None if cell == chosen.best else comparison.difference(cell, chosen.best)
    return EquivalentSize(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.form.channels),
        excess=0.0 if difference is None else difference.mean,
        excess_high=comparison.worst_excess(cell),
    )


def _sizes(second: SecondHalf) -> list[SizeRecord]:
    if second.sized is None or second.form is None:
        return []
    cells = sorted({outcome.replicate.cell for outcome in second.sized.outcomes}, key=size_order)
    return [_size(second, cell) for cell in cells]


def _size(second: SecondHalf, cell: Cell) -> SizeRecord:
    if second.sized is None or second.form is None:
        raise ValueError("nothing was searched")
    outcomes = {o.replicate: o for o in second.sized.outcomes if o.replicate.cell == cell}
    losses = [o.loss for o in outcomes.values() if o.loss is not None]
    failures = [o.reason or o.state for o in outcomes.values() if o.loss is None]
    dropped = second.sized.dropped.get(cell)
    state: CellState = "failed" if failures else "dropped" if dropped else "complete"
    return SizeRecord(
        units=cell.units,
        layers=cell.layers,
        parameters=cell.parameters(second.form.channels),
        state=state,
        reason=failures[0] if failures else dropped,
        mean=float(np.mean(losses)) if losses else None,
        stderr=float(np.std(losses, ddof=1) / np.sqrt(len(losses))) if len(losses) > 1 else None,
        replicates=[_replicate(second, replicate) for replicate in sorted(outcomes)],
    )


def _replicate(second: SecondHalf, replicate: Replicate) -> ReplicateRecord:
    if second.sized is None:
        raise ValueError("nothing was searched")
    outcome = next(o for o in second.sized.outcomes if o.replicate == replicate)
    result = second.sized.results[replicate]
    return ReplicateRecord(
        fold=replicate.fold(second.plan.settings.folds),
        seed=replicate.seed,
        loss=outcome.loss,
        steps=outcome.steps,
        state=outcome.state,
        reason=outcome.reason,
        train_loss=result.train_loss,
        validation_loss=result.validation_loss,
        curve=result.curve,
    )


def _holdout(second: SecondHalf, request: Request) -> HoldoutRecord | None:
    if second.gain is None or second.yardstick is None:
        return None
    losses = holdout_losses(second.final, second.yardstick, request)
    forecasts = np.array([result.forecasts for result in second.final])
    rows = losses.shape[1]
    return HoldoutRecord(
        n=rows,
        error_network=aggregate(losses.mean(axis=0), request.metric),
        error_baseline=aggregate(second.yardstick.losses, request.metric),
        gain=second.gain.gain,
        gain_low=second.gain.low,
        gain_high=second.gain.high,
        p_value=second.gain.p_value,
        used=second.used,
        seeds=[aggregate(loss, request.metric) for loss in losses],
        rows_needed=rows_needed(second.gain, rows, HOLDOUT_SHARE),
        block=block_length(rows, second.seasons),
        actual=_short(second.yardstick.actual),
        forecast_network=_short(forecasts.mean(axis=0)),
        forecast_baseline=_short(second.yardstick.forecast),
    )


def _short(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float]:
    """Seven significant digits: enough for a picture, and a third of the length."""
    return [float(f"{value:.7g}") for value in values]


def _timing(first: FirstHalf, second: SecondHalf) -> dict[str, Any]:
    stages = {name: round(value, 3) for name, value in {**first.seconds, **second.seconds}.items()}
    sizes: dict[str, float] = {}
    for key, value in second.training_seconds.items():
        size = key.split("/")[-3]  # form / size / fold / number, with "trial" before it for a trial
        sizes[size] = round(sizes.get(size, 0.0) + value, 3)
    return stages | {"training_by_size": sizes}
