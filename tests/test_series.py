"""The series itself."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.errors import DataError
from lstmsize.series import Series


def test_the_first_channel_is_the_target() -> None:
    series = Series(values=np.array([[1.0, 10.0], [2.0, 20.0]]), names=("y", "x"))
    assert series.target.tolist() == [1.0, 2.0]
    assert series.rows == 2


def test_values_cannot_be_changed_afterwards() -> None:
    series = Series(values=np.ones((3, 1)), names=("y",))
    with pytest.raises(ValueError, match="read-only"):
        series.values[0] = 2


def test_the_array_that_it_was_made_of_stays_as_it_was() -> None:
    values = np.ones((3, 1))
    series = Series(values=values, names=("y",))
    values[0] = 2
    assert series.target.tolist() == [1.0, 1.0, 1.0]


def test_the_same_values_have_the_same_hash() -> None:
    one, two, other = (Series(values=np.full((3, 1), value), names=("y",)) for value in (1.0, 1.0, 2.0))
    assert one.sha256 == two.sha256 != other.sha256


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_missing_or_infinite_row_is_refused_by_its_number(bad: float) -> None:
    with pytest.raises(DataError) as caught:
        Series(values=np.array([[1.0], [2.0], [bad]]), names=("y",), source="a.csv")
    assert str(caught.value) == (
        "a.csv: row 2 (counted from 0) is missing or infinite; fill or drop such rows before asking"
    )


@pytest.mark.parametrize("size", [1e71, 1e-71])
def test_values_that_cannot_be_squared_are_refused(size: float) -> None:
    with pytest.raises(DataError) as caught:
        Series(values=np.array([[-size], [0.0]]), names=("y",), source="a.csv")
    message = f"a.csv: the largest value is {size:g}, outside 1e-70 to 1e+70; rescale the values"
    assert str(caught.value) == f"{message}, or take their logarithm"


def test_zeros_and_a_few_tiny_values_are_fine() -> None:
    assert Series(values=np.zeros((3, 1)), names=("y",)).rows == 3
    assert Series(values=np.array([[1.0], [1e-300]]), names=("y",)).rows == 2


@pytest.mark.parametrize("values", [np.ones(3), np.ones((3, 2)), np.ones((3, 1, 1))])
def test_anything_but_rows_of_named_channels_is_refused(values: np.ndarray) -> None:
    with pytest.raises(DataError, match="a series needs an array of shape"):
        Series(values=values, names=("y",))


def test_letters_are_no_series() -> None:
    with pytest.raises(DataError, match="a series needs numbers"):
        Series(values=np.array([["a"]]), names=("y",))
