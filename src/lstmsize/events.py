"""What a running journey tells whoever listens; the library itself prints nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A part of the journey begins.

    ``read``, ``baselines``, ``gate``, ``form``, ``search`` or ``holdout``, and ``probe`` of a dry run.
    """

    name: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ReplicateDone:
    """One training has ended.

    Parameters
    ----------
    size : str
        The cell, as in ``64×1``.
    state : str
        ``converged``, ``unconverged``, ``diverged``, ``memory`` or ``crashed``.
    loss : float or None
        Error relative to the best baseline's on the same block; below 1 is better than it.
    done, planned : int
        Trainings finished and planned up to the next barrier.
    """

    size: str
    state: str
    loss: float | None
    done: int
    planned: int


@dataclass(frozen=True, kw_only=True)
class Barrier:
    """All planned trainings are in and the next ones are being decided.

    Parameters
    ----------
    number : int
        How many barriers there have been, from 1.
    cells, replicates : int
        Cells and replicates so far.
    best : str or None
        The observed best size so far.
    loss : float or None
        Its mean error relative to the best baseline's.
    effort : float
        Fraction of the planned effort that is spent, 0 to 1.
    seconds_left : float or None
        Estimate of the time that the search takes at most: its remaining effort, or what the budget leaves it.
    """

    number: int
    cells: int
    replicates: int
    best: str | None
    loss: float | None
    effort: float
    seconds_left: float | None


Event = Stage | ReplicateDone | Barrier
Progress = Callable[[Event], None]


def silent(event: Event) -> None:
    """Ignore an event: the progress callable used when the caller gives none."""
    del event
