"""Mistakes in upcasts and in the kept versions of a feed are told with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts import InvalidContract
from contracts.aliases import UNALIASED
from contracts.check import check
from contracts.read import HOME, load, texts
from contracts.releases import contracts_of, parts_of
from tests.cabin.lodging_kit import ADDED, CONTRACT_1, CONTRACT_2

UPCAST = "value: [{from: 1, columns: {stay: \"'3'\"}}]"
OLD = "old/lodging.v1.yaml"


def lying(folder: Path, **files: str) -> Path:
    for name, text in {"lodging.yaml": CONTRACT_2, OLD: CONTRACT_1, **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def told(folder: Path) -> list[tuple[str, str, int]]:
    return [(problem.code, Path(problem.file).name, problem.line) for problem in check([folder])]


def upcast(value: str) -> str:
    assert UPCAST in CONTRACT_2 and ADDED in CONTRACT_2
    return CONTRACT_2.replace(UPCAST, f"value: {value}")


LINE = CONTRACT_2[: CONTRACT_2.index("cabin.upcasts")].count("\n") + 1
WRONG = {
    "no version": ("[{columns: {stay: \"'3'\"}}]", "missing-property"),
    "a version that is not kept": ("[{from: 0}]", "version-not-kept"),
    "a version that is no older one": ("[{from: 2}]", "unknown-value"),
    "a version twice": ("[{from: 1}, {from: 1}]", "unknown-value"),
    "a property that means nothing": ("[{from: 1, column: {}}]", "unknown-property"),
    "a column that is not there": ("[{from: 1, columns: {guest: home}}]", "unknown-column"),
    "SQL over a column of the new version": ("[{from: 1, columns: {stay: lodger}}]", "sql-does-not-bind"),
    "SQL that cannot be read": ("[{from: 1, columns: {stay: \"upper(\"}}]", "sql-does-not-bind"),
    "an identifier made of a cell": ("[{from: 1, columns: {doc_no: lodger_no}}]", "identifier-from-cell"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_each_mistake_in_an_upcast_is_told_at_its_line(tmp_path: Path, name: str) -> None:
    """One problem, in the new version's file, where the upcast stands."""
    value, code = WRONG[name]
    assert told(lying(tmp_path, **{"lodging.yaml": upcast(value)})) == [(code, "lodging.yaml", LINE)]


@pytest.mark.parametrize("value", ["[{from: 1}]", '[{from: 1, columns: {doc_no: doc_no, stay: "upper(guest)"}}]', "[]"])
def test_sound_upcasts_have_no_problem(tmp_path: Path, value: str) -> None:
    """Nothing but the version, an identifier from the identifier of its sort, SQL over old columns, and no upcast at all are all right; the file by itself finds its old versions."""
    folder = lying(tmp_path, **{"lodging.yaml": upcast(value)})
    assert told(folder) == [] == told(folder / "lodging.yaml")


def test_kept_versions_are_judged_too(tmp_path: Path) -> None:
    """A kept version has the file name that its id and version ask for and a feed that it is a version of; its rules must bind; its mapping is asked only where nobody upcasts it."""
    line = CONTRACT_1[: CONTRACT_1.index("version: 1")].count("\n") + 1
    assert told(lying(tmp_path / "name", **{"old/lodging.v7.yaml": CONTRACT_1.replace("version: 1", "version: 0")})) == [
        ("misnamed-version", "lodging.v7.yaml", line)
    ]
    gone = lying(tmp_path / "gone")
    (gone / "lodging.yaml").unlink()
    assert [code for code, *_ in told(gone)] == ["unknown-source"]
    broken = CONTRACT_1.replace("length(trim(guest)) > 1", "length(trim(lodger)) > 1")
    assert [each[:2] for each in told(lying(tmp_path / "sql", **{OLD: broken}))] == [("sql-does-not-bind", "lodging.v1.yaml")]
    strange = CONTRACT_1.replace("{name: doc_check,", "{name: no_such_attribute,")
    assert told(lying(tmp_path / "upcast", **{OLD: strange})) == []
    assert [code for code, *_ in told(lying(tmp_path / "alone", **{OLD: strange, "lodging.yaml": upcast("[]")}))] == ["unknown-attribute"]


def test_older_versions_are_no_feeds_of_their_own(tmp_path: Path) -> None:
    """The folder beside the feeds is read for versions only: one feed more, its version known by number; releases hold the old text, and another one is another release."""
    folder = lying(tmp_path)
    known = load(extra=(folder,))
    assert set(known.feeds) == {*load().feeds, "lodging"} and known.feeds["lodging"].version == 2
    assert [each.version for each in known.older["lodging"]] == [1] and known.version_of("lodging", 3) is None
    parts = parts_of(texts(extra=(folder,)), {}, UNALIASED)
    assert contracts_of(parts) == known
    other = load(HOME, extra=(lying(tmp_path / "other", **{OLD: CONTRACT_1.replace("Who lodges", "Who lived")}),))
    assert other.fingerprint != known.fingerprint


@pytest.mark.parametrize("text", [CONTRACT_2, CONTRACT_1.replace("id: lodging\nname", "id: lodging\nnamed: 1\nname")], ids=["no older", "unknown key"])
def test_what_is_no_older_version_stops_everything(tmp_path: Path, text: str) -> None:
    """A file in the folder that is not older than its feed, or no contract at all, is refused by name: else old messages would be read by chance."""
    with pytest.raises(InvalidContract, match=r"lodging\.v1\.yaml"):
        load(extra=(lying(tmp_path, **{OLD: text}),))
