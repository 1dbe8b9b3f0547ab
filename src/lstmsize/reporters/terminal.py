"""The record as text for people: the verdict first, then what to do, then the evidence.

Nothing is computed here and no number is shown that the record lacks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lstmsize.findings import Finding, Severity
from lstmsize.naming import counted, printable
from lstmsize.reporters.advice import what_to_do
from lstmsize.reporters.evidence import baselines, gate, holdout, sizes
from lstmsize.reporters.page import Page
from lstmsize.results import InputRecord, Recommendation
from lstmsize.series import ReadAs

if TYPE_CHECKING:
    from lstmsize.advisor import DryRun

_MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", " ": "blanks", "": "one column"}
_STYLES = {Severity.INFO: "", Severity.WARNING: "yellow", Severity.DOUBT: "bold red"}


def render(record: Recommendation, *, width: int | None = None, colour: bool = False) -> str:
    """Write the answer for people.

    Parameters
    ----------
    record : Recommendation
        The answer, of the whole journey or of its first half.
    width : int or None
        Columns of the terminal; None for a file or a pipe.
    colour : bool
        Whether bold and colour are wanted.

    Returns
    -------
    str
        Verdict, recommended configuration, evidence, and how the input was read; findings stand apart, see
        `render_findings`.
    """
    page = Page(width=width, colour=colour)
    page.say(record.summary, style="bold")
    what_to_do(record, page)
    if record.sizes:
        sizes(record, page)
        holdout(record, page)
    baselines(record, page)
    gate(record, page)
    page.heading("Input")
    page.say(_input(record.input))
    return page.text()


def render_findings(findings: Sequence[Finding], *, width: int | None = None, colour: bool = False) -> str:
    """Write the findings, one paragraph each.

    Parameters
    ----------
    findings : sequence of Finding
        What was noticed.
    width : int or None
        Columns of the terminal; None for a file or a pipe, where each finding stays on one line.
    colour : bool
        Whether colour is wanted.

    Returns
    -------
    str
        Empty where there are none.
    """
    if not findings:
        return ""
    page = Page(width=width, colour=colour)
    for finding in findings:
        following = f"; next: {finding.next}" if finding.next else ""
        text = f"lstmsize: {finding.severity} {finding.code}: {finding.message}{following}"
        page.say(text, style=_STYLES[finding.severity])
    return page.text()


def render_plan(plan: DryRun) -> str:
    """Return what a run would do as lines of text."""
    lines = [f"input: {_input(plan.input)}", f"gate: {plan.gate}"]
    if not plan.searches:
        return "\n".join([*lines, "nothing would be trained; the answer comes from the baselines", ""])
    steps = ", ".join(f"{size} {value:.1f} ms" for size, value in plan.step_ms.items())
    expected = "unknown: the timing probe died"
    if plan.seconds is not None:
        expected = f"about {plan.seconds[0]:.0f} s to {plan.seconds[1]:.0f} s"
    lines += [f"{name}: {value}" for name, value in plan.plan.items()]
    return "\n".join([*lines, f"one training step: {steps}", f"expected time: {expected}", ""])


def _input(read: InputRecord) -> str:
    parts = [read.source, counted(read.rows, "row"), f"target {printable(read.target)}"]
    if read.time is not None:
        parts.append(f"time {printable(read.time)}")
    if read.step is not None:
        parts.append(f"step {read.step}")
    seasons = " and ".join(map(str, read.seasons))
    parts.append(f"seasons of {seasons} steps" if seasons else "no season")
    return ", ".join(parts) + _read_as(read.read_as)


def _read_as(how: ReadAs | None) -> str:
    if how is None:
        return ""
    separator = _MARKS.get(how.separator, repr(how.separator))
    header = "with" if how.header else "without"
    gaps = f", {counted(how.gaps, 'gap')}" if how.gaps else ""
    decimal = "point" if how.decimal == "." else "comma"
    return f"; read as {how.encoding}, {separator}, decimal {decimal}, {header} header{gaps}"
