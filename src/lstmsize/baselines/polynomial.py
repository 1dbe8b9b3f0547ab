"""Polynomial autoregression: powers and products of a few recent and seasonal lags."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmsize.baselines.design import Design, Lags
from lstmsize.baselines.forecasts import Forecasts, Task, within_noise
from lstmsize.baselines.linear import LinearFit
from lstmsize.baselines.ridge import MOST_COLUMNS_PER_ROW, PENALTIES, Ridge, Scale, Tried, plainest
from lstmsize.metrics import spread_of
from lstmsize.series import FloatArray
from lstmsize.windows import lagged

_SURELY = 2.0
_BASES = ("own line", "none", "linear")
_COUNTS = {2: (1, 2, 3, 4, 6, 8, 12), 3: (1, 2, 3, 4, 6, 8)}
_SEASONAL_COUNT = 4
_SPARE_ROWS = 0.01


def polynomial_autoregression(task: Task, linear: LinearFit | None) -> Forecasts | None:
    """Forecast by a polynomial of degree 2 or 3 in a few lags, alone or on top of the linear autoregression.

    Parameters
    ----------
    task : Task
        One fold.
    linear : LinearFit or None
        The linear autoregression that the powers may correct.

    Returns
    -------
    Forecasts or None
        Degree, lags, base and penalty are chosen on the tail; None where the head is too short.
    """
    scale = Scale.of(task)
    tried = list(_tried(task, scale, linear))
    chosen = _choose([c for c in tried if c[0]["added_to"] != "none"])
    # Without a line under it a polynomial stays where the known range ends, so it must surely pay.
    bare = _choose([c for c in tried if c[0]["added_to"] == "none"])
    if bare and (chosen is None or not within_noise(chosen[1].losses, bare[1].losses, _SURELY)):
        chosen = bare
    if chosen is None:
        return None
    detail, best = chosen
    lags, fold = detail["lags"], task.fold
    powers = _Powers.of(task, scale, detail["degree"], lags, len(task.values))

    def fitted(stop: int, corrected: FloatArray | None) -> FloatArray:
        if detail["added_to"] == "own line":
            base = _line(task, scale, lags, stop)
        else:
            base = np.zeros(len(task.values)) if corrected is None else scale.down(corrected)
        return Ridge(task=task, scale=scale, design=powers, base=base).forecast(best.penalty, stop)

    under = linear if detail["added_to"] == "linear" else None
    return Forecasts(
        values=fitted(fold.train_stop, under.from_train if under else None),
        detail=detail,
        from_head=fitted(fold.head_stop, under.from_head if under else None),
    )


@dataclass(frozen=True, kw_only=True)
class _Powers(Design):
    """All products of some lags up to a degree, among which are those of fewer lags, of about unit size.

    Parameters
    ----------
    lags : list of int
        The lags.
    inputs : ndarray, shape (rows, lags)
        Lagged values, held inside the range of the head; zero where there is none.
    members : list of tuple of int
        Positions of the lags that each product multiplies, one as often as its power.
    sizes : ndarray, shape (products,)
        What each product is divided by.
    """

    lags: list[int]
    inputs: FloatArray
    members: list[tuple[int, ...]]
    sizes: FloatArray

    @classmethod
    def of(cls, task: Task, scale: Scale, degree: int, lags: list[int], rows: int) -> _Powers:
        """Prepare the products of the first rows; those with a missing lag are missing."""
        scaled = scale.down(task.values)
        head = scaled[: task.fold.head_stop]
        # Powers explode outside the range that they were fitted on, so inputs are held inside it.
        held = np.clip(scaled[:rows], head.min(), head.max())
        inputs = np.array([np.nan_to_num(lagged(held, lag)) for lag in lags]).T
        members = _members(len(lags), degree)
        known = inputs[max(lags) : task.fold.head_stop]
        sizes = np.array([spread_of(_product(known, positions)) for positions in members])
        return cls(lags=lags, inputs=inputs, members=members, sizes=sizes)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows, and products."""
        return len(self.inputs), len(self.members)

    def fill(self, columns: FloatArray, start: int, chosen: Sequence[int] | NDArray[np.intp]) -> None:
        """Multiply."""
        inputs = self.inputs[start : start + columns.shape[1]]
        for column, place in zip(columns, chosen, strict=True):
            _product(inputs, self.members[place], out=column)
            column /= self.sizes[place]
        columns[:, : max(0, max(self.lags) - start)] = np.nan

    def terms(self, lags: list[int]) -> NDArray[np.intp]:
        """Return the products of some of the lags."""
        wanted = {position for position, lag in enumerate(self.lags) if lag in lags}
        return np.flatnonzero([wanted.issuperset(members) for members in self.members])


def _members(lags: int, degree: int) -> list[tuple[int, ...]]:
    """Positions of the lags in every product up to a degree, those of fewer factors first."""
    return [
        positions
        for factors in range(1, degree + 1)
        for positions in combinations_with_replacement(range(lags), factors)
    ]


def _product(inputs: FloatArray, positions: tuple[int, ...], out: FloatArray | None = None) -> FloatArray:
    """Multiply some lags of each row, shape (rows,)."""
    *others, last = positions
    product = np.empty(len(inputs)) if out is None else out
    product[:] = inputs[:, last]
    for position in reversed(others):
        product *= inputs[:, position]
    return product


def _tried(task: Task, scale: Scale, linear: LinearFit | None) -> Iterator[tuple[dict[str, Any], Tried]]:
    """Every candidate with its best penalty."""
    bases = {"none": np.zeros(len(task.values))} | (
        {} if linear is None else {"linear": scale.down(linear.honest)}
    )
    lines: dict[tuple[int, ...], FloatArray] = {}
    for degree, family in _families(task):
        yield from _tried_family(task, scale, degree, family, bases, lines)


def _tried_family(
    task: Task,
    scale: Scale,
    degree: int,
    family: list[list[int]],
    bases: dict[str, FloatArray],
    lines: dict[tuple[int, ...], FloatArray],
) -> Iterator[tuple[dict[str, Any], Tried]]:
    """The candidates of one family, columns of one design, which is gone before the next one's is made."""
    powers = _Powers.of(task, scale, degree, family[-1], len(task.train))
    for lags in family:
        if (key := tuple(lags)) not in lines:  # both degrees stand on the same one
            lines[key] = _line(task, scale, lags)

    def on_top(base: FloatArray) -> Ridge:
        return Ridge(task=task, scale=scale, design=powers, base=base)

    own = [on_top(lines[tuple(lags)]) for lags in family]
    shared = {name: on_top(base) for name, base in bases.items()}
    Ridge.sum_up([*own, *shared.values()])
    for lags, line in zip(family, own, strict=True):
        ridges = {**shared, "own line": line}
        for name in _BASES:
            if name in ridges and (found := ridges[name].choose_penalty(powers.terms(lags))):
                detail = {"degree": degree, "lags": lags, "added_to": name, "penalty": found.penalty}
                yield detail, found


def _line(task: Task, scale: Scale, lags: list[int], stop: int | None = None) -> FloatArray:
    """The line through the same lags, standardised: it goes on where the powers are held.

    By default it is fitted on the rows before all blocks by which a polynomial is chosen.
    """
    scaled = scale.down(task.values)
    ridge = Ridge(task=task, scale=scale, design=Lags(values=scaled, lags=lags), base=np.zeros(len(scaled)))
    return scale.down(ridge.forecast(PENALTIES[0], ridge.blocks()[0] if stop is None else stop))


def _choose(tried: list[tuple[dict[str, Any], Tried]]) -> tuple[dict[str, Any], Tried] | None:
    """The candidate of fewest terms that is not credibly worse than the best one."""
    ordered = sorted(tried, key=lambda candidate: len(candidate[1].chosen))
    position = plainest([found for _, found in ordered])
    return None if position is None else ordered[position]


def _families(task: Task) -> Iterator[tuple[int, list[list[int]]]]:
    """Degrees and families of lags that the rows allow, few first; the last of a family contain the others."""
    head = task.fold.head_stop
    for degree, counts in _COUNTS.items():
        for season in (None, *task.seasons):
            family = []
            for count in counts if season is None else (c for c in counts if c <= _SEASONAL_COUNT):
                recent = range(1, count + 1)
                lags = list(recent) if season is None else sorted({*recent, season})
                terms = comb(len(lags) + degree, degree) - 1
                if terms <= MOST_COLUMNS_PER_ROW * (head - lags[-1]):
                    family.append(lags)
            if not family:
                continue
            if family[-1][-1] - family[0][-1] <= _SPARE_ROWS * head:
                yield degree, family
            else:  # in a short series no candidate gives up the rows that only longer lags lack
                yield from ((degree, [lags]) for lags in family)
