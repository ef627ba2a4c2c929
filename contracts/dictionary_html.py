"""The data dictionary as one HTML file that needs no other: for a browser, for printing, for an office without network. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from contracts.dictionary import HEADINGS, PARTS, Entry, cells, owner_about, owner_words
from contracts.model import Contracts, Label

TITLE = Label("数据字典", "Data dictionary")
STYLE = """
body { font: 15px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; color: #1d2733; margin: 2rem auto; max-width: 80rem; padding: 0 1rem }
h1, h2 { border-bottom: 1px solid #c9d3dd; padding-bottom: .2rem } h3 { margin: 1.6rem 0 .2rem } h3 code { color: #14507d }
nav { columns: 18rem; font-size: .9rem } nav a { display: block; color: #14507d; text-decoration: none }
table { border-collapse: collapse; width: 100%; font-size: .86rem } th { text-align: left; background: #eef3f7 } th, td { padding: .25rem .5rem; border: 1px solid #dbe3ea; vertical-align: top }
td code { white-space: nowrap } @media print { nav { display: none } h3 { break-after: avoid } tr { break-inside: avoid } }
"""


def page(contracts: Contracts, found: Sequence[Entry], lang: str) -> str:
    """The fields `found`, under their owners and parts, in `zh` or `en`; no script, no picture, nothing from elsewhere."""
    title = TITLE.get(lang)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
    body = "\n".join([f"<h1>{title}</h1>", _contents(contracts, found, lang), *(_part(contracts, part, found, lang) for part in PARTS)])
    return f'<!doctype html>\n<html lang="{lang}">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


def _owners(found: Iterable[Entry], part: str) -> list[str]:
    return list(dict.fromkeys(entry.owner for entry in found if entry.part == part))


def _contents(contracts: Contracts, found: Sequence[Entry], lang: str) -> str:
    links = (
        f'<a href="#{part}-{owner}">{PARTS[part].get(lang)} · {escape(owner)} {escape(owner_words(contracts, part, owner).get(lang))}</a>'
        for part in PARTS
        for owner in _owners(found, part)
    )
    return f"<nav>{''.join(links)}</nav>"


def _part(contracts: Contracts, part: str, found: Sequence[Entry], lang: str) -> str:
    owners = _owners(found, part)
    sections = (_owner(contracts, part, owner, [entry for entry in found if (entry.part, entry.owner) == (part, owner)], lang) for owner in owners)
    return f"<h2>{PARTS[part].get(lang)}</h2>\n" + "\n".join(sections) if owners else ""


def _owner(contracts: Contracts, part: str, owner: str, found: Sequence[Entry], lang: str) -> str:
    label, about = owner_words(contracts, part, owner).get(lang), owner_about(contracts, part, owner).get(lang)
    heads = "".join(f"<th>{head}</th>" for head in HEADINGS[lang])
    rows = "\n".join("<tr>" + "".join(f"<td>{_cell(cell)}</td>" for cell in cells(entry, lang, contracts)) + "</tr>" for entry in found)
    return f'<h3 id="{part}-{owner}"><code>{escape(owner)}</code> {escape(label)}</h3>\n<p>{escape(about)}</p>\n<table><tr>{heads}</tr>\n{rows}</table>'


def _cell(text: str) -> str:
    """Names in backticks are code."""
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts)) if len(parts) % 2 else escape(text)
