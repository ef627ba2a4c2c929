"""Mistakes in the contract of a feed: the layout first, then each mapping."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.check_scope import Found, Scope, document_problems, field_problems, labelled, one_of, only_known, type_problems
from contracts.facts import FACTS, LINK
from contracts.model import MOST_SOURCES
from contracts.normalising.shared import words_of
from contracts.read_feed import HOURS, PROMISES
from contracts.yaml_nodes import Node

FEED_PROPERTIES = (
    "catalogue", "label", "department", "format", "encoding", "delimiter", "modes", "observed_at", "rank", "area", "operation", "record", "subject",
    "minors", "covers", "max_unkeyed", "partial", "free_text_limit", "upcasts",
)  # fmt: skip
COLUMN_PROPERTIES = ("purpose", "legal_basis", "identifier", "identifier_when", "sex_column", "birth_column", "keep", "code_list")
MINORS = ("birth", "keep", "stay")
MAPPING_PROPERTIES = ("target", "entity", "record", "where", "merged_into", "rows")
RULE_PROPERTIES = ("label", "blanks", "least_rows")
LIMITS = (
    "mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan", "mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween",
)  # fmt: skip
LIMIT = "mustBeLessOrEqualTo"
"""The one limit that a rule of rows can have: how many percent of a message's rows may break it."""
FACT_TARGETS: dict[str, tuple[str, ...]] = {
    "finding": ("attribute", "outcome"),
    "roster": ("dwelling", "complete"),
    "request": ("attribute", "outcome"),
    "verification": ("version", "kind", "attribute", "agree"),
    "visit": ("visit", "event"),
}
"""Facts a mapping may make, with the columns no such fact can do without."""
PEOPLE = ("person", "residency")
"""Targets of feeds that must say whom they cover, even if nobody."""
MODES = ("increment", "snapshot", "correction", "withdrawal")


def layout_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """Mistakes of one feed in what is delivered and how, apart from SQL that does not bind."""
    layout = next(iter(root["schema"]), Node(None))
    columns = {item["name"].text: item for item in layout["properties"]}
    yield from document_problems(root, scope, "feed")
    yield from _delivery_problems(root)
    yield from _promise_problems(root)
    yield from _reference_problems(root, columns)
    yield from _header_problems(layout)
    for item in layout["properties"]:
        yield from _column_problems(item, scope, columns)
    for rule in _rules(layout):
        yield from _rule_problems(rule, columns)


def mapping_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """Mistakes of one feed in what its rows become."""
    layout, *mappings = list(root["schema"]) or [Node(None)]
    columns = {item["name"].text: item for item in layout["properties"]}
    for mapping in mappings:
        yield from _mapping_problems(mapping, scope)
        yield from _class_problems(mapping, scope, columns)
        yield from _merged_problems(mapping, root)


def _promise_problems(root: Node) -> Iterable[Found]:
    """A service level promises a known thing, more than nothing, in a unit that can be counted."""
    for promised in root["slaProperties"]:
        yield from one_of(promised["property"], "slaProperties.property", PROMISES)
        yield from one_of(promised["unit"], "slaProperties.unit", tuple(HOURS))
        yield from (Found("missing-property", promised.path, (("name", name),)) for name in ("property", "value", "unit") if not promised[name])
        value = promised["value"]
        if value and not (isinstance(value.value, int | float) and value.value > 0):
            yield Found("unknown-value", value.path, (("name", "slaProperties.value"), ("value", value.text), ("allowed", "> 0")))


def _delivery_problems(root: Node) -> Iterable[Found]:
    """How the department delivers: format, modes, time, area."""
    yield from only_known(root, FEED_PROPERTIES)
    yield from one_of(root.custom("format"), "cabin.format", ("csv", "xlsx", "jsonl"))
    department = root.custom("department")
    yield from (Found("missing-property", department.path, (("name", f"cabin.department.{lang}"),)) for lang in ("zh", "en") if not department[lang])
    yield from (Found("missing-property", (), (("name", f"cabin.{name}"),)) for name in ("format", "modes") if not list(root.custom(name)))
    for mode in root.custom("modes"):
        yield from one_of(mode, "cabin.modes", MODES)
    if not root.custom("observed_at"):  # an empty list is an answer: the delivery's moment
        yield Found("missing-observed-at", root.custom("observed_at").path)
    if not root.custom("area"):
        yield Found("missing-area", root.custom("area").path)
    if not root.custom("covers") and any((mapping.custom("target") or mapping["name"]).text in PEOPLE for mapping in list(root["schema"])[1:]):
        yield Found("missing-covers", root.custom("covers").path)
    yield from _share_problems(root.custom("max_unkeyed"))


def _share_problems(share: Node) -> Iterable[Found]:
    if share and not (isinstance(share.value, int | float) and 0 <= share.value <= 1):
        yield Found("unknown-value", share.path, (("name", "cabin.max_unkeyed"), ("value", share.text), ("allowed", "0 ... 1")))


def _reference_problems(root: Node, columns: dict[str, Node]) -> Iterable[Found]:
    """Columns the feed names must be there; who names persons by number says what becomes of children."""
    minors = root.custom("minors")
    for node in [root.custom("subject"), minors["birth"], *minors["keep"]]:
        yield from _known_column(node, columns)
    if (minors or any(item.custom("identifier").text == "subject" for item in columns.values())) and not isinstance(minors.value, dict):
        yield Found("missing-minors", minors.path)
    yield from (Found("unknown-property", node.path, (("name", f"cabin.minors.{name}"),)) for name, node in minors.items() if name not in MINORS)


def _known_column(node: Node, columns: dict[str, Node]) -> Iterable[Found]:
    if node and node.text not in columns:
        yield Found("unknown-column", node.path, (("name", node.text), ("allowed", ", ".join(columns))))


def _header_problems(layout: Node) -> Iterable[Found]:
    """No two columns may answer to one header, nor to one name."""
    seen: dict[str, str] = {}
    names: set[str] = set()
    for item in layout["properties"]:
        if item["name"].text in names:
            yield Found("duplicate-name", item["name"].path, (("name", item["name"].text),))
        names.add(item["name"].text)
        for header in (each["synonym"] for each in item["synonyms"]):
            if seen.setdefault(header.text, str(item.path)) != str(item.path) or _repeated(item, header):
                yield Found("duplicate-header", header.path, (("name", header.text),))


def _repeated(item: Node, header: Node) -> bool:
    """Whether the same column names the header twice and this is not the first time."""
    return header.path != next(each["synonym"].path for each in item["synonyms"] if each["synonym"].text == header.text)


def _column_problems(item: Node, scope: Scope, columns: dict[str, Node]) -> Iterable[Found]:
    yield from field_problems(item, scope)
    yield from type_problems(item)
    yield from only_known(item, COLUMN_PROPERTIES)
    yield from one_of(item.custom("identifier"), "cabin.identifier", ("subject", "phone"))
    yield from one_of(item.custom("keep"), "cabin.keep", ("year",))
    allowed = item["classification"].text == "identifier" or (item["classification"].text == "personal" and bool(item.custom("identifier_when")))
    if allowed < bool(item.custom("identifier")) or (item["classification"].text == "identifier" and not item.custom("identifier")):
        yield Found("identifier-without-form", item["classification"].path, (("name", item["name"].text),))
    for name in ("sex_column", "birth_column"):
        yield from _known_column(item.custom(name), columns)


def _rules(layout: Node) -> Iterable[Node]:
    yield from layout["quality"]
    for item in layout["properties"]:
        yield from item["quality"]


def _rule_problems(rule: Node, columns: dict[str, Node]) -> Iterable[Found]:
    """A rule has a reason, a condition, a severity and a label; only a warning blanks a cell."""
    yield from (Found("missing-property", rule.path, (("name", name),)) for name in ("name", "implementation", "severity") if not rule[name])
    yield from one_of(rule["severity"], "severity", ("error", "warning"))
    yield from one_of(rule["type"], "type", ("custom",))
    yield from one_of(rule["engine"], "engine", ("duckdb",))
    yield from only_known(rule, RULE_PROPERTIES)
    yield from labelled(rule)
    blanks = rule.custom("blanks")
    yield from _known_column(blanks, columns)
    if blanks and rule["severity"].text == "error":
        yield Found("error-rule-blanks", blanks.path, (("name", rule["name"].text),))
    yield from _limit_problems(rule)


def _limit_problems(rule: Node) -> Iterable[Found]:
    """A limit is a share in percent; how many rows it takes to judge one makes sense beside it only."""
    yield from (Found("unknown-limit", rule[name].path, (("name", name),)) for name in LIMITS if rule[name] and name != LIMIT)
    if rule[LIMIT] and not (_number(rule[LIMIT], 0, 100) and rule["unit"].text == "percent"):
        yield Found("limit-no-percent", rule[LIMIT].path, (("name", rule["name"].text),))
    least = rule.custom("least_rows")
    if least and not (rule[LIMIT] and _number(least, 1, None)):
        yield Found("least-rows-alone", least.path, (("name", rule["name"].text),))


def _number(node: Node, least: int, most: int | None) -> bool:
    value = node.value
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= least and (most is None or value <= most)


def _mapping_problems(mapping: Node, scope: Scope) -> Iterable[Found]:
    """One target and its columns."""
    target = mapping.custom("target") or mapping["name"]
    given = {item["name"].text: item for item in mapping["properties"]}
    yield from only_known(mapping, MAPPING_PROPERTIES)
    yield from one_of(mapping.custom("rows"), "cabin.rows", ("landed", "minors"))
    yield from (Found("missing-property", item.path, (("name", "transformLogic"),)) for item in given.values() if not item["transformLogic"])
    if target.text not in scope.kinds and target.text not in FACT_TARGETS:
        yield Found("unknown-target", target.path, (("name", target.text), ("allowed", ", ".join([*scope.kinds, *FACT_TARGETS]))))
        return
    if target.text in scope.kinds and sum(each.endswith(f" {target.text}") for each in scope.delivered) > MOST_SOURCES:
        yield Found("too-many-sources", target.path, (("target", target.text), ("most", str(MOST_SOURCES))))
    allowed = _columns_of(target.text, scope)
    for name, item in given.items():
        if name not in allowed:
            yield Found("unknown-attribute", item["name"].path, (("target", target.text), ("name", name), ("allowed", ", ".join(allowed))))
    yield from _completeness_problems(mapping, target.text, given)


def _class_problems(mapping: Node, scope: Scope, columns: dict[str, Node]) -> Iterable[Found]:
    """What becomes a personal attribute must be sealed from landing on, not only from there."""
    target = (mapping.custom("target") or mapping["name"]).text
    plain = {name for name, column in columns.items() if column["classification"].text == "plain"}
    for item in mapping["properties"]:
        attribute = f"{target}.{item['name'].text}"
        for name in sorted(words_of(item["transformLogic"].text) & plain if attribute in scope.personal else ()):
            yield Found("plain-feeds-personal", item.path, (("name", name), ("attribute", attribute)))


def _merged_problems(mapping: Node, root: Node) -> Iterable[Found]:
    """Only a dwelling takes the place of another, and only a record names which."""
    merged = mapping.custom("merged_into")
    if not merged:
        return
    if (mapping.custom("target") or mapping["name"]).text != "dwelling" or mapping.custom("rows").text == "minors":
        yield Found("unknown-property", merged.path, (("name", "cabin.merged_into"),))
    elif not (mapping.custom("record") or root.custom("record")):
        yield Found("missing-property", mapping.path, (("name", "cabin.record"),))


def _columns_of(target: str, scope: Scope) -> tuple[str, ...]:
    """What a mapping into the target may fill."""
    if target in scope.kinds:
        ends = tuple(name for name, _ in LINK) if target == "residency" else ()
        return ends + scope.kinds[target]
    return tuple(dict.fromkeys(["visit", *FACTS[target].names]))


def _completeness_problems(mapping: Node, target: str, given: dict[str, Node]) -> Iterable[Found]:
    if target == "residency":
        yield from (Found("incomplete-residency", mapping.path, (("name", name),)) for name, _ in LINK if name not in given)
    elif target in FACT_TARGETS:
        yield from (Found("incomplete-fact", mapping.path, (("target", target), ("name", name))) for name in FACT_TARGETS[target] if name not in given)
    elif not mapping.custom("entity"):
        yield Found("missing-entity", mapping.path, (("name", mapping["name"].text),))
