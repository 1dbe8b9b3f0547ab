"""Tables of losses by hand and by chance, for the tests that compare and choose sizes."""

from __future__ import annotations

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.replicates import LossTable
from lstmsize.series import FloatArray
from lstmsize.space import Cell, size_order

SMALL, MIDDLE, LARGE = Cell(32, 1), Cell(64, 1), Cell(128, 1)
SIZES = [SMALL, MIDDLE, LARGE]


def compared(
    losses: dict[Cell, list[float]], blocks: dict[tuple[Cell, int], FloatArray] | None = None
) -> Comparison:
    """Compare sizes by their losses, one list per size by replicate number."""
    cells = sorted(losses, key=size_order)
    table = LossTable(cells=cells, losses=np.array([losses[cell] for cell in cells]), blocks=blocks or {})
    return Comparison(table, folds=3)


def noisy(
    means: dict[Cell, float], replicates: int, spread: float, seed: int, *, shared: float = 0.1
) -> Comparison:
    """Draw losses with common replicate effects, which pairing takes out, and noise of each training."""
    generator = np.random.default_rng(seed)
    common = shared * generator.normal(size=replicates)
    return compared(
        {cell: list(mean + common + spread * generator.normal(size=replicates)) for cell, mean in means.items()}
    )
