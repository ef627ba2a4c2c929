"""What a publish is refused for by the promises of marts and kinds, in words for people."""

from __future__ import annotations

from contracts.errors import UsageError
from warehouse.errors import PublishRefused


class PromiseBroken(PublishRefused):
    """A mart, or golden records of a kind, break a promise of severity `error` that the contract makes or that follows from it; nothing was published."""

    code = "promise-broken"
    fact = {
        "en": "the promise {table}.{check} ({meaning}) is broken: {count} rows break it, {allowed} may; other broken promises: {others}",
        "zh": "承诺 {table}.{check}（{meaning}）未兑现：不符 {count} 行，限度为 {allowed}；其他未兑现的承诺：{others}",
    }
    hint = {
        "en": "Mend the mart, the contract or what was delivered; the old snapshot stays published. To publish all the same, which is recorded (end `cabin loader` and `cabin run --follow` first): "
        '`cabin marts build --despite {table}.{check} --reason "..."`.',
        "zh": '请修正数据集市、契约或送达的数据；原快照仍为已发布状态。如需照常发布（将被记录，须先停止 `cabin loader` 和 `cabin run --follow`）：`cabin marts build --despite {table}.{check} --reason "..."`。',
    }


class PromiseNotJudged(PublishRefused):
    """A promise of a mart or kind could not be computed, so nobody knows whether it is kept; nothing was published."""

    code = "promise-not-judged"
    fact = {
        "en": "the promise {table}.{check} cannot be judged: {detail}",
        "zh": "无法判定承诺 {table}.{check}，引擎报告：{detail}",
    }
    hint = {
        "en": "This says nothing about the data: mend the promise in its contract; the old snapshot stays published. To publish all the same, which is recorded (end `cabin loader` and `cabin run --follow` first): "
        '`cabin marts build --despite {table}.{check} --reason "..."`.',
        "zh": '这不说明数据好坏：请在契约中修正该承诺；原快照仍为已发布状态。如需照常发布（将被记录，须先停止 `cabin loader` 和 `cabin run --follow`）：`cabin marts build --despite {table}.{check} --reason "..."`。',
    }


class NoSuchPromise(UsageError):
    """Something was to be published despite a promise that gates nothing."""

    code = "no-such-promise"
    fact = {"en": "no promise {name} stops a publish", "zh": "没有名为 {name} 且会阻止发布的承诺"}
    hint = {
        "en": "Name one as MART.CHECK or KIND.CHECK, as the refusal did; only those of severity `error` stop anything.",
        "zh": "请按拒绝信息写成 MART.CHECK 或 KIND.CHECK；只有级别为 `error` 的承诺会阻止发布。",
    }


class OverrideNeedsReason(UsageError):
    """Something was to be published despite a broken promise, and nobody said why."""

    code = "override-needs-reason"
    fact = {"en": "publishing despite a broken promise needs a reason, and a reason needs a promise", "zh": "在承诺未兑现时发布须说明理由，理由须对应承诺"}
    hint = {
        "en": 'Give both: `--despite TABLE.CHECK --reason "..."`; they are recorded with who and when.',
        "zh": '请同时给出 `--despite TABLE.CHECK --reason "..."`；将连同操作人和时间一并记录。',
    }


class OverridesUnreadable(PublishRefused):
    """The record of what was published in spite of broken promises is damaged, so nobody knows what was let through."""

    code = "overrides-unreadable"
    fact = {"en": "line {line} of published/{file} cannot be read", "zh": "无法读取 published/{file} 的第 {line} 行"}
    hint = {
        "en": "Put the file back from a copy, or take the line away: what it let through must then be decided again. What is published stays.",
        "zh": "请用副本恢复该文件，或删去该行，其放行的内容须重新决定。已发布的快照保持不变。",
    }
