"""A CUDA device against one core of the processor: training steps, several trainings at once, whole answers.

    python benchmarks/cuda.py --data FOLDER             # where there is such a device (or LSTMSIZE_DATA=FOLDER)
    python benchmarks/cuda.py --only steps together     # some of the parts
    python benchmarks/cuda.py --report                  # print the tables of the results file

Steps are timed on the processor and on the device in turn, medians of three. Trainings at once are the same steps
in one thread and in several that share the device. Answers are those of ``reference.py``'s series on the device,
and on all cores of the processor where ``--processor`` names them; sizes stand beside those that another machine's
processor gave (``results/reference.jsonl``). Results are appended to ``results/cuda.jsonl`` with the device.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

from lstmsize.advisor.environment import environment_record, require_device
from lstmsize.executors import ProcessExecutor
from lstmsize.space import Cell
from lstmsize.trials import StepTimer
from reference import answer, series, size_named

RESULTS = Path(__file__).resolve().parent / "results" / "cuda.jsonl"
SIZES = (Cell(32, 1), Cell(64, 1), Cell(128, 1), Cell(128, 3), Cell(256, 1), Cell(256, 2), Cell(512, 1))
TOGETHER = (Cell(32, 1), Cell(128, 2), Cell(256, 2))
AT_ONCE = (1, 2, 4, 8)
WINDOW, CHANNELS = 48, 1
STEPS = 500
"""Steps before a timing and in it; of several trainings at once both count."""

PAIRS = 3
"""Times that both sides are timed."""

Entry = dict[str, Any]


def main() -> None:
    """Measure what is missing, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=list(PARTS), help="only these parts")
    parser.add_argument("--series", nargs="+", help="answers for these only")
    parser.add_argument("--processor", nargs="*", default=[], help="answers of the processor as well for these")
    parser.add_argument("--jobs", nargs="+", type=int, default=[4], help="workers of the answers")
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of the results")
    parser.add_argument("--report", action="store_true", help="only print the tables")
    options = parser.parse_args()
    if not options.report:
        require_device("cuda")
        done = {(entry["part"], entry["case"]) for entry in jsonl.read(options.results)}
        for part in options.only:
            for entry in PARTS[part](options, {case for name, case in done if name == part}):
                kept = {"part": part, **entry, "machine": machine()}
                jsonl.append(options.results, kept)
                print(kept, flush=True)
    report(jsonl.read(options.results))


def machine() -> dict[str, Any]:
    """Name device, processor and versions."""
    import torch

    found = environment_record(jobs=None, study=None)
    names = {key: found[key] for key in ("torch", "processor", "cores")}
    return {"device": torch.cuda.get_device_name(), **names}


def steps(options: argparse.Namespace, done: set[str]) -> Iterator[Entry]:
    """Milliseconds of a training step, on one core and on the device."""
    del options
    for cell in SIZES:
        if (case := str(cell)) in done:
            continue
        times: dict[str, list[float]] = {"cpu": [], "cuda": []}
        for _ in range(PAIRS):
            for device, found in times.items():
                seconds = StepTimer(channels=CHANNELS, window=WINDOW, steps=10, device=device)(cell)
                if seconds is None:
                    raise RuntimeError(f"{cell} could not be timed on {device}")
                found.append(round(1000 * seconds, 4))
        yield {"case": case, **times}


def together(options: argparse.Namespace, done: set[str]) -> Iterator[Entry]:
    """Steps per second of all trainings, one and several at once."""
    del options
    timer = StepTimer(channels=CHANNELS, window=WINDOW, steps=STEPS, device="cuda")
    for cell in TOGETHER:
        for count in AT_ONCE:
            if (case := f"{cell}, {count} at once") in done:
                continue
            rates = []
            with ProcessExecutor[Cell, float | None](timer, count, in_threads=True) as executor:
                list(executor.run([cell] * count))  # workers start, and the device's libraries with them
                for _ in range(PAIRS):
                    started = perf_counter()
                    results = [result for _, result in executor.run([cell] * count)]
                    if not all(isinstance(result, float) for result in results):
                        raise RuntimeError(f"{case}: {results}")
                    rates.append(round(2 * STEPS * count / (perf_counter() - started)))
            yield {"case": case, "per_second": rates}


def answers(options: argparse.Namespace, done: set[str]) -> Iterator[Entry]:
    """Whole answers: verdict, size and seconds of each stage."""
    for name, arguments in series(options.data):
        if options.series and name not in options.series:
            continue
        asked = [
            (f"{name}, cuda, {jobs} jobs", ["--device", "cuda", "--jobs", str(jobs)]) for jobs in options.jobs
        ]
        if name in options.processor:
            asked.append((f"{name}, processor", []))
        for case, more in asked:
            if case not in done:
                record, seconds = answer([*arguments, *more])
                yield {
                    "case": case,
                    "series": name,
                    "verdict": record["verdict"],
                    "size": size_named(record["recommendation"]),
                    "gate": record["gate"]["decision"],
                    "timing": record["timing"],
                    "seconds": round(seconds, 1),
                }


PARTS = {"steps": steps, "together": together, "answers": answers}


def report(entries: list[Entry]) -> None:
    """Print tables in Markdown."""
    print("\n| size | one core, ms a step | device, ms a step | times as fast |\n|---|---|---|---|")
    for entry in (entry for entry in entries if entry["part"] == "steps"):
        core, device = median(entry["cpu"]), median(entry["cuda"])
        print(f"| {entry['case']} | {core:.2f} | {device:.2f} | {core / device:.0f} |")
    print("\n| size and trainings | steps a second of all (lowest to highest) |\n|---|---|")
    for entry in (entry for entry in entries if entry["part"] == "together"):
        low, *_, high = sorted(entry["per_second"])
        print(f"| {entry['case']} | {median(entry['per_second']):,.0f} ({low:,} to {high:,}) |")
    elsewhere = {entry["series"]: entry for entry in jsonl.read(RESULTS.with_name("reference.jsonl"))}
    print("\n| answer | verdict | size | another processor's | seconds | of which training |")
    print("|---|---|---|---|---|---|")
    for entry in (entry for entry in entries if entry["part"] == "answers"):
        other = elsewhere.get(entry["series"])
        its = "-" if other is None else f"{other['verdict']} {other['size'] or ''}".strip()
        stages = sum(entry["timing"].get(stage) or 0 for stage in ("form", "search", "holdout"))
        print(
            f"| {entry['case']} | {entry['verdict']} | {entry['size'] or '-'} | {its} | {entry['seconds']} "
            f"| {stages:.1f} |"
        )


if __name__ == "__main__":
    main()
