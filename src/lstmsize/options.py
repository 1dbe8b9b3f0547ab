"""The options of the command line: how each is written and explained, in one place for all commands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from lstmsize.config import Request
from lstmsize.notation import parse_fraction, parse_whole

_Number = TypeVar("_Number", int, float)


def _read(parse: Callable[[str, str], _Number], option: str) -> Callable[[str], _Number]:
    # Typer wants a function with a name, which a partial lacks, and sends defaults through it too.
    def parser(text: str) -> _Number:
        return parse(str(text), option)

    return parser


_DEFAULT = Request()

WINDOW = "auto"
UNITS = f"{_DEFAULT.units[0]}:{_DEFAULT.units[1]}"
LAYERS = f"{_DEFAULT.layers[0]}:{_DEFAULT.layers[1]}"
MULTIPLE = _DEFAULT.multiple
METRIC: str = _DEFAULT.metric
MIN_GAIN = _DEFAULT.min_gain
TOLERANCE = _DEFAULT.tolerance
SEED = _DEFAULT.seed
DEVICE = "auto"

Data = Annotated[
    str, typer.Argument(metavar="DATA", help="File with one row per time step, or - for standard input.")
]
Target = Annotated[
    str | None,
    typer.Option("--target", metavar="COLUMN", help="Column to forecast; needed where several are numeric."),
]
Time = Annotated[
    str | None,
    typer.Option("--time", metavar="COLUMN", help="Column of time stamps; where it is not recognised."),
]
Window = Annotated[
    str,
    typer.Option("--window", metavar="auto|N", help="Past steps that a network sees.", show_default=True),
]
Units = Annotated[
    str,
    typer.Option("--units", metavar="LOW:HIGH", help="Units per layer to try, or one number.", show_default=True),
]
Multiple = Annotated[
    int,
    typer.Option(
        "--multiple",
        metavar="N",
        parser=_read(parse_whole, "--multiple"),
        help="Units are multiples of this.",
        show_default=True,
    ),
]
Layers = Annotated[
    str,
    typer.Option("--layers", metavar="LOW:HIGH", help="Stacked layers to try, or one number.", show_default=True),
]
Metric = Annotated[
    str, typer.Option("--metric", metavar="rmse|mae", help="The error that decides.", show_default=True)
]
MinGain = Annotated[
    float,
    typer.Option(
        "--min-gain",
        metavar="FRACTION",
        parser=_read(parse_fraction, "--min-gain"),
        help="Smallest reduction of the error that is worth a network; 0.02 is 2 %.",
        show_default=True,
    ),
]
Tolerance = Annotated[
    float,
    typer.Option(
        "--tolerance",
        metavar="FRACTION",
        parser=_read(parse_fraction, "--tolerance"),
        help="A size whose error is within this fraction of every other is as good.",
        show_default=True,
    ),
]
Budget = Annotated[
    str | None,
    typer.Option(
        "--budget",
        metavar="TIME",
        help="End training after this time from the start, as in 60s, 5m or 1h; a bare number is seconds.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        metavar="N",
        parser=_read(parse_whole, "--jobs"),
        help="Trainings at once.  [default: one per core; 4 with --device cuda]",
    ),
]
Device = Annotated[
    str, typer.Option("--device", metavar="auto|cpu|cuda", help="Where networks are trained.", show_default=True)
]
Seed = Annotated[
    int,
    typer.Option(
        "--seed",
        metavar="N",
        parser=_read(parse_whole, "--seed"),
        help="Seed of the networks and of the resampled intervals.",
        show_default=True,
    ),
]
Study = Annotated[
    str | None,
    typer.Option(
        "--study",
        metavar="FILE",
        help="Keep finished trainings in this file; the same command goes on where it was.",
    ),
]
Output = Annotated[
    str | None, typer.Option("--output", metavar="FILE", help="Also write the whole answer to this file, as JSON.")
]
Json = Annotated[bool, typer.Option("--json", help="Print the whole answer as one JSON document.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Show neither progress nor findings.")]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Print (and write to --output) the plan and the expected time instead of an answer."
    ),
]
Strict = Annotated[bool, typer.Option("--strict", help="Exit with 4 if the answer is inconclusive or in doubt.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 if a network may be needed.")]
RecurrentOrOne = Annotated[bool, typer.Option("--exit-code", help="Exit with 1 unless the verdict is recurrent.")]
ForceSearch = Annotated[
    bool, typer.Option("--force-search", help="Compare networks even if a simple model already does it.")
]
