"""The closed list of findings: what was noticed, how grave it is, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: ``doubt`` puts the answer itself in doubt (see ``--strict``)."""

    INFO = "info"
    WARNING = "warning"
    DOUBT = "doubt"


class Code(StrEnum):
    """Codes of the findings; a code keeps its meaning for ever."""

    SMALLEST_SIZE = "L001"
    LARGEST_SIZE = "L002"
    SIZE_UNCERTAIN = "L003"
    SEEDS_DISAGREE = "L004"
    FOLDS_DISAGREE = "L005"
    BUDGET_ENDED = "L006"
    UNCONVERGED = "L007"
    FAILED_REPLICATES = "L008"
    SERIES_SHORT = "L009"
    HOLDOUT_REUSED = "L010"
    FORCED = "L011"
    CONSTANT = "L012"
    EXACT_RECURSION = "L013"
    TIMES_SORTED = "L014"
    TIMES_IGNORED = "L015"
    TIMES_UNEVEN = "L016"
    LINES_SKIPPED = "L017"
    METRICS_DISAGREE = "L018"
    EFFORT_ENDED = "L019"
    SEASON_UNCERTAIN = "L020"
    HOLDOUT_SHIFTED = "L021"
    TREES_AS_GOOD = "L022"
    LONG_TRAINING = "L023"
    LARGER_UNTRIED = "L024"
    SEVERAL_SERIES = "L025"
    FAR_VALUES = "L026"
    SEASONS_SLIP = "L027"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing worth knowing about an answer.

    Parameters
    ----------
    code : Code
        Which kind of finding.
    severity : Severity
        How much it weighs.
    message : str
        What was measured, with its numbers.
    next : str or None
        The command or step that mends or settles it.
    """

    code: Code
    severity: Severity
    message: str
    next: str | None = None
