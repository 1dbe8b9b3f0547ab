"""How a network is trained; the same for every size of a run."""

from __future__ import annotations

from dataclasses import dataclass, replace

REFERENCE_UNITS = 32
"""Width at which the learning rate is stated."""

WEIGHT_DECAYS = (1.0, 0.0)
"""Candidates, the first of which is taken in a near tie: noisy series want a decay, and those that can be forecast
almost exactly show clearly that they do not."""

LAST_STEP_FACTOR = 3
"""Times as many steps for an ordinary loop, whose loss is on the last step of a window only.

It sees one error per window where the engine sees one for most of its steps; what it needs is measured in
``benchmarks/engine.py`` (2.6 times the steps to a flat curve) and ``benchmarks/plain.py``."""

MOMENTUM = 0.9
"""Adam's decay of gradients."""

LEAST_ROOT = 1e-8
"""Added to the root of the mean squared gradient (Adam's epsilon)."""

LEAST_NORM = 1e-6
"""Added to the norm of the gradient before it is clipped, as by torch."""

TRIAL_STEPS = 1000
"""Cap on the steps of a trial of an input form."""

TRIAL_PATIENCE = 100
"""Steps without improvement after which such a trial may end."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How a network is trained; the same for every size.

    Parameters
    ----------
    learning_rate : float
        Adam's rate at 32 units; wider layers take it scaled (see `hidden_rate`).
    second_moment : float
        Adam's decay of squared gradients; well below the usual 0.999, which takes a third more steps.
    batch : int
        Windows per step.
    averaging : float
        Decay of the exponential moving average of the weights, which is what is evaluated.
    check_every : int
        Steps between two looks at the tail.
    patience : int
        Fewest steps without improvement after which a curve may count as flat.
    patience_share : float
        The same as a fraction of the steps so far; the larger of the two holds.
    improvement : float
        Relative fall of the tail's loss that starts the patience anew.
    most_steps : int
        Cap on the steps; a curve that still falls there is marked ``unconverged``.
    clip : float
        Largest norm of the gradient.
    weight_decay : float
        Decoupled decay of all weights, per step in units of their learning rate (AdamW; Loshchilov and Hutter
        2019, *Decoupled weight decay regularization*).
    refit_from : float
        Least share of the rows that the tail must be for the network to be trained anew on all of them, 1 for
        never; otherwise the one trained on the head forecasts.
    """

    learning_rate: float = 0.012
    second_moment: float = 0.95
    batch: int = 32
    averaging: float = 0.98
    check_every: int = 25
    patience: int = 200
    patience_share: float = 0.4
    improvement: float = 0.01
    most_steps: int = 6000
    clip: float = 1.0
    weight_decay: float = 0.0
    refit_from: float = 0.025

    def hidden_rate(self, units: int) -> float:
        """Return the rate of matrices whose inputs are units: divided by units / 32 for wider layers.

        Maximal update parametrisation, Yang et al. 2022, *Tensor Programs V*, table 8.
        """
        return self.learning_rate * min(1.0, REFERENCE_UNITS / units)

    def step_numbers(self, step: int) -> tuple[float, float, float]:
        """Return what changes from step to step.

        Parameters
        ----------
        step : int
            Number of the step, 1 for the first.

        Returns
        -------
        first, second : float
            What Adam's running means of gradients and of their squares have seen, as fractions: one minus the
            decay to the power of the steps. Means that start at zero are divided by it.
        renewal : float
            Share of the weights that goes into their average, which early on must not remember the start: its
            decay grows from 1/10 to its full value.
        """
        renewal = 1 - min(self.averaging, step / (9 + step))
        return 1 - MOMENTUM**step, 1 - self.second_moment**step, renewal

    def for_trial(self) -> Recipe:
        """Return the cheap variant by which input forms are compared: few steps, no refit."""
        return replace(self, most_steps=TRIAL_STEPS, patience=TRIAL_PATIENCE, refit_from=1.0)
