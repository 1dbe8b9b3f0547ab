"""Cells of the search: sizes, their neighbours, parameters and arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

STEP_OVERHEAD = 6.0e7
"""Fixed cost of one training step in floating-point operations: about half a millisecond at the rate of
a small network, so that work is proportional to time also where the arithmetic is not the cost."""


@dataclass(frozen=True, order=True)
class Cell:
    """A size: units per layer and stacked layers."""

    units: int
    layers: int

    def __str__(self) -> str:
        return f"{self.units}×{self.layers}"

    def parameters(self, channels: int = 1) -> int:
        """Count the trainable numbers, readout included.

        Parameters
        ----------
        channels : int
            Input values per step.

        Returns
        -------
        int
            4 h (i + h + 2) per layer, as torch counts them (two biases), and h + 1 for the readout.
        """
        first = 4 * self.units * (channels + self.units + 2)
        others = (self.layers - 1) * 4 * self.units * (2 * self.units + 2)
        return first + others + self.units + 1

    def work(self, *, channels: int, window: int, batch: int) -> float:
        """Return the floating-point operations of one training step, forward and backward.

        Parameters
        ----------
        channels, window, batch : int
            Input values per step, steps per window, windows per batch.

        Returns
        -------
        float
            Two per multiplication and addition, three passes, and the fixed overhead of a step.
        """
        weights = 4 * self.units * (channels + self.units) + (self.layers - 1) * 8 * self.units**2
        return STEP_OVERHEAD + 6.0 * weights * window * batch


@dataclass(frozen=True, kw_only=True)
class Space:
    """The sizes that may be tried.

    Parameters
    ----------
    units : tuple of int
        Smallest and largest, both multiples of `multiple`.
    multiple : int
        Distance of two neighbouring numbers of units.
    layers : tuple of int
        Smallest and largest depth.
    """

    units: tuple[int, int]
    multiple: int
    layers: tuple[int, int]

    @property
    def widths(self) -> list[int]:
        """The ladder of widths: doubling from the smallest, the largest included."""
        low, high = self.units
        ladder = []
        width = low
        while width < high:
            ladder.append(width)
            width *= 2
        return [*ladder, high]

    @property
    def smallest(self) -> Cell:
        """The cheapest cell."""
        return Cell(self.units[0], self.layers[0])

    @property
    def single(self) -> bool:
        """Whether there is one size only."""
        return self.units[0] == self.units[1] and self.layers[0] == self.layers[1]

    def __contains__(self, cell: object) -> bool:
        return (
            isinstance(cell, Cell)
            and self.units[0] <= cell.units <= self.units[1]
            and cell.units % self.multiple == 0
            and self.layers[0] <= cell.layers <= self.layers[1]
        )

    def wider(self, cell: Cell) -> Cell | None:
        """Return the next rung of the ladder at the same depth, or None at the top."""
        rungs = [width for width in self.widths if width > cell.units]
        return Cell(rungs[0], cell.layers) if rungs else None

    def deeper(self, cell: Cell) -> Cell | None:
        """Return the same width with one layer more, or None at the largest depth."""
        return Cell(cell.units, cell.layers + 1) if cell.layers < self.layers[1] else None

    def between(self, low: Cell, high: Cell) -> Cell | None:
        """Return the middle of two cells of one depth or of one width, or None where none lies between."""
        if low.units == high.units:
            depth = (low.layers + high.layers) // 2
            return Cell(low.units, depth) if low.layers < depth < high.layers else None
        if low.layers != high.layers:
            return None
        middle = (low.units + high.units) // 2 // self.multiple * self.multiple
        return Cell(middle, low.layers) if low.units < middle < high.units else None


def size_order(cell: Cell) -> tuple[int, int]:
    """Sort key of *smaller*: by parameters, then by layers."""
    return cell.parameters(), cell.layers
