"""A feed of lodgers in two major versions: personal cells are sealed, a column is renamed, another is added."""

from __future__ import annotations

from pathlib import Path

CONTRACT_1 = """\
apiVersion: v3.2.0
kind: DataContract
id: lodging
name: Lodgers
version: 1.0.0
status: active
domain: base-management
description:
  purpose: "Who lodges where."
  usage: "Weekly list of the lodging office."
customProperties:
  - {property: cabin.catalogue, value: X02}
  - {property: cabin.label, value: {zh: 寄宿登记, en: "Lodgers"}}
  - {property: cabin.department, value: {zh: 寄宿管理, en: "lodging office"}}
  - {property: cabin.format, value: csv}
  - {property: cabin.encoding, value: utf-8}
  - {property: cabin.modes, value: [increment]}
  - {property: cabin.observed_at, value: ["timestamp_of(seen_at)"]}
  - {property: cabin.area, value: "address_division(address_key(home))"}
  - {property: cabin.record, value: "lodger_no"}
  - {property: cabin.subject, value: "doc_no"}
  - {property: cabin.minors, value: {"keep": []}}
  - {property: cabin.covers, value: []}
schema:
  - name: lodging
    physicalName: cabin.raw.lodging
    physicalType: topic
    properties:
      - name: lodger_no
        id: lodging.lodger_no
        logicalType: string
        physicalType: code
        required: true
        synonyms: [{synonym: "登记编号", locale: zh-CN}]
        description: "Number in the register."
        classification: plain
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
      - name: doc_no
        id: lodging.doc_no
        logicalType: string
        physicalType: code
        required: true
        synonyms: [{synonym: "证件号", locale: zh-CN}]
        description: "Identity number; becomes a token."
        classification: identifier
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
          - {property: cabin.identifier, value: "subject"}
      - name: guest
        id: lodging.guest
        logicalType: string
        required: true
        synonyms: [{synonym: "姓名", locale: zh-CN}]
        description: "Name of the lodger."
        classification: personal
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
        quality:
          - name: name-too-short
            type: custom
            engine: duckdb
            implementation: "length(trim(guest)) > 1"
            severity: error
            customProperties:
              - {property: cabin.label, value: {zh: 姓名过短, en: "the name is too short"}}
      - name: home
        id: lodging.home
        logicalType: string
        physicalType: address
        required: true
        synonyms: [{synonym: "住址", locale: zh-CN}]
        description: "Address of the dwelling."
        classification: personal
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
      - name: seen_at
        id: lodging.seen_at
        logicalType: timestamp
        required: true
        synonyms: [{synonym: "登记时间", locale: zh-CN}]
        description: "When it was written down."
        classification: plain
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
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
ADDED = """\
      - name: stay
        id: lodging.stay
        logicalType: string
        physicalType: code
        required: true
        synonyms: [{synonym: "居住类型", locale: zh-CN}]
        description: "Own, let or lodging."
        classification: personal
        customProperties:
          - {property: cabin.purpose, value: rental_management}
          - {property: cabin.legal_basis, value: statutory_duty}
  - name: person
"""
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
