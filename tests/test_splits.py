"""The cut in time order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lstmsize.errors import DataError
from lstmsize.splits import LEAST_HEAD, Fold, cut, require_rows, require_window, rows_needed

LENGTHS = st.integers(31, 50_000)


def test_a_thousand_rows_are_cut_as_promised() -> None:
    splits = cut(1000)
    assert splits.development == 800
    assert splits.folds == (
        Fold(head_stop=410, train_stop=512, score_stop=608),
        Fold(head_stop=486, train_stop=608, score_stop=704),
        Fold(head_stop=563, train_stop=704, score_stop=800),
    )
    assert splits.final == Fold(head_stop=640, train_stop=800, score_stop=1000)
    assert (splits.final.train_stop, splits.final.score_stop) == (800, 1000)


@settings(deadline=None, max_examples=60)
@given(rows=LENGTHS)
def test_the_last_fifth_is_the_holdout(rows: int) -> None:
    splits = cut(rows)
    assert splits.rows == rows
    assert abs((rows - splits.development) - 0.2 * rows) <= 0.5


@settings(deadline=None, max_examples=60)
@given(rows=LENGTHS)
def test_no_fold_looks_at_the_holdout_and_scored_blocks_follow_one_another(rows: int) -> None:
    folds = cut(rows).folds
    assert [fold.train_stop for fold in folds[1:]] == [fold.score_stop for fold in folds[:-1]]
    assert folds[-1].score_stop == cut(rows).development


@settings(deadline=None, max_examples=60)
@given(rows=LENGTHS)
def test_every_fold_has_a_head_a_tail_and_a_block_in_that_order(rows: int) -> None:
    for fold in (*cut(rows).folds, cut(rows).final):
        assert fold.head_stop >= LEAST_HEAD
        assert fold.head_stop + 3 <= fold.train_stop
        assert fold.train_stop + 3 <= fold.score_stop


@pytest.mark.parametrize("window", [1, 2, 12, 48, 336])
def test_the_stated_number_of_rows_is_enough_and_one_row_less_is_refused(window: int) -> None:
    needed = rows_needed(window)
    require_rows(needed, window, "a.csv")
    with pytest.raises(DataError) as caught:
        require_rows(needed - 1, window, "a.csv")
    told, _, mended = str(caught.value).partition(" for 3 folds and a holdout")
    assert told == f"a.csv: {needed - 1} rows are too few; a window of {window} steps needs at least {needed} rows"
    assert mended == ("" if window < 4 else f"; use --window {(needed - 1) // 10} or auto")
    assert caught.value.exit_code == 3


def test_rows_needed_leave_the_stated_head_before_the_first_tail() -> None:
    for window in range(1, 200):
        assert cut(rows_needed(window)).folds[0].head_stop - window >= LEAST_HEAD


def test_more_rows_than_needed_are_enough_too() -> None:
    for window in range(1, 100):
        needed = rows_needed(window)
        for rows in range(needed, needed + 40):
            assert cut(rows).folds[0].head_stop - window >= LEAST_HEAD, (window, rows)


def test_a_window_longer_than_the_data_is_refused_with_one_that_fits() -> None:
    with pytest.raises(DataError) as caught:
        require_window(144, 500, "passengers.csv")
    assert str(caught.value) == (
        "passengers.csv: --window 500 does not fit into the data, which has 144 rows; use --window 14 or auto"
    )
    require_rows(144, 14, "passengers.csv")


def test_a_million_rows_are_scored_and_chosen_on_as_many_as_it_takes() -> None:
    splits = cut(1_000_000)
    assert splits.rows - splits.development == 20_000
    assert [fold.score_stop - fold.train_stop for fold in splits.folds] == [5_000] * 3
    assert {fold.train_stop - fold.head_stop for fold in (*splits.folds, splits.final)} == {4_000}


def test_a_window_as_long_as_the_series_does_not_fit() -> None:
    with pytest.raises(DataError, match="--window 144 does not fit"):
        require_window(144, 144, "a.csv")


def test_a_fold_without_its_first_rows_has_all_its_cuts_moved() -> None:
    fold = Fold(head_stop=5, train_stop=8, score_stop=10)
    assert fold.without(3) == Fold(head_stop=2, train_stop=5, score_stop=7)
