"""One table of raw rows to facts: what each rule of the contract and each built-in rule does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pytest

from contracts.aliases import Aliases
from contracts.facts import FACTS, claim_schema
from contracts.model import Mapped, Mapping
from contracts.normalising import normalising_sql, raw_schema
from streams.normalise import Derived, Normalised, decode, normalise, normalise_messages
from streams.normalise.poison import added_accounts
from streams.normalise.schemas import ACCOUNTS
from tests.streams.normalise import support
from tests.streams.normalise.support import FEED, RECORDED, PlainSealer, contracts, message, row, stored

CONTRACTS = contracts()


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    con = support.engine()
    yield con
    con.close()


def facts(derived: Derived, fact: str) -> list[dict[str, Any]]:
    """The facts of one type of a derivation to one partition, by row."""
    tables = [decode(each.value) for each in derived.claims.get(0, []) if each.headers["ce_type"] == fact]
    return sorted((row for table in tables for row in table.to_pylist()), key=lambda each: each.get("row", 0))


def quarantined(derived: Derived) -> list[tuple[int, str, str | None]]:
    found = [each for message in derived.quarantine.get(0, []) for each in decode(message.value).to_pylist()]
    return sorted((each["row"], each["reason"], each["column"]) for each in found)


def of(engine: duckdb.DuckDBPyConnection, *rows: dict[str, Any], sealer: PlainSealer | None = None, **headers: str) -> Derived:
    return normalise_messages(engine, CONTRACTS, sealer or PlainSealer(), stored(message(rows, **headers)), 1)


def test_good_row_makes_a_claim_of_each_mapped_kind(engine: duckdb.DuckDBPyConnection) -> None:
    """A row without faults speaks once for its person and once for the residency, with lineage and dates from the row."""
    derived = of(engine, row(1))
    (person,), (residency,) = facts(derived, "claim.person"), facts(derived, "claim.residency")
    assert (person["entity"], person["record"], person["name"]) == (f"p{1:024x}", "R1", "张1号")
    assert residency["entity"] == f"{person['entity']}@330302006071/解放街/1" == f"{residency['person']}@{residency['dwelling']}"
    for claim in (person, residency):
        assert (claim["source"], claim["delivery"], claim["row"], claim["repair"], claim["contract_version"]) == ("sample", "aaaaaaaaaaaa", 1, 0, 2)
        assert (claim["observed_at"], claim["own_time"], claim["listed"], claim["moment"]) == (datetime(2024, 5, 1, 8), True, False, None)
        assert (claim["present"], claim["withdraws"], claim["rank"], claim["flags"], claim["area"]) == (True, False, 0, None, "330302006071")
    assert quarantined(derived) == []


def test_claims_have_exactly_the_shape_of_their_kind(engine: duckdb.DuckDBPyConnection) -> None:
    """Column names, order and types are those of `claim_schema`."""
    tables = {each.headers["ce_type"]: decode(each.value) for each in of(engine, row(1), mode="snapshot", moment="2024-05-01").claims[0]}
    assert tables["claim.person"].schema == claim_schema(CONTRACTS.kinds["person"])
    assert tables["claim.residency"].schema == claim_schema(CONTRACTS.kinds["residency"])
    assert tables["chunk"].schema == FACTS["chunk"]


def test_short_codes_are_padded_to_their_lists_width(engine: duckdb.DuckDBPyConnection) -> None:
    """2 and 02 are one code, so that comparing is plain equality."""
    claims = facts(of(engine, row(1, ground="2"), row(2, ground="02")), "claim.residency")
    assert [claim["residence_type"] for claim in claims] == ["02", "02"]


def test_first_broken_error_rule_quarantines_the_row_with_its_column(engine: duckdb.DuckDBPyConnection) -> None:
    """A row that breaks an error rule makes no claim; the reason and the column are the rule's."""
    derived = of(engine, row(1, sex="x", id_number=None), row(2))
    assert quarantined(derived) == [(1, "no-sex-code", "sex")]
    assert [claim["row"] for claim in facts(derived, "claim.person")] == [2]


def test_quarantined_row_keeps_plain_cells_and_the_sealed_ones_closed(engine: duckdb.DuckDBPyConnection) -> None:
    """Nothing personal leaves the seal: the cells' JSON has no name and no address, but what the check of the number said."""
    (found,) = decode(of(engine, row(1, sex="x")).quarantine[0][0].value).to_pylist()
    assert (
        found["cells"]
        == '{"division":"330302006071","ground":"2","id_number":"p000000000000000000000001","id_number_check":"valid","number":"R1","sex":"x","updated":"2024-05-01 08:00:00"}'
    )
    assert "张1号" in found["sealed"].decode()
    assert found["subject"] == f"p{1:024x}"


def test_warning_blanks_the_cell_and_flags_the_claim(engine: duckdb.DuckDBPyConnection) -> None:
    """A bad cell outside the key becomes blank with a flag; the row is accepted."""
    (claim,) = facts(of(engine, row(1, ground="zz", flags="padded")), "claim.residency")
    assert (claim["residence_type"], claim["flags"]) == (None, "padded,no-ground")


def test_the_first_rows_of_every_flag_are_named(engine: duckdb.DuckDBPyConnection) -> None:
    """By their number in the delivery, three for each flag and message, those of accepted rows only; a message without flags names none."""
    flagged = [row(at, ground="zz", flags="padded" if at % 2 else None) for at in (9, 2, 7, 5, 3)]
    told, none = (orjson.loads(of(engine, *rows).outcomes[0][0].value) for rows in ((*flagged, row(1), row(4, sex="x", flags="padded")), (row(1),)))
    assert (told["flags"], told["flagged"]) == ({"no-ground": 5, "padded": 4}, {"no-ground": [2, 3, 5], "padded": [3, 5, 7]})
    assert (none["flags"], none["flagged"]) == ({}, {})


def test_halves_of_a_message_name_its_first_rows_together() -> None:
    """Where a message is computed in parts, its account names the smallest numbers of all of them."""
    whole = {"delivery": "d", "chunk": 0, "repair": 0, "rows": 2, "accepted": 2, "unkeyed": 0, "quarantined": "{}"}
    halves = [{**whole, "flags": '{"a":2}', "flagged": rows} for rows in ('{"a":[7,9]}', '{"a":[1,8,9],"b":[4]}')]
    (told,) = added_accounts(pa.Table.from_pylist([half], ACCOUNTS) for half in halves).to_pylist()
    assert (told["flags"], told["flagged"]) == ('{"a":4}', '{"a":[1,7,8],"b":[4]}')


def test_landings_fault_is_the_reason(engine: duckdb.DuckDBPyConnection) -> None:
    """What landing found wrong with the row goes before every rule of the contract, with its column; the account counts by reason alone."""
    derived = of(engine, row(1, fault="identifier-in-wrong-column:name", sex="x"))
    assert quarantined(derived) == [(1, "identifier-in-wrong-column", "name")]
    assert orjson.loads(derived.outcomes[0][0].value)["quarantined"] == {"identifier-in-wrong-column": 1}


def test_row_whose_number_has_no_token_is_unidentified(engine: duckdb.DuckDBPyConnection) -> None:
    """Without the subject's token no person can be named."""
    assert quarantined(of(engine, row(1, id_number=None, id_number_check="wrong_check"))) == [(1, "unidentified", "id_number")]


def test_row_without_readable_key_is_quarantined(engine: duckdb.DuckDBPyConnection) -> None:
    """Where every mapping that applies lacks its entity the key is unreadable, and the row counts as unkeyed if it has no record either."""
    feed = replace(FEED, subject=None, mappings=FEED.mappings[:2])
    normalised = rows_of(engine, feed, row(1, id_number=None), row(2, id_number=None, number=None), row(3))
    assert sorted(zip(normalised.quarantined["row"].to_pylist(), normalised.quarantined["reason"].to_pylist(), strict=True)) == [
        (1, "unreadable-key"),
        (2, "unreadable-key"),
    ]
    (account,) = normalised.accounts.to_pylist()
    assert (account["rows"], account["accepted"], account["unkeyed"]) == (3, 1, 1)


def rows_of(engine: duckdb.DuckDBPyConnection, feed: Any, *rows: dict[str, Any]) -> Normalised:
    """Rows straight through `normalise`, apart from messages."""
    given = {"delivery": "aaaaaaaaaaaa", "chunk": 0, "recorded_at": RECORDED, "mode": "increment", "repair": 0}
    full = [{**given, **each, "opened": each["sealed"].decode()} for each in rows]
    schema = raw_schema(feed)
    table = pa.table([pa.array([each.get(field.name) for each in full], field.type) for field in schema], schema=schema)
    return normalise(engine, normalising_sql(feed, CONTRACTS), table)


@pytest.mark.parametrize(("seconds", "accepted"), [(0, True), (1, False)])
def test_rows_from_the_future_are_quarantined(engine: duckdb.DuckDBPyConnection, seconds: int, accepted: bool) -> None:
    """A row observed more than a day after it was recorded is refused; a day exactly is not."""
    derived = of(engine, row(1, updated=str(RECORDED + timedelta(days=1, seconds=seconds))))
    assert quarantined(derived) == ([] if accepted else [(1, "future-observed", None)])


def test_erased_subjects_row_is_quarantined_as_erased(engine: duckdb.DuckDBPyConnection) -> None:
    """A row whose key was destroyed makes no claim and breaks no rule about its blank cells."""
    derived = of(engine, row(1), row(2), sealer=PlainSealer({f"p{1:024x}"}))
    assert quarantined(derived) == [(1, "erased", None)]
    assert [claim["row"] for claim in facts(derived, "claim.person")] == [2]


def test_listed_rows_are_observed_at_the_smaller_of_update_time_and_moment(engine: duckdb.DuckDBPyConnection) -> None:
    """A row of a snapshot says nothing about the time after the snapshot's moment."""
    claims = facts(of(engine, row(1), row(2, updated="2024-04-01"), mode="snapshot", moment="2024-04-30T00:00:00"), "claim.person")
    assert [claim["observed_at"] for claim in claims] == [datetime(2024, 4, 30), datetime(2024, 4, 1)]
    assert {(claim["listed"], claim["moment"]) for claim in claims} == {(True, datetime(2024, 4, 30))}


@pytest.mark.parametrize(("headers", "dated"), [({"mode": "snapshot", "moment": "2024-04-30"}, datetime(2024, 4, 30)), ({}, RECORDED)])
def test_row_without_own_time_is_dated_by_its_delivery_and_flagged(engine: duckdb.DuckDBPyConnection, headers: dict[str, str], dated: datetime) -> None:
    """Moment first, else the time of recording; `own_time` tells the difference."""
    (claim,) = facts(of(engine, row(1, updated=None), **headers), "claim.person")
    assert (claim["observed_at"], claim["own_time"], claim["flags"]) == (dated, False, "dated-by-delivery")


def test_operation_and_mode_withdraw(engine: duckdb.DuckDBPyConnection) -> None:
    """Operation D withdraws its row, mode withdrawal every row; content tells statement and withdrawal apart."""
    first, second = facts(of(engine, row(1), row(2, id_number=f"p{1:024x}", full_name="张1号", operation="D")), "claim.person")
    assert (first["withdraws"], second["withdraws"]) == (False, True)
    assert first["content"] != second["content"]
    assert facts(of(engine, row(1), mode="withdrawal"), "claim.person")[0]["withdraws"] is True


def test_content_depends_on_attributes_alone(engine: duckdb.DuckDBPyConnection) -> None:
    """Times, origin and record do not change the content hash; an attribute does."""
    claims = facts(of(engine, row(1), row(2, full_name=" 张1号 ", updated="2023-01-01"), row(3, full_name="李四")), "claim.person")
    assert claims[0]["content"] == claims[1]["content"] != claims[2]["content"]


def test_area_is_the_rows_own_or_the_deliverys(engine: duckdb.DuckDBPyConnection) -> None:
    """A row without division code lies in the area its delivery declares."""
    claims = facts(of(engine, row(1), row(2, division=None), area="330302"), "claim.person")
    assert [claim["area"] for claim in claims] == ["330302006071", "330302"]


def test_listed_rows_without_claim_leave_a_presence(engine: duckdb.DuckDBPyConnection) -> None:
    """Quarantined rows with a readable key, and rows with record but without entity, keep the earlier claim counting; without key there is none."""
    rows = [row(1, sex="x"), row(2, address=None), row(3, id_number=None), row(4, id_number=None, number=None)]
    found = {(each["row"], each["kind"], each["entity"], each["record"]) for each in facts(of(engine, *rows, mode="snapshot", moment="2024-05-01"), "presence")}
    assert found == {
        (1, "person", f"p{1:024x}", "R1"),
        (1, "residency", f"p{1:024x}@330302006071/解放街/1", "R1"),
        (2, "residency", None, "R2"),
        (3, "person", None, "R3"),
        (3, "residency", None, "R3"),
    }


def test_increments_leave_no_presence(engine: duckdb.DuckDBPyConnection) -> None:
    """Only a list can say that something is still listed."""
    assert facts(of(engine, row(1, sex="x")), "presence") == []


def test_refused_rows_leave_presences_and_no_claims(engine: duckdb.DuckDBPyConnection) -> None:
    """A raw.presence message says which records are still listed."""
    derived = of(engine, {"row": 7, "number": "R7"}, form="presence", mode="snapshot", moment="2024-05-01")
    assert {(each["kind"], each["record"]) for each in facts(derived, "presence")} == {("person", "R7"), ("residency", "R7")}
    assert facts(derived, "claim.person") == []
    assert facts(derived, "chunk")[0]["accepted"] == 1


def test_reduced_rows_map_by_the_minors_mapping_only(engine: duckdb.DuckDBPyConnection) -> None:
    """The rows of minors make one claim of the dwelling, dated by the moment."""
    derived = of(engine, {"row": 1, "address": "a/1", "minors": 2}, form="minors", mode="snapshot", moment="2024-05-01")
    (claim,) = facts(derived, "claim.dwelling")
    assert (claim["entity"], claim["record"], claim["people_band"], claim["observed_at"]) == ("A/1", "A/1", "2", datetime(2024, 5, 1))
    assert facts(derived, "claim.person") == facts(derived, "presence") == []


def test_aliases_rename_dwellings_and_nothing_else(engine: duckdb.DuckDBPyConnection) -> None:
    """A dwelling key in the alias table is replaced wherever it names a dwelling, and every message made names the table's version."""
    aliases = Aliases(4, (("330302006071/解放街/1", "330302006071/新街/9"),))
    derived = normalise_messages(engine, CONTRACTS, PlainSealer(), stored(message([row(1), row(2), row(3, sex="x")])), 1, aliases=aliases)
    claims = facts(derived, "claim.residency")
    assert {each.headers["aliases"] for part in (derived.claims, derived.quarantine, derived.outcomes) for each in part[0]} == {"4"}
    assert [claim["dwelling"] for claim in claims] == ["330302006071/新街/9", "330302006071/解放街/2"]
    assert claims[0]["entity"] == f"p{1:024x}@330302006071/新街/9"


def test_repeated_rows_count_once_with_their_first_recording(engine: duckdb.DuckDBPyConnection) -> None:
    """The same row of the same delivery and repair is one fact, recorded at the smallest time."""
    later = {**row(1), "recorded_at": RECORDED + timedelta(hours=1)}
    normalised = rows_of(engine, FEED, later, row(1), row(2))
    claims = normalised.facts["claim.person"].to_pylist()
    assert sorted((claim["row"], claim["recorded_at"]) for claim in claims) == [(1, RECORDED), (2, RECORDED)]


VISITS = replace(
    FEED,
    name="visits",
    record=None,
    rules=(),
    subject=None,
    operation=None,
    mappings=(
        Mapping(
            "finding",
            (
                Mapped("visit", "number"),
                Mapped("kind", "'dwelling'"),
                Mapped("entity", "address"),
                Mapped("attribute", "'use'"),
                Mapped("outcome", "ground"),
                Mapped("value", "sex"),
                Mapped("seen", "string_split(division, ',')"),
                Mapped("actor", "'officer'"),
            ),
            where="operation = 'F'",
        ),
        Mapping(
            "roster",
            (Mapped("visit", "number"), Mapped("dwelling", "address"), Mapped("complete", "true"), Mapped("person", "id_number"), Mapped("actor", "'o'")),
            where="operation = 'R'",
        ),
        Mapping(
            "verification",
            (
                Mapped("version", "number"),
                Mapped("kind", "'dwelling'"),
                Mapped("entity", "address"),
                Mapped("attribute", "'use'"),
                Mapped("agree", "sex = '1'"),
                Mapped("actor", "'v'"),
            ),
            where="operation = 'V'",
        ),
        Mapping(
            "visit", (Mapped("visit", "number"), Mapped("dwelling", "address"), Mapped("event", "'closed'"), Mapped("actor", "'o'")), where="operation = 'C'"
        ),
    ),
)


def test_visits_make_findings_rosters_verifications_and_closings(engine: duckdb.DuckDBPyConnection) -> None:
    """Each row of a visit makes the one fact its mapping's condition names, in the fact's shape."""
    normalised = rows_of(engine, VISITS, *(row(1, number="V1", operation=letter, division="a#0,b#0") | {"row": at} for at, letter in enumerate("FRVC", 1)))
    assert {name: table.num_rows for name, table in normalised.facts.items()} == {"finding": 1, "roster": 1, "verification": 1, "visit": 1}
    assert all(table.schema == FACTS[name] for name, table in normalised.facts.items())
    (finding,), (roster,) = normalised.facts["finding"].to_pylist(), normalised.facts["roster"].to_pylist()
    assert (finding["finding"], finding["seen"], finding["value"]) == ("V1:330302006071/解放街/1:use#0", ["a#0", "b#0"], "1")
    assert (roster["roster"], roster["person"]) == ("V1:330302006071/解放街/1:roster#0", f"p{1:024x}")


def test_content_of_a_finding_is_its_outcome_and_value(engine: duckdb.DuckDBPyConnection) -> None:
    """Two officers who say the same have equal content."""
    rows = [
        row(1, number=number, operation="F", ground="confirmed", sex=value) | {"row": at}
        for at, (number, value) in enumerate([("V1", "1"), ("V2", "1"), ("V3", "2")])
    ]
    first, second, third = sorted(rows_of(engine, VISITS, *rows).facts["finding"].to_pylist(), key=lambda each: each["row"])
    assert first["content"] == second["content"] != third["content"]
