"""One command as asked: checked, carried out with exactly one call, and its answer delivered."""

from __future__ import annotations

import io
import json as json_document
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Literal, TextIO

from lstmsize.config import Device, Request
from lstmsize.delivery import check_output, check_stdout, write_output, write_stderr, write_stdout
from lstmsize.errors import UsageError
from lstmsize.events import Progress, Stage
from lstmsize.findings import Finding, Severity
from lstmsize.reporters.progress import is_terminal, progress_on

if TYPE_CHECKING:
    from lstmsize.advisor import DryRun
    from lstmsize.results import Recommendation
    from lstmsize.series import Series

SIMPLE_OR_NOT = 1
IN_DOUBT = 4


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one command line asks.

    Parameters
    ----------
    command : {'recommend', 'baseline'}
        How far to go.
    data : str
        Path of the input; ``-`` is standard input.
    target, time : str or None
        Columns of what is forecast and of the time stamps; None where the input shows them.
    request : Request
        What bears on the answer.
    jobs : int or None
        Worker processes; None for as many as suit the device.
    device : {'auto', 'cpu', 'cuda'}
        Where networks are trained.
    study : str or None
        File in which finished trainings are kept.
    output : str or None
        File for the answer as JSON.
    json : bool
        Print JSON instead of text.
    quiet : bool
        Show neither progress nor findings.
    dry_run : bool
        Print the plan instead of the answer.
    strict, exit_code : bool
        Let the exit code speak of the answer.
    """

    command: Literal["recommend", "baseline"]
    data: str
    request: Request
    target: str | None = None
    time: str | None = None
    jobs: int | None = None
    device: Device = "auto"
    study: str | None = None
    output: str | None = None
    json: bool = False
    quiet: bool = False
    dry_run: bool = False
    strict: bool = False
    exit_code: bool = False


def carry_out(question: Question) -> int:
    """Answer one question.

    Parameters
    ----------
    question : Question
        What is asked.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    LstmsizeError
        If there can be no answer, or it cannot be written.
    """
    check_question(question)
    check_stdout()
    if question.output is not None:
        check_output(question.output)
    if question.dry_run:
        return _show_plan(_plan(question), question)
    record = _answer(question)
    _deliver(record, question)
    return exit_code_of(record, question)


def check_question(question: Question) -> None:
    """Refuse options that contradict each other.

    Raises
    ------
    UsageError
        With all contradictions in one sentence.
    """
    problems = []
    if question.jobs is not None and question.jobs < 1:
        problems.append(f"--jobs {question.jobs}: needs at least 1")
    if question.output == "-":
        problems.append("--output -: needs the name of a file; --json prints to standard output")
    empty = {"--study": question.study, "--output": question.output}
    problems += [f"{option} '': needs the name of a file" for option, path in empty.items() if path == ""]
    files = {"DATA": question.data, "--study": question.study, "--output": question.output}
    named = [(option, os.path.realpath(path)) for option, path in files.items() if path not in (None, "", "-")]
    for index, (option, path) in enumerate(named):
        problems += [f"{other} and {option} are the same file" for other, same in named[:index] if same == path]
    if problems:
        raise UsageError("; ".join(problems))


def exit_code_of(record: Recommendation, question: Question) -> int:
    """Return what the exit code says of an answer; ``--strict`` precedes ``--exit-code``."""
    doubtful = record.verdict == "inconclusive" or any(f.severity is Severity.DOUBT for f in record.findings)
    if question.strict and doubtful:
        return IN_DOUBT
    if not question.exit_code:
        return 0
    if question.command == "baseline":
        network = record.gate is not None and record.gate.decision == "open"
        return SIMPLE_OR_NOT if network else 0
    return 0 if record.verdict == "recurrent" else SIMPLE_OR_NOT


@contextmanager
def _opened(question: Question) -> Iterator[tuple[Series, Progress]]:
    # The first line stands on the screen before anything heavy is imported.
    with progress_on(sys.stderr, quiet=question.quiet) as progress:
        source = "standard input" if question.data == "-" else question.data
        progress(Stage(name="read", message=f"reading {source}"))
        from lstmsize.readers import read_series

        yield read_series(question.data, target=question.target, time=question.time), progress


def _answer(question: Question) -> Recommendation:
    started = monotonic()
    with _opened(question) as (series, progress):
        if question.command == "baseline":
            from lstmsize import advisor

            return advisor.baseline(series, question.request, progress=progress, started=started)
        from lstmsize.spawning import LoadAhead
        from lstmsize.trials import worked_in

        with LoadAhead(*worked_in(question.device)):  # before this process imports what is heavy
            from lstmsize import advisor

            return advisor.recommend(
                series,
                question.request,
                jobs=question.jobs,
                device=question.device,
                study=question.study,
                progress=progress,
                started=started,
            )


def _plan(question: Question) -> DryRun:
    with _opened(question) as (series, progress):
        from lstmsize import advisor

        return advisor.dry_run(
            series,
            question.request,
            jobs=question.jobs,
            device=question.device,
            study=question.study,
            progress=progress,
        )


def _show_plan(plan: DryRun, question: Question) -> int:
    from lstmsize.reporters.terminal import render_plan

    document = json_document.dumps(plan.to_dict(), indent=2, ensure_ascii=False) + "\n"
    _write(document, render_plan(plan), plan.findings, question)
    return 0


def _deliver(record: Recommendation, question: Question) -> None:
    from lstmsize.reporters.terminal import render

    text = "" if question.json else render(record, width=_width(sys.stdout), colour=_colour(sys.stdout))
    _write(record.to_json(), text, record.findings, question)


def _write(document: str, text: str, findings: Sequence[Finding], question: Question) -> None:
    """Send each form of an answer where it was asked for."""
    from lstmsize.reporters.terminal import render_findings

    if question.output is not None:
        write_output(question.output, document)
    if question.json:
        _utf8_stdout()
    write_stdout(document if question.json else text)
    if not question.quiet:
        write_stderr(render_findings(findings, width=_width(sys.stderr), colour=_colour(sys.stderr)))


def _utf8_stdout() -> None:
    """JSON is UTF-8, whatever the terminal's encoding is."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")


def _width(stream: TextIO | None) -> int | None:
    return shutil.get_terminal_size().columns if is_terminal(stream) else None


def _colour(stream: TextIO | None) -> bool:
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return is_terminal(stream) and not plain
