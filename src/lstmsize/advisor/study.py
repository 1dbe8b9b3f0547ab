"""The study of a question: what makes two questions the same, and the ledger of its trainings."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import asdict
from importlib.metadata import version

from lstmsize.advisor.plan import RECIPE
from lstmsize.config import Request
from lstmsize.ledger import Ledger, is_there, require_folder
from lstmsize.series import Series
from lstmsize.space import Space


def ledger_there(series: Series, request: Request, study: str) -> Ledger | None:
    """Open a study that is there, before any work is done; None where it can be made later."""
    if is_there(study):
        return open_ledger(series, request, study)
    require_folder(study)
    return None


def trainings_kept(series: Series, request: Request, study: str) -> int:
    """Count what a study holds, and refuse it as `ledger_there` does."""
    ledger = ledger_there(series, request, study)
    if ledger is None:
        return 0
    with closing(ledger):
        return len(ledger.keys())


def open_ledger(series: Series, request: Request, study: str | None) -> Ledger:
    """Open the ledger of a question; see `Ledger` for what it raises."""
    space = Space(units=request.units, multiple=request.multiple, layers=request.layers)
    step = None if series.step is None else series.step.label
    identity = {
        "sha256": series.sha256,
        "values": hashlib.sha256(series.target.tobytes()).hexdigest(),
        "target": series.names[0],
        "step": step,
        **request.identity(),
        "lstmsize": version("lstmsize"),
        **asdict(RECIPE),
    }
    return Ledger(study, identity, space)
