"""The answer: one record from what both halves found."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.plan import RECIPE
from lstmsize.advisor.second_half import SecondHalf, holdout_losses
from lstmsize.advisor.settling import settled_by
from lstmsize.advisor.sizes import equivalent_size, size_records
from lstmsize.advisor.wording import baseline_summary, choice_summary, transform_reason
from lstmsize.config import Request
from lstmsize.findings import Finding
from lstmsize.metrics import aggregate
from lstmsize.recipe import LAST_STEP_FACTOR
from lstmsize.resampling import block_length
from lstmsize.results import (
    Basis,
    Choice,
    HoldoutRecord,
    InputRecord,
    Recommendation,
    SizeName,
    Training,
    TransformRecord,
    Verdict,
    WindowRecord,
)
from lstmsize.selection import EQUIVALENCE
from lstmsize.windows import warm_up


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
        request=asdict(request) | {"units": list(request.units), "layers": list(request.layers)},
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
    choice = _choice(second, request)
    chosen = second.selected
    settling = settled_by(first, second, request) if verdict == "inconclusive" else None
    return replace(
        first_answer(first, request, verdict=verdict, findings=findings, environment=environment),
        lean=lean,
        settled_by=settling,
        summary=choice_summary(first, second, verdict, lean, choice, settling),
        transform=_transform(first, second),
        window=WindowRecord(steps=second.plan.window, reason=second.plan.window_reason),
        recommendation=choice,
        equivalence=None if chosen is None else EQUIVALENCE,
        equivalent_sizes=[] if chosen is None else [equivalent_size(second, cell) for cell in chosen.equivalent],
        observed_best=None if chosen is None else SizeName(units=chosen.best.units, layers=chosen.best.layers),
        sizes=size_records(second),
        holdout=_holdout(first, second, request),
        timing=_timing(first, second),
    )


def verdict_of(first: FirstHalf, second: SecondHalf, request: Request) -> tuple[Verdict, Verdict | None]:
    """Return verdict and lean; without a comparison on the holdout the simple model is the safer choice."""
    if second.judgement is None:
        return "inconclusive", first.simple_verdict(request.least_gain)
    return second.judgement.verdict, second.judgement.lean


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


def _transform(first: FirstHalf, second: SecondHalf) -> TransformRecord | None:
    approach = second.approach
    if approach is None:
        return None
    form = approach.form
    detail = form.detail
    if form.needs_base and first.corrected:
        detail |= {"corrected": {"name": first.correctable, **first.corrected[-1].detail}}
    trials = [
        {"form": name, "losses": [loss if np.isfinite(loss) else None for _, loss in sorted(found.items())]}
        for name, found in second.trial_losses.items()
    ]
    return TransformRecord(
        kind=form.kind,
        reason=transform_reason(second),
        log=form.log,
        weight_decay=approach.weight_decay,
        detail=detail,
        trials=trials,
    )


def _choice(second: SecondHalf, request: Request) -> Choice | None:
    chosen = second.selected
    if chosen is None or second.approach is None or second.sized is None or not second.recommends(request):
        return None
    networked = second.judgement is not None and second.judgement.for_network
    basis: Basis = chosen.basis if networked else "forced"
    # Where the budget left none on the holdout, those on the folds tell.
    trained = second.final or [
        result for replicate, result in second.sized.results.items() if replicate.cell == chosen.cell
    ]
    steps = int(np.median([result.steps for result in trained]))
    return Choice(
        cell="lstm",
        units=chosen.cell.units,
        layers=chosen.cell.layers,
        window=second.plan.window,
        horizon=1,
        parameters=chosen.cell.parameters(second.approach.form.channels),
        training=Training(
            learning_rate=RECIPE.hidden_rate(chosen.cell.units),
            steps=steps,
            steps_last_step=LAST_STEP_FACTOR * steps,
            batch=RECIPE.batch,
            input_learning_rate=RECIPE.learning_rate,
            averaging=RECIPE.averaging,
            second_moment=RECIPE.second_moment,
            clip=RECIPE.clip,
            weight_decay=second.approach.weight_decay,
            warm_up=warm_up(second.plan.window),
        ),
        excess_at_most=chosen.excess_at_most,
        basis=basis,
    )


def _holdout(first: FirstHalf, second: SecondHalf, request: Request) -> HoldoutRecord | None:
    if second.gain is None or second.yardstick is None:
        return None
    losses = holdout_losses(second.final, second.yardstick, request.metric)
    forecasts = np.array([result.forecasts for result in second.final])
    rows = losses.shape[1]
    return HoldoutRecord(
        first=first.splits.development,
        n=rows,
        error_network=aggregate(losses.mean(axis=0), request.metric),
        error_baseline=aggregate(second.yardstick.losses, request.metric),
        gain=second.gain.gain,
        gain_low=second.gain.low,
        gain_high=second.gain.high,
        p_value=second.gain.p_value,
        used=second.used,
        seeds=[aggregate(loss, request.metric) for loss in losses],
        block=block_length(rows, second.yardstick.in_rows(first.seasons)),
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
    for job, result in second.trainings.items():
        size = f"{job.replicate.cell.units}x{job.replicate.cell.layers}"
        sizes[size] = round(sizes.get(size, 0.0) + result.seconds, 3)
    return stages | {"training_by_size": sizes}
