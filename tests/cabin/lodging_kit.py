"""A feed of lodgers in two major versions: personal cells are sealed, a column is renamed, another is added."""

from __future__ import annotations

from pathlib import Path

from tests.cabin.feed_kit import Column, Made, column, contract

LODGING = Made(
    "lodging",
    "Lodgers",
    "寄宿登记",
    "Who lodges where.",
    "Weekly list of the lodging office.",
    "X02",
    ("寄宿管理", "lodging office"),
    "rental_management",
    (
        ("modes", "[increment]"),
        ("observed_at", '["timestamp_of(seen_at)"]'),
        ("area", '"address_division(address_key(home))"'),
        ("record", '"lodger_no"'),
        ("subject", '"doc_no"'),
        ("minors", '{"keep": []}'),
        ("covers", "[]"),
    ),
    (
        Column("lodger_no", "登记编号", "Number in the register.", physical="code"),
        Column("doc_no", "证件号", "Identity number; becomes a token.", physical="code", classification="identifier", identifier="subject"),
        Column(
            "guest",
            "姓名",
            "Name of the lodger.",
            classification="personal",
            rule=("name-too-short", "length(trim(guest)) > 1", "姓名过短", "the name is too short"),
        ),
        Column("home", "住址", "Address of the dwelling.", physical="address", classification="personal"),
        Column("seen_at", "登记时间", "When it was written down.", logical="timestamp"),
    ),
)
MAPPINGS = """\
  - name: person
    physicalName: cabin.claims
    customProperties:
      - {property: cabin.entity, value: "doc_no"}
    properties:
      - {name: name, transformLogic: "trim(guest)"}
      - {name: doc_check, transformLogic: "doc_no_check"}
  - name: residency
    physicalName: cabin.claims
    properties:
      - {name: person, transformLogic: "doc_no"}
      - {name: dwelling, transformLogic: "dwelling_key(address_key(home))"}
      - {name: residence_type, transformLogic: "'3'"}
"""
CONTRACT_1 = contract(LODGING, MAPPINGS)
STAY = Column("stay", "居住类型", "Own, let or lodging.", physical="code", classification="personal")
ADDED = f"{column(LODGING, STAY)}  - name: person\n"
CONTRACT_2 = (
    CONTRACT_1.replace("version: 1.0.0", "version: 2.0.0")
    .replace("- name: guest", "- name: lodger")
    .replace("guest)", "lodger)")
    .replace("  - name: person\n", ADDED, 1)
    .replace("\"'3'\"", '"stay"')
    .replace("schema:\n", "  - {property: cabin.upcasts, value: [{from: 1, columns: {stay: \"'3'\"}}]}\nschema:\n", 1)
)
"""`guest` is called `lodger` (same id), and `stay` says what version 1 took for granted."""
HEADER = "登记编号,证件号,姓名,住址,登记时间"


def write(data: Path, name: str, text: str) -> Path:
    """A file among the data folder's own feeds."""
    file = data / "feeds" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def bumped(data: Path) -> None:
    """The installation takes version 2 and keeps version 1."""
    write(data, "lodging.yaml", CONTRACT_2)
    write(data, "old/lodging.v1.yaml", CONTRACT_1)
