"""It carries over: the recommended size in an ordinary PyTorch or Keras training, from the record alone.

    python benchmarks/plain.py --data FOLDER           # or LSTMSIZE_DATA=FOLDER, for a river
    python benchmarks/plain.py --only examples/mackey_glass --libraries torch
    python benchmarks/plain.py --report                # print the table of the results file

For Keras: ``python -m venv VENV && VENV/bin/pip install -c constraints.txt -e '.[bench]'``, and run the script
with that environment's Python; where Keras is missing its trainings are skipped, and a later run adds them.

Each series is given to ``lstmsize recommend FILE --json``. Where the record names a size, the input form is
rebuilt from the record and the file, in numpy, and the size is trained on the development part as a user would do
it: the library's own initialisation, AdamW, squared error of the last step only, shuffled windows; rate, weight
decay, batch and averaging of the weights are the record's. Errors are taken at both numbers of steps that the
record states: its own, with the loss at every step of a window, and that for a loss on the last step only.
Everything is trained once more without averaging. A much smaller and a much larger network are trained equally, at
the rate that the record would state for them; Keras, which loops over the steps of a window on a CPU, trains the
larger one only with ``--full``.

The size carries over if, at the number of steps that is stated for such a loop, its error on the holdout is within
10 % of the reported one, and theirs is not lower by more than the tolerance that sizes are compared with.
Records are appended to ``benchmarks/results/plain.jsonl`` as they come, and what stands there is not run again.
"""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("KERAS_BACKEND", "torch")

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.optim import swa_utils

from lstmsize.config import Request
from lstmsize.readers import read_series
from lstmsize.recipe import LAST_STEP_FACTOR, REFERENCE_UNITS
from lstmsize.series import FloatArray
from lstmsize.windows import lagged
from reference import answer

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
SYNTHETIC = ("threshold_ar", "sine_map", "hysteresis")
"""Drawn from ``benchmarks/processes.py``."""

ROWS, DRAW = 3000, 1
SEEDS = 3
MULTIPLES, MOST_STEPS = (1, LAST_STEP_FACTOR), 9000
"""The two numbers of steps that the record states, in units of the first."""

SMALLER, LARGER = (8, 1), ((256, 1), (512, 1))
GOAL = 0.10
Float32Array = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One ordinary training."""

    series: str
    library: str
    role: str
    units: int
    layers: int
    averaged: bool
    seed: int


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A series as the record says that the network sees it; row t serves the forecast of row t."""

    inputs: FloatArray
    targets: FloatArray
    base: FloatArray
    scale: float
    start: int
    anchor: int | None
    log: bool

    def windows(self, ends: NDArray[np.intp], window: int) -> Float32Array:
        """Windows that end in some rows, shape (rows, window, channels)."""
        found = self.inputs[ends[:, None] + np.arange(1 - window, 1)]
        if self.anchor is not None:
            found = found - found[:, self.anchor : self.anchor + 1]
        return found.astype(np.float32)

    def forecast(self, rows: NDArray[np.intp], outputs: FloatArray) -> FloatArray:
        """Forecasts in the units of the target."""
        level = self.base[rows] + self.scale * outputs
        return np.exp(level) if self.log else level


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """What any library is given."""

    inputs: Float32Array
    targets: Float32Array
    unseen: Float32Array
    batch: int
    steps: tuple[int, ...]
    learning_rate: float
    weight_decay: float
    averaging: float

    def parts(self, seed: int) -> Iterator[NDArray[np.intp]]:
        """Order of the windows until each number of steps: shuffled, each once before any comes again."""
        generator, before = np.random.default_rng(seed), 0
        for steps in self.steps:
            wanted = (steps - before) * self.batch
            rounds = -(-wanted // len(self.inputs))
            yield np.concatenate([generator.permutation(len(self.inputs)) for _ in range(rounds)])[:wanted]
            before = steps


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results file")
    parser.add_argument("--only", nargs="+", metavar="SERIES", help="names of the series to run")
    parser.add_argument("--libraries", nargs="+", choices=tuple(LIBRARIES), default=tuple(LIBRARIES))
    parser.add_argument("--seeds", type=int, default=SEEDS, help="networks of each size")
    parser.add_argument("--full", action="store_true", help="train the larger network in Keras too: slow")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="only print the table")
    options = parser.parse_args()
    file = options.results / "plain.jsonl"
    if not options.report:
        if "keras" in options.libraries and importlib.util.find_spec("keras") is None:
            print("Keras is not installed: its trainings are skipped", file=sys.stderr)
            options.libraries = [library for library in options.libraries if library != "keras"]
        with tempfile.TemporaryDirectory() as folder:
            for name, path in series(options.data, Path(folder)):
                if not options.only or name in options.only:
                    run(file, name, path, options)
    report(jsonl.read(file))


def series(data: str | None, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield names and files: an example, a reference series, and draws of generating processes."""
    yield "examples/mackey_glass", ROOT / "examples" / "mackey_glass.csv"
    if data is not None and Path(data).is_dir():
        yield "river_flow_saugeen", Path(data) / "river_flow_saugeen.csv"
    else:
        print("river_flow_saugeen is skipped: name its folder with --data or LSTMSIZE_DATA", file=sys.stderr)
    if importlib.util.find_spec("processes") is None:
        print("the generated series are skipped: benchmarks/processes.py is missing", file=sys.stderr)
        return
    from processes import PROCESSES, draw

    for name in SYNTHETIC:
        if name not in PROCESSES:
            print(f"{name} is skipped: benchmarks/processes.py has no such process", file=sys.stderr)
            continue
        path = folder / f"{name}.csv"
        path.write_text("value\n" + "\n".join(map(repr, draw(name, ROWS, DRAW).tolist())) + "\n", encoding="utf-8")
        yield f"processes/{name}", path


def run(file: Path, name: str, path: Path, options: argparse.Namespace) -> None:
    """Ask for the record, then train in parallel processes of one thread; append each result as it comes."""
    known = [entry for entry in jsonl.read(file) if entry["series"] == name]
    record = next((entry for entry in known if entry["kind"] == "record"), None)
    if record is None:
        record = summary(name, *answer([str(path)]))
        keep(file, record)
    if record["choice"] is None:
        return
    values = read_series(path).target
    if (reason := cannot_repeat(record, values)) is not None:
        if not any(entry["kind"] == "missing" for entry in known):
            keep(file, {"kind": "missing", "series": name, "reason": reason})
        return
    done = {tuple(entry[field] for field in Task.__dataclass_fields__) for entry in known if "errors" in entry}
    wanted = tasks(record, options)
    missing = [task for task in wanted if tuple(asdict(task).values()) not in done]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, mp_context=context) as pool:
        for future in as_completed([pool.submit(measure, task, record, values) for task in missing]):
            keep(file, future.result())


def summary(name: str, record: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Keep of the record what a user needs for a training, and what the result is compared with."""
    holdout, transform = record["holdout"] or {}, record["transform"] or {}
    return {
        "kind": "record",
        "series": name,
        "rows": record["input"]["rows"],
        "verdict": record["verdict"],
        "lean": record["lean"],
        "choice": record["recommendation"],
        "transform": {key: transform.get(key) for key in ("kind", "log", "detail")},
        "holdout": {key: holdout.get(key) for key in ("first", "n", "error_network", "error_baseline")},
        "best_baseline": record["best_baseline"],
        "seconds": round(seconds, 1),
        "versions": {key: record["environment"][key] for key in ("lstmsize", "torch", "processor")},
    }


def tasks(record: dict[str, Any], options: argparse.Namespace) -> list[Task]:
    """List the recommended size, a smaller and a larger one, with every library, rate and seed."""
    choice = record["choice"]
    sizes = {
        "chosen": (choice["units"], choice["layers"]),
        "smaller": SMALLER,
        "larger": next((size for size in LARGER if size[0] > choice["units"]), LARGER[-1]),
    }
    return [
        Task(
            series=record["series"],
            library=library,
            role=role,
            units=units,
            layers=layers,
            averaged=averaged,
            seed=seed,
        )
        for library in options.libraries
        for role, (units, layers) in sizes.items()
        for averaged in (True, False)
        for seed in range(options.seeds)
        if options.full or (library, role) != ("keras", "larger")
    ]


def measure(task: Task, record: dict[str, Any], values: FloatArray) -> dict[str, Any]:
    """Train once; return the error on the holdout after each number of steps."""
    torch.set_num_threads(1)
    choice = record["choice"]
    start = record["holdout"]["first"]
    shown = show(values, record["transform"], choice["window"], start)
    lesson = lesson_of(task, shown, choice, start, len(values))
    started, spent = monotonic(), process_time()
    outputs = LIBRARIES[task.library](task, lesson)
    rows = np.arange(start, len(values))
    errors = [float(np.sqrt(np.mean((values[rows] - shown.forecast(rows, output)) ** 2))) for output in outputs]
    return {
        "kind": "training",
        **asdict(task),
        "steps": lesson.steps,
        "errors": [error if np.isfinite(error) else None for error in errors],
        "seconds": round(monotonic() - started, 1),
        "processor_seconds": round(process_time() - spent, 1),
        "version": version(task.library),
    }


def cannot_repeat(record: dict[str, Any], values: FloatArray) -> str | None:
    """Say what the record lacks for a training from it alone; None where it has enough."""
    choice = record["choice"]
    if not choice["training"]["steps"]:
        return "the record states 0 steps"
    try:
        show(values, record["transform"], choice["window"], record["holdout"]["first"])
    except ValueError as error:
        return str(error)
    return None


def lesson_of(task: Task, shown: Shown, choice: dict[str, Any], start: int, rows: int) -> Lesson:
    """Cut windows: those that end in the development part are learnt from, those of the holdout forecast."""
    window, steps = choice["window"], choice["training"]["steps"]
    ends = np.arange(shown.start + window - 1, start)
    return Lesson(
        inputs=shown.windows(ends, window),
        targets=shown.targets[ends].astype(np.float32),
        unseen=shown.windows(np.arange(start, rows), window),
        batch=choice["training"]["batch"],
        steps=tuple(min(MOST_STEPS, multiple * steps) for multiple in MULTIPLES),
        learning_rate=choice["training"]["input_learning_rate"] * min(1.0, REFERENCE_UNITS / task.units),
        weight_decay=choice["training"]["weight_decay"],
        averaging=choice["training"]["averaging"] if task.averaged else 0.0,
    )


def show(values: FloatArray, transform: dict[str, Any], window: int, stop: int) -> Shown:
    """Put the series into the record's input form, standardised on the rows before `stop`."""
    kind, detail = transform["kind"], transform["detail"]
    level = np.log(values) if transform["log"] else values
    past, seasons = lagged(level, 1), detail.get("seasonal_lags", [])
    mean = np.full(len(level), level[:stop].mean())
    base = {
        "level": lambda: mean,
        "seasonal_lags": lambda: mean,
        "difference": lambda: past,
        "last_value": lambda: past,
        "seasonal_difference": lambda: lagged(level, seasons[-1]),
        "correction": lambda: linear_forecast(level, detail["corrected"], stop),
    }[kind]()
    target = level - base
    channels = [lagged(target, 1) if kind in ("difference", "seasonal_difference") else past]
    if kind in ("seasonal_lags", "correction"):
        channels += [lagged(level, season) for season in seasons]
    if kind == "correction":
        channels += [base, lagged(target, 1)]
    inputs, known = np.column_stack(channels), np.isfinite(target)
    seen = inputs[:stop][np.isfinite(inputs[:stop]).all(axis=1)]
    # What is taken relative to a value inside the window is scaled by how far it moves there.
    spread = (seen[window // 2 :] - seen[: len(seen) - window // 2] if kind == "last_value" else seen).std(axis=0)
    inputs = (inputs - seen.mean(axis=0)) / spread
    return Shown(
        inputs=inputs,
        targets=target / target[:stop][known[:stop]].std(),
        base=base,
        scale=float(target[:stop][known[:stop]].std()),
        start=int(np.argmax(known & np.isfinite(inputs).all(axis=1))),
        anchor=max(0, window // 4 - 1) if kind == "last_value" else None,
        log=bool(transform["log"]),
    )


def linear_forecast(level: FloatArray, fit: dict[str, Any], stop: int) -> FloatArray:
    """Refit the record's linear autoregression by least squares: it gives the lags, but no coefficients."""
    if not fit["name"].endswith("linear_autoregression"):
        raise ValueError(f"the network corrects {fit['name']}, which this script does not rebuild")
    if fit.get("harmonics"):
        raise ValueError("the record gives the number of Fourier terms, but neither their phase nor coefficients")
    words = fit.get("differenced", "no").split()
    base = np.zeros(len(level))
    if "season" in words:
        base = lagged(level, int(words[-1]))
    if "last" in words:
        base = base + lagged(level - base, 1)
    change = level - base
    columns = np.column_stack([*(lagged(change, lag) for lag in fit["lags"]), np.ones(len(level))])
    known = np.isfinite(columns).all(axis=1) & (np.arange(len(level)) < stop)
    weights = np.linalg.lstsq(columns[known], change[known], rcond=None)[0]
    return base + columns @ weights


class LastStep(nn.Module):
    """What a tutorial writes: an LSTM and a linear layer on its last step."""

    def __init__(self, channels: int, units: int, layers: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(channels, units, num_layers=layers, batch_first=True)
        self.readout = nn.Linear(units, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        """Forecast from the last step."""
        return self.readout(self.lstm(inputs)[0][:, -1]).squeeze(-1)


def with_torch(task: Task, lesson: Lesson) -> Iterator[FloatArray]:
    """Train by an ordinary loop in PyTorch; yield forecasts after each number of steps."""
    torch.manual_seed(task.seed)
    network = LastStep(lesson.inputs.shape[-1], task.units, task.layers)
    optimizer = torch.optim.AdamW(network.parameters(), lr=lesson.learning_rate, weight_decay=lesson.weight_decay)
    memory = swa_utils.get_ema_multi_avg_fn(lesson.averaging)
    average = swa_utils.AveragedModel(network, multi_avg_fn=memory)
    inputs, targets, unseen = map(torch.from_numpy, (lesson.inputs, lesson.targets, lesson.unseen))
    for order in lesson.parts(task.seed):
        for rows in torch.from_numpy(order).split(lesson.batch):
            optimizer.zero_grad()
            nn.functional.mse_loss(network(inputs[rows]), targets[rows]).backward()
            optimizer.step()
            average.update_parameters(network)
        with torch.no_grad():
            yield torch.cat([average(part) for part in unseen.split(512)]).double().numpy()


def with_keras(task: Task, lesson: Lesson) -> Iterator[FloatArray]:
    """Train by ``fit`` in Keras; yield forecasts after each number of steps."""
    import keras

    keras.utils.set_random_seed(task.seed)
    stacked = [keras.layers.LSTM(task.units, return_sequences=True) for _ in range(task.layers - 1)]
    model = keras.Sequential([*stacked, keras.layers.LSTM(task.units), keras.layers.Dense(1)])
    settings = {"weight_decay": lesson.weight_decay}
    if task.averaged:
        settings |= {"use_ema": True, "ema_momentum": lesson.averaging}
    model.compile(optimizer=keras.optimizers.AdamW(lesson.learning_rate, **settings), loss="mse")
    for order in lesson.parts(task.seed):
        model.fit(
            lesson.inputs[order],
            lesson.targets[order],
            batch_size=lesson.batch,
            shuffle=False,  # the order is shuffled already, over several rounds
            verbose=0,
        )
        yield model.predict(lesson.unseen, batch_size=512, verbose=0)[:, 0].astype(np.float64)


LIBRARIES: dict[str, Callable[[Task, Lesson], Iterator[FloatArray]]] = {"torch": with_torch, "keras": with_keras}


def keep(file: Path, entry: dict[str, Any]) -> None:
    """Append one record and show it."""
    jsonl.append(file, entry)
    print(entry, file=sys.stderr, flush=True)


def report(entries: list[dict[str, Any]]) -> None:
    """Print one line per series, library, rate and number of steps, in Markdown, and how many carry over."""
    heads = ["series", "library", "weights", "steps", "chosen", "its error to the reported one", "within 10 %"]
    heads += ["to the best baseline's", "8×1 to chosen", "larger to chosen", "rank kept", "seconds, chosen"]
    print(f"| {' | '.join(heads)} |")
    print("|" + "---|" * len(heads))
    trainings = [entry for entry in entries if entry["kind"] == "training"]
    records = [entry for entry in entries if entry["kind"] == "record"]
    for record in records:
        for runs in groups(record, trainings):
            for position in range(len(MULTIPLES)):
                line(record, runs, position)
    for record in records:
        if record["choice"] is None:
            lean = f", leans {record['lean']}" if record["lean"] else ""
            print(f"\n- {record['series']}: {record['verdict']}{lean}: no size to carry over")
    for entry in entries:
        if entry["kind"] == "missing":
            print(f"\n- {entry['series']} cannot be repeated: {entry['reason']}")
    print("\nWith averaged weights and the steps that are stated for a loss on the last step:\n")
    for library in LIBRARIES:
        every = [(r, runs) for r in records for runs in groups(r, trainings) if runs[0]["library"] == library]
        found = [compare(record, runs, -1) for record, runs in every if runs[0]["averaged"]]
        if found:
            near, kept = (sum(getattr(one, name) for one in found) for name in ("near", "kept"))
            print(f"- {library}: {near} of {len(found)} series within 10 %, rank kept on {kept}")


def groups(record: dict[str, Any], trainings: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield the trainings of one series by library and averaging; only those with networks of the chosen size."""
    mine = [entry for entry in trainings if entry["series"] == record["series"]]
    for library in LIBRARIES:
        for averaged in (True, False):
            found = [entry for entry in mine if (entry["library"], entry["averaged"]) == (library, averaged)]
            if any(entry["role"] == "chosen" for entry in found):
                yield found


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Networks of the chosen size against what was reported, and against the two other sizes by role."""

    ratio: float
    to_baseline: float
    others: dict[str, float]

    @property
    def near(self) -> bool:
        """Whether the error is within 10 % of the reported one."""
        return self.ratio <= 1 + GOAL

    @property
    def kept(self) -> bool:
        """Whether no other size is better by more than the tolerance that sizes are compared with."""
        return min(self.others.values(), default=1.0) >= 1 - Request().tolerance


def compare(record: dict[str, Any], runs: list[dict[str, Any]], position: int) -> Compared:
    """Compare after one of the two numbers of steps."""
    errors = {
        role: error_of([e for e in runs if e["role"] == role], position) for role in {e["role"] for e in runs}
    }
    chosen, holdout = errors.pop("chosen"), record["holdout"]
    return Compared(
        ratio=chosen / holdout["error_network"],
        to_baseline=chosen / holdout["error_baseline"],
        others={role: error / chosen for role, error in errors.items()},
    )


def line(record: dict[str, Any], runs: list[dict[str, Any]], position: int) -> None:
    """Print one line."""
    found, mine = compare(record, runs, position), [entry for entry in runs if entry["role"] == "chosen"]
    others = [f"{found.others[role]:.3f}" if role in found.others else "-" for role in ("smaller", "larger")]
    cells = [
        record["series"],
        mine[0]["library"],
        "averaged" if mine[0]["averaged"] else "last",
        f"{mine[0]['steps'][position]:,}",
        f"{mine[0]['units']}×{mine[0]['layers']}, {len(mine)} seeds",
        f"{found.ratio:.3f}",
        "yes" if found.near else "no",
        f"{found.to_baseline:.3f}",
        *others,
        "yes" if found.kept else "no",
        f"{np.mean([entry['seconds'] for entry in mine]):.0f}",
    ]
    print(f"| {' | '.join(cells)} |")


def error_of(entries: list[dict[str, Any]], position: int) -> float:
    """Error of single networks as the record states it: the root of their mean squared errors' mean."""
    errors = [entry["errors"][position] for entry in entries]
    return float(np.sqrt(np.mean([np.inf if error is None else error**2 for error in errors])))


if __name__ == "__main__":
    main()
