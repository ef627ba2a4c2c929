"""What can be wrong with a log, in words for people."""

from contracts.errors import Unavailable, UsageError


class DataFolderUnusable(Unavailable):
    """The data folder cannot be made, or nothing can be written into it."""

    code = "data-folder-unusable"
    fact = {"en": "the data folder {folder} cannot be used: {detail}", "zh": "数据目录 {folder} 无法使用：{detail}"}
    hint = {
        "en": "Name a folder of your own with --data or CABIN_DATA, or correct its rights.",
        "zh": "请用 --data 或 CABIN_DATA 指定自己的目录，或修正其权限。",
    }


class LogUnreadable(Unavailable):
    """The file at the log's place is no log."""

    code = "log-unreadable"
    fact = {"en": "the log file {path} cannot be read", "zh": "日志文件 {path} 无法读取"}
    hint = {"en": "Restore the file from a copy, or name another data folder with --data.", "zh": "请从备份恢复该文件，或用 --data 指定其他数据目录。"}


class PartitionCountFixed(UsageError):
    """An installation keeps the partition count it began with."""

    code = "partition-count-fixed"
    fact = {"en": "this installation has {fixed} partitions, not {given}", "zh": "本安装的分区数为 {fixed}，不是 {given}"}
    hint = {
        "en": "Leave CABIN_PARTITIONS unset here; another count needs a new data folder, into which everything is landed again.",
        "zh": "此处请不要设置 CABIN_PARTITIONS；如需其他分区数，请用新的数据目录重新入舱。",
    }


class BrokerUnreachable(Unavailable):
    """The broker does not answer, or refuses what is asked of it."""

    code = "broker-unreachable"
    fact = {"en": "the broker at {brokers} does not do what is asked ({detail})", "zh": "消息代理 {brokers} 未完成请求（{detail}）"}
    hint = {
        "en": "Look whether it runs with `cabin broker status`; nothing acknowledged is lost, run the command again afterwards.",
        "zh": "请用 `cabin broker status` 查看其是否运行；已确认的数据不会丢失，之后重新执行命令即可。",
    }


class LogMoved(Unavailable):
    """The log became another one while it was in use, or a broker began again: what was read and written since may stand in the place of something lost."""

    code = "log-moved"
    fact = {"en": "the log is another one by now, or its broker began again", "zh": "日志已变为另一份，或消息代理已重新启动"}
    hint = {
        "en": "Nothing needs to be done: the worker begins again and finds its place.",
        "zh": "无须处理：工作进程会重新启动并找到自己的位置。",
    }


class TopicsMissing(Unavailable):
    """Declared topics were never created on this broker."""

    code = "topics-missing"
    fact = {"en": "the broker lacks topics: {topics}", "zh": "消息代理缺少主题：{topics}"}
    hint = {"en": "Create them with `cabin topics apply`.", "zh": "请执行 `cabin topics apply` 创建。"}


class FencedOut(Unavailable):
    """Another worker took the partition over while this one was stopped or cut off."""

    code = "fenced-out"
    fact = {"en": "another worker writes for subscribers of partition {partition} by now", "zh": "分区 {partition} 的订阅消息已由另一工作进程写入"}
    hint = {"en": "Nothing needs to be done: this worker ends and the other goes on.", "zh": "无须处理：本进程结束，由另一进程继续。"}
