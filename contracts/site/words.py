"""Words that several pages share."""

from __future__ import annotations

from contracts.model import Allowance, Contracts, Label, Severity

SEVERITIES = {Severity.ERROR: Label("错误", "error"), Severity.WARNING: Label("警告", "warning")}
PARTS = {"feed": Label("数据源", "Feed"), "kind": Label("信息类别", "Kind"), "mart": Label("数据集市", "Mart"), "codes": Label("代码表", "Code list")}
FIND = Label("查找", "Find")
NULL = Label("可空", "May be null")
NOT_NULL, MAY_BE_NULL = Label("否", "no"), Label("是", "yes")
CHECK = {
    "check": Label("检查", "Check"),
    "says": Label("含义", "Meaning"),
    "severity": Label("级别", "Severity"),
    "limit": Label("限度", "Limit"),
    "asks": Label("检查条件", "What is asked"),
}


def allowance(limit: Allowance) -> Label:
    """How much may break a check."""
    if limit.share is not None:
        return Label(f"至多 {limit.share * 100:g} %", f"at most {limit.share * 100:g} %")
    return Label(f"至多 {limit.rows} 行", f"at most {limit.rows} rows") if limit.rows else Label("不允许", "no row")


def coded(contracts: Contracts, codes: str, code: str) -> Label:
    """A code in words where its list knows it."""
    return contracts.worded(codes, code)
