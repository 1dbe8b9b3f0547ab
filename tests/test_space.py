"""Sizes: parameters, work, neighbours."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.space import STEP_OVERHEAD, Cell, Space, size_order

SPACE = Space(units=(32, 512), multiple=32, layers=(1, 3))


def test_a_published_lstm_of_300_inputs_has_its_known_number_of_parameters() -> None:
    readout = 512 + 1
    assert Cell(512, 2).parameters(300) - readout == 3_768_320


@pytest.mark.parametrize(
    ("cell", "channels", "parameters"),
    [(Cell(32, 1), 1, 4_513), (Cell(64, 1), 1, 17_217), (Cell(32, 2), 1, 12_961), (Cell(32, 1), 4, 4_897)],
)
def test_parameters_are_those_worked_out_by_hand(cell: Cell, channels: int, parameters: int) -> None:
    assert cell.parameters(channels) == parameters


def test_a_size_is_written_units_times_layers() -> None:
    assert str(Cell(64, 2)) == "64×2"


def test_work_is_six_operations_per_weight_step_and_window_on_top_of_the_overhead() -> None:
    work = Cell(32, 1).work(channels=1, window=48, batch=32)
    assert work == STEP_OVERHEAD + 6 * (4 * 32 * 33) * 48 * 32


@settings(deadline=None, max_examples=30)
@given(units=st.integers(1, 600), layers=st.integers(1, 4))
def test_a_wider_or_deeper_size_costs_more(units: int, layers: int) -> None:
    cost = Cell(units, layers).work(channels=2, window=10, batch=8)
    for larger in (Cell(units + 1, layers), Cell(units, layers + 1)):
        assert larger.work(channels=2, window=10, batch=8) > cost
        assert larger.parameters(2) > Cell(units, layers).parameters(2)


def test_the_default_ladder_doubles() -> None:
    assert SPACE.widths == [32, 64, 128, 256, 512]
    assert SPACE.smallest == Cell(32, 1)


def test_a_ladder_that_does_not_double_evenly_ends_at_its_largest_width() -> None:
    assert Space(units=(96, 512), multiple=32, layers=(1, 1)).widths == [96, 192, 384, 512]
    assert Space(units=(64, 64), multiple=32, layers=(2, 2)).widths == [64]


def test_neighbours_stop_at_the_walls() -> None:
    assert SPACE.wider(Cell(32, 2)) == Cell(64, 2)
    assert SPACE.wider(Cell(96, 1)) == Cell(128, 1)
    assert SPACE.wider(Cell(512, 1)) is None
    assert SPACE.deeper(Cell(64, 2)) == Cell(64, 3)
    assert SPACE.deeper(Cell(64, 3)) is None


def test_between_two_widths_lies_a_multiple_or_nothing() -> None:
    assert SPACE.between(Cell(64, 1), Cell(128, 1)) == Cell(96, 1)
    assert SPACE.between(Cell(32, 1), Cell(64, 1)) is None
    assert SPACE.between(Cell(32, 1), Cell(128, 2)) is None


def test_between_two_depths_lies_the_one_in_the_middle_or_none() -> None:
    assert SPACE.between(Cell(64, 1), Cell(64, 3)) == Cell(64, 2)
    assert SPACE.between(Cell(64, 1), Cell(64, 2)) is None


@settings(deadline=None, max_examples=60)
@given(
    low=st.integers(1, 20), more=st.integers(0, 40), multiple=st.sampled_from([1, 7, 32]), layers=st.integers(1, 3)
)
def test_every_neighbour_lies_in_the_space(low: int, more: int, multiple: int, layers: int) -> None:
    space = Space(units=(low * multiple, (low + more) * multiple), multiple=multiple, layers=(1, layers))
    for width in space.widths:
        for depth in range(1, layers + 1):
            cell = Cell(width, depth)
            assert cell in space
            near = [space.wider(cell), space.deeper(cell), space.between(space.smallest, cell)]
            assert all(found in space for found in near if found is not None)


@pytest.mark.parametrize("cell", [Cell(40, 1), Cell(544, 1), Cell(0, 1), Cell(32, 4), Cell(32, 0), "32×1"])
def test_what_is_off_the_grid_is_not_in_the_space(cell: object) -> None:
    assert cell not in SPACE


def test_smaller_means_fewer_parameters_then_fewer_layers() -> None:
    cells = [Cell(64, 2), Cell(128, 1), Cell(32, 3), Cell(64, 1), Cell(32, 1)]
    assert sorted(cells, key=size_order) == [Cell(32, 1), Cell(64, 1), Cell(32, 3), Cell(64, 2), Cell(128, 1)]
