"""A page of text: paragraphs and tables, for a terminal of some width or for a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import StringIO

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

PLAIN_WIDTH = 100
"""Width of tables where there is no terminal."""


_GAP = 2


class _Column:
    """One column of a table, with the width it wants and the least with which it can do."""

    def __init__(self, header: str, cells: Sequence[str]) -> None:
        self.header = header
        self.cells = cells
        self.numeric = all(
            not cell or (cell[0] in "+-<0123456789" and cell[-1] in "0123456789%") for cell in cells
        )
        self.wanted = max(map(cell_len, (header, *cells)))
        self.longest_word = max(cell_len(word) for text in (header, *cells) for word in (text.split() or [""]))
        self.least = self.wanted if self.numeric else self.longest_word


def _total(widths: Iterable[int]) -> int:
    every = list(widths)
    return sum(every) + _GAP * (len(every) - 1)


def _fitted(columns: Sequence[_Column], width: int) -> list[int]:
    """Return the widths that fit, taken from columns of text; wider ones where none do."""
    widths = [column.wanted for column in columns]
    for index in sorted(range(len(columns)), key=lambda index: -widths[index]):
        excess = max(0, _total(widths) - width)
        widths[index] = max(columns[index].least, widths[index] - excess)
    return widths


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

    def table(
        self, headers: list[str], rows: list[list[str]], *, bold: int | None = None, spare: Sequence[str] = ()
    ) -> None:
        """Add a table; columns of numbers are set to the right, and no number is ever cut or broken.

        Parameters
        ----------
        headers : list of str
            One per column; there is no line of headers where all are empty.
        rows : list of list of str
            The cells; those of the first column name the rows.
        bold : int, optional
            Row that stands out.
        spare : sequence of str
            Headers of columns that are left out where the terminal is too narrow, the first one first.
        """
        columns = [_Column(header, cells) for header, *cells in zip(headers, *rows, strict=True)]
        columns[0].least = columns[0].wanted
        for header in spare if self._wraps else ():
            if _total(column.least for column in columns) > self._console.width:
                columns = [column for column in columns if column.header != header]
        if _total(column.least for column in columns) > self._console.width:
            columns[0].least = columns[0].longest_word
        table = Table(
            box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="underline", show_header=any(headers)
        )
        widths = _fitted(columns, self._console.width)
        table.width = _total(widths)
        for column, width in zip(columns, widths, strict=True):
            table.add_column(column.header, justify="right" if column.numeric else "left", width=width)
        for index, row in enumerate(zip(*(column.cells for column in columns), strict=True)):
            table.add_row(*row, style="bold" if index == bold else None)
        self._console.print(table, crop=False)

    def text(self) -> str:
        """Return everything, with no blanks at the ends of lines."""
        return "\n".join(line.rstrip() for line in self._file.getvalue().splitlines()) + "\n"
