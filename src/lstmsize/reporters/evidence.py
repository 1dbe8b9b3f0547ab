"""The evidence, as text: sizes, holdout, simple models, gate."""

from __future__ import annotations

from lstmsize.naming import counted, spoken
from lstmsize.reporters.page import Page
from lstmsize.reporters.wording import column, p_value, percent, spoken_test
from lstmsize.results import Recommendation, SizeRecord

_FEW_BASELINES = 8


def sizes(record: Recommendation, page: Page) -> None:
    """Add one line per size, with its error relative to the best baseline's."""
    page.heading(f"Sizes: error relative to {_best_name(record)}, below 1 is better")
    tried = sorted(record.sizes, key=lambda size: (size.parameters, size.layers))
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
        for size in tried
    ]
    chosen = [index for index, size in enumerate(tried) if _is_chosen(record, size)]
    headers = ["units", "layers", "parameters", "error", "± s.e.", "trainings", ""]
    spare = ["trainings", "± s.e.", "parameters"]
    page.table(headers, rows, bold=chosen[0] if chosen else None, spare=spare)


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
        notes.append("not told apart")
    if best is not None and (best.units, best.layers) == (size.units, size.layers):
        notes.append("lowest error")
    if size.state != "complete":
        notes.append(size.state if not size.reason else f"{size.state}: {size.reason}")
    return ", ".join(notes)


def holdout(record: Recommendation, page: Page) -> None:
    """Add the comparison on the rows that nothing else looked at."""
    held = record.holdout
    if held is None:
        return
    page.heading(f"Holdout: {counted(held.n, 'row')} at the end that nothing else looked at")
    errors = column([held.error_network, held.error_baseline])
    seeds = f"network, mean of {counted(len(held.seeds), 'seed')}"
    page.table(["", _metric(record)], [[seeds, errors[0]], [_best_name(record), errors[1]]])
    interval = f"90 % interval {percent(held.gain_low)} to {percent(held.gain_high)}"
    page.say(f"gain {percent(held.gain)} ({interval}, p {_equals(p_value(held.p_value))})")


def _equals(text: str) -> str:
    return text if text.startswith("<") else f"= {text}"


def baselines(record: Recommendation, page: Page) -> None:
    """Add the simple models; only the best few where networks were compared."""
    shown = record.baselines[:_FEW_BASELINES] if record.sizes else record.baselines
    if not shown:
        return
    page.heading(
        f"Simple models on {counted(shown[0].n, 'row')}, best on the folds first; skill is against the last value"
    )
    names = [baseline.name.replace("_", " ") for baseline in shown]
    errors = {"RMSE": column([b.rmse for b in shown]), "MAE": column([b.mae for b in shown])}
    spread = column([b.stderr for b in shown])
    first = _metric(record)
    second = "MAE" if first == "RMSE" else "RMSE"
    table = {
        "model": names,
        first: errors[first],
        "± s.e.": spread,
        second: errors[second],
        "MASE": column([b.mase for b in shown]),
        "skill": [percent(b.skill) for b in shown],
    }
    known = {header: cells for header, cells in table.items() if any(cells)}
    cells = [list(row) for row in zip(*known.values(), strict=True)]
    page.table(list(known), cells, bold=0, spare=[second, "MASE", "± s.e.", "skill"])
    if len(shown) < len(record.baselines):
        page.say(f"and {len(record.baselines) - len(shown)} more")


def gate(record: Recommendation, page: Page) -> None:
    """Add what the probes could gain, the tests, and the gate's decision."""
    found = record.gate
    if found is None:
        return
    detailed = not record.sizes and (found.probes or found.tests)
    left = f"What could still be forecast in the errors of {_best_name(record)}"
    page.heading(left if detailed else "Gate")
    if detailed and found.probes:
        rows = [[p.name.replace("_", " "), percent(p.gain), percent(p.gain_high)] for p in found.probes]
        page.table(["probe", "gain", "at most"], rows)
        page.gap()
    if detailed and found.tests:
        tests = [[spoken_test(t.name), t.null, p_value(t.p_value)] for t in found.tests]
        page.table(["test", "null hypothesis", "p-value"], tests)
        page.gap()
    page.say(f"The gate is {found.decision}: {found.reason}.")


def _metric(record: Recommendation) -> str:
    return "MAE" if record.request.get("metric") == "mae" else "RMSE"


def _best_name(record: Recommendation) -> str:
    return "the best simple model" if record.best_baseline is None else spoken(record.best_baseline)
