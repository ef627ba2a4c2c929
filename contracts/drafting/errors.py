"""What can be wrong with a sample or with what is said about it, in words for people; no message holds a cell."""

from __future__ import annotations

from contracts.errors import CabinError, UsageError


class SampleWithoutHeader(CabinError):
    """No row of a sample can be told to be its header."""

    code = "sample-without-header"
    fact = {
        "en": "none of the first {rows} rows of {file} can be told to be the header",
        "zh": "{file} 的前 {rows} 行中认不出表头",
    }
    hint = {
        "en": "Export with the row of headers above the data, each column with a name of its own. Nothing of a row that may be data is shown.",
        "zh": "请带表头导出，表头在数据之上，每列各有名称。可能是数据的行不会显示。",
    }


class SampleWithoutRows(CabinError):
    """A sample has a header and nothing below it."""

    code = "sample-without-rows"
    fact = {"en": "{file} has no rows below its header", "zh": "{file} 的表头下没有数据行"}
    hint = {
        "en": "Give a sample with rows, better twenty than one: types and codes are told by values.",
        "zh": "请提供有数据行的样例，最好二十行以上：类型和代码由内容判断。",
    }


class SampleUnreadable(CabinError):
    """A sample is no text in any encoding that is read."""

    code = "sample-unreadable"
    fact = {"en": "{file} is no readable text ({detail})", "zh": "{file} 不是可读的文本（{detail}）"}
    hint = {"en": "Export it as CSV or JSON lines in UTF-8 or GB18030, or as XLSX.", "zh": "请导出为 UTF-8 或 GB18030 编码的 CSV、JSON 行文件，或 XLSX。"}


class FeedNameUnusable(UsageError):
    """A feed cannot have this name, or has it already."""

    code = "feed-name-unusable"
    fact = {"en": "a feed cannot be called {name}: {detail}", "zh": "数据源不能命名为 {name}：{detail}"}
    hint = {
        "en": "Choose another with --feed: lower-case letters, digits and underscores, a letter first.",
        "zh": "请用 --feed 另取名称：小写字母、数字和下划线，以字母开头。",
    }


class NotACode(UsageError):
    """The values of a column that was said to hold codes are none."""

    code = "not-a-code"
    fact = {"en": "the column {header} is not written as codes: {detail}", "zh": "列 {header} 不能按代码写出：{detail}"}
    hint = {
        "en": "Name with --codes only columns that hold few short words or codes and nothing about a person.",
        "zh": "--codes 只用于取值少而短、与个人无关的列。",
    }


class UnknownPurpose(UsageError):
    """There is no purpose of this name."""

    code = "unknown-purpose"
    fact = {"en": "there is no purpose {name}", "zh": "没有处理目的 {name}"}
    hint = {"en": "Use one of: {allowed}.", "zh": "可用：{allowed}。"}
