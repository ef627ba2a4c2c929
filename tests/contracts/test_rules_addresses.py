"""Addresses: every example of the domain reference, and addresses whose key is known because the text was made from it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.oracle_addresses import PLACES, Address, Style, dwelling, level, silent
from tests.contracts.rules_kit import Asker

HEAD = "浙江省温州市鹿城区五马街道八仙楼社区"
EXAMPLES = {
    "浙江省温州市鹿城区五马街道八仙楼社区解放街１２号三幢二单元０５０１室": "330302006071/解放街/12/3/2/501",
    HEAD + "解放街12号3栋2单元501": "330302006071/解放街/12/3/2/501",
    HEAD + "解放街12号3号楼2单元5楼501室": "330302006071/解放街/12/3/2/501",
    HEAD + "解放街12号3座2单元五〇一室": "330302006071/解放街/12/3/2/501",
    HEAD + "锦绣花苑12-3-1001": "330302006071/锦绣花苑/-/12/3/1001",
    HEAD + "锦绣花苑3-501": "330302006071/锦绣花苑/-/-/-/3-501",
    HEAD + "解放街12": "330302006071/解放街/12",
    "鹿城区五马街道": "330302006",
    "无": None,
    "": None,
}
"""Text and key. `12-3-1001` is building, unit, room; `3-501` alone stays ambiguous; 无 is none."""


def small(last: int) -> st.SearchStrategy[str]:
    return st.integers(1, last).map(str)


@st.composite
def addresses(draw: st.DrawFn) -> Address:
    """On a road with a number, or in an estate; as deep as it goes, never with a gap the text could not show."""
    division = draw(st.sampled_from([*PLACES]))
    on_road = draw(st.booleans())
    basic = draw(st.sampled_from(["解放街", "望江东路", "县前头巷"] if on_road else ["锦绣花苑", "锦春坊", "纪祥新村小区"]))
    number = draw(small(400)) if on_road else ""
    building = draw(small(39)) if not on_road or draw(st.booleans()) else ""
    unit = draw(small(9)) if building and draw(st.booleans()) else ""
    room = draw(st.builds("{}{:02}".format, st.integers(1, 33), st.integers(1, 20))) if draw(st.booleans()) else ""
    return Address(division, basic, number, building, unit, room)


def styles() -> st.SearchStrategy[Style]:
    """Every mixture of a clerk's habits."""
    return st.builds(
        Style,
        st.integers(0, 2),
        st.sampled_from(["幢", "栋", "座", "号楼"]),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from(["室", "", "房"]),
        st.booleans(),
    )


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_of_the_reference(rules: Asker, text: str) -> None:
    """The address grammar's own examples, and the division that stands at the head of each key."""
    assert rules.ask("address_key(x)", [text]) == [EXAMPLES[text]]
    assert rules.ask("address_region(address_key(x))", [text]) == [(EXAMPLES[text] or "").partition("/")[0].removeprefix("-")]


@given(st.lists(st.tuples(addresses(), styles()), min_size=20, max_size=40))
@settings(max_examples=40)
def test_every_way_of_writing_gives_the_same_key(rules: Asker, made: list[tuple[Address, Style]]) -> None:
    """BLD, FW, ZERO, ADDR1: words for a building, Chinese numerals, full width and zeros do not change the key."""
    written = [style.text(address) for address, style in made]
    assert list(zip(written, rules.ask("address_key(x)", written), strict=True)) == [
        (text, address.key) for text, (address, _) in zip(written, made, strict=True)
    ]


@given(st.lists(addresses(), max_size=30))
@settings(max_examples=20)
def test_parts_give_the_key_of_the_whole(rules: Asker, made: list[Address]) -> None:
    """An address delivered in columns has the key of the same address in one cell."""
    whole = rules.ask("address_key(x)", [Style().text(address) for address in made])
    parts = [rules.one(_of_parts(address)) for address in made[:2]]
    assert parts == whole[:2] == [address.key for address in made[:2]]


def _of_parts(address: Address) -> str:
    township, village = PLACES[address.division]
    road, estate = (address.basic, "") if address.number else ("", address.basic)
    given_ = ["鹿城区", township, village, road, estate, f"{address.number}号" if address.number else "", address.building, address.unit, address.room]
    return "address_key_of_parts(" + ", ".join(f"'{part}'" if part else "null::varchar" for part in given_) + ")"


@given(st.lists(st.tuples(addresses(), addresses()), min_size=20, max_size=40))
@settings(max_examples=20)
def test_silence_agrees_with_the_oracle(rules: Asker, pairs: list[tuple[Address, Address]]) -> None:
    """A shallower claim in the same branch is silent on the deeper one, and nothing else is."""
    keys = [(first.key, second.key) for first, second in pairs]
    keys += [("/".join(first.key.split("/")[:cut]), first.key) for first, _ in pairs for cut in (1, 2, 3, 4, 5)]
    keys = [(shallow.rstrip("/-") or "-", deep) for shallow, deep in keys]
    assert rules.ask("address_silent(x, y)", keys) == [silent(*pair) for pair in keys]


def test_a_number_that_begins_alike_is_another_branch(rules: Asker) -> None:
    """No. 1 says nothing about No. 12, but the street does; township and village are one branch."""
    pairs = [
        ("330302006071/解放街/1", "330302006071/解放街/12"),
        ("330302006071/解放街", "330302006071/解放街/12"),
        ("330302006/解放街", "330302006071/解放街/12"),
        ("-/解放街", "330302006071/解放街/12"),
    ]
    assert rules.ask("address_silent(x, y)", pairs) == [silent(*pair) for pair in pairs] == [False, True, True, True]
    assert rules.ask("address_silent(y, x)", pairs) == [False] * 4


@given(st.lists(addresses(), min_size=20, max_size=40))
@settings(max_examples=20)
def test_pieces_of_keys(rules: Asker, made: list[Address]) -> None:
    """Level, division and building are read off the key."""
    keys = [address.key for address in made]
    assert rules.ask("address_level(x)", keys) == [level(key) for key in keys]
    assert rules.ask("address_division(x)", keys) == [address.division for address in made]
    shallower = [Address(each.division, each.basic, each.number, each.building).key for each in made]
    assert rules.ask("address_building(x)", keys) == shallower


@given(st.lists(st.text("浙江省温州市鹿城区五马街道解放路村社号幢栋楼单元室一二三十百〇123-０Ａ(（) 无#", max_size=30), min_size=20, max_size=60))
@settings(max_examples=40)
def test_any_text_has_one_well_formed_key_or_none(rules: Asker, texts: list[str]) -> None:
    """No text stops the parser; a key has at most six parts, none empty, no gap at its end."""
    for text, key in zip(texts, rules.ask("address_key(x)", texts), strict=True):
        parts = [] if key is None else key.split("/")
        assert len(parts) <= 6 and "" not in parts and parts[-1:] != ["-"], (text, key)


def test_rooms_compare_without_zeros(rules: Asker) -> None:
    """ZERO: 0501 and 501 are one room, with or without its word."""
    building, inside = "330302006071/解放街/12/3/2", "address_within('330302006071/解放街/12', '3幢', '二单元', x)"
    rooms = rules.ask(inside, ["0501", "501", "０５０１室", "501室", "无", ""])
    assert rooms == [f"{building}/501"] * 4 + [building] * 2
    assert rules.ask("no_zeros(x)", ["0501", "501", "00", ""]) == ["501", "501", "", ""]


def test_a_name_alone_never_resolves(rules: Asker) -> None:
    """A village's name without its township gives no division: such names stand many times."""
    assert rules.ask("address_division(address_key(x))", ["府前社区解放街12号", "新村3号"]) == [None, None]


def test_rooms_of_an_unknown_place_make_no_key(rules: Asker) -> None:
    """A building and a room without a readable address name no dwelling."""
    assert rules.one("address_within(null, '4', '1', '101')") is None
    assert rules.one("address_within('330302006071/解放街/12', '3', '2', '501')") == "330302006071/解放街/12/3/2/501"


@given(st.lists(addresses(), min_size=20, max_size=40), st.lists(st.text('无法辨认解放街[]"X12号/室', max_size=12), max_size=10))
@settings(max_examples=20)
def test_dwelling_keys_agree_with_the_oracle(rules: Asker, made: list[Address], typed: list[str]) -> None:
    """A key names a dwelling if its region is known and it says the unit or the room; what somebody typed never does without a region."""
    keys = [address.key for address in made]
    keys += ["-" + key[key.index("/") :] if "/" in key else key for key in keys]
    assert rules.ask("dwelling_key(x)", keys) == [dwelling(key) for key in keys]
    assert rules.ask("dwelling_key(address_key(x))", typed) == [None] * len(typed)


def test_text_that_names_no_place_names_no_dwelling(rules: Asker) -> None:
    """What stood as entities: words, a JSON list, a street without its town."""
    assert rules.ask("address_key(x)", ["无法辨认", "解放街12号"]) == ["-/无法辨认", "-/解放街/12"]
    assert (
        rules.ask("dwelling_key(address_key(x))", ["无法辨认", '["X"]', "解放街12号", "解放街12号3幢2单元501室", HEAD + "解放街12号", "", None]) == [None] * 7
    )
    assert rules.ask("dwelling_key(address_key(x))", [HEAD + "解放街12号3幢2单元"]) == ["330302006071/解放街/12/3/2"]


@given(st.lists(st.tuples(addresses(), styles()), min_size=20, max_size=30), st.sampled_from([(None, None), ("鹿城区", None), (None, "五马街道")]))
@settings(max_examples=15)
def test_a_whole_address_in_the_cell_of_the_road(rules: Asker, made: list[tuple[Address, Style]], regions: tuple[str | None, str | None]) -> None:
    """ADDR1: it is read from there if the columns of its regions are blank and it says the room; otherwise the cell holds a road."""
    written = [(style.text(address), *regions) for address, style in made]
    wanted = [address.key if address.room and regions == (None, None) else None for address, _ in made]
    assert rules.ask("address_in_one_cell(y, z, null, x)", written) == wanted
    assert rules.ask("address_in_one_cell(null, null, null, x)", [None, "解放街", HEAD + "解放街12号"]) == [None] * 3
