"""Scorecards: the list of them, and each as it is sent to its department. Pure."""

from __future__ import annotations

from cabin.site.given import Card, Given
from contracts.model import Label
from contracts.pages.html import parts_of
from contracts.site import place
from contracts.site.markup import Html, joined, table, tag
from contracts.site.place import Here
from contracts.site.shell import Page

TITLE = Label("记分卡", "Scorecards")
MONTH, WHOSE = Label("月份", "Month"), Label("部门", "Department")
NO_CARDS = Label(
    "本站没有记分卡：没有已发布的快照，或快照由不含记分卡的版本发布。",
    "There are no scorecards in this site: no snapshot is published, or a release published it that had none.",
)


def pages(given: Given) -> list[Page]:
    """The list, honest where there are none, and a page for each."""
    return [Page(place.SCORECARDS, TITLE, place.SCORECARDS, lambda here: _list(given, here)), *map(_page, given.cards)]


def card_path(name: str) -> str:
    return f"scorecard/{name}.html"


def _list(given: Given, here: Here) -> Html:
    rows = [[here.link(card_path(each.name), here.say(each.department)), each.month] for each in given.cards]
    return table([here.say(WHOSE), here.say(MONTH)], rows) or tag("p", here.say(NO_CARDS), class_="note")


def _page(card: Card) -> Page:
    return Page(card_path(card.name), Label(card.pages["zh"].title, card.pages["en"].title), place.SCORECARDS, lambda here: _card(card, here))


def _card(card: Card, here: Here) -> Html:
    sent = card.pages[here.lang]
    return joined([tag("p", sent.line, class_="soft"), tag("div", Html(parts_of(sent)), class_="card"), tag("p", sent.foot, class_="soft")], "\n")
