"""Two small kinds and four feeds in which every rule of reconciling can show: a group, an address, a link, a rank, a partial feed, a tolerant one."""

from __future__ import annotations

from contracts.model import Attribute, AttributeType, Classification, Contracts, Feed, Kind, Label, Mapped, Mapping

NAME = Label("例", "example")


def attribute(name: str, shape: AttributeType, freshness_days: int, group: str | None = None) -> Attribute:
    return Attribute(name, f"example.{name}", shape, NAME, "", Classification.PLAIN, "test", "test", freshness_days, visit=True, group=group)


def kind(name: str, attributes: tuple[Attribute, ...], priorities: dict[str, tuple[tuple[str, ...], ...]]) -> Kind:
    return Kind(name, 1, "1.0.0", NAME, "", attributes, priorities, 365)


def feed(name: str, targets: tuple[str, ...], *, partial: bool = False, max_unkeyed: float = 0.001) -> Feed:
    return Feed(
        name, "F00", 1, "1.0.0", NAME, NAME, "csv", "utf-8", ",", ("increment", "snapshot"), (), (), "area", tuple(Mapping(target, said(name, target), "entity") for target in targets),
        partial=partial, max_unkeyed=max_unkeyed,
    )  # fmt: skip


def said(source: str, target: str) -> tuple[Mapped, ...]:
    """The columns a source maps: every attribute but those it is silent about."""
    known = KINDS[target].attributes if target in KINDS else ()
    return tuple(Mapped(one.name, one.name) for one in known if one.name not in SILENT.get((source, target), ()))


DWELLING = kind(
    "dwelling",
    (
        attribute("present", "boolean", 0),
        attribute("use", "code", 30),
        attribute("owner", "text", 30, "hold"),
        attribute("place", "address", 31),
        attribute("share", "integer", 60, "hold"),
        attribute("people_band", "code", 30),
    ),
    {"*": (("beta",), ("alpha", "gamma")), "hold": (("alpha",),)},
)
RESIDENCY = kind(
    "residency",
    (attribute("present", "boolean", 0), attribute("state", "code", 30), attribute("from_on", "date", 30)),
    {"*": (("alpha",), ("beta",))},
)
KINDS = {one.name: one for one in (DWELLING, RESIDENCY)}
SOURCES = ("alpha", "beta", "gamma")
SILENT = {("gamma", "dwelling"): ("use",), ("gamma", "residency"): ("from_on",)}
"""What a source has no column for: nothing of it may be needed by the statement."""


def example_contracts(rules_sql: str) -> Contracts:
    """The contracts of the laws; `rules_sql` must define `address_silent`."""
    both = ("dwelling", "residency")
    feeds = [
        feed("alpha", both, max_unkeyed=0.3),
        feed("beta", both),
        feed("gamma", both, partial=True),
        feed("visit", ("finding", "roster", "verification", "visit")),
    ]
    return Contracts({one.name: one for one in feeds}, KINDS, {}, {}, rules_sql, "example")
