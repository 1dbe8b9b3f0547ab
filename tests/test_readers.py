"""Reading: what is understood, what is refused, and in which words."""

from __future__ import annotations

import io
import math
import os
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lstmsize.errors import DataError
from lstmsize.findings import Code, Severity
from lstmsize.readers import read_series
from lstmsize.series import ReadAs, Series, Step


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes, **names: str) -> Series:
    return read_series(write(folder, content), **names)


def refused(folder: Path, content: str | bytes, **names: str) -> str:
    with pytest.raises(DataError) as caught:
        read(folder, content, **names)
    message = str(caught.value)
    assert "data.csv: " in message
    assert "\n" not in message
    return message.split("data.csv: ", 1)[1]


def codes(series: Series) -> list[Code]:
    return [finding.code for finding in series.findings]


def test_a_plain_file_is_read_and_described(tmp_path: Path) -> None:
    series = read(tmp_path, "date,value\n2020-01-01,1.5\n2020-01-02,2\n2020-01-03,-3e2\n")
    assert series.target.tolist() == [1.5, 2.0, -300.0]
    assert series.names == ("value",)
    assert series.time_name == "date"
    assert series.step == Step(label="1D", seconds=86400.0)
    assert series.read_as == ReadAs(separator=",", decimal=".", encoding="utf-8", header=True, gaps=0)
    assert series.source == str(tmp_path / "data.csv")
    assert len(series.sha256) == 64
    assert series.findings == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "   "])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str) -> None:
    rows = ["date,value", "2020-01-01,1.5", "2020-01-02,2.25"]
    series = read(tmp_path, end.join(rows).replace(",", separator) + end)
    assert series.target.tolist() == [1.5, 2.25]
    assert series.read_as is not None
    assert series.read_as.separator == separator[0]


@pytest.mark.parametrize(
    ("content", "values", "separator"),
    [
        ("datum;wert\n2020-01-01;1,5\n2020-01-02;2\n", [1.5, 2.0], ";"),
        ("2020-01-01;1,5\n2020-01-02;2,5\n", [1.5, 2.5], ";"),
        ('datum,wert\n2020-01-01,"1,5"\n2020-01-02,"2,25"\n', [1.5, 2.25], ","),
        ("wert\n1,5\n2,7\n3\n", [1.5, 2.7, 3.0], ""),
        ("datum;wert\n2020-01-01;1.234,5\n2020-01-02;2.234,0\n", [1234.5, 2234.0], ";"),
    ],
)
def test_a_decimal_comma(tmp_path: Path, content: str, values: list[float], separator: str) -> None:
    series = read(tmp_path, content)
    assert series.target.tolist() == values
    assert series.read_as is not None
    assert (series.read_as.separator, series.read_as.decimal) == (separator, ",")


@pytest.mark.parametrize(
    ("content", "values"),
    [
        ('d,v\n2020-01-01,"1,234.5"\n2020-01-02,"2,000"\n', [1234.5, 2000.0]),
        ('v\n"1,234,567"\n"2,000"\n', [1234567.0, 2000.0]),
        ("d;v\n2020-01-01;1 234,5\n2020-01-02;999\n", [1234.5, 999.0]),
        ("v\n1.234\n2.345\n", [1.234, 2.345]),
        ("d;v\n2020-01-01;0.123\n2020-01-02;1.234\n", [0.123, 1.234]),
    ],
)
def test_thousands_separators_that_are_proven(tmp_path: Path, content: str, values: list[float]) -> None:
    assert read(tmp_path, content).target.tolist() == values


@pytest.mark.parametrize(
    ("content", "cell", "line"),
    [
        ('d,v\n2020-01-01,"999"\n2020-01-02,"1,234"\n', "1,234", 3),
        ("v\n1,234\n5,678\n", "1,234", 2),
        ("d;v\n2020-01-01;1.234\n2020-01-02;5.678\n", "1.234", 2),
    ],
)
def test_thousands_or_decimals_is_refused(tmp_path: Path, content: str, cell: str, line: int) -> None:
    message = refused(tmp_path, content)
    assert message.startswith(f"line {line}: column 'v': '{cell}' may mean 1234 or 1.234")
    assert message.endswith("without thousands separators")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("v\n940\n980\n999\n1.000\n1.052\n", 5),
        ("v\n1.052\n1.000\n999\n980\n940\n", 3),
        ("v\n" + "".join(f"{row}\n" for row in range(1, 1000)) + "1.000\n1.001\n", 1001),
        ("day\tv\n2020-01-01\t940\n2020-01-02\t999\n2020-01-03\t1.052\n", 4),
        ("day,v\n2020-01-01,-940\n2020-01-02,-999\n2020-01-03,-1.052\n", 4),
    ],
)
def test_whole_numbers_that_go_on_as_thousands_are_refused(tmp_path: Path, content: str, line: int) -> None:
    message = refused(tmp_path, content)
    assert message.startswith(f"line {line}: column 'v': '")
    assert "and no value settles it" in message


@pytest.mark.parametrize(
    "cells",
    [
        "0.123 0.998 0.999",
        "998 999 999.5 1.052",
        "998 1.052 999.5",
        "12.5 10 11 1.125",
        "1 2.345 3 1.234",
        "997 998.125 999",
        "940 1500 1.052",
        "0 1.234 0 2.345",
    ],
)
def test_decimals_beside_whole_numbers_are_read(tmp_path: Path, cells: str) -> None:
    series = read(tmp_path, "v\n" + "\n".join(cells.split()) + "\n")
    assert series.target.tolist() == [float(cell) for cell in cells.split()]


@pytest.mark.parametrize(
    ("encoded", "encoding"),
    [
        ("größe\n1\n2\n".encode(), "utf-8"),
        ("größe\n1\n2\n".encode("utf-8-sig"), "utf-8-sig"),
        ("größe\n1\n2\n".encode("utf-16"), "utf-16"),
        ("größe\n1\n2\n".encode("cp1252"), "cp1252"),
        (b"gr\x81\xf6e\n1\n2\n", "latin-1"),
    ],
)
def test_encodings(tmp_path: Path, encoded: bytes, encoding: str) -> None:
    series = read(tmp_path, encoded)
    assert series.read_as is not None
    assert series.read_as.encoding == encoding
    assert series.target.tolist() == [1.0, 2.0]
    assert encoding == "latin-1" or series.names == ("größe",)


def test_a_file_without_header_gets_numbered_columns(tmp_path: Path) -> None:
    series = read(tmp_path, "2020-01-01,1\n2020-01-02,2\n")
    assert (series.names, series.time_name) == (("column_2",), "column_1")
    assert series.read_as is not None
    assert not series.read_as.header
    assert series.target.tolist() == [1.0, 2.0]


def test_blank_lines_and_quoted_fields(tmp_path: Path) -> None:
    series = read(tmp_path, '\n"day, local","v"\n\n"2020-01-01","1"\n\n"2020-01-02","2"\n,\n"2020-01-03",3\n\n')
    assert series.target.tolist() == [1.0, 2.0, 3.0]
    assert series.time_name == "day, local"


def test_a_blank_line_in_one_column_may_be_a_missing_value(tmp_path: Path) -> None:
    assert read(tmp_path, "v\n\n1\n\n2\n\n3\n\n4\n").rows == 4
    message = refused(tmp_path, "v\n1\n2\n\n3\n4\n")
    assert message.startswith("column 'v': blank line 4 may be a missing value or nothing")


def test_preamble_and_footer_are_skipped_and_told(tmp_path: Path) -> None:
    series = read(tmp_path, "Monthly sales of a shop\n\ndate,v\n2020-01-01,1\n2020-01-02,2\n\nSource: Shop\n")
    assert series.target.tolist() == [1.0, 2.0]
    assert codes(series) == [Code.LINES_SKIPPED, Code.LINES_SKIPPED]
    before, after = series.findings
    assert before.message == "1 line before the table skipped, from line 1: 'Monthly sales of a shop'"
    assert after.message == "1 line after the table skipped, from line 7: 'Source: Shop'"
    assert before.severity is Severity.WARNING
    assert before.next == "remove these lines from the file"


@pytest.mark.parametrize("start", ["# made by x\n", "sep=;\n", "Export; made\n\n"])
def test_other_preambles(tmp_path: Path, start: str) -> None:
    series = read(tmp_path, f"{start}date;v\n2020-01-01;1\n2020-01-02;2\n")
    assert series.names == ("v",)
    assert codes(series) == [Code.LINES_SKIPPED]


def test_a_header_marked_as_comment_is_a_header(tmp_path: Path) -> None:
    series = read(tmp_path, "# made by x\n# date,v\n2020-01-01,1\n2020-01-02,2\n")
    assert (series.time_name, series.names) == ("date", ("v",))


def test_two_headers_are_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "date,v\n-,degC\n2020-01-01,1\n2020-01-02,2\n")
    assert message.startswith("line 1 and line 2 could both be the header ('date,v' and '-,degC')")


def test_a_header_of_another_width_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "date v\n2020-01-01 00:00 1\n2020-01-01 01:00 2\n2020-01-01 02:00 2\n")
    assert message.startswith("line 1 has 2 fields where the rows from line 2 on have 3: 'date v'")


@pytest.mark.parametrize(
    ("content", "line", "cells", "wide"),
    [
        ("date,a,v\n" + "2020-01-01,1\n2020-01-02,2,5\n" * 4, 2, "2020-01-01,1", 3),
        ("id,date,v\n" + "a,2020-01-01\na,2020-01-02,5\n" * 4, 2, "a,2020-01-01", 3),
        ("date,v\n" + "2020-01-01,1\n" * 5 + "2020-01-02,2,5\n" * 6, 2, "2020-01-01,1", 7),
        ("2020-01-01,1\n" + "2020-01-02,2,5\n" * 3, 1, "2020-01-01,1", 2),
    ],
)
def test_rows_of_another_width_above_the_others_are_no_headers(
    tmp_path: Path, content: str, line: int, cells: str, wide: int
) -> None:
    message = refused(tmp_path, content)
    assert message == (
        f"line {line} has 2 fields where line {wide} has 3: '{cells}'; "
        "mend such lines, or quote fields that contain the separator"
    )


def test_a_line_of_numbers_above_the_header_is_a_preamble(tmp_path: Path) -> None:
    series = read(tmp_path, "51.5,-0.1\ndate,a,v\n2020-01-01,1,2\n2020-01-02,2,3\n", target="v")
    assert codes(series) == [Code.LINES_SKIPPED]


def test_header_or_data_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "date,2019\n2020-01-01,1\n2020-01-02,2\n")
    assert message.startswith("line 1: cannot tell whether this is a header or data, 'date' is text")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the input is empty"),
        (b"\n\n", "the first 2 lines are blank; give a file with data"),
        (b"date,v\n", "has only a header (line 1: 'date,v') and no rows; give a file with data"),
        (b"PAR1abc", "is a Parquet file, not CSV text; read it with pandas or polars"),
        (b"\x1f\x8b\x08", "is gzip-compressed, not CSV text; unpack it first"),
        (b"PK\x03\x04...[Content_Types].xml", "is an Excel workbook, not CSV text; save the sheet as CSV"),
        (b"PK\x03\x04...a.csv", "is a zip archive, not CSV text; unpack it"),
        (b"a,b\n1,\x002\n", "is binary (byte 6 is NUL), not CSV text"),
        ("a\n1\n2\n".encode("utf-16-le"), "is binary (byte 1 is NUL), not CSV text; save it as UTF-8"),
        (b"\x01\x02\x03abc", "is binary (3 control characters in its first 6 bytes)"),
        (b"\n<!DOCTYPE html><html>", "is a web page (HTML or XML), not CSV text; download the raw file"),
        (b'{"a": [1, 2]}', "looks like JSON, not CSV text"),
        (b"[1.5e3, 2]", "looks like JSON, not CSV text"),
        (b"[2020-01-01 00:00:01] up\n[2020-01-01 00:00:02] up\n", "no column is numeric"),
        (b'd,v\n2020-01-01,"1\n2020-01-02,2\n', "line 2: a quoted field does not end where it should"),
    ],
)
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    assert refused(tmp_path, content).startswith(message)


def test_a_name_that_is_no_text_is_shown_escaped(tmp_path: Path) -> None:
    path = write(tmp_path, "v\n1\n2\n", os.fsdecode(b"b\xffd.csv"))
    assert read_series(path).source == f"{tmp_path}/b\\xffd.csv"
    assert read_series(write(tmp_path, "v\n1\n2\n", "größe.csv")).source == f"{tmp_path}/größe.csv"


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    write(tmp_path, "v\n1\n", "sales.csv")
    with pytest.raises(DataError, match=r"sale\.csv: there is no such file, did you mean '.*sales\.csv'\?"):
        read_series(tmp_path / "sale.csv")
    with pytest.raises(DataError, match="is a directory, not a file"):
        read_series(tmp_path)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(path: Path) -> bytes:
        raise PermissionError(13, "denied")

    monkeypatch.setattr(Path, "read_bytes", deny)
    with pytest.raises(DataError, match=r"x\.csv: may not be read; change its permissions"):
        read_series("x.csv")


def test_standard_input_and_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"v\n1\n2\n")))
    assert read_series("-").source == "<stdin>"
    series = read_series(io.BytesIO(b"v\n1\n2\n"))
    assert (series.source, series.rows) == ("<stream>", 2)
    with pytest.raises(DataError, match="<stream>: the input is empty"):
        read_series(io.BytesIO())


def test_several_numeric_columns_need_a_target(tmp_path: Path) -> None:
    content = "date,No,x,v\n2020-01-01,1,4,7\n2020-01-02,2,5,8\n2020-01-03,3,6,9\n"
    message = refused(tmp_path, content)
    assert message.startswith("3 columns are numeric: 'No', 'x' and 'v'; choose the one to forecast with --target")
    assert read(tmp_path, content, target="x").target.tolist() == [4.0, 5.0, 6.0]


def test_an_unnamed_counter_is_listed(tmp_path: Path) -> None:
    assert "2 columns are numeric: 'column_1' and 'v'" in refused(tmp_path, ",v\n0,5\n1,6\n2,8\n")


def test_unknown_columns_are_listed_with_the_nearest(tmp_path: Path) -> None:
    content = "date,Sales\n2020-01-01,1\n2020-01-02,2\n"
    message = refused(tmp_path, content, target="sale")
    assert message == (
        "--target 'sale': there is no such column, did you mean 'Sales'? the columns are 'date' and 'Sales'"
    )
    assert refused(tmp_path, content, time="x").startswith("--time 'x': there is no such column; the columns are")
    assert refused(tmp_path, "name,v\nx,1\ny,2\n", time="v") == (
        "column 'v' (--time) is the only numeric one, so there is none to forecast; "
        "name another column with --time, or leave it out"
    )
    assert "both --target and --time" in refused(tmp_path, content, target="date", time="date")
    assert "2 columns have this name" in refused(tmp_path, "a,a\n1,2\n2,3\n", target="a")


def test_no_numeric_column(tmp_path: Path) -> None:
    message = refused(tmp_path, "name,kind\nfoo,bar\nbaz,qux\n")
    assert message == "no column is numeric, the columns are 'name' (such as 'foo'), 'kind' (such as 'bar')"
    message = refused(tmp_path, "name,v\nfoo,1\nbaz,2\n", target="name")
    assert message.startswith("line 2: column 'name' holds text, found 'foo'")


def test_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(DataError, match="standard input is closed; name a file, or pipe the data in"):
        read_series("-")


def test_text_in_the_target(tmp_path: Path) -> None:
    rows = [f"2020-01-{day:02},{'x' if day % 6 == 0 else day}" for day in range(1, 32)]
    message = refused(tmp_path, "\n".join(["date,v", *rows]))
    assert message == (
        "column 'v': no numbers with decimal mark '.': 'x' on line 7, 'x' on line 13, 'x' on line 19 "
        "and 2 more; mend these, or choose another column with --target"
    )
    assert "no number with decimal mark '.': '1,5' on line 3" in refused(
        tmp_path, "d;v\n2020-01-01;1.5\n2020-01-02;1,5\n2020-01-03;1.5\n"
    )
    assert "'1_000' on line 3" in refused(tmp_path, "v\n1.5\n1_000\n2\n")


def test_missing_values(tmp_path: Path) -> None:
    content = "date,v\n" + "".join(f"2020-01-{d:02},{'NA' if d < 6 else d}\n" for d in range(1, 15))
    assert refused(tmp_path, content).startswith(
        "column 'v': 5 values missing: 'NA' on line 2, 'NA' on line 3, 'NA' on line 4 and 2 more; fill in"
    )
    assert "'' on line 3" in refused(tmp_path, "date,v\n2020-01-01,1\n2020-01-02,\n2020-01-03,3\n")


@pytest.mark.parametrize("cell", ["1e400", "inf", "-Infinity"])
def test_infinities(tmp_path: Path, cell: str) -> None:
    message = refused(tmp_path, f"v\n1\n{cell}\n2\n")
    assert message.startswith(f"column 'v': infinite or too large: '{cell}' on line 3")


def test_ragged_rows(tmp_path: Path) -> None:
    message = refused(tmp_path, "date,v\n2020-01-01,1\n2020-01-02,2,9\n2020-01-03\n2020-01-04,4\n")
    assert message == (
        "expected 2 fields in every row, but line 3 has 3: '2020-01-02,2,9' and line 4 has 1: '2020-01-03'; "
        "mend these lines, or quote fields that contain the separator"
    )


@pytest.mark.parametrize("end", ["2020-01-0", "2020-01-03", "id"])
def test_a_file_that_was_cut_short_is_no_footer(tmp_path: Path, end: str) -> None:
    assert "line 4 has 1" in refused(tmp_path, f"date,v\n2020-01-01,1\n2020-01-02,2\n{end}")


def test_a_quoted_field_over_two_lines_keeps_line_numbers(tmp_path: Path) -> None:
    content = 'date,note,v\n2020-01-01,"a\nb",1\n2020-01-02,c,\n2020-01-03,d,4\n'
    assert "'' on line 4" in refused(tmp_path, content)


@pytest.mark.parametrize(
    ("stamps", "label"),
    [
        (["1949-01", "1949-02", "1949-03", "1949-04"], "1M"),
        (["2020/01/31", "2020/02/29", "2020/03/31", "2020/04/30"], "1M"),
        (["2020Q1", "2020Q2", "2020Q3", "2020Q4"], "1Q"),
        (["Q1 2020", "Q2 2020", "Q3 2020"], "1Q"),
        (["2020-W05", "2020-W06", "2020-W07"], "1W"),
        (["Jan 2020", "Feb 2020", "Mar 2020"], "1M"),
        (["30 Dec 2019", "31 Dec 2019", "1 Jan 2020"], "1D"),
        (["12/30/2019", "12/31/2019", "01/01/2020"], "1D"),
        (["30/12/2019", "31/12/2019", "01/01/2020"], "1D"),
        (["30.12.2019 00:00", "30.12.2019 00:15", "30.12.2019 00:30"], "15min"),
        (["2020-01-01T00:00:00Z", "2020-01-01T00:00:10Z", "2020-01-01T00:00:20Z"], "10s"),
        (["2020-01-01 00:00:00.0", "2020-01-01 00:00:00.5", "2020-01-01 00:00:01.0"], "500ms"),
        ([f"2020-03-{day}T00:00+0{1 + (day > 29)}:00" for day in range(26, 32)], "1D"),
        (["1/1/2020 11:00 PM", "1/2/2020 12:00 AM", "1/2/2020 1:00 AM"], "1h"),
        (["1/1/2020 11:00 PM EST", "1/2/2020 12:00 AM EST", "1/2/2020 1:00 AM EST"], "1h"),
        (["2020-03-29 01:00 CET", "2020-03-29 02:00 CET", "2020-03-29 03:00 CEST"], "1h"),
        (["2020-01-01", "2020-01-08", "2020-01-15"], "1W"),
        (["2020-01-01", "2022-01-01", "2024-01-01"], "2Y"),
    ],
)
def test_time_stamps_and_their_step(tmp_path: Path, stamps: list[str], label: str) -> None:
    series = read(tmp_path, "when,v\n" + "".join(f"{stamp},{row}\n" for row, stamp in enumerate(stamps)))
    assert series.time_name == "when"
    assert series.step is not None
    assert series.step.label == label
    assert series.findings == ()


@pytest.mark.parametrize("offset", [" +0100", " +01:00", " Z", "+0100", "Z"])
@pytest.mark.parametrize("lead", ["", " "])
def test_offsets_may_stand_apart(tmp_path: Path, offset: str, lead: str) -> None:
    rows = "".join(f"{row},{lead}2024-01-0{4 - row} 12:30:00{offset}\n" for row in range(1, 4))
    series = read(tmp_path, f"v,created_at\n{rows}")
    assert (series.target.tolist(), series.time_name) == ([3.0, 2.0, 1.0], "created_at")
    assert series.step == Step(label="1D", seconds=86400.0)


@pytest.mark.parametrize(
    ("name", "values", "step"),
    [
        ("Jahr", [1885, 1886, 1887], Step(label="1Y", seconds=31556952.0)),
        ("timestamp", [1500000000, 1500000060, 1500000120], Step(label="1min", seconds=60.0)),
        ("unix_time (ms)", [1500000000000, 1500000060000], Step(label="1min", seconds=60.0)),
        ("Datum", [20191231, 20200101, 20200102], Step(label="1D", seconds=86400.0)),
        ("month", [194911, 194912, 195001], Step(label="1M", seconds=2629746.0)),
        ("day", [20240131, 20240201, 20240202], Step(label="1D", seconds=86400.0)),
        ("day", [202401, 202402, 202403], Step(label="1D", seconds=86400.0)),
        ("week", [1, 2, 3], Step(label="1W", seconds=604800.0)),
        ("time", [0.5, 1.0, 1.5], None),
    ],
)
def test_numeric_time_by_name(tmp_path: Path, name: str, values: list[float], step: Step | None) -> None:
    series = read(tmp_path, f"{name},v\n" + "".join(f"{value},7\n" for value in values))
    assert (series.names, series.time_name, series.step) == (("v",), name, step)


def test_a_numeric_column_is_no_time_without_name(tmp_path: Path) -> None:
    content = "x,v\n1,5\n2,6\n3,7\n"
    assert "2 columns are numeric" in refused(tmp_path, content)
    assert read(tmp_path, content, time="x").time_name == "x"


def test_odd_stamps_are_ignored_with_a_finding(tmp_path: Path) -> None:
    series = read(tmp_path, '"Month","Sales"\n"1-01",266.0\n"1-02",145.9\n')
    assert series.time_name is None
    assert codes(series) == [Code.TIMES_IGNORED]
    assert series.findings[0].message == (
        "column 'Month' is not used as time: '1-01' is no time stamp; the rows keep the order of the file"
    )
    assert series.findings[0].next is not None
    message = refused(tmp_path, '"Month","Sales"\n"1-01",266.0\n"1-02",145.9\n', time="Month")
    assert message.startswith("line 2: column 'Month' (--time) holds no time stamps, found '1-01'")


def test_a_repeating_year_is_ignored_unless_named(tmp_path: Path) -> None:
    content = "year,v\n2000,1\n2000,2\n2001,3\n"
    series = read(tmp_path, content)
    assert (series.time_name, codes(series)) == (None, [Code.TIMES_IGNORED])
    assert "1 row repeats a time stamp with another value" in refused(tmp_path, content, time="year")


def test_a_time_that_falls_and_cannot_be_used_is_told(tmp_path: Path) -> None:
    (finding,) = read(tmp_path, "year,v\n2001,1\n2001,2\n2000,3\n").findings
    assert "its values fall from row to row, so that the rows seem to stand newest first" in finding.message
    content = "ts,v\n" + "".join(f"{1_700_000_000 - 60 * row},{row % 7}\n" for row in range(20))
    for source in (io.BytesIO(content.encode()), pd.read_csv(io.StringIO(content))):
        (finding,) = read_series(source, target="v").findings
        assert (finding.code, finding.next) == (Code.TIMES_IGNORED, "give it with --time 'ts' if it is time")
        assert "column 'ts' falls with every row" in finding.message
    for first, step in ((1_700_000_000, 60), (400, -2)):  # rising, or no dates
        other = "ts,v\n" + "".join(f"{first + step * row},{row % 7}\n" for row in range(20))
        assert read(tmp_path, other, target="v").findings == ()


@pytest.mark.parametrize("name", ["order_date", "Trade Date", "createdTime", "last day seen"])
def test_a_text_of_its_own_in_every_row_is_missed_as_time_where_the_name_speaks_of_it(
    tmp_path: Path, name: str
) -> None:
    content = f"{name},v\n" + "".join(f"27~{row}~22,{row % 7}\n" for row in range(1, 13))
    (finding,) = read(tmp_path, content).findings
    assert finding.message.startswith(f"column {name!r} is not used as time: '27~1~22' is no time stamp")
    for label in ("lot-{}", "{}:1"):
        other = f"{name},v\n" + "".join(f"{label.format(row)},{row % 7}\n" for row in range(12))
        assert read(tmp_path, other).findings == ()
    assert read(tmp_path, content.replace(name, "batch")).findings == ()


def test_a_weekday_tells_day_from_month(tmp_path: Path) -> None:
    days = ["Wed 01/01/2020", "Thu 02/01/2020", "Fri 03/01/2020"]
    series = read(tmp_path, "d,v\n" + "".join(f"{day},{row}\n" for row, day in enumerate(days)))
    assert (series.step, series.findings) == (Step(label="1D", seconds=86400.0), ())
    assert (
        read(tmp_path, "d,v\n" + "".join(f"Mon {row % 12 + 1:02}/2020,{row}\n" for row in range(24))).step is None
    )


def test_a_weekday_before_a_date_is_read(tmp_path: Path) -> None:
    for days in (["Fri 28.10.2022", "Thu 27.10.2022"], ["Friday, October 28, 2022", "Thursday, October 27, 2022"]):
        series = read(tmp_path, "d;v\n" + "".join(f"{day};{row}\n" for row, day in enumerate(days)))
        assert (series.target.tolist(), codes(series)) == ([1.0, 0.0], [Code.TIMES_SORTED])


@pytest.mark.parametrize(
    ("part", "newest", "step"),
    [("Month", ["Feb", "Jan"], "1M"), ("Period", ["M02", "M01"], "1M"), ("Quarter", ["Q2", "Q1"], "1Q")],
)
def test_a_year_and_the_text_of_a_part_of_it_are_time(
    tmp_path: Path, part: str, newest: list[str], step: str
) -> None:
    rows = "".join(f"{year},{cell},{year + place}\n" for year in (2020, 2019) for place, cell in enumerate(newest))
    series = read(tmp_path, f"Year,{part},v\n" + rows)
    assert series.time_name == f"Year {part}"
    assert series.target.tolist() == [2020.0, 2019.0, 2021.0, 2020.0]
    assert series.findings[0].message == f"the rows stand newest first; sorted by column 'Year {part}'"
    months = read(tmp_path, f"Year,{part},v\n" + "".join(f"2020,{cell},1\n" for cell in newest))
    assert months.step is not None
    assert months.step.label == step


@pytest.mark.parametrize(
    ("names", "row"),
    [
        ("Year,Month,Day", lambda row: f"{2000 + row // 4},{('Jan', 'Feb')[row // 2 % 2]},{row % 2 + 1}"),
        ("Year,Quarter,Month", lambda month: f"{2000 + month // 12},Q{month % 12 // 3 + 1},Jan"),
        ("Year,Date", lambda month: f"{2000 + month // 12},01-{month % 12 + 1:02}"),
        ("Year,Period", lambda row: f"{2000 + row},high"),
    ],
)
def test_a_year_beside_other_parts_is_not_joined(tmp_path: Path, names: str, row: Callable[[int], str]) -> None:
    series = read(tmp_path, f"{names},v\n" + "".join(f"{row(number)},{number}\n" for number in range(48)))
    assert series.target.tolist() == list(range(48))
    assert series.step is None or series.step.label == "1Y"


def test_an_annual_mean_among_months_is_refused(tmp_path: Path) -> None:
    told = refused(tmp_path, "Year,Period,v\n" + "".join(f"2010,M{month:02},1\n" for month in range(1, 14)))
    assert "no time stamp like the others: '2010-M13' on line 14" in told


def test_date_parts_in_columns_of_their_own(tmp_path: Path) -> None:
    series = read(tmp_path, "year,month,day,hour,v\n2010,1,1,22,5\n2010,1,1,23,6\n2010,1,2,0,7\n")
    assert (series.time_name, series.names) == ("year month day hour", ("v",))
    assert series.step == Step(label="1h", seconds=3600.0)
    series = read(tmp_path, "Date;Time;v\n31/12/2010;23:30:00;5\n01/01/2011;00:00:00;6\n")
    assert series.time_name == "Date Time"
    assert series.step == Step(label="30min", seconds=1800.0)


def test_unsorted_rows_are_sorted(tmp_path: Path) -> None:
    series = read(tmp_path, "date,v\n2020-01-01,1\n2020-01-03,3\n2020-01-02,2\n2020-01-04,4\n")
    assert series.target.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert codes(series) == [Code.TIMES_SORTED]
    assert series.findings[0].message == ("1 row out of time order, the first on line 4; sorted by column 'date'")
    series = read(tmp_path, "date,v\n2020-01-03,3\n2020-01-02,2\n2020-01-01,1\n")
    assert series.target.tolist() == [1.0, 2.0, 3.0]
    assert "newest first" in series.findings[0].message


def test_repeated_rows_are_dropped_and_contradictions_refused(tmp_path: Path) -> None:
    series = read(tmp_path, "date,v\n2020-01-01,1\n2020-01-02,2\n2020-01-02,2\n2020-01-03,3\n")
    assert series.target.tolist() == [1.0, 2.0, 3.0]
    assert codes(series) == [Code.LINES_SKIPPED]
    assert series.findings[0].message.endswith("dropped: line 4")
    message = refused(tmp_path, "id,date,v\na,2020-01-01,1\na,2020-01-02,2\nb,2020-01-01,5\nb,2020-01-02,6\n")
    assert message.startswith(
        "column 'date': 2 rows repeat a time stamp with another value: line 4 repeats that of line 2 "
        "(5 and 1) and line 5 repeats that of line 3 (6 and 2); "
        "if the file holds several series (column 'id')"
    )


JOINED = "".join(f"{name},{value}\n" for name in "ab" for value in range(40))


@pytest.mark.parametrize("header", ["id,v\n", ""])
def test_several_series_one_below_the_other_are_refused(tmp_path: Path, header: str) -> None:
    message = refused(tmp_path, header + JOINED)
    line = 1 + bool(header)
    assert message == (
        f"column '{'id' if header else 'column_1'}' divides the rows into 2 series ('a' from line {line} on, "
        f"'b' from line {line + 40} on) and there are no time stamps; keep the rows of one, or remove the column "
        "if all rows are one series"
    )


def test_several_series_are_seen_beyond_the_first_lines_and_beside_times_that_repeat(tmp_path: Path) -> None:
    rows = "".join(f"{name},{value}\n" for name in "ab" for value in range(500))
    assert "'b' from line 502 on" in refused(tmp_path, f"id,v\n{rows}")
    rows = "".join(f"{name},{year},{year % 7}\n" for name in "abcd" for year in range(1990, 2010))
    assert "into 4 series ('a' from line 2 on, 'b' from line 22 on, 'c' from line 42 on, ...)" in refused(
        tmp_path, f"id,year,v\n{rows}"
    )


ENGINES = "".join(
    f"{unit},{cycle},{unit * cycle % 7}\n" for unit, last in ((1, 30), (2, 40)) for cycle in range(1, last + 1)
)


def test_several_series_below_numbers_are_refused_where_a_counter_begins_anew(tmp_path: Path) -> None:
    assert refused(tmp_path, f"unit,cycle,s2\n{ENGINES}", target="s2") == (
        "column 'unit' divides the rows into 2 series ('1' from line 2 on, '2' from line 32 on), with each of "
        "which column 'cycle' begins anew, and there are no time stamps; keep the rows of one, or remove the "
        "column if all rows are one series"
    )
    assert "column 'week' begins anew" in refused(tmp_path, f"store,week,sales\n{ENGINES}", target="sales")
    frame = pd.read_csv(io.StringIO(f"unit,cycle,s2\n{ENGINES}"))
    with pytest.raises(DataError, match=r"'2' from row 30 on\), with each of which column 'cycle' begins anew"):
        read_series(frame, target="s2")


@pytest.mark.parametrize(
    "rows",
    [
        [(row // 4, row, row % 5) for row in range(40)],  # nothing begins anew
        [(row // 4, row % 5, row) for row in range(40)],  # what begins anew does so elsewhere
        [(row // 10 % 2, row % 10, row) for row in range(40)],  # the labels come back
        [(7, row % 10, row) for row in range(40)],
    ],
)
def test_other_columns_of_numbers_are_no_series(tmp_path: Path, rows: list[tuple[int, int, int]]) -> None:
    text = "stage,other,v\n" + "".join(f"{a},{b},{c}\n" for a, b, c in rows)
    assert read(tmp_path, text, target="v").rows == 40


def test_days_and_hours_below_each_other_are_one_series(tmp_path: Path) -> None:
    rows = "".join(f"{day},{hour},{(day * hour) % 7}\n" for day in range(1, 5) for hour in range(24))
    assert read(tmp_path, f"day,hour,v\n{rows}", target="v").rows == 96


@pytest.mark.parametrize("labels", ["aaaaaa", "aaabbbaaa", "abcabcabc", "aaaaab", "aaa   ", "abcdef"])
def test_other_columns_of_text_are_no_series(tmp_path: Path, labels: str) -> None:
    rows = "".join(f"{label},{row}\n" for row, label in enumerate(labels))
    assert read(tmp_path, f"note,v\n{rows}").rows == len(labels)


def test_several_series_with_times_in_one_line_are_one(tmp_path: Path) -> None:
    rows = "".join(f"{'ab'[day > 14]},2020-01-{day:02},{day}\n" for day in range(1, 29))
    assert read(tmp_path, f"id,date,v\n{rows}").rows == 28


def test_gaps_are_counted(tmp_path: Path) -> None:
    series = read(tmp_path, "date,v\n" + "".join(f"2020-02-{day:02},{day}\n" for day in (1, 2, 3, 6, 7, 8, 10)))
    assert series.rows == 7
    assert series.read_as is not None
    assert series.read_as.gaps == 3
    assert series.breaks == (3, 6)
    assert codes(series) == [Code.TIMES_UNEVEN]
    assert series.findings[0].message.startswith(
        "time stamps are not evenly spaced: on a step of 1D, 3 time stamps missing, first before line 5"
    )


def test_weekdays_are_an_even_step(tmp_path: Path) -> None:
    days = pd.bdate_range("2020-01-01", periods=30).strftime("%Y-%m-%d")
    series = read(tmp_path, "date,v\n" + "".join(f"{day},{row}\n" for row, day in enumerate(days)))
    assert series.step == Step(label="1B", seconds=120960.0)
    assert series.findings == ()


def test_day_and_month_that_cannot_be_told_apart(tmp_path: Path) -> None:
    # Only the reading with the month first is evenly spaced.
    content = "date,v\n" + "".join(f"0{1 + row // 12}/{1 + row % 12:02}/2020,{row}\n" for row in range(12))
    series = read(tmp_path, content)
    assert series.step is None
    assert "cannot tell day from month" in series.findings[0].message
    message = refused(tmp_path, "date,v\n01/02/2020,1\n02/01/2020,2\n05/04/2020,3\n")
    assert message.startswith("column 'date': cannot tell day from month")


def test_a_stamp_unlike_the_others_is_refused(tmp_path: Path) -> None:
    rows = "".join(f"{datetime(2020, 1, 1) + timedelta(days=row)},{row}\n" for row in range(250))  # noqa: DTZ001
    message = refused(tmp_path, f"date,v\n{rows}Total,99\n")
    assert message.startswith("column 'date': no time stamp like the others: 'Total' on line 252")


def test_a_total_in_a_short_file_is_refused(tmp_path: Path) -> None:
    message = refused(tmp_path, "date,v\n2020-01-01,1\n2020-01-02,2\nTotal,3\n")
    assert message.startswith("column 'date': no time stamp like the others: 'Total' on line 4")


def test_two_columns_of_time_stamps_need_a_choice(tmp_path: Path) -> None:
    content = "begun,ended,v\n2020-01-01,2020-01-02,1\n2020-01-02,2020-01-03,2\n"
    assert "2 columns hold time stamps: 'begun' and 'ended'; choose one with --time" in refused(tmp_path, content)
    assert read(tmp_path, content, time="begun").time_name == "begun"


def test_values_in_memory() -> None:
    for source in (
        [1, 2, 3],
        np.array([1.0, 2.0, 3.0]),
        np.array([[1.0], [2.0], [3.0]]),
        pl.Series("v", [1, 2, 3]),
    ):
        series = read_series(source)
        assert series.target.tolist() == [1.0, 2.0, 3.0]
        assert (series.source, series.read_as, series.step) == ("<memory>", None, None)
    assert read_series(pl.Series("v", [1, 2])).names == ("v",)
    assert read_series([1.0], target="load").names == ("load",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ([1.0, math.nan, math.inf], r"2 values missing or infinite, rows 1, 2 \(counted from 0\)"),
        (np.zeros((3, 2)), r"needs one series, an array of shape \(time,\), found shape \(3, 2\)"),
        ([], "has no values"),
        (["a", "b"], "holds no numbers"),
        ([[1.0], [1.0, 2.0]], "nested unevenly"),
        ([1.0, None, 2.0], "1 value missing"),
        (np.array([True, False]), "holds no numbers but bool"),
    ],
)
def test_values_in_memory_that_are_refused(source: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_series(source)


def test_pandas_series_and_frames() -> None:
    index = pd.date_range("2020-01-01", periods=3, freq="h", tz="Europe/Berlin", name="when")
    series = read_series(pd.Series([1, 2, 3], index=index, name="v"))
    assert (series.names, series.time_name, series.step) == (("v",), "when", Step(label="1h", seconds=3600.0))
    assert read_series(pd.Series([1.0, 2.0])).time_name is None
    frame = pd.DataFrame(
        {"date": pd.date_range("2020-01-01", periods=3)[::-1], "a": [1, 2, 3], "b": ["x", "y", "z"]}
    )
    series = read_series(frame)
    assert series.target.tolist() == [3.0, 2.0, 1.0]
    assert codes(series) == [Code.TIMES_SORTED]
    assert read_series(frame.assign(date=frame["date"].astype(str))).step == Step(label="1D", seconds=86400.0)
    with pytest.raises(DataError, match="--target 'c': there is no such column"):
        read_series(frame, target="c")
    period = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=pd.period_range("2020-01", periods=2, freq="M"))
    assert read_series(period, target="b").step == Step(label="1M", seconds=2629746.0)
    with pytest.raises(DataError, match="2 columns are numeric: 'a' and 'b'"):
        read_series(period)


def test_columns_named_by_numbers_can_be_chosen() -> None:
    frame = pd.DataFrame(np.arange(6.0).reshape(3, 2))
    assert read_series(frame, target=1).target.tolist() == [1.0, 3.0, 5.0]  # type: ignore[arg-type]


def test_an_index_of_several_levels_is_read_like_columns() -> None:
    days = pd.date_range("2020-01-01", periods=4, name="day")
    values = pd.Series(range(8), index=pd.MultiIndex.from_product([["a", "b"], days]), name="v", dtype=float)
    for source in (values, values.to_frame()):
        with pytest.raises(DataError, match=r"4 rows repeat a time stamp .* several series \(column 'level_0'\)"):
            read_series(source)
        one = read_series(source.iloc[:4])
        assert (one.names, one.time_name, one.target.tolist()) == (("v",), "day", [0.0, 1.0, 2.0, 3.0])
    clash = pd.DataFrame({"a": [1.0]}, index=pd.MultiIndex.from_tuples([("x", "y")], names=["a", "b"]))
    with pytest.raises(DataError, match="levels of the index cannot become columns: cannot insert a"):
        read_series(clash)


@pytest.mark.parametrize("kind", ["int64", "float64", "Int64", "object"])
def test_numbers_are_times_where_the_user_says_so(kind: str) -> None:
    frame = pd.DataFrame({"t": pd.Series([3, 1, 2], dtype=kind), "v": [30.0, 10.0, 20.0]})
    assert read_series(frame, time="t").target.tolist() == [10.0, 20.0, 30.0]


@pytest.mark.parametrize("kind", ["float64", "Int64", "object"])
def test_a_missing_number_is_no_time(kind: str) -> None:
    times = pd.Series([1, None, 2, 3], dtype=kind)
    with pytest.raises(
        DataError, match=r"column 't': '(nan|None|<NA>)' in row 1 .* is no time stamp like the others"
    ):
        read_series(pd.DataFrame({"t": times, "v": [10.0, 40.0, 20.0, 30.0]}), time="t")


def test_frames_that_hold_several_series_without_times() -> None:
    with pytest.raises(DataError, match=r"column 'id' divides the rows into 2 series \('a' from row 0 on"):
        read_series(pd.DataFrame({"id": ["a"] * 4 + ["b"] * 4, "v": range(8)}))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pd.DataFrame(), "the DataFrame has no columns"),
        (pl.DataFrame(), "the DataFrame has no columns"),
        (pd.DataFrame({"a": []}), "has no values"),
        (pl.DataFrame({"a": [1.0]}).lazy(), r"a LazyFrame holds no values yet; call its collect\(\) first"),
    ],
)
def test_frames_without_values_are_refused(source: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_series(source)


@pytest.mark.parametrize("mark", ["/", "-", "."])
@pytest.mark.parametrize("newest_first", [False, True])
def test_two_digits_are_the_year_where_the_rows_stand_in_that_order(
    tmp_path: Path, mark: str, newest_first: bool
) -> None:
    days = [(datetime(2024, 1, 1) + timedelta(days=day)).strftime(f"%y{mark}%m{mark}%d") for day in range(60)]  # noqa: DTZ001
    rows = [f"{day},{value}" for value, day in enumerate(days)]
    series = read(tmp_path, "\n".join(["date,v", *(rows[::-1] if newest_first else rows)]))
    assert series.target.tolist() == list(range(60))
    assert series.step == Step(label="1D", seconds=86400.0)


@pytest.mark.parametrize("form", ["%YM%m", "%Y-M%m", "%b-%y", "%b %y"])
def test_months_as_statistical_offices_and_spreadsheets_write_them(tmp_path: Path, form: str) -> None:
    months = pd.date_range("1997-11-01", periods=60, freq="MS").strftime(form)
    series = read(
        tmp_path, "when,v\n" + "".join(f"{month},{60 - row}\n" for row, month in enumerate(months[::-1]))
    )
    assert series.target.tolist() == list(range(1, 61))
    assert series.step is not None
    assert series.step.label == "1M"


def test_days_of_a_year_that_is_not_told_are_no_months(tmp_path: Path) -> None:
    days = pd.date_range("2023-01-01", periods=60).strftime("%b-%d")
    series = read(tmp_path, "when,v\n" + "".join(f"{day},{row}\n" for row, day in enumerate(days)))
    assert series.target.tolist() == list(range(60))


def test_a_day_of_two_digits_stays_the_day(tmp_path: Path) -> None:
    days = [(datetime(2020, 1, 1) + timedelta(days=day)).strftime("%d/%m/%y") for day in range(60)]  # noqa: DTZ001
    series = read(tmp_path, "date,v\n" + "\n".join(f"{day},{value}" for value, day in enumerate(days)))
    assert (series.step, series.findings) == (Step(label="1D", seconds=86400.0), ())


@pytest.mark.parametrize("cell", ["$5.31", "5.31 $", "5 %", "10.3 °C", "12 kW", "9.81m/s²"])
def test_the_only_numeric_column_is_not_taken_beside_numbers_with_units(tmp_path: Path, cell: str) -> None:
    content = "date,price,stores\n" + "".join(f"2024-01-{day:02},{cell},{day}\n" for day in range(1, 9))
    assert refused(tmp_path, content) == (
        f"column 'price' holds numbers and text, such as {cell!r}, so that column 'stores' may not be the one to "
        "forecast; write plain numbers there, or choose with --target"
    )
    assert read(tmp_path, content, target="stores").names == ("stores",)


def test_a_column_that_is_partly_numeric_may_be_the_one_that_is_meant(tmp_path: Path) -> None:
    rows = "".join(f"{'ERR' if row % 5 else row},{row}\n" for row in range(20))
    assert "column 'temp' holds numbers and text, such as 'ERR'" in refused(tmp_path, "temp,status\n" + rows)


@pytest.mark.parametrize(
    "marked", ["{}k", "EUR {}.50", "Rs. {}", "−{}", "({}.5)", "{}.5-", "'{}.5", "1,{},500.00", "{}.5kW", "{} Mio"]
)
def test_numbers_with_marks_around_them_may_be_those_that_are_meant(tmp_path: Path, marked: str) -> None:
    content = "sales,stores\n" + "".join(f'"{marked.format(10 + row)}",{row}\n' for row in range(9))
    told = refused(tmp_path, content)
    assert told.startswith(f"column 'sales' holds numbers and text, such as {marked.format(10)!r}")
    assert read(tmp_path, content, target="stores").names == ("stores",)


def test_numbers_with_marks_are_seen_under_a_name_that_speaks_of_time_too(tmp_path: Path) -> None:
    content = "response time,users\n" + "".join(f"{12 + row}.5 ms,{row}\n" for row in range(9))
    assert "column 'response time' holds numbers and text, such as '12.5 ms'" in refused(tmp_path, content)


def test_values_below_a_limit_are_numbers_and_classes_are_labels(tmp_path: Path) -> None:
    rows = "".join(f"{1 if row % 6 == 0 else '<1'},{row}\n" for row in range(60))
    assert "column 'mine' holds numbers and text, such as '<1'" in refused(tmp_path, "mine,other\n" + rows)
    classes = "".join(f"{('<18', '18-64', '65+')[row % 3]},{row}\n" for row in range(60))
    assert read(tmp_path, "age,v\n" + classes).names == ("v",)


@pytest.mark.parametrize(
    "labels",
    [
        "{}st",
        "#{}",
        "room {}",
        "A{}",
        "{}:30",
        "{}B",
        "{}M",
        "{}k",
        "({})",
        "[{}]",
        "1.2.{}",
        "DLH {}",
        "{}GB",
        "{}.OG",
    ],
)
def test_labels_with_numbers_are_no_numbers(tmp_path: Path, labels: str) -> None:
    content = "place,v\n" + "".join(f"{labels.format(row % 7 + 1)},{row}\n" for row in range(60))
    assert read(tmp_path, content).names == ("v",)


@pytest.mark.parametrize("before", ["", "off", "n/a"])
def test_a_column_whose_numbers_come_late_may_be_the_one_that_is_meant(tmp_path: Path, before: str) -> None:
    def rows(first: int) -> str:
        later = (f"{row},{before if row < first else row * 37 % 101 + 0.5}\n" for row in range(400))
        return "temp,power\n" + "".join(later)

    told = refused(tmp_path, rows(300))
    assert told.startswith(
        "column 'power' holds numbers from line 302 on, so that column 'temp' may not be the one"
    )
    assert read(tmp_path, rows(300), target="temp").names == ("temp",)
    assert read(tmp_path, rows(380)).names == ("temp",)


@pytest.mark.parametrize("late", [lambda row: row, lambda _: 404, lambda row: (2.0, 2.5, 2.0)[row % 3]])
def test_late_numbers_that_count_or_label_are_not_meant(tmp_path: Path, late: Callable[[int], float]) -> None:
    days = [date(2020, 1, 1) + timedelta(days=row) for row in range(400)]
    rows = "".join(f"{day},{row % 7},{'new' if row < 250 else late(row)}\n" for row, day in enumerate(days))
    assert read(tmp_path, "day,v,status\n" + rows).names == ("v",)


@pytest.mark.parametrize("label", ["12B", "pump 3", "high", "2nd", "A-7"])
def test_labels_are_no_numbers(tmp_path: Path, label: str) -> None:
    assert read(tmp_path, "place,v\n" + "".join(f"{label},{row}\n" for row in range(9))).names == ("v",)


def test_durations_are_no_time_and_not_passed_over(tmp_path: Path) -> None:
    content = "build,time_s\n" + "".join(f"{row},{30 + row % 3}\n" for row in range(1, 10))
    told = refused(tmp_path, content)
    assert told.startswith("the values of column 'time_s' do not grow from row to row")
    assert told.endswith("'build' and 'time_s' are numeric; choose the one to forecast with --target")
    assert read(tmp_path, content, target="time_s").target[0] == 31.0
    assert codes(read(tmp_path, content, target="build")) == [Code.TIMES_IGNORED]
    with pytest.raises(DataError, match="'build' and 'time_s' are numeric"):
        read_series(pd.read_csv(io.StringIO(content)))


def test_a_number_of_the_hour_belongs_to_the_date(tmp_path: Path) -> None:
    content = "date,hour,load\n" + "".join(f"2024-01-0{1 + h // 24},{h % 24},{h}\n" for h in range(72))
    series = read(tmp_path, content)
    assert (series.time_name, series.step) == ("date hour", Step(label="1h", seconds=3600.0))
    assert series.findings == ()


def test_hour_and_minute_belong_to_the_date(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-0{1 + q // 96},{q % 96 // 4},{q % 4 * 15},{q}\n" for q in range(200))
    series = read(tmp_path, "date,hour,minute,load\n" + rows)
    assert (series.step, series.findings) == (Step(label="15min", seconds=900.0), ())


@pytest.mark.parametrize("minute", [lambda row: row * 7 % 60, lambda _: 60, lambda row: 5 + row * 40 % 130])
def test_minutes_beside_hours_of_their_own_are_durations(tmp_path: Path, minute: Callable[[int], int]) -> None:
    rows = "".join(f"2024-01-0{1 + h // 24},{h % 24},{minute(h)},{h}\n" for h in range(100))
    series = read(tmp_path, "date,hour,minute,load\n" + rows, target="load")
    assert (series.time_name, series.step) == ("date hour", Step(label="1h", seconds=3600.0))


def test_a_part_of_a_time_stamp_that_is_missing_is_no_zero(tmp_path: Path) -> None:
    rows = "".join(
        f"2024-01-0{1 + q // 96},{q % 96 // 4},{'' if q == 150 else q % 4 * 15},{q}\n" for q in range(200)
    )
    assert "no time stamp like the others: '' on line 152" in refused(tmp_path, "date,hour,minute,load\n" + rows)


def test_a_row_of_separators_between_others_is_missing_unless_time_tells(tmp_path: Path) -> None:
    assert refused(tmp_path, "inside,outside\n1,5\n,\n,\n2,6\n,\n", target="inside").startswith(
        "column 'inside': 2 values missing: '' on line 3 and '' on line 4;"
    )
    assert read(tmp_path, "inside,outside\n1,5\n2,6\n,\n", target="inside").target.tolist() == [1.0, 2.0]
    timed = read(tmp_path, "date,v\n2024-01-01,1\n,\n2024-01-02,2\n")
    assert (timed.target.tolist(), timed.findings) == ([1.0, 2.0], ())


def test_names_that_pandas_gives_are_a_header(tmp_path: Path) -> None:
    series = read(tmp_path, ",0\n0,112\n1,118\n2,132\n", target="0")
    assert series.target.tolist() == [112.0, 118.0, 132.0]


def test_names_that_pandas_gives_without_an_index_are_told_by_the_decimals_below_them(tmp_path: Path) -> None:
    assert read(tmp_path, "0\n10.5\n11.0\n10.25\n").target.tolist() == [10.5, 11.0, 10.25]
    frame = read(tmp_path, "0,1\n0.5,10.5\n0.75,11.5\n", target="1")
    assert (frame.target.tolist(), frame.read_as.header) == ([10.5, 11.5], True)
    # A logger that writes 0 for 0.0 begins near its next values.
    assert read(tmp_path, "0\n0.125\n0.25\n0.375\n").target.tolist() == [0.0, 0.125, 0.25, 0.375]


def test_a_zero_above_whole_numbers_far_from_it_may_be_a_name(tmp_path: Path) -> None:
    assert refused(tmp_path, "0\n112\n118\n132\n").startswith(
        "line 1: cannot tell whether '0' is a value or the header that pandas gives a column without a name"
    )
    assert read(tmp_path, "passengers\n0\n112\n118\n132\n").target.tolist() == [0.0, 112.0, 118.0, 132.0]
    assert read(tmp_path, "0\n3\n1\n4\n1\n").target.tolist() == [0.0, 3.0, 1.0, 4.0, 1.0]
    assert read(tmp_path, "0\n0.5\n112\n118\n").target.tolist() == [0.0, 0.5, 112.0, 118.0]
    assert read(tmp_path, "0\n1\n2\n3\n").target.tolist() == [0.0, 1.0, 2.0, 3.0]


def test_years_and_months_with_a_point_are_no_numbers(tmp_path: Path) -> None:
    months = [f"{1949 + month // 12}.{month % 12 + 1:02}" for month in range(30)]
    series = read(tmp_path, "Date,v\n" + "".join(f"{month},{row}\n" for row, month in enumerate(months)))
    assert (series.time_name, series.step, series.findings) == ("Date", Step(label="1M", seconds=2629746.0), ())


def test_a_decimal_comma_without_a_header_is_told(tmp_path: Path) -> None:
    two = "50,69\n59,46\n60,41\n"
    assert refused(tmp_path, two).startswith(
        "line 1: cannot tell whether the comma of '50,69' separates two columns or is a decimal mark; write a"
    )
    assert read(tmp_path, two, target="column_1").target.tolist() == [50.0, 59.0, 60.0]
    assert read(tmp_path, "1,46\n2,41\n3,73\n", time="column_1").target.tolist() == [46.0, 41.0, 73.0]
    dated = "Datum,Wert\n2023-01-01,50,69\n2023-01-02,59,46\n2023-01-03,60,41\n"
    assert refused(tmp_path, dated).endswith("; a decimal comma must be a point, or its field quoted")


def test_blanks_inside_of_fields_separate_nothing(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-01 {hour:02}:00 - {hour + 1:02}:00;{hour},5\n" for hour in range(20))
    series = read(tmp_path, "date;value\n" + rows)
    assert (series.names, series.read_as.separator, series.target[3]) == (("value",), ";", 3.5)
    spaced = "a b\n1,5 2,5\n2,5 3,5\n3,5 4,5\n"
    assert read(tmp_path, spaced, target="b").target.tolist() == [2.5, 3.5, 4.5]


def test_numbers_with_a_currency_are_to_be_written_without(tmp_path: Path) -> None:
    table = "date,value\n2024-01-01,$40.50\n2024-01-02,$41.50\n2024-01-03,$42.50\n"
    assert refused(tmp_path, table) == (
        "no column is numeric; column 'value' holds numbers and text, such as '$40.50': write plain numbers there"
    )
    assert refused(tmp_path, table, target="value") == (
        "line 2: column 'value' holds text, found '$40.50'; write plain numbers there"
    )


def test_a_column_by_which_most_rows_would_be_dropped_is_no_time(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-0{1 + row // 24},{row % 24},{40 + row % 24}\n" for row in range(96))
    assert refused(tmp_path, "date,hour,load\n" + rows, time="hour").startswith(
        "column 'hour': 72 of 96 rows repeat a time stamp and its value; name another column with --time"
    )


def test_an_empty_name_is_no_directory() -> None:
    with pytest.raises(DataError, match="'': is no name of a file; name one, or - for standard input"):
        read_series("")


def test_a_field_beyond_the_limit_is_named(tmp_path: Path) -> None:
    told = refused(tmp_path, "note,v\n" + "a,1\n" * 300 + "b" * 140_000 + ",2\n")
    assert told.startswith("line 302: a field is longer than 131,072 characters; shorten it or remove its column")


def test_series_that_take_turns_are_told(tmp_path: Path) -> None:
    rows = "".join(f"{'AB'[row % 2]},{1000 * (row % 2) + row % 7}\n" for row in range(60))
    (finding,) = read(tmp_path, "pump,v\n" + rows).findings
    assert finding.code == Code.SEVERAL_SERIES
    assert finding.message == (
        "100% of the variance of the values lies between the labels of column 'pump' ('A', 'B'): if these are "
        "several series, they were read as one"
    )
    frame = pd.DataFrame({"pump": ["A", "B"] * 30, "v": [1000.0 * (row % 2) + row % 7 for row in range(60)]})
    assert [found.message for found in read_series(frame).findings] == [finding.message]


def test_blanks_around_labels_do_not_hide_several_series(tmp_path: Path) -> None:
    rows = "".join(f"{'a' if row % 2 else 'a '},{row}\n" for row in range(6)) + "b,1\nb,2\nb,3\n"
    assert "divides the rows into 2 series" in refused(tmp_path, "id,v\n" + rows)
    frame = pd.DataFrame({"id": ["a", "a "] * 3 + ["b"] * 3, "v": [float(row % 2) for row in range(9)]})
    with pytest.raises(DataError, match="divides the rows into 2 series"):
        read_series(frame)


@pytest.mark.parametrize("share", [0.7, 0.9])
def test_labels_beside_a_series_are_told_only_where_its_level_hangs_on_them(tmp_path: Path, share: float) -> None:
    noise = np.random.default_rng(0).normal(size=4000) * np.sqrt((1 - share) / share)
    rows = "".join(f"{'xy'[row % 2]},{2 * (row % 2) + value:.6f}\n" for row, value in enumerate(noise))
    assert (Code.SEVERAL_SERIES in codes(read(tmp_path, "remark,v\n" + rows))) == (share > 0.8)


def test_a_label_of_its_own_for_every_row_tells_nothing_apart(tmp_path: Path) -> None:
    assert read(tmp_path, "note,v\n" + "".join(f"n{row},{row % 3}\n" for row in range(60))).findings == ()


def test_an_index_of_dates_as_text_is_time() -> None:
    days = [f"2024-01-{day:02}" for day in range(1, 31)]
    values = pd.Series(range(30), index=pd.Index(days, name="day"), dtype=float)
    for source in (values[::-1], values[::-1].to_frame("v")):
        series = read_series(source)
        assert series.target.tolist() == list(range(30))
        assert (series.time_name, series.step) == ("day", Step(label="1D", seconds=86400.0))
        assert codes(series) == [Code.TIMES_SORTED]


def test_an_index_that_counts_but_not_upwards_is_told() -> None:
    values = pd.Series(range(30), dtype=float)
    for source in (values[::-1], values[::-1].to_frame("v")):
        (finding,) = read_series(source).findings
        assert finding.message.startswith("column 'index' is not used as time: its values do not grow")
    assert read_series(values[3:]).findings == ()


def test_what_an_array_masks_is_missing() -> None:
    for values in ([1.0, -9999.0, 3.0], [1, -9999, 3]):
        with pytest.raises(DataError, match=r"1 value missing or infinite, row 1 \(counted from 0\)"):
            read_series(np.ma.array(values, mask=[0, 1, 0]))
        assert read_series(np.ma.array(values, mask=[0, 0, 0])).target.tolist() == [1.0, -9999.0, 3.0]


def test_a_column_of_periods_is_time() -> None:
    months = pd.period_range("2015-01", periods=60, freq="M")
    for name in ("m", "month"):
        series = read_series(pd.DataFrame({name: months, "v": np.arange(60.0)})[::-1])
        assert (series.time_name, series.step) == (name, Step(label="1M", seconds=2629746.0))
        assert series.target.tolist() == list(range(60))


def test_dates_with_and_without_offset_are_not_mixed() -> None:
    days = [datetime(2024, 1, day, tzinfo=UTC if day % 2 else None) for day in range(1, 9)]
    with pytest.raises(DataError, match="some time stamps have an offset from UTC and others have none"):
        read_series(pd.DataFrame({"d": pd.Series(days, dtype=object), "v": range(8)}))


@pytest.mark.parametrize("stray", ["foo", 3.5, 5, True, "2020"])
def test_what_is_no_date_among_dates_is_named_by_its_row(stray: object) -> None:
    days: list[object] = [date(2020, 1, 1) + timedelta(days=day) for day in range(260)]
    days[250] = stray
    for source in (
        pd.DataFrame({"d": pd.Series(days, dtype=object), "v": range(260)}),
        pd.Series(range(260), index=pd.Index(days, dtype=object)),
    ):
        with pytest.raises(DataError, match=r"in row 250 \(counted from 0\) is no time stamp like the others"):
            read_series(source)


def test_a_frame_needs_no_more_than_columns_and_brackets() -> None:
    class Frame:
        columns = ("day", "v")

        def __getitem__(self, name: str) -> pd.Series:
            return pd.Series(pd.date_range("2024-01-01", periods=9) if name == "day" else range(9))

    assert read_series(Frame()).step == Step(label="1D", seconds=86400.0)


def test_columns_of_one_name_are_read_by_their_place() -> None:
    names, values = pd.Series(list("abcabcabc"), name="t"), pd.Series(range(9), name="v", dtype=float)
    assert read_series(pd.concat([names, names, values], axis=1)).names == ("v",)


def test_polars_frames() -> None:
    days = [datetime(2020, 1, day) for day in (1, 2, 3)]  # noqa: DTZ001
    frame = pl.DataFrame({"day": days, "v": [1, 2, 3], "w": [1, None, 3]})
    series = read_series(frame, target="v")
    assert (series.time_name, series.step) == ("day", Step(label="1D", seconds=86400.0))
    with pytest.raises(DataError, match=r"column 'w': 1 value missing or infinite, row 1 \(counted from 0\)"):
        read_series(frame, target="w")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    values=st.lists(st.floats(-1e69, 1e69), min_size=2, max_size=30),
    separator=st.sampled_from([",", ";", "\t", "|", " "]),
    decimal=st.sampled_from([".", ","]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    header=st.booleans(),
    quote=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)
def test_what_is_written_is_read_back(
    values: list[float], separator: str, decimal: str, end: str, *, header: bool, quote: bool, encoding: str
) -> None:
    comma_needs_quotes = separator == "," and decimal == ","
    mark = '"' if quote or comma_needs_quotes else ""
    # A leading value whose mark can only be a decimal mark; else a comma would rightly be refused.
    numbers = [repr(value).replace(".", decimal) for value in (0.5, *values)]
    rows = [f"2020-{1 + r // 28:02}-{1 + r % 28:02}{separator}{mark}{n}{mark}" for r, n in enumerate(numbers)]
    head = [f"größe{separator}wert"] if header else []
    content = (end.join([*head, *rows]) + end).encode(encoding)
    series = read_series(io.BytesIO(content))
    assert series.target.tolist() == [0.5, *values]
    assert series.read_as is not None
    assert (series.read_as.separator, series.read_as.decimal) == (separator, decimal)
    assert series.read_as.header is header
