"""The right size against the recommended one: a table of trainings to convergence, and searches replayed in it.

    python benchmarks/sizes.py --data FOLDER           # fill the table (or LSTMSIZE_DATA=FOLDER); hours, resumable
    python benchmarks/sizes.py --most-seconds 3600     # the same for an hour; trainings begun are finished
    python benchmarks/sizes.py --sizes 32x1 64x1       # only these of the grid
    python benchmarks/sizes.py --stability 20          # whole runs of the advisor with 20 seeds each
    python benchmarks/sizes.py --report                # print tables and goals of what is there

Every size of the grid is trained by the engine as it is (one recipe, form and window for all sizes of a series) on
the two latest folds and on the holdout with five seeds, and with ten where it is within 2 % of the best, the
tolerance that sizes are compared with. Errors are relative to the best baseline's, as in the product. Beside the
error at convergence stands that of the same training after at most 600 steps. First seeds and cheap trainings
come first, and several seeds of a cheap size before the first of a costly one, so that a table filled in part can
be read. Results are appended to ``benchmarks/results/sizes.jsonl`` and ``stability.jsonl`` as they come; what
stands there is not run again. The generated series are in ``hard.py``, the replays in ``replay.py``, the goals in
``goals.py``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar

os.environ.setdefault("OMP_NUM_THREADS", "1")

import jsonl
from goals import report
from hard import ROWS, SERIES, WINDOWS
from lstmsize import learning, training
from lstmsize.advisor import recommend
from lstmsize.advisor.environment import environment_record
from lstmsize.advisor.first_half import first_half, look_at
from lstmsize.advisor.plan import EFFORT, RECIPE, make_plan, trainer_of
from lstmsize.advisor.yardsticks import baselines_on_holdout, correctable_forecasts, yardsticks_of
from lstmsize.config import Request
from lstmsize.events import silent
from lstmsize.readers import read_series
from lstmsize.recipe import Recipe
from lstmsize.replicates import Replicate
from lstmsize.scoring import Scoring
from lstmsize.series import Series
from lstmsize.space import Cell
from lstmsize.splits import FOLDS
from lstmsize.strategy import Settings
from lstmsize.trials import HOLDOUT, Approach, Job, Trainer
from replay import COMMON, Table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
GRID = (
    *(Cell(units, layers) for layers in (1, 2) for units in (32, 64, 128, 256)),
    *(Cell(u, 3) for u in (32, 64, 128)),
)
BLOCKS = {"fold1": 1, "fold2": 2, "holdout": HOLDOUT}
FILES = {"river_flow_saugeen": ("level", 0.0), "births_us": ("correction", 1.0)}
"""Series from files, the input form that the advisor chooses for them and its weight decay; generated ones go in
as they are, without any."""

STABILITY = ("threshold", "interactions", "automaton", "river_flow_saugeen", "births_us")
STEP = ("channels", "window", "batch")
"""What the arithmetic of a training step follows from."""

MOST_SEEDS, NEAR, SHORT, CURVE_POINTS = 10, 0.02, 600, 16


@dataclass(frozen=True, order=True)
class Unit:
    """One training of the table."""

    series: str
    units: int
    layers: int
    block: str
    seed: int


@dataclass(frozen=True)
class Held:
    """What workers hold of a series."""

    trainer: Trainer
    scoring: Scoring
    approach: Approach


class Watched(learning.Run):
    """Keeps what the refit would have forecast after a short training."""

    problem: ClassVar[training.Problem]
    early: ClassVar[list[float] | None] = None

    def advance(self, steps: int, stop: int) -> None:
        """Train; stop on the way to look, which changes nothing about the training."""
        if stop == self.problem.fold.train_stop and self.steps + steps > SHORT:
            super().advance(SHORT, stop)
            Watched.early = training._forecasts(self, self.problem).tolist()
            steps -= SHORT
        super().advance(steps, stop)


_train_replicate = training.train_replicate
_held: dict[str, Held] = {}


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--series", nargs="+", help="only these")
    parser.add_argument("--sizes", nargs="+", type=size, default=GRID, help="only these, as in 128x2")
    parser.add_argument("--seeds", type=int, default=COMMON, help="seeds of every size")
    parser.add_argument("--most-steps", type=int, default=RECIPE.most_steps, help="cap on a training's steps")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--most-seconds", type=float, default=float("inf"), help="begin nothing after that")
    parser.add_argument("--stability", type=int, metavar="N", help="whole runs with N seeds instead of the table")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results files")
    parser.add_argument("--replays", type=int, default=200, help="replays per series in the report")
    parser.add_argument("--report", action="store_true", help="only print what is in the results files")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    deadline = monotonic() + options.most_seconds
    if options.stability is not None:
        run_stability(options, deadline)
    elif not options.report:
        fill(options, deadline)
    tables = read_tables(options.results / "sizes.jsonl")
    report(list(tables.values()), jsonl.read(options.results / "stability.jsonl"), options.replays)


def size(text: str) -> Cell:
    """Read a size."""
    units, layers = map(int, text.split("x"))
    return Cell(units, layers)


def find_series(options: argparse.Namespace, wanted: tuple[str, ...]) -> dict[str, Series]:
    """Read or generate the series; those of the reference folder are left out where it is not there."""
    folder = Path(options.data) if options.data else None
    found = {}
    for name in wanted:
        if options.series and name not in options.series:
            continue
        if name in SERIES:
            found[name] = read_series(SERIES[name](ROWS))
            continue
        files = [ROOT / "examples" / f"{name}.csv", *([folder / f"{name}.csv"] if folder else [])]
        if file := next((file for file in files if file.exists()), None):
            found[name] = read_series(file)
        else:
            print(f"{name} is skipped: name its folder with --data or LSTMSIZE_DATA", file=sys.stderr)
    return found


def fill(options: argparse.Namespace, deadline: float) -> None:
    """Train what the table lacks: first the seeds of every size, then more of those near the best."""
    path = options.results / "sizes.jsonl"
    recipe = replace(RECIPE, most_steps=options.most_steps)
    found = find_series(options, (*FILES, *SERIES))
    prepared = {name: prepare(name, series, recipe) for name, series in found.items()}
    held = {name: each for name, (_, each) in prepared.items()}
    known = {entry["series"]: entry["about"] for entry in jsonl.read(path) if "about" in entry}
    for name, (about, _) in prepared.items():
        if known.setdefault(name, about) is about:
            jsonl.append(path, {"series": name, "about": about})
        elif {**known[name], "versions": None} != {**about, "versions": None}:
            raise SystemExit(f"{path}: {name} was trained with other settings; move the file away")
    names = list(prepared)
    while (units := missing(read_tables(path), names, options.sizes, options.seeds)) and monotonic() < deadline:
        run(units, held, path, options.jobs, deadline)


def prepare(name: str, series: Series, recipe: Recipe) -> tuple[dict[str, Any], Held]:
    """Walk the first half of the journey; return what the report needs to know, and what workers hold."""
    request = Request(window=WINDOWS.get(name))
    first = first_half(look_at(series, request), request, silent)
    plan = make_plan(first, request)
    final = baselines_on_holdout(first, request)
    trainer = replace(trainer_of(first, request, "cpu"), bases=correctable_forecasts(first, final), recipe=recipe)
    yardsticks = yardsticks_of(first, request, final)
    scoring = Scoring(yardsticks=yardsticks, metric=request.metric, seasons=first.seasons)
    kind, weight_decay = FILES.get(name, ("level", 0.0))
    form = next(form for form in plan.forms if form.kind == kind)
    approach = Approach(form=form, weight_decay=weight_decay)
    about = {
        "rows": series.rows,
        "form": str(approach),
        "best_baseline": first.best,
        "gate": first.gate.decision,
        **{key: getattr(plan.settings, key) for key in STEP},
        "recipe": asdict(recipe),
        "versions": {key: environment_record(jobs=None, study=None)[key] for key in ("lstmsize", "torch")},
    }
    return about, Held(trainer, scoring, approach)


def missing(tables: dict[str, Table], names: list[str], sizes: Sequence[Cell], seeds: int) -> list[Unit]:
    """List the trainings that the table lacks, in the order of what they cost times their number."""
    units = []
    for name in names:
        table = tables[name]
        lacking = [u for cell in sizes for u in _of_cell(name, cell, range(seeds)) if not _has(table, u)]
        if not lacking and seeds >= COMMON:
            excess = table.excess(list(BLOCKS), list(range(seeds)))
            near = [cell for cell in sizes if excess[cell] <= NEAR]
            more = range(seeds, MOST_SEEDS)
            lacking = [u for cell in near for u in _of_cell(name, cell, more) if not _has(table, u)]
        units += lacking
    return sorted(units, key=lambda unit: ((1 + unit.seed) * _cost(unit, tables[unit.series].settings), unit))


def _of_cell(name: str, cell: Cell, seeds: range) -> list[Unit]:
    return [Unit(name, cell.units, cell.layers, block, seed) for block in BLOCKS for seed in seeds]


def _has(table: Table, unit: Unit) -> bool:
    return (Cell(unit.units, unit.layers), unit.block, unit.seed) in table.entries


def _cost(unit: Unit, settings: Settings) -> float:
    return settings.step_work(Cell(unit.units, unit.layers))


def run(units: list[Unit], held: dict[str, Held], path: Path, jobs: int, deadline: float) -> None:
    """Train in parallel processes of one thread and append each result as it comes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_hold, initargs=(held,)) as pool:
        for number, entry in enumerate(_flow(pool, units, jobs, deadline), start=1):
            jsonl.append(path, entry)
            shown = {key: entry[key] for key in (*Unit.__dataclass_fields__, "loss", "short", "state", "seconds")}
            print(f"{number}/{len(units)} {shown}", flush=True)


def _flow(pool: ProcessPoolExecutor, units: list[Unit], jobs: int, deadline: float) -> Iterator[dict[str, Any]]:
    left = iter(units)
    running: set[Future[dict[str, Any]]] = set()
    while True:
        while len(running) < jobs and monotonic() < deadline and (unit := next(left, None)):
            running.add(pool.submit(measure, unit))
        if not running:
            return
        done, running = wait(running, return_when=FIRST_COMPLETED)
        yield from (future.result() for future in done)


def _hold(prepared: dict[str, Held]) -> None:
    _held.update(prepared)


def measure(unit: Unit) -> dict[str, Any]:
    """Train once; return errors at convergence and after a short training, their blocks, curve and steps."""
    training.train_replicate = _watched  # type: ignore[assignment]
    training.Run = Watched  # type: ignore[misc]
    held = _held[unit.series]
    replicate = Replicate(Cell(unit.units, unit.layers), unit.seed)
    job = Job(approach=held.approach, replicate=replicate, fold=BLOCKS[unit.block])
    Watched.early = None
    result = held.trainer(job)
    outcome = held.scoring.outcome(job, result)
    early = Watched.early
    short = outcome.loss if early is None else held.scoring.loss(job, replace(result, forecasts=early))
    stride = max(1, -(-len(result.curve) // CURVE_POINTS))
    thinned = [*result.curve[::stride], *result.curve[-1:]] if result.curve else []
    return {
        **asdict(unit),
        "state": result.state,
        "loss": outcome.loss,
        "short": short,
        "steps": result.steps,
        "steps_run": result.steps_run,
        "seconds": round(result.seconds, 1),
        "blocks": None if outcome.blocks is None else [_digits(value, 5) for value in outcome.blocks],
        "curve": [(step, _digits(loss, 4)) for step, loss in thinned],
    }


def _watched(problem: training.Problem, cell: Cell, seed: int, recipe: Recipe) -> training.Trained:
    Watched.problem = problem
    return _train_replicate(problem, cell, seed, recipe)


def _digits(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")


def run_stability(options: argparse.Namespace, deadline: float) -> None:
    """Ask the advisor anew with each seed, first seeds first, and keep what it answers."""
    path = options.results / "stability.jsonl"
    done = {(entry["series"], entry["seed"]) for entry in jsonl.read(path)}
    found = find_series(options, STABILITY)
    for seed in range(options.stability):
        for name, series in found.items():
            if (name, seed) in done or monotonic() >= deadline:
                continue
            request = Request(seed=seed, window=WINDOWS.get(name))
            record = recommend(series, request, jobs=options.jobs).to_dict()
            jsonl.append(path, {"series": name, "seed": seed, **_answered(record)})
            print(name, seed, _answered(record), flush=True)


def _answered(record: dict[str, Any]) -> dict[str, Any]:
    choice = record["recommendation"] or {}
    sizes = [[size["units"], size["layers"]] for size in record["equivalent_sizes"]]
    return {
        "verdict": record["verdict"],
        "lean": record["lean"],
        "size": [choice["units"], choice["layers"]] if choice else None,
        **{key: choice.get(key) for key in ("basis", "excess_at_most")},
        "equivalent": sizes,
        "form": record["transform"]["kind"] if record["transform"] else None,
        "seconds": round(record["timing"]["total"], 1),
    }


def read_tables(path: Path) -> dict[str, Table]:
    """Read what has been trained, by series."""
    tables: dict[str, Table] = {}
    blocks: dict[tuple[str, str], int] = {}
    for entry in jsonl.read(path):
        if "about" in entry:
            name, about = entry["series"], entry["about"]
            tables[name] = Table(
                name=name, about=about, entries={}, blocks=list(BLOCKS), settings=settings_of(about)
            )
        else:
            key = Cell(entry["units"], entry["layers"]), entry["block"], entry["seed"]
            tables[entry["series"]].entries[key] = entry
            part, count = (entry["series"], entry["block"]), len(entry["blocks"] or ())
            if count and blocks.setdefault(part, count) != count:
                raise SystemExit(
                    f"{path}: errors of {' on '.join(part)} are means of {blocks[part]} and of {count} blocks of "
                    "windows, so that two versions of the product made them; remove the older lines"
                )
    return tables


def settings_of(about: dict[str, Any]) -> Settings:
    """What the strategy works by in the product as it is now, whenever the table was filled."""
    request = Request()
    return Settings(
        folds=FOLDS,
        tolerance=request.tolerance,
        min_gain=request.min_gain,
        effort=EFFORT,
        **{key: about[key] for key in STEP},
    )


if __name__ == "__main__":
    main()
