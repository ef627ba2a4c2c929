"""`cabin contract infer` and `cabin contract test` as a person meets them: tables, JSON, refusals, and a data folder that stays as it was."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from contracts.read import load
from tests.cabin.kit import cabin, done, tree

FEEDS = Path(__file__).parents[1] / "golden" / "feeds"
LAID_OUT = Path(__file__).parents[2] / "contracts" / "feeds"


def renamed(folder: Path, feed: str) -> Path:
    """A shipped contract under a name of its own, as a department's draft."""
    file = folder / f"{feed}_new.yaml"
    text = (LAID_OUT / f"{feed}.yaml").read_text(encoding="utf-8")
    file.write_text(
        text.replace(f"{feed}.", f"{feed}_new.").replace(f"id: {feed}\n", f"id: {feed}_new\n").replace(f"name: {feed}\n", f"name: {feed}_new\n"),
        encoding="utf-8",
    )
    return file


def tried(folder: Path, feed: str, sample: Path | None = None) -> dict[str, Any]:
    """What the trial of a sample says to machines."""
    file = sample or next(each for each in (FEEDS / feed).glob("sample.*") if each.suffix != ".json")
    return cabin(folder / "data", "--json", "contract", "test", str(renamed(folder, feed)), str(file)).document


def test_every_row_has_its_fate_and_the_totals_are_those_of_landing(tmp_path: Path) -> None:
    """Rows come in order with number and fate; the counts are those that landing and normalising give for the same sample; names and numbers are not shown."""
    document = tried(tmp_path, "ps_resident")
    fates = [(row["row"], row["fate"], row["reason"]) for row in document["rows"]]
    assert [row for row, _, _ in fates] == list(range(1, 12))
    assert fates[3] == (4, "quarantined", "unidentified:doc_no") and fates[6] == (7, "reduced", "")
    assert {name: document[name] for name in ("delivered", "accepted", "quarantined", "refused", "reduced")} == {
        "delivered": 11, "accepted": 8, "quarantined": 2, "refused": 0, "reduced": 1,
    }  # fmt: skip
    totals = {(each["what"], each["name"]): each["rows"] for each in document["totals"]}
    assert (totals["claims", "person"], totals["claims", "residency"]) == (8, 6)
    assert totals["flag", "sex-disagrees"] == sum("sex-disagrees" in row["flags"] for row in document["rows"]) == 2
    assert "name, sex" in document["rows"][0]["claims"] and "王建军" not in str(document) and "330302197001010014" not in str(document)


def test_plain_values_are_shown_and_ids_shortened(tmp_path: Path) -> None:
    """Of a business its status and industry are readable, its name (which may be a person's) is not; an entity's id shows eight characters."""
    first = tried(tmp_path, "mr_business")["rows"][0]["claims"]
    assert "business 91110000…: name, status=1" in first and "industry_code=F5199" in first
    assert "鼎业" not in first and "91110000600037341L" not in first


def test_banned_values_and_layout_rows_are_told_row_by_row(tmp_path: Path) -> None:
    """A row with a banned word is refused with its rule, a total is layout; both keep their numbers, the others are accepted."""
    lines = (FEEDS / "fire_hazard" / "sample.csv").read_text("utf-8").splitlines()
    cells = lines[1].split(",")
    cells[4] = "精神障碍患者"
    sample = tmp_path / "hazards.csv"
    sample.write_text("\n".join([*lines[:3], ",".join(cells), "合计" + "," * (len(cells) - 1), ""]), encoding="utf-8")
    rows = tried(tmp_path, "fire_hazard", sample)["rows"]
    assert [(row["row"], row["fate"], row["reason"]) for row in rows] == [
        (1, "accepted", ""),
        (2, "accepted", ""),
        (3, "refused", "health.mental"),
        (4, "layout", ""),
    ]


def test_a_trial_leaves_nothing_behind(tmp_path: Path) -> None:
    """Neither the data folder nor the folder for temporary files holds anything afterwards; an own feed of the same name is not in the way."""
    contract = renamed(tmp_path, "ps_resident")
    own = tmp_path / "data" / "feeds"
    own.mkdir(parents=True)
    (own / "residents.yaml").write_text(contract.read_text(encoding="utf-8"), encoding="utf-8")
    before, temporary = tree(tmp_path), {each for each in Path(tempfile.gettempdir()).iterdir() if each.name.startswith("cabin-test-")}
    said = done(tmp_path / "data", "contract", "test", str(contract), str(FEEDS / "ps_resident" / "sample.csv"), "--limit", "3", lang="zh")
    assert "（另有 8 行）" in said.out and "未保存任何内容" in said.out
    assert tree(tmp_path) == before
    assert {each for each in Path(tempfile.gettempdir()).iterdir() if each.name.startswith("cabin-test-")} <= temporary


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_exchanged_columns_and_foreign_layouts_are_refused_whole(tmp_path: Path, lang: str) -> None:
    """As at landing: two exchanged columns and another department's layout are one sentence and a hint, exit code 1."""
    header, *rows = [line.split(",") for line in (FEEDS / "ps_resident" / "sample.csv").read_text("gb18030").splitlines()]
    swapped = tmp_path / "swapped.csv"
    swapped.write_text("\n".join(",".join([*row[:2], row[3], row[2], *row[4:]]) for row in rows[:3]).join([",".join(header) + "\n", "\n"]), encoding="utf-8")
    for sample, code in ((swapped, "swapped-columns"), (FEEDS / "mr_business" / "sample.csv", "another-layout")):
        arguments = ("contract", "test", str(renamed(tmp_path, "ps_resident")), str(sample))
        text, machine = cabin(tmp_path / "data", *arguments, lang=lang), cabin(tmp_path / "data", "--json", *arguments, lang=lang)
        assert (text.code, machine.document["error"]["code"]) == (1, code)
        assert code != "another-layout" or "mr_business" in text.err
        assert text.err.startswith("error: ") and "\nhint: " in text.err and "Traceback" not in text.err


def test_a_wrong_contract_is_told_before_anything_is_read(tmp_path: Path) -> None:
    """The problems of the contract come as `cabin contract check` tells them, with exit code 1."""
    contract = renamed(tmp_path, "mr_business")
    contract.write_text(contract.read_text(encoding="utf-8").replace("credit_code(uscc)", "credit_cod(uscc)"), encoding="utf-8")
    said = cabin(tmp_path / "data", "contract", "test", str(contract), str(FEEDS / "mr_business" / "sample.csv"))
    assert said.code == 1 and "[sql-does-not-bind]" in said.out and "rows accepted" not in said.out


def test_drafting_prints_or_writes_and_never_writes_over(tmp_path: Path) -> None:
    """Without --to the draft is printed below the tables; with it a new file is written, and what exists stays as it is."""
    sample, to = str(FEEDS / "mr_business" / "sample.csv"), tmp_path / "draft.yaml"
    printed = done(tmp_path / "data", "--json", "contract", "infer", sample, "--feed", "firms").document
    assert printed["draft"].count("# QUESTION") == len(printed["questions"]) and printed["kinds"][0]["kind"] == "business"
    done(tmp_path / "data", "contract", "infer", sample, "--feed", "firms", "--to", str(to))
    assert to.read_text(encoding="utf-8") == printed["draft"]
    again = cabin(tmp_path / "data", "--json", "contract", "infer", sample, "--feed", "firms", "--to", str(to))
    nowhere = cabin(tmp_path / "data", "--json", "contract", "infer", sample, "--feed", "firms", "--to", str(tmp_path / "no" / "draft.yaml"))
    assert [each.document["error"]["code"] for each in (again, nowhere)] == ["file-exists", "folder-missing"]
    assert tree(tmp_path) == {"draft.yaml"} and load().feeds.get("firms") is None
