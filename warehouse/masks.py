"""How personal values look in marts; pure makers of SQL expressions."""

from __future__ import annotations

from contracts.model import Attribute, Classification, Kind

# fmt: off
COMPOUND_SURNAMES = (
    "欧阳",
    "太史",
    "端木",
    "上官",
    "司马",
    "东方",
    "独孤",
    "南宫",
    "万俟",
    "闻人",
    "夏侯",
    "诸葛",
    "尉迟",
    "公羊",
    "赫连",
    "澹台",
    "皇甫",
    "宗政",
    "濮阳",
    "公冶",
    "太叔",
    "申屠",
    "公孙",
    "慕容",
    "仲孙",
    "钟离",
    "长孙",
    "宇文",
    "司徒",
    "鲜于",
    "司空",
    "闾丘",
    "子车",
    "亓官",
    "司寇",
    "巫马",
    "公西",
    "颛孙",
    "壤驷",
    "公良",
    "漆雕",
    "乐正",
    "宰父",
    "谷梁",
    "拓跋",
    "夹谷",
    "轩辕",
    "令狐",
    "段干",
    "百里",
    "呼延",
    "东郭",
    "南门",
    "羊舌",
    "微生",
    "左丘",
    "东门",
    "西门",
    "第五",
)
# fmt: on
"""Surnames of two characters, after the Hundred Family Surnames (百家姓)."""
OPEN_UNLESS = {("business", "name"): "entity_kind = 'sole_trader'"}
"""Names of organisations are public in their register; those of sole traders may be a person's and are masked."""


def name_sql(text: str) -> str:
    """Surname and stars: `王小明` becomes `王**`, `欧阳明` becomes `欧阳*`; one character is kept of any other text; at least one star."""
    compound = ", ".join(f"'{surname}'" for surname in COMPOUND_SURNAMES)
    kept = f"case when length({text}) > 2 and left({text}, 2) in ({compound}) then 2 else 1 end"
    return f"left({text}, {kept}) || repeat('*', greatest(length({text}) - {kept}, 1))"


def masked(attribute: Attribute) -> bool:
    """Whether the value is written out as surname and stars: personal free text. Codes, dates and tokens tell nothing without their owner."""
    return attribute.classification is Classification.PERSONAL and attribute.type == "text"


def banded(attribute: Attribute) -> bool:
    """Whether the value is shown as a band of ten years: years of birth."""
    return attribute.classification is Classification.PERSONAL and attribute.type == "integer" and attribute.unit == "year"


def value_sql(kind: Kind, attribute: Attribute, column: str) -> str:
    """The value as marts show it: names masked, years of birth as the first year of their decade."""
    if banded(attribute):
        return f"({column} // 10) * 10"
    if not masked(attribute):
        return column
    condition = OPEN_UNLESS.get((kind.name, attribute.name))
    return f"case when {condition} then {name_sql(column)} else {column} end" if condition else name_sql(column)


def told_sql(kind: Kind, attribute: str, text: str) -> str:
    """A claimed value as text, told of an attribute named by the expression `attribute`: names masked, decades for years of birth."""
    names = [each.name for each in kind.attributes if masked(each)]
    years = [each.name for each in kind.attributes if banded(each)]
    cases = [f"when {attribute} = '{name}' then {name_sql(text)}" for name in names]
    cases += [f"when {attribute} = '{name}' then ((try_cast({text} as bigint) // 10) * 10)::varchar" for name in years]
    return f"case {' '.join(cases)} else {text} end" if cases else text
