"""How fast: ratios of whole processes taken in turn, and of training steps.

    python benchmarks/speed.py --pairs 1 --most-rows 100000  # what needs no folder and no other package: minutes
    python benchmarks/speed.py --data FOLDER           # the reference series as well (or LSTMSIZE_DATA=FOLDER)
    python benchmarks/speed.py --by-hand --data FOLDER # against a search written by hand (by_hand.py): hours
    python benchmarks/speed.py --auto-lstm --data FOLDER  # against neuralforecast (auto_lstm.py): hours, [bench]
    python benchmarks/speed.py --only start_up step    # some of the comparisons
    python benchmarks/speed.py --report                # print the tables of the results file

Every comparison runs both sides in turn, three times unless said otherwise; the table gives the median of the
ratios of pairs and their range. Files are generated with a seed (a threshold autoregression, for which the gate
opens, and a linear one, for which it does not) or those of ``reference.py``. Results are appended to
``benchmarks/results/speed.jsonl`` with machine and versions; a comparison that stands there is not run again.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from hard import threshold
from lstmsize.advisor.environment import environment_record
from lstmsize.readers import read_series
from lstmsize.splits import cut
from lstmsize.trials import worked_in
from reference import REFERENCE

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "speed.jsonl"
COMMAND = Path(sys.executable).with_name("lstmsize")
EXAMPLES = ("airline_passengers", "quadratic")
"""Shipped series for which the gate opens."""

LONGER = "mackey_glass"
"""Another one, which takes a minute."""

MINIMAL = """
import typer
app = typer.Typer()
@app.command()
def main(name: str, count: int = 1) -> None:
    "Greet."
app()
"""
WIDTHS = (64, 128, 256, 512)
WINDOW, BATCH, CHANNELS = 48, 32, 1
STEPS, WARM_UP = 30, 10
ROWS = 10_000


@dataclass(frozen=True, kw_only=True)
class Process:
    """A finished process: wall-clock seconds, largest resident memory in bytes, and what it printed."""

    seconds: float
    memory: int
    output: str


Entry = dict[str, Any]
_latest: dict[tuple[str, ...], Process] = {}


def main() -> None:
    """Run what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--only", nargs="+", choices=tuple(COMPARISONS), help="only these comparisons")
    parser.add_argument("--by-hand", action="store_true", help="against the search written by hand")
    parser.add_argument("--auto-lstm", action="store_true", help="against neuralforecast, whose package is needed")
    parser.add_argument("--series", nargs="+", help="of those that the gate opens for, only these")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--most-rows", type=int, default=100 * ROWS, help="of long series")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of the results")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    options = parser.parse_args()
    file = options.results
    if not options.report:
        done = {(entry["comparison"], entry["case"]) for entry in jsonl.read(file)}
        with tempfile.TemporaryDirectory() as folder:
            for name, comparison in COMPARISONS.items():
                if name not in (options.only or chosen(options)):
                    continue
                for entry in comparison(options, Path(folder), {case for found, case in done if found == name}):
                    keep(file, {"comparison": name, **entry})
    report(jsonl.read(file))


def chosen(options: argparse.Namespace) -> list[str]:
    """The yardsticks that take hours are run by themselves."""
    if options.by_hand or options.auto_lstm:
        return [name for name in YARDSTICKS if getattr(options, name)]
    return [name for name in COMPARISONS if name not in YARDSTICKS]


def start_up(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Help, version and completion against the help of a minimal program."""
    minimal = minimal_help(folder)
    completion = {"_LSTMSIZE_COMPLETE": "complete_bash", "COMP_WORDS": "lstmsize re", "COMP_CWORD": "1"}
    cases: dict[str, tuple[list[str], dict[str, str]]] = {
        "--help": ([str(COMMAND), "--help"], {}),
        "--version": ([str(COMMAND), "--version"], {}),
        "completion": ([str(COMMAND)], completion),
    }
    for case, (command, variables) in cases.items():
        if case not in done:
            yield paired(case, options.pairs + 2, partial(run, command, **variables), partial(run, minimal))


def first_line(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Seconds until ``recommend`` shows its first line, against the whole help of a minimal program."""
    if (case := "sunspots_monthly") not in done:
        command = [str(COMMAND), "recommend", str(ROOT / "examples" / f"{case}.csv")]
        minimal = minimal_help(folder)
        times = [(until_first_line(command), run(minimal).seconds) for _ in range(options.pairs + 2)]
        yield entry_of(case, [ours for ours, _ in times], [its for _, its in times])


def minimal_help(folder: Path) -> list[str]:
    """Return the command that prints the help of a minimal typer program."""
    script = folder / "minimal.py"
    script.write_text(MINIMAL)
    return [sys.executable, str(script), "--help"]


def until_first_line(command: list[str]) -> float:
    """Time a process until it has written a line to standard error, and end it."""
    started = perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        if process.stderr is None or not process.stderr.readline():
            raise SystemExit(f"{' '.join(command)} said nothing")
        seconds = perf_counter() - started
        process.terminate()
    return seconds


def baseline(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """The first half against an import of scikit-learn, and a million rows against ten thousand."""
    importing = [sys.executable, "-c", "import sklearn.linear_model"]
    short, long = write(folder, "linear", ROWS), write(folder, "linear", 100 * ROWS)
    series = {f"{ROWS:,} rows": short}
    if options.data:
        series["nyc_taxi"] = [str(Path(options.data) / "nyc_taxi.csv")]
    for case, arguments in series.items():
        if case not in done:
            yield paired(case, options.pairs, partial(lstmsize, "baseline", arguments), partial(run, importing))
    if (case := "a million rows against 10,000") not in done:
        yield paired(
            case, options.pairs, partial(lstmsize, "baseline", long), partial(lstmsize, "baseline", short)
        )


def shut(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """``recommend`` where the gate says no, against ``baseline``."""
    cases = {
        f"{ROWS:,} rows": write(folder, "linear", ROWS),
        "sunspots_monthly": [str(ROOT / "examples" / "sunspots_monthly.csv")],
    }
    for case, arguments in cases.items():
        if case not in done:
            yield paired(
                case,
                options.pairs,
                partial(lstmsize, "recommend", arguments),
                partial(lstmsize, "baseline", arguments),
            )


def step(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """A training step against forward and backward of a bare LSTM of the same shape, on one thread."""
    del folder
    code = f"from speed import step_pair; print(step_pair({{width}}, {options.pairs + 2}))"
    for width in WIDTHS:
        if (case := f"{width}x1") not in done:
            found = run([sys.executable, "-c", code.format(width=width)], PYTHONPATH=str(ROOT / "benchmarks"))
            ours, other = json.loads(found.output)
            yield entry_of(case, ours, other)


def step_pair(width: int, pairs: int) -> str:
    """Time both kinds of steps in turn; return medians of seconds as JSON."""
    import torch

    from lstmsize.trials import StepTimer

    torch.set_num_threads(1)
    ours, other = [], []
    network = torch.nn.LSTM(CHANNELS, width)
    inputs = torch.randn(WINDOW, BATCH, CHANNELS)
    for _ in range(pairs):
        ours.append(StepTimer(channels=CHANNELS, window=WINDOW, steps=STEPS)(_cell(width)))
        times = []
        for number in range(STEPS + WARM_UP):
            started = perf_counter()
            outputs, _ = network(inputs)
            outputs.sum().backward()
            network.zero_grad(set_to_none=True)
            if number >= WARM_UP:
                times.append(perf_counter() - started)
        other.append(median(times))
    return json.dumps([ours, other])


def _cell(width: int) -> Any:
    from lstmsize.space import Cell

    return Cell(width, 1)


def jobs(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """One worker against two: how many times as long it takes; and two processes of nothing but training steps."""
    del folder
    if (case := "two trainings, apart or at once") not in done:
        times = [(two_trainings(1), two_trainings(2)) for _ in range(options.pairs)]
        yield entry_of(case, [apart for apart, _ in times], [at_once for _, at_once in times])
    for case, arguments in open_series(options):
        if case not in done:
            yield paired(
                case,
                options.pairs,
                partial(lstmsize, "recommend", [*arguments, "--jobs", "1"]),
                partial(two_workers, *arguments),
            )


def two_workers(*arguments: str) -> Process:
    """Run with two workers; the latest run is kept for its breakdown."""
    _latest[arguments] = lstmsize("recommend", [*arguments, "--jobs", "2"])
    return _latest[arguments]


def two_trainings(at_once: int) -> float:
    """Time two processes of training steps of 32x1, so many at a time: what two cores are worth here."""
    timer = f"StepTimer(channels={CHANNELS}, window={WINDOW}, steps={50 * STEPS})"
    code = f"from lstmsize.space import Cell; from lstmsize.trials import StepTimer; {timer}(Cell(32, 1))"
    started = perf_counter()
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(run, [[sys.executable, "-c", code]] * 2))
    return perf_counter() - started


def long(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """The same process at a hundred thousand and a million rows against ten thousand; reading is counted apart.

    So is the peak of its memory.
    """
    short = write(folder, "threshold", ROWS)
    for rows in (10 * ROWS, 100 * ROWS):
        if (case := f"{rows:,} rows") in done or rows > options.most_rows:
            continue
        longer = write(folder, "threshold", rows)
        found = paired(
            case, options.pairs, partial(lstmsize, "recommend", longer), partial(lstmsize, "recommend", short)
        )
        yield found | {
            "reading": [seconds_of_reading(longer[0]) for _ in range(options.pairs)],
            "bytes_per_row": (found["peak"] - found["other_peak"]) / (rows - ROWS),
        }


def seconds_of_reading(*arguments: str) -> float:
    """Time the reading of a file, and perhaps of one column, in a process of its own."""
    code = "import sys; from speed import timed_reading; print(timed_reading(*sys.argv[1:]))"
    return float(run([sys.executable, "-c", code, *arguments], PYTHONPATH=str(ROOT / "benchmarks")).output)


def timed_reading(path: str, target: str | None = None) -> float:
    """Time the reading of a file."""
    started = perf_counter()
    read_series(path, target=target)
    return perf_counter() - started


def training(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """The whole run against one training of the size it chose, on one thread, imports included.

    The training's seconds are the run's own: the mean of all trainings of that size, trials of forms included.
    """
    del folder
    importing = [sys.executable, "-c", f"import {', '.join(worked_in('cpu'))}"]
    for case, arguments in open_series(options):
        if case in done:
            continue
        ours, other, shown = [], [], {}
        for _ in range(options.pairs):
            whole = lstmsize("recommend", [*arguments, "--force-search"])
            record = json.loads(whole.output)
            choice = record["recommendation"]
            name = f"{choice['units']}x{choice['layers']}"
            each = record["timing"]["training_by_size"][name] / trainings(record, choice)
            ours.append(whole.seconds)
            other.append(run(importing).seconds + each)
            shown = {"size": name, "verdict": record["verdict"]}
        yield entry_of(case, ours, other) | shown


def trainings(record: Entry, choice: Entry) -> int:
    """How many trainings the record counts under the chosen size: trials of forms, replicates, the holdout's."""
    sizes = {(size["units"], size["layers"]): len(size["replicates"]) for size in record["sizes"]}
    count = sizes[choice["units"], choice["layers"]] + len(record["holdout"]["seeds"])
    if (choice["units"], choice["layers"]) == min(sizes):
        count += sum(len(trial["losses"]) for trial in record["transform"]["trials"])
    return count


def breakdown(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Where the time of one run goes: its stages, and how busy two workers are once there is something to do."""
    del folder
    importing = [sys.executable, "-c", "import lstmsize.advisor, lstmsize.readers"]
    for case, arguments in open_series(options):
        if case in done:
            continue
        whole = _latest.get(tuple(arguments)) or two_workers(*arguments)
        timing = json.loads(whole.output)["timing"]
        by_size = timing["training_by_size"]
        walls = {stage: timing[stage] for stage in ("baselines", "gate", "form", "search", "holdout")}
        known = {"imports": run(importing).seconds, "reading": seconds_of_reading(arguments[0], *arguments[2:])}
        rest = whole.seconds - sum(walls.values()) - sum(known.values())
        stages = known | walls | {"rest": rest}
        yield entry_of(case, [whole.seconds], []) | {"stages": stages, "training": by_size}


def by_hand(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Against the search that people write."""
    yield from against("by_hand.py", options, folder, done)


def auto_lstm(options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Against neuralforecast's own search."""
    yield from against("auto_lstm.py", options, folder, done)


def against(script: str, options: argparse.Namespace, folder: Path, done: set[str]) -> Iterator[Entry]:
    """Both answers to the same file, and the errors of what they advise on the same holdout."""
    for case, arguments in open_series(options):
        if case in done:
            continue
        values = read_series(arguments[0], target=arguments[2] if arguments[1:] else None).target
        array = folder / "values.npy"
        np.save(array, values)
        splits = cut(len(values))
        ours = lstmsize("recommend", arguments)
        record = json.loads(ours.output)
        holdout = record["holdout"]
        network = "recurrent" in (record["verdict"], record["lean"])
        command = [sys.executable, str(ROOT / "benchmarks" / script), str(array)]
        seconds, lines = answered([*command, "--holdout", str(splits.rows - splits.development)])
        yield entry_of(case, [ours.seconds], [seconds]) | {
            "verdict": record["verdict"],
            "advice": "network" if network else record["best_baseline"],
            "error": holdout["seeds"] if network else [holdout["error_baseline"]],
            "other_answer": lines[0],
            "other_error": lines[1]["errors"],
        }


def answered(command: list[str]) -> tuple[float, list[Entry]]:
    """Run a yardstick; return the seconds until it has its answer, and what it printed."""
    started = perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "OMP_NUM_THREADS"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as process:
        if process.stdout is None:
            raise RuntimeError("no standard output")
        lines, seconds = [], 0.0
        for line in process.stdout:
            if line.startswith("{"):
                lines.append(json.loads(line))
                seconds = seconds or perf_counter() - started
    if len(lines) != 2:
        raise SystemExit(f"{command[1]} ended with {process.returncode} and {len(lines)} answers")
    return seconds, lines


def open_series(options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    """Name and arguments of the series for which the gate opens: shipped ones, and those of the folder."""
    examples = (*EXAMPLES, LONGER) if options.data else EXAMPLES
    found = {name: [str(ROOT / "examples" / f"{name}.csv")] for name in examples}
    if options.data:
        for line in REFERENCE:
            name, *rest = line.split()
            found[name] = [str(Path(options.data) / f"{name}.csv"), *rest]
    for name, arguments in found.items():
        if options.series and name not in options.series:
            continue
        if gate_of(*arguments) == "open":
            yield name, arguments


@cache
def gate_of(*arguments: str) -> str:
    """Ask whether the gate is open."""
    return str(json.loads(lstmsize("baseline", [*arguments]).output)["gate"]["decision"])


COMPARISONS: dict[str, Callable[[argparse.Namespace, Path, set[str]], Iterator[Entry]]] = {
    "start_up": start_up,
    "first_line": first_line,
    "baseline": baseline,
    "shut": shut,
    "step": step,
    "jobs": jobs,
    "training": training,
    "long": long,
    "breakdown": breakdown,
    "by_hand": by_hand,
    "auto_lstm": auto_lstm,
}
YARDSTICKS = ("by_hand", "auto_lstm")


def write(folder: Path, kind: str, rows: int) -> list[str]:
    """Write a generated series once; return the arguments that name it."""
    path = folder / f"{kind}{rows}.csv"
    if not path.exists():
        # In a process of its own, for the sake of this one's memory: see `run`.
        code = "import sys; from speed import generate; generate(sys.argv[1], int(sys.argv[2]), sys.argv[3])"
        run([sys.executable, "-c", code, kind, str(rows), str(path)], PYTHONPATH=str(ROOT / "benchmarks"))
    return [str(path)]


def generate(kind: str, rows: int, path: str) -> None:
    """Write a linear or a threshold autoregression."""
    if kind == "linear":
        values = np.random.default_rng(1).normal(size=rows)
        for row in range(1, rows):
            values[row] += 0.7 * values[row - 1]
    else:
        values = threshold(rows)
    Path(path).write_text("value\n" + "\n".join(f"{value:.5f}" for value in values) + "\n")


def lstmsize(command: str, arguments: list[str]) -> Process:
    """Run the command at its defaults."""
    return run([str(COMMAND), command, *arguments, "--json", "--quiet"])


def run(command: list[str], **variables: str) -> Process:
    """Run a process to its end; its memory is its own, without that of its workers.

    Linux counts the peak of the starting process as well, which therefore imports little and makes no large file.
    """
    with tempfile.TemporaryFile("w+") as output:
        started = perf_counter()
        # As an installation does, files are kept compiled to byte code.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment | variables)
        _, status, used = os.wait4(process.pid, 0)
        seconds = perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    return Process(seconds=seconds, memory=used.ru_maxrss * 1024, output=text)


def paired(case: str, pairs: int, ours: Callable[[], Process], other: Callable[[], Process]) -> Entry:
    """Run both in turn; of the memory the largest peak is kept."""
    mine, its = zip(*((ours(), other()) for _ in range(pairs)), strict=True)
    return entry_of(case, [one.seconds for one in mine], [one.seconds for one in its]) | {
        "peak": max(one.memory for one in mine),
        "other_peak": max(one.memory for one in its),
    }


def entry_of(case: str, ours: list[float], other: list[float]) -> Entry:
    """Both sides of a comparison, with the machine."""
    known = environment_record(jobs=None, study=None)
    about = {key: known[key] for key in ("lstmsize", "python", "torch", "processor", "cores")}
    about["instructions"] = instructions()
    return {"case": case, "seconds": ours, "other": other, "versions": about}


@cache
def instructions() -> str:
    """Vector instructions that torch uses, on which the speed of a training depends most."""
    code = "import torch; print(torch.backends.cpu.get_cpu_capability())"
    return run([sys.executable, "-c", code]).output.strip()


def keep(file: Path, entry: Entry) -> None:
    """Append one result and show it."""
    jsonl.append(file, entry)
    print(entry["comparison"], entry["case"], entry["seconds"], entry["other"], flush=True)


GOALS = {
    "start_up": "at most 1.5",
    "first_line": "half a second",
    "baseline": "at most 3, a million rows at most 5",
    "shut": "at most 1.3",
    "step": "at most 1.67, 1.25, 1.11, 1.11",
    "jobs": "at least 1.7",
    "training": "at most 30",
    "long": "below 2 besides reading",
}


def report(entries: list[Entry]) -> None:
    """Print the tables in Markdown."""
    head("comparison", "case", "seconds", "against", "ratio (range)", "goal")
    for entry in entries:
        if entry["comparison"] not in GOALS or not entry["other"]:
            continue
        read = entry.get("reading", [0.0] * len(entry["seconds"]))
        ratios = [(s - r) / o for s, r, o in zip(entry["seconds"], read, entry["other"], strict=True)]
        row(
            entry["comparison"],
            entry["case"],
            f"{median(entry['seconds']):.4g}",
            f"{median(entry['other']):.4g}",
            f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
            GOALS[entry["comparison"]],
        )
    print()
    head("peak memory at", "megabytes", "at ten thousand rows", "bytes per further row", "goal")
    for entry in entries:
        if "bytes_per_row" in entry:
            peaks = [f"{entry[peak] / 1e6:.0f}" for peak in ("peak", "other_peak")]
            row(entry["case"], *peaks, f"{entry['bytes_per_row']:.0f}", "below 60")
    print()
    stages = ("imports", "reading", "baselines", "gate", "form", "search", "holdout", "rest")
    head("seconds of", "all", *stages, "training by size", "workers busy")
    for entry in entries:
        if entry["comparison"] == "breakdown":
            each = ", ".join(f"{size} {seconds:.1f}" for size, seconds in entry["training"].items())
            parts = [f"{entry['stages'][stage]:.1f}" for stage in stages]
            after = sum(seconds for stage, seconds in entry["stages"].items() if stage in stages[2:])
            busy = sum(entry["training"].values()) / 2 / after
            row(entry["case"], f"{entry['seconds'][0]:.1f}", *parts, each, f"{busy:.0%}")
    print()
    head(
        "yardstick",
        "series",
        "answer",
        "ours, s",
        "its, s",
        "times faster",
        "our error",
        "its error (5 networks)",
        "p-value of the difference",
    )
    for entry in entries:
        if entry["comparison"] not in YARDSTICKS:
            continue
        its = entry["other_error"]
        row(
            entry["comparison"],
            entry["case"],
            f"{entry['verdict']}: {entry['advice']}",
            f"{entry['seconds'][0]:.0f}",
            f"{entry['other'][0]:.0f}",
            f"{entry['other'][0] / entry['seconds'][0]:.1f}",
            f"{np.mean(entry['error']):.4g}",
            f"{np.mean(its):.4g} ({min(its):.4g} to {max(its):.4g})",
            f"{p_value(entry['error'], its):.2g}",
        )


def p_value(ours: list[float], its: list[float]) -> float:
    """Two-sided, of the means of errors over seeds (Welch's test); a baseline has one error, without noise."""
    from scipy import stats  # not before, for the sake of this process's memory: see `run`

    if len(ours) == 1:
        return float(stats.ttest_1samp(its, ours[0]).pvalue)
    return float(stats.ttest_ind(ours, its, equal_var=False).pvalue)


def head(*names: str) -> None:
    """Print the head of a table."""
    row(*names)
    print("|" + "---|" * len(names))


def row(*cells: str) -> None:
    """Print a row of a table."""
    print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
