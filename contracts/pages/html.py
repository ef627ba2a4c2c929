"""A page as one HTML file that needs no other; its charts are SVG in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from contracts.pages.page import Beside, Charts, Heading, Page, Part, Steps, Table, Tiles, Words
from contracts.pages.shapes import Dot, Drawing, Path, Rect, Shape

STYLE = """
@page { size: A4; margin: 12mm }
body { font: 14px/1.45 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", system-ui, sans-serif; color: #1d2733; max-width: 62rem; margin: 1.5rem auto; padding: 0 1rem }
header { border-bottom: 3px solid #14507d; display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap } h1 { font-size: 1.45rem; margin: 0 } header p { margin: .2rem 0; color: #44515e }
h2 { font-size: 1.1rem; color: #fff; background: #14507d; padding: .15rem .6rem; margin: 1.2rem 0 .5rem } h3 { font-size: .95rem; margin: .7rem 0 .25rem }
.tiles { display: flex; flex-wrap: wrap; gap: .5rem; margin: .7rem 0 } .tiles div { flex: 1; min-width: 6.5rem; background: #eef3f7; padding: .35rem .6rem }
.tiles b { display: block; font-size: 1.3rem; color: #14507d } .tiles span { font-size: .8rem; color: #44515e }
table { border-collapse: collapse; width: 100%; font-size: .82rem } th { text-align: left } th { border-bottom: 1.5px solid #b9c6d2; white-space: nowrap } th, td { padding: .2rem .45rem; vertical-align: top }
tr:nth-child(even) td { background: #f6f9fb } td.number { white-space: nowrap } th.number, td.number { text-align: right }
ol { margin: .3rem 0; padding-left: 1.4rem; font-size: .88rem } .charts { display: flex; flex-wrap: wrap; gap: 1rem 2rem } .charts svg { flex: 1 1 22rem; max-width: 30rem }
.beside { display: flex; flex-wrap: wrap; gap: 1rem 2rem } .beside > div { flex: 1 1 22rem }
footer { margin-top: 1rem; font-size: .78rem; color: #64717e } @media print { html { font-size: 10px } body { margin: 0; font-size: 10px } h2 { print-color-adjust: exact; -webkit-print-color-adjust: exact } tr { break-inside: avoid } }
"""


def html_of(page: Page) -> str:
    """The whole page: no script, no picture, style or font from elsewhere."""
    title = escape(page.title)
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{STYLE}</style>'
    body = f"<header><h1>{title}</h1><p>{escape(page.line)}</p></header>\n{_parts(page.parts, page.lang)}\n<footer>{escape(page.foot)}</footer>"
    return f'<!doctype html>\n<html lang="{page.lang}">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


def parts_of(page: Page) -> str:
    """The parts alone, for who sets something else around them: title, line and foot are left to it."""
    return _parts(page.parts, page.lang)


def svg(drawing: Drawing) -> str:
    """A drawing as an SVG element."""
    shapes = "".join(_shape(shape) for shape in drawing.shapes)
    size = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    return f'<svg {size} role="img" aria-label="{escape(drawing.told, quote=True)}" font-family="inherit">{shapes}</svg>'


def _shape(shape: Shape) -> str:
    if isinstance(shape, Rect):
        return f'<rect x="{shape.x:.1f}" y="{shape.y:.1f}" width="{shape.width:.1f}" height="{shape.height:.1f}" fill="{shape.fill}"/>'
    if isinstance(shape, Path):
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in shape.points)
        return f'<polyline points="{points}" fill="none" stroke="{shape.stroke}" stroke-width="{shape.width:g}"/>'
    if isinstance(shape, Dot):
        return f'<circle cx="{shape.x:.1f}" cy="{shape.y:.1f}" r="{shape.radius:.1f}" fill="{shape.fill}"/>'
    return f'<text x="{shape.x:.1f}" y="{shape.y:.1f}" font-size="{shape.size:g}" text-anchor="{shape.anchor}" fill="{shape.fill}">{escape(shape.text)}</text>'


def _parts(parts: Iterable[Part], lang: str) -> str:
    return "\n".join(filter(None, (_part(part, lang) for part in parts)))


def _part(part: Part, lang: str) -> str:
    match part:
        case Table():
            return _table(part, lang)
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Tiles(counts):
            return '<div class="tiles">' + "".join(f"<div><b>{count:,}</b><span>{escape(told)}</span></div>" for told, count in counts) + "</div>"
        case Steps(texts):
            return f"<ol>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ol>"
        case Words(text):
            return f"<p>{escape(text)}</p>"
        case Charts(drawings):
            return f'<div class="charts">{"".join(map(svg, drawings))}</div>'
        case Beside(left, right):
            return f'<div class="beside"><div>{_parts(left, lang)}</div><div>{_parts(right, lang)}</div></div>'


def _table(table: Table, lang: str) -> str:
    if not table.rows:
        return ""
    classes = [' class="number"' if name in table.numbers else "" for name in table.heads]
    heads = "".join(f"<th{kind}>{escape(head.get(lang))}</th>" for kind, head in zip(classes, table.heads.values(), strict=True))
    rows = "\n".join("<tr>" + "".join(f"<td{kind}>{escape(cell)}</td>" for kind, cell in zip(classes, row, strict=True)) + "</tr>" for row in table.rows)
    return f"<h3>{escape(table.title.get(lang))}</h3>\n<table><tr>{heads}</tr>\n{rows}</table>"
