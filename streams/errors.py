"""What can be wrong with a delivery, in words for people; no message holds a value from a delivery.

Every fault here concerns the delivery as a whole and is known before the first append: nothing of it lands. Faults of single rows are no
errors: such rows are refused, reduced or quarantined, and counted.
"""

from __future__ import annotations

from contracts.errors import CabinError, Unavailable, UsageError


class DeliveryRefused(CabinError):
    """A delivery that cannot be landed as it is; nothing of it was."""

    code = "delivery-refused"


class UnknownFeed(UsageError):
    """No contract has this feed's name."""

    code = "unknown-feed"
    fact = {"en": "there is no feed {feed}{near}", "zh": "没有名为 {feed} 的数据源{near}"}
    hint = {
        "en": "Run `cabin feed list` and use one of its names, or add the feed's contract.",
        "zh": "请运行 `cabin feed list` 查看可用名称，或先添加该数据源的契约。",
    }


class FeedUnnamed(UsageError):
    """Nothing says which feed a file belongs to."""

    code = "feed-unnamed"
    fact = {"en": "nothing says which feed {file} belongs to", "zh": "无法判断 {file} 属于哪个数据源"}
    hint = {
        "en": "Name the feed, write it into {file}.manifest.json, or begin the file's name with it.",
        "zh": "请指定数据源，或写入 {file}.manifest.json，或以数据源名作为文件名开头。",
    }


class FileMissing(UsageError):
    """The delivered file is not there."""

    code = "file-missing"
    fact = {"en": "there is no file {file}", "zh": "找不到文件 {file}"}
    hint = {"en": "Check the path.", "zh": "请检查路径。"}


class EmptyDelivery(DeliveryRefused):
    """The file has no rows below its header, or nothing at all."""

    code = "empty-delivery"
    fact = {"en": "{file} holds no rows", "zh": "{file} 中没有数据行"}
    hint = {
        "en": "Ask the department to export again; an empty full list would withdraw everything and is never accepted.",
        "zh": "请部门重新导出；空的全量清单会撤回全部数据，一律不予接收。",
    }


class WrongEncoding(DeliveryRefused):
    """The bytes are no text in any accepted encoding."""

    code = "wrong-encoding"
    fact = {"en": "{file} is no readable text ({detail}); the contract says {encoding}", "zh": "{file} 不是可读的文本（{detail}）；契约规定编码为 {encoding}"}
    hint = {"en": "Export the file again as {encoding} (UTF-8 and GB18030 are read).", "zh": "请以 {encoding} 重新导出（可读取 UTF-8 与 GB18030）。"}


class WrongDelimiter(DeliveryRefused):
    """The cells are separated by something else than comma or tab."""

    code = "wrong-delimiter"
    fact = {"en": "the cells of {file} are separated by `{delimiter}`", "zh": "{file} 的单元格以 `{delimiter}` 分隔"}
    hint = {"en": "Export the file again with comma or tab between the cells.", "zh": "请以逗号或制表符作为分隔符重新导出。"}


class NoHeader(DeliveryRefused):
    """No row among the first ones names the contract's columns."""

    code = "no-header"
    fact = {"en": "{file} has no header row of {feed} among its first {rows} rows", "zh": "{file} 的前 {rows} 行中没有 {feed} 的表头"}
    hint = {
        "en": "Export with the header row, check that the file belongs to this feed (`cabin contract show {feed}`).",
        "zh": "请带表头导出，并确认文件属于该数据源（`cabin contract show {feed}`）。",
    }


class AnotherLayout(DeliveryRefused):
    """The file has the layout of another feed."""

    code = "another-layout"
    fact = {
        "en": "{file} has the layout of {other} ({department}), not that of {feed}",
        "zh": "{file} 的版式属于 {other}（{department}），而不是 {feed}",
    }
    hint = {
        "en": "Land it as what it is (`cabin land {other}`), or ask the department for the list of {feed}.",
        "zh": "请按其实际数据源接收（`cabin land {other}`），或请部门交付 {feed} 的清单。",
    }


class MissingColumns(DeliveryRefused):
    """Columns that the contract requires are not in the header."""

    code = "missing-column"
    fact = {"en": "{file} lacks required columns of {feed}: {columns}", "zh": "{file} 缺少 {feed} 的必填列：{columns}"}
    hint = {
        "en": "Ask the department for these columns; if a header was renamed, add it as a synonym in the contract.",
        "zh": "请部门补齐这些列；若只是表头改名，请在契约中加为同义表头。",
    }


class DuplicateColumns(DeliveryRefused):
    """Two headers name the same column of the contract."""

    code = "duplicate-column"
    fact = {"en": "{file} names a column of {feed} twice: {columns}", "zh": "{file} 中 {feed} 的列出现两次：{columns}"}
    hint = {"en": "Keep the one that is meant and deliver again.", "zh": "请只保留其中一列后重新交付。"}


class BannedColumns(DeliveryRefused):
    """The delivery holds columns that may not be gathered at all."""

    code = "banned-column"
    fact = {"en": "{file} holds columns that are banned: {columns}", "zh": "{file} 含有禁止采集的列：{columns}"}
    hint = {
        "en": "Ask the department to deliver without them. Nothing was read from them, nothing was kept.",
        "zh": "请部门去除这些列后重新交付；其内容未被读取，也未保存。",
    }


class SwappedColumns(DeliveryRefused):
    """Two columns hold each other's values."""

    code = "swapped-columns"
    fact = {
        "en": "the columns {first} and {second} of {file} are exchanged in {percent} % of the rows",
        "zh": "{file} 的列 {first} 与 {second} 在 {percent}% 的行中互换",
    }
    hint = {"en": "Ask the department to export again with each value under its own header.", "zh": "请部门核对表头与内容后重新导出。"}


class BrokenRows(DeliveryRefused):
    """Rows that cannot be split into the header's cells."""

    code = "broken-rows"
    fact = {
        "en": "{count} rows of {file} cannot be read ({detail}), the first at line {line}",
        "zh": "{file} 有 {count} 行无法读取（{detail}），首个位于第 {line} 行",
    }
    hint = {
        "en": "Put quotes around cells that hold the delimiter or a line break, and deliver again.",
        "zh": "含分隔符或换行的单元格须加引号；请修正后重新交付。",
    }


class BrokenJson(DeliveryRefused):
    """A line that is no JSON object, or one whose cells are lists or objects."""

    code = "broken-json"
    fact = {"en": "{file} is no list of flat JSON objects: row {row} ({detail})", "zh": "{file} 不是单层 JSON 对象的列表：第 {row} 行（{detail}）"}
    hint = {
        "en": "Write one JSON object per line, without line breaks, lists or objects inside; the file may have been cut off.",
        "zh": "请每行写一个 JSON 对象，对象内不换行，值不用列表或对象；文件可能被截断。",
    }


class BrokenWorkbook(DeliveryRefused):
    """The workbook is truncated, locked by a password, or no workbook."""

    code = "broken-workbook"
    fact = {"en": "{file} cannot be opened as a workbook: {detail}", "zh": "{file} 无法作为工作簿打开：{detail}"}
    hint = {
        "en": "Copy or export the file again, without a password; its transfer was probably cut off.",
        "zh": "请重新导出或复制该文件（勿设密码）；传输可能中断。",
    }


class WrongRowCount(DeliveryRefused):
    """The file has another number of rows than was declared."""

    code = "wrong-row-count"
    fact = {"en": "{file} was declared with {declared} rows and has {delivered}", "zh": "{file} 声明 {declared} 行，实有 {delivered} 行"}
    hint = {
        "en": "Ask which is right: deliver the whole file again, or correct the declared number.",
        "zh": "请核实：补交完整文件，或更正声明的行数。",
    }


class SnapshotUndeclared(DeliveryRefused):
    """A full list without the moment, area and row count it speaks for."""

    code = "snapshot-undeclared"
    exit_code = 2
    fact = {"en": "the snapshot {file} comes without {missing}", "zh": "全量清单 {file} 缺少声明：{missing}"}
    hint = {
        "en": "Give --moment, --area and --rows, or a manifest {file}.manifest.json beside it.",
        "zh": "请提供 --moment、--area、--rows，或在旁边放置 {file}.manifest.json。",
    }


class WrongDeclaration(UsageError):
    """What was declared about the delivery cannot be."""

    code = "wrong-declaration"
    fact = {"en": "{file}: {field} = {value} is not possible ({detail})", "zh": "{file}：{field} = {value} 不可用（{detail}）"}
    hint = {"en": "Correct the option or the manifest.", "zh": "请更正选项或清单文件。"}


class BrokenManifest(UsageError):
    """The manifest beside the file is no JSON object of known fields."""

    code = "broken-manifest"
    fact = {"en": "the manifest {file} cannot be read: {detail}", "zh": "清单文件 {file} 无法读取：{detail}"}
    hint = {
        "en": "Write a JSON object with feed, mode, moment, area, rows, part, parts, supersedes.",
        "zh": "请写成含 feed、mode、moment、area、rows、part、parts、supersedes 的 JSON 对象。",
    }


class UnknownFormat(UsageError):
    """The file's name and content fit no format that can be read."""

    code = "unknown-format"
    fact = {"en": "{file} is in no format that can be read", "zh": "{file} 的格式无法识别"}
    hint = {
        "en": "Deliver CSV (.csv, .txt, .tsv), XLSX (.xlsx) or JSON lines (.jsonl, .ndjson, .json).",
        "zh": "请交付 CSV（.csv、.txt、.tsv）、XLSX（.xlsx）或 JSON 行（.jsonl、.ndjson、.json）文件。",
    }


class VaultBehindLog(Unavailable):
    """The vault is older than the log: it lost tokens that raw messages already name."""

    code = "vault-behind-log"
    fact = {
        "en": "the vault stands at {vault}, but raw messages name its state {log}: it is older than the log",
        "zh": "保险库序号为 {vault}，而原始消息已记录到 {log}：保险库比日志旧",
    }
    hint = {
        "en": "Restore the newest copy of the vault folder first; with new tokens one person would become two, and what is sealed would stay closed.",
        "zh": "请先恢复最新的保险库目录；否则同一人会得到两个标识，已密封的内容也无法打开。",
    }


class DeliveryInProgress(Unavailable):
    """Another process is landing this very delivery."""

    code = "delivery-in-progress"
    fact = {"en": "delivery {delivery} is being landed by another process", "zh": "批次 {delivery} 正由另一进程入舱"}
    hint = {"en": "Wait until it ends, then run the command again; it lands nothing twice.", "zh": "请等待其结束后重试；不会重复入舱。"}


class SpoolUnwritable(Unavailable):
    """The spool folder cannot be written."""

    code = "spool-unwritable"
    fact = {"en": "the spool folder cannot be written: {detail}", "zh": "暂存目录无法写入：{detail}"}
    hint = {"en": "Free disk space or correct the folder's rights, then run the command again.", "zh": "请释放磁盘空间或修正目录权限后重试。"}
