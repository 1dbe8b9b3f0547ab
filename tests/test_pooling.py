"""What the errors of all sizes say together about the best of them."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize.expansion import Way
from lstmsize.pooling import chance_of_reaching, pooled_draws
from lstmsize.space import Cell
from tables import LARGE, MIDDLE, SIZES, SMALL, compared, noisy

MANY = np.full(6, 0.02**2)


def test_sizes_that_differ_by_no_more_than_their_noise_are_drawn_together() -> None:
    means = np.array([0.97, 0.99, 1.0, 1.0, 1.01, 1.03])
    drawn = pooled_draws(means, MANY, 20).mean(axis=0)
    assert np.ptp(drawn) < np.ptp(means) / 2
    assert drawn.mean() == pytest.approx(1.0, abs=0.002)


def test_sizes_that_clearly_differ_stay_apart() -> None:
    means = np.array([0.6, 0.7, 0.8, 0.9, 1.0, 1.1])
    drawn = pooled_draws(means, MANY / 100, 20)
    assert drawn.mean(axis=0) == pytest.approx(means, abs=0.003)
    assert drawn.std(axis=0) == pytest.approx(0.002, rel=0.2)


def test_without_noise_the_means_are_known() -> None:
    means = np.array([0.9, 0.9, 1.0])
    assert np.abs(pooled_draws(means, np.full(3, 1e-10), 4) - means).max() < 1e-3


def test_the_draws_cover_the_truth_as_often_as_they_say() -> None:
    generator = np.random.default_rng(0)
    inside = []
    for _ in range(200):
        truth = 1 + 0.02 * generator.normal(size=5)
        seen = truth + 0.02 * generator.normal(size=5)
        freedom = 8
        guessed = 0.02**2 * generator.chisquare(freedom) / freedom
        low, high = np.quantile(pooled_draws(seen, np.full(5, guessed), freedom), [0.05, 0.95], axis=0)
        inside.append(((low < truth) & (truth < high)).mean())
    assert np.mean(inside) == pytest.approx(0.9, abs=0.03)


def test_the_lowest_of_several_is_not_mistaken_for_a_good_one() -> None:
    comparison = noisy(dict.fromkeys(SIZES, 1.0), 3, 0.02, 4, shared=0.0)
    alone = min(comparison.table.mean(cell) for cell in SIZES)
    assert chance_of_reaching(comparison, SIZES, [], alone) < 0.5


def test_a_size_that_is_good_is_seen_to_be() -> None:
    comparison = noisy({SMALL: 1.0, MIDDLE: 1.0, LARGE: 0.9}, 3, 0.01, 0, shared=0.0)
    assert chance_of_reaching(comparison, SIZES, [], 0.95) > 0.95
    assert chance_of_reaching(comparison, [SMALL, MIDDLE], [], 0.95) < 0.05


def test_a_step_that_pays_may_be_followed_by_another_as_large() -> None:
    deep = Cell(32, 2)
    comparison = noisy({SMALL: 1.03, MIDDLE: 1.03, deep: 1.0}, 3, 0.002, 1, shared=0.0)
    way = Way(smaller=SMALL, larger=deep, sureness=0.99)
    assert chance_of_reaching(comparison, [SMALL, MIDDLE, deep], [], 0.98) < 0.05
    assert chance_of_reaching(comparison, [SMALL, MIDDLE, deep], [way], 0.98) > 0.95


def test_what_is_unknown_is_possible() -> None:
    once = compared({SMALL: [1.5], LARGE: [1.6]})
    assert chance_of_reaching(once, [SMALL, LARGE], [], 0.9) == 1
    known = noisy({SMALL: 1.5, LARGE: 1.6}, 3, 0.01, 0, shared=0.0)
    failed = Way(smaller=MIDDLE, larger=LARGE, sureness=0.5)
    assert chance_of_reaching(known, [SMALL, LARGE], [failed], 0.9) == 1
