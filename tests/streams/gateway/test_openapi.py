"""The OpenAPI document is valid, says all that the contracts say, and is what the gateway does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema_rs import validator_for

from contracts.errors import CabinError
from contracts.read import load
from streams.gateway import Limits, openapi
from streams.gateway import errors as gateway_errors
from streams.gateway.asking import ENDINGS, RULES
from streams.gateway.openapi import problems
from streams.gateway.problems import TITLES, status_of
from tests.streams.gateway.kit import CSV, OWNED, PEOPLE_PATH, gateway_in, people_csv, serving, token_of
from tests.streams.gateway.test_refusals import CASES

META = Path(__file__).with_name("openapi-3.1.schema.json")
"""The published schema of OpenAPI 3.1 documents (spec.openapis.org/oas/3.1/schema/2022-10-07, Apache License 2.0)."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document of the released contracts, as JSON gives it back."""
    found: dict[str, Any] = json.loads(json.dumps(openapi(load(), Limits())))
    return found


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from references(each)


def at(document: Any, reference: str) -> Any:
    for name in reference.removeprefix("#/").split("/"):
        document = document[name]
    return document


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """Against the published schema of OpenAPI 3.1; every reference leads somewhere; every schema in it is one; operations have names of their own."""
    validator = validator_for(json.loads(META.read_text(encoding="utf-8")))
    assert [str(error) for error in validator.iter_errors(document)] == []
    assert not validator.is_valid(document | {"paths": {"no-stroke": {}}})
    found = set(references(document))
    assert len(found) > 20 and all(at(document, each) for each in found)
    for schema in document["components"]["schemas"].values():
        validator_for(schema | {"components": document["components"]})
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


def test_every_feed_parameter_and_form_is_in_it(document: dict[str, Any]) -> None:
    """Each feed with its own modes, owner and row, each parameter and form that is taken."""
    for feed in load().feeds.values():
        operation = document["paths"][f"/v1/feeds/{feed.name}/deliveries"]["post"]
        parameters = [at(document, each["$ref"]) if "$ref" in each else each for each in operation["parameters"]]
        assert {each["name"] for each in parameters} == {*RULES, "Idempotency-Key"}
        assert next(each for each in parameters if each["name"] == "mode")["schema"]["enum"] == list(feed.modes)
        assert set(operation["requestBody"]["content"]) == set(ENDINGS)
        assert feed.department.zh in operation["summary"] and feed.label.en in operation["summary"]
        row = at(document, operation["requestBody"]["content"]["application/json"]["schema"]["items"]["$ref"])
        assert {column.header for column in feed.columns} <= set(row["properties"])
        assert f"/v1/feeds/{feed.name}/deliveries/{{delivery}}" in document["paths"]


def test_every_problem_is_in_it(document: dict[str, Any]) -> None:
    """Each error of the gateway and each that a test of refusals met, under its status, in both languages; each status has a title."""
    named = {
        (response["content"]["application/problem+json"]["examples"][code]["value"]["status"], code)
        for response in document["components"]["responses"].values()
        for code in response["content"]["application/problem+json"]["examples"]
    }
    own = {each for each in vars(gateway_errors).values() if isinstance(each, type) and issubclass(each, gateway_errors.RequestRefused)}
    assert {(each.status, each.code) for each in own - {gateway_errors.RequestRefused}} <= named
    assert {(case.status, case.code) for case in CASES.values()} <= named
    assert {status_of(each) for each in problems()} <= set(TITLES)
    assert all(issubclass(each, CabinError) for each in problems())


def test_the_gateway_answers_as_the_document_says(tmp_path: Path) -> None:
    """What is served is this document; the answers to a landing, its outcome, health and a problem hold its schemas to the letter."""
    gateway, headers = gateway_in(tmp_path), token_of(tmp_path)

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        landed = await client.post(PEOPLE_PATH, headers={**headers, **CSV}, content=people_csv(4))
        outcome = await client.get(landed.headers["location"], headers=headers)
        problem = await client.post(PEOPLE_PATH, headers=CSV)
        return [await client.get("/v1/openapi.json"), landed, outcome, problem, await client.get("/health")]

    served, *answers = serving(gateway, talk)
    document = served.json()
    assert document == json.loads(json.dumps(openapi(OWNED, gateway.limits)))
    for name, answer in zip(("Landed", "Outcome", "Problem", "Health"), answers, strict=True):
        schema = document["components"]["schemas"][name]
        assert [str(error) for error in validator_for(schema).iter_errors(answer.json())] == []
        assert set(answer.json()) <= set(schema["properties"])
