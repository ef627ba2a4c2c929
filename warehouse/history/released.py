"""Contracts as they were released at a moment, as history recorded them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contracts.database import connect
from contracts.errors import InvalidContract
from contracts.model import Contracts
from contracts.releases import contracts_of, marts_of, parts_in
from warehouse.catalogue import MartFile, marts_in
from warehouse.engine import run
from warehouse.errors import NotReleasedThen, ReleaseUnreadable
from warehouse.history.layout import history_tables
from warehouse.history.read import Cut, literal, reading


@dataclass(frozen=True, slots=True)
class Release:
    """What was in force: contracts and marts. The alias table is none of it: what history holds was derived under the one released now."""

    name: str
    recorded_at: datetime
    contracts: Contracts
    marts: Mapping[str, MartFile]


def released_at(folder: Path, contracts: Contracts, moment: datetime) -> Release:
    """The newest release recorded up to a moment; `contracts` are those of now, under which history is read.

    Raises: `NotReleasedThen` where none was; `ReleaseUnreadable` where this version cannot read it any more; `NoHistory`, `HistoryUnreadable`, `HistoryFileFault`.
    """
    with reading(folder, contracts) as read, connect() as connection:
        run(connection, f"create table release as {read.select(history_tables(contracts)['release'], Cut())}")
        newest = run(connection, f"select release, recorded_at from release where recorded_at <= {literal(moment)} order by recorded_at desc, release limit 1")
        if not newest:
            first = run(connection, "select min(recorded_at) from release")[0][0]
            raise NotReleasedThen(first="-" if first is None else first.isoformat(sep=" ", timespec="seconds"))
        name, at = newest[0]
        rows = connection.sql("select * from release where release = ? and recorded_at = ?", params=[name, at]).to_arrow_table().to_pylist()
        texts = dict(run(connection, "select digest, any_value(text) from release where text is not null group by digest"))
    try:
        parts = parts_in(rows, texts)
        return Release(str(name), at, contracts_of(parts), marts_in(marts_of(parts)))
    except (InvalidContract, KeyError) as error:
        raise ReleaseUnreadable(release=str(name)) from error
