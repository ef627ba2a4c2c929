"""Load all contracts of a release: `load()`.

Nothing is read at import; a process reads the same files once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from contracts.codes_read import DIVISIONS, code_lists_of, labels_of, tables_of, texts_of
from contracts.errors import InvalidContract
from contracts.model import MOST_SOURCES, Contracts, Feed, Kind, Label, Mart
from contracts.odcs import Flavour, document_of, flavour_of
from contracts.problems import Problem
from contracts.read_feed import feed_of
from contracts.read_kind import kind_of, mart_of

if TYPE_CHECKING:
    from open_data_contract_standard.model import OpenDataContractStandard

HOME = Path(__file__).parent
"""The contracts that are shipped."""
FOLDERS = ("entities", "feeds", "marts")
OLD = "old"
"""The folder beside the files of feeds that holds their older major versions, as `<feed>.v<major>.yaml`: messages on logs carry them for ever."""
_Built = TypeVar("_Built", Feed, Kind, Mart)


@dataclass(frozen=True, slots=True)
class _Document:
    """One file, parsed; `name` is the document's id."""

    file: str
    text: str
    flavour: Flavour
    name: str
    document: OpenDataContractStandard


def load(folder: Path | None = None, extra: Sequence[Path] = ()) -> Contracts:
    """All contracts of `folder` (default: those shipped), with those of `extra` added.

    `extra` holds files, or folders whose `*.yaml` (feeds, marts) and `*.csv` (code lists) are taken; a name already there is refused.
    Raises: `InvalidContract`. Contracts with mistakes of meaning load, or fail with the first mistake only: `contracts.check` tells all of them with lines.
    """
    return _load((folder or HOME).resolve(), tuple(path.resolve() for path in extra))


def yaml_files(folder: Path, extra: Iterable[Path] = ()) -> list[Path]:
    """Every contract file of a release, in reading order."""
    shipped = [file for name in FOLDERS for file in sorted((folder / name).glob("*.yaml"))]
    return shipped + _members(extra, ".yaml")


def older_files(folder: Path, extra: Iterable[Path] = ()) -> list[Path]:
    """The files of older versions of feeds, those shipped first; of a file that is named directly, those of its own feed."""
    found = sorted((folder / "feeds" / OLD).glob("*.yaml"))
    for path in extra:
        found += sorted((path / OLD).glob("*.yaml") if path.is_dir() else (path.parent / OLD).glob(f"{path.stem}.v*.yaml"))
    return found


def _members(paths: Iterable[Path], suffix: str) -> list[Path]:
    """Files named directly or lying in a named folder."""
    return [file for path in paths for file in (sorted(path.glob(f"*{suffix}")) if path.is_dir() else [path]) if file.suffix == suffix]


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts that a release's contracts are made of: `documents` (feeds, kinds, marts) by name of file, in reading order; `codes` by list; `others`: rules.sql and ban.yaml; `older`: older versions of feeds by name of file."""

    documents: tuple[tuple[str, str], ...]
    codes: Mapping[str, str]
    others: Mapping[str, str]
    older: tuple[tuple[str, str], ...] = ()


def texts(folder: Path | None = None, extra: Sequence[Path] = ()) -> Texts:
    """What `load` reads. Raises: `InvalidContract`."""
    home = (folder or HOME).resolve()
    others = {file.name: read_text(file) for file in (home / "rules.sql", home / "codes" / "ban.yaml") if file.exists()}
    documents, older = (tuple((file.name, read_text(file)) for file in files) for files in (yaml_files(home, extra), older_files(home, extra)))
    return Texts(documents, _codes(home, extra), others, older)


@cache
def _load(folder: Path, extra: tuple[Path, ...]) -> Contracts:
    return of_texts(texts(folder, extra))


def of_texts(given: Texts) -> Contracts:
    """The contracts of a release, also of one whose files are there no more. Raises: `InvalidContract`."""
    codes, documents, older = dict(given.codes), _documents(given.documents), _documents(given.older)
    feeds = _built(documents, "feed", feed_of)
    made = Contracts(
        feeds=feeds,
        kinds=_built(documents, "kind", kind_of),
        marts=_built(documents, "mart", mart_of),
        code_lists=MappingProxyType(code_lists_of(codes)),
        rules_sql=given.others.get("rules.sql", ""),
        fingerprint=fingerprint_of({**_named(documents), **codes, **given.others, **{f"{OLD}/{each.file}": each.text for each in older}}),
        divisions=MappingProxyType(_divisions(codes)),
        tables=MappingProxyType(_tables(codes)),
        older=MappingProxyType(_older(older, feeds)),
    )
    _refuse_crowds(made, {each.name: each.file for each in documents if each.flavour == "kind"})
    return made


def _named(documents: Iterable[_Document]) -> dict[str, str]:
    return {f"{each.flavour}/{each.name}": each.text for each in documents}


def _older(documents: Iterable[_Document], feeds: Mapping[str, Feed]) -> dict[str, tuple[Feed, ...]]:
    """Older versions by feed, the oldest first; each is older than the feed, and there once."""
    found: dict[str, dict[int, Feed]] = {}
    for each in documents:
        feed = _build(each.file, each.document, feed_of)
        newest = feeds[feed.name].version if feed.name in feeds else feed.version + 1
        if each.flavour != "feed" or feed.version >= newest or feed.version in found.get(feed.name, ()):
            raise InvalidContract(file=f"{OLD}/{each.file}", detail=f"it is no older version of the feed {feed.name}, or one that is there already")
        found.setdefault(feed.name, {})[feed.version] = feed
    return {name: tuple(versions[number] for number in sorted(versions)) for name, versions in sorted(found.items())}


def _refuse_crowds(made: Contracts, files: dict[str, str]) -> None:
    """Golden rows have room for so many feeds; `files` by kind."""
    for kind in sorted(files):
        if len(made.sources(kind)) > MOST_SOURCES:
            problem = Problem(files[kind], 1, "too-many-sources", (("target", kind), ("most", str(MOST_SOURCES))))
            raise InvalidContract(file=problem.file, detail=problem.fact)


def _codes(folder: Path, extra: Iterable[Path]) -> dict[str, str]:
    """The texts of code lists by name; an added one may not replace a shipped one."""
    shipped, added = texts_of(sorted((folder / "codes").glob("*.csv"))), texts_of(_members(extra, ".csv"))
    for name in shipped.keys() & added.keys():
        raise InvalidContract(file=f"{name}.csv", detail=f"the name {name} is taken by another code list")
    return shipped | added


def _documents(files: Iterable[tuple[str, str]]) -> list[_Document]:
    found: list[_Document] = []
    for file, text in files:
        document = document_of(text, file)
        flavour = flavour_of(document)
        if flavour is None:
            raise InvalidContract(file=file, detail="it describes neither a feed nor a kind nor a mart")
        found.append(_Document(file, text, flavour, str(document.id), document))
    return found


def read_text(file: Path) -> str:
    """A contract file's text. Raises `InvalidContract` where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidContract(file=file.name, detail=f"{type(fault).__name__}") from fault


def _built(documents: Iterable[_Document], flavour: Flavour, build: Callable[[OpenDataContractStandard], _Built]) -> MappingProxyType[str, _Built]:
    """The contracts of one flavour by name."""
    found: dict[str, _Built] = {}
    for each in (each for each in documents if each.flavour == flavour):
        built = _build(each.file, each.document, build)
        if built.name in found:
            raise InvalidContract(file=each.file, detail=f"the name {built.name} is taken by another contract")
        found[built.name] = built
    return MappingProxyType(found)


def _build(file: str, document: OpenDataContractStandard, build: Callable[[OpenDataContractStandard], _Built]) -> _Built:
    try:
        return build(document)
    except (KeyError, ValueError, TypeError, IndexError) as fault:
        raise InvalidContract(file=file, detail=f"{type(fault).__name__}: {fault}") from fault


def _divisions(codes: dict[str, str]) -> dict[str, Label]:
    return labels_of(codes[DIVISIONS]) if DIVISIONS in codes else {}


def _tables(codes: dict[str, str]) -> dict[str, tuple[tuple[str | None, ...], ...]]:
    try:
        return tables_of(codes)
    except ValueError as fault:
        raise InvalidContract(file="codes", detail=str(fault)) from fault


def fingerprint_of(texts: dict[str, str]) -> str:
    """The SHA-256 over names and texts in name order: where the files lie does not matter."""
    digest = hashlib.sha256()
    for name, text in sorted(texts.items()):
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    return digest.hexdigest()
