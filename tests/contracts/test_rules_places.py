"""Which division an address lies in: the whole table, and the cases that a simpler reading gets wrong."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import load
from tests.contracts.oracle_places import Table, level, parent, short
from tests.contracts.rules_kit import Asker

HEAD = "浙江省温州市鹿城区五马街道八仙楼社区"
STAND_IN = "330383198"
"""The one township of a county-level city without townships; nobody writes its name."""

REGIONS = {
    "龙港市下埠社区龙翔路3号": "330383198007/龙翔路/3",
    "浙江省瑞安市安阳街道解放路3号": "330381001/解放路/3",
    "五马街道八仙楼社区解放街12号": "330302006071/解放街/12",
    "五马街道解放街12号": "-/五马街道解放街/12",
    "鹿城区解放街12号": "330302/解放街/12",
    "鹿城区城乡路12号501室": "330302/城乡路/12/-/-/501",
    "北京市朝阳区建国路8号": "-/北京市朝阳区建国路/8",
    HEAD: "330302006071",
}
"""A township and its village say where they lie; a township alone does not; another city's district is no division of the table."""

TAILS = {
    "解放街锦绣和苑3幢": "解放街/-/3",
    "解放街12号锦绣和苑3幢2单元501室(出租)": "解放街/12/3/2/501",
    "解放路小区3幢": "解放路小区/-/3",
    "锦绣和苑A区3幢": "锦绣和苑A区/-/3",
    "解放街12弄3号501": "解放街12弄/3/-/-/501",
    "解放街12号501号": "解放街/12/-/-/501",
    "解放街12-1号0012": "解放街/12-1/-/-/12",
    "解放街12号3幢2-501": "解放街/12/3/2/501",
    "锦绣和苑1-10幢": "锦绣和苑/-/1-10",
    "解放街一百零五号十二幢": "解放街/105/12",
    "上岙自然村12号3室": "上岙自然村/12/-/-/3",
}
"""A road before an estate names the address; letters and lanes belong to names; a range of buildings stays a set."""


def test_every_village_of_the_table_is_found_by_its_full_name(rules: Asker) -> None:
    """County, township and village as published lead to the village's own code, for every one of them; the stand-in township goes unnamed."""
    names = {code: label.zh for code, label in load().divisions.items()}
    villages = [code for code in names if len(code) == 12]
    texts = [names[code[:6]] + ("" if code.startswith(STAND_IN) else names[code[:9]]) + names[code] + "解放路1号" for code in villages]
    wrong = [(text, key) for code, text, key in zip(villages, texts, rules.ask("address_key(x)", texts), strict=True) if key != f"{code}/解放路/1"]
    assert wrong == []


def test_names_of_villages_may_end_as_people_say_them(rules: Asker) -> None:
    """老涂村, 老涂村委会 and 老涂村民委员会 are one village."""
    names = {code: label.zh for code, label in load().divisions.items()}
    code = next(code for code, name in names.items() if len(code) == 12 and name.endswith("村委会"))
    stem = names[code[:6]] + names[code[:9]] + names[code].removesuffix("村委会")
    assert rules.ask("address_division(address_key(x))", [stem + ending + "1号" for ending in ("村", "村委会", "村民委员会")]) == [code] * 3


@pytest.mark.parametrize("text", REGIONS)
def test_regions(rules: Asker, text: str) -> None:
    """As much of the division as the text proves."""
    assert rules.ask("address_key(x)", [text]) == [REGIONS[text]]


@pytest.mark.parametrize("text", TAILS)
def test_tails(rules: Asker, text: str) -> None:
    """What stands behind the village."""
    assert rules.ask("address_key(x)", [HEAD + text]) == [f"330302006071/{TAILS[text]}"]


NAMES = {code: label.zh for code, label in load().divisions.items()}
TABLE = Table(NAMES)


@st.composite
def named(draw: st.DrawFn) -> tuple[str | None, str | None, str | None]:
    """The names above and of one village of the table, some of them blank or another division's; a 村 as people say it."""
    village = draw(st.sampled_from(sorted(code for code in NAMES if len(code) == 12)))
    other = draw(st.sampled_from(sorted(code for code in NAMES if len(code) == 12)))
    county, township, name = (
        draw(st.sampled_from([NAMES[village[:length]], NAMES[village[:length]], NAMES[other[:length]], "", None, "无名"])) for length in (6, 9, 12)
    )
    return county, township, draw(st.sampled_from([name, name and name.replace("村委会", "村民委员会"), name and short(name)]))


@given(st.lists(named(), min_size=20, max_size=40))
@settings(max_examples=30)
def test_regions_agree_with_the_oracle(rules: Asker, parts: list[tuple[str | None, str | None, str | None]]) -> None:
    """Names in columns, true, mixed up or blank, prove as much of the division as a search of the whole table finds, never more."""
    assert rules.ask("address_place(x, y, z)", parts) == [TABLE.place(*each) for each in parts]


@given(st.lists(st.from_regex("[1-9][0-9]{0,12}", fullmatch=True), min_size=20, max_size=60))
@settings(max_examples=20)
def test_levels_and_parents_agree_with_the_oracle(rules: Asker, codes: list[str]) -> None:
    """The level of a division and the code of the one above are read off the number of digits; other numbers have neither."""
    assert rules.ask("division_level(x)", codes) == [level(code) for code in codes]
    assert rules.ask("division_parent(x)", codes) == [parent(code) for code in codes]


def test_every_division_that_ships_knows_its_level_and_parent(rules: Asker) -> None:
    """The shipped table's own levels and parents are what the codes say."""
    codes = [code for code in NAMES if len(code) > 2]
    assert rules.ask("division_level(x)", codes) == [level(code) for code in codes]
    assert [code for code, above in zip(codes, rules.ask("division_parent(x)", codes), strict=True) if above is None or above != parent(code)] == []
