"""What a contract promises of its rows or its table, with severity and limit. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from contracts.dictionary_parts import MAPPING, RULES, mapped, rules
from contracts.model import Contracts, Feed, Label, Promise
from contracts.site import words
from contracts.site.markup import NONE, Html, code, joined, table, tag
from contracts.site.place import Here

RULED, BECOMES = Label("规则", "Rules"), Label("映射", "Mapping")
PROMISES = Label("质量承诺", "Promises")
NOTHING = Label("契约没有另外的承诺；检查套件由字段得出。", "The contract promises nothing besides; its suite follows from the fields.")
CODE_OF_RULES, CODE_OF_MAPPING = frozenset({"rule", "column", "holds", "blanks"}), frozenset({"column", "sql", "where"})
LONG = 12
"""Of a longer list of allowed values the first ones are shown, and how many there are."""


def promised(contracts: Contracts, part: str, name: str, here: Here) -> Iterator[Html]:
    """Of a feed its rules and what its rows become, of a kind or a mart its promises."""
    if part == "feed":
        yield from _of_rows(contracts.feeds[name], here)
    else:
        given = contracts.kinds[name].quality if part == "kind" else contracts.marts[name].quality
        yield tag("h2", here.say(PROMISES), id_="promises")
        yield _of_table(given, here) or tag("p", here.say(NOTHING))


def _of_rows(feed: Feed, here: Here) -> Iterator[Html]:
    yield tag("h2", here.say(RULED), id_="promises")
    yield _coded_table(RULES, rules(feed, here.lang), CODE_OF_RULES, here) or tag("p", here.say(NOTHING))
    yield tag("h2", here.say(BECOMES), id_="mapping")
    yield _coded_table(MAPPING, mapped(feed), CODE_OF_MAPPING, here)


def _coded_table(heads: Mapping[str, Label], rows: Sequence[Sequence[str]], coded: frozenset[str], here: Here) -> Html:
    listed = [[code(cell) if name in coded else cell for name, cell in zip(heads, row, strict=True)] for row in rows]
    return table([here.say(each) for each in heads.values()], listed)


def _of_table(promises: Sequence[Promise], here: Here) -> Html:
    rows = [
        [
            code(each.name),
            here.say(each.label),
            here.say(words.SEVERITIES[each.severity]),
            here.say(words.allowance(each.limit)),
            asked(each.check, each.arguments),
        ]
        for each in promises
    ]
    return table([here.say(each) for each in words.CHECK.values()], rows)


def asked(check: str, arguments: Mapping[str, object]) -> Html:
    """A check and what it is asked with; long lists of values are cut."""
    told = (joined([f"{name}: ", code(_short(value))]) for name, value in arguments.items())
    return joined([code(check), tag("br"), joined(told, "; ")]) if arguments else joined([code(check), NONE])


def _short(value: object) -> str:
    if isinstance(value, list | tuple) and len(value) > LONG:
        return f"[{', '.join(map(str, value[:LONG]))}, … {len(value)}]"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {kind}" for name, kind in list(value.items())[:LONG]) + (f", … {len(value)}" if len(value) > LONG else "")
    return f"[{', '.join(map(str, value))}]" if isinstance(value, list | tuple) else str(value)
