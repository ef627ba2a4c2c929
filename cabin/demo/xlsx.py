"""A fast XLSX writer for the demo: rows become XML inside DuckDB, texts stand inline, the archive's times are fixed so that equal data gives equal bytes."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import duckdb
import numpy as np

BATCH_ROWS = 100_000
EPOCH = (1980, 1, 1, 0, 0, 0)
COMPRESSION_LEVEL = 1
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{TYPES}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/><name val="Arial"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="1"><xf xfId="0"/></cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


@dataclass(frozen=True, slots=True)
class Sheet:
    """How a department's sheet looks: title rows merged over all columns, a total row.

    `total` is a select of one row with as many columns as the sheet, `merged` one of column-A ranges as texts (`A5:A9`), data rows counted from `first_row`.
    """

    titles: tuple[str, ...] = ()
    total: str | None = None
    merged: str | None = None

    @property
    def first_row(self) -> int:
        return len(self.titles) + 2


def write_xlsx(path: Path, con: duckdb.DuckDBPyConnection, rows: str, sheet: Sheet) -> int:
    """Writes one workbook with one sheet; returns its data rows.

    Texts must need no XML escaping; the demo's do not.
    """
    relation = con.sql(rows)
    headers, types = relation.columns, [str(kind) for kind in relation.types]
    merges = [f"A{row}:{column_letter(len(headers) - 1)}{row}" for row in range(1, len(sheet.titles) + 1)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION_LEVEL) as archive:
        for name, content in PARTS.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), DECLARATION + content, compresslevel=COMPRESSION_LEVEL)
        with archive.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True) as part:
            part.write((DECLARATION + f'<worksheet xmlns="{MAIN}"><sheetData>' + _heading(sheet, headers)).encode())
            count = _write_rows(part, con, rows_sql(rows, headers, types, sheet.first_row))
            if sheet.total:
                _write_rows(part, con, rows_sql(sheet.total, headers, types, sheet.first_row + count))
            merges += [text for (text,) in con.sql(sheet.merged).fetchall()] if sheet.merged else []
            part.write(("</sheetData>" + _merges(merges) + "</worksheet>").encode())
    return count


def rows_sql(rows: str, headers: list[str], types: list[str], first_row: int) -> str:
    """One `<row>` element per row, in order, numbered from `first_row`."""
    cells = " || ".join(_cell_sql(header, kind, column_letter(place)) for place, (header, kind) in enumerate(zip(headers, types, strict=True)))
    names = ", ".join(f'"{header}"' for header in headers)
    numbered = f"select row_number() over () + {first_row - 1} as nth, * from ({rows}) as given({names})"
    return f"""select '<row r="' || nth || '">' || {cells} || '</row>' from ({numbered})"""


def column_letter(place: int) -> str:
    """The letter of a column counted from 0; sheets here have at most 26."""
    return chr(ord("A") + place)


def _cell_sql(header: str, kind: str, letter: str) -> str:
    """A cell; a text that reads `=number` is written as a bare number, as spreadsheets do to dates and to leading zeros."""
    text = f"""'<c r="{letter}' || nth || '" t="inlineStr"><is><t>' || "{header}" || '</t></is></c>'"""
    number = f"""'<c r="{letter}' || nth || '"><v>' || {{value}} || '</v></c>'"""
    if kind != "VARCHAR":
        return f"coalesce({number.format(value=chr(34) + header + chr(34))}, '')"
    bare = number.format(value=f'substr("{header}", 2)')
    return f"""case when "{header}" is null then '' when starts_with("{header}", '=') then {bare} else {text} end"""


def _heading(sheet: Sheet, headers: list[str]) -> str:
    titles = [f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{title}</t></is></c></row>' for row, title in enumerate(sheet.titles, 1)]
    row = len(sheet.titles) + 1
    cells = "".join(f'<c r="{column_letter(place)}{row}" t="inlineStr"><is><t>{header}</t></is></c>' for place, header in enumerate(headers))
    return "".join(titles) + f'<row r="{row}">{cells}</row>'


def _merges(ranges: list[str]) -> str:
    return f'<mergeCells count="{len(ranges)}">' + "".join(f'<mergeCell ref="{each}"/>' for each in ranges) + "</mergeCells>" if ranges else ""


def _write_rows(part: IO[bytes], con: duckdb.DuckDBPyConnection, query: str) -> int:
    count = 0
    for batch in con.sql(query).to_arrow_reader(BATCH_ROWS):
        texts = batch.column(0)
        _, offsets, data = texts.buffers()
        ends = np.frombuffer(offsets, dtype=np.int32)[[texts.offset, texts.offset + len(texts)]]
        part.write(memoryview(data)[ends[0] : ends[1]])
        count += len(texts)
    return count


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry._compresslevel = COMPRESSION_LEVEL  # type: ignore[attr-defined]
    return entry
