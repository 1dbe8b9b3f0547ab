"""A search replayed against a table of trainings, and how well it did: no network in sight.

A replay gives `lstmsize.strategy.plan` a stored loss for every training that it asks for and lets
`lstmsize.selection.select` choose. The seeds are cut into two random halves: the search is fed from the first one
(and from the second only where the first is used up), the best size is named by the first, and errors are compared
on the second, so that no size profits from the luck it was chosen for. Few seeds have few halves, so that such
replays are much alike; in drawn ones every training is drawn anew from the seeds of its size and block, with
replacement, and their means are the truth (the bootstrap).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.replicates import Outcome, Replicate, sizes_of, tabulate
from lstmsize.selection import Selected, select
from lstmsize.space import Cell, Space, size_order
from lstmsize.strategy import Settings, plan

CLOSE = 0.01
"""Excess error up to which a size counts as truly as good as the best."""

COMMON = 5
"""Seeds that all sizes share; those near the best may have more."""

POLICIES = ("32×1", "128×1", "lowest single loss", "best after 600 steps")


@dataclass(frozen=True, kw_only=True)
class Table:
    """All trainings of one series.

    Parameters
    ----------
    name : str
        Of the series.
    about : dict
        Rows, input form, best baseline and the like.
    entries : dict
        By (cell, block, seed): what was stored of a training.
    blocks : list of str
        The scored blocks in time order, the holdout last.
    settings : Settings
        What the strategy works by in the product.
    """

    name: str
    about: dict[str, Any]
    entries: dict[tuple[Cell, str, int], dict[str, Any]]
    blocks: list[str]
    settings: Settings

    def seeds(self, cell: Cell) -> list[int]:
        """Return the seeds with which a size was trained on every block."""
        known = {seed for other, _, seed in self.entries if other == cell}
        return sorted(s for s in known if all((cell, block, s) in self.entries for block in self.blocks))

    @property
    def cells(self) -> list[Cell]:
        """Sizes that were trained on every block, in order of size."""
        return sorted((cell for cell in {key[0] for key in self.entries} if self.seeds(cell)), key=size_order)

    def halvable(self, always: Collection[Cell] = ()) -> Table:
        """Return the table without the sizes that have a single seed, but for some."""
        kept = {key: e for key, e in self.entries.items() if len(self.seeds(key[0])) > 1 or key[0] in always}
        return replace(self, entries=kept)

    def outcome(self, replicate: Replicate, block: str, seed: int) -> Outcome:
        """Return a stored training as the search would have got it."""
        entry = self.entries[replicate.cell, block, seed]
        return Outcome(
            replicate=replicate,
            state=entry["state"],
            loss=entry["loss"],
            steps=entry["steps"],
            steps_run=entry["steps_run"],
            blocks=None if entry["blocks"] is None else np.array(entry["blocks"]),
        )

    def work(self, cell: Cell, block: str, seed: int) -> float:
        """Arithmetic of a stored training."""
        return self.settings.work(self.outcome(Replicate(cell, 0), block, seed))

    def mean(self, cell: Cell, blocks: list[str], seeds: list[int] | None = None, column: str = "loss") -> float:
        """Mean error of a size over blocks and seeds; infinite where a training failed."""
        wanted = [s for s in self.seeds(cell) if seeds is None or s in seeds]
        found = [self.entries[cell, block, seed][column] for block in blocks for seed in wanted]
        return float(np.mean([np.inf if loss is None else loss for loss in found])) if found else np.nan

    def excess(self, blocks: list[str], seeds: list[int] | None = None, column: str = "loss") -> dict[Cell, float]:
        """Mean errors of all sizes relative to the lowest, less one."""
        means = {cell: self.mean(cell, blocks, seeds, column) for cell in self.cells}
        least = min(means.values())
        return {cell: mean / least - 1 for cell, mean in means.items()}


@dataclass(frozen=True)
class Grid(Space):
    """A space that holds the sizes of a table only."""

    known: frozenset[Cell] = field(default_factory=frozenset)

    def __contains__(self, cell: object) -> bool:
        return cell in self.known

    @classmethod
    def of(cls, cells: list[Cell]) -> Grid:
        """Return the space of some sizes."""
        widths, depths = [cell.units for cell in cells], [cell.layers for cell in cells]
        return cls(
            units=(min(widths), max(widths)),
            multiple=32,
            layers=(min(depths), max(depths)),
            known=frozenset(cells),
        )


@dataclass(frozen=True, kw_only=True)
class Played:
    """What came of one replay.

    Parameters
    ----------
    ended : str
        Why the search was over.
    selected : Selected
        The chosen size.
    excess : float
        Its error on the second half of the seeds, relative to that of the best by the first half, less one; in
        drawn replays that over all seeds, relative to the best size's.
    true_excess : float
        Its excess over the best other size, by all seeds; below zero where it is the best.
    tried_excess : float
        The same among the sizes that the search tried: the stated bound is about these.
    hit : bool
        Whether a size that is truly as good as the best is among those called equivalent.
    small : bool
        Whether it is at most one step larger than the smallest size that is truly as good as the best.
    trainings : int
        How many the search took.
    work : float
        Arithmetic of the search as a fraction of that of the whole grid with five seeds on each fold.
    policies : list of (float, bool)
        Excess error of `POLICIES`, and whether they are small, in the same way.
    """

    ended: str
    selected: Selected
    excess: float
    true_excess: float
    tried_excess: float
    hit: bool
    small: bool
    trainings: int
    work: float
    policies: list[tuple[float, bool]]

    @property
    def bound(self) -> float | None:
        """The excess that the answer states."""
        return self.selected.excess_at_most


def replays(table: Table, count: int, searched: list[str], scored: list[str]) -> Iterator[Played]:
    """Replay the search on some blocks, and score it on the same or on others.

    Parameters
    ----------
    table : Table
        The trainings.
    count : int
        Number of replays.
    searched, scored : list of str
        Blocks that serve as folds, and blocks on which errors are compared.

    Yields
    ------
    Played
        One per replay; the halves of the seeds are drawn anew each time.
    """
    limit = len(searched) * min(len(table.seeds(cell)) for cell in table.cells)
    settings = replace(table.settings, most_replicates=min(table.settings.most_replicates, limit))
    table = replace(table, settings=settings)
    for number in range(count):
        first, second = halves(table, np.random.default_rng([number, len(searched)]))
        played = search(table, _in_order(table, [*first, *second], len(searched)), searched)
        best = min(table.cells, key=lambda cell: table.mean(cell, scored, first))
        reference = table.mean(best, scored, second)
        regret = {cell: table.mean(cell, scored, second) / reference - 1 for cell in table.cells}
        yield _judged(
            table, played, regret, scored, searched, _policies(table, dict.fromkeys(table.cells, first), searched)
        )


def _in_order(table: Table, order: list[int], folds: int) -> Callable[[Replicate, str], int]:
    """Take the seeds of a size one after the other, the same on every block."""

    def seed_of(replicate: Replicate, _: str) -> int:
        known = {*table.seeds(replicate.cell)}
        return [seed for seed in order if seed in known][replicate.number // folds]

    return seed_of


def drawn(table: Table, count: int) -> Iterator[Played]:
    """Replay the search on all blocks with every training drawn anew, and compare with the means over all seeds.

    Parameters
    ----------
    table : Table
        The trainings; a size with a single seed has no noise.
    count : int
        Number of replays.

    Yields
    ------
    Played
        One per replay.
    """
    regret = table.excess(table.blocks)
    for number in range(count):
        generator = np.random.default_rng(number)

        def seed_of(replicate: Replicate, _: str, generator: np.random.Generator = generator) -> int:
            return int(generator.choice(table.seeds(replicate.cell)))

        played = search(table, seed_of, table.blocks)
        single = {cell: [int(generator.choice(table.seeds(cell)))] for cell in table.cells}
        policies = _policies(table, single, table.blocks)
        yield _judged(table, played, regret, table.blocks, table.blocks, policies)


def _judged(
    table: Table,
    played: tuple[str, list[Outcome], Selected],
    regret: dict[Cell, float],
    scored: list[str],
    searched: list[str],
    policies: list[Cell],
) -> Played:
    ended, outcomes, chosen = played
    truth = {cell: table.mean(cell, scored) for cell in table.cells}
    good = [cell for cell in table.cells if regret[cell] <= CLOSE]
    return Played(
        ended=ended,
        selected=chosen,
        excess=regret[chosen.cell],
        true_excess=_over_others(truth, chosen.cell, table.cells),
        tried_excess=_over_others(truth, chosen.cell, sizes_of(outcomes)),
        hit=bool({*good} & {*chosen.equivalent}),
        small=one_step(chosen.cell, good[0]),
        trainings=len(outcomes),
        work=sum(map(table.settings.work, outcomes)) / _grid_work(table, searched),
        policies=[(regret[cell], one_step(cell, good[0])) for cell in policies],
    )


def halves(table: Table, generator: np.random.Generator) -> tuple[list[int], list[int]]:
    """Cut the seeds into two halves, in random order; those that all sizes have come first in each."""
    most = max(len(table.seeds(cell)) for cell in table.cells)
    common = [s for s in table.seeds(table.cells[0]) if all(s in table.seeds(cell) for cell in table.cells)]
    others = sorted({s for cell in table.cells for s in table.seeds(cell)} - {*common})
    first: list[int] = []
    second: list[int] = []
    for group in (common, others):
        drawn = generator.permutation(group).tolist() if group else []
        room = (most + 1) // 2 - len(first) if group is others else (len(group) + 1) // 2
        first += drawn[:room]
        second += drawn[room:]
    return first, second


def search(
    table: Table, seed_of: Callable[[Replicate, str], int], searched: list[str]
) -> tuple[str, list[Outcome], Selected]:
    """Run the strategy to its end.

    Parameters
    ----------
    table : Table
        The trainings.
    seed_of : callable
        Replicate and block to the seed of the stored training that stands for it.
    searched : list of str
        Blocks that serve as folds.

    Returns
    -------
    ended : str
        Why it was over.
    outcomes : list of Outcome
        What was trained.
    selected : Selected
        The chosen size.
    """
    folds = len(searched)
    settings = replace(table.settings, folds=folds)
    space = Grid.of(table.cells)
    outcomes: list[Outcome] = []
    while (step := plan(outcomes, space, settings)).ended is None:
        for replicate in step.replicates:
            block = searched[replicate.fold(folds)]
            outcomes.append(table.outcome(replicate, block, seed_of(replicate, block)))
    found = tabulate(outcomes, folds, sizes_of(outcomes))
    return step.ended, outcomes, select(Comparison(found, folds), settings.tolerance, step.dropped)


def one_step(cell: Cell, other: Cell) -> bool:
    """Say whether a size has at most as many parameters as the other's next wider or next deeper one."""
    nexts = (Cell(2 * other.units, other.layers), Cell(other.units, other.layers + 1))
    return cell.parameters() <= max(size.parameters() for size in nexts)


def adjacent(one: Cell, other: Cell) -> bool:
    """Say whether two sizes are the same, or differ by a doubling of the width or by a layer."""
    if one.layers == other.layers:
        return max(one.units, other.units) <= 2 * min(one.units, other.units)
    return one.units == other.units and abs(one.layers - other.layers) == 1


def _grid_work(table: Table, searched: list[str]) -> float:
    """Arithmetic of all sizes with five seeds on each fold."""
    return sum(
        table.work(cell, block, seed)
        for cell in table.cells
        for block in searched
        for seed in table.seeds(cell)[:COMMON]
    )


def _over_others(truth: dict[Cell, float], cell: Cell, cells: list[Cell]) -> float:
    return truth[cell] / min(truth[other] for other in cells if other != cell) - 1


def _policies(table: Table, seeds: dict[Cell, list[int]], searched: list[str]) -> list[Cell]:
    """What simpler rules would choose, in the order of `POLICIES`."""
    short = {cell: table.mean(cell, searched, seeds[cell], "short") for cell in table.cells}
    single = {cell: table.mean(cell, searched[-1:], seeds[cell][:1]) for cell in table.cells}
    return [
        Cell(32, 1),
        Cell(128, 1),
        min(table.cells, key=lambda cell: single[cell]),
        min(table.cells, key=lambda cell: short[cell]),
    ]
