"""One side of a comparison: contracts, and in which file and line each says its version. Pure: files come as texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from contracts.evolution.compare import Verdict, verdicts
from contracts.evolution.rule import Flavour
from contracts.model import Contracts
from contracts.read import FOLDERS, OLD, Texts, of_texts

MARKS: tuple[tuple[str, Flavour, str], ...] = (
    ("cabin.format", "feed", "feeds"),
    ("cabin.retention_days", "kind", "entities"),
    ("cabin.consumers", "mart", "marts"),
)
"""The property that only documents of a flavour have, and the folder of a release that these lie in."""
ID = re.compile(r"^id:\s*['\"]?([\w-]+)", re.MULTILINE)
VERSION = re.compile(r"^version:", re.MULTILINE)
CODES = "codes"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a contract says its version."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Side:
    """Contracts to compare. `whole`: a release with everything in it; else only some files, and only those are compared."""

    contracts: Contracts
    whole: bool
    places: Mapping[tuple[Flavour, str], Place] = field(default_factory=dict)

    @classmethod
    def of(cls, texts: Texts, whole: bool) -> Side:
        """Raises: `InvalidContract`."""
        return cls(of_texts(texts), whole, dict(_places(texts.documents)))

    def owners(self) -> frozenset[tuple[Flavour, str]]:
        """Everything there is, by flavour and name."""
        contracts = self.contracts
        named: tuple[tuple[Flavour, Iterable[str]], ...] = (
            ("feed", contracts.feeds),
            ("kind", contracts.kinds),
            ("mart", contracts.marts),
            ("codes", contracts.code_lists),
        )
        return frozenset((flavour, name) for flavour, names in named for name in names)

    def place(self, flavour: Flavour, name: str) -> Place:
        """The file and line to edit; that of a code list is the list."""
        return self.places.get((flavour, name)) or Place(f"{CODES}/{name}.csv" if flavour == "codes" else name, 1)


def compared(old: Side, new: Side) -> list[Verdict]:
    """The verdicts of two sides; where one of them is not whole, of what it holds."""
    found = verdicts(old.contracts, new.contracts)
    if old.whole == new.whole:
        return found
    asked = (new if old.whole else old).owners()
    return [each for each in found if (each.flavour, each.name) in asked]


def texts_of(files: Mapping[str, str]) -> tuple[Texts, bool]:
    """The contracts among files by their paths within a folder, and whether the folder is a release (with feeds, entities and marts in folders of their own) or holds some files only."""
    paths = {PurePosixPath(name): text for name, text in sorted(files.items())}
    whole = any(path.parts[:1] == (folder,) for path in paths for folder in FOLDERS)
    homes = FOLDERS if whole else (".",)

    def lying(home: str, ending: str) -> Iterator[tuple[str, str]]:
        return ((path.name, text) for path, text in paths.items() if str(path.parent) == home and path.suffix == ending)

    codes = {PurePosixPath(name).stem: text for name, text in lying(CODES if whole else ".", ".csv")}
    others = {path.name: text for path, text in paths.items() if whole and str(path) in {"rules.sql", f"{CODES}/ban.yaml"}}
    documents = tuple(each for home in homes for each in lying(home, ".yaml"))
    return Texts(documents, codes, others, tuple(lying(f"feeds/{OLD}" if whole else OLD, ".yaml"))), whole


def together(one: Texts, other: Texts) -> Texts:
    """A release and what an installation added to it."""
    return Texts((*one.documents, *other.documents), {**one.codes, **other.codes}, {**one.others, **other.others}, (*one.older, *other.older))


def _places(documents: Iterable[tuple[str, str]]) -> Iterator[tuple[tuple[Flavour, str], Place]]:
    for file, text in documents:
        named, version = ID.search(text), VERSION.search(text)
        found = next(((flavour, folder) for mark, flavour, folder in MARKS if mark in text), None)
        if named and found:
            yield (found[0], named[1]), Place(f"{found[1]}/{file}", text.count("\n", 0, version.start()) + 1 if version else 1)
