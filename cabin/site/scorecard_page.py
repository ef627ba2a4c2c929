"""The list of scorecards; their pages are made elsewhere and stand beside it as they are. Pure."""

from __future__ import annotations

from cabin.site.given import Given
from contracts.model import Label
from contracts.site import place
from contracts.site.markup import Html, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page

TITLE = Label("记分卡", "Scorecards")
MONTH, WHOSE = Label("月份", "Month"), Label("部门", "Department")
NO_CARDS = Label(
    "本站没有记分卡：生成本站时没有可供编制的数据。", "There are no scorecards in this site: where it was built there was nothing to make them from."
)


def page(given: Given) -> Page:
    """An honest one where there are none."""
    return Page(place.SCORECARDS, TITLE, place.SCORECARDS, lambda here: _body(given, here))


def card_path(name: str) -> str:
    return f"scorecard/{name}.html"


def _body(given: Given, here: Here) -> Html:
    rows = [[here.link(card_path(each.name), here.say(each.title)), each.month] for each in given.cards]
    return table([here.say(WHOSE), here.say(MONTH)], rows) or tag("p", here.say(NO_CARDS), class_="note")


def files(given: Given, lang: str) -> dict[str, str]:
    """The pages of all scorecards in a language, by path."""
    return {card_path(each.name): each.pages[lang] for each in given.cards}
