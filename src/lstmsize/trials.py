"""One training as a task: what a worker process is told, and what it sends back."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from time import perf_counter

import numpy as np
from threadpoolctl import threadpool_limits

from lstmsize.config import Metric
from lstmsize.recipe import Recipe
from lstmsize.replicates import Replicate
from lstmsize.results import ReplicateState
from lstmsize.series import FloatArray
from lstmsize.space import Cell
from lstmsize.splits import MOST_LEARNT, Fold
from lstmsize.transforms import InputForm, Shaped, shape

_BLOCK = 5
"""Steps that a timing probe takes at once on the processor: few, since those of a large size are slow."""

HOLDOUT = -1
"""Fold number of the development part with the holdout as its scored block."""


@dataclass(frozen=True, kw_only=True)
class Approach:
    """What trials decide before sizes are compared, and what is then the same for all of them.

    Parameters
    ----------
    form : InputForm
        What the network sees and predicts.
    weight_decay : float
        How strongly its weights are held small.
    """

    form: InputForm
    weight_decay: float = 0.0

    def __str__(self) -> str:
        return f"{self.form}, weight decay {self.weight_decay:g}" if self.weight_decay else str(self.form)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One training to do: a replicate of one approach on one fold, or a cheap trial of the approach."""

    approach: Approach
    replicate: Replicate
    fold: int
    trial: bool = False

    @classmethod
    def of(cls, approach: Approach, replicate: Replicate, folds: int, *, trial: bool = False) -> Job:
        """Return the training of a replicate on the one of so many folds that its number says."""
        return cls(approach=approach, replicate=replicate, fold=replicate.fold(folds), trial=trial)

    @property
    def key(self) -> str:
        """Name of the job in the ledger."""
        form = "log_" * self.approach.form.log + self.approach.form.kind
        decay = f"_decay{self.approach.weight_decay:g}" if self.approach.weight_decay else ""
        origin = "holdout" if self.fold == HOLDOUT else f"fold{self.fold}"
        cell = self.replicate.cell
        kind = "trial/" if self.trial else ""
        return f"{kind}{form}{decay}/{cell.units}x{cell.layers}/{origin}/{self.replicate.number}"


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """What a worker sends back.

    Parameters
    ----------
    state : str
        How the training ended.
    reason : str or None
        Why it failed.
    steps, steps_run : int
        Steps of the scored network, and all steps spent.
    forecasts : list of float
        Forecasts of the scored rows; empty where it failed.
    curve : list of (int, float)
        Step and loss on the tail relative to the untrained network's.
    train_loss : float or None
        Mean loss of the last hundred steps, in the scale of the standardised targets.
    validation_loss : float or None
        Lowest loss on the tail, relative to the untrained network's.
    seconds : float
        Wall-clock time.
    """

    state: ReplicateState
    reason: str | None = None
    steps: int = 0
    steps_run: int = 0
    forecasts: list[float] = field(default_factory=list)
    curve: list[tuple[int, float]] = field(default_factory=list)
    train_loss: float | None = None
    validation_loss: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Trainer:
    """The callable that worker processes hold: everything about a run but which job to do.

    Parameters
    ----------
    values : ndarray, shape (time,)
        The target.
    folds : dict of int to Fold
        By fold number; `HOLDOUT` is the last one.
    bases : dict
        By fold number: one-step forecasts of the simple model that may be corrected, with coefficients from the
        head and from the training part.
    window : int
        Past steps that the network sees.
    metric : {'rmse', 'mae'}
        The loss.
    seed : int
        Added to the replicate's own.
    recipe : Recipe
        How to train.
    device : {'cpu', 'cuda'}
        Where to train.
    """

    values: FloatArray
    folds: dict[int, Fold]
    bases: dict[int, tuple[FloatArray, FloatArray]]
    window: int
    metric: Metric
    seed: int
    recipe: Recipe
    device: str = "cpu"

    def __call__(self, job: Job) -> TrialResult:
        """Train; a failure becomes a result with its reason, and only a lack of what is imported an exception.

        Parameters
        ----------
        job : Job
            What to train.

        Returns
        -------
        TrialResult
            Forecasts and how it went.
        """
        try:
            return self._train(job)
        except ImportError:  # no training would do better
            raise
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, the run goes on without this size
            said = str(error).lower()
            short_of_memory = (
                isinstance(error, MemoryError) or "out of memory" in said or "allocate memory" in said
            )
            reason = f"{type(error).__name__}: {error}"[:200]
            return TrialResult(state="memory" if short_of_memory else "crashed", reason=reason)

    def _train(self, job: Job) -> TrialResult:
        # What trains is imported here, in the worker: the parent never pays for it.
        from lstmsize.learning import engine_on
        from lstmsize.training import Problem, train_replicate

        engine_on(self.device, job.replicate.cell)  # torch too, where it is needed, before a clock runs
        _one_thread()
        start = max(0, self.folds[job.fold].train_stop - MOST_LEARNT)
        values = self.values[start : self.folds[job.fold].score_stop]
        fold = self.folds[job.fold].without(start)
        head, train = self.bases.get(job.fold, (None, None))
        problem = Problem(
            values=values,
            fold=fold,
            head=shape(values, job.approach.form, stop=fold.head_stop, window=self.window, base=head),
            train=shape(values, job.approach.form, stop=fold.train_stop, window=self.window, base=train),
            window=self.window,
            metric=self.metric,
            device=self.device,
        )
        recipe = replace(self.recipe, weight_decay=job.approach.weight_decay)
        recipe = recipe.for_trial() if job.trial else recipe
        seed = self.seed * 1000 + job.replicate.seed
        trained = train_replicate(problem, job.replicate.cell, seed, recipe)
        return TrialResult(
            state=trained.state,
            reason=trained.reason,
            steps=trained.steps,
            steps_run=trained.steps_run,
            forecasts=np.asarray(trained.forecasts).tolist(),
            curve=[(step, float(f"{loss:.5g}")) for step, loss in trained.curve],
            train_loss=trained.train_loss,
            validation_loss=min((loss for _, loss in trained.curve), default=None),
            seconds=trained.seconds,
        )


def worked_in(device: str) -> tuple[str, str]:
    """Return the modules that workers need: what trains, and what takes steps on a device."""
    return "lstmsize.training", "lstmsize.torch_step" if device == "cuda" else "lstmsize.cpu_step"


def _one_thread() -> None:
    # A worker's variables say so too, but not where it was forked from a process that the caller had begun.
    if "torch" in sys.modules:
        import torch  # another thread may be importing it, which this waits for

        torch.set_num_threads(1)
    threadpool_limits(1)


def has_cuda(_: None) -> bool:
    """Say whether torch finds a CUDA device; asked of a worker, since torch is not imported elsewhere."""
    import torch

    return torch.cuda.is_available()


@dataclass(frozen=True, kw_only=True)
class StepTimer:
    """The callable of a timing probe: seconds of one training step of a size, on noise.

    Parameters
    ----------
    channels, window : int
        Input values per step, steps per window.
    steps : int
        Steps that are timed, after as many that are not: the first ones pay for the creation of kernels. They are
        taken in blocks, on a CUDA device as long as in a training, of which four at least are timed.
    device : {'cpu', 'cuda'}
        Where they run.
    """

    channels: int
    window: int
    steps: int = 20
    device: str = "cpu"

    def __call__(self, cell: Cell) -> float | None:
        """Time a size; only a lack of what is imported is an exception.

        Parameters
        ----------
        cell : Cell
            The size.

        Returns
        -------
        float or None
            Median seconds of a step; None where it cannot be trained, for want of memory say.
        """
        try:
            return self._time(cell)
        except ImportError:
            raise
        except Exception:  # noqa: BLE001 - a training of this size says what is wrong
            return None

    def _time(self, cell: Cell) -> float:
        from lstmsize.learning import engine_on, training_on

        engine_on(self.device, cell)
        _one_thread()
        with training_on(self.device):
            return self._median(cell)

    def _median(self, cell: Cell) -> float:
        from lstmsize.learning import Run

        rows = 20 * self.window
        noise = np.random.default_rng(0).normal(size=(rows, self.channels)).astype(np.float32)
        shaped = Shaped(
            inputs=noise,
            targets=noise[:, 0].copy(),
            offset=np.zeros(rows),
            scale=1.0,
            first=0,
            anchored=False,
            log=False,
        )
        block = Recipe().check_every if self.device == "cuda" else _BLOCK
        run = Run(shaped, self.window, cell, 0, Recipe(), "rmse", self.device)
        run.advance(self.steps, rows)
        times = []
        for _ in range(max(4, self.steps // block)):
            started = perf_counter()
            run.advance(block, rows)
            times.append((perf_counter() - started) / block)
        return float(np.median(times))
