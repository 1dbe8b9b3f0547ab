"""The optimiser against torch's own."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from lstmsize.optimizer import AdamW
from lstmsize.recipe import Recipe

RATES = [0.02, 0.005, 0.02]


def weights() -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(shape, generator=generator) for shape in ((4, 3), (7,), (1, 1))]


def gradients(step: int, size: float) -> list[Tensor]:
    generator = torch.Generator().manual_seed(step)
    return [size * torch.randn(weight.shape, generator=generator) for weight in weights()]


@pytest.mark.parametrize("weight_decay", [0.0, 1.0])
@pytest.mark.parametrize("size", [0.01, 10.0])
def test_it_walks_as_torch_does_with_and_without_clipping(size: float, weight_decay: float) -> None:
    recipe = Recipe(weight_decay=weight_decay, second_moment=0.95, clip=1.0)
    found = weights()
    ours = AdamW(found, RATES, recipe)
    expected = [nn.Parameter(weight) for weight in weights()]
    groups = [{"params": [weight], "lr": rate} for weight, rate in zip(expected, RATES, strict=True)]
    theirs = torch.optim.AdamW(groups, betas=(0.9, 0.95), eps=1e-8, weight_decay=weight_decay)
    for step in range(50):
        ours.step(gradients(step, size), *recipe.step_numbers(step + 1)[:2])
        for weight, gradient in zip(expected, gradients(step, size), strict=True):
            weight.grad = gradient
        nn.utils.clip_grad_norm_(expected, 1.0)
        theirs.step()
    for ours_now, theirs_now, start in zip(found, expected, weights(), strict=True):
        torch.testing.assert_close(ours_now, theirs_now.detach(), rtol=1e-4, atol=1e-6)
        assert not torch.allclose(ours_now, start, atol=0.01)


def test_weights_and_rates_must_be_of_one_number() -> None:
    with pytest.raises(ValueError, match="zip"):
        AdamW(weights(), RATES[:2], Recipe())
