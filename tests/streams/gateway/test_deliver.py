"""Deliveries over HTTP: landed once, acknowledged when the log has them, whatever is repeated, refused or broken off on the way."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import httpx
import pytest

from contracts.ports import Log, Message, Position
from contracts.topics import LINEAGE
from streams.gateway import Departments, Watch
from streams.landing import Landing, land
from streams.log.embedded import EmbeddedLog
from streams.log.kafka import knock
from tests.streams.gateway.kit import (
    CSV,
    OBJECTS_PATH,
    PATROL,
    PEOPLE_PATH,
    REGISTER,
    Meters,
    gateway_in,
    landing_in,
    people_csv,
    pieces,
    posted,
    serving,
    token_of,
)
from tests.streams.landing.faults import FailingLog, Fuse, Killed
from tests.streams.landing.kit import PEOPLE, closing, people, raw_rows
from tests.streams.lineage_kit import counts, events_on, runs, sound


def landed(folder: Path) -> Counter[str]:
    """How often each record lies on the log."""
    with landing_in(folder) as landing:
        return Counter(str(row["person_no"]) for row in raw_rows(landing))


def uploads(folder: Path) -> list[Path]:
    return list((folder / "gateway" / "uploads").iterdir())


def test_a_delivery_is_landed_and_a_repetition_adds_nothing(tmp_path: Path) -> None:
    """201 with the account, 200 with `already_landed` for the same content, and the place of its outcome; the upload is gone; both are counted."""
    gateway, headers = gateway_in(tmp_path), {**token_of(tmp_path), **CSV}

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.post(PEOPLE_PATH, headers=headers, content=people_csv(8), params={"rows": 8}) for _ in range(2)]

    first, again = serving(gateway, talk)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["landed"] == 8 and not first.json()["already_landed"]
    assert again.json() == first.json() | {"already_landed": True}
    assert first.headers["location"] == again.headers["location"] == f"{PEOPLE_PATH}/{first.json()['delivery']}"
    assert len(landed(tmp_path)) == 8 and set(landed(tmp_path).values()) == {1}
    assert uploads(tmp_path) == []
    meters = gateway.meter
    assert isinstance(meters, Meters)
    route = PEOPLE_PATH.replace("people", "{feed}")
    assert meters.told == {
        ("cabin_gateway_requests_total", route, "POST", "201"): 1,
        ("cabin_gateway_requests_total", route, "POST", "200"): 1,
        ("cabin_gateway_landing_seconds", "people"): 2,
        ("cabin_step_seconds", "land"): 2,
        ("cabin_gateway_deliveries_in_hand",): 0,
        ("cabin_raw_rows_landed_total", "people"): 8,
    }


def test_a_delivery_is_a_run_in_lineage(tmp_path: Path) -> None:
    """START and COMPLETE with the rows landed and refused, under the same run whoever tells it; a repetition tells nothing, refused content a FAIL with its code."""
    headers = {**token_of(tmp_path), **CSV}
    answers = [posted(gateway_in(tmp_path), headers, people_csv(3), params=params) for params in ([], [], [("rows", "4"), ("area", "330302")])]
    assert [each.status_code for each in answers] == [201, 200, 422]
    with landing_in(tmp_path) as landing:
        found = events_on(landing.log)
    assert runs(found) == [("land", "START"), ("land", "COMPLETE"), ("land", "START"), ("land", "FAIL")] and all(sound(each) for each in found)
    assert counts(found[1]) == {"topic.cabin.raw.people": 3} and [each["name"] for each in found[1]["inputs"]] == ["feed.people"]
    assert found[3]["run"]["facets"]["errorMessage"]["message"].startswith(answers[2].json()["code"])
    assert found[0]["run"]["runId"] == str(uuid5(NAMESPACE_URL, f"urn:base-cabin:land:{answers[0].json()['delivery']}"))


def test_lineage_that_cannot_be_told_changes_no_answer(tmp_path: Path) -> None:
    """Where the topic of lineage takes nothing, deliveries land and are refused as ever."""

    class Deaf(FailingLog):
        def append(self, topic: str, partition: int, messages: Sequence[Message]) -> Sequence[Position]:
            if topic == LINEAGE:
                raise OSError("away")
            return super().append(topic, partition, messages)

    @contextmanager
    def deaf() -> Iterator[Landing]:
        with landing_in(tmp_path) as landing:
            yield replace(landing, log=Deaf(landing.log, Fuse(10**9, "error")))

    headers = {**token_of(tmp_path), **CSV}
    answers = [posted(gateway_in(tmp_path, deaf), headers, people_csv(3), params=params) for params in ([], [("rows", "4"), ("area", "330302")])]
    assert [each.status_code for each in answers] == [201, 422] and len(landed(tmp_path)) == 3
    with landing_in(tmp_path) as landing:
        assert events_on(landing.log) == []


def test_what_is_declared_lands_as_by_the_command(tmp_path: Path) -> None:
    """Mode, moment, area, rows, part, parts and supersedes reach the closing fact."""
    said = [("mode", "snapshot"), ("moment", "2026-11-01T08:00:00+08:00"), ("area", "330302"), ("rows", "4"), ("part", "1"), ("parts", "2")]
    answer = posted(gateway_in(tmp_path), {**token_of(tmp_path), **CSV}, people_csv(4), params=[*said, ("supersedes", "abcdefgh2345")])
    assert answer.status_code == 201, answer.text
    with landing_in(tmp_path) as landing:
        (fact,) = closing(landing)
    assert (fact["mode"], fact["moment"], fact["area"], fact["declared"]) == ("snapshot", "2026-11-01T08:00:00.000", "330302", 4)
    assert (fact["part"], fact["parts"], fact["supersedes"]) == (1, 2, ["abcdefgh2345"])


FORMS = {
    "text/csv; charset=gb18030": people_csv(5),
    "application/x-ndjson": "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in people(5)).encode(),
    "application/json": json.dumps(people(5), ensure_ascii=False, indent=1).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_lands_the_same_rows(tmp_path: Path, form: str) -> None:
    """CSV, JSON lines and a JSON array, also in pieces of unannounced length."""
    answer = posted(gateway_in(tmp_path), {**token_of(tmp_path), "Content-Type": form}, pieces(FORMS[form], 100))
    assert answer.status_code == 201, answer.text
    assert sorted(landed(tmp_path)) == [row["人员编号"] for row in people(5)]


def test_one_delivery_pushed_by_many_at_once_lands_once(tmp_path: Path) -> None:
    """Four clients, one content: one 201, the others 200, every row once."""
    gateway, headers = gateway_in(tmp_path, landings=2), {**token_of(tmp_path), **CSV}

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        return list(await asyncio.gather(*(client.post(PEOPLE_PATH, headers=headers, content=people_csv(20)) for _ in range(4))))

    answers = serving(gateway, talk)
    assert sorted(each.status_code for each in answers) == [200, 200, 200, 201]
    assert len({each.json()["delivery"] for each in answers}) == 1
    assert set(landed(tmp_path).values()) == {1} and len(landed(tmp_path)) == 20


def test_a_key_stands_for_one_content_for_good(tmp_path: Path) -> None:
    """Repeated: the same delivery. With another body or other parameters: refused, nothing landed, also by the gateway started again. Another department's equal key is another."""
    headers = {**token_of(tmp_path), **CSV, "Idempotency-Key": "2026-11-25/1"}
    first = posted(gateway_in(tmp_path), headers, people_csv(3))
    again = posted(gateway_in(tmp_path), headers, people_csv(3))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["delivery"] == again.json()["delivery"]
    for content, params in ((people_csv(3, 50), []), (people_csv(3), [("area", "330302")])):
        other = posted(gateway_in(tmp_path), headers, content, params=params)
        assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert len(landed(tmp_path)) == 3
    row = json.dumps({"编号": "1", "对象类型": "物", "对象编号": "x"}, ensure_ascii=False).encode()
    theirs = {**headers, **token_of(tmp_path, PATROL), "Content-Type": "application/json"}
    assert posted(gateway_in(tmp_path), theirs, row, path=OBJECTS_PATH).status_code == 201
    assert b"2026-11-25/1" not in (tmp_path / "gateway" / "keys.sqlite").read_bytes()


def test_a_key_of_refused_content_is_free_again(tmp_path: Path) -> None:
    """Nothing of a refused delivery landed, so the mended one may come under its key."""
    headers = {**token_of(tmp_path), **CSV, "Idempotency-Key": "k"}
    assert posted(gateway_in(tmp_path), headers, people_csv(3), params=[("rows", "4")]).status_code == 422
    assert posted(gateway_in(tmp_path), headers, people_csv(3), params=[("rows", "3")]).status_code == 201


def test_a_body_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    """A client that goes away, or sends nothing more: no upload, nothing on the log, and the gateway goes on."""

    async def broken() -> AsyncIterator[bytes]:
        yield people_csv(8)[:300]
        await asyncio.sleep(60)

    slow = posted(gateway_in(tmp_path, idle_seconds=0.05), {**token_of(tmp_path), **CSV}, broken())
    assert (slow.status_code, slow.json()["code"]) == (408, "body-too-slow")
    assert uploads(tmp_path) == [] and landed(tmp_path) == Counter()


@pytest.mark.parametrize("at", [1, 2, 3])
def test_an_append_that_fails_acknowledges_nothing_and_a_repetition_completes_it(tmp_path: Path, at: int) -> None:
    """Whichever append fails: no 2xx, no upload left; sent again it lands every row once."""
    fuse = Fuse(at, "error")

    @contextmanager
    def opener() -> Iterator[Landing]:
        with landing_in(tmp_path) as landing:
            yield replace(landing, log=FailingLog(landing.log, fuse))

    headers = {**token_of(tmp_path), **CSV, "Idempotency-Key": "once"}
    failed = posted(gateway_in(tmp_path, opener), headers, people_csv(20))
    assert fuse.blown and (failed.status_code, failed.json()["code"]) == (503, "spool-unwritable")
    assert uploads(tmp_path) == []
    assert posted(gateway_in(tmp_path), headers, people_csv(20)).status_code in (200, 201)
    assert set(landed(tmp_path).values()) == {1} and len(landed(tmp_path)) == 20


def test_a_broker_that_is_away_is_told_at_once_and_a_later_try_lands(tmp_path: Path) -> None:
    """503 with Retry-After and the stable code, health not ready; nothing of the broker's address; when it is back the same gateway lands the same delivery."""
    away = [True]

    def ready() -> None:
        if away[0]:
            knock("127.0.0.1:9")

    headers = {**token_of(tmp_path), **CSV}

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        found = [await client.get("/health"), await client.post(PEOPLE_PATH, headers=headers, content=people_csv(4))]
        away[0] = False
        return [*found, await client.get("/health"), await client.post(PEOPLE_PATH, headers=headers, content=people_csv(4))]

    ill, refused, well, taken = serving(gateway_in(tmp_path, watch=Watch(ready)), talk)
    assert (ill.status_code, ill.json()) == (503, {"live": True, "ready": False, "code": "broker-unreachable"})
    assert (refused.status_code, refused.json()["code"]) == (503, "broker-unreachable")
    assert int(refused.headers["retry-after"]) > 0 and "127.0.0.1" not in refused.text
    assert (well.status_code, well.json()) == (200, {"live": True, "ready": True})
    assert taken.status_code == 201 and len(landed(tmp_path)) == 4


class Remembering:
    """A log that keeps the headers it once read, as one on a broker does."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._kept: dict[tuple[str, int], list[tuple[int, Mapping[str, str]]]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def headers(self, topic: str, partition: int, start: int) -> Sequence[tuple[int, Mapping[str, str]]]:
        kept = self._kept.setdefault((topic, partition), [])
        kept += self._log.headers(topic, partition, kept[-1][0] + 1 if kept else 0)
        return [each for each in kept if each[0] >= start]


def test_what_a_log_lost_is_not_acknowledged_from_memory(tmp_path: Path) -> None:
    """A broker that lost what it had acknowledged: where `moved` tells of it, a repetition lands again; where nothing tells, it is no 2xx, and the next try lands it,

    also where another delivery lies in its place by now.
    """
    EmbeddedLog.open(tmp_path / "log.sqlite", 1).close()
    moved = [False]
    headers = {**token_of(tmp_path), **CSV}

    @contextmanager
    def opener() -> Iterator[Landing]:
        with landing_in(tmp_path) as landing:
            yield replace(landing, log=Remembering(landing.log))  # type: ignore[arg-type]

    def lose() -> None:
        with landing_in(tmp_path) as landing:
            landing.log.renew(landing.log.topics())

    async def talk(client: httpx.AsyncClient) -> list[int]:
        async def push() -> int:
            return (await client.post(PEOPLE_PATH, headers=headers, content=people_csv(4))).status_code

        found = [await push(), await push()]
        lose()
        moved[0] = True
        found.append(await push())
        moved[0] = False
        found.append(await push())
        lose()
        found += [await push(), await push(), await push()]
        lose()
        other = tmp_path / "people.csv"
        other.write_bytes(people_csv(4, 50))
        with landing_in(tmp_path) as landing:
            land(landing, PEOPLE, other)
        return [*found, await push(), await push()]

    assert serving(gateway_in(tmp_path, opener, Watch(moved=lambda _: moved[0])), talk) == [201, 200, 201, 200, 500, 201, 200, 500, 201]
    assert set(landed(tmp_path).values()) == {1} and len(landed(tmp_path)) == 8


def test_the_next_gateway_ends_what_a_killed_one_began(tmp_path: Path) -> None:
    """A delivery half on the log is completed from its spool, though its client never comes back."""
    file = tmp_path / "people.csv"
    file.write_bytes(people_csv(20))
    with landing_in(tmp_path) as landing:
        with pytest.raises(Killed):
            land(replace(landing, log=FailingLog(landing.log, Fuse(2, "killed before"))), PEOPLE, file)
        assert closing(landing) == []

    async def until_mended(client: httpx.AsyncClient) -> None:
        while list((tmp_path / "spool").glob("*.spool")):
            await asyncio.sleep(0.01)

    serving(gateway_in(tmp_path), lambda client: asyncio.wait_for(until_mended(client), 20))
    with landing_in(tmp_path) as landing:
        assert len(closing(landing)) == 1
    assert set(landed(tmp_path).values()) == {1} and len(landed(tmp_path)) == 20


def test_tokens_are_kept_as_hashes_and_count_until_revoked(tmp_path: Path) -> None:
    """The clear token is in no file; a revoked one is refused by the running gateway, another of the same department is not."""
    one, other = token_of(tmp_path), token_of(tmp_path)
    departments = Departments(tmp_path / "departments.json")

    async def talk(client: httpx.AsyncClient) -> list[int]:
        async def asked(token: dict[str, str]) -> int:
            return (await client.post(PEOPLE_PATH, headers={**token, **CSV}, content=people_csv(1))).status_code

        before = [await asked(one), await asked(other)]
        departments.revoke(REGISTER, departments.known()[0].id)
        return [*before, await asked(one), await asked(other)]

    assert serving(gateway_in(tmp_path), talk) == [201, 200, 401, 200]
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(token["Authorization"].split()[1].encode() in written for token in (one, other))
    assert (tmp_path / "departments.json").stat().st_mode & 0o077 == 0


def test_what_a_delivery_became_is_told_before_it_is_normalised(tmp_path: Path) -> None:
    """The account of its landing and that nothing is normalised yet; an unknown id and another department's feed tell nothing."""
    gateway, headers = gateway_in(tmp_path), token_of(tmp_path)
    theirs = token_of(tmp_path, PATROL)

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        landed = await client.post(PEOPLE_PATH, headers={**headers, **CSV}, content=people_csv(4))
        place = landed.headers["location"]
        unknown = await client.get(PEOPLE_PATH + "/abcdefgh2345", headers=headers)
        return [landed, await client.get(place, headers=headers), unknown, await client.get(place, headers=theirs)]

    made, told, unknown, foreign = serving(gateway, talk)
    settled = {"normalised": False, "normalised_rows": 0, "accepted": 0, "quarantined": 0, "reasons": {}, "flags": {}}
    assert told.json() == {name: value for name, value in made.json().items() if name != "already_landed"} | settled
    assert (unknown.status_code, unknown.json()["code"]) == (404, "delivery-unknown")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-your-feed")
