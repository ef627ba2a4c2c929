"""Golden records and marts as of a moment, told to people and machines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cabin.errors import FileExists, FolderMissing
from cabin.explained import STATUSES
from cabin.pipeline import name_key
from cabin.remembered import folder_of, means
from cabin.session import Session
from contracts.model import Contracts, Label, Unit
from warehouse.errors import NotKnownThen
from warehouse.history import AsOf, Cut, Release, released_at
from warehouse.publish import released_in
from warehouse.words import text_of, unit_in_words


@dataclass(frozen=True, slots=True)
class Asked:
    """A cut, and when the contracts to use were released: None for those of now."""

    cut: Cut
    released: datetime | None = None


@contextmanager
def _opened(session: Session, asked: Asked, on_disk: bool = False) -> Iterator[tuple[AsOf, Release | None]]:
    release = None if asked.released is None else released_at(folder_of(session), session.contracts, asked.released)
    contracts = session.contracts if release is None else release.contracts
    with AsOf.open(folder_of(session), contracts, asked.cut, means(session, on_disk)) as asof:
        yield asof, release


def tell_entity(session: Session, asked: Asked, kind: str, entity: str) -> int:
    """Every unit that has a value, with its status, source and when it was last said. Raises: `UnknownKind`; `NotKnownThen` where nobody knew of it then."""
    with _opened(session, asked) as (asof, release):
        row = asof.entity(kind, entity)
    contracts = session.contracts if release is None else release.contracts
    known = contracts.kinds[kind]
    if row is None:
        raise NotKnownThen(kind=Label(known.label.zh, kind))
    columns = {
        "attribute": ("attribute", "属性"),
        "label": ("name", "名称"),
        "value": ("value", "值"),
        "status": ("status", "状态"),
        "source": ("source", "来源"),
        "seen_at": ("last said", "最近提及"),
    }
    values = [_told(session, contracts, unit, row) for unit in known.units if row[f"{unit.name}__status"] is not None]
    session.out.table("values", columns, values)
    if not values:
        session.out.nothing("It was known then, and nothing was said about any of its attributes.", "当时已知该要素，但没有来源说明其任何属性。")
    return 0


def _told(session: Session, contracts: Contracts, unit: Unit, row: Mapping[str, Any]) -> tuple[Any, ...]:
    texts = {member.name: None if row[member.name] is None else text_of(row[member.name]) for member in unit.members}
    label, shown = unit.members[0].label, unit_in_words(contracts, unit, texts)
    words = [session.out.text(each.en, each.zh) if each else None for each in (label, shown, STATUSES[row[f"{unit.name}__status"]])]
    return unit.name, *words, row[f"{unit.name}__source"], row[f"{unit.name}__seen_at"]


def tell_kind(session: Session, asked: Asked, kind: str, limit: int | None) -> int:
    """One line an entity, in order of ids."""
    with _opened(session, asked, on_disk=True) as (asof, _):
        rows = asof.kind(kind)
        count = len(rows)
        listed = rows.order("entity").limit(limit or count).project("entity, label, area, observed_at").fetchall()
    columns = {"entity": ("id", "编号"), "label": ("label", "名称"), "area": ("area", "区划"), "observed_at": ("last said", "最近提及")}
    session.out.table("entities", columns, listed)
    session.out.document["count"] = count
    if not count:
        session.out.nothing(
            "Nothing of this kind was known then: name a later --recorded or --observed; what landed since the last `cabin history load` is not in history yet.",
            "当时没有已知的此类要素：请指定更晚的 --recorded 或 --observed；上次 `cabin history load` 之后接收的内容尚未进入历史。",
        )
    if len(listed) < count:
        session.out.progress(f"only the first {limit:,} of {count:,}; --limit 0 gives all", f"仅显示 {count:,} 个中的前 {limit:,} 个；--limit 0 显示全部")
    return 0


def write_marts(session: Session, asked: Asked, target: Path) -> int:
    """All marts into a new file. Raises: `FileExists`, `FolderMissing`."""
    if target.exists():
        raise FileExists(path=str(target))
    if not target.absolute().parent.is_dir():
        raise FolderMissing(path=str(target.absolute().parent))
    with _opened(session, asked, on_disk=True) as (asof, release):
        published = released_in(session.data / "published")
        moment = asof.marts(target.absolute(), name_key(session.vault), published, None if release is None else release.marts)
    session.out.say(f"wrote the marts as of {moment} to {target}", f"已把截至 {moment} 的数据集市写入 {target}", moment=moment.isoformat())
    return 0
