"""From a path or stream to text: one place that opens the input and refuses what is no text."""

from __future__ import annotations

import codecs
import hashlib
import io
import os
import re
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import BinaryIO, TextIO

from lstmsize.errors import DataError
from lstmsize.naming import printable
from lstmsize.readers.wording import quoted

_CHUNK = 1 << 20
_UNPACK = "unpack it and give the CSV inside"
_EXPORT = "export it as CSV"
_MAGIC = (
    (b"PAR1", "a Parquet file", "read it with pandas or polars and write the columns as CSV"),
    (b"ARROW1", "an Arrow file", "read it with pandas or polars and write the columns as CSV"),
    (b"\x1f\x8b", "gzip-compressed", "unpack it first, as in: gzip -dc FILE | lstmsize recommend -"),
    (b"BZh", "bzip2-compressed", _UNPACK),
    (b"\xfd7zXZ", "xz-compressed", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", _UNPACK),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"\x89HDF", "an HDF5 file", _EXPORT),
    (b"\x93NUMPY", "a NumPy file", "load it with numpy.load and pass the array to the Python function"),
    (b"SQLite format 3", "an SQLite database", _EXPORT),
    (b"%PDF", "a PDF document", "look for the table as CSV"),
)
_HTML = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|svg|table)", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\{|\[\s*(?:[\[{\"]|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\s*[,\]]))")
_CONTROL = bytes(set(range(32)) - set(b"\t\n\r\f\x1a\x1b"))


@dataclass(frozen=True, kw_only=True)
class Text:
    """The input as bytes, with the encoding that turns them into lines.

    Parameters
    ----------
    name : str
        What the input is called in messages and in the answer.
    data : bytes
        The input as it was read.
    encoding : str
        Name of the codec.
    """

    name: str
    data: bytes
    encoding: str

    def lines(self) -> TextIO:
        """Return the lines from the start, line ends kept; nothing is decoded before it is asked for."""
        return io.TextIOWrapper(io.BytesIO(self.data), encoding=self.encoding, newline="")

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.data).hexdigest()


def open_text(source: str | os.PathLike[str] | BinaryIO) -> Text:
    """Read the input and find its encoding.

    Parameters
    ----------
    source : str, path or binary stream
        ``-`` is standard input.

    Returns
    -------
    Text
        The bytes and their encoding.

    Raises
    ------
    DataError
        If it cannot be opened, is empty, or is no text.
    """
    given, data = _read(source)
    name = printable(given)
    if not data:
        raise DataError(f"{name}: the input is empty")
    encoding = _byte_order_mark(data)
    _refuse_other_formats(name, data)
    if encoding is None:
        _refuse_binary(name, data)
        encoding = next(codec for codec in ("utf-8", "cp1252", "latin-1") if _decodes(data, codec))
    elif not _decodes(data, encoding):
        raise DataError(
            f"{name}: starts with the byte order mark of {encoding} but is not {encoding}; save it as UTF-8"
        )
    return Text(name=name, data=data, encoding=encoding)


def _read(source: str | os.PathLike[str] | BinaryIO) -> tuple[str, bytes]:
    if isinstance(source, str) and source == "-":
        if sys.stdin is None:
            raise DataError("standard input is closed; name a file, or pipe the data in")
        return "<stdin>", sys.stdin.buffer.read()
    if isinstance(source, str | os.PathLike):
        return _read_file(os.fspath(source))
    content: bytes | str = source.read()
    name = getattr(source, "name", None)
    # A stream that was opened on a file descriptor has a number for a name.
    shown = name if isinstance(name, str) else "<stream>"
    return shown, content.encode() if isinstance(content, str) else content


def _read_file(path: str) -> tuple[str, bytes]:
    if not path:
        raise DataError("'': is no name of a file; name one, or - for standard input")
    try:
        return path, Path(path).read_bytes()
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file{_similar_file(path)}") from None
    except IsADirectoryError:
        raise DataError(f"{path}: is a directory, not a file; name one CSV file in it") from None
    except PermissionError:
        raise DataError(f"{path}: may not be read; change its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"{path}: cannot be read: {reason}") from None


def _similar_file(path: str) -> str:
    try:
        names = [entry.name for entry in Path(path).parent.iterdir() if entry.is_file()]
    except (OSError, ValueError):
        return ""
    near = get_close_matches(Path(path).name, names, n=1, cutoff=0.75)
    return f", did you mean {quoted(str(Path(path).with_name(near[0])), 200)}?" if near else ""


def _byte_order_mark(data: bytes) -> str | None:
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    return None


def _refuse_other_formats(name: str, data: bytes) -> None:
    for magic, kind, advice in _MAGIC:
        if data.startswith(magic):
            raise DataError(f"{name}: is {kind}, not CSV text; {advice}")
    if data.startswith(b"PK\x03\x04"):
        workbook = b"xl/" in data or b"[Content_Types].xml" in data[:2000]
        kind, advice = ("an Excel workbook", "save the sheet as CSV") if workbook else ("a zip archive", _UNPACK)
        raise DataError(f"{name}: is {kind}, not CSV text; {advice}")
    start = data[:1000].removeprefix(codecs.BOM_UTF8)
    if _HTML.match(start):
        raise DataError(f"{name}: is a web page (HTML or XML), not CSV text; download the raw file instead")
    if _JSON.match(start):
        raise DataError(f"{name}: looks like JSON, not CSV text; write the columns as CSV")


def _refuse_binary(name: str, data: bytes) -> None:
    nul = data.find(b"\0")
    if nul >= 0:
        wide = data[:1000].count(b"\0") >= 0.3 * len(data[:1000])
        advice = "save it as UTF-8 if it is UTF-16 text" if wide else "give a CSV text file"
        raise DataError(f"{name}: is binary (byte {nul} is NUL), not CSV text; {advice}")
    head = data[:8000]
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls > 0.02 * len(head):
        raise DataError(
            f"{name}: is binary ({controls} control characters in its first {len(head)} bytes), not CSV text"
            "; give a CSV text file"
        )


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _CHUNK):
            decoder.decode(data[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
