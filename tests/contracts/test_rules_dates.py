"""Text, dates, times and numbers: the domain reference's faults, and random texts against the oracle."""

from __future__ import annotations

from datetime import date, datetime

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts import oracle
from tests.contracts.rules_kit import Asker

DAY_FORMS = (
    "{0:%Y-%m-%d}",
    "{0.year}/{0.month}/{0.day}",
    "{0.year}.{0.month}.{0.day}",
    "{0.year}年{0.month}月{0.day}日",
    "{0:%Y%m%d}",
    "{0.year}-{0.month}-{0.day}",
)
CLOCK_FORMS = (
    "",
    " {0:%H:%M}",
    " {0:%H:%M:%S}",
    "T{0:%H:%M:%S}",
    "T{0:%H:%M:%S}.25",
    " {0:%H:%M:%S}Z",
    "T{0:%H:%M:%S}+08:00",
    "T{0:%H:%M:%S}-0330",
    " {0.hour}:{0:%M}:{0:%S}",
)


def days() -> st.SearchStrategy[str]:
    """Days in every form a sender uses, and days that do not exist."""
    real = st.builds(str.format, st.sampled_from(DAY_FORMS), st.dates(date(1800, 1, 1), date(2250, 12, 31)))
    wrong = st.builds("{}{}{}{}{}".format, st.integers(1700, 2300), st.sampled_from("-/."), st.integers(0, 13), st.sampled_from("-/."), st.integers(0, 32))
    return real | wrong | st.integers(0, 99999).map(str) | st.text("0123456789-/.年月日 T:时", max_size=12)


def moments() -> st.SearchStrategy[str]:
    """Moments in every form: day and clock, fourteen digits, serials with a fraction."""
    clocks = st.datetimes(datetime(1900, 1, 1), datetime(2199, 12, 30))
    whole = st.builds(
        lambda at, day, clock: (day + clock).format(at),
        clocks,
        st.sampled_from([form for form in DAY_FORMS if form != "{0:%Y%m%d}"]),
        st.sampled_from(CLOCK_FORMS),
    )
    chinese = clocks.map("{0.year}年{0.month}月{0.day}日{0.hour}时{0.minute}分".format)
    serial = st.builds("{}.{:04}".format, st.integers(19000, 61000), st.integers(0, 9999))
    return whole | chinese | serial | clocks.map("{0:%Y%m%d%H%M%S}".format)


def test_faults_of_spreadsheets(rules: Asker) -> None:
    """44802 is 2022-08-29; 1900-01-00, 2026-02-30 and words are no dates; the serial is told apart so that it can be flagged."""
    given_ = ["44802", "2022-08-29", "2022年8月29日", "20220829", "1900-01-00", "2026-02-30", "19999", "60001", "昨天"]
    assert rules.ask("date_of(x)", given_) == [date(2022, 8, 29)] * 4 + [None] * 5
    assert rules.ask("is_serial(x)", [*given_, "60000", "20000"]) == [True, *[False] * 8, True, True]


def test_zones_are_turned_into_beijing_time(rules: Asker) -> None:
    """+08:00 is dropped, Z and others are converted, a date alone is its midnight."""
    texts = [
        "2026-03-01T08:00:00+08:00",
        "2026-03-01T00:00:00Z",
        "2026-02-28 18:30:00-0530",
        "2026-03-01",
        "2026年3月1日8时0分",
        "20260301080000",
        "46082.3333333",
    ]
    assert rules.ask("timestamp_of(x)", texts) == [datetime(2026, 3, 1, 8)] * 3 + [datetime(2026, 3, 1), *[datetime(2026, 3, 1, 8)] * 3]


@given(st.lists(days(), min_size=20, max_size=60))
@settings(max_examples=60)
def test_dates_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Day or null, and whether it is a serial, as the oracle says."""
    assert rules.ask("date_of(x)", texts) == [oracle.date_of(text) for text in texts]
    assert rules.ask("is_serial(x)", texts) == [oracle.is_serial(text) for text in texts]


@given(st.lists(moments(), min_size=20, max_size=40))
@settings(max_examples=60)
def test_moments_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """The moment in Beijing's time, as the oracle says."""
    assert rules.ask("timestamp_of(x)::timestamp", texts) == [oracle.timestamp_of(text) for text in texts]


@given(st.lists(st.datetimes(datetime(1850, 1, 1), datetime(2199, 12, 31)), min_size=20, max_size=40))
@settings(max_examples=20)
def test_canonical_moments_stay(rules: Asker, given_: list[datetime]) -> None:
    """What the engine writes for a date or moment is read as the same one."""
    assert rules.ask("date_of(x::date::varchar)", given_, [pa.timestamp("us")]) == [each.date() for each in given_]
    assert rules.ask("timestamp_of(x::varchar)::timestamp", given_, [pa.timestamp("us")]) == given_


@given(st.lists(st.text("０１２３ABCａ，。　 \u200b\ufeff\t中é́-～！", max_size=10), min_size=20, max_size=60))
@settings(max_examples=40)
def test_cleaning_agrees_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Narrow, visible, trimmed, blank to null; cleaning what is clean changes nothing."""
    cleaned = [oracle.clean(text) for text in texts]
    assert rules.ask("text_clean(x)", texts) == cleaned
    assert rules.ask("text_clean(x)", cleaned) == cleaned


def test_none_is_not_blank(rules: Asker) -> None:
    """无 means none, which is a value; blank means unknown."""
    assert rules.ask("is_none(x)", ["无", "没有", "", None, "无锡路"]) == [True, True, False, False, False]
    assert rules.ask("filled(x)", ["", None, "0"]) == [None, None, "0"]


@given(
    st.lists(
        st.from_regex("(约|近|超)?-?[0-9]{1,3}(,[0-9]{3})?(\\.[0-9]{1,3})?(多|余)?(人|㎡|万|万元|元|平方米)?", fullmatch=True)
        | st.text("0123456789.,-多人元万", max_size=8),
        max_size=60,
    )
)
@settings(max_examples=40)
def test_numbers_agree_with_the_oracle(rules: Asker, texts: list[str]) -> None:
    """Numbers with bounds and units are read, anything else is null."""
    assert rules.ask("number_of(x)", texts) == [oracle.number_of(text) for text in texts]


def test_whole_numbers_and_years(rules: Asker) -> None:
    """A count has no fraction, a year no day number."""
    assert rules.ask("whole_of(x)", ["3", "3.0", "3.5", "约3人", "4000余人", "若干", "1,200"]) == [3, 3, None, 3, 4000, None, 1200]
    assert rules.ask("year_of(x)", ["1998", "1998年", "36161", "98", "2026-01-01"]) == [1998, 1998, 1999, None, 2026]


@given(st.lists(st.text("0123459", max_size=4), min_size=20, max_size=40), st.sampled_from([["1", "2", "9"], ["01", "02", "10"], ["10", "20", "90"]]))
@settings(max_examples=30)
def test_lost_zeros_are_restored_to_the_list(rules: Asker, texts: list[str], codes: list[str]) -> None:
    """ZERO: 1 means 01 where the list says 01, and 01 means 1 where it says 1; 10 is never 1."""
    assert rules.ask(f"code_of(x, {codes!r})", texts) == [oracle.code_of(text, codes) for text in texts]


def test_codes_of_the_domain(rules: Asker) -> None:
    """01 租赁 and 1 are one code, 07 is none; blank is never the code of zeros."""
    assert rules.ask("code_of(x, ['1', '2', '9'])", ["1", "01", "001", "07", "7", ""]) == ["1", "1", "1", None, None, None]
    assert rules.ask("code_of(x, ['0', '00', '01'])", ["0", "00", "1", ""]) == ["0", "00", "01", None]


def test_sex_and_flags(rules: Asker) -> None:
    """0 unknown and 9 not stated differ (GB/T 2261.1); yes and no in officers' words."""
    assert rules.ask("sex_of(x)", ["1", "男", "2", "女", "0", "9", "3", ""]) == ["1", "1", "2", "2", "0", "9", None, None]
    assert rules.ask("flag_of(x)", ["是", "有", "否", "已不存在", "大概"]) == [True, True, False, False, None]
