"""The record as text for people: the verdict first, then what to do, then the evidence.

Nothing is computed here and no number is shown that the record lacks.
"""

from __future__ import annotations

from collections.abc import Sequence

from lstmsize.findings import Finding, Severity
from lstmsize.reporters.page import Page
from lstmsize.reporters.wording import (
    column,
    counted,
    p_value,
    percent,
    runs,
    settings,
    spoken,
    spoken_test,
)
from lstmsize.results import BaselineRecord, Choice, Recommendation, SizeRecord

_FEW_BASELINES = 8
_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "blanks", "": "one column"}
_FORMS = {
    "level": "the values",
    "difference": "changes from row to row",
    "seasonal_difference": "changes since one season ago",
    "last_value": "values less the last one of the window",
    "seasonal_lags": "the values, with those of one season ago beside them",
    "correction": "the values and the linear forecast, whose error it predicts",
}
_STYLES = {Severity.INFO: "", Severity.WARNING: "yellow", Severity.DOUBT: "bold red"}


def render(record: Recommendation, *, width: int | None = None, colour: bool = False) -> str:
    """Write the answer for people.

    Parameters
    ----------
    record : Recommendation
        The answer, of the whole journey or of its first half.
    width : int or None
        Columns of the terminal; None for a file or a pipe.
    colour : bool
        Whether bold and colour are wanted.

    Returns
    -------
    str
        Verdict, recommended configuration, evidence, and how the input was read; findings stand apart, see
        `render_findings`.
    """
    page = Page(width=width, colour=colour)
    page.say(record.summary, style="bold")
    _what_to_do(record, page)
    if record.sizes:
        _sizes(record, page)
        _holdout(record, page)
    _baselines(record, page)
    _gate(record, page)
    page.heading("Input")
    page.say(_input(record))
    return page.text()


def render_findings(findings: Sequence[Finding], *, width: int | None = None, colour: bool = False) -> str:
    """Write the findings, one paragraph each.

    Parameters
    ----------
    findings : sequence of Finding
        What was noticed.
    width : int or None
        Columns of the terminal; None for a file or a pipe, where each finding stays on one line.
    colour : bool
        Whether colour is wanted.

    Returns
    -------
    str
        Empty where there are none.
    """
    if not findings:
        return ""
    page = Page(width=width, colour=colour)
    for finding in findings:
        following = f"; next: {finding.next}" if finding.next else ""
        text = f"lstmsize: {finding.severity} {finding.code}: {finding.message}{following}"
        page.say(text, style=_STYLES[finding.severity])
    return page.text()


def _what_to_do(record: Recommendation, page: Page) -> None:
    choice, best = record.recommendation, _best_baseline(record)
    if choice is not None:
        page.heading(_choice_heading(record, choice))
        page.table(["", ""], _choice_rows(record, choice))
    elif record.verdict is None:
        page.heading("Next")
        page.say("lstmsize recommend trains networks of several sizes and says whether one beats it.")
    elif best is not None and "baseline" in (record.verdict, record.lean):
        page.heading("Recommended" if record.verdict == "baseline" else "Until it is settled")
        detail = settings(best.detail)
        page.say(f"{spoken(best.name)}{f': {detail}' if detail else ''}")


def _choice_heading(record: Recommendation, choice: Choice) -> str:
    if choice.basis == "forced":
        return "Best network, searched because it was forced"
    return "Recommended" if record.verdict == "recurrent" else "If a network is wanted now"


def _choice_rows(record: Recommendation, choice: Choice) -> list[list[str]]:
    size = f"{counted(choice.units, 'unit')}, {counted(choice.layers, 'layer')}"
    training = choice.training
    rows = [
        ["network", f"{choice.cell.upper()}, {size} ({counted(choice.parameters, 'parameter')})"],
        ["window", f"{counted(choice.window, 'step')}{_reason(record.window and record.window.reason)}"],
    ]
    if record.transform is not None:
        form = _FORMS.get(record.transform.kind, record.transform.kind)
        logarithm = ", all on the logarithm" if record.transform.log else ""
        rows.append(["it sees", f"{form}{logarithm}{_reason(record.transform.reason)}"])
    steps = f"{counted(training.steps, 'step')}, batches of {training.batch}"
    rows.append(["training", f"{steps}, learning rate {training.learning_rate:g}"])
    rows.append(["basis", _basis(choice)])
    return rows


def _reason(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _basis(choice: Choice) -> str:
    if choice.excess_at_most is None:
        return "no other size was compared with it"
    if choice.excess_at_most <= 0:
        bound = "no size that was compared does better"
    else:
        bound = f"at most {percent(choice.excess_at_most)} above the error of any size that was compared"
    if choice.basis == "non-inferior":
        return f"the smallest size shown to be as good: {bound}"
    return f"the lowest error so far: {bound}"


def _sizes(record: Recommendation, page: Page) -> None:
    page.heading(f"Sizes: error relative to {_best_name(record)}, below 1 is better")
    sizes = sorted(record.sizes, key=lambda size: (size.parameters, size.layers))
    rows = [
        [
            str(size.units),
            str(size.layers),
            f"{size.parameters:,}",
            "" if size.mean is None else f"{size.mean:.3f}",
            "" if size.stderr is None else f"{size.stderr:.3f}",
            str(len(size.replicates)),
            _size_note(record, size),
        ]
        for size in sizes
    ]
    chosen = [index for index, size in enumerate(sizes) if _is_chosen(record, size)]
    headers = ["units", "layers", "parameters", "error", "±", "trainings", ""]
    page.table(headers, rows, bold=chosen[0] if chosen else None)


def _is_chosen(record: Recommendation, size: SizeRecord) -> bool:
    choice = record.recommendation
    return choice is not None and (choice.units, choice.layers) == (size.units, size.layers)


def _size_note(record: Recommendation, size: SizeRecord) -> str:
    notes = []
    best = record.observed_best
    if _is_chosen(record, size):
        forced = record.recommendation is not None and record.recommendation.basis == "forced"
        notes.append("chosen" if forced else "recommended")
    elif any((same.units, same.layers) == (size.units, size.layers) for same in record.equivalent_sizes):
        notes.append("as good")
    if best is not None and (best.units, best.layers) == (size.units, size.layers):
        notes.append("lowest error")
    if size.state != "complete":
        notes.append(size.state if not size.reason else f"{size.state}: {size.reason}")
    return ", ".join(notes)


def _holdout(record: Recommendation, page: Page) -> None:
    held = record.holdout
    if held is None:
        return
    page.heading(f"Holdout: {counted(held.n, 'row')} at the end that nothing else looked at")
    errors = column([held.error_network, held.error_baseline])
    seeds = f"network, mean of {counted(len(held.seeds), 'seed')}"
    page.table(["", _metric(record)], [[seeds, errors[0]], [_best_name(record), errors[1]]])
    interval = f"90 % interval {percent(held.gain_low)} to {percent(held.gain_high)}"
    page.say(f"gain {percent(held.gain)} ({interval}, p {_equals(p_value(held.p_value))})")
    if record.verdict == "inconclusive" and held.rows_needed is not None:
        page.say(f"About {held.rows_needed:,} rows in all would settle a gain of this size.")


def _equals(text: str) -> str:
    return text if text.startswith("<") else f"= {text}"


def _baselines(record: Recommendation, page: Page) -> None:
    shown = record.baselines[:_FEW_BASELINES] if record.sizes else record.baselines
    if not shown:
        return
    page.heading(f"Simple models on {counted(shown[0].n, 'row')}, the best first")
    names = [baseline.name.replace("_", " ") for baseline in shown]
    errors = {"RMSE": column([b.rmse for b in shown]), "MAE": column([b.mae for b in shown])}
    spread = column([b.stderr for b in shown])
    first = _metric(record)
    second = "MAE" if first == "RMSE" else "RMSE"
    table = {
        "model": names,
        first: errors[first],
        "±": spread,
        second: errors[second],
        "MASE": column([b.mase for b in shown]),
        "skill": [percent(b.skill) for b in shown],
    }
    known = {header: cells for header, cells in table.items() if any(cells)}
    page.table(list(known), [list(row) for row in zip(*known.values(), strict=True)], bold=0)
    if len(shown) < len(record.baselines):
        page.say(f"and {len(record.baselines) - len(shown)} more")


def _gate(record: Recommendation, page: Page) -> None:
    gate = record.gate
    if gate is None:
        return
    page.heading(f"What could still be forecast in the errors of {_best_name(record)}")
    if gate.probes and not record.sizes:
        rows = [[spoken(p.name), percent(p.gain), percent(p.gain_high)] for p in gate.probes]
        page.table(["probe", "gain", "at most"], rows)
    if gate.tests and not record.sizes:
        tests = [[spoken_test(t.name), t.null, p_value(t.p_value)] for t in gate.tests]
        page.table(["test", "if nothing is left", "p-value"], tests)
    page.say(f"The gate is {gate.decision}: {gate.reason}.")


def _input(record: Recommendation) -> str:
    read = record.input
    parts = [read.source, counted(read.rows, "row"), f"target {read.target}"]
    if read.time is not None:
        parts.append(f"time {read.time}")
    if read.step is not None:
        parts.append(f"step {read.step}")
    parts.append(f"seasons of {runs(read.seasons)} steps" if read.seasons else "no season")
    return ", ".join(parts) + _read_as(record)


def _read_as(record: Recommendation) -> str:
    how = record.input.read_as
    if how is None:
        return ""
    separator = _MARKS.get(how.separator, repr(how.separator))
    header = "with" if how.header else "without"
    gaps = f", {counted(how.gaps, 'gap')}" if how.gaps else ""
    decimal = "point" if how.decimal == "." else "comma"
    return f"; read as {how.encoding}, {separator}, decimal {decimal}, {header} header{gaps}"


def _metric(record: Recommendation) -> str:
    return "MAE" if record.request.get("metric") == "mae" else "RMSE"


def _best_name(record: Recommendation) -> str:
    return "the best simple model" if record.best_baseline is None else spoken(record.best_baseline)


def _best_baseline(record: Recommendation) -> BaselineRecord | None:
    return next((b for b in record.baselines if b.name == record.best_baseline), None)
