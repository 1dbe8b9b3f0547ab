"""Findings about the search over sizes: how it ended, what failed, what it could not settle."""

from __future__ import annotations

import math

import numpy as np

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.advisor.settling import budget_needed, cut_short
from lstmsize.config import Metric, Request
from lstmsize.findings import Code, Finding, Severity
from lstmsize.naming import counted
from lstmsize.notation import duration_text
from lstmsize.prospect import HOLDOUT_SEEDS
from lstmsize.replicates import Outcome, Replicate
from lstmsize.search import Sized
from lstmsize.space import Cell, size_order

SHORT_TRAINING = 600
"""Steps of an ordinary short training, after which a wider network may look better than it is."""

_SHOWN = 0.0005
"""A fraction below which a tenth of a per cent shows nothing."""


def size_findings(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    """Return what the search gives reason to say."""
    return [
        *_ending(second, request),
        *_budget(first, second, request),
        *_failures(second),
        *_unconverged(second, request),
        *_edges(second, request),
        *_uncertain(second, request),
        *_long_training(second, request),
    ]


def _ending(second: SecondHalf, request: Request) -> list[Finding]:
    ended = "budget" if second.sized is None else second.sized.ended
    found = []
    if ended == "unaffordable":
        low, high = request.units
        found.append(
            Finding(
                code=Code.LARGER_UNTRIED,
                severity=Severity.WARNING,
                message="a larger size still lowered the error, but the next sizes are beyond the planned effort",
                next=f"start higher: --units {min(2 * low, high)}:{high}" if low < high else None,
            )
        )
    if ended == "effort":
        found.append(
            Finding(
                code=Code.EFFORT_ENDED,
                severity=Severity.WARNING,
                message="the planned effort ended before one size was shown to be as good as every other",
                next="narrow --units or --layers, or raise --tolerance",
            )
        )
    return found


def _budget(first: FirstHalf, second: SecondHalf, request: Request) -> list[Finding]:
    if request.budget is None or not cut_short(second, request):
        return []
    wanted, before = budget_needed(first, second, request), sum(first.seconds.values())
    late = f"; baselines and gate alone took {before:.3g} s" if before > request.budget else ""
    return [
        Finding(
            code=Code.BUDGET_ENDED,
            severity=Severity.DOUBT,
            message=f"the budget of {duration_text(request.budget)} ended {_reached(second)}{late}",
            next="ask again with a longer --budget; --dry-run tells about how long a run takes"
            if wanted is None
            else f"ask again with --budget {duration_text(wanted)}",
        )
    ]


def _reached(second: SecondHalf) -> str:
    if second.selected is None or second.sized is None:
        return "the search before any size was compared"
    told = []
    if second.trials_cut:
        tried = sum(map(len, second.trial_losses.values()))
        told.append(f"the trials of input forms after {tried} of up to {second.plan.most_trials}")
    if second.sized.ended == "budget":
        count = len(second.sized.outcomes)
        told.append(f"the search after {counted(count, 'training')}")
    if len(second.final) + second.failed < HOLDOUT_SEEDS:
        told.append(f"the comparison on the holdout after {len(second.final)} of {HOLDOUT_SEEDS} networks")
    cell, space = second.selected.cell, second.plan.space
    room = space.wider(cell) is not None or space.deeper(cell) is not None
    larger = "; larger sizes may be better" if second.sized.ended == "budget" and room else ""
    return ", ".join(told) + larger


def _failures(second: SecondHalf) -> list[Finding]:
    outcomes = second.sized.outcomes if second.sized else []
    failed = {o.replicate.cell: f"{o.replicate.cell} {_failure(o)}" for o in outcomes if o.loss is None}
    told = []
    if failed:
        told.append(f"sizes are out because a training failed: {', '.join(failed.values())}")
    if second.failed:
        told.append(
            f"{second.failed} of {HOLDOUT_SEEDS} networks on the holdout failed, so that no verdict is definite"
        )
    if not told:
        return []
    return [
        Finding(
            code=Code.FAILED_REPLICATES,
            severity=Severity.WARNING,
            message="; ".join(told),
            next="ask again with another --seed"
            + (", or leave these sizes out with --units and --layers" if failed else ""),
        )
    ]


def _failure(outcome: Outcome) -> str:
    """A training may also end as it should, and its network be useless."""
    ended = outcome.state in ("converged", "unconverged")
    return f"was useless: {outcome.reason}" if ended else f"{outcome.state} ({outcome.reason})"


def _unconverged(second: SecondHalf, request: Request) -> list[Finding]:
    trained = [(o.replicate.cell, o.state) for o in second.sized.outcomes] if second.sized else []
    if second.selected is not None:
        trained += [(second.selected.cell, result.state) for result in second.final]
    open_ended = [cell for cell, state in trained if state == "unconverged"]
    if not open_ended:
        return []
    cells = sorted(set(open_ended), key=size_order)
    chosen = second.selected is not None and second.selected.cell in cells
    recommended = chosen and second.recommends(request)
    among = f"; the {'recommended size' if recommended else 'size on the holdout'} is among them" if chosen else ""
    return [
        Finding(
            code=Code.UNCONVERGED,
            severity=Severity.WARNING,
            message=f"{len(open_ended)} of {len(trained)} trainings still improved at the cap of steps "
            f"({', '.join(map(str, cells))}{among})",
            next="train the recommended size longer before relying on its error" if recommended else None,
        )
    ]


def _edges(second: SecondHalf, request: Request) -> list[Finding]:
    if second.selected is None or not second.recommends(request):
        return []
    cell, space = second.selected.cell, second.plan.space
    (narrow, wide), (shallow, deep) = space.units, space.layers
    beyond = []
    if narrow < wide == cell.units:
        beyond.append(
            (f"width that was allowed, {wide}, is recommended: a wider one", f"--units {narrow}:{2 * wide}")
        )
    if shallow < deep == cell.layers:
        told = f"number of layers that was allowed, {deep}, is recommended: a deeper network"
        beyond.append((told, f"--layers {shallow}:{deep + 1}"))
    if beyond:
        return [
            Finding(
                code=Code.LARGEST_SIZE,
                severity=Severity.WARNING,
                message=f"the largest {told} may be better",
                next=f"ask again with {further}",
            )
            for told, further in beyond
        ]
    if cell == space.smallest:
        message = f"the smallest size that was allowed, {cell}, is recommended: a smaller one may do as well"
        divisors = [width for width in range(1, cell.units) if cell.units % width == 0]
        narrower = f"--units {divisors[-1]}:{cell.units} --multiple {divisors[-1]}" if divisors else None
        return [Finding(code=Code.SMALLEST_SIZE, severity=Severity.INFO, message=message, next=narrower)]
    return []


def _uncertain(second: SecondHalf, request: Request) -> list[Finding]:
    chosen = second.selected
    if chosen is None or chosen.basis == "non-inferior" or second.sized is None or second.plan.space.single:
        return []
    if second.judgement is not None and second.judgement.verdict in ("baseline", "unpredictable"):
        return []
    bound = "unknown" if chosen.excess_at_most is None else f"{chosen.excess_at_most:.1%}"
    noise = second.sized.ended == "noise"
    wider = 1.0 if chosen.excess_at_most is None else math.ceil(100 * chosen.excess_at_most) / 100
    ways = [f"ask for less with --tolerance {wider:g}"] if wider < 1 else []
    ways.append("collect more rows" if noise else "narrow the space")
    return [
        Finding(
            code=Code.SIZE_UNCERTAIN,
            severity=Severity.DOUBT,
            message=f"no size was shown to be within {request.tolerance:.1%} of every other; {chosen.cell} did "
            f"best, and the bound of its excess is {bound}"
            + (", too high for the trainings that were left" if noise else ""),
            next=", or ".join(ways),
        )
    ]


def _long_training(second: SecondHalf, request: Request) -> list[Finding]:
    """Say so where after an ordinary short training a larger size looks better by more than it is."""
    if second.sized is None or second.selected is None or second.judgement is None:
        return []
    if not second.judgement.for_network:
        return []
    chosen, comparison = second.selected.cell, second.selected.comparison
    early = early_losses(second.sized, chosen, SHORT_TRAINING, request.metric)
    larger = {c: x for c, x in early.items() if size_order(c) > size_order(chosen) and c in comparison.table.cells}
    tempting = min(larger, key=lambda cell: larger[cell], default=None)
    final = None if tempting is None else comparison.difference(tempting, chosen)
    if tempting is None or final is None:
        return []
    looks, does = 1 - larger[tempting], -final.mean
    if looks <= max(request.tolerance, 2 * does):
        return []
    return [
        Finding(
            code=Code.LONG_TRAINING,
            severity=Severity.WARNING,
            message=f"after {SHORT_TRAINING} steps {tempting} looks {looks:.1%} better than {chosen}, at the end "
            + (f"only {does:.1%}" if does >= _SHOWN else "no better"),
            next=f"train {chosen} until its validation error has flattened",
        )
    ]


def early_losses(sized: Sized, chosen: Cell, steps: int, metric: Metric) -> dict[Cell, float]:
    """Error of each size after so many steps relative to the chosen size's.

    Parameters
    ----------
    sized : Sized
        The search.
    chosen : Cell
        The size to compare with.
    steps : int
        Steps of training; a replicate that had ended before counts with its lowest loss.
    metric : {'rmse', 'mae'}
        Losses on the tail are squares for the first, whose root is the error.

    Returns
    -------
    dict of Cell to float
        Geometric mean ratio of errors on the tails of the replicates that both have; sizes without any are left
        out.
    """
    reached = {
        replicate: min(loss for step, loss in result.curve if step <= steps)
        for replicate, result in sized.results.items()
        if result.curve
    }
    power = 2 if metric == "rmse" else 1
    ratios: dict[Cell, list[float]] = {}
    for replicate, loss in reached.items():
        own = reached.get(Replicate(chosen, replicate.number), 0.0)
        if replicate.cell != chosen and own > 0 and loss > 0:
            ratios.setdefault(replicate.cell, []).append(np.log(loss / own) / power)
    return {cell: float(np.exp(np.mean(found))) for cell, found in ratios.items()}
