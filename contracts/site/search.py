"""The search of a page: a field, and what it looks into beside each row. Pure; `site.js` does the looking."""

from __future__ import annotations

from contracts.dictionary_find import plain
from contracts.model import Label
from contracts.site import words
from contracts.site.markup import Html, tag
from contracts.site.place import Here


def search_field(here: Here, hint: Label, counted: Label, count: int) -> Html:
    """A field that leaves only the rows that speak of its words, and their count."""
    field = tag("input", type="search", data_find=True, placeholder=here.say(hint), aria_label=here.say(words.FIND))
    return tag("div", field, " ", tag("span", str(count), data_count=True), " ", here.say(counted), class_="find")


def said(*texts: str) -> dict[str, str]:
    """The attribute of a row that speaks of these texts, widths and capitals left away as in what a person types."""
    return {"data-said": " ".join(plain(" ".join(texts)).split())}
