"""The model confidence set: which of several means cannot be told apart from the lowest."""

from __future__ import annotations

import numpy as np

from lstmsize.series import FloatArray

_DRAWS = 4000
_ROUNDING = 1e-12


def confidence_p_values(means: FloatArray, covariance: FloatArray, freedom: float) -> FloatArray:
    """Return the p-value with which each mean belongs to the set of the lowest ones.

    Hansen, Lunde and Nason 2011, *The model confidence set*, with their range statistic: while equality of all
    remaining means is rejected, the one that is furthest above another leaves. The null distribution comes from
    draws of a multivariate t with the estimated covariance, as of Student's range with unequal pairs, because the
    noise has two sources (seeds and windows in time) and a resampling of rows would know only one.

    Parameters
    ----------
    means : ndarray, shape (models,)
        Mean losses.
    covariance : ndarray, shape (models, models)
        Covariance of their errors; what all share does not matter.
    freedom : float
        Degrees of freedom of the covariance.

    Returns
    -------
    ndarray, shape (models,)
        The set of confidence 1 - a holds the models whose p-value is above a; the best has 1.
    """
    generator = np.random.default_rng(0)
    noise = generator.multivariate_normal(np.zeros(len(means)), covariance, _DRAWS, method="eigh")
    noise /= np.sqrt(generator.chisquare(freedom, _DRAWS) / freedom)[:, None]
    variances = np.diag(covariance)
    spread = np.sqrt(np.maximum(variances[:, None] + variances - 2 * covariance, 0.0))
    remaining = list(range(len(means)))
    p_values = np.ones(len(means))
    highest = 0.0
    while len(remaining) > 1:
        pairs = np.ix_(remaining, remaining)
        excess = _standardised(means[remaining, None] - means[remaining], spread[pairs])
        drawn = np.zeros(_DRAWS)
        for model in remaining:
            against = np.abs(noise[:, [model]] - noise[:, remaining])
            known = spread[model, remaining] > 0  # what all share cancels, but for rounding
            drawn = np.maximum(
                drawn, (against[:, known] / spread[model, remaining][known]).max(axis=1, initial=0.0)
            )
        highest = max(highest, float(np.mean(drawn >= excess.max())))
        leaving = int(np.argmax(excess.max(axis=1)))
        p_values[remaining[leaving]] = highest
        del remaining[leaving]
    return p_values


def _standardised(difference: FloatArray, spread: FloatArray) -> FloatArray:
    """Differences in units of their spread; where there is none, any beyond rounding is certain."""
    difference = np.where(np.abs(difference) > _ROUNDING, difference, 0.0)
    known = np.broadcast_to(spread > 0, difference.shape)
    certain = np.where(difference > 0, np.inf, 0.0)
    return np.divide(difference, spread, out=certain, where=known)
