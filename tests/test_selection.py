"""Selection: the smallest size shown to be as good, on tables of losses without a network in sight."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lstmsize.comparison import Comparison
from lstmsize.replicates import Outcome, Replicate, tabulate
from lstmsize.selection import Selected, select
from lstmsize.space import Cell
from tables import LARGE, MIDDLE, SIZES, SMALL, compared, noisy

TOLERANCE = 0.02


def chosen(comparison: Comparison) -> Selected:
    return select(comparison, TOLERANCE)


def test_of_sizes_that_are_all_equal_the_smallest_is_chosen_once_there_are_enough_replicates() -> None:
    for seed in range(10):
        selected = chosen(noisy(dict.fromkeys(SIZES, 0.9), 30, 0.01, seed))
        assert (selected.cell, selected.basis) == (SMALL, "non-inferior")
        assert selected.excess_at_most is not None
        assert selected.excess_at_most <= TOLERANCE


def test_identical_losses_choose_the_smallest_with_no_excess() -> None:
    selected = chosen(compared({cell: [0.9, 0.8, 1.0] for cell in SIZES}))
    assert (selected.cell, selected.best) == (SMALL, SMALL)
    assert selected.excess_at_most == pytest.approx(0, abs=1e-4)
    assert selected.equivalent == SIZES


def test_a_size_that_is_clearly_worse_is_not_chosen_however_small() -> None:
    selected = chosen(noisy({SMALL: 1.0, MIDDLE: 0.9, LARGE: 0.9}, 12, 0.005, 0))
    assert (selected.cell, selected.basis) == (MIDDLE, "non-inferior")
    assert SMALL not in selected.equivalent


def test_a_size_within_the_tolerance_is_chosen_although_it_is_worse() -> None:
    selected = chosen(noisy({SMALL: 0.909, MIDDLE: 0.9}, 30, 0.002, 1))
    assert (selected.cell, selected.best) == (SMALL, MIDDLE)
    assert selected.excess_at_most == pytest.approx(0.01, abs=0.002)


def test_one_lucky_seed_does_not_win() -> None:
    steady = [0.900, 0.905, 0.895, 0.902, 0.898, 0.900]
    lucky = [0.950, 0.955, 0.700, 0.952, 0.948, 0.950]
    selected = chosen(compared({SMALL: steady, LARGE: lucky}))
    assert selected.best == SMALL
    assert selected.cell == SMALL


def test_a_lucky_seed_of_a_small_size_is_no_proof_that_it_is_as_good() -> None:
    lucky = [0.950, 0.955, 0.700, 0.952, 0.948, 0.950]
    steady = [0.900, 0.905, 0.895, 0.902, 0.898, 0.900]
    selected = chosen(compared({SMALL: lucky, LARGE: steady}))
    assert not (selected.cell == SMALL and selected.basis == "non-inferior")


def test_few_replicates_with_a_large_spread_do_not_make_the_network_smaller() -> None:
    selected = chosen(compared({SMALL: [0.95, 0.85], MIDDLE: [0.80, 0.92], LARGE: [0.92, 0.70]}))
    assert selected.basis == "observed-best"
    assert selected.cell == selected.best == LARGE
    assert selected.excess_at_most is not None
    assert selected.excess_at_most > TOLERANCE
    assert selected.equivalent == SIZES


def test_one_replicate_each_proves_nothing() -> None:
    selected = chosen(compared({SMALL: [0.90], LARGE: [0.89]}))
    assert (selected.cell, selected.basis, selected.excess_at_most) == (LARGE, "observed-best", None)


def test_a_size_that_shares_no_replicate_with_another_is_not_shown_to_be_as_good() -> None:
    nan = float("nan")
    selected = chosen(compared({SMALL: [0.9, 0.9, nan, nan], LARGE: [nan, nan, 0.9, 0.9]}))
    assert selected.basis == "observed-best"


def test_a_size_that_lacks_a_fold_takes_no_part_beside_one_that_was_worse() -> None:
    nan = float("nan")
    selected = chosen(compared({SMALL: [0.90, 0.91, 0.89], LARGE: [1.2, nan, nan]}))
    assert (selected.cell, selected.equivalent) == (SMALL, [SMALL])


def test_a_better_size_that_lacks_a_fold_does_not_make_the_smaller_one_proved() -> None:
    comparison = compared({SMALL: [0.95, 0.95, 0.95], LARGE: [0.80, 0.81, float("nan")]})
    assert chosen(comparison).basis == "observed-best"
    # A budget that ends before the last fold must not yield the smaller network either.
    ended = select(comparison, TOLERANCE, cut_short=True)
    assert (ended.cell, ended.basis, ended.best) == (LARGE, "observed-best", LARGE)
    assert LARGE in ended.equivalent
    # Where another size failed the search still came to its end, and named a size that is on every fold.
    failed = select(comparison, TOLERANCE, failed=True)
    assert (failed.cell, failed.basis) == (SMALL, "observed-best")


def test_a_far_better_size_on_a_hard_fold_alone_is_held_against_the_others() -> None:
    generator = np.random.default_rng(0)
    for _ in range(10):
        cheap = {cell: list([0.9, 0.3, 0.2] * np.exp(0.005 * generator.normal(size=3))) for cell in SIZES[:2]}
        selected = chosen(compared({**cheap, LARGE: [0.36, np.nan, np.nan]}))
        assert selected.basis == "observed-best"
        assert selected.bounds[SMALL] == pytest.approx(1.5, abs=0.1)


def test_sizes_are_shown_to_be_as_good_where_folds_differ_as_where_they_do_not() -> None:
    generator = np.random.default_rng(1)
    noise = np.exp(0.003 * generator.normal(size=(3, 12)))
    bounds = [
        chosen(compared(dict(zip(SIZES, (np.tile(folds, 4) * noise).tolist(), strict=True)))).bounds
        for folds in ([0.8, 0.8, 0.8], [0.9, 0.3, 0.05])
    ]
    assert list(bounds[1].values()) == pytest.approx(list(bounds[0].values()), rel=1e-6)


def test_a_size_with_a_failed_replicate_is_left_out() -> None:
    outcomes = [
        Outcome(replicate=Replicate(cell, n), state="converged", loss=0.9 if cell == SMALL else 0.95)
        for cell in (SMALL, LARGE)
        for n in range(4)
    ]
    outcomes.append(Outcome(replicate=Replicate(SMALL, 4), state="diverged", loss=None))
    selected = chosen(Comparison(tabulate(outcomes, 3, SIZES), 3))
    assert (selected.cell, selected.equivalent, selected.excess_at_most) == (LARGE, [LARGE], None)


def test_ties_go_to_fewer_parameters_and_then_to_fewer_layers() -> None:
    deep = Cell(32, 3)
    assert chosen(compared({MIDDLE: [0.9] * 4, deep: [0.9] * 4, LARGE: [0.9] * 4})).cell == MIDDLE
    assert compared({LARGE: [0.9] * 3, SMALL: [0.9 + 1e-9] * 3}).best == SMALL


def test_the_bound_on_the_excess_of_two_among_five_sizes_holds_about_as_often_as_it_says() -> None:
    sizes = [Cell(units, 1) for units in (32, 64, 96, 128, 160)]
    held = 0
    for seed in range(300):
        difference = noisy(dict.fromkeys(sizes, 1.0), 3, 0.03, seed).difference(sizes[0], sizes[1])
        assert difference is not None
        held += difference.upper(0.91) >= 0
    assert held / 300 == pytest.approx(0.90, abs=0.05)


def test_the_smallest_worth_choosing_is_missed_in_one_draw_of_ten_at_most() -> None:
    wrong = right = 0
    for seed in range(200):
        selected = chosen(noisy({SMALL: 0.927, MIDDLE: 0.9, LARGE: 0.9}, 6, 0.02, seed))
        wrong += selected.cell == SMALL and selected.basis == "non-inferior"
        right += selected.cell == MIDDLE and selected.basis == "non-inferior"
    assert wrong <= stats.binom.ppf(0.999, 200, 0.1)
    assert right > wrong


def test_a_single_size_is_chosen_with_nothing_to_compare() -> None:
    selected = chosen(compared({SMALL: [0.9, 0.8]}))
    assert (selected.cell, selected.excess_at_most, selected.equivalent) == (SMALL, None, [SMALL])


def test_a_size_that_was_dropped_is_not_held_against_the_others() -> None:
    table = compared({SMALL: [0.90, 0.91, 0.90], LARGE: [1.3, np.nan, np.nan]})
    assert chosen(table).basis == "observed-best"
    selected = select(table, TOLERANCE, {LARGE: "44 % worse"})
    assert (selected.cell, selected.basis, selected.excess_at_most) == (SMALL, "non-inferior", None)


def test_where_all_sizes_on_every_fold_were_given_up_the_one_that_beat_them_stands_in() -> None:
    table = compared({SMALL: [1.35, 1.36, 1.34], MIDDLE: [1.30, 1.31, 1.29], LARGE: [1.1, np.nan, np.nan]})
    selected = select(table, TOLERANCE, {SMALL: "23 % worse", MIDDLE: "18 % worse"})
    assert (selected.cell, selected.best, selected.basis) == (LARGE, LARGE, "observed-best")


def test_no_size_is_shown_to_be_as_good_before_one_is_on_every_fold() -> None:
    selected = chosen(compared({SMALL: [0.9, 0.8], MIDDLE: [0.9001, 0.8001], LARGE: [0.9, 0.8]}))
    assert (selected.cell, selected.basis) == (SMALL, "observed-best")


def test_a_size_that_a_budget_or_failures_left_alone_is_not_shown_to_be_as_good() -> None:
    alone = compared({SMALL: [0.9, 0.8, 0.85]})
    assert select(alone, TOLERANCE).basis == "non-inferior"
    assert select(alone, TOLERANCE, cut_short=True).basis == "observed-best"
    assert select(alone, TOLERANCE, failed=True).basis == "observed-best"


def test_a_size_with_a_small_p_value_is_not_in_the_set_of_ninety_percent() -> None:
    selected = chosen(compared({SMALL: [1.0, 1.0, 1.0, 1.0], LARGE: [0.97, 0.985, 0.985, 0.995]}))
    assert 0.02 < selected.p_values[SMALL] < 0.1
    assert SMALL not in selected.equivalent
