"""What is answered: the one record, to and from JSON.

Every field stands in the JSON under its own name. Unknown is None, never 0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from lstmsize.errors import DataError
from lstmsize.findings import Finding
from lstmsize.series import ReadAs

SCHEMA_VERSION = 1
"""Version of the record's layout. 1: the first."""

Verdict = Literal["baseline", "recurrent", "unpredictable", "inconclusive"]
Decision = Literal["open", "shut"]
ReplicateState = Literal["converged", "unconverged", "diverged", "memory", "crashed"]
CellState = Literal["complete", "dropped", "failed", "unfinished"]
Basis = Literal["non-inferior", "observed-best", "forced"]


@dataclass(frozen=True, kw_only=True)
class InputRecord:
    """The input as it was read."""

    source: str
    sha256: str
    rows: int
    target: str
    time: str | None
    features: list[str]
    step: str | None
    seasons: list[int]
    read_as: ReadAs | None


@dataclass(frozen=True, kw_only=True)
class TransformRecord:
    """What the network sees and what it predicts; ``detail`` holds what is needed to repeat it.

    ``weight_decay`` was chosen with it; ``trials`` holds the losses, as fractions of the best baseline's.
    """

    kind: str
    reason: str
    log: bool = False
    weight_decay: float = 0.0
    detail: dict[str, Any] = field(default_factory=dict)
    trials: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class WindowRecord:
    """How many past steps the network sees, and why."""

    steps: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Training:
    """How the recommended network was trained, for an ordinary training loop to repeat.

    ``learning_rate`` is the one of matrices whose inputs are units, which a loop with a single rate takes;
    ``input_learning_rate`` that of input weights and biases. ``averaging`` is the decay of the exponential
    moving average of the weights that forecasts are made with; without it a constant rate does worse.
    ``weight_decay`` is that of AdamW, which without it is Adam.
    ``second_moment`` is Adam's decay of squared gradients, ``clip`` the largest norm of the gradient, and
    ``warm_up`` the number of first steps of a window that are not trained on. ``steps`` is the number of
    minibatches with the loss at all later ones, ``steps_last_step`` that for an ordinary loop, whose loss is on
    the last one alone (None in records of before it was stated).
    """

    learning_rate: float
    steps: int
    batch: int
    input_learning_rate: float
    averaging: float
    second_moment: float
    clip: float
    warm_up: int
    weight_decay: float = 0.0
    steps_last_step: int | None = None


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The recommended configuration.

    ``excess_at_most`` is the 90 % upper bound of its error over that of any other size that was compared,
    a fraction; None where nothing was compared or all others were given up, or with too few trainings to say.
    """

    cell: str
    units: int
    layers: int
    window: int
    horizon: int
    parameters: int
    training: Training
    excess_at_most: float | None
    basis: Basis


@dataclass(frozen=True, kw_only=True)
class EquivalentSize:
    """A size that cannot be told apart from the best.

    ``excess`` is its mean error over the observed best's on the trainings that both had, None where there is none.
    ``excess_high`` is the 90 % upper bound over every other size's, estimated from all sizes together, None where
    too few trainings tell of their spread. Both are fractions. ``p_value`` is that of belonging to the set,
    1 where the spread is unknown. Sizes that were not tried on all folds are among them only where one
    such stands in as the best.
    """

    units: int
    layers: int
    parameters: int
    excess: float | None
    excess_high: float | None
    p_value: float


@dataclass(frozen=True, kw_only=True)
class SizeName:
    """Units and layers."""

    units: int
    layers: int


@dataclass(frozen=True, kw_only=True)
class BaselineRecord:
    """One baseline on the scored blocks of all folds, in the units of the target."""

    name: str
    detail: dict[str, Any]
    rmse: float
    mae: float
    mase: float | None
    stderr: float | None
    n: int
    skill: float | None
    folds: list[float]


@dataclass(frozen=True, kw_only=True)
class ProbeRecord:
    """What a cheap nonlinear probe gains over the best baseline, as a fraction of its error."""

    name: str
    gain: float
    gain_high: float
    folds: list[float]


@dataclass(frozen=True, kw_only=True)
class TestRecord:
    """A test on the best baseline's residuals."""

    name: str
    null: str
    statistic: float | None
    p_value: float | None


@dataclass(frozen=True, kw_only=True)
class GateRecord:
    """Whether a simple model already fits."""

    decision: Decision
    reason: str
    probes: list[ProbeRecord]
    tests: list[TestRecord]


@dataclass(frozen=True, kw_only=True)
class ReplicateRecord:
    """One training of one size; ``loss`` is the error relative to the best baseline's on the fold.

    A failed one has neither ``loss`` nor ``steps``.
    """

    fold: int
    seed: int
    loss: float | None
    steps: int | None
    state: ReplicateState
    reason: str | None = None
    train_loss: float | None = None
    validation_loss: float | None = None
    curve: list[tuple[int, float]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class SizeRecord:
    """One size with all its replicates; ``mean`` and ``stderr`` are of the replicates' losses."""

    units: int
    layers: int
    parameters: int
    state: CellState
    reason: str | None
    mean: float | None
    stderr: float | None
    replicates: list[ReplicateRecord]


@dataclass(frozen=True, kw_only=True)
class HoldoutRecord:
    """The comparison on the rows from ``first`` on, which nothing else looked at.

    Errors are in the units of the target; ``n`` is how many of these rows, evenly spread, were forecast, and
    ``block`` how many of them a resampled block holds.
    """

    first: int
    n: int
    error_network: float
    error_baseline: float
    gain: float
    gain_low: float
    gain_high: float
    p_value: float
    used: int
    seeds: list[float]
    block: int
    actual: list[float] = field(default_factory=list)
    forecast_network: list[float] = field(default_factory=list)
    forecast_baseline: list[float] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class SettledBy:
    """What would settle an inconclusive answer, each None where it is not what is lacking or cannot be told.

    ``rows`` is the length of series on which a definite verdict would be had with a chance of 80 %, ``budget`` the
    seconds in which the run would come to its own end even if it took all the effort that was planned; ``reason``
    says why, where there is neither.
    """

    rows: int | None
    budget: float | None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The answer to *do I need an LSTM here, and how big?*, with its evidence."""

    schema_version: int = SCHEMA_VERSION
    lstmsize_version: str
    verdict: Verdict | None
    lean: Verdict | None
    settled_by: SettledBy | None = None
    summary: str
    input: InputRecord
    request: dict[str, Any]
    transform: TransformRecord | None
    window: WindowRecord | None
    recommendation: Choice | None
    equivalent_sizes: list[EquivalentSize]
    equivalence: str | None = None
    observed_best: SizeName | None
    baselines: list[BaselineRecord]
    best_baseline: str | None
    gate: GateRecord | None
    sizes: list[SizeRecord]
    holdout: HoldoutRecord | None
    diagnostics: dict[str, Any] | None
    findings: list[Finding]
    timing: dict[str, Any]
    environment: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return the record as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        return plain

    def to_json(self, *, indent: int = 2) -> str:
        """Return the record as one JSON document, ending in a line break."""
        return msgspec.json.format(msgspec.json.encode(self), indent=indent).decode() + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Recommendation:
        """Read a record back.

        Parameters
        ----------
        text : str or bytes
            What `to_json` wrote.

        Returns
        -------
        Recommendation
            The same record.

        Raises
        ------
        DataError
            If the text is no such record.
        """
        try:
            return msgspec.json.decode(text, type=cls)
        except msgspec.MsgspecError as error:
            raise DataError(f"this is not a recommendation written by lstmsize: {error}") from error
