"""Regressions on time, refitted at every origin."""

from __future__ import annotations

import numpy as np
import pytest
from folded import noise, scored_error, task_of

from lstmsize.baselines.trends import fourier, harmonic_regression, polynomial_trend


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_a_polynomial_trend_is_polyfit_at_every_origin(degree: int) -> None:
    time = np.linspace(-1, 1, 140)
    values = 50 + 20 * time**degree + noise(degree, 140) * 0.5
    task = task_of(values)
    found = polynomial_trend(task)
    assert found is not None
    for row in (task.fold.head_stop, task.fold.train_stop, 100, 139):
        fit = np.polyfit(np.arange(row), values[:row], found.detail["degree"])
        assert found.values[row] == pytest.approx(np.polyval(fit, row), rel=1e-6)


@pytest.mark.parametrize("degree", [1, 2, 3])
def test_a_polynomial_is_solved_and_its_degree_is_found(degree: int) -> None:
    values = (np.arange(200) / 50.0) ** degree - 3
    task = task_of(values)
    found = polynomial_trend(task)
    assert found is not None
    assert found.detail == {"degree": degree}
    assert scored_error(task, found.values) < 1e-5


def test_a_trend_that_changes_over_many_rows_is_still_refitted_in_one_piece() -> None:
    values = np.cumsum(noise(4, 2000))
    found = polynomial_trend(task_of(values))
    assert found is not None
    for row in (1511, 1512, 1513, 1999):
        fit = np.polyfit(np.linspace(-1, 1, 2000)[:row], values[:row], found.detail["degree"])
        assert found.values[row] == pytest.approx(
            np.polyval(fit, np.linspace(-1, 1, 2000)[row]), rel=1e-4, abs=1e-4
        )


def test_a_harmonic_regression_is_least_squares_on_the_rows_before() -> None:
    time = np.arange(180)
    values = 0.05 * time + np.sin(2 * np.pi * time / 12) + 0.3 * noise(5, 180)
    found = harmonic_regression(task_of(values, (12,)))
    assert found is not None
    design = np.column_stack([np.ones(180), time, fourier(180, (12,), found.detail["harmonics"])])
    for row in (108, 150, 179):
        solution = np.linalg.lstsq(design[:row], values[:row], rcond=None)[0]
        assert found.values[row] == pytest.approx(design[row] @ solution, rel=1e-6)


def test_a_trend_with_two_seasons_is_solved() -> None:
    time = np.arange(400)
    values = 0.1 * time + np.sin(2 * np.pi * time / 7) + 2 * np.cos(2 * np.pi * time / 30)
    task = task_of(values, (7, 30))
    found = harmonic_regression(task)
    assert found is not None
    assert scored_error(task, found.values) < 1e-6


def test_without_a_season_there_is_no_harmonic_regression() -> None:
    assert harmonic_regression(task_of(noise(0, 100))) is None


def test_fourier_terms_stand_in_the_order_of_their_multiples() -> None:
    time = np.arange(24)
    terms = fourier(24, (12,), 2)
    assert terms.shape == (24, 4)
    np.testing.assert_allclose(terms[:, 0], np.cos(2 * np.pi * time / 12), atol=1e-12)
    np.testing.assert_allclose(terms[:, 3], np.sin(4 * np.pi * time / 12), atol=1e-12)
    np.testing.assert_array_equal(fourier(24, (12,), 1), terms[:, :2])


@pytest.mark.parametrize(("seasons", "count", "terms"), [((4,), 2, 3), ((2,), 5, 1), ((7, 14), 2, 6), ((), 3, 0)])
def test_no_fourier_term_is_zero_or_there_twice(seasons: tuple[int, ...], count: int, terms: int) -> None:
    found = fourier(56, seasons, count)
    assert found.shape == (56, terms)
    assert np.linalg.matrix_rank(np.column_stack([np.ones(56), found])) == terms + 1
