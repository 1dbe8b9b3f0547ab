"""The plan of the second half, what workers hold for it, and what it will likely ask for."""

from __future__ import annotations

from dataclasses import dataclass

from lstmsize.advisor.first_half import Fitted, Outlook
from lstmsize.config import Request
from lstmsize.prospect import Prospect
from lstmsize.recipe import WEIGHT_DECAYS, Recipe
from lstmsize.scoring import Scoring
from lstmsize.space import Cell, Space
from lstmsize.splits import LEAST_HEAD, MOST_LEARNT, require_rows
from lstmsize.strategy import Settings
from lstmsize.transforms import InputForm, candidate_forms
from lstmsize.trials import HOLDOUT, Trainer
from lstmsize.windows import choose_window
from lstmsize.yardstick import Yardstick

EFFORT = 1.2e13
"""Work that the search over sizes may take, in floating-point operations: two to four minutes on two cores.

It grows with the smallest size where that is above 32×1, so that the number of trainings stays the same."""

RECIPE = Recipe()


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be searched, before anything is trained.

    Parameters
    ----------
    window : int
        Past steps that the network sees.
    window_reason : str
        Why so many.
    forms : list of InputForm
        Candidates, plain ones first.
    space : Space
        The sizes that may be tried.
    settings : Settings
        Tolerances and limits.
    """

    window: int
    window_reason: str
    forms: list[InputForm]
    space: Space
    settings: Settings

    @property
    def most_trials(self) -> int:
        """Trials by which form and weight decay are chosen, at most; forms are tried with one of the decays."""
        return (len(self.forms) + len(WEIGHT_DECAYS) - 1) * self.settings.folds


def make_plan(fitted: Fitted, request: Request) -> Plan:
    """Decide on window, candidate forms and the space.

    Parameters
    ----------
    fitted : Fitted
        What the baselines showed.
    request : Request
        What is asked.

    Returns
    -------
    Plan
        Forms that look further back than the first training's rows allow are left out.

    Raises
    ------
    DataError
        If there are too few rows for the window.
    """
    window, _ = _window(fitted, request)
    require_rows(fitted.splits.rows, window, fitted.series.source)
    base = bool(fitted.corrected) and all(
        fold.score_stop - len(found.values) + found.reach < fold.head_stop - window - LEAST_HEAD
        for fold, found in zip(fitted.splits.folds, fitted.corrected, strict=True)
    )
    return _plan(fitted, request, log=fitted.logarithm, base=base)


def early_plan(outlook: Outlook, request: Request) -> Plan:
    """Guess the plan before the baselines are known.

    Parameters
    ----------
    outlook : Outlook
        What a look at the series showed.
    request : Request
        What is asked.

    Returns
    -------
    Plan
        On the logarithm where baselines are tried on it, and with no simple model to correct.
    """
    return _plan(outlook, request, log=outlook.grows, base=False)


def _plan(outlook: Outlook, request: Request, *, log: bool, base: bool) -> Plan:
    window, reason = _window(outlook, request)
    seasons = _seasons(outlook, window)
    space = Space(units=request.units, multiple=request.multiple, layers=request.layers)
    step = {"channels": 1 + len(seasons), "window": window, "batch": RECIPE.batch}
    settings = Settings(
        folds=len(outlook.splits.folds),
        tolerance=request.tolerance,
        min_gain=request.least_gain,
        effort=EFFORT * max(1.0, space.smallest.work(**step) / Cell(32, 1).work(**step)),
        **step,
        forced=request.force_search,
    )
    forms = candidate_forms(seasons, window=window, log=log, base=base)
    return Plan(window=window, window_reason=reason, forms=forms, space=space, settings=settings)


def prospect_of(plan: Plan, outlook: Outlook, request: Request, yardsticks: dict[int, Yardstick]) -> Prospect:
    """Return what a run by a plan will likely ask for."""
    scoring = Scoring(yardsticks=yardsticks, metric=request.metric, seasons=outlook.seasons)
    return Prospect(scoring=scoring, forms=plan.forms, space=plan.space, settings=plan.settings)


def trainer_of(outlook: Outlook, request: Request, device: str) -> Trainer:
    """Return what workers hold; what the baselines forecast is not known to it yet.

    Parameters
    ----------
    outlook : Outlook
        What a look at the series showed.
    request : Request
        What is asked.
    device : {'cpu', 'cuda'}
        Where networks are trained.

    Returns
    -------
    Trainer
        It can train in every form but the correction of a simple model. It has the rows that networks learn from
        and are scored on, no earlier ones, and counts from the first of these.
    """
    window, _ = _window(outlook, request)
    folds = {**dict(enumerate(outlook.splits.folds)), HOLDOUT: outlook.splits.final}
    # Each worker gets a copy.
    unused = max(0, min(fold.train_stop for fold in folds.values()) - MOST_LEARNT)
    return Trainer(
        values=outlook.series.target[unused:],
        folds={number: fold.without(unused) for number, fold in folds.items()},
        bases={},
        window=window,
        metric=request.metric,
        seed=request.seed,
        recipe=RECIPE,
        device=device,
    )


def _window(outlook: Outlook, request: Request) -> tuple[int, str]:
    if request.window is None:
        return choose_window(outlook.splits.folds[0].head_stop, outlook.seasons)
    return request.window, "as requested"


def _seasons(outlook: Outlook, window: int) -> tuple[int, ...]:
    """Those that leave enough rows of the first head to learn from."""
    room = outlook.splits.folds[0].head_stop - window - LEAST_HEAD
    return tuple(season for season in outlook.seasons if season < room and season > 1)
