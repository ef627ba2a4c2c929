"""What can be wrong with a log, in words for people."""

from contracts.errors import Unavailable, UsageError


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
        "en": "Start without a partition count, or rebuild into a new data folder with `cabin rebuild`.",
        "zh": "请不要指定分区数，或用 `cabin rebuild` 在新的数据目录中重建。",
    }
