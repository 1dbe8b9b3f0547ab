"""The command line as typer reads it: options in, one question out; nothing is done here."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import redirect_stdout
from inspect import signature
from io import StringIO
from typing import Annotated, cast

import typer

from lstmsize import options
from lstmsize.config import Metric, Request
from lstmsize.delivery import write_stdout
from lstmsize.errors import UsageError
from lstmsize.naming import NAME
from lstmsize.notation import parse_device, parse_duration, parse_range, parse_window
from lstmsize.questions import Question

app = typer.Typer(
    name=NAME,
    help="Do I need an LSTM here, and how big? An advisor for time series, with evidence.",
    epilog="Exit codes: 0 an answer, 1 see --exit-code, 2 wrong usage, 3 the data cannot answer, 4 see --strict, "
    "5 no study or no workers, 70 a defect, 74 the answer cannot be written, 130 and 143 interrupted.",
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

# typer names only this child of the class that stands for every kind of wrong usage.
_WRONG_USAGE = cast("type[Exception]", typer.BadParameter.__base__)


def parse(arguments: Sequence[str]) -> Question | int:
    """Read the command line.

    Parameters
    ----------
    arguments : sequence of str
        What follows the program's name.

    Returns
    -------
    Question or int
        What is asked; an exit code where help or version was all that was wanted.

    Raises
    ------
    UsageError
        If the command line is wrong, in one sentence.
    """
    shown = StringIO()
    try:
        with redirect_stdout(shown):
            command = typer.main.get_command(app)
            result = command.main(list(arguments), prog_name=NAME, standalone_mode=False)
    except _WRONG_USAGE as error:
        raise UsageError(_sentence(error, arguments)) from error
    finally:
        if shown.getvalue():
            write_stdout(shown.getvalue())
    return result if isinstance(result, Question) else int(result or 0)


def _sentence(error: Exception, arguments: Sequence[str]) -> str:
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = next((argument for argument in arguments if argument in known), None)
    option = str(getattr(error, "option_name", ""))
    others = signature(recommend).parameters.keys() - signature(baseline).parameters.keys()
    if named == "baseline" and option.removeprefix("--").replace("-", "_") in others:
        message = f"{option} belongs to {NAME} recommend: {NAME} baseline trains no network"
    helping = f"{NAME} {named} --help" if named else f"{NAME} --help"
    return f"{' '.join(message.split()).rstrip('.')}; see {helping}"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"{NAME} {version(NAME)}")
        raise typer.Exit


@app.callback()
def _main(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version  # its callback has seen to it
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), err=True)
        raise typer.Exit(UsageError.exit_code)


@app.command(short_help="Is an LSTM needed, and of what size?")
def recommend(
    data: options.Data,
    target: options.Target = None,
    time: options.Time = None,
    window: options.Window = options.WINDOW,
    units: options.Units = options.UNITS,
    multiple: options.Multiple = options.MULTIPLE,
    layers: options.Layers = options.LAYERS,
    metric: options.Metric = options.METRIC,
    min_gain: options.MinGain = options.MIN_GAIN,
    tolerance: options.Tolerance = options.TOLERANCE,
    budget: options.Budget = None,
    jobs: options.Jobs = None,
    device: options.Device = options.DEVICE,
    seed: options.Seed = options.SEED,
    study: options.Study = None,
    output: options.Output = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    dry_run: options.DryRun = False,
    strict: options.Strict = False,
    exit_code: options.RecurrentOrOne = False,
    force_search: options.ForceSearch = False,
) -> Question:
    """Say whether an LSTM is needed for DATA, and if so, how many units and layers."""
    request = Request(
        window=parse_window(window),
        units=parse_range(units, "--units"),
        multiple=multiple,
        layers=parse_range(layers, "--layers"),
        metric=cast("Metric", metric),
        min_gain=min_gain,
        tolerance=tolerance,
        budget=None if budget is None else parse_duration(budget),
        seed=seed,
        force_search=force_search,
    )
    return Question(
        command="recommend",
        data=data,
        request=request,
        target=target,
        time=time,
        jobs=jobs,
        device=parse_device(device),
        study=study,
        output=output,
        json=json,
        quiet=quiet,
        dry_run=dry_run,
        strict=strict,
        exit_code=exit_code,
    )


@app.command(short_help="How well do simple models do, and what do they leave?")
def baseline(
    data: options.Data,
    target: options.Target = None,
    time: options.Time = None,
    window: options.Window = options.WINDOW,
    metric: options.Metric = options.METRIC,
    min_gain: options.MinGain = options.MIN_GAIN,
    seed: options.Seed = options.SEED,
    output: options.Output = None,
    json: options.Json = False,
    quiet: options.Quiet = False,
    strict: options.Strict = False,
    exit_code: options.ExitCode = False,
) -> Question:
    """Say how well simple models forecast DATA, and what they leave; trains no network."""
    request = Request(window=parse_window(window), metric=cast("Metric", metric), min_gain=min_gain, seed=seed)
    return Question(
        command="baseline",
        data=data,
        request=request,
        target=target,
        time=time,
        output=output,
        json=json,
        quiet=quiet,
        strict=strict,
        exit_code=exit_code,
    )
