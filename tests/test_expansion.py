"""What a search begins with and opens next, on tables by hand."""

from __future__ import annotations

from lstmsize.expansion import Way, first_cells, worth_opening
from lstmsize.space import Cell, Space
from tables import LARGE, MIDDLE, SMALL, compared

SPACE = Space(units=(32, 512), multiple=32, layers=(1, 3))
DEEP = Cell(32, 2)
BEGUN = {SMALL, MIDDLE, LARGE, DEEP}


def losses(mean: float) -> list[float]:
    return [mean - 0.002, mean, mean + 0.002]


def opened(means: dict[Cell, float], *, forced: bool = False, space: Space = SPACE) -> dict[Cell, Way]:
    table = compared({cell: losses(mean) for cell, mean in means.items()})
    return worth_opening(table, space, set(means), 0.02, forced=forced)


def test_a_search_begins_with_the_smallest_size_its_neighbours_and_a_far_one():
    assert first_cells(SPACE) == BEGUN


def test_a_small_space_has_fewer_to_begin_with():
    assert first_cells(Space(units=(64, 64), multiple=32, layers=(1, 1))) == {MIDDLE}
    assert first_cells(Space(units=(32, 96), multiple=32, layers=(1, 1))) == {SMALL, MIDDLE, Cell(96, 1)}


def test_where_width_pays_the_next_width_and_the_one_between_are_opened():
    found = opened({SMALL: 0.9, MIDDLE: 0.8, LARGE: 0.7, DEEP: 0.9})
    assert set(found) == {Cell(256, 1), Cell(96, 1)}
    assert all((way.smaller, way.larger) == (MIDDLE, LARGE) for way in found.values())
    assert all(way.sureness > 0.95 for way in found.values())


def test_where_depth_pays_the_next_depth_and_a_wide_shallow_rival_are_opened():
    assert set(opened({SMALL: 0.9, LARGE: 0.9, DEEP: 0.7})) == {Cell(32, 3), MIDDLE}


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
    assert Cell(256, 1) in worth_opening(table, SPACE, BEGUN, 0.02, forced=False)
