"""Questions to the snapshot as `cabin sql` asks them: what is asked, and how the answer is told."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from cabin.errors import OneQuery, OutputNeeded, QueryNeeded, ValueUnreadable
from cabin.session import Session
from cabin.writing import write_file
from contracts.model import CONSUMERS
from warehouse.ask import Answer, Limits
from warehouse.query import Format, run_sql, written
from warehouse.saved import SavedQuery, bound, named, saved_queries

LISTED = {"query": ("query", "查询"), "title": ("title", "标题"), "with": ("with", "参数"), "consumers": ("consumers", "使用者"), "own": ("own", "本地")}
PARAMETERS = {"parameter": ("parameter", "参数"), "type": ("type", "类型"), "default": ("default", "默认"), "meaning": ("meaning", "含义")}
ENDINGS: dict[str, Format] = {".parquet": "parquet", ".json": "json"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """One question: a statement or the name of a saved query with its `name=value` texts; `form` is table, csv, json or parquet; `rows` None: all."""

    sql: str | None
    saved: str | None
    values: tuple[str, ...]
    form: str
    output: Path | None
    rows: int | None


def queries(session: Session) -> dict[str, SavedQuery]:
    """Those shipped and those in the data folder's own `queries`."""
    return saved_queries(session.data / "queries")


def tell_saved(session: Session) -> None:
    """One line a saved query."""
    rows, known = [], session.contracts.code_lists[CONSUMERS].labels
    for each in queries(session).values():
        needed = ", ".join(parameter.name if parameter.default is None else f"[{parameter.name}]" for parameter in each.parameters)
        rows.append(
            (
                each.name,
                each.title.get(session.settings.lang),
                needed,
                session.out.listed(each.consumers, known),
                session.out.text("yes", "是") if each.own else "",
            )
        )
    session.out.table("queries", LISTED, rows)


def tell_query(session: Session, name: str) -> None:
    """One saved query: title, parameters, text. Raises: `UnknownQuery`."""
    query, out, lang = named(queries(session), name), session.out, session.settings.lang
    out.say(query.title.en, query.title.zh, query=query.name, title=query.title.get(lang), consumers=list(query.consumers))
    out.line("", "")
    out.table("parameters", PARAMETERS, [(each.name, each.type, each.default, each.about.get(lang)) for each in query.parameters])
    out.line(f"\n{query.sql}", f"\n{query.sql}")
    out.document["sql"] = query.sql


def answer(session: Session, wanted: Wanted) -> None:
    """Asks and tells. Raises: as `Asker.ask`, `bound`; `QueryNeeded`, `OneQuery`, `ValueUnreadable`, `OutputNeeded`."""
    if wanted.form == "parquet" and wanted.output is None:
        raise OutputNeeded()
    found = _asked(session, wanted)
    _told(session, wanted, found)
    if found.cut:
        session.out.progress(f"only the first {wanted.rows:,} rows; --limit 0 gives all", f"仅显示前 {wanted.rows:,} 行；--limit 0 显示全部")
        session.out.document["cut"] = True


def _asked(session: Session, wanted: Wanted) -> Answer:
    limits = Limits(seconds=session.settings.sql_seconds, memory_mb=session.settings.memory_mb // 2)
    if wanted.saved is None:
        if wanted.sql is None or wanted.values:
            raise QueryNeeded()
        return run_sql(session.data / "published", wanted.sql, rows=wanted.rows, limits=limits)
    if wanted.sql is not None:
        raise OneQuery()
    query = named(queries(session), wanted.saved)
    return run_sql(session.data / "published", query.sql, bound(query, _given(wanted.values)), rows=wanted.rows, limits=limits)


def _given(texts: tuple[str, ...]) -> dict[str, str]:
    """What `--with` says. Raises: `ValueUnreadable`."""
    parts = [text.partition("=") for text in texts]
    if not all(name and equals for name, equals, _ in parts):
        raise ValueUnreadable()
    return {name: value for name, _, value in parts}


def _told(session: Session, wanted: Wanted, found: Answer) -> None:
    out, table = session.out, found.table
    if wanted.output is not None:
        form = ENDINGS.get(wanted.output.suffix, "csv") if wanted.form == "table" else wanted.form
        write_file(wanted.output, written(table, _format(form)))
        out.say(f"wrote {table.num_rows:,} rows to {wanted.output}", f"已写入 {table.num_rows:,} 行到 {wanted.output}", rows_written=table.num_rows)
    elif wanted.form == "table" or out.as_json:
        names = table.schema.names
        out.table("rows", {name: (name, name) for name in names}, zip(*(column.to_pylist() for column in table.columns), strict=True))
    else:
        sys.stdout.write(written(table, _format(wanted.form)).decode())


def _format(form: str) -> Format:
    return "parquet" if form == "parquet" else "json" if form == "json" else "csv"
