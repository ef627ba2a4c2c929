"""The AsyncAPI document keeps the published schema and tells every topic."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator, meta

from contracts.asyncapi import document
from contracts.asyncapi_messages import HEADERS
from contracts.read import load
from contracts.subscribers import entity_headers, entity_json_schema
from contracts.topics import topics

KNOWN = load()
PUBLISHED = Path(__file__).parent / "asyncapi" / "3.1.0-without-$id.json.gz"
CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def validator() -> Draft7Validator:
    return Draft7Validator(json.loads(gzip.decompress(PUBLISHED.read_bytes())))


@pytest.fixture(scope="module", params=["zh", "en"])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    return document(KNOWN, 4, request.param)


def test_the_document_keeps_the_published_schema(made: dict[str, Any], validator: Draft7Validator) -> None:
    """Every part is as AsyncAPI 3.1.0 wants it; the schema is no rubber stamp: it refuses the document with one thing wrong."""
    assert [str(error) for error in validator.iter_errors(made)] == []
    for path, value in ((("channels", "cabin.tasks", "adress"), "x"), (("operations", "sendDiscrepancies", "action"), "publish"), (("asyncapi",), "3.0.0")):
        wrong = json.loads(json.dumps(made))
        part = wrong
        for name in path[:-1]:
            part = part[name]
        part[path[-1]] = value
        assert not validator.is_valid(wrong), path


def test_every_topic_is_a_channel_with_its_settings(made: dict[str, Any]) -> None:
    """Channels are exactly the declared topics, each with partitions, clean-up and its messages."""
    declared = {topic.name: topic for topic in topics(KNOWN, 4)}
    assert made["channels"].keys() == declared.keys()
    for name, channel in made["channels"].items():
        kafka = channel["bindings"]["kafka"]
        assert (kafka["partitions"], ",".join(kafka["topicConfiguration"]["cleanup.policy"])) == (4, declared[name].settings["cleanup.policy"])
        assert channel["messages"], name


def test_others_may_read_entities_discrepancies_and_tasks_and_fill_inboxes(made: dict[str, Any]) -> None:
    """Operations are there for exactly these; every reference leads somewhere."""
    public = {name for name in made["channels"] if name.startswith(("cabin.entity.", "cabin.inbox.", "cabin.discrepancies", "cabin.tasks"))}
    assert {each["channel"]["$ref"].removeprefix("#/channels/") for each in made["operations"].values()} == public
    for operation in made["operations"].values():
        assert operation["action"] == ("receive" if "inbox" in operation["channel"]["$ref"] else "send")
        for reference in (operation["channel"], *operation["messages"]):
            part: Any = made
            for step in reference["$ref"].removeprefix("#/").split("/"):
                part = part[step]
            assert part


def test_payloads_are_schemas_that_the_messages_keep(made: dict[str, Any]) -> None:
    """Payloads are valid JSON Schemas of the document's dialect; the headers are those that the makers write, so neither is kept by hand."""
    for name, channel in made["channels"].items():
        for message in channel["messages"].values():
            if "payload" in message and "schemaFormat" not in message["payload"]:
                assert meta.is_valid({"$schema": "http://json-schema.org/draft-07/schema#", **message["payload"]}), name
    person = made["channels"]["cabin.entity.person"]["messages"]["entity.person"]
    assert set(person["headers"]["required"]) == set(entity_headers(KNOWN.kinds["person"], "e", "g", 1))
    properties = entity_json_schema(KNOWN.kinds["person"], KNOWN)["properties"]
    assert person["payload"]["oneOf"][0]["properties"].keys() == properties.keys()


def test_each_document_speaks_one_language() -> None:
    """Titles and descriptions are Chinese in one document and English in the other."""
    zh, en = (document(KNOWN, 4, lang) for lang in ("zh", "en"))
    assert all(CHINESE.search(channel["title"]) for channel in zh["channels"].values())
    assert not [text for text in texts(en["info"]) | texts(en["operations"]) | texts(en["channels"]["cabin.entity.dwelling"]) if CHINESE.search(text)]
    assert not [name for name, label in HEADERS.items() if CHINESE.search(label.en) or not CHINESE.search(label.zh)]


def texts(part: Any) -> set[str]:
    """All titles and descriptions below a part."""
    if isinstance(part, list):
        return {text for each in part for text in texts(each)}
    if not isinstance(part, dict):
        return set()
    own = {part[name] for name in ("title", "description") if isinstance(part.get(name), str)}
    return own | {text for each in part.values() for text in texts(each)}
