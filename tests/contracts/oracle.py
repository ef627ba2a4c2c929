"""What the macros of contracts/rules.sql must say, in plain Python: identity numbers, telephones, dates, numbers, credit codes, industries, divisions.

Written from the standards' own rules, value by value, without the engine. `None` is null. Addresses and points have modules of their own beside this one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
MOBILE = frozenset(
    [
        *range(130, 140),
        145,
        147,
        *range(150, 154),
        *range(155, 160),
        162,
        *range(165, 168),
        *range(170, 174),
        *range(175, 179),
        *range(180, 194),
        *range(195, 200),
    ]
)
SERIAL_BASE = date(1899, 12, 30)
FIRST_DAY, LAST_DAY = date(1850, 1, 1), date(2199, 12, 31)
SECTIONS = {"A": (1, 5), "B": (6, 12), "C": (13, 43), "D": (44, 46), "E": (47, 50), "F": (51, 52), "G": (53, 60), "H": (61, 62), "I": (63, 65), "J": (66, 69)} | {
    "K": (70, 70), "L": (71, 72), "M": (73, 75), "N": (76, 79), "O": (80, 82), "P": (83, 83), "Q": (84, 85), "R": (86, 90), "S": (91, 96), "T": (97, 97)
}  # fmt: skip


def clean(text: str) -> str | None:
    """Full-width signs narrowed, invisible ones dropped, trimmed; blank is null."""
    narrow = (" " if sign == "\u3000" else chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else sign for sign in text)
    seen = "".join(sign for sign in narrow if sign not in "\u200b\u200c\u200d\ufeff\r\n\t")
    return unicodedata.normalize("NFC", seen).strip(" ") or None


# ------------------------------------------------------------------ identity numbers (GB 11643-1999)
def identity_check_char(seventeen: str) -> str:
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(seventeen, IDENTITY_WEIGHTS, strict=True)) % 11]


def identity_number(text: str) -> str | None:
    """18 signs, 15 digits expanded, a passport or permit as it is."""
    given = re.sub("[ -]", "", clean(text) or "").upper()
    if re.fullmatch("[0-9]{15}", given):
        longer = given[:6] + "19" + given[6:]
        return longer + identity_check_char(longer)
    return given if re.fullmatch("[0-9]{17}[0-9X]|[A-Z]{1,3}[0-9]{6,10}", given) else None


def identity_check(text: str, today: date) -> str:
    given = re.sub("[ -]", "", clean(text) or "").upper()
    number = identity_number(text)
    if not given or (number and number[0].isalpha()):
        return "valid" if given else "missing"
    if re.fullmatch(r"[0-9]{15}000|[0-9]\.[0-9]+E\+?[0-9]+", given):
        return "lost_digits"
    if number is None or identity_check_char(number[:17]) != number[17]:
        return "wrong_check"
    born = real_day(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    if born is None or not FIRST_DAY <= born <= today:
        return "impossible_date"
    return "unknown_division" if number[:2] not in PROVINCES else "legacy15" if len(given) == 15 else "valid"


def identity_sex(number: str) -> str | None:
    return ("1" if int(number[16]) % 2 else "2") if len(number) == 18 else None


def identity_birth(number: str) -> date | None:
    return real_day(int(number[6:10]), int(number[10:12]), int(number[12:14])) if len(number) == 18 else None


# ------------------------------------------------------------------ telephones
def phone_number(text: str) -> str | None:
    digits = re.sub("[^0-9]", "", clean(text) or "")
    return re.sub("^(?:0086|86)(?=1[3-9][0-9]{9}$)", "", digits) or None


def phone_check(text: str) -> str:
    number = phone_number(text)
    if number is None:
        return "missing"
    if len(number) == 11 and int(number[:3]) in MOBILE and number[0] == "1":
        return "mobile"
    fixed = re.fullmatch("0[1-9][0-9]{9,10}", number) or re.fullmatch("[2-8][0-9]{6,7}", number) or re.fullmatch("[48]00[0-9]{7}", number)
    return "fixed" if fixed else "unknown"


# ------------------------------------------------------------------ dates
def real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def is_serial(text: str) -> bool:
    """An Excel day number: 20000 to 60000 (domain.md, section 4, XLDATE)."""
    return bool(re.fullmatch(r"[0-9]{5}(\.[0-9]+)?", text)) and 20000 <= float(text) <= 60000


def date_of(text: str) -> date | None:
    if is_serial(text):
        return SERIAL_BASE + timedelta(days=int(text[:5]))
    found = (
        re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T].*)?", text)
        or re.fullmatch(r"(\d{4})(\d\d)(\d\d)", text)
        or re.fullmatch(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?(?:[ T].*|\d{1,2}时.*)?", text)
    )
    day = real_day(*map(int, found.groups())) if found else None
    return day if day and FIRST_DAY <= day <= LAST_DAY else None


def timestamp_of(text: str) -> datetime | None:
    """Of the forms a sender uses: a date, a date with a clock, 14 digits, a serial; a zone is turned into Beijing's time."""
    if is_serial(text):
        return datetime(1899, 12, 30) + timedelta(seconds=round(float(text) * 86400))
    if re.fullmatch(r"\d{14}", text):
        text = f"{text[:8]} {text[8:10]}:{text[10:12]}:{text[12:]}"
        day, rest = date_of(text[:8]), text[8:]
    else:
        day, rest = date_of(text), text
    clock = re.search(r"(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(\.\d{1,6})?)?", rest)
    if day is None:
        return None
    hour, minute, second, part = clock.groups() if clock else ("0", "0", "0", None)
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return None
    moment = datetime(day.year, day.month, day.day, int(hour), int(minute), int(second or 0), round(float(part or 0) * 1_000_000))
    zone = re.search(r"(Z|([+-])(\d\d):?(\d\d))$", rest) if clock else None
    return moment + timedelta(minutes=480 - _offset(zone)) if zone else moment


def _offset(zone: re.Match[str]) -> int:
    minutes = 0 if zone[1] == "Z" else int(zone[3]) * 60 + int(zone[4])
    return -minutes if zone[2] == "-" else minutes


# ------------------------------------------------------------------ codes and numbers
def code_of(text: str, codes: Sequence[str]) -> str | None:
    """The code itself, or the first one that is the same without zeros in front."""
    same = [code for code in codes if code.lstrip("0") == text.lstrip("0")]
    return text if text in codes else same[0] if same and text else None


def number_of(text: str) -> Decimal | None:
    found = re.fullmatch(r"(?:约|近|超)?(-?[0-9][0-9,]*(?:\.[0-9]+)?)(?:多|余)?(?:平方米|㎡|m2|人|户|套|间|层|元|个|家)?", text)
    return Decimal(found[1].replace(",", "")) if found else None


# ------------------------------------------------------------------ credit codes (GB 32100-2015) and organisation codes (GB 11714)
def credit_check_char(seventeen: str) -> str:
    total = sum(CREDIT_ALPHABET.index(sign) * (3**place % 31) for place, sign in enumerate(seventeen))
    return CREDIT_ALPHABET[(31 - total % 31) % 31]


def credit_code(text: str) -> str | None:
    """Upper case, without blanks and dashes."""
    return re.sub("[ -]", "", clean(text) or "").upper() or None


def credit_check(text: str) -> str:
    code = credit_code(text)
    if not code:
        return "missing"
    if len(code) != 18 or any(sign not in CREDIT_ALPHABET for sign in code) or code[0] not in "123456789ANY" or not code[2:8].isdigit():
        return "wrong_form"
    return "valid" if credit_check_char(code[:17]) == code[17] else "wrong_check"


def credit_proposal(text: str) -> str | None:
    """The one valid code that a single exchange of O/0, I/1, S/5 or Z/2 makes of a code with a letter outside the alphabet."""
    code = credit_code(text) or ""
    swaps = [(place, meant) for (place, sign), (wrong, meant) in product(enumerate(code), zip("OISZ", "0152", strict=True)) if sign == wrong]
    tried = [code[:place] + meant + code[place + 1 :] for place, meant in swaps]
    return next((each for each in tried if credit_check(each) == "valid"), None)


def credit_body_agrees(code: str) -> bool:
    total = 11 - sum(int(sign, 36) * weight for sign, weight in zip(code[8:16], BODY_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(total, str(total)) == code[16]


# ------------------------------------------------------------------ industries (GB/T 4754) and divisions (GB/T 2260)
def industry_section(digits: str) -> str | None:
    return next((letter for letter, (first, last) in SECTIONS.items() if first <= int(digits[:2]) <= last), None)


def industry_code(text: str) -> str | None:
    """Letter and digits, the letter added where it is missing; null where they disagree."""
    if re.fullmatch("[A-T]", text):
        return text
    found = re.fullmatch("([A-T]?)([0-9]{2,4})", text)
    section = industry_section(found[2]) if found else None
    return section + found[2] if found and section and found[1] in ("", section) else None


def division_code(text: str) -> str | None:
    """Zeros that fill a code up to 12 digits are taken off."""
    if not re.fullmatch("[1-9][0-9]{1,11}", text):
        return None
    if len(text) == 12:
        return next(text[:length] for length in (2, 4, 6, 9, 12) if set(text[length:]) <= {"0"})
    return text if len(text) in (2, 4, 6, 9) else None


def division_band(code: str) -> str | None:
    number = int(code[-3:])
    bands = {
        9: [("street", 1, 99), ("town", 100, 199), ("township", 200, 399), ("quasi", 400, 599)],
        12: [("residents_committee", 1, 199), ("villagers_committee", 200, 399), ("quasi", 400, 599)],
    }
    return next((name for name, first, last in bands.get(len(code), []) if first <= number <= last), None)
