"""What the errors of all sizes say together about the best of them."""

from __future__ import annotations

import numpy as np
import pytest

from lstmsize import pooling
from lstmsize.pooling import chance_of_reaching, excess_bounds, hoped_bound, pooled_draws
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
    assert chance_of_reaching(comparison, [SMALL, MIDDLE, deep], [], 0.98) < 0.05
    assert chance_of_reaching(comparison, [SMALL, MIDDLE, deep], [(SMALL, deep)], 0.98) > 0.95


def test_what_is_unknown_is_possible() -> None:
    once = compared({SMALL: [1.5], LARGE: [1.6]})
    assert chance_of_reaching(once, [SMALL, LARGE], [], 0.9) == 1
    known = noisy({SMALL: 1.5, LARGE: 1.6}, 3, 0.01, 0, shared=0.0)
    assert chance_of_reaching(known, [SMALL, LARGE], [(MIDDLE, LARGE)], 0.9) == 1


def test_windows_that_all_sizes_share_tell_them_apart_no_worse() -> None:
    means, alone = np.array([0.98, 1.0, 1.02]), np.full(3, 0.005**2)
    shared = np.full((3, 3), 0.05**2)
    apart = pooled_draws(means, alone, 20)
    together = pooled_draws(means, alone, 20, shared)
    assert np.diff(together).std() == pytest.approx(np.diff(apart).std(), rel=0.1)
    assert together.std(axis=0).mean() > 5 * apart.std(axis=0).mean()


def test_a_single_size_has_no_bound_and_an_unknown_noise_no_finite_one() -> None:
    assert excess_bounds(compared({SMALL: [0.9, 0.8, 1.0]})) == {SMALL: None}
    assert excess_bounds(compared({SMALL: [0.9], LARGE: [0.8]})) == {SMALL: np.inf, LARGE: np.inf}
    three = noisy(dict.fromkeys(SIZES, 1.0), 3, 0.01, 0)
    assert set(excess_bounds(three, [LARGE])) == {SMALL, MIDDLE}


def test_a_size_that_is_a_little_too_bad_is_shown_to_be_as_good_in_at_most_a_tenth_of_the_looks() -> None:
    # The smallest of five sizes is 2.2 % worse than all others: it should hardly ever be shown to be within 2 %.
    sizes = [Cell(units, 1) for units in (32, 64, 96, 128, 160)]
    truth = {cell: 1.022 if cell == SMALL else 1.0 for cell in sizes}
    for spread in (0.01, 0.02, 0.04):
        bounds = [excess_bounds(noisy(truth, 3, spread, seed))[SMALL] for seed in range(100)]
        assert all(bound is not None and np.isfinite(bound) for bound in bounds)
        assert sum(bound <= 0.02 for bound in bounds if bound is not None) <= 10


def test_equal_sizes_are_shown_to_be_with_fewer_trainings_than_pair_by_pair() -> None:
    sizes = [Cell(units, 1) for units in (32, 64, 96, 128, 160)]
    pooled, paired = [], []
    for seed in range(50):
        comparison = noisy(dict.fromkeys(sizes, 1.0), 5, 0.02, seed)
        pooled.append(excess_bounds(comparison)[SMALL])
        differences = [comparison.difference(SMALL, other) for other in sizes[1:]]
        paired.append(max(d.upper(0.91) for d in differences if d is not None))
    assert np.mean(np.array(pooled) <= 0.02) > np.mean(np.array(paired) <= 0.02) + 0.2


def test_more_replicates_give_hope_and_many_more_give_more() -> None:
    comparison = noisy(dict.fromkeys(SIZES, 1.0), 3, 0.05, 2)
    now = excess_bounds(comparison)[SMALL]
    hoped = [hoped_bound(comparison, SMALL, dict.fromkeys(SIZES, times)) for times in (1.0, 2.0, 4.0)]
    assert hoped[0] == pytest.approx(now)
    assert hoped[0] > hoped[1] > hoped[2]


def test_without_luck_the_bound_hoped_for_is_that_of_as_many_replicates_of_the_same_spread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pooling, "_LUCK", 0.0)
    for seed in range(4):
        three = noisy({SMALL: 1.0, MIDDLE: 1.0}, 3, 0.03, seed)
        logarithms = np.log(three.table.losses)
        means = logarithms.mean(axis=1, keepdims=True)
        # Of thirty the same sum of squares by 29 instead of 20 degrees of freedom.
        rows = np.exp(means + np.tile(logarithms - means, 10) * np.sqrt(29 / 20))
        thirty = excess_bounds(compared(dict(zip((SMALL, MIDDLE), map(list, rows), strict=True))))[SMALL]
        hoped = hoped_bound(three, SMALL, dict.fromkeys((SMALL, MIDDLE), 10.0))
        assert hoped == pytest.approx(thirty, abs=0.0005)


def test_no_number_of_replicates_gives_hope_where_the_noise_is_that_of_the_windows() -> None:
    generator = np.random.default_rng(1)
    losses = {cell: [1.0, 1.0, 1.0 + 1e-4 * number] for number, cell in enumerate(SIZES)}
    blocks = {(cell, number): 1 + 0.3 * generator.normal(size=30) for cell in SIZES for number in range(3)}
    comparison = compared(losses, blocks)
    now = excess_bounds(comparison)[SMALL]
    assert now is not None
    assert hoped_bound(comparison, SMALL, dict.fromkeys(SIZES, 100.0)) > 0.9 * now > 0.02


def test_a_bound_does_not_depend_on_the_scale_of_the_losses() -> None:
    losses = {SMALL: [1.0, 1.01, 1.02], MIDDLE: [1.0, 1.02, 1.01], LARGE: [1.01, 1.01, 1.02]}
    tiny = {cell: [0.001 * loss for loss in each] for cell, each in losses.items()}
    one, other = excess_bounds(compared(losses)), excess_bounds(compared(tiny))
    assert [one[cell] for cell in SIZES] == pytest.approx([other[cell] for cell in SIZES])


def test_noise_of_windows_weighs_as_much_as_noise_of_seeds() -> None:
    means = np.array([0.98, 1.0, 1.02])
    seeds = pooled_draws(means, np.full(3, 0.01**2), 1e6)
    windows = pooled_draws(means, np.full(3, 1e-10), 1e6, np.eye(3) * 0.01**2)
    assert windows.std(axis=0) == pytest.approx(seeds.std(axis=0), rel=0.1)
