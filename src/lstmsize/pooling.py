"""What is known of the true errors of all sizes together: each size's mean is drawn towards that of all.

A bound against the luckiest of several others is a bound against luck. Where sizes differ by no more than their
noise explains, partial pooling says so, and the smallest is shown to be as good with fewer trainings and more
often; where they clearly differ it changes little.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from scipy import special

from lstmsize.comparison import CONFIDENCE, DROP_RISK, Comparison
from lstmsize.series import FloatArray
from lstmsize.space import Cell

BOUND = CONFIDENCE + DROP_RISK
"""One-sided probability of the bounds: what is left of the risk after dropping."""

_LUCK = 0.75
"""Standard errors by which a mean may fall with more replicates when it is asked what could come of them."""

_DRAWS = 4000
_LEVELS = (np.arange(32) + 0.5) / 32
"""Levels at which the distribution of the noise's size is taken."""

_SPREADS = np.geomspace(1e-4, 1.0, 40)
"""Spreads of the logarithms of true errors between sizes that are weighed."""

_USUAL_SPREAD = 0.2
"""Scale of the prior of that spread: flat where sizes mostly differ, by some per cent, and falling far beyond."""

_LEAST_VARIANCE = 1e-10
"""Of a mean; losses are rounded to six digits."""


def excess_bounds(comparison: Comparison, dropped: Collection[Cell] = ()) -> dict[Cell, float | None]:
    """Return the upper bound of each size's excess error over the best of all others.

    Noise of the seeds and of the scored windows is in it. Under the model of `pooled_draws` looking several times
    needs no correction; how often a size that is a little too bad is shown to be as good is in ``docs/design.md``.

    Parameters
    ----------
    comparison : Comparison
        All sizes that were trained.
    dropped : collection of Cell
        Sizes that were given up as worse, and are neither bounded nor held against the others.

    Returns
    -------
    dict of Cell to float or None
        Fractions of the other's error; infinite where nothing is known of the noise, None where there is no other.
    """
    cells = [cell for cell in comparison.table.cells if cell not in dropped]
    if len(cells) < 2:
        return dict.fromkeys(cells)
    if comparison.freedom < 1:
        return dict.fromkeys(cells, np.inf)
    variances, freedom = comparison.seed_noise(cells)
    windows = comparison.window_covariance(cells)
    drawn = pooled_draws(comparison.effects(cells), variances, freedom, windows)
    return {cell: _bound(drawn, number) for number, cell in enumerate(cells)}


def hoped_bound(comparison: Comparison, cell: Cell, growth: dict[Cell, float]) -> float:
    """Return what the bound of a size may well come to with more replicates.

    The noise of the seeds falls with them, that of the windows does not; the size's own mean may, by some luck.

    Parameters
    ----------
    comparison : Comparison
        All sizes that were trained, of whose noise something is known.
    cell : Cell
        The size.
    growth : dict of Cell to float
        How many times its replicates each size that counts will have.

    Returns
    -------
    float
        A fraction, as in `excess_bounds`.
    """
    cells, number = list(growth), list(growth).index(cell)
    times = np.array(list(growth.values()))
    variances, freedom = comparison.seed_noise(cells)
    windows = comparison.window_covariance(cells)
    means = comparison.effects(cells)
    means[number] -= _LUCK * np.sqrt(variances[number] * (1 - 1 / times[number]))
    return _bound(pooled_draws(means, variances / times, freedom * float(times.mean()), windows), number)


def _bound(drawn: FloatArray, number: int) -> float:
    others = np.delete(drawn, number, axis=1).min(axis=1)
    return float(np.expm1(np.quantile(drawn[:, number] - others, BOUND)))


def chance_of_reaching(
    comparison: Comparison, cells: list[Cell], steps: Sequence[tuple[Cell, Cell]], error: float
) -> float:
    """Return the chance that the true error of some size on these folds and windows is at most a given one.

    Parameters
    ----------
    comparison : Comparison
        All sizes that were trained.
    cells : list of Cell
        Those that count.
    steps : sequence of (Cell, Cell)
        Steps up in size that pay; two more in the same direction are taken to lower the error by the same share.
    error : float
        Relative to the best baseline's.

    Returns
    -------
    float
        1 where too little is known of the noise.
    """
    known = comparison.table.cells
    if comparison.freedom < 1 or any(smaller not in known for smaller, _ in steps):
        return 1.0
    variances, freedom = comparison.seed_noise(known)
    drawn = dict(zip(known, pooled_draws(comparison.effects(known), variances, freedom).T, strict=True))
    further = [3 * drawn[larger] - 2 * drawn[smaller] for smaller, larger in steps]
    return float(np.mean(np.min([*(drawn[cell] for cell in cells), *further], axis=0) <= np.log(error)))


def pooled_draws(
    means: FloatArray, variances: FloatArray, freedom: float, shared: FloatArray | None = None
) -> FloatArray:
    """Draw the logarithms of the true errors of some sizes from their posterior distribution.

    They are taken to be normal around a common mean with an unknown spread, on which there is a
    half-Cauchy prior (Gelman 2006, *Prior distributions for variance parameters in hierarchical models*; Gelman,
    Hill and Yajima 2012, *Why we (usually) don't have to worry about multiple comparisons*). The noise of the
    seeds is known up to a factor, inverse chi-squared with its degrees of freedom.

    Parameters
    ----------
    means : ndarray, shape (sizes,)
        Mean logarithms of the errors.
    variances : ndarray, shape (sizes,)
        Squared standard errors of these that come from seeds.
    freedom : float
        Degrees of freedom of these.
    shared : ndarray, shape (sizes, sizes), optional
        Covariance of the means that comes from elsewhere.

    Returns
    -------
    ndarray, shape (draws, sizes)
        Logarithms of the true errors.
    """
    generator = np.random.default_rng(0)
    sizes = len(means)
    fixed = np.zeros((sizes, sizes)) if shared is None else shared
    noises = freedom / (2 * special.gammaincinv(freedom / 2, _LEVELS))
    noise, spread = (grid.ravel() for grid in np.meshgrid(noises, _SPREADS))
    own = np.maximum(variances, _LEAST_VARIANCE)
    total = fixed + (own * noise[:, None] + spread[:, None] ** 2)[:, :, None] * np.eye(sizes)
    inverse = np.linalg.inv(total)
    precision = inverse.sum(axis=(1, 2))
    centre = inverse.sum(axis=1) @ means / precision
    off = means - centre[:, None]
    misfit = np.einsum("gi,gij,gj->g", off, inverse, off)
    likelihood = -0.5 * (np.linalg.slogdet(total)[1] + np.log(precision) + misfit)
    # The grid of spreads is even in their logarithm, hence a factor of the spread itself.
    weight = np.exp(likelihood - likelihood.max()) * spread / (1 + (spread / _USUAL_SPREAD) ** 2)
    drawn = generator.choice(len(weight), _DRAWS, p=weight / weight.sum())
    common = centre[drawn] + generator.normal(size=_DRAWS) / np.sqrt(precision[drawn])
    # A draw from the prior and one of the noise, corrected by what was seen, is a draw from the posterior.
    tau = spread[drawn, None]
    prior = common[:, None] + tau * generator.normal(size=(_DRAWS, sizes))
    error = np.sqrt(own * noise[drawn, None]) * generator.normal(size=(_DRAWS, sizes))
    if shared is not None:
        error += generator.multivariate_normal(np.zeros(sizes), fixed, _DRAWS, method="eigh")
    posterior: FloatArray = prior + tau**2 * np.einsum("dij,dj->di", inverse[drawn], means - prior - error)
    return posterior
