"""Finding entities for `cabin find`: text in the snapshot, numbers through the vault."""

from __future__ import annotations

import re

import duckdb
import pyarrow as pa

from cabin.errors import NotInteractive
from cabin.pipeline import name_key
from cabin.session import Session
from contracts.engine import prepare
from warehouse.find import Found, find
from warehouse.publish import snapshot_path
from warehouse.query import opened

NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]|1[3-9]\d{9}")


def by_text(session: Session, text: str, limit: int) -> list[Found]:
    """Entities whose name or address holds every word of the text.

    Raises: `NoSnapshot`; `NotInteractive` where the text holds an identity or mobile number.
    """
    if NUMBER.search(text):
        raise NotInteractive()
    folder = session.data / "published"
    snapshot_path(folder)  # without a snapshot there is nothing to ask the vault for
    return find(folder, session.contracts, text, name_key=name_key(session.vault), limit=limit)


def by_number(session: Session, number: str, limit: int) -> list[Found]:
    """The person with this identity number and where he or she is linked to; nothing is kept of the number."""
    token = session.vault.find(_normalised(session, number))
    if token is None:
        return []
    with opened(session.data / "published") as snapshot:
        query = "select kind, entity, label, area from entity_current where entity = ? or starts_with(entity, ? || '@') order by kind, entity limit ?"
        return [Found(*row) for row in snapshot.execute(query, [token, token, limit]).fetchall()]


def _normalised(session: Session, number: str) -> str:
    """The number as landing looks it up."""
    with duckdb.connect() as engine:
        prepare(engine, session.contracts, threads=1)
        engine.register("typed", pa.table({"number": [number]}))
        row = engine.execute("select identity_number(text_clean(number)) from typed").fetchone()
    return str(row[0]) if row and row[0] else number
