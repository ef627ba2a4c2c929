"""`cabin quality monitor` on a small installation: it names what is odd about the last day, and only that."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from cabin.ports import open_log
from cabin.profiled import Profiler, bring_up_to_date
from contracts.ports import Log
from contracts.read import load
from contracts.topics import RAW
from quality.monitors import profile_store
from streams.log import EmbeddedLog
from tests.cabin.kit import cabin, done
from tests.cabin.monitor_kit import BEGIN, CONTRACTS, DAYS, LAST, NAME, NUMBER, ROWS, counts_on, land_at, landed_in
from vault import Vault

AT = ("--at", LAST.isoformat())
STORE = ("quality", "profiles")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder; tests that write copy it."""
    return landed_in(tmp_path_factory.mktemp("monitored"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_odd_day_is_named(data: Path, lang: str) -> None:
    """Fewer rows, amounts in another unit and an undeclared column of one feed, names left blank in another: each with its value, bounds and history; exit code 1."""
    said = cabin(data, "--json", "quality", "monitor", *AT, lang=lang)
    found = {(row["feed"], row["field"], row["monitor"]): row for row in said.document["alarms"]}
    assert said.code == 1 and set(found) >= {("bank_counter", "", "volume"), ("bank_counter", "", "undeclared-column"), ("ps_resident", "name", "nulls")}
    assert {field for feed, field, monitor in found if feed == "bank_counter" and monitor in ("q25", "q50", "q75")} == {"saved"}
    blank = found["ps_resident", "name", "nulls"]
    assert (blank["value"], blank["points"], blank["history"], blank["day"]) == (1.0, DAYS - 1, [0.0] * 14, LAST.isoformat())
    assert found["bank_counter", "", "undeclared-column"]["item"] == "渠道"
    text = cabin(data, "quality", "monitor", *AT, lang=lang)
    assert text.code == 1 and ("空白占 100.0%" if lang == "zh" else "100.0% of the cells are blank") in text.out


def test_an_ordinary_day_is_quiet(data: Path) -> None:
    """As of the day before nothing is out of bounds, and the exit code is 0; one feed's alarms can be asked for alone, and those of earlier days."""
    before = cabin(data, "--json", "quality", "monitor", "--at", (LAST - timedelta(days=1)).isoformat())
    assert (before.code, before.document["alarms"]) == (0, [])
    one = cabin(data, "--json", "quality", "monitor", *AT, "--feed", "ps_resident").document["alarms"]
    assert {row["feed"] for row in one} == {"ps_resident"}
    later = cabin(data, "--json", "quality", "monitor", "--at", (LAST + timedelta(days=3)).isoformat(), "--since", LAST.isoformat()).document["alarms"]
    assert {row["monitor"] for row in later} >= {"volume", "nulls", "freshness"}


def test_a_feed_that_stays_away_is_old_by_its_contract(data: Path) -> None:
    """Three days later both daily feeds are older than their service level allows."""
    found = cabin(data, "--json", "quality", "monitor", "--at", (LAST + timedelta(days=3)).isoformat()).document["alarms"]
    old = {row["feed"]: row for row in found if row["monitor"] == "freshness"}
    assert set(old) == {"bank_counter", "ps_resident"}
    assert {(row["upper"], round(row["value"])) for row in old.values()} == {(48.0, 89)}


def test_profiles_are_told_by_field_and_by_day(data: Path) -> None:
    """The newest delivery has a row for every field, one field a row for every delivery; of a name only blanks are told."""
    newest = {row["field"]: row for row in done(data, "--json", "quality", "profile", "ps_resident").document["profile"]}
    assert (newest["name"]["nulls"], newest["name"]["distinct"], newest["doc_no_check"]["codes"]) == (ROWS, None, f"valid {ROWS}")
    days = done(data, "--json", "quality", "profile", "bank_counter", "--field", "saved").document["profile"]
    assert len(days) == DAYS and [row["rows"] for row in days] == [ROWS] * (DAYS - 1) + [ROWS // 3]


def test_deliveries_of_a_day_are_not_added_up(data: Path, tmp_path: Path) -> None:
    """Two more deliveries of a day hold the same six counters: each is told alone, no field has more different values or more of the most frequent than rows; the newest one stands for its mode."""
    copy = shutil.copytree(data, tmp_path / "data")
    given = []
    for hour, rows in ((8, 12), (9, 18)):
        file = tmp_path / f"counts{hour}.jsonl"
        file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in counts_on(BEGIN)[:rows]), encoding="utf-8")
        given.append((datetime.combine(LAST, time(hour)), CONTRACTS.feeds["bank_counter"], file))
    land_at(copy, given)
    told = done(copy, "--json", "quality", "profile", "bank_counter", "--field", "branch", "--since", LAST.isoformat()).document["profile"]
    assert [(row["rows"], row["distinct"], row["top"]) for row in told] == [(ROWS // 3, 6, 2), (12, 6, 2), (18, 6, 3)]
    newest = done(copy, "--json", "quality", "profile", "bank_counter").document["profile"]
    assert {row["delivery"] for row in newest} == {told[-1]["delivery"]} and {row["rows"] for row in newest} == {18}


def test_no_value_of_a_person_is_kept_or_told(data: Path) -> None:
    """Neither the profiles nor any answer hold a name, an identity number or a token."""
    said = cabin(data, "quality", "monitor", *AT).out + done(data, "quality", "profile", "ps_resident", "--field", "doc_no").out
    with profile_store(data.joinpath(*STORE)) as store:
        kept = store.profiles()
    tokens = {item for item in kept["item"].to_pylist() if item}
    assert tokens and not any(word in text for word in (NAME, NUMBER) for text in (said, *tokens))
    assert not {item for field, item in zip(kept["field"].to_pylist(), kept["item"].to_pylist(), strict=True) if field == "doc_no" and item}


def test_a_lost_store_is_made_anew(data: Path, tmp_path: Path) -> None:
    """Without the store, with a damaged one, and with one of another log the answer is the same; asking twice profiles nothing twice."""
    copy = shutil.copytree(data, tmp_path / "data")
    told = cabin(copy, "--json", "quality", "monitor", *AT).document["alarms"]
    assert cabin(copy, "--json", "quality", "monitor", *AT).document["alarms"] == told != []
    store = copy.joinpath(*STORE) / "profiles.duckdb"
    store.write_bytes(b"no database" * 1000)
    assert cabin(copy, "--json", "quality", "monitor", *AT).document["alarms"] == told
    shutil.rmtree(copy / "quality")
    assert cabin(copy, "--json", "quality", "monitor", *AT).document["alarms"] == told


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_could_not_be_judged_is_told(data: Path, tmp_path: Path, lang: str) -> None:
    """Before anything was recorded, in an empty folder and after few days nothing is called in bounds: how many feeds and fields were judged and why others were not; exit code 0."""
    said = {"zh": ("历史数据不足，尚无法判断", "不足 14 天", "没有交付"), "en": ("nothing could be judged", "fewer than 14 days", "no delivery until then")}[
        lang
    ]
    feeds, calm = len(CONTRACTS.feeds), ("已判断的内容均未超出范围", "nothing of what was judged is out of bounds")[lang == "en"]
    for folder, at in ((tmp_path / "empty", LAST), (data, BEGIN - timedelta(days=9))):
        told = cabin(folder, "--json", "quality", "monitor", "--at", at.isoformat(), lang=lang)
        assert (told.code, told.document["reach"]["feeds"]) == (0, {"judged": 0, "few": 0, "none": feeds})
        text = cabin(folder, "quality", "monitor", "--at", at.isoformat(), lang=lang).out
        assert said[0] in text and said[2] in text and said[1] not in text and calm not in text
    early = ("quality", "monitor", "--at", (BEGIN + timedelta(days=5)).isoformat())
    few, text = cabin(data, "--json", *early, lang=lang), cabin(data, *early, lang=lang).out
    assert (few.code, few.document["reach"]["feeds"]) == (0, {"judged": 0, "few": 2, "none": feeds - 2}) and few.document["reach"]["fields"]["few"] > 5
    assert said[0] in text and said[1] in text and calm not in text
    quiet = ("quality", "monitor", "--at", (LAST - timedelta(days=1)).isoformat(), "--feed", "bank_counter")
    late, text = cabin(data, "--json", *quiet, lang=lang), cabin(data, *quiet, lang=lang).out
    assert (late.code, late.document["reach"]) == (0, {"feeds": {"judged": 1, "few": 0, "none": 0}, "fields": {"judged": 5, "few": 0, "none": 0}, "least": 14})
    assert calm in text and said[0] not in text
    after = [(LAST + timedelta(days=days)).isoformat() for days in (1, 3)]
    silent = cabin(data, "--json", "quality", "monitor", "--since", after[0], "--at", after[1], "--feed", "bank_counter").document["reach"]
    assert (silent["feeds"]["judged"], silent["fields"]) == (1, {"judged": 0, "few": 0, "none": 5})


def test_what_is_recalled_is_not_judged(data: Path, tmp_path: Path) -> None:
    """The recalled delivery of the odd day counts as never made: its feed has no alarm about what was in it."""
    copy = shutil.copytree(data, tmp_path / "data")
    delivery = done(copy, "--json", "feed", "show", "bank_counter").document["deliveries"][-1]["delivery"]
    done(copy, "feed", "recall", delivery, "--reason", "wrong unit")
    found = cabin(copy, "--json", "quality", "monitor", *AT).document["alarms"]
    assert {row["monitor"] for row in found if row["feed"] == "bank_counter"} <= {"delivery", "freshness"} and any(
        row["feed"] == "ps_resident" for row in found
    )


def profiled(log: Log, data: Path, folder: Path) -> int:
    """How many deliveries of a log are profiled into a store."""
    with Vault.open(data / "vault") as vault, profile_store(folder) as store:
        return bring_up_to_date(Profiler(log, load(), lambda: vault, store))


def test_a_delivery_is_profiled_once_it_is_closed(data: Path, tmp_path: Path) -> None:
    """Rows whose delivery is still landing wait; they are profiled with its closing, once, also when copies of messages come later."""
    topic = RAW + "bank_counter"
    with open_log(data) as whole, EmbeddedLog.open(tmp_path / "log.sqlite", 1) as log:
        rows, closing = [each.message for each in whole.read(topic, 0, 0)][:2]
        log.append(topic, 0, [rows])
        assert profiled(log, data, tmp_path / "store") == 0
        log.append(topic, 0, [closing])
        assert profiled(log, data, tmp_path / "store") == 1
        log.append(topic, 0, [rows, closing])
        assert profiled(log, data, tmp_path / "store") == 0
    with profile_store(tmp_path / "store") as store:
        found = store.profiles().filter(pa_is("measure", "distinct"))
    assert found.num_rows == len(set(found["field"].to_pylist())) > 3


def test_another_log_begins_the_store_anew(data: Path, tmp_path: Path) -> None:
    """Where the log is another than was read, nothing of the old one stays."""
    with open_log(data) as log:
        assert profiled(log, data, tmp_path / "store") == 2 * DAYS
    with EmbeddedLog.open(tmp_path / "log.sqlite", 1) as other:
        other.append(RAW + "rental", 0, [])
        assert profiled(other, data, tmp_path / "store") == 0
    with profile_store(tmp_path / "store") as store:
        assert store.profiles().num_rows == 0


def pa_is(column: str, value: str):  # type: ignore[no-untyped-def]
    """A filter of Arrow rows."""
    import pyarrow.compute as pc

    return pc.field(column) == value
