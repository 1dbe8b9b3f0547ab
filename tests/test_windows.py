"""Windows as row numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.windows import choose_window, lagged, scored_rows, segment_ends, warm_up


def test_all_rows_of_a_small_block_are_scored() -> None:
    assert scored_rows(10, 15).tolist() == [10, 11, 12, 13, 14]


def test_a_large_block_is_thinned_out_evenly_with_both_ends() -> None:
    rows = scored_rows(100, 100_100, most=1000)
    assert len(rows) == 1000
    assert (rows[0], rows[-1]) == (100, 100_099)
    assert set(np.diff(rows)) == {100, 101}


@pytest.mark.parametrize(("window", "steps"), [(1, 0), (3, 0), (4, 1), (48, 12)])
def test_a_quarter_of_a_window_warms_up(window: int, steps: int) -> None:
    assert warm_up(window) == steps


@settings(deadline=None, max_examples=60)
@given(start=st.integers(0, 500), length=st.integers(1, 800), window=st.integers(1, 100))
def test_segments_cover_the_block_with_what_lies_behind_their_warm_up(
    start: int, length: int, window: int
) -> None:
    ends = segment_ends(start, start + length, window, most=10_000)
    covered = {row for end in ends for row in range(end - (window - warm_up(window)) + 1, end + 1)}
    assert covered >= set(range(start, start + length))
    assert ends[0] >= start
    assert ends[-1] == start + length - 1


def test_too_many_segments_are_thinned_out() -> None:
    ends = segment_ends(0, 100_000, 8, most=128)
    assert len(ends) == 128
    assert ends[-1] == 99_999
    assert (np.diff(ends) > 0).all()


@pytest.mark.parametrize(
    ("rows", "seasons", "window"),
    [
        (5000, (), 48),
        (5000, (24,), 24),
        (5000, (12,), 24),
        (5000, (7, 365), 48),
        (5000, (48, 336), 48),
        (5000, (336,), 48),
    ],
)
def test_the_window_holds_whole_seasons_where_they_fit(rows: int, seasons: tuple[int, ...], window: int) -> None:
    assert choose_window(rows, seasons)[0] == window


def test_a_short_series_gets_a_sixth_of_its_first_training() -> None:
    assert choose_window(60, ()) == (10, "a sixth of the 60 rows that the first training begins with")


def test_the_reason_names_the_season() -> None:
    assert "whole seasons of 12 steps" in choose_window(5000, (12,))[1]


@settings(deadline=None, max_examples=60)
@given(rows=st.integers(12, 20_000), season=st.integers(2, 2000))
def test_a_window_never_takes_more_than_a_sixth_of_the_rows(rows: int, season: int) -> None:
    steps, reason = choose_window(rows, (season,))
    assert 2 <= steps <= max(2, rows // 6)
    assert reason


@pytest.mark.parametrize(("season", "window"), [(168, 48), (96, 96), (9, 48)])
def test_a_window_holds_a_season_that_is_neither_short_nor_long(season: int, window: int) -> None:
    assert choose_window(5000, (season,))[0] == window


@given(lag=st.integers(1, 12), start=st.integers(0, 10), length=st.integers(0, 10))
@settings(max_examples=100, deadline=None)
def test_some_rows_of_lagged_values_are_those_of_all(lag: int, start: int, length: int) -> None:
    values = np.arange(10.0)
    stop = min(start + length, len(values))
    shifted = np.array([row - lag if row >= lag else np.nan for row in range(10)])
    np.testing.assert_array_equal(lagged(values, lag), shifted)
    np.testing.assert_array_equal(lagged(values, lag, min(start, stop), stop), shifted[min(start, stop) : stop])
