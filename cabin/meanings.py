"""The data dictionary as commands tell it: what there is, the fields of one, the fields about something, the codes of a list."""

from __future__ import annotations

from pathlib import Path

from cabin.errors import NotFound, PageEnding
from cabin.session import Session
from cabin.writing import write_file
from contracts.dictionary import Entry, cells, entries, markdown, owner_about, owner_words
from contracts.dictionary_find import coded, found, named
from contracts.dictionary_html import page
from contracts.model import CodeList, Contracts, Label
from warehouse.promises import with_wide

OWNERS = {"part": ("part", "部分"), "name": ("name", "名称"), "label": ("label", "标签"), "fields": ("fields", "字段数"), "about": ("about", "说明")}
FIELDS = {
    "part": ("part", "部分"),
    "name": ("name", "名称"),
    "field": ("field", "字段"),
    "label": ("label", "标签"),
    "type": ("type", "类型"),
    "class": ("class", "分类"),
    "codes": ("codes", "代码表"),
    "unit": ("unit", "单位"),
    "meaning": ("meaning", "说明"),
}
CODES = {"code": ("code", "代码"), "zh": ("Chinese", "中文"), "en": ("English", "英文")}
PAGES = (".html", ".md")


def tell(session: Session, name: str, words: str) -> bool:
    """Prints the part asked for; whether there was any. Raises: `NotFound` for a name that nothing has."""
    contracts = with_wide(session.contracts)
    codes = coded(contracts, name) if not words else None
    if not name and not words:
        _tell_owners(session, contracts)
        return True
    if codes is not None and not named(contracts, name):
        _tell_codes(session, codes)
        return True
    chosen = _chosen(contracts, name, words)
    lang = session.settings.lang
    session.out.table("fields", FIELDS, [(each.part, each.owner, *_told(contracts, each, lang)) for each in chosen])
    if codes is not None:
        session.out.line("", "")
        _tell_codes(session, codes)
    if not chosen:
        session.out.nothing("Try fewer or shorter words.", "请减少或缩短词语。")
    return bool(chosen)


def write(session: Session, name: str, words: str, to: Path) -> None:
    """The part asked for as a page. Raises: `NotFound`, `PageEnding`."""
    if to.suffix not in PAGES:
        raise PageEnding()
    contracts, lang = with_wide(session.contracts), session.settings.lang
    chosen = _chosen(contracts, name, words)
    write_file(to, (page(contracts, chosen, lang) if to.suffix == ".html" else markdown(contracts, lang, chosen)).encode())
    session.out.say(f"wrote {len(chosen):,} fields to {to}", f"已将 {len(chosen):,} 个字段写入 {to}", file=str(to), fields=len(chosen))


def _chosen(contracts: Contracts, name: str, words: str) -> list[Entry]:
    chosen = named(contracts, name) if name else entries(contracts)
    if not chosen:
        raise NotFound(what=Label("数据集市、类别、数据源或代码表", "mart, kind, feed or code list"), look="cabin dictionary")
    return found(contracts, words, chosen) if words else chosen


def _tell_owners(session: Session, contracts: Contracts) -> None:
    lang = session.settings.lang
    counted: dict[tuple[str, str], int] = {}
    for entry in entries(contracts):
        counted[entry.part, entry.owner] = counted.get((entry.part, entry.owner), 0) + 1
    rows = [
        (part, owner, owner_words(contracts, part, owner).get(lang), fields, owner_about(contracts, part, owner).get(lang))
        for (part, owner), fields in counted.items()
    ]
    session.out.table("dictionary", OWNERS, rows)
    session.out.line(f"\ncode lists: {', '.join(sorted(contracts.code_lists))}", f"\n代码表：{'、'.join(sorted(contracts.code_lists))}")
    session.out.document["code_lists"] = sorted(contracts.code_lists)


def _told(contracts: Contracts, entry: Entry, lang: str) -> tuple[str, ...]:
    """A field as its page tells it, without purpose and legal basis, which are those of its owner."""
    _, label, kind, classification, codes, unit, _, _, about = cells(entry, lang, contracts)
    return entry.name, label, kind, classification, codes, unit, about


def _tell_codes(session: Session, codes: CodeList) -> None:
    session.out.table("codes", CODES, [(code, label.zh, label.en) for code, label in codes.labels.items()])
