"""The random numbers that torch draws on the processor, without torch: whoever trains begins with the same."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_WORDS = 2**32
_FRACTIONS = 2**24
"""Numbers between 0 and 1 that a single precision number keeps apart evenly."""


class Draws:
    """Numbers from a seed, bit by bit those of ``torch.Generator().manual_seed(seed)``.

    Both stand on the Mersenne twister (Matsumoto and Nishimura 1998) started from one word. Of numpy's generators
    it is the one whose numbers never change.

    Parameters
    ----------
    seed : int
        Not negative; its lowest 32 bits count.
    """

    def __init__(self, seed: int) -> None:
        self._words = np.random.RandomState(seed % _WORDS)

    def uniform(self, bound: float, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Draw evenly between two numbers of the same distance from 0, as ``Tensor.uniform_`` does.

        Parameters
        ----------
        bound : float
            That distance.
        shape : tuple of int
            Of the result.

        Returns
        -------
        ndarray of float32
        """
        high = float(np.float32(bound))
        fractions = self._words.randint(0, _WORDS, shape, dtype=np.uint32) % np.uint32(_FRACTIONS)
        return (fractions / _FRACTIONS * (2 * high) - high).astype(np.float32)

    def integers(self, low: int, high: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Draw whole numbers, as ``torch.randint`` does.

        Parameters
        ----------
        low, high : int
            The smallest, and the first that is too large; less than 2**28 apart, from where on torch takes two
            words for each.
        shape : tuple of int
            Of the result.

        Returns
        -------
        ndarray of int
        """
        words = self._words.randint(0, _WORDS, shape, dtype=np.uint32)
        return words.astype(np.int64) % (high - low) + low
