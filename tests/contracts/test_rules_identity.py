"""Identity numbers and telephones: every vector of the domain reference, and random texts against the oracle."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts import oracle
from tests.contracts.rules_kit import TODAY, Asker

VALID = [
    "34052419800101001X",
    "11010519491231002X",
    "440524188001010014",
    "360426199101010071",
    "44011320141005001X",
    "412723199010050012",
    "330302197001010014",
    "331022199001010013",
    "610922199501010015",
    "331003198501010016",
    "35048119850101001X",
    "810000199001010019",
    "330302200002290016",
]
IMPOSSIBLE = ["330302209901010015", "330302199902290016"]


def seventeen() -> st.SearchStrategy[str]:
    """Seventeen digits, most with a day that can be."""
    near = st.builds(
        lambda area, day, nth: f"{area}{day:%Y%m%d}{nth:03d}",
        st.sampled_from(["330302", "110105", "990101"]),
        st.dates(date(1800, 1, 1), date(2100, 1, 1)),
        st.integers(0, 999),
    )
    return near | st.from_regex("[0-9]{17}", fullmatch=True)


def dressed(text: str, dress: int) -> str:
    """The same number as clerks write it: full width, blanks, a small x."""
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isalnum() else sign for sign in text)
    return [text, wide, f"  {text}　", f"{text[:6]} {text[6:14]} {text[14:]}", text.lower(), text[:-1]][dress]


def numbers() -> st.SearchStrategy[str]:
    """Right and wrong numbers in every dress, legacy ones, passports, noise."""
    right = st.builds(lambda s: s + oracle.identity_check_char(s), seventeen())
    any_end = st.builds(str.__add__, seventeen(), st.sampled_from("0123456789X"))
    legacy = st.builds(lambda s: s[:6] + s[8:], seventeen())
    noise = st.text("0123456789Xx- 　Ａ１E.+中", max_size=20)
    lost = st.builds(lambda s: s[:15] + "000", seventeen()) | st.from_regex(r"[0-9]\.[0-9]{5}E\+1[0-9]", fullmatch=True)
    return st.builds(dressed, right | any_end | legacy | lost | st.from_regex("[A-Z]{1,3}[0-9]{6,10}", fullmatch=True), st.integers(0, 5)) | noise


def test_vectors_of_the_standard(rules: Asker) -> None:
    """The valid numbers of the domain reference are valid; right check characters of impossible days are not enough."""
    assert set(rules.ask(f"identity_verdict(identity_text(x), {TODAY})", VALID)) == {"valid"}
    assert rules.ask(f"identity_verdict(identity_text(x), {TODAY})", IMPOSSIBLE) == ["impossible_date"] * 2
    assert rules.one("identity_number('110105491231002')") == "11010519491231002X"
    assert rules.one(f"identity_verdict(identity_text('110105491231002'), {TODAY})") == "legacy15"
    assert rules.one("identity_verdict('330302197001010014', date '1969-12-31')") == "impossible_date"


def test_digits_lost_in_a_spreadsheet_are_refused(rules: Asker) -> None:
    """`3.30302E+17` and a number whose last three digits became zeros are no identity numbers, also where the check character happens to be right."""
    right = "330302197001019000"
    assert oracle.identity_check_char(right[:17]) == right[17]
    assert rules.ask(f"identity_verdict(identity_text(x), {TODAY})", ["3.30302E+17", "330302197001010000", right]) == ["lost_digits"] * 3
    assert rules.ask("identity_number(x)", ["3.30302E+17", "", "x"]) == [None, None, None]


@given(st.lists(numbers(), min_size=20, max_size=40))
@settings(max_examples=40)
def test_identity_macros_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Number and verdict are the oracle's for any text."""
    assert rules.ask("identity_number(x)", texts) == [oracle.identity_number(text) for text in texts]
    assert rules.ask(f"identity_verdict(identity_text(x), {TODAY})", texts) == [oracle.identity_check(text, date(2026, 11, 25)) for text in texts]


@given(st.lists(seventeen(), min_size=20, max_size=40))
@settings(max_examples=20)
def test_birth_and_sex_agree_with_the_oracle(rules: Asker, bodies: list[str]) -> None:
    """Birth date and sex are read from the number, and an impossible day is null."""
    made = [body + oracle.identity_check_char(body) for body in bodies]
    assert rules.ask("identity_birth(x)", made) == [oracle.identity_birth(number) for number in made]
    assert rules.ask("identity_sex(x)", made) == [oracle.identity_sex(number) for number in made]


@given(seventeen(), st.integers(0, 16), st.integers(1, 9))
@settings(max_examples=40)
def test_one_wrong_digit_is_always_seen(rules: Asker, body: str, place: int, shift: int) -> None:
    """The check character catches every single wrong digit."""
    number = body + oracle.identity_check_char(body)
    spoilt = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert rules.one(f"identity_verdict('{spoilt}', {TODAY})") in {"wrong_check", "lost_digits"}


def test_every_mobile_prefix_is_judged(rules: Asker) -> None:
    """130-139, 145, 147, 150-153 and so on are ordinary; 161, 174 and unassigned ones only warn."""
    prefixes = [f"{prefix}12345678" for prefix in range(100, 200)]
    assert rules.ask("phone_check(x)", prefixes) == ["mobile" if int(each[:3]) in oracle.MOBILE else "unknown" for each in prefixes]
    assert rules.ask("phone_check(x)", ["16112345678", "17412345678", "无", ""]) == ["unknown", "unknown", "missing", "missing"]


@given(
    st.lists(
        st.from_regex(r"(\+?(00)?86[ -]?)?1[0-9]{2}[ -]?[0-9]{4}[ -]?[0-9]{3,5}", fullmatch=True)
        | st.from_regex("0?[0-9]{2,3}-?[0-9]{7,8}", fullmatch=True)
        | st.text("0123456789０１+-() 转", max_size=14),
        max_size=40,
    )
)
@settings(max_examples=40)
def test_telephone_macros_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Digits and verdict are the oracle's for any text, and equal numbers are equal in every dress."""
    ascii_only = [text for text in texts if re.fullmatch("[ -~０１转]*", text)]
    assert rules.ask("phone_number(x)", ascii_only) == [oracle.phone_number(text) for text in ascii_only]
    assert rules.ask("phone_check(x)", ascii_only) == [oracle.phone_check(text) for text in ascii_only]
