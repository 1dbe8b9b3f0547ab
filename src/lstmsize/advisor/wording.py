"""Sentences of the answer, from numbers that stand in the record."""

from __future__ import annotations

import math

from lstmsize.advisor.first_half import FirstHalf
from lstmsize.advisor.second_half import SecondHalf
from lstmsize.advisor.settling import rounded_up
from lstmsize.naming import counted, spoken
from lstmsize.notation import duration_text
from lstmsize.results import Choice, SettledBy, Verdict

_AHEAD = "One step ahead"


def baseline_summary(first: FirstHalf, verdict: Verdict | None) -> str:
    """Return the finding of the first half in one sentence."""
    best = spoken(first.best)
    if verdict is None:
        return f"{_AHEAD}, {best} is the best simple model, but the gate stays open: {first.gate.reason}."
    if first.recursion is not None:
        return f"{_AHEAD}, no network is needed: {first.gate.reason}."
    if verdict == "unpredictable":
        structure = "hardly any structure" if _little(first) else "no structure"
        return f"{_AHEAD}, {_nothing(first)}: there is {structure} to learn."
    return (
        f"{_AHEAD}, {best} already forecasts this series, no recurrent network is worth training: "
        f"{first.gate.reason}."
    )


def choice_summary(
    first: FirstHalf,
    second: SecondHalf,
    verdict: Verdict,
    lean: Verdict | None,
    choice: Choice | None,
    settling: SettledBy | None,
) -> str:
    """Return the verdict of the whole journey in one sentence."""
    best = spoken(first.best)
    if second.judgement is None:
        failed = second.failed or (second.sized is not None and second.sized.ended == "failed")
        why = "trainings failed" if failed else "the run ended"
        return (
            f"{_AHEAD}, the question is open: {why} before a network could be compared with {best} on the holdout"
            f"{_seen(second)}; {_lean(lean, best)}{_settling(settling)}."
        )
    reason = second.judgement.reason
    if verdict == "recurrent" and choice is not None:
        return f"{_AHEAD}, {_size(choice)} beats {best}: {reason}."
    if verdict == "inconclusive":
        return f"{_AHEAD}, the evidence does not settle it: {reason}; {_lean(lean, best)}{_settling(settling)}."
    if verdict == "unpredictable":
        return f"{_AHEAD}, {_nothing(first)}, an LSTM does not either: {reason}."
    return f"{_AHEAD}, {best} is enough, an LSTM does not beat it by what is worth having: {reason}."


def transform_reason(second: SecondHalf) -> str:
    """Return why the input form, and a weight decay, was chosen."""
    tried = _trial_means(second)
    if len(tried) < 2:  # a single form is still tried with and without a weight decay
        return "the only one that was tried before the budget ended"
    cut = ", which the budget ended early" if second.trials_cut else ""
    losses, chosen = second.trial_losses, str(second.approach)
    if not math.isfinite(tried[chosen]):
        return "the first of the input forms; all their trainings failed"
    own, rivals = tried[chosen], [mean for name, mean in tried.items() if len(losses[name]) == len(losses[chosen])]
    what = "the best of" if own <= min(rivals) else "in a near tie the first of"
    return (
        f"{what} {len(tried)} input forms and weight decays in short trials of "
        f"{second.plan.space.smallest}{cut}: {own:.3f} of the best baseline's on the folds"
    )


def _nothing(first: FirstHalf) -> str:
    simplest = "the mean" if first.board is None else f"the {spoken(first.board.simplest)}"
    if _little(first):
        return f"nothing is shown to beat {simplest} by what is worth having"
    return f"nothing is shown to beat {simplest}"


def _little(first: FirstHalf) -> bool:
    """Whether some simple model surely beats mean and last value, if by less than is worth having."""
    return first.skill is not None and first.skill.low > 0


def _size(choice: Choice) -> str:
    layers = "one layer" if choice.layers == 1 else f"{choice.layers} layers"
    return f"an LSTM of {choice.units} units in {layers}"


def _lean(lean: Verdict | None, best: str) -> str:
    if lean == "recurrent":
        return "it leans to a recurrent network"
    return f"until it is settled, {best} is the safer choice"


def _seen(second: SecondHalf) -> str:
    """Say what the folds showed where the holdout has not been looked at."""
    if second.selected is not None:
        gains = second.selected.comparison.gains(second.selected.cell)
        of = f"{len(gains)} of {counted(second.plan.settings.folds, 'fold')}"
        return f" ({second.selected.cell} had {_less(gains.mean())} on {of})"
    gain = 1 - _trial_means(second).get(str(second.approach), math.inf)
    return f" (short trials of {second.plan.space.smallest} had {_less(gain)})" if math.isfinite(gain) else ""


def _trial_means(second: SecondHalf) -> dict[str, float]:
    return {name: sum(found.values()) / len(found) for name, found in second.trial_losses.items() if found}


def _less(gain: float) -> str:
    return f"{abs(gain):.1%} {'less' if gain >= 0 else 'more'} error"


def _settling(settling: SettledBy | None) -> str:
    if settling is None:
        return ""
    ways = [settling.reason] if settling.reason is not None else []
    if settling.budget is not None:
        ways.append(f"with --budget {duration_text(settling.budget)} the run would come to its own end")
    if settling.rows is not None:
        ways.append(f"about {rounded_up(settling.rows):,} rows in all would be needed to settle it")
    return "".join(f"; {way}" for way in ways)
