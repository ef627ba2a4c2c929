"""From a block of clean rows to raw rows: the statement of `rows_sql` judges, the vault replaces and seals, the rest is put together again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from contracts.model import Classification, Column, Feed
from contracts.ports import Sealer
from streams.landing.bans import Ban, ban_sql
from streams.landing.blocks import ROW
from streams.landing.rows_sql import MINOR, readable_sql, scanned

MISPLACED = "identifier-in-wrong-column"


@dataclass(slots=True)
class Tally:
    """What one pass of converting counts; the rows of a delivery are landed, refused or reduced."""

    landed: int = 0
    refused: int = 0
    reduced: int = 0
    unkeyed: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    fixes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Converted:
    """What a block became: raw rows; the kept cells of reduced rows; the key cells of refused rows (neither sealed yet)."""

    rows: pa.Table
    reduced: pa.Table | None
    presences: pa.Table | None


@dataclass(frozen=True, slots=True)
class Converter:
    """Converts blocks of one delivery. `sql` is `judged_sql` of the feed, `sql_with_codes` the one that judges codes too; `engine` holds the macros of the contracts."""

    feed: Feed
    engine: duckdb.DuckDBPyConnection
    sealer: Sealer
    delivery: str
    mode: str
    sql: str
    sql_with_codes: str
    bans: Sequence[Ban]

    def convert(self, block: pa.RecordBatch, tally: Tally) -> Converted:
        """Raw rows in the order of the block."""
        cells, judged = pa.Table.from_batches([block]), self._judged(block)
        minor = judged.column("minor")
        presences = None
        if pc.any(judged.column("suspect")).as_py():
            refused, presences = self._refused(cells, judged, tally)
            keep = pc.invert(refused)
            cells, judged, minor = cells.filter(keep), judged.filter(keep), minor.filter(keep)
        reduced = None
        if pc.any(minor).as_py():
            reduced = cells.filter(minor)
            cells, judged = cells.filter(pc.invert(minor)), judged.filter(pc.invert(minor))
            tally.reduced += reduced.num_rows
        tally.landed += cells.num_rows
        return Converted(self._raw(cells, judged, tally), reduced, presences)

    def again(self, block: pa.RecordBatch, landed: pa.Table) -> tuple[pa.Table, dict[int, str]]:
        """Raw rows of a block of mended cells in its order, and the row numbers of those that may not land, with the rule; `landed` are the same rows as they
        landed: a blank identifier keeps the token and check it had there, and what was mended there stays told."""
        cells, judged = pa.Table.from_batches([block]), self._judged(block)
        numbers = _one(cells.column(ROW)).to_pylist()
        refusals = {numbers[place]: MINOR for place, minor in enumerate(judged.column("minor").to_pylist()) if minor}
        suspect = judged.column("suspect")
        if pc.any(suspect).as_py():
            suspects = cells.filter(suspect)
            verdict = self._verdict(suspects, judged.filter(suspect))
            pairs = zip(suspects.column(ROW).to_pylist(), verdict.column("ban").to_pylist(), strict=True)
            refusals |= {row: self.bans[ban - 1].rule for row, ban in pairs if ban}
        if refusals:
            keep = pa.array([number not in refusals for number in numbers])
            cells, judged, landed = cells.filter(keep), judged.filter(keep), landed.filter(keep)
        return self._raw(cells, judged, Tally(), landed), refusals

    def seal_kept(self, table: pa.Table, subject: pa.StringArray | None = None) -> pa.Table:
        """A table of contract columns in raw shape: personal cells sealed (with the delivery's key where no subject is given), the others plain."""
        count = table.num_rows
        subject = pa.array([self.sealer.delivery_subject(self.delivery)] * count, pa.string()) if subject is None else subject
        personal = [column.name for column in self.feed.columns if column.classification is Classification.PERSONAL and column.name in table.column_names]
        clear = self._json(table.select(personal)) if personal and count else pa.nulls(count, pa.string())
        plain = table.drop_columns(personal) if personal else table
        sealed = self.sealer.seal(subject, clear)
        for name, values in (("subject", subject), ("sealed", sealed), ("fault", pa.nulls(count, pa.string())), ("flags", pa.nulls(count, pa.string()))):
            plain = plain.append_column(name, values)
        return plain

    def _judged(self, block: pa.RecordBatch) -> pa.Table:
        judged = self._run(self.sql, "delivered", block)
        return self._run(self.sql_with_codes, "delivered", block) if pc.any(judged.column("coded")).as_py() else judged

    def _run(self, sql: str, name: str, rows: pa.RecordBatch | pa.Table) -> pa.Table:
        self.engine.register(name, rows)
        try:
            return self.engine.sql(sql).to_arrow_table()
        finally:
            self.engine.unregister(name)

    def _json(self, table: pa.Table) -> pa.StringArray:
        members = ", ".join(f"""'"{name}":' || to_json("{name}")""" for name in table.column_names)
        return _one(self._run(f"select '{{' || nullif(concat_ws(',', {members}), '') || '}}' as clear from kept_cells", "kept_cells", table).column(0))

    def _refused(self, cells: pa.Table, judged: pa.Table, tally: Tally) -> tuple[pa.Array, pa.Table | None]:
        """Which rows hold a banned value, and the presences they leave."""
        suspect = judged.column("suspect")
        suspects, checks = cells.filter(suspect), judged.filter(suspect)
        verdict = self._verdict(suspects, checks)
        guilty = pc.greater(verdict.column("ban"), 0)
        refused = pc.replace_with_mask(_one(suspect), _one(suspect), _one(guilty))
        presences = self._presences(suspects.filter(guilty), checks.filter(guilty), verdict.filter(guilty), tally)
        return refused, presences

    def _verdict(self, suspects: pa.Table, checks: pa.Table) -> pa.Table:
        """Which ban holds for each suspect row, and what is left of its key."""
        for column in self.feed.columns:
            if column.identifier:
                suspects = suspects.append_column(f"{column.name}_check", checks.column(f"{column.name}_check"))
        keys = [column.name for column in key_columns(self.feed)]
        return self._run(ban_sql(self.bans, readable_sql(self.feed), keys), "suspects", suspects)

    def _raw(self, cells: pa.Table, judged: pa.Table, tally: Tally, landed: pa.Table | None = None) -> pa.Table:
        columns: dict[str, pa.Array] = {"row": _one(cells.column(ROW))}
        hit = pc.not_equal(judged.column("hits"), 0)
        misplaced = pc.sum(hit).as_py() or 0
        bits = {column.name: 1 << bit for bit, column in enumerate(scanned(self.feed))}
        for column in self.feed.columns:
            if column.sealed:
                continue
            cell = _one(cells.column(column.name)) if column.classification is not Classification.PERSONAL else pa.nulls(len(cells), pa.string())
            if misplaced and column.name in bits:
                cell = _without(cell, judged.column("hits"), bits[column.name])
            columns |= self._identified(column, cell, judged) if column.identifier else {column.name: cell}
            if column.identifier and landed is not None:
                columns |= _as_landed(column, columns, _one(cells.column(column.name)), landed)
        columns["subject"] = self._subject(columns, len(cells))
        columns["sealed"] = self.sealer.seal(columns["subject"], _one(judged.column("clear")))
        columns["fault"] = self._faults(judged.column("hits")) if misplaced else pa.nulls(len(cells), pa.string())
        columns["flags"] = _one(judged.column("flags")) if landed is None else _one(landed.column("flags"))
        self._count(judged, misplaced, tally)
        return pa.table(columns)

    def _faults(self, hits: pa.ChunkedArray) -> pa.StringArray:
        """`reason:column` of rows with a misplaced number; the first such column in contract order speaks for the row."""
        named = {column.name: 1 << bit for bit, column in enumerate(scanned(self.feed))}
        found = [(column.name, pc.not_equal(pc.bit_wise_and(hits, named[column.name]), 0)) for column in self.feed.columns if column.name in named]
        conditions = pc.make_struct(*(_one(there) for _, there in found), field_names=[name for name, _ in found])
        return pc.case_when(conditions, *(pa.scalar(f"{MISPLACED}:{name}") for name, _ in found))

    def _identified(self, column: Column, cell: pa.StringArray, judged: pa.Table) -> dict[str, pa.Array]:
        name = column.name
        numbers, check = _one(judged.column(f"{name}__number")), _one(judged.column(f"{name}_check"))
        tokens = self.sealer.subjects(numbers) if column.identifier == "subject" else self.sealer.phones(numbers)
        if column.identifier_when:
            tokens = pc.if_else(pc.is_null(check), cell, tokens)
        found = {name: tokens, f"{name}_check": check}
        if column.identifier == "subject":
            found |= {each: _one(judged.column(each)) for each in (f"{name}_sex_agrees", f"{name}_birth_agrees")}
        return found

    def _subject(self, columns: dict[str, pa.Array], count: int) -> pa.StringArray:
        """Whose key seals each row: its subject's, else the delivery's."""
        own = pa.nulls(count, pa.string())
        if self.feed.subject:
            number = self.feed.column(self.feed.subject)
            own = columns[number.name]
            if number.identifier_when:
                own = pc.if_else(pc.is_null(columns[f"{number.name}_check"]), pa.scalar(None, pa.string()), own)
        return pc.fill_null(own, self.sealer.delivery_subject(self.delivery)) if own.null_count else own

    def _presences(self, cells: pa.Table, judged: pa.Table, verdict: pa.Table, tally: Tally) -> pa.Table | None:
        """The keys of refused rows, without the refused cells; only full lists need them."""
        tally.refused += cells.num_rows
        for number, count in Counter(verdict.column("ban").to_pylist()).items():
            tally.refusals[self.bans[number - 1].rule] += count
        readable = verdict.column("readable")
        tally.unkeyed += cells.num_rows - (pc.sum(readable).as_py() or 0)
        if self.mode != "snapshot" or not pc.any(readable).as_py():
            return None
        cells, judged, verdict = cells.filter(readable), judged.filter(readable), verdict.filter(readable)
        columns: dict[str, pa.Array] = {"row": _one(cells.column(ROW))}
        for column in key_columns(self.feed):
            cell = _blanked(_one(cells.column(column.name)), verdict.column(f"{column.name}__banned"))
            columns |= self._identified(column, cell, judged) if column.identifier else {column.name: cell}
        subject = self._subject(columns, cells.num_rows) if self.feed.subject in columns else None
        return self.seal_kept(pa.table(columns), subject)

    def _count(self, judged: pa.Table, misplaced: int, tally: Tally) -> None:
        if misplaced:
            tally.faults[MISPLACED] += misplaced
        for counted in pc.value_counts(judged.column("flags")).to_pylist():
            for flag in (counted["values"] or "").split(",") if counted["values"] else ():
                tally.fixes[flag] += counted["counts"]


def _as_landed(column: Column, columns: dict[str, pa.Array], cell: pa.StringArray, landed: pa.Table) -> dict[str, pa.Array]:
    """The identifier's columns of rows whose cell is blank now as they were landed. Whether sex and birth agree with a number is not known any more: nobody
    but the vault knows the number."""
    check = _one(landed.column(f"{column.name}_check"))
    kept = pc.and_(pc.is_null(cell), pc.is_valid(check))
    names = (column.name, f"{column.name}_check")
    agree = [name for name in (f"{column.name}_sex_agrees", f"{column.name}_birth_agrees") if name in columns]
    found = {name: pc.if_else(kept, _one(landed.column(name)), columns[name]) for name in names}
    return found | {name: pc.if_else(kept, _one(landed.column(name)), columns[name]) for name in agree}


def key_columns(feed: Feed) -> tuple[Column, ...]:
    """The columns by which a row's record or entity is known: those named in the contract's record and entity expressions."""
    import re

    texts = [feed.record, feed.subject, *(text for mapping in feed.mappings for text in (mapping.entity, mapping.record))]
    texts += [column.sql for mapping in feed.mappings if mapping.target == "residency" for column in mapping.columns if column.name in ("person", "dwelling")]
    words = set(re.findall(r"\w+", " ".join(text for text in texts if text)))
    return tuple(column for column in feed.columns if column.name in words)


def _without(cell: pa.StringArray, hits: pa.ChunkedArray, bit: int) -> pa.StringArray:
    return _blanked(cell, pc.not_equal(pc.bit_wise_and(hits, bit), 0))


def _blanked(cell: pa.StringArray, where: pa.ChunkedArray) -> pa.StringArray:
    """Null where the mask holds, without the text behind it: `if_else` with a null would leave the bytes in the buffer, and so on the log."""
    return pc.replace_with_mask(cell, _one(where), pa.scalar(None, pa.string()))


def _one(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array, whatever the number of chunks."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
