"""What the quarantine desk refuses, in words for people; no message holds a value from a delivery."""

from __future__ import annotations

from contracts.errors import CabinError, UsageError


class FixUnusable(UsageError):
    """A fix cannot be understood, or cannot be done to this feed."""

    code = "fix-unusable"
    fact = {"en": "this fix cannot be used: {detail}", "zh": "该修复无法使用：{detail}"}
    hint = {
        "en": "See `cabin quarantine fix --help` and the columns in `cabin contract show FEED`.",
        "zh": "请查看 `cabin quarantine fix --help`，列名见 `cabin contract show FEED`。",
    }


class FixWouldFail(CabinError):
    """Rows would still break a rule after the fix; nothing was written."""

    code = "fix-would-fail"
    fact = {
        "en": "{failing} of {rows} rows would still fail ({reasons}); nothing was redriven",
        "zh": "{rows} 行中有 {failing} 行修复后仍不合格（{reasons}）；未重投任何行",
    }
    hint = {
        "en": "Change the fix or the pattern, or add --only-sound to redrive the others and leave these open; a planned fix is taken back by `cabin quarantine undo STEP --reason WHY`.",
        "zh": "请修改修复或范围；或加 --only-sound，只重投合格的行，其余保持未处理；已计划的修复可用 `cabin quarantine undo STEP --reason 原因` 撤销。",
    }


class FixChangesNothing(CabinError):
    """No row of the pattern has a cell that the fix changes."""

    code = "fix-changes-nothing"
    fact = {"en": "the fix changes no cell (rows looked at: {rows})", "zh": "该修复没有改变 {rows} 行中的任何单元格"}
    hint = {
        "en": "Look at a row with `cabin quarantine show DELIVERY ROW`; --fill fills blank cells only, --map OLD=NEW changes what stands there.",
        "zh": "请用 `cabin quarantine show DELIVERY ROW` 查看其中一行；--fill 只填空白单元格，--map 旧值=新值 才改写已有内容。",
    }


class NothingOpen(UsageError):
    """No open row matches."""

    code = "nothing-open"
    fact = {"en": "no open quarantined row matches", "zh": "没有符合条件的未处理隔离行"}
    hint = {
        "en": "See `cabin quarantine list`; rows that wait for a planned fix are freed by `cabin quarantine undo STEP --reason WHY`.",
        "zh": "请查看 `cabin quarantine list`；已计划修复的行可用 `cabin quarantine undo STEP --reason 原因` 释放。",
    }


class PatternTooWide(UsageError):
    """A pattern names neither one row nor the rows of one feed and reason."""

    code = "pattern-too-wide"
    fact = {"en": "it is not said which rows are meant", "zh": "未说明指哪些行"}
    hint = {
        "en": "Name one row (--delivery and --row) or a pattern (--feed and --broken, perhaps --column).",
        "zh": "请指定一行（--delivery 与 --row）或一类行（--feed 与 --broken，可加 --column）。",
    }


class UnknownReason(UsageError):
    """No rule and nothing at the desk has this reason for setting rows aside."""

    code = "unknown-reason"
    fact = {"en": "no row is ever set aside for {reason}{near}", "zh": "没有名为 {reason} 的隔离原因{near}"}
    hint = {
        "en": "See `cabin quarantine facets` and the rules in `cabin contract show FEED`.",
        "zh": "请查看 `cabin quarantine facets`，规则见 `cabin contract show FEED`。",
    }


class ReasonMissing(UsageError):
    """A step at the desk needs a reason."""

    code = "reason-missing"
    fact = {"en": "this step needs a reason", "zh": "该操作需要说明原因"}
    hint = {"en": "Add --reason with a few words; it is kept with the step.", "zh": "请用 --reason 写明原因；将随该步骤保存。"}


class StepUnknown(UsageError):
    """There is no such step at the desk."""

    code = "step-unknown"
    fact = {"en": "there is no step {step}", "zh": "没有步骤 {step}"}
    hint = {"en": "See `cabin quarantine history`.", "zh": "请查看 `cabin quarantine history`。"}


class StepFinal(CabinError):
    """A step that was redriven, undone or only looked cannot be undone."""

    code = "step-final"
    fact = {"en": "step {step} cannot be undone: it is {state}", "zh": "步骤 {step} 无法撤销：状态为 {state}"}
    hint = {
        "en": "Rows that were redriven are on the raw log for good: recall their delivery, or let the department correct them.",
        "zh": "已重投的行将永久保留在原始日志中：请召回其批次，或请部门更正。",
    }


class NotFixable(CabinError):
    """These rows have no cells that could be mended."""

    code = "not-fixable"
    fact = {
        "en": "{rows} of these rows were set aside whole or are no delivered rows; they cannot be fixed",
        "zh": "其中 {rows} 行为整条隔离或不是交付行，无法修复",
    }
    hint = {"en": "Reject them with a reason, or let the department deliver again.", "zh": "请说明原因后驳回，或请部门重新交付。"}


class TooManyRows(CabinError):
    """One person may redrive or reject only so many rows within an hour, at once or one by one."""

    code = "desk-rate-limit"
    fact = {
        "en": "{actor} would decide over {rows} rows within an hour; {limit} are allowed, {done} are done",
        "zh": "{actor} 一小时内将处理 {rows} 行；上限为 {limit}，已处理 {done}",
    }
    hint = {"en": "Wait, take a narrower pattern, or set CABIN_DESK_ROWS.", "zh": "请稍候、缩小范围，或调整 CABIN_DESK_ROWS。"}


class DeskAccountBroken(CabinError):
    """Rows that were ever quarantined are not all open, redriven or rejected: the desk's index is damaged."""

    code = "desk-account-broken"
    fact = {"en": "the desk's account does not hold for: {feeds}", "zh": "以下数据源的隔离台账不平：{feeds}"}
    hint = {
        "en": "Its index is damaged: delete the folder `desk` in the data folder, it is made anew from the log; report it where that does not help.",
        "zh": "其索引已损坏：请删除数据文件夹中的 `desk` 目录，索引会从日志重新生成；若仍不平请报告。",
    }
