"""What the table of sizes and the replayed searches say, in Markdown, held against the goals."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from typing import Any

import numpy as np

from lstmsize.space import Cell
from replay import CLOSE, POLICIES, Played, Table, adjacent, drawn, replays

TOO_SMALL = 0.05
"""Excess error at which a size is truly too small."""

FIRST = (Cell(32, 1), Cell(64, 1), Cell(32, 2), Cell(128, 1), Cell(32, 3), Cell(64, 3))
"""What a search begins with or may look at next; a table that lacks one cannot be replayed."""


def report(tables: list[Table], runs: list[dict[str, Any]], count: int) -> None:
    """Print everything."""
    read = [table for table in tables if table.entries]
    if read:
        print_errors(read)
    ready = [table for every in read if {*FIRST} <= {*(table := every.halvable()).cells}]
    if ready:
        both = [(table, list(replays(table, count, table.blocks, table.blocks))) for table in ready]
        folds = [(table, list(replays(table, count, table.blocks[:-1], table.blocks[-1:]))) for table in ready]
        print_replays("searched and scored on all three blocks", both)
        print_goals("searched and scored on all three blocks", both)
        print_goals("searched on the two folds, scored on the holdout", folds)
    if begun := [table for every in read if {*FIRST} <= {*(table := every.halvable(FIRST)).cells}]:
        anew = [(table, list(drawn(table, count))) for table in begun]
        print_replays("every training drawn anew from its seeds", anew)
        print_goals("every training drawn anew from its seeds", anew)
    if runs:
        print_stability(runs)


def print_errors(tables: list[Table]) -> None:
    """Print the excess of each size at convergence and, in brackets, after at most 600 steps."""
    cells = sorted({c for table in tables for c, _, _ in table.entries}, key=lambda c: (c.layers, c.units))
    print("\n## Excess error over the best size, mean ± standard error over seeds (after at most 600 steps)\n")
    print(f"| series | best | its error | {' | '.join(map(str, cells))} | unconverged | failed |")
    print("|---" * (len(cells) + 5) + "|")
    for table in tables:
        if not table.cells:
            print(f"| {table.name} | {len(table.entries)} trainings, no size on all blocks yet |")
            continue
        excess, short = table.excess(table.blocks), table.excess(table.blocks, column="short")
        best = min(excess, key=lambda cell: excess[cell])
        mean = table.mean(best, table.blocks)
        shown = [
            f"{excess[cell]:.1%}{_spread(table, cell, mean)} ({short[cell]:.1%})" if cell in excess else ""
            for cell in cells
        ]
        states = Counter(entry["state"] for entry in table.entries.values())
        total, bad = states.total(), states.total() - states["converged"] - states["unconverged"]
        print(f"| {table.name} | {best} | {mean:.3f} | {' | '.join(shown)} ", end="")
        print(f"| {states['unconverged'] / total:.0%} | {bad} |")
    every = [entry for table in tables for entry in table.entries.values()]
    print(f"\n- {len(every)} trainings, {sum(entry['seconds'] for entry in every) / 3600:.1f} core-hours")
    small = [t.name for t in tables if t.cells and t.excess(t.blocks).get(Cell(32, 1), 0.0) >= TOO_SMALL]
    _goal(f"series that truly need more than 32×1: {', '.join(small) or 'none'}", len(small), 3, "at least")


def _spread(table: Table, cell: Cell, best: float) -> str:
    """Standard error of a size's mean over seeds, each averaged over the blocks; nothing for a single seed."""
    means = [table.mean(cell, table.blocks, [seed]) for seed in table.seeds(cell)]
    known = len(means) > 1 and np.isfinite(means).all()
    return f" ± {np.std(means, ddof=1) / np.sqrt(len(means)) / best:.1%}" if known else ""


def print_replays(title: str, results: list[tuple[Table, list[Played]]]) -> None:
    """Print what the replays of each series came to."""
    print(f"\n## Replays, {title}\n")
    print("| series | recommended | ended | same or adjacent | excess | 95 % of replays | ", end="")
    print("bound | true excess above it | trainings | work |")
    print("|---" * 10 + "|")
    for table, played in results:
        answered = _answered(played)
        ended = Counter(one.ended for one in played)
        ends = ", ".join(f"{name} {number / len(played):.0%}" for name, number in ended.most_common())
        if not answered:
            print(f"| {table.name} | none | {ends} |")
            continue
        sizes = Counter(one.selected.cell for one in answered)
        usual = sizes.most_common(1)[0][0]
        near = sum(number for cell, number in sizes.items() if adjacent(cell, usual)) / len(answered)
        names = ", ".join(f"{cell} {number / len(answered):.0%}" for cell, number in sizes.most_common(3))
        excess = [one.excess for one in answered]
        bounds = [one.bound for one in answered if one.bound is not None]
        print(f"| {table.name} | {names} | {ends} | {near:.0%} | {np.mean(excess):.1%} ", end="")
        print(f"| {np.quantile(excess, 0.95):.1%} | {np.mean(bounds) if bounds else np.nan:.1%} ", end="")
        print(f"| {np.mean(_uncovered(answered)):.0%} | {np.mean([one.trainings for one in played]):.1f} ", end="")
        print(f"| {np.mean([one.work for one in played]):.1%} |")


def print_goals(title: str, results: list[tuple[Table, list[Played]]]) -> None:
    """Print the means over series, their standard errors over series, and whether the goals are reached."""
    print(f"\n## Goals, {title}\n")
    kept = [(table, found) for table, played in results if (found := _answered(played))]
    lines = (
        ("mean excess error of the recommended size", lambda p, _: p.excess, CLOSE, "at most"),
        ("excess at most the tolerance plus the stated bound", _within, 0.95, "at least"),
        ("a size within 1 % of the best among the equivalent", lambda p, _: p.hit, 0.90, "at least"),
        ("at most one step larger than the smallest within 1 %", lambda p, _: p.small, 0.95, "at least"),
        ("arithmetic, as a fraction of the grid's", lambda p, _: p.work, 0.10, "at most"),
    )
    for text, value, goal, direction in lines:
        means = [float(np.mean([value(one, table) for one in found])) for table, found in kept]
        _goal(text, means, goal, direction)
    missed = [float(np.mean(_uncovered(found))) for _, found in kept]
    _goal("true excess above the stated bound, over the sizes that were tried", missed, 0.10, "at most")
    print(
        f"- the same over all sizes of the grid: {_mean([np.mean(_uncovered(f, tried=False)) for _, f in kept])}"
    )
    silent = [1 - len(_answered(played)) / len(played) for _, played in results]
    print(f"- replays given up as futile, without a size: {_mean(silent)}")
    for number, name in enumerate(POLICIES):
        means = [np.mean([one.policies[number] for one in found], axis=0) for _, found in kept]
        excess, small = ([float(mean[part]) for mean in means] for part in (0, 1))
        print(f"- instead, {'always ' * ('×' in name)}{name}: mean excess error {_mean(excess)}, ", end="")
        print(f"at most one step larger {_mean(small)}")


def _answered(played: list[Played]) -> list[Played]:
    return [one for one in played if one.ended not in ("futile", "failed")]


def _within(one: Played, table: Table) -> bool:
    return one.excess <= table.settings.tolerance + max(0.0, one.bound or 0.0)


def _uncovered(played: list[Played], *, tried: bool = True) -> list[bool]:
    stated = [one for one in played if one.bound is not None]
    return [(one.tried_excess if tried else one.true_excess) > (one.bound or 0.0) for one in stated] or [False]


def print_stability(runs: list[dict[str, Any]]) -> None:
    """Print how far whole runs that differ in nothing but their seed agree."""
    print("\n## Stability of whole runs over seeds\n")
    print("| series | runs | verdicts | sizes | same or adjacent | overlapping equivalent sets | seconds |")
    print("|---" * 7 + "|")
    near, overlap = [], []
    for name in dict.fromkeys(run["series"] for run in runs):
        mine = [run for run in runs if run["series"] == name]
        sizes = Counter(Cell(*run["size"]) for run in mine if run["size"])
        usual = sizes.most_common(1)[0][0] if sizes else None
        near.append(sum(n for cell, n in sizes.items() if usual and adjacent(cell, usual)) / len(mine))
        sets = [{tuple(size) for size in run["equivalent"]} for run in mine if run["equivalent"]]
        overlap.append(float(np.mean([bool(one & two) for one, two in combinations(sets, 2)] or [True])))
        verdicts = Counter(str(run["verdict"]) for run in mine)
        seconds = np.median([run["seconds"] for run in mine])
        said = " | ".join(", ".join(f"{key} {n}" for key, n in c.most_common()) for c in (verdicts, sizes))
        print(f"| {name} | {len(mine)} | {said} | {near[-1]:.0%} | {overlap[-1]:.0%} | {seconds:.0f} |")
    print()
    _goal("the same or an adjacent size", near, 0.90, "at least")
    _goal("pairs of runs whose equivalent sets overlap", overlap, 1.0, "at least")


def _goal(text: str, found: Any, goal: float, direction: str) -> None:
    mean = float(np.mean(found))
    reached = mean <= goal if direction == "at most" else mean >= goal
    shown, wanted = (f"{found}", f"{goal}") if isinstance(found, int) else (_mean(found), f"{goal:.0%}")
    print(f"- {text}: {shown}, goal {direction} {wanted}: {'reached' if reached else 'missed'}")


def _mean(values: list[Any]) -> str:
    """Mean over series with its standard error."""
    if len(values) < 2:
        return f"{np.mean(values):.1%}" if values else "unknown"
    return f"{np.mean(values):.1%} ± {np.std(values, ddof=1) / np.sqrt(len(values)):.1%}"
