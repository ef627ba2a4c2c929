"""What a draft says about its file and columns, and what it asks about them."""

from __future__ import annotations

from dataclasses import replace

from contracts.ban import ban_list
from contracts.drafting.meaning import ROLE_NAMES, Seen, disagrees
from contracts.drafting.model import SURE, Draft
from contracts.drafting.shapes import Shape
from contracts.drafting.vocabulary import NAME, Vocabulary

LONG_TEXT = 30
"""Characters beyond which an undeclared text counts as free text at landing."""


def tell_file(draft: Draft) -> None:
    """Encoding, header, layouts it is like, banned and unnamed columns."""
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


def tell_disagreements(draft: Draft, columns: list[Seen], vocabulary: Vocabulary) -> None:
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


def tell_columns(draft: Draft, shapes: dict[str, Shape]) -> None:
    """What each column is taken for, how sure that is, and what about it only a person knows."""
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


def ask_names(draft: Draft) -> None:
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
