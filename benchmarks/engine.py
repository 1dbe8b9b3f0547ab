"""What each choice of the training engine is worth: error at convergence, steps and seconds, in pairs.

    python benchmarks/engine.py                      # choices, at 32 units
    python benchmarks/engine.py --rates              # the learning rate at the corners of the space
    python benchmarks/engine.py --compiled           # the compiled step against torch's, at three of them
    python benchmarks/engine.py --long               # series of which the tail is a small part, without refit
    python benchmarks/engine.py --report             # print what is in the results file

Every variant is trained on the same series, folds and seeds as what it is held against: the engine of
`MEASURED_AT` unless `BASES` says otherwise. Results are appended to ``benchmarks/results/engine.jsonl`` as they
come, and what stands there is not run again. Ratios above 1 mean that the variant is worse (error) or slower
(seconds).
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import jsonl

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")

import numpy as np
import torch
from scipy import stats

from hard import SERIES as HARD
from lstmsize import cpu_step, learning, torch_step, training
from lstmsize.compiled_step import CompiledStep
from lstmsize.metrics import aggregate, losses
from lstmsize.network import LstmForecaster
from lstmsize.readers import read_series
from lstmsize.recipe import Recipe
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import cut
from lstmsize.transforms import InputForm, shape
from lstmsize.windows import scored_rows

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "engine.jsonl"
WINDOW = 48
SEEDS = (0, 1, 2)
SERIES = ("mackey_glass", "sunspots", "threshold", "two_seasons")
CORNERS = ((32, 1), (32, 3), (128, 1), (128, 2))
MEASURED_AT = Recipe(learning_rate=0.024, most_steps=4000)
"""The engine that variants are held against, but for those of long series; rates are fractions of its own."""

RATES = (0.25, 0.5, 1.0, 4.0)
ENGINE_RUN = learning.Run
COMPILED_AT = ((32, 1), (32, 3), (128, 1))
LONG_AT = ((32, 1), (64, 3))
LONG_ROWS = 196_000
"""The tail is 2.48 % of the training part of the first fold, which is the one that is scored."""

LONG = tuple(f"long {name}" for name in (*HARD, "drift"))
BASES = {"compiled step": "torch's step", "head alone": "refitted"}
"""What a variant is held against where that is not the engine, whose rows were made with torch's steps."""


@dataclass(frozen=True)
class Task:
    """One training: which series, seed, variant and size."""

    series: str
    seed: int
    variant: str
    units: int = 32
    layers: int = 1
    rate: float = 1.0


class LastStep(learning.Run):
    """Trains on the last step of each window only."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.trained_from = self.window - 1


class DefaultGates(LstmForecaster):
    """Leaves torch's default biases: forget gates half open."""

    def _initialise(self, units: int) -> None:
        biases = {name: parameter.detach().clone() for name, parameter in self.lstm.named_parameters()}
        super()._initialise(units)
        for name, parameter in self.lstm.named_parameters():
            parameter.data.copy_(biases[name])


class SpreadForget(LstmForecaster):
    """Spreads the forget biases over log(1..window), the input biases opposite (Tallec and Ollivier 2018)."""

    def _initialise(self, units: int) -> None:
        super()._initialise(units)
        for name, parameter in self.lstm.named_parameters():
            if name.startswith("bias_ih"):
                spans = torch.empty(units).uniform_(1.0, WINDOW - 1.0)
                parameter.data[units : 2 * units] = spans.log()
                parameter.data[:units] = -spans.log()


class DefaultReadout(LstmForecaster):
    """Leaves the readout at torch's random start."""

    def _initialise(self, units: int) -> None:
        readout = [parameter.detach().clone() for parameter in self.readout.parameters()]
        super()._initialise(units)
        for parameter, value in zip(self.readout.parameters(), readout, strict=True):
            parameter.data.copy_(value)


class OneRate(LstmForecaster):
    """Trains all weights at the same rate, whatever the width."""

    def learning_rates(self, recipe: Recipe) -> list[float]:
        """Return the same rate for every tensor."""
        return [recipe.learning_rate for _ in self.parameters()]


VARIANTS: dict[str, dict[str, object]] = {
    "engine": {},
    "last step only": {"run": LastStep},
    "no averaging": {"recipe": {"averaging": 0.0}},
    "averaging .995": {"recipe": {"averaging": 0.995}},
    "squared gradients .999": {"recipe": {"second_moment": 0.999}},
    "default forget gate": {"network": DefaultGates},
    "forget biases spread": {"network": SpreadForget},
    "default readout": {"network": DefaultReadout},
    "no refit": {"recipe": {"refit_from": 1.0}},
    "600 steps": {"recipe": {"most_steps": 600}},
    "batch 16": {"recipe": {"batch": 16}},
    "batch 64": {"recipe": {"batch": 64}},
    "native kernel": {"onednn": False},
    "torch's step": {},
    "compiled step": {"compiled": True},
    # As the product trains today, not as in `MEASURED_AT`.
    "refitted": {"compiled": True, "recipe": {**asdict(Recipe()), "refit_from": 0.0}},
    "head alone": {"compiled": True, "recipe": {**asdict(Recipe()), "refit_from": 1.0}},
    "one rate for all widths": {"network": OneRate},
}


def main() -> None:
    """Run what is missing, then report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", action="store_true", help="the learning rate at the corners of the space")
    parser.add_argument("--compiled", action="store_true", help="compiled steps against torch's")
    parser.add_argument("--long", action="store_true", help="long series without refit")
    parser.add_argument("--report", action="store_true", help="only print what is in the results file")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--series", nargs="*", help="that the report is about, by default all")
    options = parser.parse_args()
    if not options.report:
        done = {task for task, _ in results()}
        asked = [(options.rates, rate_tasks), (options.compiled, compiled_tasks), (options.long, long_tasks)]
        tasks = next((listed for wanted, listed in asked if wanted), choice_tasks)
        missing = [task for task in tasks() if task not in done]
        run(missing, options.jobs)
    report(options.series)


def choice_tasks() -> list[Task]:
    """List every variant on every series with every seed; width scaling only where there is width."""
    small = [v for v in VARIANTS if v not in ("one rate for all widths", *BASES, *BASES.values())]
    tasks = [Task(series, seed, variant) for series in SERIES for seed in SEEDS for variant in small]
    wide = ("engine", "one rate for all widths")
    return tasks + [Task(s, seed, v, 128) for s in SERIES for seed in SEEDS for v in wide]


def rate_tasks() -> list[Task]:
    """List the engine at a quarter, half, once and four times its rate at the corners of the space."""
    return [
        Task(series, seed, "engine", units, layers, rate)
        for units, layers in CORNERS
        for series in SERIES
        for seed in SEEDS
        for rate in RATES
    ]


def compiled_tasks() -> list[Task]:
    """List both kinds of steps, in turn."""
    return _in_turn(COMPILED_AT, SERIES, "compiled step")


def long_tasks() -> list[Task]:
    """List long series with and without refit."""
    return _in_turn(LONG_AT, LONG, "head alone")


def _in_turn(sizes: Sequence[tuple[int, int]], names: Sequence[str], variant: str) -> list[Task]:
    """List a variant behind what it is held against; all series with a seed before the next one."""
    return [
        Task(series, seed, each, units, layers)
        for units, layers in sizes
        for seed in SEEDS
        for series in names
        for each in (BASES[variant], variant)
    ]


def run(tasks: list[Task], jobs: int) -> None:
    """Train in parallel processes of one thread and append each result as it comes."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        asked = {pool.submit(measure, task): task for task in tasks}
        for number, future in enumerate(as_completed(asked), start=1):
            task, found = asked[future], future.result()
            jsonl.append(RESULTS, {**asdict(task), **found})
            print(f"{number}/{len(tasks)} {task} {found}", flush=True)


def measure(task: Task) -> dict[str, object]:
    """Train once; return error on the scored block, steps, seconds and state."""
    torch.set_num_threads(1)
    variant = VARIANTS[task.variant]
    torch.backends.mkldnn.enabled = bool(variant.get("onednn", True))  # type: ignore[attr-defined]
    torch_step.LstmForecaster = variant.get("network", LstmForecaster)  # type: ignore[assignment, misc]
    cpu_step.COMPILED = CompiledStep if variant.get("compiled") else None
    training.Run = variant.get("run", ENGINE_RUN)  # type: ignore[misc, assignment]
    recipe = replace(MEASURED_AT, **variant.get("recipe", {}))  # type: ignore[arg-type]
    recipe = replace(recipe, learning_rate=recipe.learning_rate * task.rate)
    values, form = load(task.series)
    fold = cut(len(values)).folds[0 if task.series in LONG else -1]
    values = values[: fold.score_stop]
    problem = training.Problem(
        values=values,
        fold=fold,
        head=shape(values, form, stop=fold.head_stop, window=WINDOW),
        train=shape(values, form, stop=fold.train_stop, window=WINDOW),
        window=WINDOW,
        metric="rmse",
    )
    found = training.train_replicate(problem, Cell(task.units, task.layers), task.seed, recipe)
    rows = scored_rows(fold.train_stop, fold.score_stop)
    error = aggregate(losses(values[rows], found.forecasts, "rmse"), "rmse") if found.state != "diverged" else None
    return {"error": error, "steps": found.steps_run, "seconds": found.seconds, "state": found.state}


def load(name: str) -> tuple[FloatArray, InputForm]:
    """Return a series and its input form: two shipped, the others generated."""
    level = InputForm(kind="level")
    if name in LONG:
        name = name.removeprefix("long ")
        return drift(LONG_ROWS) if name == "drift" else HARD[name](LONG_ROWS), level
    if name in ("mackey_glass", "sunspots"):
        file = {"mackey_glass": "mackey_glass", "sunspots": "sunspots_monthly"}[name]
        return read_series(ROOT / "examples" / f"{file}.csv").target, level
    generator = np.random.default_rng(7)
    noise = generator.normal(size=4000)
    if name == "threshold":
        values = np.zeros(4000)
        for row in range(2, 4000):
            slope = 0.9 if values[row - 2] > 0 else -0.8
            values[row] = slope * values[row - 1] - 0.2 * values[row - 2] + 0.5 * noise[row]
        return values, level
    time = np.arange(4000)
    shape_of_day = np.sin(2 * np.pi * time / 24) * (1 + 0.5 * np.sin(2 * np.pi * time / 168))
    values = shape_of_day + 0.3 * np.tanh(3 * shape_of_day) + 0.1 * noise
    return values, InputForm(kind="seasonal_lags", seasons=find_seasons(values, None))


def drift(rows: int) -> FloatArray:
    """Return a threshold autoregression a slope of which moves to and fro: the latest rows tell most."""
    noise = 0.5 * np.random.default_rng(7).normal(size=rows)
    values = np.zeros(rows)
    for row in range(2, rows):
        slope = 0.9 * np.cos(2 * np.pi * row / 40_000) if values[row - 2] > 0 else -0.8
        values[row] = slope * values[row - 1] - 0.2 * values[row - 2] + noise[row]
    return values


def results() -> Iterator[tuple[Task, dict[str, object]]]:
    """Read what has been measured."""
    fields = set(Task.__dataclass_fields__)
    for entry in jsonl.read(RESULTS):
        yield Task(**{name: entry[name] for name in fields}), entry


def report(series: list[str] | None) -> None:
    """Print mean ratios to the engine with 95 % intervals over pairs of series and seed."""
    known = {task: entry for task, entry in results() if not series or task.series in series}
    groups = sorted({(t.variant, t.units, t.layers, t.rate) for t in known}, key=str)
    print("variant                      size  rate pairs  error ratio, 95 %      seconds      steps  failed")
    for variant, units, layers, rate in groups:
        if (variant, rate) == ("engine", 1.0) or variant in BASES.values():
            continue
        pairs, failed = [], 0
        for task, entry in known.items():
            base = known.get(replace(task, variant=BASES.get(variant, "engine"), rate=1.0))
            if (task.variant, task.units, task.layers, task.rate) != (variant, units, layers, rate) or not base:
                continue
            if entry["error"] is None or base["error"] is None:
                failed += 1
                continue
            columns = ("error", "seconds", "steps")
            pairs.append([np.log(float(entry[name]) / float(base[name])) for name in columns])  # type: ignore[arg-type]
        if len(pairs) > 1:
            name = f"{variant:26s} {units:4d}x{layers} {rate:5g} {len(pairs):5d}"
            print(f"{name}  {_ratios(np.array(pairs))}  {failed}")


def _ratios(logs: FloatArray) -> str:
    mean = logs.mean(axis=0)
    half = stats.t.ppf(0.975, len(logs) - 1) * logs[:, 0].std(ddof=1) / np.sqrt(len(logs))
    low, high = np.exp(mean[0] - half), np.exp(mean[0] + half)
    error, seconds, steps = np.exp(mean)
    return f"{error:.3f} ({low:.3f} - {high:.3f})  {seconds:8.2f}  {steps:9.2f}"


if __name__ == "__main__":
    main()
