"""How often the seasons of a series without time stamps are found, and how often some are that are none.

    python benchmarks/seasons.py                       # 40 draws that no threshold was chosen on
    python benchmarks/seasons.py --draws 100:180       # those that were

Series are those of ``processes.py``; only the rows before the holdout are looked at, as in the product. A season
must be named where it fits five times into these rows. "Contained" means that a multiple was named, which serves
a baseline as well but takes more coefficients.
"""

from __future__ import annotations

import argparse
from collections import Counter

import numpy as np

import processes
from lstmsize.periodicity import LEAST_CYCLES
from lstmsize.seasonality import find_seasons
from lstmsize.series import FloatArray
from lstmsize.splits import cut

LENGTHS = (100, 300, 1000, 5000)
SEASONAL = ("one_season", "two_seasons", "multiplicative_season")
OUTCOMES = ("right", "contained", "in part", "none", "wrong")

_true: list[int] = []
_season = processes.season


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", default="300:340", metavar="FROM:TO")
    first, last = map(int, parser.parse_args().draws.split(":"))
    processes.season = _remembered
    print(f"| process | rows | {' | '.join(OUTCOMES)} |")
    print("|---" * (2 + len(OUTCOMES)) + "|")
    for name in SEASONAL:
        for rows in LENGTHS:
            counts = Counter(outcome(name, rows, number) for number in range(first, last))
            print(f"| {name} | {rows:,} | {' | '.join(str(counts[each]) for each in OUTCOMES)} |")
    print("\nSeries with a season where there is none:\n")
    print(f"| process | {' | '.join(f'{rows:,}' for rows in LENGTHS)} |")
    print("|---" * (1 + len(LENGTHS)) + "|")
    for name in processes.PROCESSES:
        _true.clear()
        processes.draw(name, LENGTHS[0], first)
        if not _true:
            found = [
                sum(bool(named(name, rows, number)) for number in range(first, last)) / (last - first)
                for rows in LENGTHS
            ]
            print(f"| {name} | {' | '.join(f'{share:.0%}' for share in found)} |")


def outcome(name: str, rows: int, number: int) -> str:
    """Compare what is named with what is there."""
    _true.clear()
    seasons = named(name, rows, number)
    there = {period for period in _true if LEAST_CYCLES * period <= cut(rows).development}
    if there <= {*seasons} <= {*_true}:
        return "right"
    if not seasons:
        return "none"
    if there and all(any(season % period == 0 for season in seasons) for period in there):
        return "contained"
    return "in part" if {*seasons} <= {*_true} else "wrong"


def named(name: str, rows: int, number: int) -> tuple[int, ...]:
    """Name the seasons of a draw."""
    return find_seasons(processes.draw(name, rows, number)[: cut(rows).development], None)


def _remembered(random: np.random.Generator, rows: int, period: int) -> FloatArray:
    _true.append(period)
    return _season(random, rows, period)


if __name__ == "__main__":
    main()
