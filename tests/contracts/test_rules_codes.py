"""Credit codes, industries, divisions and plates: every vector of the domain reference, and random texts against the oracle."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts import load
from tests.contracts import oracle
from tests.contracts.rules_kit import Asker

VALID = [
    "91110000600037341L",
    "91110108551385082Q",
    "91350100M000100Y43",
    "91330302MA00000040",
    "91330302MA00000330",
    "91330302MA00000620",
    "91330302MA00000910",
    "A1330302MA00000078",
    "N2330302MA0000007Q",
    "Y1330302MA0000007K",
]


def sound() -> st.SearchStrategy[str]:
    """Valid codes of every department."""
    shape = "[1-9ANY][0-9ABCDEFGHJKLMNPQRTUWXY][0-9]{6}[0-9ABCDEFGHJKLMNPQRTUWXY]{9}"
    return st.from_regex(shape, fullmatch=True).map(lambda code: code + oracle.credit_check_char(code))


def exchanged(code: str, letters: str, place: int) -> str:
    """The code with one of its signs written as the letter that looks like it."""
    return code[:place] + dict(zip("0152", letters, strict=True)).get(code[place], code[place]) + code[place + 1 :]


def test_vectors_of_the_standard(rules: Asker) -> None:
    """Codes with remainder zero and of departments A, N, Y are valid: the outer modulus counts."""
    assert set(rules.ask("credit_check(x)", VALID)) == {"valid"}
    assert rules.ask("credit_check(x)", ["", None, "91330302MA00000041", "9133030", "I1330302MA00000040", "91330302MA0000O040"]) == [
        "missing", "missing", "wrong_check", "wrong_form", "wrong_form", "wrong_form",
    ]  # fmt: skip
    assert rules.ask("credit_body_agrees(x)", VALID[:3]) == [True] * 3


@given(
    st.lists(
        sound() | sound().map(str.lower) | st.builds(exchanged, sound(), st.just("OISZ"), st.integers(0, 17)) | st.text("0123456789ABOISZ -Ａ", max_size=19),
        max_size=40,
    )
)
@settings(max_examples=40)
def test_credit_macros_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Code, verdict and proposal are the oracle's for any text."""
    assert rules.ask("credit_code(x)", texts) == [oracle.credit_code(text) for text in texts]
    verdicts = [oracle.credit_check(text) for text in texts]
    assert rules.ask("credit_check(x)", texts) == verdicts
    assert rules.ask("coalesce(credit_sound(credit_code(x)), false)", texts) == [verdict == "valid" for verdict in verdicts]
    assert rules.ask("coalesce(credit_form(credit_code(x)), false)", texts) == [verdict in ("valid", "wrong_check") for verdict in verdicts]
    assert rules.ask("case when credit_form(credit_code(x)) then credit_agrees(credit_code(x)) end", texts) == [
        verdict == "valid" if verdict in ("valid", "wrong_check") else None for verdict in verdicts
    ]
    assert rules.ask("credit_proposal(x)", texts) == [oracle.credit_proposal(text) for text in texts]


@given(st.lists(sound(), min_size=20, max_size=40))
@settings(max_examples=20)
def test_bodies_agree_with_the_oracle(rules: Asker, codes: list[str]) -> None:
    """The old check of the organisation code, a warning only."""
    assert rules.ask("credit_body_agrees(x)", codes) == [oracle.credit_body_agrees(code) for code in codes]


@given(st.lists(st.builds(exchanged, sound(), st.just("OISZ"), st.integers(0, 17)), min_size=20, max_size=40))
@settings(max_examples=20)
def test_a_proposal_is_valid_and_never_applied(rules: Asker, codes: list[str]) -> None:
    """O0: a code with O for 0 is wrong, and what is proposed passes the check."""
    spoilt = [code for code in codes if set("OISZ") & set(code)]
    assert set(rules.ask("credit_check(x)", spoilt)) <= {"wrong_form"}
    assert set(rules.ask("credit_check(credit_proposal(x))", spoilt)) <= {"valid"}


def test_industries(rules: Asker) -> None:
    """NOLETTER: the letter is added where it is missing and refused where it disagrees; A01 is an industry, not a diagnosis."""
    assert rules.ask("industry_code(x)", ["F5199", "5199", "A01", "84", "Q85", "C5910", "G", "98", "00", "51990", "U"]) == [
        "F5199", "F5199", "A01", "Q84", "Q85", None, "G", None, None, None, None,
    ]  # fmt: skip
    assert rules.ask("industry_level(x)", ["G", "G59", "G591", "G5910"]) == ["section", "division", "group", "class"]
    assert rules.ask("industry_parent(x)", ["G", "G59", "G591", "G5910"]) == [None, "G", "G59", "G591"]


@given(st.lists(st.from_regex("[A-U]?[0-9]{1,5}", fullmatch=True) | st.text("ABT0159", max_size=3), min_size=20, max_size=60))
@settings(max_examples=40)
def test_industries_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Letter and digits, or null."""
    assert rules.ask("industry_code(x)", texts) == [oracle.industry_code(text) for text in texts]


def test_every_division_of_the_standard_has_its_section(rules: Asker) -> None:
    """All 97 divisions fall in the section the code list says."""
    codes = sorted(load().code_lists["industry_division"].labels)
    digits = [code[-2:] for code in codes]
    assert len(codes) == 97
    assert rules.ask("industry_section(x)", digits) == [oracle.industry_section(each) for each in digits]
    assert all(letter in load().code_lists["industry_section"].labels for letter in rules.ask("industry_section(x)", digits))


@given(
    st.lists(
        st.builds(str.__add__, st.from_regex("[0-9]{1,12}", fullmatch=True), st.sampled_from(["", "000", "000000", "00000000", "0000000000"])), max_size=60
    )
)
@settings(max_examples=40)
def test_division_codes_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """2, 4, 6, 9 or 12 digits, with the zeros that fill up to 12 taken off."""
    assert rules.ask("division_code(x)", texts) == [oracle.division_code(text) for text in texts]


def test_bands_and_names(rules: Asker) -> None:
    """Band against name is a warning where both tell, and silent where neither does; quasi-townships are farms and zones."""
    pairs = [
        ("330302006", "五马街道"),
        ("330302105", "藤桥镇"),
        ("330326214", "畲族乡"),
        ("330324400", "农场"),
        ("330302006071", "八仙楼社区"),
        ("330302006201", "五马社区"),
    ]
    from_oracle = [oracle.division_band(code) for code, _ in pairs]
    kinds = rules.ask("division_band(x)", [code for code, _ in pairs])
    assert kinds == from_oracle == ["street", "town", "township", "quasi", "residents_committee", "villagers_committee"]
    agrees = [rules.one(f"division_band_agrees('{code}', '{name}')") for code, name in pairs]
    assert agrees == [True, True, True, None, True, False]


def test_every_division_that_ships_knows_its_band(rules: Asker) -> None:
    """The shipped table's codes are codes, and their bands the oracle's."""
    codes = list(load().divisions)
    assert rules.ask("division_code(x)", codes) == codes
    long = [code for code in codes if len(code) > 6]
    assert rules.ask("division_band(x)", long) == [oracle.division_band(code) for code in long]
