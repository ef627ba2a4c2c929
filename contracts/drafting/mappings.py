"""What the rows become: the mappings of known feeds that can be said in the draft's words, the likeliest targets first, and attributes that headers name."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contracts.check_feed import FACT_TARGETS
from contracts.drafting.expressions import Said, Speaker
from contracts.drafting.model import Draft, DraftColumn, DraftMapping
from contracts.drafting.shapes import Shape
from contracts.drafting.vocabulary import Vocabulary
from contracts.facts import LINK
from contracts.model import Attribute, Feed, Mapping

SAME = 0.5
"""From this share of common headers on, a layout counts as a known feed's: its mapping is taken whole."""
LEAST = 0.15
SURE_ENOUGH = 0.6
NAMED = 0.2
NAMES_ONLY = 0.6
"""Headers that name attributes tell the kind, but not which entity a row is: that is worth less."""
BESIDE_BEST = 0.4
READERS = {
    "text": "text_clean({})", "date": "date_of({})", "timestamp": "timestamp_of({})", "integer": "whole_of({})", "decimal": "number_of({})",
    "boolean": "flag_of({})", "address": "address_key({})",
}  # fmt: skip
"""How a cell of the draft is read as an attribute of a type; codes are read by their list."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A known mapping in the draft's words. `score`: how sure its entity is, times how much of it and of the file it explains."""

    feed: Feed
    mapping: Mapping
    entity: Said | None
    columns: tuple[tuple[str, Said], ...]
    score: float

    @property
    def target(self) -> str:
        return self.mapping.target


def map_rows(draft: Draft, shapes: dict[str, Shape], vocabulary: Vocabulary) -> None:
    """Fills `kinds` and `mappings` of the draft, with their findings and questions."""
    speaker = Speaker(draft.columns, vocabulary, draft.told.feed)
    candidates = [each for feed in vocabulary.contracts.feeds.values() for mapping in feed.mappings if (each := _candidate(speaker, feed, mapping))]
    draft.kinds = _scores(draft, candidates, vocabulary)
    if draft.likeness and draft.likeness[0].share >= SAME:
        chosen = [each for each in candidates if each.feed.name == draft.likeness[0].feed]
    else:
        chosen = _best_of_each([each for each in candidates if each.target in vocabulary.contracts.kinds])
    draft.mappings = [_mapping(speaker, each, whole=draft.likeness[0].share >= SAME if draft.likeness else False) for each in chosen]
    top = next(iter(draft.kinds), ("", 0.0))
    if top[1] >= NAMED and top[0] in vocabulary.contracts.kinds and top[0] not in {each.target for each in chosen} | {"residency"}:
        draft.mappings.insert(0, DraftMapping(top[0], top[0], (), {}))
    if draft.mappings:
        _complete(draft, candidates)
        _supplement(draft, shapes, vocabulary)
    _tell(draft, chosen, vocabulary)


def _scores(draft: Draft, candidates: list[Candidate], vocabulary: Vocabulary) -> list[tuple[str, float]]:
    """Every target with the score of its best known mapping, or the share of headers that name attributes of the kind, whichever is more; best first."""
    found: dict[str, float] = {}
    for each in candidates:
        found[each.target] = max(each.score, found.get(each.target, 0.0))
    for kind in vocabulary.contracts.kinds:
        named = [max((score for (owner, _), score in vocabulary.attributes(column.header).items() if owner == kind), default=0.0) for column in draft.columns]
        found[kind] = max(sum(named) / max(1, len(named)) * NAMES_ONLY, found.get(kind, 0.0))
    return sorted(((target, round(score, 2)) for target, score in found.items() if score > 0), key=lambda each: (-each[1], each[0]))


def _candidate(speaker: Speaker, feed: Feed, mapping: Mapping) -> Candidate | None:
    """None where the entity, or a condition of the mapping, reads a column that the draft has not."""
    columns = [(column.name, said) for column in mapping.columns if (said := speaker.said(feed, column.sql)) is not None]
    entity = speaker.said(feed, mapping.entity)
    keys = [said for name, said in columns if name in {end for end, _ in LINK}] if mapping.target == "residency" else [entity]
    needed = FACT_TARGETS.get(mapping.target, ())
    if any(key is None for key in keys) or (mapping.target == "residency" and len(keys) < len(LINK)) or not set(needed) <= {name for name, _ in columns}:
        return None
    if mapping.where is not None and speaker.said(feed, mapping.where) is None:
        return None
    spoken = [said for _, said in columns if said.reads]
    used = frozenset().union(*(said.reads for said in [*spoken, *(key for key in keys if key)]))
    fill = len(spoken) / max(1, sum(1 for column in mapping.columns if column.sql))
    sure = min((key.sure for key in keys if key), default=1.0)
    return Candidate(feed, mapping, entity, tuple(columns), sure * (fill + len(used) / max(1, len(speaker.columns))) / 2)


def _best_of_each(candidates: list[Candidate]) -> list[Candidate]:
    """The best mapping of every kind that is nearly as likely as the likeliest; those of reduced rows belong to their own feed."""
    landed = [each for each in candidates if each.mapping.rows == "landed" and each.score >= LEAST]
    top = max((each.score for each in landed), default=0.0)
    best: dict[str, Candidate] = {}
    for each in sorted(landed, key=lambda each: (-each.score, each.feed.name)):
        if each.score >= BESIDE_BEST * top:
            best.setdefault(each.target, each)
    return list(best.values())


def _mapping(speaker: Speaker, each: Candidate, whole: bool) -> DraftMapping:
    """Of a feed that is only partly alike, what is the same in every row says nothing about this one and stays out."""
    ends = {end for end, _ in LINK}
    columns = tuple((name, said.sql) for name, said in each.columns if whole or said.reads or name in ends)
    properties = {"target": each.target} if each.mapping.target != _name(each) else {}
    if each.entity is not None:
        properties["entity"] = each.entity.sql
    for name in ("record", "where", "merged_into"):
        said = speaker.said(each.feed, getattr(each.mapping, name))
        if said is not None:
            properties[name] = said.sql
    if each.mapping.rows != "landed":
        properties["rows"] = each.mapping.rows
    return DraftMapping(_name(each), each.target, columns, properties, each.target in speaker.vocabulary.contracts.kinds and each.target != "residency")


def _name(each: Candidate) -> str:
    return "minors" if each.mapping.rows == "minors" else each.target


def _complete(draft: Draft, candidates: list[Candidate]) -> None:
    """Attributes of the targets that other known feeds make of columns which this one has too."""
    if draft.likeness and draft.likeness[0].share >= SAME:
        return
    for each in sorted((each for each in candidates if each.mapping.rows == "landed"), key=lambda each: (-each.score, each.feed.name)):
        place = next((number for number, mapping in enumerate(draft.mappings) if mapping.target == each.target), None)
        if place is not None:
            filled = dict(draft.mappings[place].columns)
            more = [(name, said.sql) for name, said in each.columns if said.reads and said.sure >= SURE_ENOUGH and name not in filled]
            draft.mappings[place] = replace(draft.mappings[place], columns=(*draft.mappings[place].columns, *more))


def _supplement(draft: Draft, shapes: dict[str, Shape], vocabulary: Vocabulary) -> None:
    """Attributes of the targets that a header names and no known mapping fills."""
    read = {column.name for column in draft.columns for mapping in draft.mappings for _, sql in mapping.columns if column.name in sql}
    for column in (column for column in draft.columns if column.name not in read and column.classification != "identifier"):
        for (kind, name), _ in sorted(vocabulary.attributes(column.header).items(), key=lambda each: (-each[1], each[0])):
            place = next((number for number, each in enumerate(draft.mappings) if each.target == kind and name not in dict(each.columns)), None)
            if place is None:
                continue
            attribute = next(each for each in vocabulary.contracts.kinds[kind].attributes if each.name == name)
            sql = _read(column, attribute, shapes[column.name], vocabulary)
            if sql is None:
                draft.ask(
                    column.name,
                    f"{column.header} 的取值对应 {kind}.{name}（代码表 {attribute.code_list}）的哪些代码？",
                    f"which codes of {kind}.{name} (list {attribute.code_list}) do the values of {column.header} mean?",
                )
            else:
                draft.mappings[place] = replace(draft.mappings[place], columns=(*draft.mappings[place].columns, (name, sql)))
            break


def _read(column: DraftColumn, attribute: Attribute, shape: Shape, vocabulary: Vocabulary) -> str | None:
    """The cell as the attribute; None where it is a code and the values are neither codes nor labels of its list."""
    if attribute.code_list is None:
        return READERS.get(attribute.type, "text_clean({})").format(column.name)
    labels = vocabulary.contracts.code_lists[attribute.code_list].labels
    if shape.words and shape.spoken(frozenset(code.lstrip("0") for code in labels)) >= SAME:
        return f"code_of({column.name}, [{', '.join(repr(code) for code in labels)}])"
    if shape.words and shape.spoken(frozenset(label.zh for label in labels.values())) >= SAME:
        return f"case {column.name} {' '.join(f'when {label.zh!r} then {code!r}' for code, label in labels.items())} end"
    return None


def _tell(draft: Draft, chosen: list[Candidate], vocabulary: Vocabulary) -> None:
    for target, score in draft.kinds[:3]:
        draft.find("mapping", target, f"可能的去向：{target}", f"rows may become: {target}", score)
    kinds = ", ".join(vocabulary.contracts.kinds)
    if not draft.mappings:
        draft.mappings = [DraftMapping("which_kind", "which_kind", (), {}, needs_entity=False)]
        draft.ask("mapping", f"每行说的是哪一类对象？可用：{kinds}。请改写该映射：目标、cabin.entity 和属性。", f"what is a row about? One of: {kinds}. Rewrite this mapping: its target, cabin.entity and attributes.", "unknown-target which_kind")  # fmt: skip
    elif not (draft.likeness and draft.likeness[0].share >= SAME):
        named = "、".join(dict.fromkeys(each.target for each in chosen))
        draft.ask(
            "mapping",
            f"各行记作 {named}，是否正确？不对的映射请删除或改写。",
            f"rows become {named.replace('、', ', ')}: is that right? Remove or rewrite a mapping that is wrong.",
        )
