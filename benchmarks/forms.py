"""How well the input form is chosen, and how often another seed would choose another.

    python benchmarks/forms.py                        # what is missing
    python benchmarks/forms.py --report --set report  # the table, of odd draws only

A unit is (process, rows, draw) of ``benchmarks/processes.py``, nonlinear processes only. Where the gate opens, all
forms are tried as the product does, and those within 5 % of the best (contenders) on `TRIALS` replicates, with as
many whole trainings; then three networks in each contending form learn all rows and forecast the 20,000 fresh ones
behind them. From these trials a rule of choice is replayed with either of the seeds of each fold:

    regret = error of the chosen form on the fresh rows / least error of a contender - 1,

and the share of replays that do not choose what most of them do. Even draws are the set on which a rule may be
chosen, odd ones that on which it is reported. Records are appended to ``benchmarks/results/forms.jsonl`` as they
come, and what stands there is not run again.
"""

from __future__ import annotations

import argparse
import itertools
import os
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from lstmsize.advisor.first_half import first_half, look_at
from lstmsize.approaches import ApproachTrials
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.executors import ProcessExecutor
from lstmsize.readers import read_series
from lstmsize.replicates import Replicate
from lstmsize.series import FloatArray
from lstmsize.splits import Fold, cut
from lstmsize.trials import HOLDOUT, Approach, Job
from lstmsize.windows import IndexArray
from processes import PROCESSES, draw
from real import Contest
from verdicts import FRESH, RESULTS, Unit, results

TRIALS = 6
CONTENDING = 0.05
NETWORKS = 3
FIRST_DRAW = 20


@dataclass(frozen=True)
class Rule:
    """A way to choose: the lowest mean over one trial per fold, or over more where another form is close.

    Parameters
    ----------
    close : float
        More is done where another form's mean is less than so much above the lowest.
    whole : bool
        What is done: one whole training per fold, which alone counts then, instead of another trial.
    tie : float
        The plainest form whose mean is within so much of the lowest is taken.
    """

    close: float
    whole: bool
    tie: float

    def choose(self, once: FloatArray, more: FloatArray) -> tuple[int, IndexArray]:
        """Choose from means over one trial per fold and over more, plain forms first; say which were close."""
        near = once <= once.min() * (1 + self.close)
        if near.sum() < 2:
            near[:] = False
        means = np.where(near, more, np.inf) if near.any() else once
        return int(np.flatnonzero(means <= means.min() * (1 + self.tie))[0]), np.flatnonzero(near)


RULES = [
    Rule(close, whole, tie)
    for close, whole in (
        (-1.0, False),
        *((close, whole) for whole in (False, True) for close in (0.01, 0.02, 0.03, 0.05)),
    )
    for tie in (0.0, 0.005)
]


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2, help="draws of each process and length")
    parser.add_argument("--rows", type=int, nargs="+", default=(1000, 5000))
    parser.add_argument("--set", choices=("choice", "report"), help="only even, or only odd draws")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results files")
    parser.add_argument("--report", action="store_true", help="only print the table")
    options = parser.parse_args()
    parity = {None: (0, 1), "choice": (0,), "report": (1,)}[options.set]
    names = [name for name, process in PROCESSES.items() if process.kind == "nonlinear"]
    draws = [number for number in range(FIRST_DRAW, FIRST_DRAW + options.draws) if number % 2 in parity]
    units = [Unit(name, rows, number) for number in draws for rows in options.rows for name in names]
    if not options.report:
        done = results("forms", options.results)
        for unit in units:
            if unit not in done:
                started = monotonic()
                entry = measure(unit, options.jobs)
                seconds = round(monotonic() - started, 1)
                jsonl.append(options.results / "forms.jsonl", {**asdict(unit), **entry, "seconds": seconds})
                print(unit, {name: entry[name] for name in ("gate", "errors") if name in entry}, flush=True)
    report([entry for unit, entry in results("forms", options.results).items() if unit in units])


def measure(unit: Unit, jobs: int) -> dict[str, Any]:
    """Try the forms of one series, and train networks in those that contend."""
    values = draw(unit.process, unit.rows + FRESH, unit.draw)
    first = first_half(look_at(read_series(values[: unit.rows]), Request()), Request(), silent)
    if first.gate.decision == "shut":
        return {"gate": "shut"}
    final = cut(unit.rows).final
    fold = Fold(head_stop=final.head_stop, train_stop=unit.rows, score_stop=len(values))
    contest = Contest.on(values, first, fold, jobs)
    trainer = contest.trainer()
    with ProcessExecutor(trainer, jobs) as executor:
        search = contest.search(trainer, executor)
        cell = contest.plan.space.smallest
        trials = ApproachTrials(search=search, cell=cell, deadline=None)
        trials.choose(contest.plan.forms)
        folds = search.scoring.fold_count
        approaches = {str(Approach(form=form)): Approach(form=form) for form in contest.plan.forms}
        tried = {name: trials.losses[name] for name in approaches if set(range(folds)) <= set(trials.losses[name])}
        means = {name: float(np.mean(list(losses.values()))) for name, losses in tried.items()}
        contenders = [name for name in tried if means[name] <= min(means.values()) * (1 + CONTENDING)]
        if len(contenders) < 2:
            return {"gate": "open", "folds": folds, "losses": {}, "whole": {}, "errors": {}}
        more = [
            Job.of(approaches[name], Replicate(cell, number), folds, trial=True)
            for name in contenders
            for number in range(folds, TRIALS)
        ]
        finals = [
            Job(approach=approaches[name], replicate=Replicate(cell, number), fold=HOLDOUT)
            for name in contenders
            for number in range(NETWORKS)
        ]
        whole = [
            Job.of(approaches[name], Replicate(cell, number), folds)
            for name in contenders
            for number in range(TRIALS)
        ]
        search.train([*more, *whole, *finals], None)
    kinds = ("losses", "whole", "errors", "trial_seconds", "whole_seconds")
    made: dict[str, dict[str, list[float | None]]] = {kind: {name: [] for name in contenders} for kind in kinds}
    for job, result in sorted(search.trainings.items(), key=lambda item: item[0].replicate.number):
        if (name := str(job.approach)) not in contenders:
            continue
        kind = "losses" if job.trial else "errors" if job.fold == HOLDOUT else "whole"
        made[kind][name].append(search.scoring.loss(job, result))
        if job.fold != HOLDOUT:
            seconds = "trial_seconds" if job.trial else "whole_seconds"
            made[seconds][name].append(round(result.seconds, 2))
    return {"gate": "open", "folds": folds, **made}


def report(entries: list[dict[str, Any]]) -> None:
    """Print what each rule would have chosen."""
    opened = [entry for entry in entries if entry["gate"] == "open"]
    contested = [entry for entry in opened if entry["errors"]]
    print(
        f"\n{len(entries)} series, the gate open on {len(opened)}, several forms contending on {len(contested)}\n"
    )
    print("| close | then | tie | regret | its 95th percentile | not the most frequent choice | more | seconds |")
    print("|---|---|---|---|---|---|---|---|")
    for rule in RULES:
        regrets, others, more, seconds = zip(*(replay(rule, entry) for entry in contested), strict=True)
        each = np.array([float(np.mean(regret)) for regret in regrets])
        stderr = each.std(ddof=1) / np.sqrt(len(each))
        close = "never" if rule.close < 0 else f"{rule.close:.1%}"
        print(
            f"| {close} | {'whole trainings' if rule.whole else 'trials'} | {rule.tie:.1%} "
            f"| {each.mean():.2%} ± {stderr:.2%} | {np.quantile(np.concatenate(regrets), 0.95):.1%} "
            f"| {np.mean(others):.1%} | {np.mean(more):.0%} | {np.mean(seconds):.1f} |"
        )


def replay(rule: Rule, entry: dict[str, Any]) -> tuple[FloatArray, float, float, float]:
    """Replay a rule on one series with either seed of each fold.

    Returns the regrets, the share of unusual choices, the share of replays in which more was done, and the mean
    seconds of what was done more than the search would do anyway.
    """
    losses, whole, errors = (matrix(entry[kind]) for kind in ("losses", "whole", "errors"))
    trial_seconds, whole_seconds = (matrix(entry[kind]) for kind in ("trial_seconds", "whole_seconds"))
    folds, error = entry["folds"], errors.mean(axis=1)
    choices, more, seconds = [], [], []
    for firsts in itertools.product((0, 1), repeat=folds):
        first = [fold + folds * one for fold, one in enumerate(firsts)]
        second = [fold + folds * (1 - one) for fold, one in enumerate(firsts)]
        once = losses[:, first].mean(axis=1)
        after = whole[:, first].mean(axis=1) if rule.whole else losses.mean(axis=1)
        choice, near = rule.choose(once, after)
        choices.append(choice)
        more.append(len(near) > 0)
        # Whole trainings of the form that is chosen are the search's own.
        extra = (
            whole_seconds[np.setdiff1d(near, choice)][:, first] if rule.whole else trial_seconds[near][:, second]
        )
        seconds.append(float(extra.sum()))
    usual = Counter(choices).most_common(1)[0][1] / len(choices)
    return error[choices] / error.min() - 1, 1 - usual, float(np.mean(more)), float(np.mean(seconds))


def matrix(values: dict[str, list[float | None]]) -> FloatArray:
    """One row per form; infinite where a training failed."""
    return np.array([[np.inf if value is None else value for value in row] for row in values.values()])


if __name__ == "__main__":
    main()
