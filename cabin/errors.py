"""What can go wrong at the command line itself, in words for people."""

from contracts.errors import Unavailable, UsageError


class SettingUnusable(UsageError):
    """A setting has a value that it cannot have."""

    code = "setting-unusable"
    fact = {"en": "the setting {name} has an unusable value", "zh": "设置 {name} 的值不可用"}
    hint = {"en": "Give it a value of this kind: {rule}.", "zh": "请改为以下形式的值：{rule}。"}


class AlreadyRunning(Unavailable):
    """A second run over one data folder is refused."""

    code = "already-running"
    fact = {"en": "another `cabin run` works on this data folder", "zh": "另一个 `cabin run` 正在使用该数据目录"}
    hint = {"en": "Wait until it ends, or stop it; landing may go on meanwhile.", "zh": "请等待其结束或将其停止；期间可以继续接收批次。"}


class NothingPublished(Unavailable):
    """There is no published snapshot to read yet."""

    code = "nothing-published"
    fact = {"en": "this data folder has no published snapshot", "zh": "该数据目录还没有已发布的快照"}
    hint = {"en": "Run `cabin run`, or `cabin demo` for an invented district.", "zh": "请执行 `cabin run`，或用 `cabin demo` 生成示范区。"}


class NotInteractive(UsageError):
    """A number may only be typed at a prompt, never given as an argument."""

    code = "number-from-prompt-only"
    fact = {"en": "an identity number is accepted at a prompt only", "zh": "身份号码只能在提示符处输入"}
    hint = {
        "en": "Run the command in a terminal with --number and type it there; it is not shown or kept.",
        "zh": "请在终端中加 --number 运行并在提示符处输入；不会显示或保存。",
    }


class PurposeMissing(UsageError):
    """A value is revealed only for a stated purpose."""

    code = "purpose-missing"
    fact = {"en": "revealing a value needs a purpose", "zh": "查看完整值需要说明目的"}
    hint = {"en": "Add --purpose with a few words; it is recorded in the ledger.", "zh": "请用 --purpose 写明目的；将记入访问台账。"}


class NotFound(UsageError):
    """What was asked for is not in the published snapshot or on the log."""

    code = "not-found"
    fact = {"en": "no {what} with this id", "zh": "没有该编号的{what_zh}"}
    hint = {"en": "Look it up with `{look}`.", "zh": "请用 `{look}` 查找。"}
