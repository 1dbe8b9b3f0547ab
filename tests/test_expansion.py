"""What a search begins with and opens next, on tables by hand."""

from __future__ import annotations

import pytest

from lstmsize.expansion import Way, far_cell, first_cells, worth_opening
from lstmsize.space import Cell, Space
from tables import LARGE, MIDDLE, SMALL, compared

SPACE = Space(units=(32, 512), multiple=32, layers=(1, 3))
DEEP = Cell(32, 2)
BEGUN = {SMALL, MIDDLE, LARGE, DEEP}


def losses(mean: float) -> list[float]:
    return [mean - 0.002, mean, mean + 0.002]


def opened(
    means: dict[Cell, float], *, around: list[Cell] | None = None, forced: bool = False, space: Space = SPACE
) -> dict[Cell, Way]:
    table = compared({cell: losses(mean) for cell, mean in means.items()})
    return worth_opening(table, space, set(means), 0.02, around=around or [table.best], forced=forced)


def test_a_search_begins_with_the_smallest_size_and_its_neighbours():
    assert first_cells(SPACE) == {SMALL, MIDDLE, DEEP}


def test_a_small_space_has_fewer_to_begin_with():
    assert first_cells(Space(units=(64, 64), multiple=32, layers=(1, 1))) == {MIDDLE}
    assert first_cells(Space(units=(32, 96), multiple=32, layers=(1, 1))) == {SMALL, MIDDLE}


def far(means: dict[Cell, float], space: Space = SPACE) -> Cell:
    return far_cell(compared({cell: losses(mean) for cell, mean in means.items()}), space, 0.02)


@pytest.mark.parametrize(
    ("wider", "deeper", "expected"),
    [
        (0.80, 0.90, LARGE),
        (0.80, 0.82, LARGE),
        (0.90, 0.80, Cell(32, 3)),
        (0.82, 0.80, Cell(32, 3)),
        (0.90, 0.90, Cell(64, 3)),
        (0.99, 0.895, Cell(64, 3)),
    ],
)
def test_the_far_size_lies_in_the_direction_that_pays_or_in_both(wider: float, deeper: float, expected: Cell):
    assert far({SMALL: 0.9, MIDDLE: wider, DEEP: deeper}) == expected


@pytest.mark.parametrize(
    ("wider", "deeper", "expected"),
    [
        (0.93, 0.93, SMALL),
        (0.93, 0.901, Cell(64, 3)),
        (0.901, 0.93, Cell(64, 3)),
        (0.901, 0.901, Cell(64, 3)),
    ],
)
def test_where_both_first_steps_credibly_harm_there_is_no_far_size(wider: float, deeper: float, expected: Cell):
    uneven = {SMALL: [0.9, 0.9, 0.9], MIDDLE: [wider, wider + 0.004, wider - 0.004]}
    uneven[DEEP] = [deeper - 0.004, deeper, deeper + 0.004]
    assert far_cell(compared(uneven), SPACE, 0.02) == expected
    # Where the smallest size gains nothing, a larger one may.
    level = 0.99 / 0.9
    no_gain = {cell: [level * loss for loss in found] for cell, found in uneven.items()}
    assert far_cell(compared(no_gain), SPACE, 0.02) == Cell(64, 3)


def test_failed_first_sizes_point_nowhere_and_above_a_failed_smallest_one_the_far_one_is_wide():
    assert far({SMALL: 0.9, DEEP: 0.8}) == Cell(32, 3)
    assert far({SMALL: 0.9, MIDDLE: 0.8}) == LARGE
    assert far({SMALL: 0.9}) == Cell(64, 3)
    assert far({MIDDLE: 0.9, DEEP: 0.8}) == LARGE


@pytest.mark.parametrize(
    ("units", "layers", "flat", "deep", "wide"),
    [
        ((32, 512), (1, 1), LARGE, LARGE, LARGE),
        ((32, 64), (1, 1), SMALL, SMALL, SMALL),
        ((32, 64), (1, 3), Cell(64, 3), Cell(32, 3), Cell(64, 3)),
        ((32, 512), (1, 2), Cell(64, 2), Cell(64, 2), LARGE),
        ((32, 512), (1, 6), Cell(64, 3), Cell(32, 3), LARGE),
        ((64, 64), (1, 3), Cell(64, 3), Cell(64, 3), Cell(64, 3)),
        ((64, 64), (2, 2), Cell(64, 2), Cell(64, 2), Cell(64, 2)),
    ],
)
def test_in_a_small_space_the_far_size_is_as_far_as_it_can_be(
    units: tuple[int, int], layers: tuple[int, int], flat: Cell, deep: Cell, wide: Cell
):
    space = Space(units=units, multiple=32, layers=layers)
    first = space.smallest
    assert far(dict.fromkeys(first_cells(space), 0.9), space) == flat
    assert far({c: 0.9 - 0.1 * (c.layers > first.layers) for c in first_cells(space)}, space) == deep
    assert far({c: 0.9 - 0.1 * (c.units > first.units) for c in first_cells(space)}, space) == wide


def test_where_width_pays_the_next_width_and_the_one_between_are_opened():
    found = opened({SMALL: 0.9, MIDDLE: 0.8, LARGE: 0.7, DEEP: 0.9})
    assert set(found) == {Cell(256, 1), Cell(96, 1)}
    assert all((way.smaller, way.larger) == (MIDDLE, LARGE) for way in found.values())
    assert all(way.sureness > 0.95 for way in found.values())


def test_where_depth_pays_the_next_depth_and_a_wide_shallow_rival_are_opened():
    assert set(opened({SMALL: 0.9, LARGE: 0.9, DEEP: 0.7})) == {Cell(32, 3), MIDDLE}


def test_where_only_both_together_pay_what_lies_between_and_the_wide_rival_come_first():
    found = opened({SMALL: 0.9, MIDDLE: 0.9, DEEP: 0.9, Cell(64, 3): 0.8})
    assert set(found) == {Cell(32, 3), Cell(64, 2), LARGE}
    found = opened({SMALL: 0.9, MIDDLE: 0.9, DEEP: 0.9, Cell(32, 3): 0.9, Cell(64, 3): 0.8})
    assert set(found) == {Cell(64, 2), LARGE, Cell(128, 3)}


def test_the_size_that_would_be_named_has_its_neighbours_opened_as_well():
    means = {SMALL: 0.9, MIDDLE: 0.801, DEEP: 0.9, Cell(64, 3): 0.8}
    assert LARGE not in opened(means)
    assert LARGE in opened(means, around=[Cell(64, 3), MIDDLE])


def test_where_nothing_pays_nothing_is_opened():
    assert opened({SMALL: 0.8, MIDDLE: 0.8, LARGE: 0.795, DEEP: 0.8}) == {}


def test_beyond_the_space_nothing_is_opened():
    narrow = Space(units=(32, 128), multiple=32, layers=(1, 1))
    assert set(opened({SMALL: 0.9, MIDDLE: 0.8, LARGE: 0.7}, space=narrow)) == {Cell(96, 1)}


def test_far_from_the_baseline_only_a_forced_search_goes_on():
    means = {SMALL: 1.9, MIDDLE: 1.8, LARGE: 1.7}
    assert opened(means) == {}
    assert Cell(256, 1) in opened(means, forced=True)


def test_a_hard_latest_fold_hides_no_way_up_behind_a_size_that_was_only_there():
    nan = float("nan")
    table = compared(
        {
            SMALL: [1.160, 0.950, 0.951],
            MIDDLE: [1.145, 0.935, 0.936],
            DEEP: [1.161, 0.951, 0.950],
            LARGE: [1.125, nan, nan],
        }
    )
    assert table.best == LARGE
    assert Cell(256, 1) in worth_opening(table, SPACE, BEGUN, 0.02, around=[LARGE], forced=False)
