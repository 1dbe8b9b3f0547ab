"""The whole command on real series: verdict, size, gain, best baseline, seconds.

    python benchmarks/reference.py --data FOLDER       # or LSTMSIZE_DATA=FOLDER
    python benchmarks/reference.py --report            # print the table of the results file

Each series is given to ``lstmsize recommend FILE --json`` at its defaults, in a process of its own; the shipped
examples need no folder. Records are appended to ``benchmarks/results/reference.jsonl`` as they come.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import jsonl

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "reference.jsonl"
EXAMPLES = (
    "one_to_ten",
    "fibonacci",
    "quadratic",
    "cubic",
    "white_noise",
    "random_walk",
    "airline_passengers",
    "co2_weekly",
    "sunspots_monthly",
    "mackey_glass",
)
REFERENCE = (
    "taylor",
    "births_us",
    "ETTh1 --target OT",
    "monthly-sunspots",
    "nyc_taxi",
    "river_flow_saugeen",
    "daily-min-temperatures",
    "uk_daily_flights",
    "yearly-water-usage",
    "shampoo",
    "pollution --target TEMP",
)


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--report", action="store_true", help="only print the table")
    options = parser.parse_args()
    if not options.report:
        done = {entry["series"] for entry in jsonl.read(RESULTS)}
        for name, arguments in series(options.data):
            if name not in done:
                keep(name, *answer(arguments))
    report()


def series(folder: str | None) -> list[tuple[str, list[str]]]:
    """Return names and arguments of the examples and, where the folder is there, of the reference series."""
    found = [(f"examples/{name}", [f"examples/{name}.csv"]) for name in EXAMPLES]
    found[0][1].extend(["--window", "2"])
    if folder is None or not Path(folder).is_dir():
        print("the reference series are skipped: name their folder with --data or LSTMSIZE_DATA", file=sys.stderr)
        return found
    for line in REFERENCE:
        name, *arguments = line.split()
        found.append((name, [str(Path(folder) / f"{name}.csv"), *arguments]))
    return found


def answer(arguments: list[str]) -> tuple[dict[str, Any], float]:
    """Run the command; return its record and the seconds of the whole process."""
    started = monotonic()
    command = [sys.executable, "-m", "lstmsize", "recommend", *arguments, "--json", "--quiet"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return json.loads(done.stdout), monotonic() - started


def keep(name: str, record: dict[str, Any], seconds: float) -> None:
    """Append what the table needs."""
    holdout = record["holdout"] or {}
    entry = {
        "series": name,
        "rows": record["input"]["rows"],
        "verdict": record["verdict"],
        "lean": record["lean"],
        "size": size_named(record["recommendation"]),
        "equivalent": [size_named(size) for size in record["equivalent_sizes"]],
        "best_baseline": record["best_baseline"],
        "gate": record["gate"]["decision"],
        "form": record["transform"]["kind"] if record["transform"] else None,
        **{key: holdout.get(key) for key in ("gain", "gain_low", "gain_high")},
        "folds": fold_gain(record),
        "findings": [finding["code"] for finding in record["findings"]],
        "seconds": round(seconds, 1),
        "versions": {key: record["environment"][key] for key in ("lstmsize", "torch", "processor", "jobs")},
    }
    jsonl.append(RESULTS, entry)
    print(entry, flush=True)


def size_named(size: dict[str, Any] | None) -> str | None:
    """Return units and layers of a size of the record as one word."""
    return f"{size['units']}×{size['layers']}" if size else None


def fold_gain(record: dict[str, Any]) -> float | None:
    """Mean gain on the folds of the best size, or of the recommended one."""
    wanted = record["recommendation"] or record["observed_best"]
    for size in record["sizes"]:
        if wanted and (size["units"], size["layers"]) == (wanted["units"], wanted["layers"]):
            return None if size["mean"] is None else 1 - float(size["mean"])
    return None


def report() -> None:
    """Print a table in Markdown."""
    print(
        "| series | rows | verdict | size | gain on the holdout (90 %) | on the folds | best baseline | seconds |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for entry in jsonl.read(RESULTS):
        gain = "gate shut"
        if entry["gain"] is not None:
            gain = f"{entry['gain']:.1%} ({entry['gain_low']:.1%} to {entry['gain_high']:.1%})"
        folds = "" if entry["folds"] is None else f"{entry['folds']:.1%}"
        verdict = entry["verdict"] + (f", leans {entry['lean']}" if entry["lean"] else "")
        print(
            f"| {entry['series']} | {entry['rows']:,} | {verdict} | {entry['size'] or '-'} | {gain} | {folds} "
            f"| {entry['best_baseline']} | {entry['seconds']} |"
        )


if __name__ == "__main__":
    main()
