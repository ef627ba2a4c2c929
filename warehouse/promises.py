"""What the wide tables `<kind>_current` promise, generated from the kinds: a new attribute or feed changes table and promise together."""

from __future__ import annotations

import dataclasses

from contracts.facts import SQL_TYPES
from contracts.model import Attribute, Classification, Contracts, Kind, Label, Mart, MartColumn, Unit
from warehouse.wide import wide_name

DIFFERS = (
    'STRUCT("attribute" VARCHAR, "source" VARCHAR, record VARCHAR, claimed VARCHAR, golden VARCHAR, judged BOOLEAN, '
    'observed_at TIMESTAMP_MS, delivery VARCHAR, "row" INTEGER)[]'
)
READERS = ("all departments", "data engineers")


def with_wide(contracts: Contracts) -> Contracts:
    """The contracts with the wide table of every kind among the marts."""
    wide = {wide_name(kind.name): wide_mart(contracts, kind) for kind in contracts.kinds.values()}
    return dataclasses.replace(contracts, marts={**contracts.marts, **wide})


def wide_mart(contracts: Contracts, kind: Kind) -> Mart:
    """The contract of a kind's wide table, with the version of the kind's own."""
    about = f"One row per {kind.name} of which a claim counts: golden values as marts show them, with status, source, evidence and what each source says."
    about_zh = f"每个有有效主张的{kind.label.zh}一行：按数据集市的显示方式给出核定值，及其状态、来源、依据和各来源的说法。"
    columns = [*_head(kind), *(column for source in contracts.sources(kind.name) for column in _source(source))]
    columns += [_attribute(each) for each in kind.attributes]
    columns += [column for unit in kind.units for column in _unit(unit)]
    columns.append(
        _column(
            "differs",
            DIFFERS,
            "不一致来源",
            "Differing sources",
            "One entry per source and attribute whose value is not golden.",
            "每个与核定值不同的来源和属性一项。",
            True,
        )
    )
    label = Label(f"{kind.label.zh}现状", f"{kind.label.en}, current")
    return Mart(wide_name(kind.name), kind.version_text, label, about, tuple(columns), READERS, "household_visit", about_zh)


def _head(kind: Kind) -> list[MartColumn]:
    ends = [
        _column("person", "VARCHAR", "人", "Person", "Subject token.", "人的随机代号。"),
        _column("dwelling", "VARCHAR", "房屋", "Dwelling", "Address key.", "地址键。"),
        _column("main", "BOOLEAN", "主要居所", "Main residence", "Whether this is the person's main residence.", "是否为此人的主要居所。", True),
    ]
    return [
        dataclasses.replace(
            _column("entity", "VARCHAR", "要素编号", "Entity", "Entity id; a person is a random token.", "要素编号；人以随机代号表示。"), key=True
        ),
        *(ends if kind.name == "residency" else []),
        _column("area", "VARCHAR", "区划", "Area", "Division code; null where no source names one.", "区划代码；均未注明时为空。"),
        _column(
            "label",
            "VARCHAR",
            "名称",
            "Label",
            "The attribute the kind is shown by; names of persons as surname and stars.",
            "该类别显示用的属性；人的姓名只显示姓和星号。",
            True,
        ),
        _column(
            "observed_at",
            "TIMESTAMP_MS",
            "观测时间",
            "Observed at",
            "Beijing time of the newest claim or finding that counts.",
            "最新有效主张或核查结果的北京时间。",
        ),
    ]


def _source(source: str) -> list[MartColumn]:
    return [
        _column(
            f"{source}__delivery",
            "VARCHAR",
            f"{source} 批次",
            f"{source}: delivery",
            "Delivery of the source's newest claim that counts; null: none.",
            "该来源最新有效主张的批次；没有为空。",
        ),
        _column(f"{source}__row", "INTEGER", f"{source} 行", f"{source}: row", "Row of that delivery.", "该批次中的行。"),
        _column(f"{source}__record", "VARCHAR", f"{source} 记录", f"{source}: record", "The department's own row key.", "部门自己的行编号。"),
        _column(f"{source}__observed_at", "TIMESTAMP_MS", f"{source} 观测时间", f"{source}: observed at", "Beijing time of that claim.", "该主张的北京时间。"),
    ]


def _attribute(each: Attribute) -> MartColumn:
    return MartColumn(each.name, SQL_TYPES[each.type], each.label, each.description, each.classification, unit=each.unit, description_zh=each.description_zh)


def _unit(unit: Unit) -> list[MartColumn]:
    zh, en = unit.members[0].label.zh, unit.name
    asked = Label("", "") if unit.visit else Label("走访不得更改：总为空。", " No visit may change it: always null.")
    return [
        _column(
            f"{unit.name}__status",
            "VARCHAR",
            f"{zh}：状态",
            f"{en}: status",
            "verified, corrected, agreed, disputed or single; null: no value.",
            "核定值的状态；无值为空。",
        ),
        _column(
            f"{unit.name}__source",
            "VARCHAR",
            f"{zh}：来源",
            f"{en}: source",
            "Feed the value comes from, or `visit`.",
            "值所来自的数据源，或 `visit`（走访）。",
        ),
        _column(
            f"{unit.name}__finding",
            "VARCHAR",
            f"{zh}：走访结果",
            f"{en}: finding",
            "Version of the finding in force, null where there is none or it is spent." + asked.en,
            "有效核查结果的版本；没有或已失效为空。" + asked.zh,
        ),
        _column(
            f"{unit.name}__agree",
            "INTEGER",
            f"{zh}：一致来源",
            f"{en}: agreeing",
            "Bit mask of agreeing sources, in name order.",
            "一致来源的位掩码，按名称排序。",
        ),
        _column(
            f"{unit.name}__differ",
            "INTEGER",
            f"{zh}：不一致来源",
            f"{en}: differing",
            "Bit mask of differing sources, in name order.",
            "不一致来源的位掩码，按名称排序。",
        ),
        _column(
            f"{unit.name}__seen_at",
            "TIMESTAMP_MS",
            f"{zh}：最近说明",
            f"{en}: seen at",
            "Beijing time at which the value was last said.",
            "该值最近一次被说明的北京时间。",
        ),
    ]


def _column(name: str, type_: str, zh: str, en: str, about: str, about_zh: str, personal: bool = False) -> MartColumn:
    return MartColumn(name, type_, Label(zh, en), about, Classification.PERSONAL if personal else Classification.PLAIN, description_zh=about_zh)
