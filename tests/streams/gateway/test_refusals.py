"""What the gateway does not take is told as a problem with a stable code, in two languages, without a value of what was sent; and nothing of it lands."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from streams.gateway import Watch
from streams.gateway.errors import TooManyRequests
from streams.gateway.limits import Rates
from tests.streams.gateway.kit import CSV, OBJECTS_PATH, PEOPLE_PATH, gateway_in, landing_in, people_csv, pieces, serving, token_of
from tests.streams.landing.kit import csv_bytes, identity, messages, people

MEMBERS = {"type", "title", "status", "detail", "code", "hint"}
NUMBER, NAME = identity("19660606", 77), "欧阳某某"


@dataclass(frozen=True)
class Case:
    """A request that is refused, by what differs from a good one."""

    status: int
    code: str
    path: str = PEOPLE_PATH
    params: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str | None] = field(default_factory=dict)
    content: Callable[[], Any] = lambda: people_csv(3)
    method: str = "POST"
    limits: Mapping[str, Any] = field(default_factory=dict)


LARGE = b"[" + b" " * 1_200_000
CASES = {
    "no token": Case(401, "token-missing", headers={"Authorization": None}),
    "another scheme": Case(401, "token-missing", headers={"Authorization": "Basic eDp5"}),
    "a wrong token": Case(401, "token-unknown", headers={"Authorization": "Bearer cabin_no"}),
    "an unknown feed": Case(404, "unknown-feed", path="/v1/feeds/peeple/deliveries"),
    "another's feed": Case(403, "not-your-feed", path=OBJECTS_PATH),
    "no such path": Case(404, "no-such-path", path="/v2"),
    "a path with a stroke too many": Case(404, "no-such-path", path=PEOPLE_PATH + "/"),
    "another method": Case(405, "method-not-allowed", method="PUT"),
    "a workbook": Case(415, "content-type-unknown", headers={"Content-Type": "application/vnd.ms-excel"}),
    "no form": Case(415, "content-type-unknown", headers={"Content-Type": None}),
    "a compressed body": Case(415, "content-encoding-unsupported", headers={"Content-Encoding": "gzip"}),
    "an unknown parameter": Case(400, "parameters-unknown", params=(("row", "3"),)),
    "a parameter twice": Case(400, "parameter-unusable", params=(("rows", "3"), ("rows", "3"))),
    "rows that are no number": Case(400, "parameter-unusable", params=(("rows", "3.5"),)),
    "a mode the feed has not": Case(400, "parameter-unusable", params=(("mode", "full"),)),
    "a moment that is none": Case(400, "parameter-unusable", params=(("moment", "yesterday"),)),
    "a moment beyond the calendar": Case(400, "parameter-unusable", params=(("moment", "9999-12-31T23:00:00-12:00"),)),
    "an area that is none": Case(400, "parameter-unusable", params=(("area", "33030"),)),
    "a part beyond the parts": Case(400, "parameter-unusable", params=(("part", "3"), ("parts", "2"))),
    "a superseded delivery that is none": Case(400, "parameter-unusable", params=(("supersedes", "latest"),)),
    "an empty key": Case(400, "idempotency-key-unusable", headers={"Idempotency-Key": ""}),
    "a long key": Case(400, "idempotency-key-unusable", headers={"Idempotency-Key": "k" * 201}),
    "an announced size": Case(413, "delivery-too-large", content=lambda: b"x" * 1_000_001, limits={"megabytes": 1}),
    "an unannounced size": Case(413, "delivery-too-large", content=lambda: pieces(b"x" * 1_200_000, 100_000), limits={"megabytes": 1}),
    "a large array": Case(413, "array-too-large", content=lambda: LARGE, headers={"Content-Type": "application/json"}, limits={"array_megabytes": 1}),
    "a large array as lines": Case(
        413, "array-too-large", content=lambda: b"\n " + LARGE, headers={"Content-Type": "application/x-ndjson"}, limits={"array_megabytes": 1}
    ),
    "too many at once": Case(503, "gateway-busy", limits={"in_hand": 0}),
    "a snapshot without its moment": Case(422, "snapshot-undeclared", params=(("mode", "snapshot"),)),
    "another number of rows": Case(422, "wrong-row-count", params=(("rows", "4"),)),
    "no rows": Case(422, "empty-delivery", content=lambda: b""),
    "no header": Case(422, "no-header", content=lambda: b"a,b\n1,2\n"),
    "no JSON": Case(422, "broken-json", headers={"Content-Type": "application/json"}, content=lambda: b'[{"a": 1'),
}


def refused(folder: Path, case: Case, lang: str = "en") -> httpx.Response:
    """The answer to a case."""
    given = {**token_of(folder), **CSV, "Accept-Language": lang, **case.headers}
    headers = {name: value for name, value in given.items() if value is not None}

    def talk(client: httpx.AsyncClient) -> Any:
        return client.request(case.method, case.path, headers=headers, content=case.content(), params=list(case.params))

    answer: httpx.Response = serving(gateway_in(folder, **case.limits), talk)
    assert list((folder / "gateway" / "uploads").iterdir()) == []
    with landing_in(folder) as landing:
        assert messages(landing) == []
    return answer


@pytest.mark.parametrize("name", CASES)
def test_what_is_refused_is_a_problem_in_both_languages(tmp_path: Path, name: str) -> None:
    """Status, code, media type and all members; fact and hint differ by language; nothing landed and no upload is left."""
    case = CASES[name]
    told = {lang: refused(tmp_path, case, lang) for lang in ("zh", "en")}
    for lang, answer in told.items():
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (case.status, case.code), answer.text
        assert answer.headers["content-type"] == "application/problem+json" and answer.headers["content-language"] == lang
        assert set(problem) == MEMBERS and problem["status"] == case.status and problem["type"] == f"urn:cabin:problem:{case.code}"
        assert "--" not in problem["hint"]
    assert all(told["zh"].json()[each] != told["en"].json()[each] for each in ("title", "detail", "hint"))
    assert ("retry-after" in told["en"].headers) == (case.status in (429, 503))
    assert ("www-authenticate" in told["en"].headers) == (case.status == 401)
    assert ("allow" in told["en"].headers) == (case.status == 405)


@pytest.mark.parametrize(
    ("wanted", "lang"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB", "en"),
        ("de, zh;q=0.3, en;q=0.2", "zh"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("fr", "en"),
        ("zh;q=x", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_one_wanted_most(tmp_path: Path, wanted: str, lang: str) -> None:
    """By quality; the installation's own where neither is asked for."""
    assert refused(tmp_path, CASES["no such path"], wanted).headers["content-language"] == lang


def test_a_department_that_asks_too_often_waits(tmp_path: Path) -> None:
    """429 with the seconds to wait, for this department alone."""
    headers = token_of(tmp_path)
    theirs = token_of(tmp_path, "patrol")

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        place = PEOPLE_PATH + "/abcdefgh2345"
        found = [await client.get(place, headers=headers) for _ in range(3)]
        return [*found, await client.get(place.replace("people", "objects"), headers=theirs)]

    answers = serving(gateway_in(tmp_path, rate=2), talk)
    assert [each.status_code for each in answers] == [404, 404, 429, 404]
    assert answers[2].json()["code"] == "too-many-requests" and 1 <= int(answers[2].headers["retry-after"]) <= 30


def test_a_bucket_fills_again_at_its_rate() -> None:
    """Six a minute: six at once, then one every ten seconds, never more than six saved up; being refused costs nothing."""
    now, waits = [0.0], list[int]()
    rates = Rates(6, lambda: now[0])

    def taken() -> int:
        for count in range(100):
            try:
                rates.take("one")
            except TooManyRequests as error:
                waits.append(int(str(error.values["seconds"])))
                return count
        raise AssertionError

    found = []
    for seconds in (0, 9, 1, 25, 100_000):
        now[0] += seconds
        found.append(taken())
    assert (found, waits) == ([6, 0, 1, 2, 6], [10, 1, 10, 5, 10])


def test_no_value_of_a_request_reaches_a_problem_or_a_line(tmp_path: Path) -> None:
    """A number and a name in path, query, key, token, headers and cells: neither answers nor log lines repeat them, whatever is refused or fails."""
    row = people(1)[0] | {"证件号码": NUMBER, "姓名": NAME}
    lines = json.dumps(row | {"性别": [NAME]}, ensure_ascii=False).encode()
    good = {**token_of(tmp_path), **CSV}
    requests: list[tuple[str, dict[str, str], dict[str, str], bytes]] = [
        (f"/v1/feeds/{NUMBER}/deliveries", {}, good, b""),
        (f"/{NAME}/{NUMBER}", {}, good, b""),
        (PEOPLE_PATH, {NAME: NUMBER}, good, b""),
        (PEOPLE_PATH, {"area": NUMBER, "moment": NAME}, good, b""),
        (PEOPLE_PATH, {"moment": NUMBER}, good, b""),
        (PEOPLE_PATH, {}, good | {"Idempotency-Key": NUMBER + " "}, b""),
        (PEOPLE_PATH, {}, good | {"Authorization": f"Bearer {NUMBER}"}, b""),
        (PEOPLE_PATH, {}, good | {"Content-Type": NUMBER}, b""),
        (PEOPLE_PATH, {"rows": "7"}, good, csv_bytes([row])),
        (PEOPLE_PATH, {}, good, csv_bytes([row]) + f"{NUMBER},{NAME}\r\n".encode("gb18030")),
        (PEOPLE_PATH, {}, good | {"Content-Type": "application/json"}, lines),
        (PEOPLE_PATH, {}, good | {"Content-Type": "application/json"}, lines[:-9]),
    ]

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.post(path, params=params, headers=headers, content=body) for path, params, headers, body in requests]

    with capture_logs() as said:
        answers = serving(gateway_in(tmp_path), talk)
    assert all(400 <= each.status_code < 500 for each in answers), [each.status_code for each in answers]
    assert len([line for line in said if line["event"] == "gateway.request"]) == len(requests)
    told = "".join(each.text for each in answers) + repr(said)
    assert NUMBER not in told and NAME not in told and NUMBER[6:14] not in told


def test_the_unforeseen_is_told_without_its_words(tmp_path: Path) -> None:
    """A fault whose message holds a value: 500 as a problem, a line with the fault's type and place, never its message; the gateway goes on."""

    def ready() -> None:
        raise ValueError(NUMBER)

    headers = {**token_of(tmp_path), **CSV}

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.post(PEOPLE_PATH, headers=headers, content=people_csv(2)) for _ in range(2)]

    with capture_logs() as said:
        answers = serving(gateway_in(tmp_path, watch=Watch(ready)), talk)
    assert [(each.status_code, each.json()["code"]) for each in answers] == [(500, "gateway-fault")] * 2
    faults = [line for line in said if line["event"] == "gateway.fault"]
    assert faults and all(line["error"] == "ValueError" and "test_refusals.py" in line["error_where"] for line in faults)
    assert NUMBER not in repr(said) + answers[0].text
