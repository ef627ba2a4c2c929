"""What a contract may refer to: the names of a release, read leniently from its files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from contracts.ban import OUR_OWN, ban_list, banned_code_list, banned_name
from contracts.odcs import ATTRIBUTE_TYPES, Flavour, major
from contracts.yaml_nodes import Node, Path

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
CLASSIFICATIONS = ("identifier", "personal", "plain")


@dataclass(frozen=True, slots=True)
class Found:
    """A mistake at a path of one document."""

    code: str
    path: Path
    values: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The kinds with their attributes, which of those are personal (`person.name`), the names of feeds, what each delivers (`venue venue.name`), the code lists, in how many documents each id and each name occurs."""

    kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()
    feeds: frozenset[str] = frozenset()
    delivered: frozenset[str] = frozenset()
    code_lists: frozenset[str] = frozenset()
    ids: dict[str, int] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    older: dict[tuple[str, int], Node] = field(default_factory=dict)
    """The documents of older versions by feed and major version; `upcast`: those of them that a newer version upcasts."""
    upcast: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def of(cls, roots: Iterable[tuple[Node, Flavour | None]], older: Iterable[Node] = ()) -> Scope:
        """The names of all documents of a release; `older` versions of feeds deliver besides what they map by themselves."""
        kept = {(root["id"].text, major(root["version"].text or None)): root for root in older}
        newest = list(roots)
        upcast = frozenset(each for root in [*(root for root, _ in newest), *kept.values()] for each in _upcast(root))
        kinds: dict[str, tuple[str, ...]] = {}
        personal: set[str] = set()
        feeds: set[str] = set()
        delivered: set[str] = set()
        ids: dict[str, int] = {}
        names: dict[str, int] = {}
        for root, flavour in newest:
            schema = next(iter(root["schema"]), Node(None))
            if flavour == "kind":
                kinds[schema["name"].text] = tuple(each["name"].text for each in schema["properties"])
                personal |= {f"{schema['name'].text}.{each['name'].text}" for each in schema["properties"] if each["classification"].text == "personal"}
            if flavour == "feed":
                feeds.add(root["id"].text)
                delivered |= {f"{root['id'].text} {target}" for target in _delivered(root)}
            _count(names, [f"{flavour} {root['id'].text}"])
            _count(ids, {f"{flavour} {each['id'].text}" for each in schema["properties"] if each["id"]})
        for (name, _), root in ((place, root) for place, root in kept.items() if place not in upcast):
            delivered |= {f"{name} {target}" for target in _delivered(root)}
        return cls(kinds, frozenset(personal), frozenset(feeds), frozenset(delivered), frozenset(), ids, names, kept, upcast)

    def with_codes(self, names: Iterable[str]) -> Scope:
        return replace(self, code_lists=frozenset(names))


def _upcast(root: Node) -> Iterator[tuple[str, int]]:
    """The older versions that a feed upcasts."""
    return ((root["id"].text, each["from"].value) for each in root.custom("upcasts") if isinstance(each["from"].value, int))


def _delivered(feed: Node) -> Iterable[str]:
    """The kinds a feed maps into, each also as its attributes: `venue`, `venue.name`. Every claim says that its entity is present."""
    for mapping in list(feed["schema"])[1:]:
        target = (mapping.custom("target") or mapping["name"]).text
        yield from (target, f"{target}.present", *(f"{target}.{each['name'].text}" for each in mapping["properties"]))


def _count(counts: dict[str, int], names: Iterable[str]) -> None:
    for name in names:
        counts[name] = counts.get(name, 0) + 1


def one_of(node: Node, name: str, allowed: Sequence[str]) -> Iterable[Found]:
    """A value that must be one of a few."""
    if node and node.text not in allowed:
        yield Found("unknown-value", node.path, (("name", name), ("value", node.text), ("allowed", ", ".join(allowed))))


def needs(node: Node, names: Iterable[str]) -> Iterable[Found]:
    """Properties of ours an object must have."""
    for name in names:
        if not node.custom(name):
            yield Found("missing-property", node.custom(name).path, (("name", f"cabin.{name}"),))


def only_known(node: Node, known: Iterable[str]) -> Iterable[Found]:
    """Properties under customProperties that mean nothing to us, or are given twice."""
    names = {f"cabin.{name}" for name in known}
    seen: set[str] = set()
    for each in node["customProperties"]:
        name = each["property"].text
        if name not in names:
            yield Found("unknown-property", each.path, (("name", name or "?"),))
        elif name in seen:
            yield Found("duplicate-name", each.path, (("name", name),))
        seen.add(name)


def labelled(node: Node) -> Iterable[Found]:
    """A label in both languages, with words in each."""
    label = node.custom("label")
    if not label:
        yield Found("missing-property", label.path, (("name", "cabin.label"),))
        return
    for lang in ("zh", "en"):
        if not label[lang].text.strip():
            yield Found("missing-property", label.path, (("name", f"cabin.label.{lang}"),))


def document_problems(root: Node, scope: Scope, flavour: Flavour) -> Iterable[Found]:
    """What every contract must have: the version of the standard, a name nobody else has, a version, a label."""
    yield from one_of(root["apiVersion"], "apiVersion", ("v3.2.0",))
    yield from (Found("missing-property", (), (("name", name),)) for name in ("apiVersion", "id", "version", "schema") if not root[name])
    yield from labelled(root)
    name = root["id"]
    if name and not NAME.match(name.text):
        yield Found("bad-name", name.path, (("name", name.text),))
    if scope.names.get(f"{flavour} {name.text}", 0) > 1:
        yield Found("duplicate-name", name.path, (("name", name.text),))
    schema = next(iter(root["schema"]), Node(None))
    yield from id_problems(schema, scope, flavour)
    if schema["name"] and schema["name"].text != name.text:
        yield Found("name-mismatch", schema["name"].path, (("name", schema["name"].text), ("id", name.text)))


def field_problems(item: Node, scope: Scope, purpose: bool = True) -> Iterable[Found]:
    """What every column and attribute must have: a name, an id of its own, a class, and why it is kept."""
    name = item["name"]
    if not NAME.match(name.text):
        yield Found("bad-name", name.path, (("name", name.text),))
    yield from one_of(item["classification"], "classification", CLASSIFICATIONS)
    if not item["classification"]:
        yield Found("missing-property", item.path, (("name", "classification"),))
    if purpose:
        yield from _reason_problems(item)
    yield from banned_problems(item)
    yield from code_list_problems(item, scope)


def id_problems(schema: Node, scope: Scope, flavour: Flavour) -> Iterable[Found]:
    """Ids that another document of the flavour has too, or that stand here for the second time."""
    seen: set[str] = set()
    for node in (item["id"] for item in schema["properties"] if item["id"]):
        if node.text in seen or scope.ids.get(f"{flavour} {node.text}", 0) > 1:
            yield Found("duplicate-id", node.path, (("name", node.text),))
        seen.add(node.text)


def _reason_problems(item: Node) -> Iterable[Found]:
    """Why a field may be kept at all, and an id that survives renaming."""
    if not item["id"]:
        yield Found("missing-property", item.path, (("name", "id"),))
    for key, code in (("purpose", "missing-purpose"), ("legal_basis", "missing-legal-basis")):
        if not item.custom(key).text.strip():
            yield Found(code, item.custom(key).path, (("name", item["name"].text),))


def banned_problems(item: Node) -> Iterable[Found]:
    """Names that the ban list refuses, in either language; one problem a field."""
    names = [item["name"], *(each["synonym"] for each in item["synonyms"])]
    for node in names:
        rule = None if node.text in OUR_OWN else banned_name(node.text)
        if rule and item["name"].text not in OUR_OWN:
            yield Found("banned-column", node.path, (("name", node.text), ("rule", rule), ("instead", _instead(rule))))
            return


def code_list_problems(item: Node, scope: Scope) -> Iterable[Found]:
    """A code list must exist and must not be banned."""
    codes = item.custom("code_list")
    rule = banned_code_list(codes.text)
    if rule:
        yield Found("banned-code-list", codes.path, (("name", codes.text), ("rule", rule), ("instead", _instead(rule))))
    elif codes and codes.text not in scope.code_lists:
        yield Found("unknown-code-list", codes.path, (("name", codes.text),))


def type_problems(item: Node) -> Iterable[Found]:
    """A type of ours, named by `physicalType` or implied by `logicalType`."""
    yield from one_of(item["physicalType"], "physicalType", ATTRIBUTE_TYPES)
    yield from one_of(item["logicalType"], "logicalType", ("string", "date", "timestamp", "integer", "number", "boolean"))


def _instead(rule: str) -> str:
    instead = next(each.instead for each in ban_list().rules if each.id == rule)
    return f"{instead.zh} / {instead.en}"
