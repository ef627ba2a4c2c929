"""One change of the shipped contracts per rule, and the rules that must tell it: the rule itself, and those that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from contracts.model import Classification, CodeList, Contracts, Label, Limit, Mapped, Promise, ServiceLevel, Severity, Upcast
from contracts.model import Mapping as FeedMapping
from contracts.model import Rule as RowRule

Change = Callable[[Contracts], Contracts]
LIGHTER = {Severity.ERROR: Severity.WARNING, Severity.WARNING: Severity.ERROR}
FEED, KIND, MART, CODES = "rental", "dwelling", "rental", "tenure"
OTHER = Label("另一个", "another")
SOFT = RowRule("added", Severity.WARNING, "status is not null", OTHER)


def feed(**changes: Any) -> Change:
    return lambda contracts: replace(contracts, feeds={**contracts.feeds, FEED: replace(contracts.feeds[FEED], **changes)})


def kind(**changes: Any) -> Change:
    return lambda contracts: replace(contracts, kinds={**contracts.kinds, KIND: replace(contracts.kinds[KIND], **changes)})


def mart(**changes: Any) -> Change:
    return lambda contracts: replace(contracts, marts={**contracts.marts, MART: replace(contracts.marts[MART], **changes)})


def promises(flavour: str, change: Callable[[tuple[Promise, ...]], tuple[Promise, ...]]) -> Change:
    """The promises of the kind or mart of the cases, which has some."""
    if flavour == "kind":
        return lambda contracts: kind(quality=change(contracts.kinds[KIND].quality))(contracts)
    return lambda contracts: mart(quality=change(contracts.marts[MART].quality))(contracts)


def codes(change: Callable[[Mapping[str, Label]], Mapping[str, Label]]) -> Change:
    def changed(contracts: Contracts) -> Contracts:
        old = contracts.code_lists[CODES]
        return replace(contracts, code_lists={**contracts.code_lists, CODES: CodeList(CODES, change(old.labels), old.width)})

    return changed


def part(place: str, owner: str, parts: str, which: str, **changes: Any) -> Change:
    """One column or attribute changed."""

    def changed(contracts: Contracts) -> Contracts:
        held = getattr(contracts, place)
        kept = tuple(replace(each, **changes) if each.name == which else each for each in getattr(held[owner], parts))
        return replace(contracts, **{place: {**held, owner: replace(held[owner], **{parts: kept})}})

    return changed


def column(which: str, **changes: Any) -> Change:
    return part("feeds", FEED, "columns", which, **changes)


def attribute(which: str, **changes: Any) -> Change:
    return part("kinds", KIND, "attributes", which, **changes)


def mart_column(which: str, **changes: Any) -> Change:
    return part("marts", MART, "columns", which, **changes)


def without(place: str, owner: str, parts: str, name: str) -> Change:
    def changed(contracts: Contracts) -> Contracts:
        held = getattr(contracts, place)
        kept = tuple(each for each in getattr(held[owner], parts) if each.name != name)
        return replace(contracts, **{place: {**held, owner: replace(held[owner], **{parts: kept})}})

    return changed


def more(place: str, owner: str, parts: str, like: str, **changes: Any) -> Change:
    """One more column or attribute, made of another."""

    def changed(contracts: Contracts) -> Contracts:
        held = getattr(contracts, place)
        given = getattr(held[owner], parts)
        added = replace(next(each for each in given if each.name == like), **changes)
        return replace(contracts, **{place: {**held, owner: replace(held[owner], **{parts: (*given, added)})}})

    return changed


def rules(change: Callable[[tuple[RowRule, ...]], tuple[RowRule, ...]]) -> Change:
    return lambda contracts: feed(rules=change(contracts.feeds[FEED].rules))(contracts)


def row_rule(reason: str, **changes: Any) -> Change:
    return rules(lambda given: tuple(replace(each, **changes) if each.reason == reason else each for each in given))


def mappings(change: Callable[[tuple[FeedMapping, ...]], tuple[FeedMapping, ...]]) -> Change:
    return lambda contracts: feed(mappings=change(contracts.feeds[FEED].mappings))(contracts)


def first_mapping(**changes: Any) -> Change:
    return mappings(lambda given: (replace(given[0], **changes), *given[1:]))


def dropped(place: str, name: str) -> Change:
    return lambda contracts: replace(contracts, **{place: {key: each for key, each in getattr(contracts, place).items() if key != name}})


def doubled(place: str, name: str) -> Change:
    """The contract a second time, under another name."""
    return lambda contracts: replace(contracts, **{place: {**getattr(contracts, place), "another": replace(getattr(contracts, place)[name], name="another")}})


NEW_COLUMN = {"name": "added", "id": "rental.added", "header": "新列"}
CASES: dict[str, tuple[Change, frozenset[str]]] = {
    "column-removed": (without("feeds", FEED, "columns", "owner_doc_no"), frozenset()),
    "column-added-required": (more("feeds", FEED, "columns", "status", **NEW_COLUMN), frozenset()),
    "column-added-optional": (more("feeds", FEED, "columns", "status", **NEW_COLUMN, required=False), frozenset()),
    "column-renamed": (column("owner_doc_no", name="lessor_doc_no"), frozenset()),
    "id-reused": (column("owner_doc_no", name="deposit", header="押金"), frozenset({"header-added", "header-removed"})),
    "id-changed": (column("owner_doc_no", id="rental.lessor"), frozenset()),
    "header-removed": (column("status", header="合同状态"), frozenset({"header-added"})),
    "header-added": (column("status", other_headers=("合同状态",)), frozenset()),
    "type-narrowed": (column("pushed_at", type="date"), frozenset()),
    "type-widened": (column("companions", type="decimal"), frozenset()),
    "type-changed": (column("companions", type="date"), frozenset()),
    "required-tightened": (column("companions", required=True), frozenset()),
    "required-loosened": (column("status", required=False), frozenset()),
    "text-limit-lowered": (column("status", type="text"), frozenset({"type-widened"})),
    "text-limit-raised": (lambda contracts: feed(free_text_limit=99)(contracts), frozenset()),
    "classification-raised": (column("status", classification=Classification.PERSONAL), frozenset()),
    "classification-lowered": (column("companions", classification=Classification.PLAIN), frozenset()),
    "identifier-added": (column("status", identifier="phone"), frozenset()),
    "identifier-removed": (column("tenant_phone", identifier=None), frozenset()),
    "identifier-changed": (column("tenant_phone", identifier="subject"), frozenset()),
    "reduction-changed": (column("from_on", keep="year"), frozenset()),
    "column-code-list-changed": (column("status", code_list=CODES), frozenset()),
    "purpose-changed": (column("status", purpose="household_visit"), frozenset()),
    "legal-basis-changed": (column("status", legal_basis="consent"), frozenset()),
    "error-rule-added": (rules(lambda given: (*given, replace(SOFT, severity=Severity.ERROR))), frozenset()),
    "error-rule-removed": (rules(lambda given: tuple(each for each in given if each.reason != "status-unknown")), frozenset()),
    "error-rule-changed": (row_rule("status-unknown", holds="coalesce(status in ('1', '2'), false)"), frozenset()),
    "severity-raised": (row_rule("phone-unknown", severity=Severity.ERROR), frozenset()),
    "severity-lowered": (row_rule("status-unknown", severity=Severity.WARNING), frozenset()),
    "warning-rule-added": (rules(lambda given: (*given, SOFT)), frozenset()),
    "warning-rule-removed": (rules(lambda given: tuple(each for each in given if each.reason != "phone-unknown")), frozenset()),
    "warning-rule-changed": (row_rule("phone-unknown", blanks="tenant_phone"), frozenset()),
    "limit-tightened": (row_rule("phone-unknown", limit=Limit(20)), frozenset()),
    "limit-loosened": (lambda contracts: row_rule("phone-unknown", limit=None)(contracts), frozenset()),
    "mode-removed": (feed(modes=("increment", "correction")), frozenset()),
    "mode-added": (feed(modes=("increment", "correction", "withdrawal", "snapshot")), frozenset()),
    "format-changed": (feed(format="csv"), frozenset()),
    "encoding-changed": (feed(encoding="gb18030"), frozenset()),
    "delimiter-changed": (feed(delimiter=";"), frozenset()),
    "department-changed": (feed(department=OTHER), frozenset({"text-changed"})),
    "topic-changed": (feed(topic="cabin.raw.leases"), frozenset()),
    "observed-at-changed": (feed(observed_at=("timestamp_of(from_on)",)), frozenset()),
    "rank-changed": (feed(rank="1"), frozenset()),
    "record-changed": (feed(record="contract_no || status"), frozenset()),
    "operation-changed": (feed(operation="status = '4'"), frozenset()),
    "area-changed": (feed(area="null"), frozenset()),
    "subject-changed": (feed(subject="owner_doc_no"), frozenset()),
    "minors-changed": (feed(minors=None), frozenset()),
    "covers-changed": (feed(covers=()), frozenset()),
    "unkeyed-share-changed": (feed(max_unkeyed=0.1), frozenset()),
    "partial-changed": (feed(partial=True), frozenset()),
    "service-level-changed": (feed(service_level=ServiceLevel(99.0, None)), frozenset()),
    "mapping-target-added": (mappings(lambda given: (*given, FeedMapping("thing", (Mapped("status", "status"),), entity="contract_no"))), frozenset()),
    "mapping-target-demanding": (lambda contracts: mappings(lambda given: (*given, FeedMapping("thing", (), entity="owner_doc_no")))(feed(subject="owner_doc_no")(contracts)), frozenset({"subject-changed"})),
    "mapping-target-removed": (mappings(lambda given: given[:-1]), frozenset()),
    "mapping-key-changed": (first_mapping(where="status <> '4'"), frozenset()),
    "mapping-column-added": (first_mapping(columns=(Mapped("doc_check", "tenant_doc_no_check"), Mapped("phone", "tenant_phone"), Mapped("name", "'x'"))), frozenset()),
    "mapping-column-removed": (first_mapping(columns=(Mapped("phone", "tenant_phone"),)), frozenset()),
    "mapping-expression-changed": (first_mapping(columns=(Mapped("doc_check", "tenant_doc_no_check"), Mapped("phone", "owner_doc_no"))), frozenset()),
    "text-changed": (column("status", description="said otherwise"), frozenset()),
    "attribute-removed": (without("kinds", KIND, "attributes", "people_band"), frozenset()),
    "attribute-added": (more("kinds", KIND, "attributes", "people_band", name="added", id="dwelling.added"), frozenset()),
    "attribute-renamed": (attribute("people_band", name="band"), frozenset()),
    "attribute-id-reused": (attribute("people_band", name="band", label=OTHER), frozenset({"kind-text-changed"})),
    "attribute-type-changed": (attribute("people_band", type="integer"), frozenset()),
    "attribute-classification-raised": (attribute("address", classification=Classification.IDENTIFIER), frozenset()),
    "attribute-classification-lowered": (lambda contracts: attribute("people_band", classification=Classification.PLAIN)(contracts), frozenset()),
    "attribute-code-list-changed": (attribute("people_band", code_list=CODES), frozenset()),
    "attribute-unit-changed": (attribute("people_band", unit="persons"), frozenset()),
    "attribute-group-changed": (attribute("people_band", group="people"), frozenset()),
    "freshness-changed": (attribute("people_band", freshness_days=1), frozenset()),
    "visit-changed": (lambda contracts: attribute("people_band", visit=not _band(contracts).visit)(contracts), frozenset()),
    "priorities-changed": (kind(priorities={"*": (("rental",),)}), frozenset()),
    "attribute-purpose-changed": (attribute("people_band", purpose="other"), frozenset()),
    "retention-shortened": (kind(retention_days=1), frozenset()),
    "retention-lengthened": (kind(retention_days=99_999), frozenset()),
    "kind-topic-changed": (kind(topic="cabin.entity.home"), frozenset()),
    "kind-text-changed": (kind(description="said otherwise"), frozenset()),
    "mart-grain-changed": (mart_column("level", key=True), frozenset()),
    "mart-column-removed": (without("marts", MART, "columns", "overstayed"), frozenset()),
    "mart-column-added": (more("marts", MART, "columns", "overstayed", name="added", id="rental.added"), frozenset()),
    "mart-column-renamed": (mart_column("overstayed", name="overdue"), frozenset()),
    "mart-id-reused": (mart_column("overstayed", name="other", label=OTHER), frozenset({"mart-text-changed"})),
    "mart-column-type-changed": (mart_column("overstayed", type="BIGINT"), frozenset()),
    "mart-column-unit-changed": (mart_column("overstayed", unit="dwellings"), frozenset()),
    "mart-classification-raised": (mart_column("overstayed", classification=Classification.PERSONAL), frozenset()),
    "mart-classification-lowered": (lambda contracts: mart_column("overstayed", classification=Classification.PLAIN)(contracts), frozenset()),
    "mart-consumer-removed": (mart(consumers=()), frozenset()),
    "mart-consumer-added": (lambda contracts: mart(consumers=(*contracts.marts[MART].consumers, "another"))(contracts), frozenset()),
    "mart-purpose-changed": (mart(purpose="other"), frozenset()),
    "mart-columns-reordered": (lambda contracts: mart(columns=contracts.marts[MART].columns[::-1])(contracts), frozenset()),
    "mart-text-changed": (mart(description="said otherwise"), frozenset()),
    **{
        f"{flavour}-promise-{what}": (promises(flavour, change), frozenset())
        for flavour in ("kind", "mart")
        for what, change in (
            ("removed", lambda given: given[1:]),
            ("added", lambda given: (*given, replace(given[0], name="another"))),
            ("changed", lambda given: (replace(given[0], severity=LIGHTER[given[0].severity]), *given[1:])),
        )
    },
    "code-removed": (codes(lambda labels: dict(list(labels.items())[1:])), frozenset()),
    "code-added": (codes(lambda labels: {**labels, "99": OTHER}), frozenset()),
    "code-relabelled": (codes(lambda labels: dict.fromkeys(labels, OTHER)), frozenset()),
    "code-width-changed": (lambda contracts: replace(contracts, code_lists={**contracts.code_lists, CODES: replace(contracts.code_lists[CODES], width=7)}), frozenset()),
    **{f"{what}-added": (doubled(place, name), frozenset()) for what, place, name in (("feed", "feeds", FEED), ("kind", "kinds", KIND), ("mart", "marts", MART), ("code-list", "code_lists", CODES))},
    **{f"{what}-removed": (dropped(place, name), frozenset()) for what, place, name in (("feed", "feeds", FEED), ("kind", "kinds", KIND), ("mart", "marts", MART), ("code-list", "code_lists", CODES))},
    "macro-changed": (lambda contracts: replace(contracts, rules_sql=contracts.rules_sql.replace("create or replace macro whole_of(t) as", "create or replace macro whole_of(t) as 1 +")), frozenset()),
    "version-not-kept": (feed(version=2, version_text="2.0.0"), frozenset()),
    "kept-version-changed": (lambda contracts: replace(feed(version=2, version_text="2.0.0", upcasts=(Upcast(1),))(contracts), older={FEED: (replace(contracts.feeds[FEED], rank=None),)}), frozenset()),
}  # fmt: skip
"""The change by the rule that it is made for, and the other rules that tell of it as well."""
BEFORE: dict[str, Change] = {
    "text-limit-raised": column("status", type="text"),
    "limit-loosened": row_rule("phone-unknown", limit=Limit(20)),
    "mart-classification-lowered": mart_column("overstayed", classification=Classification.PERSONAL),
    "attribute-classification-lowered": attribute("people_band", classification=Classification.PERSONAL),
    "visit-changed": attribute("people_band", visit=True),
}
"""What has to be so before the change."""


def _band(contracts: Contracts) -> Any:
    return next(each for each in contracts.kinds[KIND].attributes if each.name == "people_band")
