"""The second half of the journey: input form and weight decay, sizes, selection, holdout."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from time import monotonic, perf_counter

import numpy as np

from lstmsize.advisor.environment import full_speed_workers
from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.plan import Plan, prospect_of
from lstmsize.advisor.yardsticks import baselines_on_holdout, correctable_forecasts, yardsticks_of
from lstmsize.approaches import ApproachTrials, BudgetEnded
from lstmsize.comparison import Comparison
from lstmsize.config import Metric, Request
from lstmsize.events import Progress, Stage
from lstmsize.executors import ProcessExecutor
from lstmsize.ledger import Ledger
from lstmsize.metrics import losses
from lstmsize.naming import spoken
from lstmsize.prospect import HOLDOUT_SEEDS
from lstmsize.replicates import sizes_of, tabulate
from lstmsize.resampling import Gain, gain_interval
from lstmsize.search import Search, Sized
from lstmsize.selection import Selected, select
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.spawning import loaded
from lstmsize.trials import HOLDOUT, Approach, Job, StepTimer, Trainer, TrialResult
from lstmsize.verdict import Judgement, judge
from lstmsize.yardstick import Yardstick

_TIMING = 3.0
"""Seconds beyond the budget in which a few steps may still be timed, to tell how long a run would take."""

SEARCH_SHARE, TRIALS_SHARE = 0.7, 0.4
"""Fractions of a budget after which the search, and the choice of the approach, must have ended.

They may go on until they have a single training, without which there is nothing that the rest is kept for."""


@dataclass(frozen=True, kw_only=True)
class SecondHalf:
    """What the networks showed.

    Parameters
    ----------
    plan : Plan
        What was to be searched.
    approach : Approach or None
        The chosen input form and weight decay; None if the budget ended before one was.
    trial_losses : dict
        By approach and replicate number.
    trials_cut : bool
        Whether the budget ended these trials.
    sized : Sized or None
        The search over sizes.
    selected : Selected or None
        The chosen size, and the comparison that it came of.
    final : list of TrialResult
        Networks of the chosen size on the holdout.
    failed : int
        Networks of the chosen size that failed there.
    yardstick : Yardstick or None
        The best baseline on the holdout.
    gain : Gain or None
        Of the chosen size over it.
    judgement : Judgement or None
        The verdict.
    used : int
        How many sizes or approaches the study has compared on its holdout.
    seconds : dict of str to float
        Time of each stage.
    trainings : dict of Job to TrialResult
        All that were finished, trials included.
    step_seconds : float or None
        Of a training step of the smallest size where the budget ended before a single training; timed alone,
        and made longer where more workers share the cores, or the device.
    jobs : int
        Workers.
    """

    plan: Plan
    approach: Approach | None = None
    trial_losses: dict[str, dict[int, float]] = field(default_factory=dict)
    trials_cut: bool = False
    sized: Sized | None = None
    selected: Selected | None = None
    final: list[TrialResult] = field(default_factory=list)
    failed: int = 0
    yardstick: Yardstick | None = None
    gain: Gain | None = None
    judgement: Judgement | None = None
    used: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    trainings: dict[Job, TrialResult] = field(default_factory=dict)
    step_seconds: float | None = None
    jobs: int = 1

    @property
    def learnt(self) -> bool:
        """Whether most networks on the holdout took a step; the others are the untrained form."""
        return bool(np.median([result.steps for result in self.final]) > 0)

    @property
    def alone(self) -> bool:
        """Whether all other sizes that were tried failed, so that the chosen one was compared with none."""
        if self.sized is None or self.selected is None:
            return False
        return self.sized.some_failed and len(self.selected.comparison.table.cells) == 1

    def recommends(self, request: Request) -> bool:
        """Say whether a network is recommended: the judgement is for it, or it was asked for by force."""
        return request.force_search or (self.judgement is not None and self.judgement.for_network)


def second_half(
    first: FirstHalf,
    plan: Plan,
    request: Request,
    trainer: Trainer,
    executor: ProcessExecutor[Job, TrialResult],
    ledger: Ledger,
    *,
    started: float,
    progress: Progress,
) -> SecondHalf:
    """Walk the second half of the journey.

    Parameters
    ----------
    first : FirstHalf
        What the baselines showed.
    plan, request : Plan, Request
        What to search, and what is asked.
    trainer, executor : Trainer, ProcessExecutor
        What workers hold, which is told here what the baselines forecast, and where they run.
    ledger : Ledger
        Where finished trainings are kept.
    started : float
        Time on `time.monotonic` at which the run began, for the budget.
    progress : Progress
        Who is told.

    Returns
    -------
    SecondHalf
        As far as the budget let it come.

    Raises
    ------
    WorkerError, StudyError
        See `Search.train`.
    """
    final_forecasts = baselines_on_holdout(first, request)
    if bases := correctable_forecasts(first, final_forecasts):
        executor.work = trainer = replace(trainer, bases=bases)
    prospect = prospect_of(plan, first, request, yardsticks_of(first, request, final_forecasts))
    search = Search(
        scoring=prospect.scoring, executor=executor, ledger=ledger, progress=progress, prospect=prospect
    )
    second = _walk(search, first, plan, request, started)
    if second.trainings:
        return second
    executor.close()  # steps are timed alone
    return _timed(second, trainer.device)


def _timed(second: SecondHalf, device: str) -> SecondHalf:
    smallest = second.plan.space.smallest
    alone = time_steps(second.plan, [smallest], device=device, deadline=monotonic() + _TIMING).get(smallest)
    turns = max(1.0, second.jobs / full_speed_workers(device))  # workers that are more take turns
    return replace(second, step_seconds=None if alone is None else turns * alone)


def time_steps(plan: Plan, cells: list[Cell], *, device: str, deadline: float | None = None) -> dict[Cell, float]:
    """Time training steps on noise, one size after the other.

    Parameters
    ----------
    plan : Plan
        The window and the channels of the steps.
    cells : list of Cell
        The sizes.
    device : {'cpu', 'cuda'}
        Where they run.
    deadline : float or None
        Time on `time.monotonic` at which to stop.

    Returns
    -------
    dict of Cell to float
        Seconds of a step; a size that cannot be trained, whose worker died, or that the deadline cut off, is left
        out.

    Raises
    ------
    WorkerError
        If no worker can be started.
    """
    timer = StepTimer(channels=plan.settings.channels, window=plan.window, device=device)
    with ProcessExecutor[Cell, float | None](timer, 1) as executor:
        return {cell: value for cell, value in executor.run(cells, deadline) if isinstance(value, float)}


def _walk(search: Search, first: FirstHalf, plan: Plan, request: Request, started: float) -> SecondHalf:
    def deadline(share: float) -> float | None:
        return None if request.budget is None else started + share * request.budget

    clock = perf_counter()
    seconds: dict[str, float] = {}
    second = SecondHalf(plan=plan, seconds=seconds, trainings=search.trainings, jobs=search.executor.jobs)
    forms = f"{len(plan.forms)} input forms"
    loading = f"loading what trains (a first run may compile it) to try {forms}"
    search.progress(Stage(name="form", message=f"trying {forms} with a small network" if loaded() else loading))
    trials = ApproachTrials(
        search=search,
        cell=plan.space.smallest,
        deadline=deadline(TRIALS_SHARE),
        grace=deadline(1.0),
    )
    try:
        approach = trials.choose(plan.forms)
    except BudgetEnded:
        return second
    second = replace(second, approach=approach, trial_losses=trials.losses, trials_cut=trials.cut_short)
    seconds["form"], clock = perf_counter() - clock, perf_counter()
    search.progress(Stage(name="search", message=f"comparing sizes on {approach}, window {plan.window}"))
    sized = search.sizes(approach, plan.space, plan.settings, deadline(SEARCH_SHARE), grace=deadline(1.0))
    second = replace(second, sized=sized)
    seconds["search"], clock = perf_counter() - clock, perf_counter()
    table = tabulate(sized.outcomes, plan.settings.folds, sizes_of(sized.outcomes))
    if not table.cells:
        return second
    comparison = Comparison(table, plan.settings.folds)
    selected = select(
        comparison,
        request.tolerance,
        sized.dropped,
        cut_short=sized.ended == "budget",
        failed=sized.some_failed,
    )
    second = replace(second, selected=selected)
    search.progress(Stage(name="holdout", message=f"{selected.cell} against {spoken(first.best)} on the holdout"))
    trained = search.holdout(approach, selected.cell, deadline(1.0))
    final = [result for result in trained if result.forecasts]
    seconds["holdout"] = perf_counter() - clock
    second = replace(second, failed=len(trained) - len(final), final=final)
    if not final:
        return second
    yardstick = search.scoring.yardsticks[HOLDOUT]
    gain = _holdout_gain(final, yardstick, first, request)
    used = search.compared_on_holdout()
    judgement = judge(
        holdout=gain,
        folds=comparison.gains(selected.cell),
        min_gain=request.least_gain,
        simple=first.simple_verdict(request.least_gain),
        complete=len(final) == HOLDOUT_SEEDS,
        searched=not (trials.cut_short or second.alone or sized.ended in ("budget", "unaffordable")),
        learnt=second.learnt,
        used=used,
    )
    return replace(second, yardstick=yardstick, gain=gain, judgement=judgement, used=used)


def mean_fold_gain(second: SecondHalf) -> float | None:
    """Mean of the chosen size's gains on the folds; None where nothing was chosen."""
    selected = second.selected
    return None if selected is None else float(selected.comparison.gains(selected.cell).mean())


def holdout_losses(final: list[TrialResult], yardstick: Yardstick, metric: Metric) -> FloatArray:
    """Losses of each network on the holdout, shape (seeds, rows)."""
    return np.array([losses(yardstick.actual, np.array(result.forecasts), metric) for result in final])


def _holdout_gain(final: list[TrialResult], yardstick: Yardstick, first: FirstHalf, request: Request) -> Gain:
    model = holdout_losses(final, yardstick, request.metric)
    against = [yardstick.losses]
    return gain_interval(
        [model], against, request.metric, yardstick.in_rows(first.seasons), request.seed, floor=yardstick.floor
    )
