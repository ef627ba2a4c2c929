"""The data dictionary: every field of feeds, kinds and marts as a row, and as a Markdown page in Chinese or English."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.model import Attribute, Column, Contracts, Feed, Kind, Label, Mart, MartColumn


@dataclass(frozen=True, slots=True)
class Entry:
    """One field. `part` is feed, kind or mart; `owner` its name; `codes` a code list; `about` the description in both languages; `notes` what else a reader must know, such as `group point`."""

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
    notes: str = ""


HEADINGS: dict[str, tuple[str, ...]] = {
    "zh": ("字段", "名称", "类型", "分类", "代码表", "单位", "目的", "法律依据", "说明"),
    "en": ("Field", "Label", "Type", "Class", "Codes", "Unit", "Purpose", "Legal basis", "Description"),
}
PARTS = {"feed": Label("数据源", "Feeds"), "kind": Label("信息类别", "Kinds"), "mart": Label("数据集市", "Marts")}
CLASSES = {"identifier": Label("标识", "identifier"), "personal": Label("个人", "personal"), "plain": Label("非个人", "plain")}


def entries(contracts: Contracts) -> list[Entry]:
    """All fields: feeds, kinds, marts, each in name order, fields in contract order."""
    feeds = [_column(feed, column) for _, feed in sorted(contracts.feeds.items()) for column in feed.columns]
    kinds = [_attribute(kind, attribute) for _, kind in sorted(contracts.kinds.items()) for attribute in kind.attributes]
    marts = [_mart_column(mart, column) for _, mart in sorted(contracts.marts.items()) for column in mart.columns]
    return [*feeds, *kinds, *marts]


def _column(feed: Feed, column: Column) -> Entry:
    notes = [*column.other_headers, *([f"token: {column.identifier}"] if column.identifier else []), *(["required"] if column.required else [])]
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
        notes=", ".join(notes),
    )


def _attribute(kind: Kind, attribute: Attribute) -> Entry:
    notes = [f"{attribute.freshness_days} d", *(["visit"] if attribute.visit else []), *([f"group {attribute.group}"] if attribute.group else [])]
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
        notes=", ".join(notes),
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
        notes="grain" if column.key else "",
    )


def markdown(contracts: Contracts, lang: str) -> str:
    """The whole dictionary as one page in `zh` or `en`."""
    found = entries(contracts)
    title = "# 数据字典" if lang == "zh" else "# Data dictionary"
    parts = (_part(contracts, part, [entry for entry in found if entry.part == part], lang) for part in PARTS)
    return "\n".join([title, *(line for part in parts for line in part)]) + "\n"


def _part(contracts: Contracts, part: str, found: Sequence[Entry], lang: str) -> Iterable[str]:
    yield from ("", f"## {PARTS[part].get(lang)}")
    for owner in dict.fromkeys(entry.owner for entry in found):
        label, about = _about(contracts, part, owner, lang)
        yield from ("", f"### {owner} {label}", "", about, "")
        yield from _table([entry for entry in found if entry.owner == owner], lang, contracts)


def _about(contracts: Contracts, part: str, owner: str, lang: str) -> tuple[str, str]:
    """Label and one sentence of a feed, kind or mart."""
    if part == "feed":
        feed = contracts.feeds[owner]
        return feed.label.get(lang), f"{feed.catalogue} · {feed.department.get(lang)} · {feed.format} · {', '.join(feed.modes)}"
    if part == "kind":
        kind = contracts.kinds[owner]
        return kind.label.get(lang), kind.description_zh if lang == "zh" and kind.description_zh else kind.description
    mart = contracts.marts[owner]
    return mart.label.get(lang), mart.description


def _table(found: Iterable[Entry], lang: str, contracts: Contracts) -> Iterable[str]:
    heads = HEADINGS[lang]
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    yield from ("| " + " | ".join(_cell(text) for text in _cells(entry, lang, contracts)) + " |" for entry in found)


def _cells(entry: Entry, lang: str, contracts: Contracts) -> tuple[str, ...]:
    purpose, basis = _worded(contracts, "purpose", entry.purpose, lang), _worded(contracts, "legal_basis", entry.legal_basis, lang)
    description = entry.about.get(lang)
    about = f"{description} ({entry.notes})" if entry.notes else description
    label, kind = entry.label.get(lang), CLASSES[entry.classification].get(lang)
    return (f"`{entry.name}`", label, entry.type, kind, entry.codes, entry.unit, purpose, basis, about)


def _worded(contracts: Contracts, codes: str, code: str, lang: str) -> str:
    """A code's label where the list knows it."""
    labels = contracts.code_lists[codes].labels if codes in contracts.code_lists else {}
    return labels[code].get(lang) if code in labels else code


def _cell(text: str) -> str:
    """Text that cannot break a table."""
    return " ".join(text.replace("|", "\\|").split())
