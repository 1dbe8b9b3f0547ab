"""The baselines against simple forecasters that people know: AutoARIMA, AutoETS, AutoTheta and a seasonal ridge.

    python -m venv VENV && VENV/bin/pip install -c constraints.txt -e '.[bench]'
    VENV/bin/python benchmarks/simple.py --data FOLDER     # or LSTMSIZE_DATA=FOLDER
    VENV/bin/python benchmarks/simple.py --processes       # generated series of benchmarks/processes.py
    python benchmarks/simple.py --report                   # print the table of the results file

Ours is the baseline that the product would choose on the three folds. Every rival is fitted on the training part
of each fold, and on the development part for the holdout; then its parameters stay and its states are updated at
every step, as ours are, and all forecasts are one step ahead. ARIMA, ETS and theta learn from the latest 3,000
rows and know the shortest season, up to 24 steps; theta forecasts 300 rows of a block at most, and ours is
compared on the same ones. The ridge has penalty 1 on all standardised lags to two seasons, 400 at most. A ratio
below 1 means that the rival's RMSE is lower; its standard error comes from the means of batches. Records are
appended to ``benchmarks/results/simple.jsonl`` as they come, and what stands there is not run again.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from time import monotonic
from typing import Any

import jsonl

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from lstmsize.advisor.first_half import MOST_SEASON_ROWS
from lstmsize.baselines import find_recursion, forecast_fold, grows
from lstmsize.baselines.forecasts import MOST_ROWS
from lstmsize.baselines.scores import Scoreboard
from lstmsize.errors import DataError
from lstmsize.metrics import aggregate, losses
from lstmsize.readers import read_series
from lstmsize.resampling import block_length, mean_stderr
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray, Series
from lstmsize.splits import Fold, cut
from reference import EXAMPLES, REFERENCE

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "simple.jsonl"
MORE = (
    "ETTh1 --target HUFL",
    "pollution --target PRES",
    *(f"demo_multi_series --group id_{number}" for number in range(1000, 1005)),
    *(f"m4_hourly --group H{number}" for number in (1, 50, 100, 150, 200, 250, 300, 350, 400)),
)
RIVAL_ROWS, RIVAL_SEASON, RIVAL_ORIGINS, RIDGE_LAGS, CHECKED = 3000, 24, 300, 400, 12
LIMIT = 60.0
"""Seconds of the processor that ARIMA may take on a block; then it is estimated by conditional squares."""

PROCESS_ROWS, DRAWS = (300, 1000), 2
FLAG, ERRORS = 0.03, 2.0
"""A rival is reported that has this much less error than ours, by so many standard errors."""

FOLDS, HOLDOUT = "folds", "holdout"
Rows = NDArray[np.intp]
Found = tuple[Rows, FloatArray, str]


@dataclass(frozen=True)
class Block:
    """One scored block as the rivals see it, and our forecasts of it."""

    name: str
    values: FloatArray
    fold: Fold
    seasons: tuple[int, ...]
    ours: FloatArray

    @property
    def start(self) -> int:
        """First row that ARIMA, ETS and theta learn from."""
        return max(0, self.fold.train_stop - RIVAL_ROWS)

    @property
    def past(self) -> FloatArray:
        """What they learn from."""
        return self.values[self.start : self.fold.train_stop].copy()

    @property
    def seen(self) -> FloatArray:
        """The same and the scored block."""
        return self.values[self.start : self.fold.score_stop].copy()

    def thinned(self, most: int) -> Rows:
        """Scored rows, so many at most, evenly spread."""
        count = self.fold.score_stop - self.fold.train_stop
        chosen = np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
        return self.fold.train_stop + chosen

    @property
    def season(self) -> int:
        """The shortest season, or 1 where there is none or it is long."""
        return min((s for s in self.seasons if s <= RIVAL_SEASON), default=1)


@dataclass(frozen=True)
class Subject:
    """A series with its seasons, the name of our best baseline, and its blocks."""

    name: str
    rows: int
    seasons: tuple[int, ...]
    best: str
    blocks: list[Block]


def main() -> None:
    """Run what is missing, then print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", default=os.environ.get("LSTMSIZE_DATA"), help="folder of the reference series")
    parser.add_argument("--processes", action="store_true", help="generated series instead of real ones")
    parser.add_argument("--only", default="", help="only series whose names contain this")
    parser.add_argument("--report", action="store_true", help="only print the table")
    options = parser.parse_args()
    if not options.report:
        done = {(entry["series"], entry["rival"]) for entry in jsonl.read(RESULTS)}
        source = generated() if options.processes else real(options.data)
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for name, read in source:
                missing = [rival for rival in RIVALS if (name, rival) not in done]
                if options.only in name and missing and (subject := prepare(name, read)) is not None:
                    for rival in missing:
                        keep(subject, rival)
    report()


def real(folder: str | None) -> Iterator[tuple[str, Callable[[], Series]]]:
    """Name the examples and, where the folder is there, the reference series, to be read in their turn."""
    for name in EXAMPLES:
        yield f"examples/{name}", lambda name=name: read_series(ROOT / "examples" / f"{name}.csv")  # type: ignore[misc]
    if folder is None or not Path(folder).is_dir():
        print("the reference series are skipped: name their folder with --data or LSTMSIZE_DATA", file=sys.stderr)
        return
    for line in (*REFERENCE, *MORE):
        yield line, lambda line=line: from_folder(Path(folder), line)  # type: ignore[misc]


def from_folder(folder: Path, line: str) -> Series:
    """Read a reference series; one of several in long format by its group."""
    name, *arguments = line.split()
    if "--group" not in arguments:
        return read_series(folder / f"{name}.csv", target=arguments[-1] if arguments else None)
    import pandas as pd

    long = pd.read_parquet(folder / f"{name}.parquet") if "m4" in name else pd.read_csv(folder / f"{name}.csv")
    one = long[long["series_id"] == arguments[-1]][["timestamp", "value"]]
    return read_series(one, target="value", time="timestamp")


def generated() -> Iterator[tuple[str, Callable[[], Series]]]:
    """Name draws of the processes of which a simple model is the best forecast, or none is."""
    from processes import PROCESSES, draw

    for name, process in PROCESSES.items():
        if process.kind == "nonlinear":
            continue
        for rows in PROCESS_ROWS:
            for seed in range(DRAWS):
                label = f"process/{name}/{rows}/{seed}"
                yield label, lambda name=name, rows=rows, seed=seed: read_series(draw(name, rows, seed))  # type: ignore[misc]


def prepare(name: str, read: Callable[[], Series]) -> Subject | None:
    """Fit our baselines on all blocks, choose one on the folds; None where the product does not get that far."""
    try:
        series = read()
    except (DataError, FileNotFoundError) as error:
        print(f"{name} is skipped: {error}", file=sys.stderr)
        return None
    values = series.target
    if find_recursion(values) is not None:
        print(f"{name} is skipped: an exact recursion gives every row", file=sys.stderr)
        return None
    splits = cut(len(values))
    development = values[: splits.development]
    seasons = find_seasons(development[-MOST_SEASON_ROWS:], series.step)
    folds = (*splits.folds, splits.final)
    fitted = [forecast_fold(values, f, seasons, "rmse", logarithm=grows(development)).forecasts for f in folds]
    everywhere = [name for name in fitted[0] if all(name in found for found in fitted)]
    forecasts = {name: [found[name] for found in fitted[:-1]] for name in everywhere}
    best = Scoreboard(values=values, folds=splits.folds, forecasts=forecasts, seasons=seasons, metric="rmse").best
    blocks = [
        Block(block, values, fold, seasons, found[best].values[fold.train_stop - fold.score_stop :])
        for block, fold, found in zip(("fold 1", "fold 2", "fold 3", HOLDOUT), folds, fitted, strict=True)
    ]
    return Subject(name, len(values), seasons, best, blocks)


def arima(block: Block) -> Found:
    """AutoARIMA, estimated by conditional squares where the likelihood takes too long."""
    from statsforecast.models import AutoARIMA

    rows = min(RIVAL_ROWS, block.fold.train_stop)
    choices: dict[str, Any] = {"season_length": block.season, "approximation": rows > 150 or block.season > 12}
    method = ""
    try:
        with time_limit(LIMIT):
            model = AutoARIMA(**choices).fit(block.past)
    except TimeoutError:
        method = " CSS"
        model = AutoARIMA(**choices, method="CSS").fit(block.past)
    p, q, P, Q, season, d, D = model.model_["arma"]
    extra = "".join(f" {name}" for name in ("drift", "intercept") if name in model.model_["coef"])
    detail = f"({p},{d},{q})" + (f"({P},{D},{Q}){season}" if season > 1 else "") + extra + method
    return *updated(block, model), detail


def ets(block: Block) -> Found:
    """AutoETS."""
    from statsforecast.models import AutoETS

    model = AutoETS(season_length=block.season).fit(block.past)
    smoothing = " ".join(f"{value:.3g}" for value in model.model_["par"][:4] if np.isfinite(value))
    return *updated(block, model), f"{model.model_['method']} {smoothing}"


def theta(block: Block) -> Found:
    """AutoTheta; it deseasonalises the rows before each origin anew."""
    from statsforecast.models import AutoTheta

    model = AutoTheta(season_length=block.season).fit(block.past)
    found = model.model_
    detail = f"{found['modeltype']} {found['par']['alpha']:.3g} {found['par']['theta']:.3g}"
    detail += f" {found['decomposition_type']}" if "decompose" in found else ""
    return *from_origins(block, model, block.thinned(RIVAL_ORIGINS)), detail


def updated(block: Block, model: Any) -> tuple[Rows, FloatArray]:
    """One-step forecasts of all rows from one pass where they are the same as those from single origins.

    ARIMA's fitted values rest on standardised errors; where its moving average cannot be inverted, these are not
    the errors of its forecasts. Then each origin is forecast by itself.
    """
    rows = np.arange(block.fold.train_stop, block.fold.score_stop)
    fitted = np.asarray(model.forward(block.seen, h=1, fitted=True)["fitted"], dtype=np.float64)[-len(rows) :]
    few, single = from_origins(block, model, block.thinned(CHECKED))
    spread = float(np.std(block.values[few] - single))
    if np.allclose(fitted[few - rows[0]], single, rtol=0, atol=0.01 * spread):
        return rows, fitted
    return from_origins(block, model, block.thinned(RIVAL_ORIGINS))


def from_origins(block: Block, model: Any, rows: Rows) -> tuple[Rows, FloatArray]:
    """Forecast each row from the rows before it, which are all that the model is given."""
    past = [block.seen[: row - block.start] for row in rows]
    return rows, np.array([float(model.forward(values, h=1)["mean"][0]) for values in past])


def seasonal_ridge(block: Block) -> Found:
    """Ridge regression on all lags to two seasons, built by mlforecast."""
    import pandas as pd
    from mlforecast import MLForecast
    from sklearn.linear_model import Ridge

    start = max(0, block.fold.train_stop - MOST_ROWS)
    stop = block.fold.train_stop - start
    count = max(1, min(2 * max(block.seasons, default=12), RIDGE_LAGS, stop // 3))
    values = block.values[start : block.fold.score_stop]
    centre, spread = values[:stop].mean(), values[:stop].std() or 1.0
    frame = pd.DataFrame({"unique_id": "one", "ds": np.arange(len(values)), "y": (values - centre) / spread})
    table = MLForecast(models=[], freq=1, lags=range(1, count + 1)).preprocess(frame)
    past = table["ds"].to_numpy() < stop
    columns = table[[f"lag{lag}" for lag in range(1, count + 1)]].to_numpy()
    model = Ridge(alpha=1.0).fit(columns[past], table["y"].to_numpy()[past])
    return (
        np.arange(block.fold.train_stop, block.fold.score_stop),
        model.predict(columns[~past]) * spread + centre,
        f"{count} lags",
    )


RIVALS: dict[str, Callable[[Block], Found]] = {
    "AutoARIMA": arima,
    "AutoETS": ets,
    "AutoTheta": theta,
    "ridge": seasonal_ridge,
}


def keep(subject: Subject, rival: str) -> None:
    """Run one rival on all blocks and append what the table needs."""
    started = monotonic()
    entry = {
        "series": subject.name,
        "rows": subject.rows,
        "seasons": subject.seasons,
        "best": subject.best,
        "rival": rival,
        "blocks": [compare(block, rival) for block in subject.blocks],
        "seconds": round(monotonic() - started, 1),
        "versions": {name: version(name) for name in ("lstmsize", "statsforecast", "mlforecast")},
    }
    jsonl.append(RESULTS, entry)
    ratios = [block["ratio"] and round(block["ratio"], 3) for block in entry["blocks"]]
    print(subject.name, subject.best, rival, ratios, entry["seconds"], flush=True)


def compare(block: Block, rival: str) -> dict[str, Any]:
    """Compare one rival with ours on the rows that it forecast."""
    known: dict[str, Any] = {"block": block.name, "train": block.fold.train_stop, "ratio": None}
    try:
        rows, forecasts, detail = RIVALS[rival](block)
    except Exception as error:  # noqa: BLE001 - whatever another library raises is a result
        return known | {"error": f"{type(error).__name__}: {error}"[:200]}
    theirs = losses(block.values[rows], forecasts, "rmse")
    ours = losses(block.values[rows], block.ours[rows - block.fold.train_stop], "rmse")
    errors = {"ours": aggregate(ours, "rmse"), "theirs": aggregate(theirs, "rmse")}
    if not np.isfinite(errors["theirs"]) or errors["ours"] == 0:
        return known | errors | {"error": "no finite ratio"}
    ratio = errors["theirs"] / errors["ours"]
    # Delta method: a ratio of means, then its root.
    influence = (theirs - ratio**2 * ours) / (2 * ratio * ours.mean()) if ratio > 0 else np.zeros(len(ours))
    stderr = mean_stderr(influence, block_length(len(rows), block.seasons))
    return known | errors | {"n": len(rows), "ratio": ratio, "stderr": stderr, "detail": detail}


class time_limit:  # noqa: N801 - used as a statement
    """Interrupt a block of code after so many seconds of the processor.

    The alarm rings again and again, since a search may take it for the failure of one candidate.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.rung = False

    def __enter__(self) -> None:
        """Set the alarm."""
        signal.signal(signal.SIGPROF, self._ring)
        signal.setitimer(signal.ITIMER_PROF, self.seconds, 0.2)

    def __exit__(self, kind: object, *_: object) -> None:
        """Turn it off; an alarm that was swallowed is raised now."""
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        if self.rung and kind is None:
            self._ring()

    def _ring(self, *_: object) -> None:
        self.rung = True
        raise TimeoutError(f"more than {self.seconds:g} s")


def mean_ratio(entry: dict[str, Any], part: str) -> tuple[float, float] | None:
    """Mean ratio and its standard error over the folds, or those of the holdout; None where a block failed."""
    blocks = [block for block in entry["blocks"] if (block["block"] == HOLDOUT) == (part == HOLDOUT)]
    if any(block["ratio"] is None for block in blocks):
        return None
    spreads = [np.nan if block["stderr"] is None else block["stderr"] for block in blocks]
    mean = float(np.mean([block["ratio"] for block in blocks]))
    return mean, float(np.sqrt(np.sum(np.square(spreads))) / len(blocks))


def beats(entry: dict[str, Any], part: str) -> bool:
    """Say whether the rival has credibly and clearly less error than ours."""
    found = mean_ratio(entry, part)
    return found is not None and 1 - found[0] > max(FLAG, ERRORS * found[1])


def report() -> None:
    """Print two tables in Markdown: all ratios, and in detail where a rival beats ours."""
    entries = jsonl.read(RESULTS)
    by_series = {entry["series"]: entry for entry in entries}
    print(f"RMSE of the rival / ours, folds and holdout, ± standard error; bold: by more than {FLAG:.0%} and")
    print(f"{ERRORS:g} standard errors.\n")
    print(f"| series | rows | seasons | our best | {' | '.join(RIVALS)} |")
    print("|---|---|---|---|" + "---|" * len(RIVALS))
    for name, any_entry in by_series.items():
        own = {entry["rival"]: entry for entry in entries if entry["series"] == name}
        cells = [cell(own[rival]) if rival in own else "" for rival in RIVALS]
        seasons = ", ".join(map(str, any_entry["seasons"])) or "-"
        print(f"| {name} | {any_entry['rows']:,} | {seasons} | {any_entry['best']} | {' | '.join(cells)} |")
    medians(entries)
    print("\n| series | part | our best | rival | ratio | what the rival chose, block by block |")
    print("|---|---|---|---|---|---|")
    for entry in entries:
        for part in (FOLDS, HOLDOUT):
            if beats(entry, part):
                ratio, spread = mean_ratio(entry, part) or (np.nan, np.nan)
                details = "; ".join(block.get("detail", "failed") for block in entry["blocks"])
                row = (
                    entry["series"],
                    part,
                    entry["best"],
                    entry["rival"],
                    f"{ratio:.3f} ± {spread:.3f}",
                    details,
                )
                print("| " + " | ".join(row) + " |")
    ahead_by_mean(entries)


def ahead_by_mean(entries: list[dict[str, Any]]) -> None:
    """Print how often a rival is ahead if its standard error is not looked at."""
    means = {
        (entry["series"], entry["rival"], part): found[0]
        for entry in entries
        for part in (FOLDS, HOLDOUT)
        if (found := mean_ratio(entry, part)) is not None
    }
    ahead = {key for key, ratio in means.items() if 1 - ratio > FLAG}
    both = {(s, r) for s, r, _ in ahead if {(s, r, FOLDS), (s, r, HOLDOUT)} <= ahead}
    print(f"\nBy the mean alone a rival is as far ahead in {len(ahead)} of {len(means)} comparisons,")
    print(f"on {len({series for series, _, _ in ahead})} series; on folds and holdout both: {len(both)}.")


def medians(entries: list[dict[str, Any]]) -> None:
    """Print the median over series of a rival's mean ratio on all blocks."""
    print("\n| median ratio | real series | made series |\n|---|---|---|")
    for rival in RIVALS:
        found: dict[bool, list[float]] = {False: [], True: []}
        for entry in entries:
            ratios = [block["ratio"] for block in entry["blocks"]]
            if entry["rival"] == rival and None not in ratios:
                found[entry["series"].startswith("process/")].append(float(np.mean(ratios)))
        cells = [f"{np.median(known):.3f} ({len(known)})" if known else "-" for known in found.values()]
        print(f"| {rival} | {' | '.join(cells)} |")


def cell(entry: dict[str, Any]) -> str:
    """Folds and holdout of one rival, in bold where it beats ours."""
    parts = []
    for part in (FOLDS, HOLDOUT):
        found = mean_ratio(entry, part)
        text = "failed" if found is None else f"{found[0]:.3f} ± {found[1]:.3f}"
        parts.append(f"**{text}**" if beats(entry, part) else text)
    return " / ".join(parts)


if __name__ == "__main__":
    main()
