"""One place that opens the input: a file, standard input, or values in memory become a series."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from lstmsize.readers.memory import read_memory
from lstmsize.readers.table import read_table
from lstmsize.readers.text import open_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from lstmsize.series import Series

__all__ = ["read_series"]


def read_series(
    source: str | os.PathLike[str] | BinaryIO | Sequence[float] | NDArray[Any] | Any,
    *,
    target: str | None = None,
    time: str | None = None,
) -> Series:
    """Read one series; say how it was read, and refuse what is ambiguous.

    Parameters
    ----------
    source : str, path, binary stream, sequence of float, ndarray, or Series or DataFrame of pandas or polars
        Where the values are; ``-`` is standard input.
    target : str or None
        Column to forecast; may be left out when only one column is numeric.
    time : str or None
        Column of time stamps; may be left out when it is recognisable.

    Returns
    -------
    Series
        The values in time order, with their step, how they were read, and what was noticed.

    Raises
    ------
    DataError
        If the input cannot be read in exactly one sensible way; the message says where, what was found,
        and what mends it.
    """
    # Columns of a frame may be named by numbers.
    target, time = (None if name is None else str(name) for name in (target, time))
    if isinstance(source, str | os.PathLike) or hasattr(source, "read"):
        return read_table(open_text(cast("str | BinaryIO", source)), target=target, time=time)
    return read_memory(source, target=target, time=time)
