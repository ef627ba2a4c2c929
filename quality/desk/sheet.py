"""A list of quarantined rows as an XLSX workbook of one sheet: texts only, so that a number keeps its leading zeros and no cell is a formula."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

EPOCH = (1980, 1, 1, 0, 0, 0)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that no XML may hold."""
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{TYPES}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def write_sheet(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Writes the workbook beside its place first, so that no half of it is ever found there; equal rows give equal bytes."""
    made = path.with_name(path.name + ".part")
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in PARTS.items():
            archive.writestr(zipfile.ZipInfo(name, EPOCH), DECLARATION + content, zipfile.ZIP_DEFLATED)
        with archive.open(zipfile.ZipInfo("xl/worksheets/sheet1.xml", EPOCH), "w", force_zip64=True) as sheet:
            sheet.write(f'{DECLARATION}<worksheet xmlns="{MAIN}"><sheetData>{_row(headers)}'.encode())
            for row in rows:
                sheet.write(_row(row).encode())
            sheet.write(b"</sheetData></worksheet>")
    made.replace(path)


def _row(cells: Sequence[str | None]) -> str:
    return f"<row>{''.join(_cell(cell) for cell in cells)}</row>"


def _cell(cell: str | None) -> str:
    if cell is None:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(NO_XML.sub(" ", cell))}</t></is></c>'
