"""Feeds that tests make up, as an installation's own contract files: the text that a department's officer would write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """One required column: its name, the header it comes under, what it means. `rule`: name, SQL, and what it says when broken in Chinese and English."""

    name: str
    header: str
    about: str
    logical: str = "string"
    physical: str = ""
    classification: str = "plain"
    identifier: str = ""
    rule: tuple[str, str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A feed: who delivers what, and its `cabin.` properties besides format and encoding, in order and as YAML."""

    name: str
    en: str
    zh: str
    about: str
    usage: str
    catalogue: str
    department: tuple[str, str]
    purpose: str
    properties: Sequence[tuple[str, str]]
    columns: Sequence[Column]


def contract(feed: Made, mappings: str) -> str:
    """The file; `mappings`: what its rows become, as YAML below `schema`."""
    zh, en = feed.department
    properties = "".join(f"  - {{property: cabin.{name}, value: {value}}}\n" for name, value in feed.properties)
    return f"""\
apiVersion: v3.2.0
kind: DataContract
id: {feed.name}
name: {feed.en}
version: 1.0.0
status: active
domain: base-management
description:
  purpose: "{feed.about}"
  usage: "{feed.usage}"
customProperties:
  - {{property: cabin.catalogue, value: {feed.catalogue}}}
  - {{property: cabin.label, value: {{zh: {feed.zh}, en: "{feed.en}"}}}}
  - {{property: cabin.department, value: {{zh: {zh}, en: "{en}"}}}}
  - {{property: cabin.format, value: csv}}
  - {{property: cabin.encoding, value: utf-8}}
{properties}schema:
  - name: {feed.name}
    physicalName: cabin.raw.{feed.name}
    physicalType: topic
    properties:
{"".join(column(feed, each) for each in feed.columns)}{mappings}"""


def column(feed: Made, given: Column) -> str:
    """One column as it stands in the file of its feed."""
    physical = f"        physicalType: {given.physical}\n" if given.physical else ""
    identifier = f'          - {{property: cabin.identifier, value: "{given.identifier}"}}\n' if given.identifier else ""
    return f"""\
      - name: {given.name}
        id: {feed.name}.{given.name}
        logicalType: {given.logical}
{physical}        required: true
        synonyms: [{{synonym: "{given.header}", locale: zh-CN}}]
        description: "{given.about}"
        classification: {given.classification}
        customProperties:
          - {{property: cabin.purpose, value: {feed.purpose}}}
          - {{property: cabin.legal_basis, value: statutory_duty}}
{identifier}{_rule(given)}"""


def _rule(given: Column) -> str:
    if given.rule is None:
        return ""
    name, sql, zh, en = given.rule
    return f"""\
        quality:
          - name: {name}
            type: custom
            engine: duckdb
            implementation: "{sql}"
            severity: error
            customProperties:
              - {{property: cabin.label, value: {{zh: {zh}, en: "{en}"}}}}
"""
