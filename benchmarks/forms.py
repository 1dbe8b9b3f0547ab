"""How well the input form is chosen, and how often another seed would choose another.

    python benchmarks/forms.py                        # what is missing
    python benchmarks/forms.py --report --set report  # the table, of odd draws only

A unit is (process, rows, draw) of ``benchmarks/processes.py``, nonlinear processes only. Where the gate opens, all
forms are tried as the product does, and those within 5 % of the best (contenders) on `TRIALS` replicates; then
three networks in each contending form learn all rows and forecast the 20,000 fresh ones behind them. From these
trials a rule of choice is replayed with any of the seeds of each fold:

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

from lstmsize.advisor.first_half import first_half
from lstmsize.approaches import ApproachTrials
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.executors import ProcessExecutor
from lstmsize.readers import read_series
from lstmsize.replicates import Replicate
from lstmsize.series import FloatArray
from lstmsize.splits import Fold, cut
from lstmsize.trials import HOLDOUT, Approach, Job
from processes import PROCESSES, draw
from real import Contest
from verdicts import FRESH, Unit

RESULTS = Path(__file__).resolve().parent / "results" / "forms.jsonl"
TRIALS = 9
CONTENDING = 0.05
NETWORKS = 3
FIRST_DRAW = 20


@dataclass(frozen=True)
class Rule:
    """A way to choose: the lowest mean over one trial per fold, or over two where another form is close.

    Parameters
    ----------
    close : float
        A second trial per fold is made where another form's mean is less than so much above the lowest.
    tie : float
        The plainest form whose mean is within so much of the lowest is taken.
    """

    close: float
    tie: float

    def choose(self, once: FloatArray, twice: FloatArray) -> tuple[int, bool]:
        """Choose from means over one and over two trials per fold, plain forms first; say whether twice."""
        near = once <= once.min() * (1 + self.close)
        again = int(near.sum()) > 1
        means = np.where(near, twice, np.inf) if again else once
        return int(np.flatnonzero(means <= means.min() * (1 + self.tie))[0]), again


RULES = [Rule(close, tie) for close in (-1.0, 0.01, 0.02, 0.03, 0.05) for tie in (0.0, 0.0025, 0.005, 0.01)]


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=2, help="draws of each process and length")
    parser.add_argument("--rows", type=int, nargs="+", default=(1000, 5000))
    parser.add_argument("--set", choices=("choice", "report"), help="only even, or only odd draws")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--report", action="store_true", help="only print the table")
    options = parser.parse_args()
    parity = {None: (0, 1), "choice": (0,), "report": (1,)}[options.set]
    names = [name for name, process in PROCESSES.items() if process.kind == "nonlinear"]
    draws = [number for number in range(FIRST_DRAW, FIRST_DRAW + options.draws) if number % 2 in parity]
    units = [Unit(name, rows, number) for number in draws for rows in options.rows for name in names]
    if not options.report:
        done = found(options.results)
        for unit in units:
            if unit not in done:
                started = monotonic()
                entry = measure(unit, options.jobs)
                seconds = round(monotonic() - started, 1)
                jsonl.append(options.results, {**asdict(unit), **entry, "seconds": seconds})
                print(unit, {name: entry[name] for name in ("gate", "errors") if name in entry}, flush=True)
    report([entry for unit, entry in found(options.results).items() if unit in units])


def found(path: Path) -> dict[Unit, dict[str, Any]]:
    """Read the results file."""
    return {Unit(entry["process"], entry["rows"], entry["draw"]): entry for entry in jsonl.read(path)}


def measure(unit: Unit, jobs: int) -> dict[str, Any]:
    """Try the forms of one series, and train networks in those that contend."""
    values = draw(unit.process, unit.rows + FRESH, unit.draw)
    first = first_half(read_series(values[: unit.rows]), Request(), silent)
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
        folds = search.fold_count
        approaches = {str(Approach(form=form)): Approach(form=form) for form in contest.plan.forms}
        tried = {name: trials.losses[name] for name in approaches if set(range(folds)) <= set(trials.losses[name])}
        means = {name: float(np.mean(list(losses.values()))) for name, losses in tried.items()}
        contenders = [name for name in tried if means[name] <= min(means.values()) * (1 + CONTENDING)]
        more = [
            search.job(approaches[name], Replicate(cell, number), trial=True)
            for name in contenders
            for number in range(folds, TRIALS)
        ]
        finals = [
            Job(approach=approaches[name], replicate=Replicate(cell, number), fold=HOLDOUT)
            for name in contenders
            for number in range(NETWORKS)
        ]
        if len(contenders) > 1:
            for job, result in search.train([*more, *finals], None).items():
                loss = search.loss(job, result)
                if job.trial:
                    tried[str(job.approach)][job.replicate.number] = np.inf if loss is None else loss
        errors = {
            name: [search.loss(job, search.trainings[job]) for job in finals if str(job.approach) == name]
            for name in contenders
            if len(contenders) > 1
        }
    losses = {name: [tried[name][number] for number in sorted(tried[name])] for name in contenders}
    return {"gate": "open", "folds": folds, "losses": losses, "errors": errors}


def report(entries: list[dict[str, Any]]) -> None:
    """Print what each rule would have chosen."""
    opened = [entry for entry in entries if entry["gate"] == "open"]
    contested = [entry for entry in opened if entry["errors"]]
    print(
        f"\n{len(entries)} series, the gate open on {len(opened)}, several forms contending on {len(contested)}\n"
    )
    print("| close | tie | regret | its 95th percentile | not the most frequent choice | tried twice |")
    print("|---|---|---|---|---|---|")
    for rule in RULES:
        regrets, others, again = zip(*(replay(rule, entry) for entry in contested), strict=True)
        each = np.array([float(np.mean(regret)) for regret in regrets])
        stderr = each.std(ddof=1) / np.sqrt(len(each))
        close = "never" if rule.close < 0 else f"{rule.close:.1%}"
        print(
            f"| {close} | {rule.tie:.2%} | {each.mean():.2%} ± {stderr:.2%} "
            f"| {np.quantile(np.concatenate(regrets), 0.95):.1%} | {np.mean(others):.1%} | {np.mean(again):.0%} |"
        )


def replay(rule: Rule, entry: dict[str, Any]) -> tuple[FloatArray, float, float]:
    """Regrets of one series over the seeds of its trials, share of unusual choices, and share tried twice."""
    losses = np.array(list(entry["losses"].values()))
    errors = np.array([np.mean([np.inf if e is None else e for e in each]) for each in entry["errors"].values()])
    folds = entry["folds"]
    per_fold = [range(fold, losses.shape[1], folds) for fold in range(folds)]
    choices, again = [], []
    for first in itertools.product(*per_fold):
        for second in itertools.product(*per_fold):
            if any(one == other for one, other in zip(first, second, strict=True)):
                continue
            once = losses[:, first].mean(axis=1)
            twice = (once + losses[:, second].mean(axis=1)) / 2
            choice, retried = rule.choose(once, twice)
            choices.append(choice)
            again.append(retried)
    usual = Counter(choices).most_common(1)[0][1] / len(choices)
    return errors[choices] / errors.min() - 1, 1 - usual, float(np.mean(again))


if __name__ == "__main__":
    main()
