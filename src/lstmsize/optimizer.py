"""AdamW with a clipped gradient, on one vector of all weights.

A small network has few weights in many tensors, so that a step costs what its calls cost; here they are one per
operation, not one per operation and tensor (``docs/design.md``, Speed).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lstmsize.recipe import LEAST_NORM, LEAST_ROOT, MOMENTUM, Recipe


class AdamW:
    """Adam with decoupled weight decay (Kingma and Ba 2015; Loshchilov and Hutter 2019), as torch's own.

    The gradient of all weights together is first scaled down to the norm `recipe.clip`, if it is larger.

    Parameters
    ----------
    weights : sequence of Tensor
        The weights, changed in place.
    rates : sequence of float
        The learning rate of each of them.
    recipe : Recipe
        Decay of squared gradients and of weights, largest norm.
    """

    def __init__(self, weights: Sequence[Tensor], rates: Sequence[float], recipe: Recipe) -> None:
        self._weights = [weight.detach() for weight in weights]
        self._recipe = recipe
        self._rates = torch.cat(
            [torch.full_like(w, rate).flatten() for w, rate in zip(self._weights, rates, strict=True)]
        )
        self._shrinkage = [1 - rate * recipe.weight_decay for rate in rates]
        self._first, self._second = torch.zeros_like(self._rates), torch.zeros_like(self._rates)
        self._change = torch.zeros_like(self._rates)
        parts = torch.split(self._change, [weight.numel() for weight in self._weights])
        self._changes = [part.view_as(weight) for part, weight in zip(parts, self._weights, strict=True)]

    def step(self, gradients: Sequence[Tensor], first: float | Tensor, second: float | Tensor) -> None:
        """Take one step down.

        Parameters
        ----------
        gradients : sequence of Tensor
            Of the loss with respect to each of the weights, in their order and shapes.
        first, second : float or Tensor
            The step's corrections (`Recipe.step_numbers`); as tensors of no dimension where it is recorded and
            replayed.
        """
        second_decay = self._recipe.second_moment
        gradient = torch.cat([part.flatten() for part in gradients])
        gradient *= (self._recipe.clip / (torch.linalg.vector_norm(gradient) + LEAST_NORM)).clamp(max=1.0)
        self._first.lerp_(gradient, 1 - MOMENTUM)
        self._second.mul_(second_decay).addcmul_(gradient, gradient, value=1 - second_decay)
        root = (self._second / second).sqrt_().add_(LEAST_ROOT)
        torch.div(self._first, root, out=self._change)
        self._change.mul_(self._rates)
        if self._recipe.weight_decay:
            torch._foreach_mul_(self._weights, self._shrinkage)
        if isinstance(first, Tensor):
            self._change.div_(first)
            torch._foreach_sub_(self._weights, self._changes)
        else:
            torch._foreach_add_(self._weights, self._changes, alpha=-1 / first)
