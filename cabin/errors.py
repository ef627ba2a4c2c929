"""What can go wrong at the command line itself, in words for people."""

from contracts.errors import CabinError, Unavailable, UsageError


class SettingUnusable(UsageError):
    """A setting has a value that it cannot have."""

    code = "setting-unusable"
    fact = {"en": "the setting {name} has an unusable value", "zh": "设置 {name} 的值不可用"}
    hint = {"en": "Give it a value of this kind: {rule}.", "zh": "请改为以下形式的值：{rule}。"}


class AlreadyRunning(Unavailable):
    """A second run over one data folder is refused."""

    code = "already-running"
    fact = {
        "en": "another `cabin run`, `cabin loader` or `cabin worker` works on this data folder",
        "zh": "另一个 `cabin run`、`cabin loader` 或 `cabin worker` 正在使用该数据目录",
    }
    hint = {"en": "Wait until it ends, or stop it; landing may go on meanwhile.", "zh": "请等待其结束或将其停止；期间可以继续接收批次。"}


class DiskFull(Unavailable):
    """Nothing more can be written where the data lie."""

    code = "disk-full"
    fact = {"en": "the disk takes no more: no space left, or a quota or limit of size is reached", "zh": "磁盘无法继续写入：空间不足，或已达配额或大小上限"}
    hint = {
        "en": "Make room and run the command again; what was landed and the published snapshot are as they were.",
        "zh": "请腾出空间后重新执行；已接收的内容和已发布的快照保持不变。",
    }


class NotInteractive(UsageError):
    """A number may only be typed at a prompt, never given as an argument."""

    code = "number-from-prompt-only"
    fact = {"en": "an identity number is accepted at a prompt only", "zh": "身份号码只能在提示符处输入"}
    hint = {
        "en": "Run the command in a terminal with --number and type it there; it is not shown or kept.",
        "zh": "请在终端中加 --number 运行并在提示符处输入；不会显示或保存。",
    }


class TextNeeded(UsageError):
    """Nothing is given to look for."""

    code = "text-needed"
    fact = {"en": "there is no text to look for", "zh": "没有给出要查找的文字"}
    hint = {
        "en": "Write part of a name, an address or a business name; --number asks for an identity number at a prompt.",
        "zh": "请写姓名、地址或企业名称的一部分；--number 在提示符处输入身份号码。",
    }


class NotANumber(UsageError):
    """What was typed at the prompt is no identity number."""

    code = "no-identity-number"
    fact = {"en": "what was typed is no identity number", "zh": "输入的不是身份号码"}
    hint = {
        "en": "Type 18 characters (15 for an old number), or a passport or permit number.",
        "zh": "请输入 18 位号码（旧号码 15 位），或护照、通行证号码。",
    }


class PurposeMissing(UsageError):
    """A value is revealed only for a stated purpose."""

    code = "purpose-missing"
    fact = {"en": "revealing a value needs a purpose", "zh": "查看完整值需要说明目的"}
    hint = {"en": "Add --purpose with a few words; it is recorded in the ledger.", "zh": "请用 --purpose 写明目的；将记入访问台账。"}


class NotFound(UsageError):
    """What was asked for is not in the published snapshot or on the log."""

    code = "not-found"
    fact = {"en": "no {what} with this id", "zh": "没有该编号的{what}"}
    hint = {"en": "Look it up with `{look}`.", "zh": "请用 `{look}` 查找。"}


class ColumnUnknown(UsageError):
    """Lineage was asked for of a column that no table has."""

    code = "column-unknown"
    fact = {"en": "no table or feed has the column {name}", "zh": "没有表或数据源包含列 {name}"}
    hint = {"en": "Write TABLE.COLUMN, for example {near}.", "zh": "请写“表.列”，例如 {near}。"}


class TargetUnusable(UsageError):
    """Lineage can be forwarded to an address of the web or into a file."""

    code = "lineage-target-unusable"
    fact = {"en": "lineage cannot be forwarded there", "zh": "无法向该位置转发血缘事件"}
    hint = {"en": "Name http://..., https://... or a file in a folder that exists.", "zh": "请指定 http://…、https://… 或已有目录中的文件。"}


class LineageNotTaken(Unavailable):
    """Whoever lineage is forwarded to did not accept an event."""

    code = "lineage-not-taken"
    fact = {"en": "an event was not accepted (answer: {answer})", "zh": "事件未被接收（应答：{answer}）"}
    hint = {
        "en": "Look whether the address is right, it answers and CABIN_LINEAGE_TOKEN is what it wants; the next forwarding goes on from this event.",
        "zh": "请核对地址、对方是否应答以及 CABIN_LINEAGE_TOKEN；下次转发从该事件继续。",
    }


class FolderTaken(UsageError):
    """The demo writes into a folder of its own only."""

    code = "folder-taken"
    fact = {"en": "the folder {folder} holds something that is no demo", "zh": "目录 {folder} 中有非示范内容"}
    hint = {"en": "Name an empty folder with --folder, or remove this one.", "zh": "请用 --folder 指定空目录，或先删除该目录。"}


class OutputNeeded(UsageError):
    """Parquet is no text for a terminal."""

    code = "output-needed"
    fact = {"en": "Parquet cannot be shown on a terminal", "zh": "Parquet 无法在终端显示"}
    hint = {"en": "Name a file with --output.", "zh": "请用 --output 指定文件。"}


class QueryNeeded(UsageError):
    """Nothing is asked."""

    code = "query-needed"
    fact = {"en": "there is no query to ask", "zh": "没有要执行的查询"}
    hint = {
        "en": "Write a SELECT statement in quotes, or name a saved query with --saved and its values with --with; --list shows them.",
        "zh": "请在引号中写 SELECT 语句，或用 --saved 指定已存查询并用 --with 给出参数；--list 可列出。",
    }


class OneQuery(UsageError):
    """A statement and a saved query are asked at once."""

    code = "one-query"
    fact = {"en": "a statement and a saved query are given at once", "zh": "同时给出了语句和已存查询"}
    hint = {"en": "Ask one of the two.", "zh": "请只执行其中之一。"}


class ValueUnreadable(UsageError):
    """What `--with` says has no name."""

    code = "value-unreadable"
    fact = {"en": "a value for a saved query has no name", "zh": "已存查询的参数值没有名称"}
    hint = {"en": "Write --with name=value, once for each parameter.", "zh": "请写 --with 名称=值，每个参数一次。"}


class PageEnding(UsageError):
    """The ending of a file does not say what page it shall be."""

    code = "page-ending"
    fact = {"en": "the ending of this file is not one of a page that can be written", "zh": "无法按该文件的扩展名写出页面"}
    hint = {"en": "End it in .html or .md; a report also in .pdf.", "zh": "请以 .html 或 .md 结尾；报告也可用 .pdf。"}


class FileExists(UsageError):
    """Nothing that exists is written over."""

    code = "file-exists"
    fact = {"en": "{path} exists already", "zh": "{path} 已存在"}
    hint = {"en": "Name a new file, or remove this one first.", "zh": "请指定新文件，或先删除该文件。"}


class FileUnwritable(UsageError):
    """What was asked for cannot be written where it was asked for."""

    code = "file-unwritable"
    fact = {"en": "{file} cannot be written: {detail}", "zh": "无法写入 {file}：{detail}"}
    hint = {"en": "Name a place in a folder that exists and may be written.", "zh": "请指定可写文件夹中的位置。"}


class FolderMissing(UsageError):
    """Where a file is to be written there is no folder."""

    code = "folder-missing"
    fact = {"en": "there is no folder {path}", "zh": "不存在目录 {path}"}
    hint = {"en": "Make it first, or name another file.", "zh": "请先创建该目录，或指定其他文件。"}


class OneQuestion(UsageError):
    """All marts and one kind are asked for at once."""

    code = "one-question"
    fact = {"en": "a kind and --marts are asked for at once", "zh": "同时指定了类别和 --marts"}
    hint = {"en": "Ask for a kind, or write all marts with --marts alone.", "zh": "请只指定类别，或单独用 --marts 写入全部数据集市。"}


class KindNeeded(UsageError):
    """Whose values are asked for is not said."""

    code = "kind-needed"
    fact = {"en": "no kind is named", "zh": "没有指定类别"}
    hint = {"en": "Name a kind, or a file for all marts with --marts.", "zh": "请指定类别，或用 --marts 指定写入全部数据集市的文件。"}


class MomentUnreadable(UsageError):
    """A date or moment is neither."""

    code = "moment-unreadable"
    fact = {"en": "this is neither a date nor a moment", "zh": "这不是日期，也不是时刻"}
    hint = {
        "en": "Write 2026-06-30 for the end of that day, or 2026-06-30T08:00:00, both in Beijing time without a zone.",
        "zh": "请写 2026-06-30（取当日结束）或 2026-06-30T08:00:00，均为北京时间、不带时区。",
    }


class IntervalUnreadable(UsageError):
    """An interval is no number of seconds, minutes, hours or days."""

    code = "interval-unreadable"
    fact = {"en": "this is no interval", "zh": "这不是时间间隔"}
    hint = {"en": "Write a number and its unit: 90s, 15m, 1h or 1d.", "zh": "请写数字加单位：90s、15m、1h 或 1d。"}


class UnknownAttribute(UsageError):
    """The kind has no attribute of this name."""

    code = "unknown-attribute"
    fact = {"en": "{kind} has no attribute with this name", "zh": "{kind} 没有该名称的属性"}
    hint = {"en": "Name one of: {attributes}.", "zh": "请使用以下之一：{attributes}。"}


class NotRevealable(CabinError):
    """The value is not there, or its key was destroyed."""

    code = "not-revealable"
    fact = {"en": "there is no value to reveal for {attribute}", "zh": "{attribute} 没有可查看的值"}
    hint = {
        "en": "Look with `cabin explain` whether any source gives it; an erased person's values are gone for ever.",
        "zh": "请用 `cabin explain` 查看是否有来源给出该项；已删除人员的值无法恢复。",
    }


class RebuildDiffers(CabinError):
    """What was computed again from raw is not what is published."""

    code = "rebuild-differs"
    fact = {"en": "computed again from raw, these marts differ: {marts}", "zh": "从原始数据重算后，以下数据集市不同：{marts}"}
    hint = {
        "en": "Run `cabin run` first if anything was landed since; otherwise report this: a promise is broken.",
        "zh": "若期间有新批次，请先执行 `cabin run`；否则请报告：承诺被违反。",
    }


class BrokersUnset(UsageError):
    """A command about topics needs a broker to ask."""

    code = "brokers-unset"
    fact = {"en": "no broker is named: this cabin keeps its log in a file", "zh": "未指定消息代理：本安装的日志保存在文件中"}
    hint = {
        "en": "Set CABIN_BROKERS to host:port; `cabin broker start` runs one on this machine and names its address.",
        "zh": "请将 CABIN_BROKERS 设为 主机:端口；`cabin broker start` 可在本机启动一个并给出地址。",
    }


class ToolMissing(Unavailable):
    """A program that the broker needs is not on this machine."""

    code = "tool-missing"
    fact = {"en": "{tool} is not on this machine", "zh": "本机没有 {tool}"}
    hint = {
        "en": "Install it, or work without a broker: everything also runs on the log file. Java must be 17 or later.",
        "zh": "请安装，或不使用消息代理：全部功能也可在日志文件上运行。Java 需 17 或更高版本。",
    }


class RevisionUnknown(UsageError):
    """Contracts are asked for by a name that leads to none."""

    code = "revision-unknown"
    fact = {"en": "{name} is no file, no folder, no moment and no git revision with contracts", "zh": "{name} 不是含有数据契约的文件、目录、时刻或 git 版本"}
    hint = {
        "en": "Name a contract file or folder, a day such as 2026-06-30, or a revision such as `origin/main`; a shallow clone has few of them.",
        "zh": "请指定契约文件或目录、日期（如 2026-06-30），或 git 版本（如 `origin/main`）；浅克隆只有少数版本。",
    }


class GitMissing(Unavailable):
    """Contracts of a git revision are asked for where there is no git."""

    code = "git-missing"
    fact = {"en": "git is not on this machine, so no revision can be read", "zh": "本机没有 git，无法读取版本"}
    hint = {"en": "Install git, or name a folder with the other contracts.", "zh": "请安装 git，或指定另一份契约所在的目录。"}


class BrokerFailed(Unavailable):
    """The broker could not be fetched, formatted or started."""

    code = "broker-failed"
    fact = {"en": "the broker did not come up", "zh": "消息代理未能启动"}
    hint = {
        "en": "Its last words are in {log}; another program may hold its port (CABIN_BROKER_PORT).",
        "zh": "原因见 {log}；端口可能被占用（CABIN_BROKER_PORT）。",
    }


class MetricsPortTaken(Unavailable):
    """Metrics cannot be served where the settings say."""

    code = "metrics-port-taken"
    fact = {"en": "metrics cannot be served on {host}:{port}", "zh": "无法在 {host}:{port} 提供指标"}
    hint = {
        "en": "Another process may hold the port: set CABIN_METRICS_PORT to a free one, or to 0 for none; the i-th worker takes the port plus i.",
        "zh": "端口可能被占用：请将 CABIN_METRICS_PORT 设为空闲端口，或设为 0 关闭；第 i 个工作进程使用该端口加 i。",
    }


class GatewayRunning(Unavailable):
    """One gateway per data folder: it cleans up behind one that was killed."""

    code = "gateway-running"
    fact = {"en": "another gateway works on this data folder", "zh": "另一个网关正在使用该数据目录"}
    hint = {"en": "Stop it first, or leave it: one takes many deliveries at once.", "zh": "请先将其停止，或保留它：一个网关可同时接收多个批次。"}


class AddressUnusable(Unavailable):
    """The gateway cannot listen where it should."""

    code = "address-unusable"
    fact = {"en": "nobody can listen at {address}: {detail}", "zh": "无法在 {address} 监听：{detail}"}
    hint = {
        "en": "Another program may hold the port; choose another with CABIN_GATEWAY_PORT, or another address with CABIN_GATEWAY_HOST.",
        "zh": "端口可能被占用；请用 CABIN_GATEWAY_PORT 或 CABIN_GATEWAY_HOST 更改。",
    }
