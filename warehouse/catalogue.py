"""The mart files: what each says of itself in its head, and the order in which they are built."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from warehouse.errors import MartOrder
from warehouse.relations import Relation
from warehouse.suppress.head import suppression_of
from warehouse.suppress.rule import Suppression

HOME = Path(__file__).parent / "marts"


@dataclass(frozen=True, slots=True)
class Follows:
    """How a mart is brought up to date from touched entities: the relation it is driven by, with the kind and entity of a row of the relation and of the mart.

    `narrows`: tables of which only rows matter whose column names such an entity. `anew`: what makes all of the mart anew, `day` for another day."""

    relation: str
    kind: str
    entity: str
    mart_entity: str
    narrows: Mapping[str, str] = field(default_factory=dict)
    anew: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MartFile:
    """One mart: its select and its head. `view`: kept as a view, because it is cheap to answer and depends on the moment; `lasting`: as one that names no moment,
    so that a copy of a snapshot has it. `suppress`: what to hide of its rows, where it counts persons by area. `sorted`: how its rows lie in a file that is made whole,
    so that who looks for a key reads few of them; those that are made anew later lie at the end.
    `columns`: of tables of which it reads these columns only, and not through a relation; a change of others is none to it."""

    name: str
    sql: str
    sentence: str
    grain: tuple[str, ...]
    reads: tuple[str, ...]
    consumers: tuple[str, ...]
    view: bool
    lasting: bool
    follows: Follows | None
    suppress: Suppression | None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sorted: tuple[str, ...] = ()

    @property
    def sorted_sql(self) -> str:
        return f"\norder by {', '.join(self.sorted)}" if self.sorted else ""


def mart_files(folder: Path = HOME) -> dict[str, MartFile]:
    """All marts of a folder in building order."""
    return marts_in(mart_texts(folder))


def mart_texts(folder: Path = HOME) -> dict[str, str]:
    """The text of each mart file of a folder, by name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.sql"))}


def marts_in(texts: Mapping[str, str]) -> dict[str, MartFile]:
    """The marts of these texts in building order. Raises: `MartOrder`."""
    found = {name: mart_file(name, text) for name, text in sorted(texts.items())}
    return {name: found[name] for name in ordered(found)}


def mart_file(name: str, text: str) -> MartFile:
    """Reads the head of one file: the first comment line is the sentence, `Grain:`, `Reads:`, `Consumers:` and `Sorted:` are lists."""
    lines = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
    if not lines:
        raise MartOrder(mart=name, detail="its file has no head")
    head = " ".join(lines)
    return MartFile(
        name,
        text.rstrip().rstrip(";"),
        lines[0],
        _list(head, "Grain"),
        _list(head, "Reads"),
        _list(head, "Consumers"),
        "Kept as: view" in head or "Kept as: lasting view" in head,
        "Kept as: lasting view" in head,
        _follows(head),
        suppression_of(head),
        columns={name: tuple(listed.split(", ")) for name, listed in re.findall(r"(\w+) \(([^)]*)\)", _said(head, "Reads"))},
        sorted=_list(head, "Sorted"),
    )


def ordered(files: Mapping[str, MartFile]) -> list[str]:
    """Names in dependency order, by name where free.

    Raises: `MartOrder` where marts read each other in a ring.
    """
    done: list[str] = []
    while len(done) < len(files):
        ready = [name for name, file in sorted(files.items()) if name not in done and all(read in done or read not in files for read in file.reads)]
        if not ready:
            ring = next(name for name in sorted(files) if name not in done)
            raise MartOrder(mart=ring, detail="it reads itself through others")
        done += ready
    return done


def with_relations(sql: str, reads: Iterable[str], compiled: Mapping[str, Relation], replaced: Mapping[str, str] | None = None) -> str:
    """The select with the compiled relations it reads in front; `replaced` stands in for relations or tables by name."""
    replaced = replaced or {}
    wanted: list[str] = []
    _collect(tuple(reads), compiled, wanted)
    parts = ", ".join(_step(name, compiled.get(name), replaced.get(name)) for name in wanted if name in compiled or name in replaced)
    return f"with {parts}\nselect * from (\n{sql}\n)" if parts else sql


def _step(name: str, relation: Relation | None, text: str | None) -> str:
    kept = relation is not None and relation.kept
    sql = text or (relation.sql if relation else "")
    return f"{name} as {'' if kept else 'not '}materialized (\n{sql}\n)"


def _collect(reads: tuple[str, ...], compiled: Mapping[str, Relation], wanted: list[str]) -> None:
    """Names in an order in which each stands after what it reads."""
    for name in reads:
        if name not in wanted:
            _collect(compiled[name].reads if name in compiled else (), compiled, wanted)
            wanted.append(name)


def _list(head: str, word: str) -> tuple[str, ...]:
    """What is listed, without the columns in brackets behind a name."""
    said = re.sub(r" \([^)]*\)", "", _said(head, word))
    return tuple(part.strip() for part in said.split(",")) if said else ()


def _said(head: str, word: str) -> str:
    match = re.search(rf"\b{word}: ([^.]*)\.", head)
    return match[1] if match else ""


def _follows(head: str) -> Follows | None:
    """`Follows: relation, kind, entity; mart entity. Narrows: table by column. Anew: day, table.`"""
    match = re.search(r"Follows: (\w+), ([^,]+), ([^;]+); ([^.]+)\.", head)
    if match is None:
        return None
    relation, kind, entity, mart_entity = (part.strip() for part in match.groups())
    narrows = {table: column for table, _, column in (each.partition(" by ") for each in _list(head, "Narrows"))}
    return Follows(relation, kind, entity, mart_entity, narrows, _list(head, "Anew"))
