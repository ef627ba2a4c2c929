"""All of a draft: `drafted`."""

from __future__ import annotations

from collections import Counter

import duckdb

from contracts.drafting.codes import match_lists, write_codes
from contracts.drafting.expressions import Speaker
from contracts.drafting.mappings import map_rows
from contracts.drafting.meaning import Seen, chosen, column_of, named, seen
from contracts.drafting.model import Draft, DraftColumn, Sample, Told
from contracts.drafting.shapes import shapes_of
from contracts.drafting.telling import ask_names, tell_columns, tell_disagreements, tell_file
from contracts.drafting.vocabulary import NAME, Place, Vocabulary
from contracts.drafting.whole import describe, spoken_rule
from contracts.model import Contracts
from contracts.normalising.shared import words_of


def drafted(sample: Sample, told: Told, contracts: Contracts, engine: duckdb.DuckDBPyConnection) -> Draft:
    """The draft of a contract for the sample, with findings and questions; nothing in it holds a cell but the codes that `told` asks for.

    `engine` was prepared with the contracts. Raises: `NotACode`.
    """
    vocabulary = Vocabulary(contracts)
    like = vocabulary.like(sample.headers)
    columns = seen(sample, shapes_of(sample.cells, engine), vocabulary)
    draft = Draft(told, sample, [], likeness=like)
    taken: set[str] = set()
    for one in columns:
        place = chosen(one, like, vocabulary)
        said = place or max((each for each, score in one.meanings.items() if score >= NAME), default=None)
        column = column_of(one, place, named(one.header, said[1] if said else vocabulary.usual(one.role), one.position, taken), vocabulary)
        draft.columns.append(column)
        if place is not None:
            _copy_rules(column, place, vocabulary)
    shapes = {column.name: one.shape for column, one in zip(draft.columns, columns, strict=True)}
    tell_file(draft)
    tell_disagreements(draft, columns, vocabulary)
    match_lists(draft, shapes, contracts)
    write_codes(draft, shapes, engine)
    map_rows(draft, shapes, vocabulary)
    _bind_rules(draft, columns, vocabulary)
    describe(draft, shapes, vocabulary)
    _classify(draft, vocabulary)
    _purposes(draft, contracts)
    tell_columns(draft, shapes)
    ask_names(draft)
    return draft


def _copy_rules(column: DraftColumn, place: Place, vocabulary: Vocabulary) -> None:
    """The known column's own rules, still in its feed's words."""
    column.rules = (
        [rule for rule in vocabulary.contracts.feeds[place[0]].rules if rule.column == place[1]]
        if vocabulary.meanings(column.header).get(place, 0.0) >= NAME
        else []
    )


def _bind_rules(draft: Draft, columns: list[Seen], vocabulary: Vocabulary) -> None:
    """The copied rules in the draft's words; those that read what the draft has not are left out, and so is a reason that another column has already."""
    speaker, reasons = Speaker(draft.columns, vocabulary, draft.told.feed), set[str]()
    for column, one in zip(draft.columns, columns, strict=True):
        place = chosen(one, draft.likeness, vocabulary)
        if place is None:
            continue
        feed, known = vocabulary.contracts.feeds[place[0]], vocabulary.contracts.feeds[place[0]].column(place[1])
        said = [each for rule in column.rules if rule.column and rule.reason not in reasons and (each := spoken_rule(speaker, feed, rule))]
        column.rules = [each for each in column.rules if each.column is None] + said
        reasons |= {rule.reason for rule in said}
        for beside in ("sex_column", "birth_column"):
            other = speaker.like(feed, getattr(known, beside)) if getattr(known, beside) and column.properties.get("identifier") else None
            if other:
                column.properties[beside] = other[0].name
        when = speaker.said(feed, known.identifier_when)
        if when and known.identifier and "identifier" not in column.properties:
            column.classification = str(known.classification)
            column.properties |= {"identifier": known.identifier, "identifier_when": when.sql}


def _classify(draft: Draft, vocabulary: Vocabulary) -> None:
    """What becomes a personal attribute is personal from landing on, and so is what nobody knows in a list that names persons by number, apart from the key of its rows."""
    if any(column.properties.get("identifier") == "subject" for column in draft.columns):
        key = words_of(str(draft.feed.get("record", "")))
        for column in (each for each in draft.columns if not vocabulary.knows(each.header) and each.classification == "plain" and each.name not in key):
            column.classification = "personal"
    personal = {
        f"{kind.name}.{each.name}" for kind in vocabulary.contracts.kinds.values() for each in kind.attributes if str(each.classification) == "personal"
    }
    read = [sql for mapping in draft.mappings for name, sql in mapping.columns if f"{mapping.target}.{name}" in personal]
    speaker = {column.name: column for column in draft.columns if column.classification == "plain"}
    for name in {word for sql in read for word in words_of(sql)} & speaker.keys():
        speaker[name].classification = "personal"
        speaker[name].legal_basis = ""


def _purposes(draft: Draft, contracts: Contracts) -> None:
    """A purpose is what the person says, or what the known column has; for others that of most columns, else it is asked. The legal basis is that of known columns of the class."""
    known = Counter(column.purpose for column in draft.columns if column.purpose)
    common = next((purpose for purpose, count in known.most_common(1) if count * 2 > len(draft.columns)), "")
    usual = {
        name: Counter(each.legal_basis for feed in contracts.feeds.values() for each in feed.columns if str(each.classification) == name)
        for name in ("identifier", "personal", "plain")
    }
    for column in draft.columns:
        column.purpose = draft.told.purpose or column.purpose or common
        column.legal_basis = column.legal_basis or usual[column.classification].most_common(1)[0][0]
    asked = [column.name for column in draft.columns if not column.purpose]
    if asked:
        allowed = ", ".join(contracts.code_lists["purpose"].labels)
        draft.ask("purpose", f"为何处理 {'、'.join(asked)}？请逐列写 cabin.purpose（{allowed}），或不再收取。", f"why are {', '.join(asked)} processed? Write cabin.purpose of each ({allowed}), or leave it out.", *(f"missing-purpose {name}" for name in asked))  # fmt: skip
