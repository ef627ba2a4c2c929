"""Loading: what `load` gives, what it refuses, what it costs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from contracts import InvalidContract, load
from contracts.facts import ARROW_TYPES, claim_schema, golden_schema
from contracts.model import CONSUMERS, Classification, Label, Minors, ServiceLevel, Severity
from contracts.read import HOME, fingerprint_of

SAMPLES = Path(__file__).parent / "samples"
KINDS = {"person", "place", "thing", "event", "dwelling", "business", "venue", "industry", "residency"}


@pytest.fixture(scope="module")
def contracts():
    return load(extra=(SAMPLES,))


def test_the_eight_kinds_and_residency_are_loaded(contracts):
    """All nine kinds of the domain are there, each with `present`, a label in two languages and a retention."""
    assert set(contracts.kinds) == KINDS
    for kind in contracts.kinds.values():
        assert kind.attributes[0].name == "present"
        assert kind.label.zh
        assert kind.label.en
        assert kind.retention_days > 0


def test_what_a_visit_can_change_is_what_the_domain_says():
    """A visit changes exactly the listed attributes: never names, sex, birth, registers, codes or divisions, and nothing of an event, which its layout cannot name."""
    changed = {(kind.name, attribute.name) for kind in load().kinds.values() for attribute in kind.attributes if attribute.visit}
    fittings = ["lock_grade", "door_entry", "alarm", "grille", "exposure_grade"]
    assert changed == {
        ("person", "phone"),
        *(("dwelling", name) for name in ["present", "use", "tenure", "occupancy", "people_band", *fittings]),
        *(("residency", name) for name in ["present", "residence_type", "residence_status", "relation_to_owner", "from_on", "to_on"]),
        *(("business", name) for name in ["present", "operating_address"]),
        *(("venue", name) for name in ["open_status", "open_hazards"]),
        *(("thing", name) for name in ["present", "kind", "status", "grade", "level", "building_id", "address"]),
    }


def test_coordinates_are_chosen_together():
    """Longitude, latitude and reference system are one unit wherever a point occurs, so that no point is assembled from two sources."""
    points = {kind.name: [[m.name for m in unit.members] for unit in kind.units if unit.name == "point"] for kind in load().kinds.values()}
    assert {name: units for name, units in points.items() if units} == {name: [["lon", "lat", "crs"]] for name in ("place", "thing", "dwelling")}


def test_every_attribute_says_why_it_is_kept():
    """Purpose, legal basis, freshness and meaning are given for each attribute, and codes name lists that exist."""
    contracts = load()
    for kind in contracts.kinds.values():
        for attribute in kind.attributes:
            assert attribute.purpose in contracts.code_lists["purpose"].labels, attribute.id
            assert attribute.legal_basis in contracts.code_lists["legal_basis"].labels, attribute.id
            assert attribute.description, attribute.id
            assert attribute.freshness_days >= 0
            assert attribute.code_list is None or attribute.code_list in contracts.code_lists
            assert (attribute.type == "code") == (attribute.code_list is not None), attribute.id
            assert attribute.id == f"{kind.name}.{attribute.name}"


def test_arrow_schemas_follow_the_contracts(contracts):
    """Claims and golden rows of a kind hold each attribute in contract order with the Arrow type its contract type stands for."""
    for kind in contracts.kinds.values():
        for schema in (claim_schema(kind), golden_schema(kind, contracts.sources(kind.name))):
            held = [schema.field(attribute.name).type for attribute in kind.attributes]
            assert held == [ARROW_TYPES[attribute.type] for attribute in kind.attributes]
            assert [name for name in schema.names if name in {a.name for a in kind.attributes}] == [a.name for a in kind.attributes]
            assert len(set(schema.names)) == len(schema.names)


def test_a_feed_is_read_whole(contracts):
    """What the YAML of a feed says stands in the model: columns, rules, mappings, options."""
    feed = contracts.feeds["hostel_guest"]
    number, born = feed.column("id_no"), feed.column("born_on")
    assert (number.identifier, number.birth_column, number.classification) == ("subject", "born_on", Classification.IDENTIFIER)
    assert (born.keep, born.type, born.header) == ("year", "date", "出生日期")
    assert feed.column("guest_no").other_headers == ("编号",)
    assert feed.column("residence_type").code_list == "residence_type"
    assert feed.minors == Minors("born_on", ("division_code", "room"))
    assert [(rule.reason, rule.severity, rule.column, rule.blanks) for rule in feed.rules] == [
        ("room-without-division", Severity.ERROR, None, None),
        ("born-late", Severity.WARNING, "born_on", "born_on"),
    ]
    assert [mapping.target for mapping in feed.mappings] == ["person", "residency", "dwelling", "finding"]
    assert feed.mappings[2].rows == "minors"
    assert (feed.version, feed.modes, feed.max_unkeyed) == (1, ("increment", "snapshot"), 0.001)
    assert "hostel_guest" in contracts.sources("residency")


def test_an_added_feed_needs_no_other_file(contracts):
    """A feed in another folder is added to the shipped ones and changes nothing else but the fingerprint."""
    shipped = load()
    assert contracts.feeds.keys() - shipped.feeds.keys() == {"hostel_guest"}
    assert contracts.kinds == shipped.kinds
    assert contracts.fingerprint != shipped.fingerprint


def test_a_service_level_is_read_in_hours(tmp_path):
    """The standard's `slaProperties` become hours, of which a month has at most 744; a feed that promises nothing has no level; an unknown unit is refused with the file."""
    shipped = load()
    assert shipped.feeds["venue"].service_level == ServiceLevel(744.0, 168.0)
    assert shipped.feeds["std_address"].service_level == ServiceLevel(1.0, 2.0)
    assert shipped.feeds["visit"].service_level is None
    text = (SAMPLES / "hostel_guest.yaml").read_text(encoding="utf-8")
    (tmp_path / "hostel_guest.yaml").write_text(
        text.replace("\nschema:\n", "\nslaProperties:\n  - {property: latency, value: 3, unit: week}\nschema:\n"), encoding="utf-8"
    )
    with pytest.raises(InvalidContract, match=r"hostel_guest\.yaml"):
        load(extra=(tmp_path,))


def test_loading_twice_reads_once():
    """A process reads the contracts once: the second call gives the same object."""
    assert load() is load(HOME)


def test_nothing_is_read_at_import():
    """Importing the package reads no contract and does not import the standard's package, which costs a quarter of a second."""
    code = "import sys, contracts; sys.exit('open_data_contract_standard' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=HOME.parent).returncode == 0


def test_contracts_cannot_be_changed(contracts):
    """The loaded model is read-only down to its mappings."""
    with pytest.raises(TypeError):
        contracts.feeds["other"] = contracts.feeds["hostel_guest"]


def test_the_fingerprint_knows_texts_and_names_only():
    """Order and place of files do not matter; a change of one character does."""
    one = fingerprint_of({"a": "x", "b": "y"})
    assert one == fingerprint_of({"b": "y", "a": "x"})
    assert one != fingerprint_of({"a": "x", "b": "z"})
    assert one != fingerprint_of({"a": "xb", "": "y"})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("a: [", r"line \d: did not find expected"),
        ("id: x\nbogus: 1\n", "bogus"),
        ("id: x\nschema: [{name: x, bogus: 1}]\n", "schema.0.bogus"),
        ("id: x\n", "neither a feed"),
        ("id: x\ncustomProperties: [{property: cabin.format, value: csv}]\n", "IndexError|ValueError|KeyError"),
    ],
)
def test_what_is_no_contract_is_refused_with_its_file(tmp_path, text, says):
    """Broken YAML, unknown keys at any depth and half a contract raise `InvalidContract`, which names the file in both languages."""
    file = tmp_path / "odd.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidContract, match=says) as caught:
        load(extra=(file,))
    assert all("odd.yaml" in caught.value.render(lang)[0] for lang in ("zh", "en"))


def test_a_name_that_is_taken_is_refused(tmp_path):
    """An added contract cannot silently replace another feed or code list."""
    (tmp_path / "again.yaml").write_text((SAMPLES / "hostel_guest.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(InvalidContract, match="hostel_guest is taken"):
        load(extra=(SAMPLES, tmp_path))
    (tmp_path / "sex.csv").write_text("code,zh,en\n1,男,male\n", encoding="utf-8")
    with pytest.raises(InvalidContract, match="sex is taken"):
        load(extra=(tmp_path / "sex.csv",))


def test_a_code_list_can_be_added(tmp_path):
    """A CSV beside an added feed is a code list of the release."""
    (tmp_path / "hostel_grade.csv").write_text("code,zh,en\n01,甲,first\n02,乙,second\n", encoding="utf-8")
    codes = load(extra=(tmp_path,)).code_lists["hostel_grade"]
    assert (list(codes.labels), codes.width, codes.labels["02"].zh) == (["01", "02"], 2, "乙")


def test_divisions_of_the_district_are_complete():
    """Lucheng has its 14 townships and 171 villages; every division but the province lies in one that is there."""
    codes = load().divisions
    lucheng = [code for code in codes if code.startswith("330302")]
    assert [sum(len(code) == length for code in lucheng) for length in (6, 9, 12)] == [1, 14, 171]
    parents = {2: 0, 4: 2, 6: 4, 9: 6, 12: 9}
    assert all(code[: parents[len(code)]] in codes for code in codes if len(code) > 2)


def test_what_nobody_delivers_says_what_it_awaits():
    """Every attribute has a feed, may be changed by a visit, or names in both languages the feed of the catalogue it awaits."""
    contracts = load()
    delivered = {(mapping.target, column.name) for feed in contracts.feeds.values() for mapping in feed.mappings for column in mapping.columns}
    silent = [
        (kind.name, attribute)
        for kind in contracts.kinds.values()
        for attribute in kind.attributes
        if (kind.name, attribute.name) not in delivered and not attribute.visit and attribute.name != "present"
    ]
    assert silent
    awaits = re.compile(r"(?:[Aa]waits|待).*F\d\d")
    assert [f"{kind}.{each.name}" for kind, each in silent if not (awaits.search(each.description) and awaits.search(each.description_zh))] == []


def test_readers_of_marts_have_words():
    """Every consumer of a released mart is in the code list with a Chinese label; one that is not is told as it is written."""
    contracts = load()
    codes = contracts.code_lists[CONSUMERS].labels
    assert [(mart.name, each) for mart in contracts.marts.values() for each in mart.consumers if each not in codes] == []
    assert [code for code, label in codes.items() if not re.fullmatch("[\u4e00-\u9fff]+", label.zh) or label.en != code] == []
    assert contracts.worded(CONSUMERS, "my team") == contracts.worded("nothing", "my team") == Label("my team", "my team")
