"""All of a draft: `drafted`."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import duckdb

from contracts.ban import ban_list
from contracts.drafting.codes import write_codes
from contracts.drafting.expressions import Speaker
from contracts.drafting.mappings import map_rows
from contracts.drafting.meaning import ROLE_NAMES, Seen, chosen, column_of, disagrees, named, seen
from contracts.drafting.model import SURE, Draft, DraftColumn, Sample, Told
from contracts.drafting.shapes import Shape, shapes_of
from contracts.drafting.vocabulary import NAME, Place, Vocabulary
from contracts.drafting.whole import describe, spoken_rule
from contracts.model import Contracts
from contracts.normalising.shared import words_of

LONG_TEXT = 30
"""Characters beyond which an undeclared text counts as free text at landing."""


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
    _tell_file(draft)
    _tell_disagreements(draft, columns, vocabulary)
    write_codes(draft, shapes, engine)
    map_rows(draft, shapes, vocabulary)
    _bind_rules(draft, columns, vocabulary)
    describe(draft, shapes, vocabulary)
    _classify(draft, vocabulary)
    _purposes(draft, contracts)
    _tell_columns(draft, shapes)
    _name(draft)
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


def _tell_file(draft: Draft) -> None:
    sample = draft.sample
    draft.find("file", "encoding", f"编码 {sample.encoding}", f"encoding {sample.encoding}", 1.0 if sample.format == "csv" else 0.9)
    if sample.format == "csv":
        shown = "tab" if sample.delimiter == "\t" else sample.delimiter
        draft.find("file", "delimiter", f"分隔符 {shown}", f"cells are parted by {shown}", 1.0)
    draft.find(
        "file",
        "header",
        f"表头在标题 {sample.titles} 行之下，共 {len(sample.headers)} 列",
        f"header below {sample.titles} title rows, {len(sample.headers)} columns",
        1.0,
    )
    for each in draft.likeness[:3]:
        text = f"像数据源 {each.feed}：其 {each.columns} 列中有 {each.shared} 列", f"this looks like feed {each.feed} ({each.shared} of {each.columns} columns)"
        draft.find("file", "layout", *text, round(each.share, 2))
    if draft.likeness and draft.likeness[0].share >= 0.8:
        best = draft.likeness[0]
        draft.ask("feed", f"样例的表头与数据源 {best.feed} 相同（{best.columns} 列中的 {best.shared} 列）：是送错了版式，还是该用 `cabin land {best.feed}` 接收？", f"the sample has the layout of feed {best.feed} ({best.shared} of {best.columns} columns): did a department send another's layout, or should it be landed with `cabin land {best.feed}`?")  # fmt: skip
    for header, rule in sample.banned:
        ban = next(each for each in ban_list().rules if each.id == rule)
        draft.find("column", header, f"禁止采集（规则 {rule}），已略去，内容未读取", f"banned by the rule {rule}: left out, nothing was read from it", 1.0)
        draft.ask("feed", f"请部门交付时去掉列 {header}（{ban.topic.zh}）；可改为：{ban.instead.zh}。带有该列的批次会被整批拒收。", f"ask the department to deliver without the column {header} ({ban.topic.en}); permitted instead: {ban.instead.en}. A delivery that has it is refused whole.")  # fmt: skip
    if sample.unnamed:
        draft.ask("feed", f"有 {sample.unnamed} 列没有表头，已略去：是什么？", f"{sample.unnamed} columns have no header and were left out: what are they?")


def _tell_disagreements(draft: Draft, columns: list[Seen], vocabulary: Vocabulary) -> None:
    """Where the values are none of what the header says; two such columns that fit each other are exchanged."""
    wrong = [
        one
        for one in columns
        if (known := [place for place, score in one.meanings.items() if score >= NAME]) and all(disagrees(one, each, vocabulary) for each in known)
    ]
    for one in wrong:
        column = draft.columns[one.position]
        column.type, column.confidence = None, min(column.confidence, 0.3)
        expected = {vocabulary.roles.get(place) for place in one.meanings}
        other = next(
            (each for each in wrong if each is not one and (each.role in expected or one.role in {vocabulary.roles.get(place) for place in each.meanings})),
            None,
        )
        found = ROLE_NAMES[one.role].zh if one.role in ROLE_NAMES else "其他内容", ROLE_NAMES[one.role].en if one.role in ROLE_NAMES else "something else"
        if other is not None:
            text = (
                f"表头为 {one.header} 的列，内容像是 {other.header} 的：两列是否互换？",
                f"the values below {one.header} look like those of {other.header}: are the two columns exchanged?",
            )
        else:
            text = (
                f"表头为 {one.header} 的列，内容却是{found[0]}：表头错了还是内容错了？",
                f"the header says {one.header}, the values are {found[1]}: which of the two is wrong?",
            )
        zh, en = text
        draft.ask(column.name, f"{zh}请核对后写 physicalType。", f"{en} Look into it, then write physicalType.", "unknown-value physicalType")


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


def _tell_columns(draft: Draft, shapes: dict[str, Shape]) -> None:
    for column in draft.columns:
        shape = shapes[column.name]
        type_ = column.type or "?"
        role = f" {column.role}" if column.role else ""
        lists = f" {column.properties['code_list']}" if "code_list" in column.properties else ""
        counts = f"{shape.filled:,}/{shape.rows:,}"
        draft.find("column", column.header, f"{column.name}：{type_}{role}{lists}，{column.classification}，有值 {counts}，不同值 {shape.distinct:,}", f"{column.name}: {type_}{role}{lists}, {column.classification}, {counts} filled, {shape.distinct:,} different", column.confidence)  # fmt: skip
        if column.type and column.confidence < SURE:
            draft.ask(
                column.name,
                f"{column.header} 是 {column.type}、{column.classification} 吗？（把握 {column.confidence:.2f}）",
                f"is {column.header} {column.type} and {column.classification}? (confidence {column.confidence:.2f})",
            )
        if column.type == "code" and not column.rules and shape.few and not column.meanings and column.header not in draft.told.codes:
            draft.ask(column.name, f"{column.header} 像代码（{shape.distinct} 个不同值）：若与个人无关，可用 --codes 写出，再说明含义。", f"{column.header} looks like codes ({shape.distinct} different): if they say nothing about a person, have them written with --codes and say what they mean.")  # fmt: skip
        if column.type == "text" and column.role != "address" and shape.longest > LONG_TEXT:
            draft.ask(
                column.name,
                f"{column.header} 中最长 {shape.longest} 字：个人的自由文本一律不收，可否改为代码？",
                f"{column.header} holds up to {shape.longest} characters: free text about persons is refused; can it be a code list?",
            )


def _name(draft: Draft) -> None:
    """The questions that no file answers."""
    told = draft.told
    missing = [lang for lang in ("zh", "en") if not told.department.get(lang)]
    if missing:
        draft.ask("department", "由哪个部门交付？请写中文和英文名称。", "which department delivers this? Write its name in Chinese and English.", *(f"missing-property cabin.department.{lang}" for lang in missing))  # fmt: skip
    if not told.label.zh or not told.label.en:
        draft.told = replace(told, label=type(told.label)(told.label.zh or told.feed, told.label.en or told.feed))
        draft.ask("label", "该数据源的中英文名称是什么？", "what is the feed called in Chinese and English?")
    for mapping in draft.mappings:
        if mapping.needs_entity and "entity" not in mapping.properties:
            draft.ask(
                "mapping",
                f"{mapping.name} 的每一行是哪个对象？请写 cabin.entity。",
                f"which entity is a row of {mapping.name}? Write cabin.entity.",
                f"missing-entity {mapping.name}",
            )
