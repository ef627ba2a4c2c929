"""Which rows of which tables must be judged: all of a whole snapshot; of one that rests on another what was made anew, as the rest kept its promises in the one before."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from contracts.conditions import by_row, reads
from contracts.model import Promise
from warehouse.catalogue import Follows
from warehouse.gating.gates import Gate
from warehouse.gating.judge import Asked
from warehouse.renewing.moved import reached_name


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a small publish did. `anew`: marts that were made anew as a whole; `followed`: those of which the rows of reached entities were; `reached`: what each view shows of those entities;
    `day`: whether it is another day than in the snapshot before; `moved`: the columns that changed of golden records, by kind."""

    anew: Collection[str]
    followed: Collection[str]
    reached: Mapping[str, str]
    day: bool
    moved: Mapping[str, Collection[str]]


def of_whole(gates: Iterable[Gate]) -> list[Asked]:
    """Every gating promise over every row."""
    return [Asked(gate.table, gate.promises, _rows(gate)) for gate in gates]


def of_renewed(gates: Iterable[Gate], renewed: Renewed, doubtful: Collection[str]) -> list[Asked]:
    """What may be broken since the snapshot before. `doubtful`: promises that it did not keep; they are judged over all rows of whatever changed.

    Rows that stay as they are keep what rests on themselves alone, and so do those of which only other columns changed; what rests on other rows, or allows so many, is judged over all of them.
    """
    found = []
    for gate in gates:
        part = _part(gate, renewed)
        if part is not None:
            among = [each for each in gate.promises if part != _rows(gate) and _by_row(each) and f"{gate.table}.{each.name}" not in doubtful]
            told = [each for each in among if gate.file or _concerned(each, renewed.moved[gate.table])]
            found += [Asked(gate.table, tuple(told), part), Asked(gate.table, tuple(each for each in gate.promises if each not in among), _rows(gate))]
    return found


def _part(gate: Gate, renewed: Renewed) -> str | None:
    """The rows that changed, None where none did."""
    file = gate.file
    if file is None:
        return reached_name(gate.table) if renewed.moved.get(gate.table) else None
    if file.name in renewed.anew or (file.view and not file.lasting and renewed.day):
        return _rows(gate)
    if file.view:
        return f"({renewed.reached[file.name]})" if file.name in renewed.reached else None
    return _reached(gate, file.follows) if file.follows and file.name in renewed.followed else None


def _reached(gate: Gate, follows: Follows) -> str:
    return f"(select * from {_rows(gate)} where ({follows.kind}, {follows.mart_entity}) in (select kind, entity from reached))"


def _rows(gate: Gate) -> str:
    return f'snap."{gate.relation}"'


def _by_row(promise: Promise) -> bool:
    """Whether a row that stays as it is keeps it, whatever others do."""
    return by_row(promise.check, promise.arguments) and promise.limit.share is None and not promise.limit.rows


def _concerned(promise: Promise, moved: Collection[str]) -> bool:
    """Whether it may read one of the columns that changed."""
    read = reads(promise.check, promise.arguments)
    return read is None or not read.isdisjoint(moved)
