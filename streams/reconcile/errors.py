"""What can be wrong with a state or the log under it, in words for people."""

from contracts.errors import CabinError, Unavailable


class StateInUse(Unavailable):
    """Another process folds this partition."""

    code = "state-in-use"
    fact = {"en": "another process ({holder}) holds the state of partition {partition}", "zh": "分区 {partition} 的状态正被另一个进程（{holder}）占用"}
    hint = {
        "en": "Wait until the other `cabin run` or `cabin worker` has ended, or stop it.",
        "zh": "请等待另一个 `cabin run` 或 `cabin worker` 结束，或将其停止。",
    }


class LogTruncated(CabinError):
    """The claims log begins after what the state has applied, so facts are missing."""

    code = "log-truncated"
    fact = {
        "en": "the claims log of partition {partition} begins at {start}, but the state needs {needed}",
        "zh": "分区 {partition} 的主张日志从 {start} 开始，但状态需要从 {needed} 开始",
    }
    hint = {"en": "Derive everything anew from the raw topics with `cabin topics renew`.", "zh": "请用 `cabin topics renew` 从原始主题重新派生。"}


class HistoryNeeded(CabinError):
    """A fact concerns claims that the pruned state has forgotten; `fold` answers by folding anew without forgetting."""

    code = "history-needed"
    fact = {"en": "a recall or a late row concerns claims that partition {partition} has forgotten", "zh": "召回或迟到的记录涉及分区 {partition} 已遗忘的主张"}
    hint = {"en": "Run `cabin run` again: it folds the claims anew from the log.", "zh": "请再次运行 `cabin run`：系统会从日志重新归并。"}
