"""What can go wrong while quality is judged, in words for people."""

from __future__ import annotations

from contracts.errors import CabinError, Unavailable, UsageError


class SuiteUnknown(UsageError):
    """A suite was named that no contract gives."""

    code = "unknown-suite"
    fact = {"en": "there is no suite {name}", "zh": "没有检查套件 {name}"}
    hint = {
        "en": "`cabin quality suites --list` shows them; a mart's is called marts/household, or household.",
        "zh": "请用 `cabin quality suites --list` 查看；数据集市的写作 marts/household 或 household。",
    }


class SuitesDiffer(CabinError):
    """Committed suites are not what the contracts give."""

    code = "suites-differ"
    fact = {"en": "{count} suites differ from what the contracts give: {names}", "zh": "{count} 个检查套件与契约不一致：{names}"}
    hint = {
        "en": "Suites are never edited: change the contract, then write them with `cabin quality suites`.",
        "zh": "检查套件不可手工修改：请修改契约，再用 `cabin quality suites` 重新生成。",
    }


class TooOften(UsageError):
    """Checks over all that is published were asked for more often than hourly."""

    code = "checks-too-often"
    fact = {"en": "checks run at most hourly by themselves", "zh": "检查自动运行不得多于每小时一次"}
    hint = {"en": "Name an interval of 1h or more; without --every they run now.", "zh": "请给出 1h 或更长的间隔；不写 --every 则立即运行。"}


class CheckErred(Unavailable):
    """A check could not be computed, so nobody knows whether the data keep it."""

    code = "check-error"
    fact = {"en": "{count} checks could not be judged, first {check} of {suite}: {detail}", "zh": "{count} 项检查无法判定，首先是 {suite} 的 {check}：{detail}"}
    hint = {
        "en": "This says nothing about the data. Mend the check in its contract, or make the snapshot anew with `cabin marts build`.",
        "zh": "这不说明数据好坏。请在契约中修正该检查，或用 `cabin marts build` 重新生成快照。",
    }


class SnapshotNotReadable(Unavailable):
    """The snapshot that was to be checked cannot be opened."""

    code = "snapshot-not-checked"
    fact = {"en": "snapshot {snapshot} cannot be opened, so nothing was checked", "zh": "快照 {snapshot} 无法打开，未作检查"}
    hint = {"en": "Run the command again: another snapshot may be published by now.", "zh": "请重新执行：可能已发布新的快照。"}


class QualityMissing(Unavailable):
    """Great Expectations is not installed."""

    code = "quality-missing"
    fact = {"en": "checks need Great Expectations, which is not installed", "zh": "检查需要 Great Expectations，但尚未安装"}
    hint = {"en": "Install the extra `quality`: `make setup` does.", "zh": "请安装附加组件 `quality`：`make setup` 会安装。"}


class AlreadyChecking(Unavailable):
    """Another process checks this data folder."""

    code = "already-checking"
    fact = {"en": "another `cabin quality check` works on this data folder", "zh": "另一个 `cabin quality check` 正在检查该数据目录"}
    hint = {"en": "Wait until it ends, or stop it.", "zh": "请等待其结束或将其停止。"}


class UnknownDepartment(UsageError):
    """No department has this name, and none delivers a feed of this name."""

    code = "unknown-department"
    fact = {"en": "there is no department {name}", "zh": "没有名为“{name}”的部门"}
    hint = {
        "en": "`cabin quality scorecard` lists them; a department is called as in its feeds' contracts, or by a feed.",
        "zh": "请用 `cabin quality scorecard` 查看；部门名称与数据源契约一致，也可写数据源名。",
    }


class MonthUnreadable(UsageError):
    """A month was asked for that is none, or that begins after everything the snapshot knows."""

    code = "month-unreadable"
    fact = {"en": "{month} is no month of which the snapshot knows anything", "zh": "{month} 不是快照已有数据的月份"}
    hint = {"en": "Write it as 2026-03; the newest is {newest}.", "zh": "请写成 2026-03；最新为 {newest}。"}


class SnapshotOlder(Unavailable):
    """The published snapshot was made by a release that did not know what is asked for."""

    code = "snapshot-older"
    fact = {"en": "the published snapshot was made by an earlier release, without what this needs", "zh": "已发布的快照由较早版本生成，缺少所需内容"}
    hint = {
        "en": "Fold and publish with this one: `cabin run`; with a broker its workers and loader do.",
        "zh": "请用当前版本重新核定并发布：`cabin run`；有消息代理时由其工作进程和入仓进程完成。",
    }
