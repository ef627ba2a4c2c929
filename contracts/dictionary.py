"""The data dictionary: every field of feeds, kinds and marts as a row, and with their rules and mappings as a Markdown page in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.dictionary_parts import MAPPING, RULES, facts, mapped, rules
from contracts.model import Attribute, Column, Contracts, Feed, Kind, Label, Mart, MartColumn

NOTHING = Label("", "")


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. `part` is feed, kind or mart; `owner` its name; `codes` a code list; `about` the description in both languages; `notes` what else a reader must know, such as `group point`, in both too."""

    part: str
    owner: str
    name: str
    label: Label
    type: str
    classification: str
    purpose: str
    legal_basis: str
    description: str
    about: Label
    codes: str = ""
    unit: str = ""
    notes: Label = NOTHING


HEADINGS: dict[str, tuple[str, ...]] = {
    "zh": ("字段", "名称", "类型", "分类", "代码表", "单位", "目的", "法律依据", "说明"),
    "en": ("Field", "Label", "Type", "Class", "Codes", "Unit", "Purpose", "Legal basis", "Description"),
}
PARTS = {"feed": Label("数据源", "Feeds"), "kind": Label("信息类别", "Kinds"), "mart": Label("数据集市", "Marts")}
CLASSES = {"identifier": Label("标识", "identifier"), "personal": Label("个人", "personal"), "plain": Label("非个人", "plain")}


TOKENS = {"subject": Label("换成人的代号", "becomes a token of the person"), "phone": Label("换成电话的代号", "becomes a token of the number")}
REQUIRED, VISIT = Label("必填", "required"), Label("可由走访更改", "a visit may change it")
GRAIN = Label("粒度", "grain")


def entries(contracts: Contracts) -> list[Entry]:
    """All fields: feeds, kinds, marts, each in name order, fields in contract order."""
    feeds = [_column(feed, column) for _, feed in sorted(contracts.feeds.items()) for column in feed.columns]
    kinds = [_attribute(kind, attribute) for _, kind in sorted(contracts.kinds.items()) for attribute in kind.attributes]
    marts = [_mart_column(mart, column) for _, mart in sorted(contracts.marts.items()) for column in mart.columns]
    return [*feeds, *kinds, *marts]


def _column(feed: Feed, column: Column) -> Entry:
    notes = [Label(header, header) for header in column.other_headers]
    notes += [TOKENS[column.identifier]] if column.identifier else []
    notes += [REQUIRED] if column.required else []
    return Entry(
        part="feed",
        owner=feed.name,
        name=column.name,
        label=Label(column.header, column.name),
        type=column.type,
        classification=column.classification,
        purpose=column.purpose,
        legal_basis=column.legal_basis,
        description=column.description,
        about=Label(column.description_zh or column.description, column.description),
        codes=column.code_list or "",
        notes=_joined(notes),
    )


def _attribute(kind: Kind, attribute: Attribute) -> Entry:
    notes = [Label(f"鲜活期 {attribute.freshness_days} 天", f"fresh for {attribute.freshness_days} days")]
    notes += [VISIT] if attribute.visit else []
    notes += [Label(f"属性组 {attribute.group}", f"group {attribute.group}")] if attribute.group else []
    return Entry(
        part="kind",
        owner=kind.name,
        name=attribute.name,
        label=attribute.label,
        type=attribute.type,
        classification=attribute.classification,
        purpose=attribute.purpose,
        legal_basis=attribute.legal_basis,
        description=attribute.description,
        about=Label(attribute.description_zh or attribute.description, attribute.description),
        codes=attribute.code_list or "",
        unit=attribute.unit or "",
        notes=_joined(notes),
    )


def _mart_column(mart: Mart, column: MartColumn) -> Entry:
    return Entry(
        part="mart",
        owner=mart.name,
        name=column.name,
        label=column.label,
        type=column.type,
        classification=column.classification,
        purpose=mart.purpose,
        legal_basis="",
        description=column.description,
        about=Label(column.description_zh or column.description, column.description),
        unit=column.unit or "",
        notes=GRAIN if column.key else NOTHING,
    )


def _joined(notes: Sequence[Label]) -> Label:
    return Label("，".join(each.zh for each in notes), ", ".join(each.en for each in notes))


def markdown(contracts: Contracts, lang: str, found: Sequence[Entry] | None = None) -> str:
    """The whole dictionary, or the fields `found` of it, as one page in `zh` or `en`."""
    shown = entries(contracts) if found is None else found
    title = "# 数据字典" if lang == "zh" else "# Data dictionary"
    parts = (_part(contracts, part, [entry for entry in shown if entry.part == part], lang) for part in PARTS)
    return "\n".join([title, *(line for part in parts for line in part)]) + "\n"


def _part(contracts: Contracts, part: str, found: Sequence[Entry], lang: str) -> Iterable[str]:
    yield from ("", f"## {PARTS[part].get(lang)}") if found else ()
    for owner in dict.fromkeys(entry.owner for entry in found):
        label, about = owner_words(contracts, part, owner).get(lang), owner_about(contracts, part, owner).get(lang)
        yield from ("", f"### {owner} {label}", "", *([about, ""] if about else []))
        yield from (f"- {name}: {text}" for name, text in _worded_facts(contracts, part, owner, lang))
        yield ""
        yield from _table(HEADINGS[lang], (cells(entry, lang, contracts) for entry in found if entry.owner == owner))
        if part == "feed":
            yield from _rows(contracts.feeds[owner], lang)


def _worded_facts(contracts: Contracts, part: str, owner: str, lang: str) -> Iterable[tuple[str, str]]:
    return ((name, " ".join(text.split())) for name, text in facts(contracts, part, owner, lang))


def _rows(feed: Feed, lang: str) -> Iterable[str]:
    """The rules of a feed's rows, and what the rows become."""
    yield from ("", Label("规则", "Rules").get(lang), "")
    yield from _table([each.get(lang) for each in RULES.values()], ((*row[:4], _code(row[4]), row[5]) for row in rules(feed, lang)))
    yield from ("", Label("映射", "Mapping").get(lang), "")
    yield from _table([each.get(lang) for each in MAPPING.values()], ((*row[:2], _code(row[2]), _code(row[3])) for row in mapped(feed)))


def _code(sql: str) -> str:
    return f"`{sql}`" if sql else ""


def owner_words(contracts: Contracts, part: str, owner: str) -> Label:
    """What a feed, kind or mart is called."""
    if part == "feed":
        return contracts.feeds[owner].label
    return contracts.kinds[owner].label if part == "kind" else contracts.marts[owner].label


def owner_about(contracts: Contracts, part: str, owner: str) -> Label:
    """One sentence about a kind or mart; a feed has none."""
    if part == "feed":
        return NOTHING
    described = contracts.kinds[owner] if part == "kind" else contracts.marts[owner]
    return Label(described.description_zh or described.description, described.description)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterable[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(_cell(text) for text in row) + " |" for row in rows)


def cells(entry: Entry, lang: str, contracts: Contracts) -> tuple[str, ...]:
    """A field in words, under `HEADINGS`."""
    purpose, basis = _worded(contracts, "purpose", entry.purpose, lang), _worded(contracts, "legal_basis", entry.legal_basis, lang)
    description, notes = entry.about.get(lang), entry.notes.get(lang)
    about = Label(f"{description}（{notes}）", f"{description} ({notes})").get(lang) if notes else description
    label, kind = entry.label.get(lang), CLASSES[entry.classification].get(lang)
    return (f"`{entry.name}`", label, entry.type, kind, entry.codes, entry.unit, purpose, basis, about)


def _worded(contracts: Contracts, codes: str, code: str, lang: str) -> str:
    """A code's label where the list knows it."""
    return contracts.worded(codes, code).get(lang)


def _cell(text: str) -> str:
    """Text that cannot break a table."""
    return " ".join(text.replace("|", "\\|").split())
