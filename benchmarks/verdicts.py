"""How often the verdict is right, on series of which the truth is known or measured.

    python benchmarks/verdicts.py                              # everything that is missing
    python benchmarks/verdicts.py --stage gate --draws 40      # one stage: gate, advice or labels
    python benchmarks/verdicts.py --rebase                     # measure the baselines of the labels anew
    python benchmarks/verdicts.py --report --set report        # print the tables of the results files

A unit is (process, rows, draw) of ``benchmarks/processes.py``. ``gate`` walks the first half of the journey,
``advice`` the whole one; ``labels`` measures, for the nonlinear processes, what a network gains on 20,000 fresh
rows that follow the ones it learnt from: at least 10 % is labelled recurrent, less than 1 % simple, the rest grey.
Even draws are the set ``choice``, on which thresholds may be chosen, odd ones the set ``report``. A longer series
of the same process and draw begins with the shorter one, unless its time is scaled, so the lengths are no
independent samples. Records are appended to ``benchmarks/results/*.jsonl`` as they come, and what stands there is
not run again. They carry versions, but whether the product has changed since is not looked at: move the files away
when it has. Reference networks, which cost the most, hang on the engine only: after a change of the baselines
``--rebase`` keeps them.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from scipy import stats

import lstmsize
from lstmsize import Request
from lstmsize.baselines import FoldForecasts, forecast_fold, grows
from lstmsize.metrics import aggregate, losses
from lstmsize.recipe import Recipe
from lstmsize.results import Recommendation
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import HOLDOUT_SHARE, LEAST_HEAD, Fold, cut
from lstmsize.transforms import InputForm, Shaped, shape
from lstmsize.windows import choose_window
from processes import PROCESSES, draw

RESULTS = Path(__file__).resolve().parent / "results"
LENGTHS = (300, 1000, 5000)
KINDS = ("simple", "unpredictable", "nonlinear")
STAGES = ("gate", "advice", "labels")
FRESH = 20_000
RECURRENT_GAIN, SIMPLE_GAIN = 0.10, 0.01
SIZES = ((32, 1), (128, 1), (32, 2))
RATES = (2.0, 0.5)
SEEDS = (0, 1, 2)
BATCH_ROWS = 200
"""Rows per block of the batch means, from which the long-run variance comes."""
COLUMNS = (
    "baseline",
    "unpredictable",
    "recurrent",
    "leans baseline",
    "leans unpredictable",
    "leans recurrent",
    "failed",
)
TRUTHS = ("simple", "unpredictable", "recurrent", "grey")

Record = dict[str, Any]


@dataclass(frozen=True, order=True)
class Unit:
    """One series: its process, its length and its draw."""

    process: str
    rows: int
    draw: int


@dataclass(frozen=True)
class Setup:
    """One way of training a reference network."""

    form: str
    units: int = 32
    layers: int = 1
    rate: float = 1.0


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stage", choices=(*STAGES, "all"), default="all")
    parser.add_argument("--draws", type=int, default=4, help="draws of each process and length")
    parser.add_argument("--rows", type=int, nargs="+", default=LENGTHS)
    parser.add_argument("--processes", nargs="+", choices=tuple(PROCESSES), default=tuple(PROCESSES))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--set", choices=("choice", "report"), help="only even, or only odd draws")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    parser.add_argument("--rebase", action="store_true", help="measure only the baselines of the labels anew")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results files")
    options = parser.parse_args()
    units = chosen(options)
    if options.rebase:
        rebase(options.results, options.jobs)
    elif not options.report:
        for stage in STAGES if options.stage == "all" else (options.stage,):
            run(stage, units, options.results, options.jobs)
    report(units, options.results)


def chosen(options: argparse.Namespace) -> list[Unit]:
    """List the units asked for; every process and length has its first draw before any has its second."""
    parity = {None: (0, 1), "choice": (0,), "report": (1,)}[options.set]
    names = [name for name in options.processes if PROCESSES[name].kind in options.kinds]
    draws = [number for number in range(options.draws) if number % 2 in parity]
    return [Unit(name, rows, number) for number in draws for rows in options.rows for name in names]


def run(stage: str, units: list[Unit], folder: Path, jobs: int) -> None:
    """Do the missing units of a stage and append each result as it comes."""
    done = results(stage, folder)
    missing = [unit for unit in units if unit not in done]
    if stage == "labels":
        missing = [unit for unit in missing if PROCESSES[unit.process].kind == "nonlinear"]
    for number, (unit, found) in enumerate(stream(stage, missing, jobs), start=1):
        jsonl.append(folder / f"{stage}.jsonl", {**asdict(unit), **found})
        print(f"{stage} {number}/{len(missing)} {unit} {found['state']} {found['seconds']} s", flush=True)


def stream(stage: str, units: list[Unit], jobs: int) -> Iterable[tuple[Unit, Record]]:
    """Yield results as they come; advice has worker processes of its own, so its units follow one another."""
    if stage == "advice":
        yield from ((unit, timed(advice, unit, jobs)) for unit in units)
        return
    work = {"gate": gate, "labels": label}[stage]
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = {pool.submit(timed, work, unit): unit for unit in units}
        for future in as_completed(waiting):
            yield waiting[future], future.result()


def timed(work: Callable[..., Record], *arguments: object) -> Record:
    """Do the work; an error becomes its state, so that one series does not end the run."""
    started = monotonic()
    try:
        found: Record = {"state": "ok", **work(*arguments)}
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is a result too
        found = {"state": f"{type(error).__name__}: {error}"[:300]}
    versions = {name: version(name) for name in ("lstmsize", "torch", "numpy")}
    return {**found, "seconds": round(monotonic() - started, 2), "versions": versions}


# The product's answers


def gate(unit: Unit) -> Record:
    """Walk the first half of the journey."""
    record = lstmsize.baseline(draw(unit.process, unit.rows, unit.draw), Request())
    return first_part(record)


def first_part(record: Recommendation) -> Record:
    """What the first half says."""
    if record.gate is None:
        raise ValueError("the record has no gate")
    return {
        "verdict": record.verdict,
        "decision": record.gate.decision,
        "reason": record.gate.reason,
        "best_baseline": record.best_baseline,
        "skill": record.baselines[0].skill,
        "seasons": record.input.seasons,
        "probes": [{"name": p.name, "gain": p.gain, "gain_high": p.gain_high} for p in record.gate.probes],
        "tests": {test.name: test.p_value for test in record.gate.tests},
    }


def advice(unit: Unit, jobs: int) -> Record:
    """Walk the whole journey."""
    record = lstmsize.recommend(draw(unit.process, unit.rows, unit.draw), Request(), jobs=jobs)
    choice, holdout = record.recommendation, record.holdout
    keys = ("gain", "gain_low", "gain_high", "error_network", "error_baseline", "n")
    return {
        **first_part(record),
        "lean": record.lean,
        "form": record.transform.kind if record.transform else None,
        "window": record.window.steps if record.window else None,
        "size": [choice.units, choice.layers] if choice else None,
        "equivalent": [[size.units, size.layers] for size in record.equivalent_sizes],
        **{key: getattr(holdout, key) if holdout else None for key in keys},
        "rows_needed": record.settled_by.rows if record.settled_by else None,
        "folds": fold_gains(record),
        "findings": [finding.code for finding in record.findings],
        "timing": record.timing.get("total"),
    }


def fold_gains(record: Recommendation) -> list[float]:
    """Mean gain on each fold of the recommended size, or else of the observed best."""
    wanted = record.recommendation or record.observed_best
    for size in record.sizes:
        if wanted and (size.units, size.layers) == (wanted.units, wanted.layers):
            known = [(r.fold, r.loss) for r in size.replicates if r.loss is not None]
            folds = sorted({fold for fold, _ in known})
            return [1 - float(np.mean([loss for of, loss in known if of == fold])) for fold in folds]
    return []


# The labels


@dataclass(frozen=True)
class Question:
    """A series with fresh rows behind it, its baselines, and what a network may see."""

    values: FloatArray
    fold: Fold
    seasons: tuple[int, ...]
    window: int
    baselines: FoldForecasts

    @property
    def fresh(self) -> slice:
        """The rows that are scored."""
        return slice(self.fold.train_stop, self.fold.score_stop)

    def loss(self, forecast: FloatArray) -> FloatArray:
        """Squared errors of forecasts of the fresh rows."""
        return losses(self.values[self.fresh], forecast, "rmse")

    def shaped(self, kind: str, stop: int) -> Shaped:
        """Put the series into an input form with what is known before `stop`."""
        form = InputForm(kind=kind, seasons=self.seasons if kind == "correction" else ())  # type: ignore[arg-type]
        fit = self.baselines.bases["linear_autoregression"] if form.needs_base else None
        base = fit and (fit.from_head if stop == self.fold.head_stop else fit.values)
        return shape(self.values, form, stop=stop, window=self.window, base=base)

    def forms(self) -> list[str]:
        """Forms that the rows allow, as the product decides it."""
        fit = self.baselines.bases.get("linear_autoregression")
        fits = fit is not None and fit.reach < self.fold.head_stop - self.window - LEAST_HEAD
        return ["level", "correction"] if fits else ["level"]


def label(unit: Unit) -> Record:
    """Measure what a network gains over the best baseline, both taught the first rows, on the fresh ones."""
    import torch

    torch.set_num_threads(1)
    question = pose(unit)
    baselines = fresh_errors(question)
    best = min(baselines, key=lambda name: baselines[name])
    networks, squares = reference_networks(question)
    ready = [entry for entry in networks if len(entry["rmse"]) == len(SEEDS)]
    gains = [1 - float(np.mean(entry["rmse"])) / baselines[best] for entry in ready]
    gain = max(gains)
    if not np.isfinite(gain):
        raise ArithmeticError("both reference networks diverged with one of their seeds")
    forecast = question.baselines.forecasts[best].values[question.fresh]
    return {
        "label": grade_of(gain),
        "gain": gain,
        "best_baseline": best,
        "baselines": baselines,
        "seasons": question.seasons,
        "window": question.window,
        "networks": networks,
        **paired(question.loss(forecast), squares[gains.index(gain)]),
    }


def rebase(folder: Path, jobs: int) -> None:
    """Measure the baselines of all labels anew; networks stay, and with them the spread of the differences."""
    known = results("labels", folder)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        found = list(pool.map(rebased, known, known.values(), chunksize=4))
    labels = ({**asdict(unit), **entry} for unit, entry in zip(known, found, strict=True))
    jsonl.rewrite(folder / "labels.jsonl", labels)


def rebased(unit: Unit, entry: Record) -> Record:
    """Return a label with the gain over the baselines as they are now."""
    if entry["state"] != "ok":
        return entry
    baselines = fresh_errors(pose(unit))
    best = min(baselines, key=lambda name: baselines[name])
    ready = [network for network in entry["networks"] if len(network["rmse"]) == len(SEEDS)]
    gain = max(1 - float(np.mean(network["rmse"])) / baselines[best] for network in ready)
    shift = baselines[best] ** 2 - entry["baseline_square"]
    return entry | {
        "label": grade_of(gain),
        "gain": gain,
        "best_baseline": best,
        "baselines": baselines,
        "difference_mean": entry["difference_mean"] + shift,
        "baseline_square": baselines[best] ** 2,
    }


def fresh_errors(question: Question) -> dict[str, float]:
    """Error of each baseline on the fresh rows."""
    fresh = {name: found.values[question.fresh] for name, found in question.baselines.forecasts.items()}
    return {name: aggregate(question.loss(forecast), "rmse") for name, forecast in fresh.items()}


def grade_of(gain: float) -> str:
    """Label of a gain."""
    return "recurrent" if gain >= RECURRENT_GAIN else "simple" if gain < SIMPLE_GAIN else "grey"


def pose(unit: Unit) -> Question:
    """Draw the rows with fresh ones behind them and fit the baselines on the first."""
    values = draw(unit.process, unit.rows + FRESH, unit.draw)
    known = values[: unit.rows]
    head = round(0.8 * unit.rows)
    fold = Fold(head_stop=head, train_stop=unit.rows, score_stop=len(values))
    seasons = find_seasons(known, None)
    window, _ = choose_window(cut(unit.rows).folds[0].head_stop, seasons)  # the product's own
    return Question(
        values=values,
        fold=fold,
        seasons=tuple(season for season in seasons if 1 < season < head - window - LEAST_HEAD),
        window=window,
        baselines=forecast_fold(values, fold, seasons, "rmse", logarithm=grows(known)),
    )


def reference_networks(question: Question) -> tuple[list[Record], list[FloatArray]]:
    """Screen forms, then sizes and rates, with one seed; give the two best all seeds.

    Returns their records, best first as screened, each with the errors of its seeds, and the squared errors of
    the first seed of those two.
    """
    tried: dict[Setup, list[Record]] = {}
    first = [Setup(form) for form in question.forms()]
    for setup in first:
        tried[setup] = [train(question, setup, SEEDS[0])]
    form = min(first, key=lambda setup: tried[setup][0]["rmse"]).form
    for units, layers in SIZES:
        for rate in RATES:
            setup = Setup(form, units, layers, rate)
            tried.setdefault(setup, []) or tried[setup].append(train(question, setup, SEEDS[0]))
    ranked = sorted(tried, key=lambda setup: tried[setup][0]["rmse"])
    squares = [tried[setup][0]["squares"] for setup in ranked[:2]]
    for setup in ranked[:2]:
        tried[setup] += [train(question, setup, seed) for seed in SEEDS[1:]]
    keys = ("rmse", "steps", "flat", "seconds")
    networks = [{**asdict(setup), **{key: [r[key] for r in tried[setup]] for key in keys}} for setup in ranked]
    return networks, squares


def train(question: Question, setup: Setup, seed: int) -> Record:
    """Train to flatness and refit as the product does; forecast every fresh row (the product thins them out)."""
    from lstmsize.learning import DivergenceError, Run

    started, fold = monotonic(), question.fold
    recipe = replace(Recipe(), learning_rate=Recipe().learning_rate * setup.rate)
    how = (question.window, Cell(setup.units, setup.layers), seed, recipe, "rmse")
    best, flat, squares = 0, False, np.full(FRESH, np.inf)
    try:
        best, _, flat = Run(question.shaped(setup.form, fold.head_stop), *how).to_flatness(fold)
        final = Run(question.shaped(setup.form, fold.train_stop), *how)
        final.advance(best, fold.train_stop)
        rows = np.arange(fold.train_stop, fold.score_stop)
        squares = question.loss(final.shaped.restore(rows, final.forecast(rows)))
    except DivergenceError:
        pass
    error = aggregate(squares, "rmse") if np.isfinite(squares).all() else float("inf")
    seconds = round(monotonic() - started, 1)
    return {"rmse": error, "steps": best, "flat": flat, "seconds": seconds, "squares": squares}


def paired(baseline: FloatArray, network: FloatArray) -> Record:
    """Mean and long-run standard deviation of the difference of squared errors, by batch means."""
    difference = baseline - network
    batches = difference.reshape(-1, BATCH_ROWS).mean(axis=1)
    spread = float(np.sqrt(BATCH_ROWS) * batches.std(ddof=1))
    return {
        "difference_mean": float(difference.mean()),
        "difference_sd": spread,
        "baseline_square": float(baseline.mean()),
    }


def power(rows: int, found: Record) -> float:
    """Chance that a one-sided 5 % test on a holdout of that many rows proves the reference network's gain."""
    holdout = round(HOLDOUT_SHARE * rows)
    shift = np.sqrt(holdout) * found["difference_mean"] / max(found["difference_sd"], 1e-300)
    return float(stats.norm.cdf(shift - stats.norm.ppf(0.95)))


# The tables


def results(stage: str, folder: Path) -> dict[Unit, Record]:
    """Read what a stage has found."""
    entries = jsonl.read(folder / f"{stage}.jsonl")
    return {Unit(entry["process"], entry["rows"], entry["draw"]): entry for entry in entries}


def report(units: list[Unit], folder: Path) -> None:
    """Print the tables in Markdown."""
    wanted = set(units)
    gates, answers, labels = (
        {unit: entry for unit, entry in results(stage, folder).items() if unit in wanted} for stage in STAGES
    )
    truths = {unit: truth for unit in answers if (truth := truth_of(unit, labels)) is not None}
    lengths = sorted({unit.rows for unit in wanted})
    print(f"\n{len(answers)} answers, {len(answers) - len(truths)} of them without a label; {len(labels)} labels")
    for rows in lengths:
        confusion(rows, {unit: truth for unit, truth in truths.items() if unit.rows == rows}, answers)
    goals(lengths, truths, answers, labels)
    gate_table(lengths, gates)
    probes_table(lengths, gates)
    tests_table(lengths, gates)
    process_table(answers, labels)


def truth_of(unit: Unit, labels: dict[Unit, Record]) -> str | None:
    """Simple and unpredictable by construction, otherwise the label; None where it is missing."""
    kind = PROCESSES[unit.process].kind
    return kind if kind != "nonlinear" else labels.get(unit, {}).get("label")


def column_of(answer: Record) -> str:
    """Verdict or lean."""
    if answer["state"] != "ok":
        return "failed"
    return f"leans {answer['lean']}" if answer["verdict"] == "inconclusive" else str(answer["verdict"])


def confusion(rows: int, truths: dict[Unit, str], answers: dict[Unit, Record]) -> None:
    """Truth against verdict of one length."""
    print(f"\n| {rows:,} rows: truth | {' | '.join(COLUMNS)} |\n|---|{'---|' * len(COLUMNS)}")
    for truth in TRUTHS:
        counts = Counter(column_of(answers[unit]) for unit in truths if truths[unit] == truth)
        print(f"| {truth} | {' | '.join(str(counts[column]) for column in COLUMNS)} |")


def goals(
    lengths: list[int], truths: dict[Unit, str], answers: dict[Unit, Record], labels: dict[Unit, Record]
) -> None:
    """What the verdicts promise, by length and over all of them."""
    scopes = [(f"{rows:,}", (rows,)) for rows in lengths] + [("all", tuple(lengths))]
    print(f"\n| | {' | '.join(name for name, _ in scopes)} |\n|---|{'---|' * len(scopes)}")
    tables = [
        goal_shares({u: t for u, t in truths.items() if u.rows in scope}, answers, labels) for _, scope in scopes
    ]
    for row in tables[0]:
        print(f"| {row} | {' | '.join(table[row] for table in tables)} |")


def goal_shares(
    truths: dict[Unit, str], answers: dict[Unit, Record], labels: dict[Unit, Record]
) -> dict[str, str]:
    """One column of the goals."""
    said = {unit: column_of(answers[unit]) for unit in truths if column_of(answers[unit]) != "failed"}
    of = {truth: [unit for unit in said if truths[unit] == truth] for truth in TRUTHS}
    plain, recurrent = of["simple"] + of["unpredictable"], of["recurrent"]
    settled = [unit for unit in plain + recurrent if not said[unit].startswith("leans")]
    built = [unit for unit in of["simple"] if PROCESSES[unit.process].kind == "simple"]
    simple = ("baseline", "unpredictable")
    powers = [power(unit.rows, labels[unit]) for unit in recurrent]
    return {
        "false `recurrent`": share(plain, lambda u: said[u] == "recurrent"),
        "missed: `baseline` or `unpredictable` where recurrent": share(recurrent, lambda u: said[u] in simple),
        "gate shut where recurrent": share(recurrent, lambda u: answers[u]["decision"] == "shut"),
        "`inconclusive`, grey left out": share(plain + recurrent, lambda u: said[u].startswith("leans")),
        "definite verdicts that are right: `recurrent` or not": share(
            settled, lambda u: (said[u] == "recurrent") == (truths[u] == "recurrent")
        ),
        "the same, `baseline` and `unpredictable` kept apart where built so": share(
            settled, lambda u: said[u] in right_verdicts(u, truths[u])
        ),
        "found: `recurrent` where recurrent": share(recurrent, lambda u: said[u] == "recurrent"),
        "mean power of the test there": f"{np.mean(powers):.0%}" if powers else "-",
        "`unpredictable` where simple by construction": share(built, lambda u: said[u] == "unpredictable"),
        "`baseline` where unpredictable": share(of["unpredictable"], lambda u: said[u] == "baseline"),
    }


def right_verdicts(unit: Unit, truth: str) -> tuple[str, ...]:
    """Definite verdicts that are right by how a process is built, or by what was measured of it."""
    kind = PROCESSES[unit.process].kind
    if kind != "nonlinear":
        return ("baseline",) if kind == "simple" else ("unpredictable",)
    return ("recurrent",) if truth == "recurrent" else ("baseline", "unpredictable")


def share(units: list[Unit], holds: Callable[[Unit], bool]) -> str:
    """Count and percentage, with the exact 95 % interval of Clopper and Pearson 1934."""
    if not units:
        return "-"
    found = [holds(unit) for unit in units]
    exact = stats.binomtest(sum(found), len(found)).proportion_ci(0.95, method="exact")
    return f"{fraction(found)} ({exact.low:.1%} to {exact.high:.1%})"


def fraction(found: Sequence[bool]) -> str:
    """Count and percentage."""
    return f"{sum(found)}/{len(found)} = {np.mean(found):.1%}" if found else "-"


def gate_table(lengths: list[int], gates: dict[Unit, Record]) -> None:
    """How often the gate is open, by process and length."""
    names = [name for name in PROCESSES if any(unit.process == name for unit in gates)]
    print(
        f"\n| gate open | kind | {' | '.join(f'{rows:,}' for rows in lengths)} |\n|---|---|{'---|' * len(lengths)}"
    )
    for name in names:
        cells = []
        for rows in lengths:
            units = [u for u in gates if u.process == name and u.rows == rows and gates[u]["state"] == "ok"]
            cells.append(fraction([gates[u]["decision"] == "open" for u in units]))
        print(f"| {name} | {PROCESSES[name].kind} | {' | '.join(cells)} |")


def tests_table(lengths: list[int], gates: dict[Unit, Record]) -> None:
    """How often each test on the residuals rejects at 5 %, and how often the gate is open beside it."""

    def rejected(test: str, units: list[Unit]) -> str:
        p_values = [gates[unit].get("tests", {}).get(test) for unit in units]
        return fraction([p_value < 0.05 for p_value in p_values if p_value is not None])

    tests = dict.fromkeys(name for entry in gates.values() for name in entry.get("tests", {}))
    kinds_table("rejected at 5 %", tests, lengths, gates, rejected)


def probes_table(lengths: list[int], gates: dict[Unit, Record]) -> None:
    """How often each probe keeps the gate open, and how often it is the only one that does."""
    known = {unit: entry.get("probes", []) for unit, entry in gates.items()}
    least = Request().min_gain

    def opening(name: str, units: list[Unit]) -> str:
        found = [{probe["name"] for probe in known[unit] if probe["gain_high"] >= least} for unit in units]
        return f"{fraction([name in names for names in found])}, {sum(names == {name} for names in found)}"

    probes = dict.fromkeys(probe["name"] for entry in known.values() for probe in entry)
    kinds_table("keeps the gate open, alone", probes, lengths, gates, opening)


def kinds_table(
    title: str,
    names: Iterable[str],
    lengths: list[int],
    gates: Iterable[Unit],
    cell: Callable[[str, list[Unit]], str],
) -> None:
    """Print what is found of each name on the series of each kind and length."""
    print(f"\n| {title} | kind | {' | '.join(f'{rows:,}' for rows in lengths)} |")
    print(f"|---|---|{'---|' * len(lengths)}")
    for kind in KINDS:
        of_kind = [unit for unit in gates if PROCESSES[unit.process].kind == kind]
        for name in names:
            cells = [cell(name, [unit for unit in of_kind if unit.rows == rows]) for rows in lengths]
            print(f"| {name} | {kind} | {' | '.join(cells)} |")


def process_table(answers: dict[Unit, Record], labels: dict[Unit, Record]) -> None:
    """Labelled gain and verdicts of each process and length."""
    print("\n| process | rows | labelled gain, median | gain on the holdout, median | verdicts | seconds |")
    print("|---|---|---|---|---|---|")
    groups = {(unit.process, unit.rows) for unit in (*answers, *labels)}
    for name in PROCESSES:
        for rows in sorted(rows for process, rows in groups if process == name):
            units = [unit for unit in answers if (unit.process, unit.rows) == (name, rows)]
            marked = [entry for unit, entry in labels.items() if (unit.process, unit.rows) == (name, rows)]
            counts = Counter(column_of(answers[unit]) for unit in units)
            verdicts = ", ".join(f"{counts[column]} {column}" for column in COLUMNS if counts[column])
            cells = [median(marked, "gain", ".1%"), median([answers[unit] for unit in units], "gain", ".1%")]
            seconds = median([answers[unit] for unit in units], "seconds", ".0f")
            print(f"| {name} | {rows:,} | {' | '.join(cells)} | {verdicts or '-'} | {seconds} |")


def median(entries: list[Record], key: str, form: str) -> str:
    """Median of what is known."""
    known = [entry[key] for entry in entries if entry.get(key) is not None]
    return format(float(np.median(known)), form) if known else "-"


if __name__ == "__main__":
    main()
