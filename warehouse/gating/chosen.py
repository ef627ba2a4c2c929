"""Which rows of which marts must be judged: all of a whole snapshot; of one that rests on another what was made anew, as the rest kept its promises in the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from contracts.conditions import by_row
from contracts.model import Contracts, Promise
from warehouse.catalogue import Follows, MartFile
from warehouse.gating.judge import Asked, gating


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a small publish did. `anew`: marts that were made anew as a whole; `followed`: those of which the rows of reached entities were; `reached`: what each view shows of those entities;
    `day`: whether it is another day than in the snapshot before."""

    anew: Collection[str]
    followed: Collection[str]
    reached: Mapping[str, str]
    day: bool


def of_whole(files: Iterable[MartFile], contracts: Contracts) -> list[Asked]:
    """Every gating promise over every row."""
    return [Asked(file.name, gating(contracts.marts[file.name]), _rows(file)) for file in files]


def of_renewed(files: Iterable[MartFile], contracts: Contracts, renewed: Renewed, doubtful: Collection[str]) -> list[Asked]:
    """What may be broken since the snapshot before. `doubtful`: promises that it did not keep; they are judged over all rows of whatever changed.

    Rows that stay as they are keep what rests on themselves alone; what rests on other rows, or allows so many, is judged over all of them.
    """
    found = []
    for file in files:
        promises = gating(contracts.marts[file.name])
        part = _part(file, renewed)
        if part is not None:
            among = [each for each in promises if part != _rows(file) and _by_row(each) and f"{file.name}.{each.name}" not in doubtful]
            found += [Asked(file.name, tuple(among), part), Asked(file.name, tuple(each for each in promises if each not in among), _rows(file))]
    return found


def _part(file: MartFile, renewed: Renewed) -> str | None:
    """The rows that changed, None where none did."""
    if file.name in renewed.anew or (file.view and not file.lasting and renewed.day):
        return _rows(file)
    if file.view:
        return f"({renewed.reached[file.name]})" if file.name in renewed.reached else None
    return _reached(file, file.follows) if file.follows and file.name in renewed.followed else None


def _reached(file: MartFile, follows: Follows) -> str:
    return f"(select * from {_rows(file)} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached))"


def _rows(file: MartFile) -> str:
    return f'snap."{file.name}"'


def _by_row(promise: Promise) -> bool:
    """Whether a row that stays as it is keeps it, whatever others do."""
    return by_row(promise.check, promise.arguments) and promise.limit.share is None and not promise.limit.rows
