"""The library's two questions, asked of whatever holds a series; they print nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lstmsize.config import Device, Request
from lstmsize.errors import DataError, UsageError
from lstmsize.events import Progress, silent
from lstmsize.notation import parse_device

if TYPE_CHECKING:
    from lstmsize.results import Recommendation
    from lstmsize.series import Series
    from lstmsize.spawning import LoadAhead


def recommend(
    data: Any,
    request: Request | None = None,
    *,
    target: str | None = None,
    time: str | None = None,
    jobs: int | None = None,
    device: Device = "auto",
    study: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
) -> Recommendation:
    """Say whether an LSTM is needed for a series, and if so, how many units and layers.

    Baselines are fitted on rolling-origin folds; if they leave something, LSTMs of several sizes are trained,
    and the smallest one shown to be as good is compared with the best baseline on an untouched holdout.

    Parameters
    ----------
    data : Series, path, sequence of float, ndarray of shape (time,), or pandas or polars Series or DataFrame
        The series in time order; whatever `read_series` takes.
    request : Request, optional
        What bears on the answer besides the data; `Request()` by default.
    target, time : str, optional
        Columns of what is forecast and of the time stamps, see `read_series`.
    jobs, device : int, {'auto', 'cpu', 'cuda'}, optional
        Trainings at once, by default one per core (four on a CUDA device), and where networks are trained.
    study : path, optional
        File in which finished trainings are kept, so that the same call goes on where it was.
    progress : callable, optional
        Is told of every `lstmsize.events.Event`; nobody is by default.

    Returns
    -------
    Recommendation
        The answer with its evidence; `Recommendation.to_json` writes it.

    Raises
    ------
    DataError
        If the data cannot answer the request.
    UsageError
        If the arguments contradict each other, the study belongs to another question or there is no such device.
    StudyError, WorkerError
        If the study cannot be read or written; if workers cannot be started, or lack what they import.

    Examples
    --------
    >>> import numpy as np
    >>> from lstmsize import Request, recommend
    >>> answer = recommend(np.arange(1, 11), Request(window=2))
    >>> answer.verdict
    'baseline'
    """
    _check_jobs(jobs)
    where, file = parse_device(device), None if study is None else _file_name(study)
    series = _series(data, target=target, time=time)
    with _workers_ahead(where):  # before this process imports what is heavy
        from lstmsize import advisor

        return advisor.recommend(series, _asked(request), jobs=jobs, device=where, study=file, progress=progress)


def baseline(
    data: Any,
    request: Request | None = None,
    *,
    target: str | None = None,
    time: str | None = None,
    progress: Progress = silent,
) -> Recommendation:
    """Say how well simple models forecast a series, and what they leave; train no network.

    Parameters
    ----------
    data : Series, path, sequence of float, ndarray of shape (time,), or pandas or polars Series or DataFrame
        The series in time order; whatever `read_series` takes.
    request : Request, optional
        What bears on the answer besides the data; `Request()` by default.
    target, time : str, optional
        Columns of what is forecast and of the time stamps, see `read_series`.
    progress : callable, optional
        Is told of every `lstmsize.events.Event`; nobody is by default.

    Returns
    -------
    Recommendation
        With the parts that only the whole journey knows left None; the verdict, too, while the gate is open.

    Raises
    ------
    DataError
        If the data cannot answer the request.
    UsageError
        If the arguments contradict each other.

    Examples
    --------
    >>> from lstmsize import baseline
    >>> answer = baseline([1, 1, 2, 3, 5, 8, 13, 21, 34, 55])
    >>> answer.best_baseline
    'exact_recursion'
    """
    series = _series(data, target=target, time=time)
    from lstmsize import advisor

    return advisor.baseline(series, _asked(request), progress=progress)


def _check_jobs(jobs: int | None) -> None:
    if jobs is not None and (not isinstance(jobs, int) or jobs < 1):
        raise UsageError(f"jobs={jobs!r}: needs a whole number of at least 1")


def _workers_ahead(device: Device) -> LoadAhead:
    from lstmsize.spawning import LoadAhead
    from lstmsize.trials import worked_in

    return LoadAhead(*worked_in(device))


def _asked(request: Request | None) -> Request:
    if request is not None and not isinstance(request, Request):
        raise UsageError(f"request={request!r}: needs a Request, as in Request(metric='mae')")
    return request or Request()


def _file_name(path: str | os.PathLike[str]) -> str:
    if path == "":
        raise UsageError("study='': needs the name of a file")
    return os.fspath(path)


def _series(data: Any, *, target: str | None, time: str | None) -> Series:
    from lstmsize.readers import read_series
    from lstmsize.series import Series

    if not isinstance(data, Series):
        return read_series(data, target=target, time=time)
    if target is not None or time is not None:
        raise UsageError("target and time choose columns while reading, and this Series has been read already")
    if len(data.names) > 1:
        raise DataError(
            f"{data.source}: a series of {len(data.names)} channels; only the first would be used: "
            f"give Series(values=values[:, :1], names={data.names[:1]})"
        )
    return data
