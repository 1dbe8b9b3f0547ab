"""The journey: read series in, recommendation out."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from time import monotonic

from lstmsize.advisor.answer import first_answer, full_answer
from lstmsize.advisor.beside import first_half_with_trainings
from lstmsize.advisor.dry_run import DryRun, dry_run
from lstmsize.advisor.environment import default_jobs, device_of, environment_record, require_device
from lstmsize.advisor.first_half import FirstHalf, first_half, look_at
from lstmsize.advisor.noticed import first_findings, force_findings, second_findings
from lstmsize.advisor.plan import make_plan, trainer_of
from lstmsize.advisor.second_half import SecondHalf, second_half
from lstmsize.advisor.study import ledger_there, open_ledger
from lstmsize.config import Device, Request
from lstmsize.events import Progress, silent
from lstmsize.findings import Finding
from lstmsize.results import Recommendation
from lstmsize.search import training_executor
from lstmsize.series import Series
from lstmsize.spawning import LoadAhead, refuse_daemons
from lstmsize.trials import worked_in

__all__ = ["DryRun", "baseline", "dry_run", "recommend"]


def baseline(
    series: Series, request: Request, *, progress: Progress = silent, started: float | None = None
) -> Recommendation:
    """Walk the first half of the journey: baselines and gate.

    Parameters
    ----------
    series : Series
        The input.
    request : Request
        What is asked.
    progress : Progress
        Who is told; nobody by default.
    started : float, optional
        Time on `time.monotonic` from which the total counts; now by default.

    Returns
    -------
    Recommendation
        The verdict is None while the gate is open.

    Raises
    ------
    DataError
        If there are too few rows for the request.
    """
    started = monotonic() if started is None else started
    first = first_half(look_at(series, request), request, progress)
    return _timed(_first_record(first, request, []), started)


def recommend(
    series: Series,
    request: Request,
    *,
    jobs: int | None = None,
    device: Device = "auto",
    study: str | None = None,
    progress: Progress = silent,
    started: float | None = None,
) -> Recommendation:
    """Walk the whole journey.

    Parameters
    ----------
    series, request : Series, Request
        The input, and what is asked.
    jobs, device : int, {'auto', 'cpu', 'cuda'}, optional
        Trainings at once, by default one per core (four on a CUDA device), and where networks are trained.
    study : str, optional
        File in which finished trainings are kept, so that an interrupted run goes on where it was.
    progress : Progress
        Who is told; nobody by default.
    started : float, optional
        Time on `time.monotonic` from which the budget counts; now by default.

    Returns
    -------
    Recommendation
        The answer with its evidence.

    Raises
    ------
    DataError, UsageError, StudyError, WorkerError
        See `lstmsize.recommend`.
    """
    started = monotonic() if started is None else started
    refuse_daemons()
    where = device_of(device)
    jobs = jobs or default_jobs(where)
    ledger = None if study is None else ledger_there(series, request, study)  # a wrong one is refused at once
    try:
        with LoadAhead(*worked_in(where)) as ahead:
            outlook = look_at(series, request)
            trainer = trainer_of(outlook, request, where)
            with training_executor(trainer, jobs) as executor:
                deadline = None if ledger else started + (request.budget or inf)
                first = first_half_with_trainings(executor, trainer, outlook, request, deadline, progress)
                require_device(where)  # a worker is asked, which has imported torch by now
                if not first.leaves_something(forced=request.force_search):
                    return _timed(_first_record(first, request, force_findings(first, request)), started)
                ahead.wanted = True
                plan = make_plan(first, request)
                ledger = ledger or open_ledger(series, request, study)  # when there is something to keep
                second = second_half(
                    first, plan, request, trainer, executor, ledger, started=started, progress=progress
                )
    finally:
        if ledger is not None:
            ledger.close()
    return _timed(_full_record(first, second, request, study, where), started)


def _first_record(first: FirstHalf, request: Request, more: list[Finding]) -> Recommendation:
    shut = first.gate.decision == "shut"
    return first_answer(
        first,
        request,
        verdict=first.simple_verdict(request.least_gain) if shut else None,
        findings=[*first_findings(first), *more],
        environment=environment_record(jobs=None, study=None),
    )


def _full_record(
    first: FirstHalf, second: SecondHalf, request: Request, study: str | None, device: str
) -> Recommendation:
    environment = environment_record(jobs=second.jobs, study=study, device=device)
    findings = [
        *first_findings(first),
        *second_findings(first, second, request),
        *force_findings(first, request),
    ]
    return full_answer(first, second, request, findings=findings, environment=environment)


def _timed(record: Recommendation, started: float) -> Recommendation:
    return replace(record, timing=record.timing | {"total": round(monotonic() - started, 3)})
