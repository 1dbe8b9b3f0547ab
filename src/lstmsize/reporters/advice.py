"""What to do, as text: the recommended network, the simple model, or the next step."""

from __future__ import annotations

from lstmsize.naming import counted, spoken
from lstmsize.reporters.page import Page
from lstmsize.reporters.wording import percent, settings
from lstmsize.results import BaselineRecord, Choice, Recommendation, SizeRecord

_FORMS = {
    "level": "the values",
    "difference": "changes from row to row",
    "seasonal_difference": "changes since one season ago",
    "last_value": "values less the one a quarter into the window",
    "seasonal_lags": "the values, with those of one season ago beside them",
    "correction": "the values and the forecast of {model}, whose error it predicts",
}


def what_to_do(record: Recommendation, page: Page) -> None:
    """Add what the answer comes down to; nothing where there is no structure to learn."""
    choice, best = record.recommendation, _best_baseline(record)
    if choice is not None:
        page.heading(_choice_heading(record, choice))
        page.table(["", ""], _choice_rows(record, choice))
    if record.verdict is None:
        page.heading("Next")
        page.say("lstmsize recommend trains networks of several sizes and says whether one beats it.")
    elif best is not None and "baseline" in (record.verdict, record.lean):
        page.heading("Recommended" if record.verdict == "baseline" else "Until it is settled")
        detail = settings(best.detail)
        page.say(f"{spoken(best.name)}{f': {detail}' if detail else ''}")


def _choice_heading(record: Recommendation, choice: Choice) -> str:
    if choice.basis == "forced":
        return "Best network, shown because of --force-search"
    return "Recommended" if record.verdict == "recurrent" else "If a network is wanted now"


def _choice_rows(record: Recommendation, choice: Choice) -> list[list[str]]:
    size = f"{counted(choice.units, 'unit')}, {counted(choice.layers, 'layer')}"
    training = choice.training
    window = _reason(None if record.window is None else record.window.reason)
    rows = [
        ["network", f"{choice.cell.upper()}, {size} ({counted(choice.parameters, 'parameter')})"],
        ["window", f"{counted(choice.window, 'step')}{window}"],
    ]
    if record.transform is not None:
        form = _FORMS.get(record.transform.kind, record.transform.kind)
        corrected = record.transform.detail.get("corrected", {}).get("name", "a simple model")
        form = form.format(model=spoken(corrected))
        logarithm = ", all on the logarithm" if record.transform.log else ""
        rows.append(["it sees", f"{form}{logarithm}{_reason(record.transform.reason)}"])
    steps = f"{counted(training.steps, 'step')}, batches of {training.batch}"
    rate = f"learning rate {training.learning_rate:g}, weights averaged with decay {training.averaging:g}"
    decay = f", weight decay {training.weight_decay:g}" if training.weight_decay else ""
    rows.append(["training", f"{steps}, {rate}{decay}"])
    if training.steps_last_step is not None:
        last = counted(training.steps_last_step, "step")
        rows.append(["last step", f"{last} if the loss is on the last step of each window only"])
    rows.append(["basis", _basis(choice, record.sizes)])
    return rows


def _reason(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _basis(choice: Choice, sizes: list[SizeRecord]) -> str:
    if choice.excess_at_most is None:
        compared = [size for size in sizes if size.mean is not None and size.state != "failed"]
        if len(compared) < 2:
            return "no other size was compared with it"
        if sum(size.state != "dropped" for size in compared) < 2:
            return "every other size was given up as worse"
        return "too few trainings to say how sizes compare"
    if choice.excess_at_most <= 0:
        bound = "no other size does better (90 % bound)"
    else:
        bound = f"at most {percent(choice.excess_at_most)} above the error of any other (90 % bound)"
    if choice.basis == "non-inferior":
        return f"the smallest size shown to be as good: {bound}"
    return bound if choice.basis == "forced" else f"the lowest error so far: {bound}"


def _best_baseline(record: Recommendation) -> BaselineRecord | None:
    return next((b for b in record.baselines if b.name == record.best_baseline), None)
