"""What can be wrong in the warehouse, in words for people."""

from contracts.errors import CabinError, Unavailable, UsageError


class WarehouseInUse(Unavailable):
    """The current file has one writer at a time."""

    code = "warehouse-in-use"
    fact = {"en": "another process writes the warehouse file {path}", "zh": "另一进程正在写入数据仓库文件 {path}"}
    hint = {
        "en": "Wait until the other `cabin run` ends; queries read the published snapshot meanwhile.",
        "zh": "请等待另一个 `cabin run` 结束；期间查询使用已发布的快照。",
    }


class NoSnapshot(Unavailable):
    """Nothing has been published in this folder, or the snapshot named is gone."""

    code = "no-snapshot"
    fact = {"en": "there is no published snapshot in {folder}", "zh": "{folder} 中没有已发布的快照"}
    hint = {
        "en": "Run `cabin run`, or `cabin demo` for an invented district; another data folder is named with --data or CABIN_DATA.",
        "zh": "请执行 `cabin run`，或用 `cabin demo` 生成示范区；其他数据文件夹请用 --data 或 CABIN_DATA 指明。",
    }


class NoSuchSnapshot(UsageError):
    """No snapshot has this name, and no file lies there."""

    code = "no-such-snapshot"
    fact = {"en": "there is no snapshot with this name", "zh": "没有该名称的快照"}
    hint = {"en": "Name one of: {names}; or the file of one.", "zh": "请使用以下之一：{names}；或给出快照文件。"}


class SnapshotUnreadable(Unavailable):
    """The file is no snapshot, or is damaged."""

    code = "snapshot-unreadable"
    fact = {"en": "the file of the snapshot {snapshot} cannot be read as one", "zh": "无法将 {snapshot} 的文件作为快照读取"}
    hint = {
        "en": "Name another one; where the published one is damaged, build it anew with `cabin marts build`.",
        "zh": "请改用其他快照；若已发布的快照损坏，请用 `cabin marts build` 重新生成。",
    }


class GoldenOfAnotherRelease(Unavailable):
    """The golden records on the log were folded under other contracts than those of this release; nothing was published."""

    code = "golden-of-another-release"
    fact = {
        "en": "the golden records of {count} partitions were folded under other contracts than those of this release",
        "zh": "{count} 个分区的核定值是在其他版本的契约下得出的",
    }
    hint = {
        "en": "Let workers of this release fold anew first (`cabin worker`; without a broker `cabin run` does); where one ends with `log-truncated`, claims have expired: "
        "`cabin topics renew` gives them again. What was published stays published meanwhile.",
        "zh": "请先由本版本的 `cabin worker` 重新核定（无消息代理时执行 `cabin run`）；若其报告 `log-truncated`，说明主张已过期，请用 `cabin topics renew` 重新派生。期间已发布的快照保持不变。",
    }


class UnknownMart(UsageError):
    """No mart has this name."""

    code = "unknown-mart"
    fact = {"en": "there is no mart with this name", "zh": "没有该名称的数据集市"}
    hint = {"en": "Name one of: {marts}.", "zh": "请使用以下之一：{marts}。"}


class PublishRefused(CabinError):
    """A snapshot is not fit to be read; nothing was published and the old one stays. Who publishes again and again goes on."""


class MartBreaksContract(PublishRefused):
    """A mart is not what its contract says; nothing was published."""

    code = "mart-breaks-contract"
    fact = {"en": "the mart {mart} breaks its contract: {detail}", "zh": "数据集市 {mart} 不符合契约：{detail}"}
    hint = {
        "en": "Bring warehouse/marts and contracts/marts into agreement; the old snapshot stays published.",
        "zh": "请使 warehouse/marts 与 contracts/marts 一致；原快照仍为已发布状态。",
    }


class EntityTwice(PublishRefused):
    """The golden records of a kind hold an entity twice, or one without id; nothing was published."""

    code = "entity-twice"
    fact = {"en": "a golden record of the kind {kind} stands twice, or has no id", "zh": "类别 {kind} 有核定记录重复或缺少要素编号"}
    hint = {
        "en": "The warehouse is damaged; the log is not concerned. Make it anew with `cabin history restore`. The old snapshot stays published.",
        "zh": "数据仓库已损坏，日志不受影响。请用 `cabin history restore` 重新生成。原快照仍为已发布状态。",
    }


class MartFails(PublishRefused):
    """The engine cannot make a mart from what is loaded; nothing was published."""

    code = "mart-fails"
    fact = {"en": "the mart {mart} cannot be made: {detail}", "zh": "无法生成数据集市 {mart}，引擎报告：{detail}"}
    hint = {
        "en": "Correct warehouse/marts/{mart}.sql, with try_cast where a value may not fit; values are never told here. The old snapshot stays published.",
        "zh": "请修正 warehouse/marts/{mart}.sql，值可能不符之处用 try_cast；此处从不显示取值。原快照仍为已发布状态。",
    }


class MartOrder(CabinError):
    """A mart reads what nobody makes, or marts read each other in a ring."""

    code = "mart-order"
    fact = {"en": "the mart {mart} cannot be built: {detail}", "zh": "无法生成数据集市 {mart}：{detail}"}
    hint = {"en": "Correct the line `Reads` in the head of its SQL file.", "zh": "请修正其 SQL 文件开头的 `Reads` 一行。"}


class QueryRefused(UsageError):
    """Only questions may be asked of a snapshot."""

    code = "query-refused"
    fact = {"en": "only one SELECT, DESCRIBE, SUMMARIZE, SHOW or EXPLAIN is accepted", "zh": "只接受一条 SELECT、DESCRIBE、SUMMARIZE、SHOW 或 EXPLAIN 语句"}
    hint = {"en": "Ask one question; the snapshot never changes.", "zh": "请只提交一条查询；快照不可更改。"}


class QueryFailed(UsageError):
    """The engine could not answer."""

    code = "query-failed"
    fact = {"en": "the query failed: {detail}", "zh": "查询失败，引擎报告：{detail}"}
    hint = {
        "en": 'See tables and columns with `cabin sql "show all tables"` and `cabin sql "describe household"`.',
        "zh": '可用 `cabin sql "show all tables"` 和 `cabin sql "describe household"` 查看表和列。',
    }


class UnknownGrid(UsageError):
    """The snapshot knows no dwelling in a grid of this code."""

    code = "unknown-grid"
    fact = {"en": "the snapshot has no grid with this code", "zh": "快照中没有该编码的网格"}
    hint = {
        "en": 'List them with `cabin sql "select grid, count(*) as dwellings from visit_plan group by all order by grid"`.',
        "zh": '可用 `cabin sql "select grid, count(*) as dwellings from visit_plan group by all order by grid"` 列出。',
    }


class UnknownKind(UsageError):
    """No kind has this name."""

    code = "unknown-kind"
    fact = {"en": "there is no kind with this name", "zh": "没有该名称的类别"}
    hint = {"en": "Name one of: {kinds}.", "zh": "请使用以下之一：{kinds}。"}


class UnknownEntity(UsageError):
    """The snapshot holds no such entity."""

    code = "unknown-entity"
    fact = {"en": "the snapshot holds no {kind} with this id", "zh": "快照中没有该编号的{kind}"}
    hint = {"en": "Look it up with `cabin find`.", "zh": "请用 `cabin find` 查找。"}


class HistoryInUse(Unavailable):
    """History has one writer at a time."""

    code = "history-in-use"
    fact = {"en": "another process writes the history in {folder}", "zh": "另一进程正在写入 {folder} 中的历史"}
    hint = {"en": "Wait until it ends; readers are not disturbed meanwhile.", "zh": "请等待其结束；期间读取不受影响。"}


class HistoryUnreadable(CabinError):
    """The manifest of history is damaged."""

    code = "history-unreadable"
    fact = {"en": "the manifest of history in {folder} cannot be read", "zh": "无法读取 {folder} 中历史的清单"}
    hint = {"en": "Make history anew from the log with `cabin history rebuild`.", "zh": "请用 `cabin history rebuild` 从日志重建历史。"}


class NoHistory(Unavailable):
    """Nothing was loaded into history yet."""

    code = "no-history"
    fact = {"en": "history is empty", "zh": "历史为空"}
    hint = {"en": "Fill it with `cabin history load`.", "zh": "请用 `cabin history load` 载入。"}


class HistoryFileFault(CabinError):
    """A file that the manifest of history names is gone, or not as it was written."""

    code = "history-file-fault"
    fact = {"en": "the file {file} of history is missing or not as it was written", "zh": "历史文件 {file} 缺失或与写入时不一致"}
    hint = {
        "en": "See what else is wrong with `cabin history check`, then make history anew from the log with `cabin history rebuild`.",
        "zh": "请用 `cabin history check` 检查其他问题，然后用 `cabin history rebuild` 从日志重建历史。",
    }


class HistoryDamaged(CabinError):
    """Files of history are not as they were written."""

    code = "history-damaged"
    fact = {"en": "files of history that are not as they were written: {count}", "zh": "与写入时不一致的历史文件：{count} 个"}
    hint = {"en": "Make history anew from the log with `cabin history rebuild`.", "zh": "请用 `cabin history rebuild` 从日志重建历史。"}


class NotReleasedThen(UsageError):
    """No release of contracts is recorded up to the moment."""

    code = "not-released-then"
    fact = {"en": "no release of contracts is recorded up to then", "zh": "截至该时刻没有契约发布记录"}
    hint = {
        "en": "The first one is of {first}; without --released-at the contracts of now are used.",
        "zh": "最早的发布记录于 {first}；不写 --released-at 则使用现行契约。",
    }


class ReleaseUnreadable(CabinError):
    """Contracts of a recorded release are such as this version does not read any more."""

    code = "release-unreadable"
    fact = {"en": "the contracts of release {release} cannot be read by this version", "zh": "当前版本无法读取发布 {release} 的契约"}
    hint = {
        "en": "Ask with the version of then over a copy of the data folder, or without --released-at.",
        "zh": "请在数据目录的副本上使用当时的版本查询，或不写 --released-at。",
    }


class HistoryOfAnotherLog(CabinError):
    """The log was made anew, lost what history has, or is the wrong one; history is not thrown away for it unasked."""

    code = "history-of-another-log"
    fact = {"en": "history was read from another log than this one, or this one was made anew", "zh": "历史来自另一份日志，或该日志已重新生成"}
    hint = {
        "en": "Check CABIN_DATA and CABIN_BROKERS; where addresses were released or topics renewed, make history anew with `cabin history rebuild`.",
        "zh": "请检查 CABIN_DATA 和 CABIN_BROKERS；若发布过地址别名或重建过主题，请用 `cabin history rebuild` 重建历史。",
    }


class HistoryBehindLog(CabinError):
    """The log does not hold any more what history has not read yet."""

    code = "history-behind-log"
    fact = {
        "en": "the log does not hold any more what history has not read yet of {topic}, partition {partition}",
        "zh": "日志已不再保留历史尚未读取的内容：{topic}，分区 {partition}",
    }
    hint = {
        "en": "Derive everything anew from raw with `cabin topics renew`, let the workers finish, then run `cabin history rebuild`.",
        "zh": "请用 `cabin topics renew` 从原始数据重新派生，待工作进程完成后执行 `cabin history rebuild`。",
    }


class HistoryAhead(CabinError):
    """History has columns or tables that these contracts do not know: it was written under later ones."""

    code = "history-ahead"
    fact = {"en": "history has columns of {table} that this release does not know", "zh": "历史中 {table} 含有本版本不认识的列"}
    hint = {
        "en": "Use the release that wrote it; where an attribute was given up, make history anew with `cabin history rebuild`.",
        "zh": "请使用写入它的版本；若某属性已取消，请用 `cabin history rebuild` 重建历史。",
    }


class NotKnownThen(UsageError):
    """Nobody knew of the entity at the moment asked for."""

    code = "not-known-then"
    fact = {"en": "nobody knew of a {kind} with this id then", "zh": "当时没有该编号的{kind}"}
    hint = {"en": "Name a later day, or look the id up with `cabin find`.", "zh": "请换用较晚的日期，或用 `cabin find` 查找编号。"}


class ExportInUse(Unavailable):
    """A folder of exports has one writer at a time."""

    code = "export-in-use"
    fact = {"en": "another process exports to {folder}", "zh": "另一进程正在导出到 {folder}"}
    hint = {"en": "Wait until it ends, or name another folder with --to.", "zh": "请等待其结束，或用 --to 指定其他目录。"}


class ExportFailed(Unavailable):
    """The disk, or what is read, did not let an export be written; the one before stays."""

    code = "export-failed"
    fact = {"en": "the export could not be written to {folder}: {detail}", "zh": "无法将导出写入 {folder}，系统报告：{detail}"}
    hint = {
        "en": "Free space there or name another folder with --to; the export before this one stays current.",
        "zh": "请腾出空间，或用 --to 指定其他目录；上一次导出仍为当前版本。",
    }


class SnapshotOutdated(Unavailable):
    """The published snapshot was made by another release, or under other contracts than those of now, which would describe it wrongly."""

    code = "snapshot-outdated"
    fact = {
        "en": "snapshot {snapshot} was published by another release or under other contracts than these",
        "zh": "快照 {snapshot} 由其他版本发布，或依据的契约与当前契约不同",
    }
    hint = {"en": "Publish anew with `cabin run` (or `cabin loader`), then ask again.", "zh": "请先用 `cabin run`（或 `cabin loader`）重新发布，再重试。"}


class TypeNotExported(CabinError):
    """A column has a type that Parquet or Delta cannot hold as it is."""

    code = "type-not-exported"
    fact = {"en": "a column of {table} cannot be exported: its type is {type}", "zh": "{table} 中有一列无法导出：类型为 {type}"}
    hint = {
        "en": "Give the column a type of the others in contracts/marts, such as BIGINT, DECIMAL(18,4), VARCHAR, DATE or TIMESTAMP_MS.",
        "zh": "请在 contracts/marts 中改用其他列所用的类型，如 BIGINT、DECIMAL(18,4)、VARCHAR、DATE 或 TIMESTAMP_MS。",
    }


class NoExport(Unavailable):
    """Nothing was exported into this folder."""

    code = "no-export"
    fact = {"en": "there is no export in {folder}", "zh": "{folder} 中没有导出"}
    hint = {"en": "Make one with `cabin export`.", "zh": "请用 `cabin export` 生成。"}
