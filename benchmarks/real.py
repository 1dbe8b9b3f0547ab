"""Honest on real series: what following the advice costs on the rows that come next.

    python benchmarks/real.py --data FOLDER            # or LSTMSIZE_DATA=FOLDER
    python benchmarks/real.py --only shampoo --origins 0.75
    python benchmarks/real.py --report                 # print the tables of the results file

Each series is cut at 60, 75 and 90 % of its rows. The advisor sees the rows before the origin only; its advice is
then refitted on all of them and followed on the next unseen block, the following 10 % of the rows, 2,000 at most:
networks of the recommended size, form and window where it says or leans ``recurrent``, otherwise the best
baseline. The rivals on the same block are that baseline, chosen on the folds as the product does, and four sizes
in the advised form; where the gate was shut the product's own trials choose their form among all its candidates.
A size's error is the mean RMSE of three single networks, and

    excess = error of a policy / the least error of the baseline and the four sizes, in hindsight - 1.

The product keeps its promise if the advice's mean excess is at most 1 % and below that of always taking the
baseline and of always taking 64x1. Records are appended to ``benchmarks/results/real.jsonl`` as they come, and
what stands there is not run again.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from threadpoolctl import threadpool_limits

from lstmsize.advisor import recommend
from lstmsize.advisor.first_half import FirstHalf, first_half, look_at
from lstmsize.advisor.plan import RECIPE, Plan, make_plan
from lstmsize.advisor.yardsticks import correctable_forecasts
from lstmsize.approaches import ApproachTrials
from lstmsize.baselines import FoldForecasts, forecast_fold
from lstmsize.config import Request
from lstmsize.errors import DataError
from lstmsize.events import silent
from lstmsize.executors import ProcessExecutor, available_cores
from lstmsize.ledger import Ledger
from lstmsize.metrics import aggregate, losses
from lstmsize.readers import read_series
from lstmsize.replicates import Replicate
from lstmsize.results import Recommendation
from lstmsize.scoring import Scoring
from lstmsize.search import Search
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import LEAST_SCORED, Fold, Splits
from lstmsize.trials import HOLDOUT, Approach, Job, Trainer, TrialResult
from lstmsize.yardstick import Yardstick
from reference import REFERENCE

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
EXAMPLES = ("airline_passengers", "co2_weekly", "sunspots_monthly")
TWINS = ("monthly-sunspots",)
"""Reference series with the very values of an example: counted once."""

ORIGINS = (0.6, 0.75, 0.9)
BLOCK_SHARE, MOST_BLOCK = 0.1, 2000
CELLS = (Cell(32, 1), Cell(64, 1), Cell(128, 1), Cell(64, 2))
ALWAYS = Cell(64, 1)
SEEDS = 3
GOAL = 0.01
POLICIES = ("advice", "baseline", str(ALWAYS))
RESAMPLES = 10_000


@dataclass(frozen=True, kw_only=True)
class Task:
    """One series at one origin."""

    series: str
    path: Path
    target: str | None
    share: float


def main() -> None:
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results file")
    parser.add_argument("--only", nargs="+", metavar="SERIES", help="names of the series to run")
    parser.add_argument("--origins", nargs="+", type=float, default=ORIGINS, metavar="SHARE")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--least-block", type=int, default=0, metavar="ROWS", help="report only longer blocks")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    options = parser.parse_args()
    file = options.results / "real.jsonl"
    if not options.report:
        done = {(entry["series"], entry["share"]) for entry in jsonl.read(file)}
        wanted = [task for task in tasks(options.data, options.origins) if (task.series, task.share) not in done]
        for task in wanted:
            if not options.only or task.series in options.only:
                keep(file, measure(task, options.jobs))
    report([entry for entry in jsonl.read(file) if entry["block"] >= options.least_block])


def tasks(folder: str | None, origins: list[float]) -> list[Task]:
    """List the real examples and, where the folder is there, the reference series, at every origin."""
    found: list[tuple[str, Path, str | None]] = [
        (f"examples/{name}", ROOT / "examples" / f"{name}.csv", None) for name in EXAMPLES
    ]
    if folder is None or not Path(folder).is_dir():
        print("the reference series are skipped: name their folder with --data or LSTMSIZE_DATA", file=sys.stderr)
    else:
        for name, *arguments in map(str.split, REFERENCE):
            if name not in TWINS:
                target = arguments[arguments.index("--target") + 1] if "--target" in arguments else None
                found.append((name, Path(folder) / f"{name}.csv", target))
    return [Task(series=n, path=p, target=t, share=share) for n, p, t in found for share in origins]


def measure(task: Task, jobs: int) -> dict[str, Any]:
    """Ask for advice at one origin and follow it; a series too short for that gives the reason."""
    series = read_series(task.path, target=task.target)
    origin = round(series.rows * task.share)
    stop = min(series.rows, origin + min(MOST_BLOCK, round(series.rows * BLOCK_SHARE)))
    entry = {
        "series": task.series,
        "share": task.share,
        "rows": series.rows,
        "origin": origin,
        "block": stop - origin,
        "versions": {"lstmsize": version("lstmsize"), "torch": version("torch"), "cores": available_cores()},
    }
    if stop - origin < LEAST_SCORED:
        return entry | {"skipped": f"the next block has {stop - origin} rows"}
    clock = monotonic()
    try:
        before = replace(series, values=series.values[:origin], source=task.series, sha256="")
        advice = recommend(before, Request(), jobs=jobs)
        advised = monotonic() - clock
        first = first_half(look_at(before, Request()), Request(), silent)
    except DataError as error:
        return entry | {"skipped": str(error)}
    if first.board is None:
        return entry | {"skipped": "an exact recursion leaves nothing to compare"}
    # The product's own rule for the tail of a training part.
    fold = Splits(rows=stop, development=origin, folds=()).final
    found = Contest.on(series.target[:stop], first, fold, jobs).run(advice)
    return entry | said(advice) | found | {"advice_seconds": round(advised, 1)}


def said(advice: Recommendation) -> dict[str, Any]:
    """Return what the advisor said."""
    choice, gate, holdout = advice.recommendation, advice.gate, advice.holdout
    return {
        "verdict": advice.verdict,
        "lean": advice.lean,
        "size": None if choice is None else str(Cell(choice.units, choice.layers)),
        "best_baseline": advice.best_baseline,
        "gate": None if gate is None else gate.decision,
        "gain": None if holdout is None else holdout.gain,
    }


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Advice and rivals, refitted before one origin and scored on the block after it."""

    values: FloatArray
    first: FirstHalf
    plan: Plan
    fold: Fold
    baselines: FoldForecasts
    jobs: int

    @classmethod
    def on(cls, values: FloatArray, first: FirstHalf, fold: Fold, jobs: int) -> Contest:
        """Refit the baselines before the origin."""
        with threadpool_limits(1):
            refitted = forecast_fold(values, fold, first.seasons, "rmse", logarithm=first.logarithm)
        plan = make_plan(first, Request())
        return cls(values=values, first=first, plan=plan, fold=fold, baselines=refitted, jobs=jobs)

    def run(self, advice: Recommendation) -> dict[str, Any]:
        """Train the advised size and the four rivals; return their errors by seed, and the baseline's."""
        if self.first.best not in self.baselines.forecasts:
            return {"skipped": f"{self.first.best} cannot forecast every row of the block"}
        clock = monotonic()
        trainer = self.trainer()
        with ProcessExecutor(trainer, self.jobs) as executor:
            search = self.search(trainer, executor)
            approach = self._advised(advice)
            if approach is None:
                trials = ApproachTrials(search=search, cell=self.plan.space.smallest, deadline=None)
                approach = trials.choose(self.plan.forms)
            tried = monotonic()
            results = search.train(self._networks(approach, advice), None)
        return {
            "form": str(approach),
            "form_from": "trials" if advice.transform is None else "advice",
            "window": self.plan.window,
            "baseline": search.scoring.yardsticks[HOLDOUT].error,
            "cells": self._errors(results),
            "form_seconds": round(tried - clock, 1),
            "network_seconds": round(monotonic() - tried, 1),
        }

    def trainer(self) -> Trainer:
        """What workers hold."""
        return Trainer(
            values=self.values,
            folds={**dict(enumerate(self.first.splits.folds)), HOLDOUT: self.fold},
            bases=correctable_forecasts(self.first, self.baselines),
            window=self.plan.window,
            metric="rmse",
            seed=Request().seed,
            recipe=RECIPE,
        )

    def search(self, trainer: Trainer, executor: ProcessExecutor[Job, TrialResult]) -> Search:
        """What trains, measured by the best baseline."""
        best, board = self.first.best, self.first.board
        if board is None:
            raise ValueError("an exact recursion leaves nothing to compare")
        forecasts = {**dict(enumerate(board.forecasts[best])), HOLDOUT: self.baselines.forecasts[best]}
        yardsticks = {
            number: Yardstick.of(self.values, forecasts[number].values, fold, "rmse", board.floor)
            for number, fold in trainer.folds.items()
        }
        return Search(
            scoring=Scoring(yardsticks=yardsticks, metric="rmse", seasons=self.first.seasons),
            executor=executor,
            ledger=Ledger(None, {}, self.plan.space),
            progress=silent,
        )

    def _advised(self, advice: Recommendation) -> Approach | None:
        wanted = advice.transform
        if wanted is None:
            return None
        form = next(form for form in self.plan.forms if (form.kind, form.log) == (wanted.kind, wanted.log))
        return Approach(form=form, weight_decay=wanted.weight_decay)

    def _networks(self, approach: Approach, advice: Recommendation) -> list[Job]:
        choice = advice.recommendation
        chosen = [] if choice is None else [Cell(choice.units, choice.layers)]
        cells = sorted({*CELLS, *chosen}, key=lambda cell: -cell.parameters())  # the long trainings first
        return [
            Job(approach=approach, replicate=Replicate(cell, number), fold=HOLDOUT)
            for cell in cells
            for number in range(SEEDS)
        ]

    def _errors(self, results: dict[Job, TrialResult]) -> dict[str, list[float | None]]:
        actual = self.values[self.fold.train_stop :]
        errors: dict[str, list[float | None]] = {}
        for job, result in results.items():
            loss = losses(actual, np.array(result.forecasts), "rmse") if result.forecasts else None
            error = None if loss is None else aggregate(loss, "rmse")
            errors.setdefault(str(job.replicate.cell), []).append(error)
        return errors


def keep(file: Path, entry: dict[str, Any]) -> None:
    """Append one record and show it."""
    jsonl.append(file, entry)
    print(entry, file=sys.stderr, flush=True)


def policy_errors(entry: dict[str, Any]) -> dict[str, float]:
    """Return the error of each policy, and of hindsight."""
    sizes, baseline = size_errors(entry), entry["baseline"]
    return {
        "advice": sizes[entry["size"]] if entry["size"] else baseline,
        "baseline": baseline,
        str(ALWAYS): sizes[str(ALWAYS)],
        "hindsight": min(baseline, *(sizes[str(cell)] for cell in CELLS)),
    }


def size_errors(entry: dict[str, Any]) -> dict[str, float]:
    """Mean error of each size's networks; where all failed, a user would fall back on the baseline."""
    found = {}
    for name, errors in entry["cells"].items():
        known = [error for error in errors if error is not None]
        found[name] = float(np.mean(known)) if known else entry["baseline"]
    return found


def report(entries: list[dict[str, Any]]) -> None:
    """Print one line per series and origin, what was skipped, and the means, in Markdown."""
    heads = ("series", "origin", "block", "verdict", "form", "followed", "best in hindsight", "gate")
    head(*heads, "excess: advice", "always the baseline", f"always {ALWAYS}", "seconds")
    excess: dict[str, list[list[float]]] = {}
    for entry in sorted((e for e in entries if "skipped" not in e), key=lambda e: (e["series"], e["share"])):
        errors = policy_errors(entry)
        least = errors["hindsight"]
        found = [errors[policy] / least - 1 for policy in POLICIES]
        excess.setdefault(entry["series"], []).append(found)
        line(entry, errors, found)
    print()
    for entry in entries:
        if "skipped" in entry:
            print(f"- skipped: {entry['series']} at {entry['share']:.0%}: {entry['skipped']}")
    if excess:
        means(excess)


def head(*names: str) -> None:
    """Print the head of a table."""
    print(f"| {' | '.join(names)} |")
    print("|" + "---|" * len(names))


def line(entry: dict[str, Any], errors: dict[str, float], excess: list[float]) -> None:
    """Print one series at one origin."""
    sizes = size_errors(entry)
    best = min(map(str, CELLS), key=lambda name: sizes[name])
    if errors["baseline"] <= sizes[best]:
        best = entry["best_baseline"]
    verdict = entry["verdict"] + (f", leans {entry['lean']}" if entry["lean"] else "")
    seconds = sum(entry[f"{part}_seconds"] for part in ("advice", "form", "network"))
    shares = " | ".join(f"{value:.1%}" for value in excess)
    print(
        f"| {entry['series']} | {entry['share']:.0%} of {entry['rows']:,} | {entry['block']:,} | {verdict} "
        f"| {entry['form']} | {entry['size'] or entry['best_baseline']} | {best} | {entry['gate']} "
        f"| {shares} | {seconds:.0f} |"
    )


def means(excess: dict[str, list[list[float]]]) -> None:
    """Print the mean excess of each policy, every series weighing the same, with a bootstrap over series."""
    table = np.array([np.mean(origins, axis=0) for origins in excess.values()])
    drawn = np.random.default_rng(0).integers(len(table), size=(RESAMPLES, len(table)))
    resampled = table[drawn].mean(axis=1)
    every = np.array([origin for origins in excess.values() for origin in origins])
    print()
    heads = ("policy", f"mean excess, {len(table)} series", "standard error", f"median of {len(every)}", "worst")
    head(*heads, "the advice is better by", "standard error")
    for column, policy in enumerate(POLICIES):
        ahead, spread = table[:, column] - table[:, 0], resampled[:, column] - resampled[:, 0]
        paired = f"{ahead.mean():.2%} | {spread.std():.2%}" if column else "- | -"
        name = policy if column == 0 else f"always {policy}"
        print(
            f"| {name} | {table[:, column].mean():.2%} | {resampled[:, column].std():.2%} "
            f"| {np.median(every[:, column]):.2%} | {every[:, column].max():.1%} | {paired} |"
        )
    mean = table.mean(axis=0)
    kept = mean[0] <= GOAL and mean[0] < mean[1:].min()
    print(f"\nGoal: at most {GOAL:.0%} and below both other policies: {'reached' if kept else 'not reached'}.")


if __name__ == "__main__":
    main()
