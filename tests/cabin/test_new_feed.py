"""A feed nobody has seen: one YAML file and one sample, and its rows stand in the marts. No code is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cabin.feed_kit import Column, Made, contract
from tests.cabin.kit import cabin, done

PARCEL_LOCKER = Made(
    "parcel_locker",
    "Parcel lockers",
    "智能快件箱",
    "Where parcel lockers stand and whether they work.",
    "Monthly list of the postal office.",
    "X01",
    ("邮政管理", "postal office"),
    "public_safety",
    (("modes", "[increment, snapshot]"), ("observed_at", '["timestamp_of(checked_at)"]'), ("area", '"null"'), ("record", '"locker_no"')),
    (
        Column("locker_no", "箱体编号", "Number on the locker.", physical="code"),
        Column("state", "使用状态", "In use or out of order.", rule=("state-unknown", "state in ('使用', '故障')", "状态未知", "the state is unknown")),
        Column("checked_at", "检查时间", "When somebody looked.", logical="timestamp"),
    ),
)
CONTRACT = contract(
    PARCEL_LOCKER,
    """\
  - name: thing
    physicalName: cabin.claims
    customProperties:
      - {property: cabin.entity, value: "'unit:' || locker_no"}
    properties:
      - {name: ownership, transformLogic: "'unit'"}
      - {name: status, transformLogic: "case state when '使用' then 'working' else 'faulty' end"}
""",
)
SAMPLE = "箱体编号,使用状态,检查时间\r\nKX001,使用,2026-10-01 08:00:00\r\nKX002,故障,2026-10-02 08:00:00\r\nKX003,被盗,2026-10-02 09:00:00\r\n"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with a contract of its own, and a sample beside it."""
    feeds = tmp_path / "data" / "feeds"
    feeds.mkdir(parents=True)
    (feeds / "parcel_locker.yaml").write_text(CONTRACT, encoding="utf-8")
    (tmp_path / "parcel_locker.csv").write_text(SAMPLE, encoding="utf-8", newline="")
    return tmp_path / "data"


def test_a_new_feed_goes_from_file_to_mart(data: Path) -> None:
    """Checked, listed, landed by its file's name, run, queried, explained; the row that breaks its rule waits in quarantine under the rule's own words."""
    assert cabin(data, "contract", "check").out == "all contracts are valid\n"
    assert "智能快件箱" in done(data, "feed", "list", lang="zh").out
    landed = done(data, "--json", "land", "auto", str(data.parent / "parcel_locker.csv")).document["landed"][0]
    assert (landed["feed"], landed["landed"]) == ("parcel_locker", 3)
    done(data, "run")
    rows = done(data, "--json", "sql", "select entity, status, ownership from thing_current order by entity").document["rows"]
    assert rows == [
        {"entity": "unit:KX001", "status": "working", "ownership": "unit"},
        {"entity": "unit:KX002", "status": "faulty", "ownership": "unit"},
    ]
    assert {"kind": "thing", "n": 2} in done(data, "--json", "sql", "select kind, count(*) as n from entity_current group by all").document["rows"]
    assert "Parcel lockers (parcel_locker) agrees: faulty" in done(data, "explain", "thing", "unit:KX002").out
    kept = done(data, "--json", "quarantine", "list").document["rows"]
    assert [(row["feed"], row["row"], row["reason"]) for row in kept] == [("parcel_locker", 3, "state-unknown")]
    assert "状态未知" in done(data, "quarantine", "show", kept[0]["delivery"], "3", lang="zh").out


WRONG = {
    "an attribute that does not exist": ("{name: status, transformLogic", "{name: statu, transformLogic", "statu"),
    "a column without purpose": ("          - {property: cabin.purpose, value: public_safety}\n", "", "purpose"),
    "SQL that cannot be read": ("case state when '使用' then", "case state wen '使用' then", "sql-does-not-bind"),
    "a column that does not exist": ("state in ('使用', '故障')", "stat in ('使用', '故障')", "stat"),
    "an unknown mode": ("[increment, snapshot]", "[increment, refresh]", "refresh"),
    "no YAML at all": ("apiVersion: v3.2.0", "apiVersion: [v3.2.0", ""),
}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_contract_is_refused_with_file_line_fact_and_hint(data: Path, name: str, lang: str) -> None:
    """Exit code 1; each mistake one line that says where it stands and one that says what to do, also in JSON."""
    old, new, says = WRONG[name]
    file = data / "feeds" / "parcel_locker.yaml"
    assert old in CONTRACT
    file.write_text(CONTRACT.replace(old, new, 1), encoding="utf-8")
    said = cabin(data, "contract", "check", str(file), lang=lang)
    problems = cabin(data, "--json", "contract", "check", str(file), lang=lang).document["problems"]
    assert (said.code, said.err) == (1, "")
    assert problems and any(says in problem["fact"] + problem["code"] for problem in problems)
    for problem in problems:
        place = f"{problem['file']}:{problem['line']}: {problem['fact']} [{problem['code']}]"
        assert place in said.out and problem["hint"] in said.out
        assert problem["file"].endswith("parcel_locker.yaml") and 1 <= problem["line"] <= CONTRACT.count("\n") + 1
    assert ("建议" in said.out) == (lang == "zh") and ("hint:" in said.out) == (lang == "en")


def test_a_broken_contract_stops_landing_in_words(data: Path) -> None:
    """A file that is no contract stops every command that needs contracts: exit code 1, a sentence and a hint that names the check."""
    (data / "feeds" / "parcel_locker.yaml").write_text("kind: [", encoding="utf-8")
    said = cabin(data, "land", "parcel_locker", str(data.parent / "parcel_locker.csv"), lang="zh")
    assert said.code == 1 and "契约" in said.err and "cabin contract check" in said.err and "Traceback" not in said.err
