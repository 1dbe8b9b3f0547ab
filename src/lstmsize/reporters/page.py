"""A page of text: paragraphs and tables, for a terminal of some width or for a file."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100
"""Width of tables where there is no terminal."""


class Page:
    """Collects paragraphs and tables as text.

    Parameters
    ----------
    width : int or None
        Columns of the terminal; None where there is none: sentences then stay on one line, for ``grep`` and
        ``head -1``.
    colour : bool
        Whether to write the terminal's codes for bold and colour.
    """

    def __init__(self, *, width: int | None, colour: bool) -> None:
        self._wraps = width is not None
        self._file = StringIO()
        self._console = Console(
            file=self._file,
            width=min(width or PLAIN_WIDTH, PLAIN_WIDTH),
            force_terminal=colour,
            no_color=not colour,
            force_jupyter=False,
            legacy_windows=False,
            markup=False,
            highlight=False,
            emoji=False,
        )

    def say(self, text: str, style: str = "") -> None:
        """Add a paragraph."""
        self._console.print(Text(text, style=style), soft_wrap=not self._wraps)

    def heading(self, text: str) -> None:
        """Add an empty line and a heading."""
        self.gap()
        self.say(text, style="bold")

    def gap(self) -> None:
        """Add an empty line."""
        self._console.print()

    def table(self, headers: list[str], rows: list[list[str]], *, bold: int | None = None) -> None:
        """Add a table; columns of numbers are set to the right.

        Parameters
        ----------
        headers : list of str
            One per column; there is no line of headers where all are empty.
        rows : list of list of str
            The cells.
        bold : int, optional
            Row that stands out.
        """
        table = Table(
            box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="underline", show_header=any(headers)
        )
        for index, header in enumerate(headers):
            numeric = all(not row[index] or row[index][-1] in "0123456789%" for row in rows)
            right: Any = "right" if numeric else "left"
            table.add_column(header, justify=right, no_wrap=numeric, overflow="fold")
        for index, row in enumerate(rows):
            table.add_row(*row, style="bold" if index == bold else None)
        self._console.print(table)

    def text(self) -> str:
        """Return everything, with no blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._file.getvalue().splitlines()) + "\n"
