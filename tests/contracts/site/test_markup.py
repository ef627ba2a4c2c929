"""Markup is not broken by its text, whatever that is."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from contracts.site.markup import Html, bullets, code, joined, pairs, table, tag

PIECES = st.sampled_from(["<b>", "</p>", "<script>", "&amp;", "&", '"', "'", "<!--", "]]>", " onload=", "<"]) | st.text(
    st.characters(exclude_categories=["Cs", "Cc"])
)
TEXTS = st.lists(PIECES, max_size=5).map("".join)
"""Any text, and often what would be markup."""


class Taken(HTMLParser):
    """What a browser would take from a piece of markup."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data


@given(TEXTS, TEXTS)
def test_text_and_attributes_come_out_as_they_went_in(inner: str, value: str) -> None:
    """Any text inside an element and in an attribute is read back letter by letter, and opens no other element."""
    taken = Taken(tag("p", inner, title=value))
    assert (taken.tags, taken.said) == ([("p", {"title": value})], inner)


@given(st.lists(TEXTS, min_size=1, max_size=3), TEXTS)
def test_tables_lists_and_pairs_escape_their_text(cells: list[str], other: str) -> None:
    """As many cells as were given, none of them markup."""
    taken = Taken(joined([table(cells, [cells, [other] * len(cells)]), bullets(cells), pairs([(other, other)])]))
    names = [name for name, _ in taken.tags]
    assert (names.count("td"), names.count("th"), names.count("li"), names.count("dd")) == (2 * len(cells), len(cells), len(cells), 1)
    assert set(names) <= {"div", "table", "thead", "tbody", "tr", "td", "th", "ul", "li", "dl", "dt", "dd"}


def test_markup_stays_markup() -> None:
    """What is `Html` already is not escaped again, also after joining; joining with plain text escapes the text only."""
    assert tag("p", tag("b", "<"), "&") == "<p><b>&lt;</b>&amp;</p>"
    assert joined([Html("<br>"), "a<b"], " & ") == "<br> &amp; a&lt;b"


def test_names_of_attributes_and_what_is_left_out() -> None:
    """An underscore at the end goes, others are hyphens; None and False leave an attribute out, True has no value; empty elements do not close."""
    assert tag("input", class_="a", data_find=True, hidden=False, title=None) == '<input class="a" data-find>'
    assert (code(""), table(["a"], []), bullets([]), pairs([])) == ("", "", "", "")
