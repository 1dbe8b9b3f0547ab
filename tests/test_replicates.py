"""Replicates and the table of their losses."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.replicates import Outcome, Replicate, tabulate
from lstmsize.space import Cell

SMALL, LARGE = Cell(32, 1), Cell(64, 1)


def done(cell: Cell, number: int, loss: float | None, blocks: list[float] | None = None) -> Outcome:
    return Outcome(
        replicate=Replicate(cell, number),
        state="crashed" if loss is None else "converged",
        loss=loss,
        blocks=None if blocks is None else np.array(blocks),
    )


def test_folds_come_the_latest_first_and_round_again() -> None:
    assert [Replicate(SMALL, number).fold(3) for number in range(7)] == [2, 1, 0, 2, 1, 0, 2]


def test_the_same_number_has_the_same_seed_and_fold_for_every_size() -> None:
    for number in range(6):
        small, large = Replicate(SMALL, number), Replicate(LARGE, number)
        assert (small.seed, small.fold(3)) == (large.seed, large.fold(3))
    assert len({Replicate(SMALL, number).seed for number in range(12)}) == 12


def test_losses_stand_by_size_and_number() -> None:
    table = tabulate([done(LARGE, 0, 0.8), done(SMALL, 2, 0.9), done(SMALL, 0, 1.1)], 3, [SMALL, LARGE])
    assert table.cells == [SMALL, LARGE]
    np.testing.assert_array_equal(table.losses, [[1.1, np.nan, 0.9], [0.8, np.nan, np.nan]])
    assert table.mean(SMALL) == pytest.approx(1.0)
    assert (table.count(SMALL), table.count(LARGE)) == (2, 1)


def test_a_size_with_a_failed_replicate_is_left_out() -> None:
    table = tabulate([done(SMALL, 0, 0.9), done(LARGE, 0, 0.5), done(LARGE, 1, None)], 3, [SMALL, LARGE])
    assert table.cells == [SMALL]


def test_a_size_without_a_loss_is_left_out() -> None:
    assert tabulate([done(SMALL, 0, 0.9)], 3, [SMALL, LARGE]).cells == [SMALL]
    assert tabulate([], 3, [SMALL, LARGE]).cells == []


def test_a_size_that_was_not_asked_for_is_left_out() -> None:
    assert tabulate([done(SMALL, 0, 0.9), done(LARGE, 0, 0.5)], 3, [LARGE]).cells == [LARGE]


def test_blocks_are_averaged_over_the_seeds_of_a_fold() -> None:
    outcomes = [done(SMALL, 0, 1.0, [1.0, 3.0]), done(SMALL, 3, 1.0, [3.0, 5.0]), done(SMALL, 1, 1.0, [7.0, 7.0])]
    blocks = tabulate(outcomes, 3, [SMALL]).blocks
    assert {key: block.tolist() for key, block in blocks.items()} == {
        (SMALL, 2): [2.0, 4.0],
        (SMALL, 1): [7.0, 7.0],
    }


@settings(deadline=None, max_examples=30)
@given(order=st.permutations(range(8)))
def test_the_table_does_not_depend_on_the_order_of_finishing(order: list[int]) -> None:
    outcomes = [
        done(cell, n, 1 / (3 + n) + cell.units, [0.1 * n, 1 / 3]) for cell in (SMALL, LARGE) for n in range(4)
    ]
    one = tabulate(outcomes, 3, [SMALL, LARGE])
    other = tabulate([outcomes[index] for index in order], 3, [SMALL, LARGE])
    np.testing.assert_array_equal(one.losses, other.losses)
    assert all((one.blocks[key] == other.blocks[key]).all() for key in one.blocks)
