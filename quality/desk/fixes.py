"""Fixes are data: what is done to the cells of every row of a pattern; pure. `Fix.of` understands one, `apply` does it to a table of cells in clear."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Column, Feed, Label
from quality.desk.errors import FixUnusable

MAP, SWAP, RECODE, FILL, AS_IS = "map", "swap", "recode", "fill", "as-is"


@dataclass(frozen=True, slots=True)
class Fix:
    """`map`: cells of `columns[0]` that are a key of `values` become its value. `swap`: two columns change places. `recode`: texts of `columns` that were read as
    `read_as` are read again as `meant`; those that were not stay. `fill`: blank cells of `columns[0]` become `values[""]`. `as-is`: nothing, for rows that a rule or a code list of today would take."""

    kind: str
    columns: tuple[str, ...]
    values: Mapping[str, str | None]
    read_as: str = ""
    meant: str = ""

    @classmethod
    def of(cls, feed: Feed, given: Mapping[str, Any]) -> Fix:
        """The fix that a JSON object names, if it can be done to the feed.

        Raises: `FixUnusable`.
        """
        kind, columns = str(given.get("kind")), tuple(given.get("columns") or ())
        fix = cls(kind, columns, dict(given.get("values") or {}), str(given.get("read_as") or ""), str(given.get("meant") or ""))
        _refuse_shape(fix)
        for name in columns:
            _refuse_column(feed, name, kind in (SWAP, FILL))
        return fix

    def document(self) -> dict[str, Any]:
        """The fix as JSON."""
        values = {"values": dict(self.values)} if self.values else {}
        coding = {"read_as": self.read_as, "meant": self.meant} if self.kind == RECODE else {}
        return {"kind": self.kind, "columns": list(self.columns), **values, **coding}

    def personal(self, feed: Feed) -> bool:
        """Whether its values could be personal: then they are written nowhere in clear."""
        return bool(self.values) and any(feed.column(name).sealed or feed.column(name).identifier for name in self.columns)

    def apply(self, cells: pa.Table) -> pa.Table:
        """The table with the cells mended; other columns and the order of rows stay."""
        if self.kind == SWAP:
            first, second = self.columns
            return _put(_put(cells, first, cells[second]), second, cells[first])
        for name in self.columns:
            cells = _put(cells, name, self._mended(_one(cells[name])))
        return cells

    def _mended(self, texts: pa.StringArray) -> pa.StringArray:
        if self.kind == FILL:
            return pc.if_else(pc.is_null(texts), pa.scalar(self.values[""], pa.string()), texts)
        coded = pc.dictionary_encode(texts)
        known = coded.dictionary.to_pylist()
        made = [self.values.get(text, text) for text in known] if self.kind == MAP else [_recoded(text, self.read_as, self.meant) for text in known]
        return pa.array(made, pa.string()).take(coded.indices)


def _refuse_shape(fix: Fix) -> None:
    wrong = {
        MAP: len(fix.columns) != 1 or not fix.values,
        SWAP: len(set(fix.columns)) != 2 or len(fix.columns) != 2,
        RECODE: not fix.columns or not _codec(fix.read_as) or not _codec(fix.meant) or fix.read_as == fix.meant,
        FILL: len(fix.columns) != 1 or not fix.values.get(""),
        AS_IS: bool(fix.columns or fix.values),
    }
    if wrong.get(fix.kind, True):
        raise FixUnusable(detail=_WRONG.get(fix.kind, _NONE))


_NONE = Label("未说明做什么", "it does not say what to do")
_WRONG = {
    MAP: Label("映射需要一列和至少一个 旧值=新值", "a mapping needs one column and at least one OLD=NEW"),
    SWAP: Label("互换需要两个不同的列", "a swap needs two different columns"),
    RECODE: Label("重新解码需要列和两个不同的已知编码", "reading again needs columns and two different known encodings"),
    FILL: Label("补空需要一列和一个值", "filling blanks needs one column and a value"),
}


def _refuse_column(feed: Feed, name: str, blanks: bool) -> None:
    """`blanks`: whether the fix writes into cells that look blank, as those do whose number became a token."""
    column = next((each for each in feed.columns if each.name == name), None)
    if column is None:
        raise FixUnusable(detail=Label(f"数据源 {feed.name} 没有列 {name}", f"feed {feed.name} has no column {name}"))
    if _named(column) or (blanks and column.identifier):
        raise FixUnusable(
            detail=Label(f"列 {name} 为身份或电话号码，只能由部门更正", f"column {name} holds identity or phone numbers, which only the department can correct")
        )


def _named(column: Column) -> bool:
    return column.identifier is not None and column.identifier_when is None


def _codec(name: str) -> bool:
    try:
        return codecs.lookup(name)._is_text_encoding and name.isascii()
    except LookupError:
        return False


def _recoded(text: str | None, read_as: str, meant: str) -> str | None:
    """The text that the same bytes mean in the other encoding; itself where they mean none."""
    if text is None:
        return None
    try:
        return text.encode(read_as).decode(meant)
    except UnicodeError:
        return text


def _put(cells: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return cells.set_column(cells.schema.get_field_index(name), pa.field(name, pa.string()), values)


def _one(column: pa.ChunkedArray) -> pa.Array:
    found = column.combine_chunks()
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def changed(before: pa.Table, after: pa.Table, columns: Sequence[str]) -> pa.BooleanArray:
    """Whether any of these cells is another in each row."""
    found = pa.array([False] * before.num_rows)
    for name in columns:
        one, other = _one(before[name]), _one(after[name])
        same = pc.fill_null(pc.equal(one, other), pa.scalar(False))
        found = pc.or_(found, pc.invert(pc.or_(same, pc.and_(pc.is_null(one), pc.is_null(other)))))
    return found
