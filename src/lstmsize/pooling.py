"""What is known of the true errors of all sizes together: each size's mean is drawn towards that of all."""

from __future__ import annotations

import numpy as np

from lstmsize.comparison import Comparison
from lstmsize.expansion import Way
from lstmsize.series import FloatArray
from lstmsize.space import Cell

_DRAWS = 4000
_NOISES = 16
_SPREADS = np.geomspace(1e-4, 1.0, 40)
"""Spreads of the true errors between sizes that are weighed, in units of the baseline's error."""

_USUAL_SPREAD = 0.05
"""Scale of the prior of that spread: sizes differ by some per cent, in rare cases by much more."""


_LEAST_VARIANCE = 1e-10
"""Of a mean error; losses are rounded to a hundred-thousandth or so."""


def chance_of_reaching(comparison: Comparison, cells: list[Cell], ways: list[Way], error: float) -> float:
    """Return the chance that the true error of some size on these folds is at most a given one.

    Parameters
    ----------
    comparison : Comparison
        All sizes that were trained.
    cells : list of Cell
        Those that count.
    ways : list of Way
        Steps that pay; a next one in the same direction is taken to lower the error by as much again.
    error : float
        Relative to the best baseline's.

    Returns
    -------
    float
        1 where too little is known of the noise.
    """
    known = comparison.table.cells
    if comparison.freedom < 1 or any(way.smaller not in known for way in ways):
        return 1.0
    variances = np.maximum(comparison.seed_variances(known), _LEAST_VARIANCE)
    drawn = dict(zip(known, pooled_draws(comparison.effects(known), variances, comparison.freedom).T, strict=True))
    further = [2 * drawn[way.larger] - drawn[way.smaller] for way in ways]
    return float(np.mean(np.min([*(drawn[cell] for cell in cells), *further], axis=0) <= error))


def pooled_draws(means: FloatArray, variances: FloatArray, freedom: float) -> FloatArray:
    """Draw the true errors of some sizes from their posterior distribution.

    Partial pooling: the true errors are taken to be normal around a common mean with an unknown spread, on which
    there is a half-Cauchy prior (Gelman 2006, *Prior distributions for variance parameters in hierarchical
    models*). Where the means differ by no more than their noise explains, they are drawn together, so that the
    lowest of many is not mistaken for a good one (Gelman, Hill and Yajima 2012, *Why we (usually) don't have to
    worry about multiple comparisons*).

    Parameters
    ----------
    means : ndarray, shape (sizes,)
        Mean errors relative to the best baseline's.
    variances : ndarray, shape (sizes,)
        Squared standard errors of these.
    freedom : float
        Degrees of freedom of the noise that they were computed from.

    Returns
    -------
    ndarray, shape (draws, sizes)
        True mean errors.
    """
    generator = np.random.default_rng(0)
    noises = freedom / generator.chisquare(freedom, _NOISES)
    noise, spread = (grid.ravel() for grid in np.meshgrid(noises, _SPREADS))
    total = variances * noise[:, None] + spread[:, None] ** 2
    precision = (1 / total).sum(axis=1)
    centre = (means / total).sum(axis=1) / precision
    misfit = ((means - centre[:, None]) ** 2 / total).sum(axis=1)
    likelihood = -0.5 * (np.log(total).sum(axis=1) + np.log(precision) + misfit)
    # The grid of spreads is even in their logarithm, hence a factor of the spread itself.
    weight = np.exp(likelihood - likelihood.max()) * spread / (1 + (spread / _USUAL_SPREAD) ** 2)
    drawn = generator.choice(len(weight), _DRAWS, p=weight / weight.sum())
    common = centre[drawn] + generator.normal(size=_DRAWS) / np.sqrt(precision[drawn])
    own = variances * noise[drawn, None]
    trust = spread[drawn, None] ** 2 / (own + spread[drawn, None] ** 2)
    pooled = trust * means + (1 - trust) * common[:, None]
    drawn_errors: FloatArray = pooled + np.sqrt(trust * own) * generator.normal(size=pooled.shape)
    return drawn_errors
