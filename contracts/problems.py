"""What can be wrong with a contract: one code, fact and hint each, in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from contracts.model import Label


class Told(NamedTuple):
    """Fact and hint of one mistake, as format strings."""

    fact: Label
    hint: Label


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a contract file; ordered by file, line and code."""

    file: str
    line: int
    code: str
    values: tuple[tuple[str, str], ...] = ()

    @property
    def fact(self) -> Label:
        return self._told(CATALOGUE[self.code].fact)

    @property
    def hint(self) -> Label:
        return self._told(CATALOGUE[self.code].hint)

    def _told(self, text: Label) -> Label:
        values = dict(self.values)
        return Label(text.zh.format(**values), text.en.format(**values))


def _told(fact_zh: str, fact_en: str, hint_zh: str, hint_en: str) -> Told:
    return Told(Label(fact_zh, fact_en), Label(hint_zh, hint_en))


CATALOGUE: dict[str, Told] = {
    "invalid-yaml": _told("不是有效的 YAML：{detail}", "not valid YAML: {detail}", "请检查该行的缩进、引号和冒号。", "Check indentation, quotes and colons at this line."),
    "duplicate-key": _told("键 {name} 写了两次", "the key {name} stands here for the second time", "请合并或删除其中之一。", "Merge the two, or remove one."),
    "unknown-key": _told("标准中没有键 {name}", "the standard has no key {name}", "请删除，或写成 customProperties 中的 cabin.* 属性。", "Remove it, or write it as a `cabin.*` property under customProperties."),
    "wrong-shape": _told("{name} 的值不合规：{detail}", "the value of {name} has the wrong shape: {detail}", "请参照 ODCS 3.2.0 的写法。", "Write it as ODCS 3.2.0 says."),
    "unknown-flavour": _told("看不出描述的是数据源、信息类别还是数据集市", "it describes neither a feed nor a kind nor a mart", "数据源写 cabin.format，类别写 cabin.retention_days，集市写 cabin.consumers。", "A feed has `cabin.format`, a kind `cabin.retention_days`, a mart `cabin.consumers`."),
    "unknown-property": _told("没有属性 {name}", "there is no property {name}", "请改正属性名。", "Correct the name of the property."),
    "missing-property": _told("缺少 {name}", "{name} is missing", "请补充 {name}。", "Add {name}."),
    "unknown-value": _told("{name} 不能为 {value}", "{name} cannot be {value}", "可用：{allowed}。", "Use one of: {allowed}."),
    "bad-name": _told("名称 {name} 不可用", "the name {name} cannot be used", "请用小写字母、数字和下划线，以字母开头。", "Use lower-case letters, digits and underscores, a letter first."),
    "name-mismatch": _told("第一个 schema 对象名为 {name}，而契约 id 为 {id}", "the first schema object is called {name}, the contract {id}", "请使两者一致。", "Give both the same name."),
    "missing-observed-at": _told("没有说明观测时间", "it does not say when a row was observed", "请写 cabin.observed_at：按先后顺序列出时间表达式。", "Write `cabin.observed_at`: the expressions for the time, the best first."),
    "missing-area": _told("没有说明行所属区划", "it does not say which division a row belongs to", "请写 cabin.area：得出区划代码的表达式。", "Write `cabin.area`: an expression that gives a division code."),
    "missing-covers": _told("没有说明清单覆盖哪些人", "it does not say which people its list covers", "请写 cabin.covers：人群名称；只列其中一部分的写 []。", "Write `cabin.covers`: the populations it lists in full, or [] for none."),
    "missing-minors": _told("以身份号码记人，却没有说明如何处理未满十四周岁者", "it names persons by number and does not say what becomes of those under 14", "请写 cabin.minors，如 {{keep: []}}（不保留）。", "Write `cabin.minors`, for example {{keep: []}}, which drops their rows."),
    "missing-purpose": _told("字段 {name} 没有处理目的", "the field {name} has no purpose", "请写 cabin.purpose，或删除该字段。", "Write `cabin.purpose`, or leave the field out."),
    "missing-legal-basis": _told("字段 {name} 没有法律依据", "the field {name} has no legal basis", "请写 cabin.legal_basis，或删除该字段。", "Write `cabin.legal_basis`, or leave the field out."),
    "banned-column": _told("字段 {name} 属于禁止采集的内容（规则 {rule}）", "the field {name} is banned (rule {rule})", "请删除；可改为：{instead}。", "Leave it out; permitted instead: {instead}."),
    "banned-code-list": _told("代码表 {name} 属于禁止采集的内容（规则 {rule}）", "the code list {name} is banned (rule {rule})", "请删除该字段；可改为：{instead}。", "Leave the field out; permitted instead: {instead}."),
    "duplicate-id": _told("id {name} 已被使用", "the id {name} is used already", "id 不可重复，也不可再次使用。", "Give it an id of its own; ids are never reused."),
    "duplicate-name": _told("名称 {name} 已被使用", "the name {name} is used already", "请改用其他名称。", "Choose another name."),
    "duplicate-header": _told("表头 {name} 已属于另一字段", "the header {name} belongs to another column already", "请核对表头和别名。", "Check the headers and their other spellings."),
    "unknown-target": _told("没有映射目标 {name}", "there is no target {name}", "可用：{allowed}。", "Use one of: {allowed}."),
    "unknown-attribute": _told("{target} 没有属性 {name}", "{target} has no attribute {name}", "可用：{allowed}。", "Use one of: {allowed}."),
    "unknown-column": _told("没有列 {name}", "there is no column {name}", "可用：{allowed}。", "Use one of: {allowed}."),
    "unknown-code-list": _told("没有代码表 {name}", "there is no code list {name}", "请在 codes 目录加入 {name}.csv，或改正名称。", "Add {name}.csv to the code lists, or correct the name."),
    "unknown-source": _told("优先级中的来源 {name} 不存在", "the priorities name the source {name}, which does not exist", "请写数据源的名称。", "Use the name of a feed."),
    "ranked-but-silent": _told("优先级中的来源 {name} 从不提供 {target}", "the priorities name {name}, which never delivers {target}", "请从优先级中去掉，或在该数据源中映射此属性。", "Take it out of the ranks, or map the attribute in that feed."),
    "too-many-sources": _told("向 {target} 提供内容的数据源超过 {most} 个", "more than {most} feeds speak about {target}", "请合并数据源，或减少映射到 {target} 的数据源。", "Unite feeds, or map fewer of them into {target}."),
    "unknown-unit": _told("{target} 没有属性或组 {name}", "{target} has no attribute or group {name}", "可用：{allowed}，或 *。", "Use one of: {allowed}, or *."),
    "incomplete-residency": _told("人房关系缺少 {name}", "the residency lacks {name}", "人房关系必须同时给出 person 和 dwelling。", "Give both `person` and `dwelling`."),
    "incomplete-fact": _told("{target} 缺少 {name}", "the {target} lacks {name}", "请补充该列的 transformLogic。", "Add the column with its transformLogic."),
    "missing-entity": _told("映射 {name} 没有说明实体编号", "the mapping {name} does not say what entity it makes", "请写 cabin.entity。", "Write `cabin.entity`."),
    "identifier-without-form": _told("字段 {name} 的分类与 cabin.identifier 不一致", "classification and `cabin.identifier` of {name} disagree", "classification 为 identifier 时须写 cabin.identifier（subject 或 phone），反之亦然；personal 字段仅可与 cabin.identifier_when 同用。", "A column classified identifier says `cabin.identifier` (subject or phone), and no other does but a personal one that says `cabin.identifier_when`."),
    "plain-feeds-personal": _told("字段 {name} 分类为 plain，却形成个人属性 {attribute}", "the column {name} is classed plain but feeds the personal attribute {attribute}", "请把该字段改为 personal，使其自落地起加封。", "Class the column personal, so that it is sealed from landing on."),
    "version-not-kept": _told("没有保留 {name} 的版本 {version}", "version {version} of {name} is not kept", "请把旧文件放到数据源目录下的 old/{name}.v{version}.yaml。", "Keep its file as old/{name}.v{version}.yaml beside the feeds."),
    "misnamed-version": _told("文件名与内容不符：这是 {name} 的版本 {version}", "the file is misnamed: it holds version {version} of {name}", "请改名为 {file}。", "Call it {file}."),
    "identifier-from-cell": _told("标识列 {name} 不能由普通单元格得出", "the identifier {name} cannot be made of a plain cell", "请写旧版本中同类标识列的列名，或不写（为空）。", "Name the column of the older version that identifies the same, or leave it out, which makes it blank."),
    "error-rule-blanks": _told("规则 {name} 的级别为 error，不能清空单元格", "the rule {name} is an error and cannot blank a cell", "请改为 warning，或删除 cabin.blanks。", "Make it a warning, or leave `cabin.blanks` out."),
    "unknown-limit": _told("行规则没有界限 {name}", "a rule of rows knows no limit {name}", "请写 mustBeLessOrEqualTo 和 unit: percent：一条消息中违反该规则的行的最高百分比。", "Write `mustBeLessOrEqualTo` with `unit: percent`: how many percent of a message's rows may break the rule."),
    "limit-no-percent": _told("规则 {name} 的界限不是百分比", "the limit of the rule {name} is no share", "请写 0 至 100 的数，并写 unit: percent。", "Write a number from 0 to 100, and `unit: percent`."),
    "least-rows-alone": _told("规则 {name} 的 cabin.least_rows 没有对应界限，或不是 1 以上的整数", "`cabin.least_rows` of the rule {name} has no limit beside it, or is no number from 1 on", "请写 mustBeLessOrEqualTo，或删除 cabin.least_rows。", "Write `mustBeLessOrEqualTo`, or leave `cabin.least_rows` out."),
    "missing-grain": _told("没有主键列", "no column is part of the grain", "请给粒度列写 primaryKey: true。", "Write `primaryKey: true` on the columns of the grain."),
    "sql-does-not-bind": _told("表达式无法解析：{detail}", "the expression does not bind: {detail}", "请核对列名、宏和类型。", "Check columns, macros and types."),
    "sql-not-boolean": _told("表达式的结果为 {type}，应为真假值", "the expression gives {type}, not true or false", "请写成条件。", "Write a condition."),
    "unknown-check": _told("没有检查 {name}", "there is no check {name}", "可用：{allowed}；或写成 engine: duckdb 的条件。", "Use one of: {allowed}; or write a condition with `engine: duckdb`."),
    "unusable-limit": _told("{name} 不能作为该检查的限度", "{name} is no limit that this check can be judged by", "请写 mustBe: 0，或 mustBeLessOrEqualTo 与 unit（rows 或 percent，0 至 100）；rowCount 写 mustBeGreaterOrEqualTo、mustBeLessOrEqualTo。", "Write `mustBe: 0`, or `mustBeLessOrEqualTo` with `unit` (rows, or percent from 0 to 100); of rowCount `mustBeGreaterOrEqualTo` and `mustBeLessOrEqualTo`."),
    "invalid-code-list": _told("代码表不合规：{detail}", "the code list is invalid: {detail}", "表头为 code,zh,en，代码不可重复。", "Give it the columns code, zh, en, and every code once."),
}  # fmt: skip
"""Every mistake there is a name for."""
