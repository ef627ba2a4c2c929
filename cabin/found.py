"""Finding entities for `cabin find`: text in the snapshot, numbers through the vault."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from cabin.errors import NotANumber, NotInteractive, TextNeeded
from cabin.pipeline import name_key
from cabin.session import Session
from contracts.database import connect
from contracts.engine import prepare
from warehouse.find import Found, find
from warehouse.publish import snapshot_path
from warehouse.query import opened

NUMBER = re.compile(r"\d{15}|\d{17}[\dXx]|1[3-9]\d{9}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, at most `limit` of each kind; `cut`: there is more."""

    found: tuple[Found, ...]
    cut: bool

    @classmethod
    def of(cls, found: Sequence[Found], limit: int) -> Answer:
        """From one more of each kind than is shown."""
        seen: Counter[str] = Counter()
        kept = []
        for each in found:
            seen[each.kind] += 1
            if seen[each.kind] <= limit:
                kept.append(each)
        return cls(tuple(kept), len(kept) < len(found))


def by_text(session: Session, text: str, limit: int) -> Answer:
    """Entities whose name or address holds every word of the text.

    Raises: `NoSnapshot`, `SnapshotOutdated`; `TextNeeded` where the text is blank; `NotInteractive` where it holds an identity or mobile number.
    """
    if not text.strip():
        raise TextNeeded()
    if NUMBER.search(text):
        raise NotInteractive()
    folder = session.data / "published"
    snapshot_path(folder)  # without a snapshot there is nothing to ask the vault for
    return Answer.of(find(folder, text, name_key=name_key(session.vault), limit=limit + 1), limit)


def titled(session: Session, found: Found) -> str | None:
    """What an entity is called: a code in words where its kind is called by one; machines get the label as marts have it."""
    kind = session.contracts.kinds[found.kind]
    title = next((each for each in kind.attributes if each.name == kind.title), None)
    if found.label is None or title is None or title.code_list is None or session.out.as_json:
        return found.label
    return session.contracts.worded(title.code_list, found.label).get(session.settings.lang)


def by_number(session: Session, number: str, limit: int) -> Answer:
    """The person with this identity number and where he or she is linked to; nothing is kept of the number.

    Raises: `NoSnapshot`; `NotANumber` where the text is none.
    """
    normalised = _normalised(session, number)
    snapshot_path(session.data / "published")
    token = session.vault.find(normalised)
    if token is None:
        return Answer((), False)
    with opened(session.data / "published") as snapshot:
        query = "select kind, entity, label, area from entity_current where entity = ? or starts_with(entity, ? || '@') qualify row_number() over (partition by kind order by entity) <= ? order by kind, entity"
        return Answer.of([Found(*row) for row in snapshot.execute(query, [token, token, limit + 1]).fetchall()], limit)


def _normalised(session: Session, number: str) -> str:
    """The number as landing looks it up."""
    with connect() as engine:
        prepare(engine, session.contracts, threads=1)
        engine.register("typed", pa.table({"number": [number]}))
        row = engine.execute("select identity_number(text_clean(number)) from typed").fetchone()
    if not row or not row[0]:
        raise NotANumber()
    return str(row[0])
