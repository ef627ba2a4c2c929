"""The catalogue of metrics: every name a process of the cabin may measure under, with its labels, unit and meaning. Pure; `cabin.metrics` serves it.

No label ever carries a value from a delivery: feeds, kinds, steps, partitions and reasons are words of the contracts or small numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contracts.model import Label

SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
ROWS = (1.0, 10.0, 100.0, 1_000.0, 10_000.0, 50_000.0, 100_000.0, 200_000.0, 400_000.0)
MESSAGES = (1.0, 2.0, 5.0, 10.0, 25.0, 50.0, 100.0, 250.0)
STEPS: Mapping[str, Label] = {
    "land": Label("接收", "a delivery read, checked and appended to raw"),
    "inbox": Label("收件", "messages of inbox topics landed"),
    "normalise": Label("标准化", "raw to claims, quarantine and outcomes"),
    "fold": Label("核定", "claims to state"),
    "announce": Label("发布变更", "the outbox to changes, entity topics and discrepancies"),
    "load": Label("入仓", "claims to the warehouse"),
    "publish": Label("发布快照", "the warehouse to a snapshot"),
}
"""The values of the label `step`."""
OUTCOMES = ("accepted", "quarantined", "duplicate")
"""The values of the label `outcome`; `reason` is the rule for quarantined rows and empty for the others."""


class Type(StrEnum):
    """How a metric moves: only up, both ways, or as a distribution."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `buckets` are the upper bounds of a histogram."""

    name: str
    type: Type
    unit: str
    labels: tuple[str, ...]
    help: Label
    buckets: tuple[float, ...] = ()


def _counter(name: str, unit: str, labels: str, zh: str, en: str) -> Metric:
    return Metric(name, Type.COUNTER, unit, tuple(labels.split()), Label(zh, en))


def _gauge(name: str, unit: str, labels: str, zh: str, en: str) -> Metric:
    return Metric(name, Type.GAUGE, unit, tuple(labels.split()), Label(zh, en))


def _histogram(name: str, unit: str, labels: str, buckets: tuple[float, ...], zh: str, en: str) -> Metric:
    return Metric(name, Type.HISTOGRAM, unit, tuple(labels.split()), Label(zh, en), buckets)


METRICS = (
    _gauge(
        "cabin_lag_records",
        "rows",
        "step partition",
        "某步骤尚未处理的行数；核定（fold）按最近处理的每条消息平均行数估算，无待处理时为 0，`cabin status` 给出准确值",
        "rows that a step has still to do; of fold estimated from the rows of the messages settled lately, 0 where none waits: `cabin status` tells them exactly",
    ),
    _gauge("cabin_lag_messages", "messages", "step partition", "某步骤尚未处理的消息数", "messages that a step has still to do"),
    _gauge(
        "cabin_lag_seconds",
        "seconds",
        "step partition",
        "某步骤尚未处理的最旧消息的年龄；无待处理时为 0",
        "age of the oldest message that a step has still to do; 0 where there is none",
    ),
    _counter("cabin_raw_rows_landed_total", "rows", "feed", "已接收并确认的原始行数", "raw rows landed and acknowledged"),
    _counter("cabin_rows_normalised_total", "rows", "feed", "已标准化的原始行数，重复消息不计", "raw rows normalised, copies left out"),
    _counter(
        "cabin_outcome_rows_total",
        "rows",
        "feed outcome reason",
        "按结果和原因统计的原始行数",
        "raw rows by outcome (accepted, quarantined, duplicate) and reason",
    ),
    _counter("cabin_claims_folded_total", "rows", "partition", "已核定的主张数", "claims folded into state"),
    _counter("cabin_changes_published_total", "rows", "partition", "已发布并确认的变更数", "golden changes published and acknowledged"),
    _counter("cabin_entity_messages_total", "messages", "kind", "已写入实体主题的消息数，含删除标记", "messages on entity topics, tombstones included"),
    _counter("cabin_discrepancy_facts_total", "messages", "partition", "已发布的差异事实数", "discrepancy facts published"),
    _counter("cabin_task_facts_total", "messages", "partition", "已发布的任务事实数", "task facts published"),
    _histogram("cabin_settle_rows", "rows", "partition", ROWS, "一次核定提交的主张数", "claims that one settle of the fold took in"),
    _histogram("cabin_batch_messages", "messages", "step", MESSAGES, "一个批次的消息数", "messages that a step did in one go"),
    _histogram("cabin_step_seconds", "seconds", "step", SECONDS, "一个步骤一次所用时间", "time that a step took for one go"),
    _gauge("cabin_state_bytes", "bytes", "partition", "分区状态文件的大小", "size of a partition's state file"),
    _gauge("cabin_outbox_messages", "messages", "partition", "已提交但尚未确认发布的消息数", "messages committed and not yet acknowledged by the broker"),
    _gauge("cabin_broken_accounts", "deliveries", "", "账目不平的批次数；必须为 0", "deliveries whose accounts do not balance; must be 0"),
    _counter("cabin_restarts_total", "processes", "child", "监管进程重启子进程的次数", "times the supervisor started a crashed child again"),
    _counter("cabin_gateway_requests_total", "requests", "route method status", "接入网关的请求数", "requests to the gateway"),
    _histogram(
        "cabin_gateway_landing_seconds", "seconds", "feed", SECONDS, "接入网关接收一个批次所用时间", "time that landing a delivery through the gateway took"
    ),
    _gauge("cabin_gateway_deliveries_in_hand", "deliveries", "", "接入网关正在接收的批次数", "deliveries that the gateway is landing now"),
    _gauge("cabin_snapshot_age_seconds", "seconds", "", "距上次发布快照的时间", "time since the last snapshot was published"),
    _histogram("cabin_publish_seconds", "seconds", "", SECONDS, "发布一个快照所用时间", "time that publishing a snapshot took"),
    _counter(
        "cabin_publishes_refused_total",
        "snapshots",
        "code",
        "因数据集市不合格而未发布的快照数；`code` 为错误代码",
        "snapshots that were not published because a mart is not fit for it; `code` is the error's",
    ),
    _counter("cabin_log_fields_dropped_total", "fields", "", "因不在允许名单而被日志丢弃的字段数", "fields that logs dropped because no list allows them"),
)
CATALOGUE: Mapping[str, Metric] = {metric.name: metric for metric in METRICS}
"""Every metric by name."""


def declared(name: str, expected: Type, labels: Collection[str]) -> Metric:
    """The metric of this name.

    Raises: `LookupError` where the catalogue has none of this name and type with exactly these labels: a mistake in the code, told to who made it.
    """
    metric = CATALOGUE.get(name)
    if metric is None:
        raise LookupError(f"no metric {name} in contracts.metrics")
    if metric.type is not expected:
        raise LookupError(f"{name} is a {metric.type}, not a {expected}")
    if set(labels) != set(metric.labels):
        raise LookupError(f"{name} has the labels {sorted(metric.labels)}, not {sorted(labels)}")
    return metric
