"""Released tables that are no code lists, as they stand: the parameters that marts and monitors read, and the ban list. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from contracts.ban import Ban, BanList
from contracts.codes_read import TABLES
from contracts.model import Contracts, Label
from contracts.site import place
from contracts.site.markup import Html, code, joined, table, tag, text
from contracts.site.place import Here
from contracts.site.search import said, search_field
from contracts.site.shell import Page

TITLE = Label("参照表", "Reference table")
HINT, COUNT = Label("任一单元格中的词", "words of any cell"), Label("行", "rows")
NO_ROWS = Label("该表没有行。", "The table has no row.")
MORE = Label("安装单位可在数据目录的 feeds 中放入 {0}.*.csv 增加行。", "An installation adds rows by a file {0}.*.csv in `feeds` of the data folder.")
SOURCE = Label("出处", "Source")


@dataclass(frozen=True, slots=True)
class Cells:
    """What a column is called, and which code list its values are of; `several`: they stand in one cell with semicolons between."""

    label: Label
    codes: str = ""
    several: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A table's name in words, who reads it for what, and its columns by name."""

    label: Label
    about: Label
    columns: dict[str, Cells]


WORDS = {
    "service_level": Told(
        Label("时限参数", "Timers of places"),
        Label(
            "各地规定的时限：自哪一步到哪一步、多久。数据集市 service_level 据此判断任务是否按时。",
            "The times that places set: from which step to which, and how long. The mart service_level judges tasks by them.",
        ),
        {
            "place": Cells(Label("地方", "Place"), place.DIVISIONS),
            "milestone": Cells(Label("时限节点", "Milestone"), "milestone"),
            "from_stage": Cells(Label("自", "From"), "event_stage"),
            "to_stage": Cells(Label("至", "To"), "event_stage"),
            "timer": Cells(Label("时限（照原文）", "Timer, as reported")),
            "source": Cells(SOURCE),
        },
    ),
    "task_guide": Told(
        Label("任务步骤与询问项", "Steps and questions of tasks"),
        Label(
            "每类任务各版本的步骤和要询问的字段，自某日起生效。数据集市 task_guide 据此告诉工作人员怎么干。",
            "The steps of each type of task and the fields to ask, by version and first day. The mart task_guide tells officers by them how a task is done.",
        ),
        {
            "task_type": Cells(Label("任务类型", "Task type"), "task_type"),
            "version": Cells(Label("版本", "Version")),
            "from_on": Cells(Label("起用日期", "From")),
            "steps": Cells(Label("步骤", "Steps"), "task_step", several=True),
            "ask": Cells(Label("询问字段", "Ask"), several=True),
        },
    ),
    "holiday": Told(
        Label("节假日与调休", "Public holidays"),
        Label(
            "放假日（holiday）和周末上班日（working）。监测按它比较同类日子，时限按它不计放假日。",
            "Days off (holiday), and days at weekends that are worked for them (working). Monitors compare days of a kind by it.",
        ),
        {
            "day": Cells(Label("日期", "Day")),
            "kind": Cells(Label("类别", "Kind")),
            "zh": Cells(Label("中文", "Chinese")),
            "en": Cells(Label("英文", "English")),
            "source": Cells(SOURCE),
        },
    ),
}
"""Every table of `contracts.codes_read.TABLES` in words."""
BAN = Label("禁入清单", "Ban list")
BAN_ABOUT = Label(
    "不得进入方舱的内容：命中列名的整批拒收，命中值的拒收该行；值不以任何形式保存。",
    "What never enters the cabin: by the name of a column the delivery is refused, by a value the row; nothing of the value is kept.",
)
BAN_HEADS = (
    Label("规则", "Rule"),
    Label("内容", "What"),
    Label("可替代", "Instead"),
    Label("列名中的词", "Words of column names"),
    Label("代码表", "Code lists"),
    Label("值的模式", "Patterns of values"),
)


def pages(contracts: Contracts, ban: BanList) -> list[Page]:
    """One for each table, those without a row too, and one for the ban list."""
    return [*(_page(contracts, name) for name in TABLES), Page(place.table_path("ban"), BAN, place.CONTRACTS, lambda here: _ban(ban, here))]


def _page(contracts: Contracts, name: str) -> Page:
    label = WORDS[name].label
    title = Label(f"{TITLE.zh}：{label.zh}", f"{TITLE.en}: {label.en}")
    return Page(place.table_path(name), title, place.CONTRACTS, lambda here: joined(_body(contracts, name, here), "\n"))


def _body(contracts: Contracts, name: str, here: Here) -> Iterator[Html]:
    columns, rows = [WORDS[name].columns[each] for each in TABLES[name]], contracts.tables.get(name, ())
    yield tag("p", code(name), " ", here.say(WORDS[name].about))
    yield tag("p", here.say(MORE).format(name), class_="soft")
    yield search_field(here, HINT, COUNT, len(rows))
    shown = [[_cell(contracts, each, value, here) for each, value in zip(columns, row, strict=True)] for row in rows]
    spoken = [said(*(value or "" for value in row), *(_worded(contracts, each, value) for each, value in zip(columns, row, strict=True))) for row in rows]
    listed = table([here.say(each.label) for each in columns], shown, spoken)
    yield tag("section", listed, data_section=True) if rows else tag("p", here.say(NO_ROWS))


def _parts(column: Cells, value: str | None) -> list[str]:
    return [each for each in (value or "").split(";" if column.several else "\n") if each]


def _label(contracts: Contracts, column: Cells, part: str) -> Label:
    return contracts.divisions.get(part, Label(part, part)) if column.codes == place.DIVISIONS else contracts.worded(column.codes, part)


def _cell(contracts: Contracts, column: Cells, value: str | None, here: Here) -> Html:
    """Codes in words, each with its code; everything else as it stands, a place that the table of divisions does not know too."""
    return joined((_value(each, here.say(_label(contracts, column, each))) for each in _parts(column, value)), here.words("、", ", "))


def _value(value: str, told: str) -> Html:
    return text(value) if told == value else joined([told, " ", code(value)])


def _worded(contracts: Contracts, column: Cells, value: str | None) -> str:
    """A cell's codes in both languages, for who searches by words."""
    labels = [_label(contracts, column, each) for each in _parts(column, value)] if column.codes else []
    return " ".join(word for each in labels for word in (each.zh, each.en))


def _ban(ban: BanList, here: Here) -> Html:
    rows = [_banned(each, here) for each in ban.rules]
    return joined([tag("p", here.say(BAN_ABOUT)), table([here.say(each) for each in BAN_HEADS], rows, [{"id": f"rule-{each.id}"} for each in ban.rules])], "\n")


def _banned(rule: Ban, here: Here) -> list[str]:
    comma = here.words("、", ", ")
    patterns = joined((joined([code(each.id), " ", code(each.pattern)]) for each in rule.values), tag("br"))
    return [code(rule.id), here.say(rule.topic), here.say(rule.instead), comma.join((*rule.zh, *rule.en)), ", ".join(sorted(rule.code_lists)), patterns]
