"""The plan of a run and the time it will take, from a timing probe that trains nothing of use."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import msgspec
import numpy as np

from lstmsize.advisor.answer import input_record
from lstmsize.advisor.environment import default_jobs, device_of, full_speed_workers, require_device
from lstmsize.advisor.first_half import FirstHalf, first_half, look_at
from lstmsize.advisor.noticed import first_findings, force_findings
from lstmsize.advisor.plan import Plan, make_plan
from lstmsize.advisor.second_half import time_steps
from lstmsize.advisor.study import trainings_kept
from lstmsize.config import Device, Request
from lstmsize.events import Progress, Stage, silent
from lstmsize.findings import Finding
from lstmsize.naming import counted
from lstmsize.prospect import HOLDOUT_SEEDS
from lstmsize.recipe import TRIAL_STEPS
from lstmsize.results import InputRecord
from lstmsize.series import Series
from lstmsize.space import Cell, Space
from lstmsize.strategy import STRETCH

_STEPS = (600, 6000)
"""Steps of a quick and of a slow training, both passes together."""


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What a run would do.

    Parameters
    ----------
    input : InputRecord
        How the input was read.
    gate : str
        The gate's decision and reason.
    searches : bool
        Whether networks would be trained.
    plan : dict
        Window, forms, sizes, folds, seeds, jobs, device, what is in the study.
    step_ms : dict of str to float
        Measured milliseconds of one training step by size.
    seconds : tuple of float or None
        From about, to about; the second is where the effort ends if larger sizes pay.
    findings : list of Finding
        What was noticed while reading and fitting the baselines.
    """

    input: InputRecord
    gate: str
    searches: bool = False
    plan: dict[str, Any] = field(default_factory=dict)
    step_ms: dict[str, float] = field(default_factory=dict)
    seconds: tuple[float, float] | None = None
    findings: list[Finding]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


def dry_run(
    series: Series,
    request: Request,
    *,
    jobs: int | None = None,
    device: Device = "auto",
    study: str | None = None,
    progress: Progress = silent,
) -> DryRun:
    """Read, fit the baselines, plan, and time a few training steps.

    Parameters
    ----------
    series : Series
        The input.
    request : Request
        What is asked.
    jobs, device : int, {'auto', 'cpu', 'cuda'}, optional
        Worker processes, as for `recommend`, and where networks would be trained and steps are timed.
    study : str, optional
        File of finished trainings; if it is there, it has to belong to this question. None is made.
    progress : Progress
        Who is told.

    Returns
    -------
    DryRun
        The plan and the expected time.

    Raises
    ------
    DataError
        If there are too few rows for the request.
    UsageError
        If the study belongs to another question, or there is no such device.
    StudyError
        If the study cannot be read.
    WorkerError
        If no worker can be started.
    """
    started = perf_counter()
    kept = 0 if study is None else trainings_kept(series, request, study)
    require_device(where := device_of(device))
    first = first_half(look_at(series, request), request, progress)
    answer = _first_part(first, request)
    if not answer.searches:
        return answer
    plan = make_plan(first, request)
    jobs = jobs or default_jobs(where)
    progress(Stage(name="probe", message="timing a few training steps"))
    timed = time_steps(plan, _timed_cells(plan.space), device=where)
    return replace(
        answer,
        plan=_described(plan, request, jobs) | {"device": where} | _kept(kept),
        step_ms={str(cell): round(1000 * value, 3) for cell, value in timed.items()},
        seconds=_expected(
            plan, timed, min(jobs, full_speed_workers(where)), perf_counter() - started, request.budget or np.inf
        ),
    )


def _first_part(first: FirstHalf, request: Request) -> DryRun:
    """What the first half says, and whether anything is trained after it."""
    searches = first.leaves_something(forced=request.force_search)
    findings = [*first_findings(first), *force_findings(first, request)]
    gate = f"{first.gate.decision}: {first.gate.reason}"
    return DryRun(input=input_record(first), gate=gate, searches=searches, findings=findings)


def _timed_cells(space: Space) -> list[Cell]:
    """The smallest size and one of four times the width, where it may be tried."""
    smallest = space.smallest
    return [cell for cell in (smallest, Cell(4 * smallest.units, smallest.layers)) if cell in space]


def _expected(
    plan: Plan, timed: dict[Cell, float], jobs: int, spent: float, cap: float
) -> tuple[float, float] | None:
    """Seconds of the whole run, from about to about; None where the timing failed."""
    step = timed.get(plan.space.smallest)
    if step is None:
        return None
    low, high = (round(min(spent + time, cap), 1) for time in _training_seconds(plan, step, jobs))
    return low, high


def _training_seconds(plan: Plan, step: float, jobs: int) -> tuple[float, float]:
    """Seconds if every training is quick and the first sizes settle it, and if larger ones pay to the end."""
    settings = plan.settings
    trials = plan.most_trials
    quick = _STEPS[0] * (trials + 4 * settings.folds + HOLDOUT_SEEDS) * step
    longest = STRETCH * settings.effort / settings.step_work(plan.space.smallest)
    slow = (TRIAL_STEPS * trials + _STEPS[1] * HOLDOUT_SEEDS + longest) * step
    return quick / jobs, slow / jobs


def _kept(count: int) -> dict[str, Any]:
    told = f"{counted(count, 'training')} finished, without which the expected time is reckoned"
    return {"study": told} if count else {}


def _described(plan: Plan, request: Request, jobs: int) -> dict[str, Any]:
    return {
        "window": f"{plan.window} ({plan.window_reason})",
        "input forms": ", ".join(map(str, plan.forms)),
        "units": f"{request.units[0]} to {request.units[1]} in multiples of {request.multiple}",
        "layers": f"{request.layers[0]} to {request.layers[1]}",
        "folds": plan.settings.folds,
        "seeds on the holdout": HOLDOUT_SEEDS,
        "jobs": jobs,
    }
