"""The plan of a run and the time it will take, from a timing probe that trains nothing of use."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import Any

import msgspec

from lstmsize.advisor.answer import input_record
from lstmsize.advisor.cores import available_cores
from lstmsize.advisor.first_half import first_half
from lstmsize.advisor.second_half import EFFORT, HOLDOUT_SEEDS, make_plan
from lstmsize.config import Request
from lstmsize.events import Progress, Stage, silent
from lstmsize.executors import Lost, ProcessExecutor
from lstmsize.results import InputRecord
from lstmsize.series import Series
from lstmsize.space import Cell
from lstmsize.splits import require_rows
from lstmsize.trials import StepTimer

_STEPS = (800, 6000)
"""Steps of a quick and of a slow training, both passes together."""


@dataclass(frozen=True, kw_only=True)
class DryRun:
    """What a run would do.

    Parameters
    ----------
    input : InputRecord
        How the input was read.
    gate : str
        The gate's decision and reason.
    searches : bool
        Whether networks would be trained.
    plan : dict
        Window, forms, sizes, folds, seeds, effort.
    step_ms : dict of str to float
        Measured milliseconds of one training step by size.
    seconds : tuple of float or None
        From about, to about; the second is where the effort ends.
    """

    input: InputRecord
    gate: str
    searches: bool
    plan: dict[str, Any]
    step_ms: dict[str, float]
    seconds: tuple[float, float] | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain dictionaries, lists, strings and numbers."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain

    def lines(self) -> list[str]:
        """Return it as text for people."""
        read = self.input
        lines = [
            f"input: {read.source}, {read.rows} rows, target {read.target}, time {read.time or 'none'}, "
            f"step {read.step or 'unknown'}, seasons {', '.join(map(str, read.seasons)) or 'none'}"
        ]
        if read.read_as is not None:
            how = read.read_as
            lines.append(
                f"read as: separator {how.separator or 'none'}, decimal {how.decimal!r}, {how.encoding}, "
                f"{'with' if how.header else 'without'} header, {how.gaps} gaps"
            )
        lines.append(f"gate: {self.gate}")
        if not self.searches or self.seconds is None:
            return [*lines, "nothing would be trained; the answer comes from the baselines"]
        lines += [f"{name}: {value}" for name, value in self.plan.items()]
        steps = ", ".join(f"{size} {value:.1f} ms" for size, value in self.step_ms.items())
        low, high = self.seconds
        return [*lines, f"one training step: {steps}", f"expected time: about {low:.0f} s to {high:.0f} s"]


def dry_run(series: Series, request: Request, *, jobs: int | None = None, progress: Progress = silent) -> DryRun:
    """Read, fit the baselines, plan, and time a few training steps.

    Parameters
    ----------
    series : Series
        The input.
    request : Request
        What is asked.
    jobs : int, optional
        Worker processes; as many as there are cores by default.
    progress : Progress
        Who is told.

    Returns
    -------
    DryRun
        The plan and the expected time.

    Raises
    ------
    DataError
        If there are too few rows for the request.
    """
    started = perf_counter()
    first = first_half(series, request, progress)
    gate = f"{first.gate.decision}: {first.gate.reason}"
    read = input_record(first)
    if first.board is None or (first.gate.decision == "shut" and not request.force_search):
        return DryRun(input=read, gate=gate, searches=False, plan={}, step_ms={}, seconds=None)
    plan = make_plan(first, request)
    require_rows(series.rows, plan.window, series.source)
    jobs = jobs or available_cores()
    progress(Stage(name="probe", message="timing a few training steps"))
    cells = [plan.space.smallest, Cell(4 * plan.space.smallest.units, plan.space.smallest.layers)]
    cells = [cell for cell in cells if cell in plan.space]
    timer = StepTimer(channels=plan.settings.channels, window=plan.window)
    with ProcessExecutor[Cell, float](timer, 1) as executor:
        timed = {cell: value for cell, value in executor.run(cells) if not isinstance(value, Lost)}
    spent = perf_counter() - started
    step = timed[plan.space.smallest]
    rate = step / plan.space.smallest.work(
        channels=plan.settings.channels, window=plan.window, batch=plan.settings.batch
    )
    forms = len(plan.forms) + 2 * min(3, len(plan.forms))
    low = spent + step * _STEPS[0] * (forms + 4 * plan.settings.folds + HOLDOUT_SEEDS) / jobs
    high = spent + (EFFORT * rate + step * _STEPS[1] * (forms + HOLDOUT_SEEDS)) / jobs
    if request.budget is not None:
        low, high = min(low, request.budget), min(high, request.budget)
    return DryRun(
        input=read,
        gate=gate,
        searches=True,
        plan={
            "window": f"{plan.window} ({plan.window_reason})",
            "input forms": ", ".join(map(str, plan.forms)),
            "units": f"{request.units[0]} to {request.units[1]} in multiples of {request.multiple}",
            "layers": f"{request.layers[0]} to {request.layers[1]}",
            "folds": plan.settings.folds,
            "seeds on the holdout": HOLDOUT_SEEDS,
            "jobs": jobs,
        },
        step_ms={str(cell): round(1000 * timed[cell], 3) for cell in cells if cell in timed},
        seconds=(round(low, 1), round(high, 1)),
    )
