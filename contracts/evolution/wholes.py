"""Rules about contracts as wholes: those that came, those that went, and the versions of feeds that are kept."""

from __future__ import annotations

from functools import partial

from contracts.evolution.rule import Bump, Found, Rule, rule


def _elsewhere(pair: object) -> list[Found]:
    """Found where releases are compared, not within a pair."""
    return []


_whole = partial(rule, finds=_elsewhere)
ADDED = {
    "feed": _whole("feed", "feed-added", Bump.NONE, "", ("新增数据源", "the feed was added"), ("没有人受影响。", "Nobody breaks.")),
    "kind": _whole("kind", "kind-added", Bump.NONE, "", ("新增要素", "the kind was added"), ("没有人受影响。", "Nobody breaks.")),
    "mart": _whole("mart", "mart-added", Bump.NONE, "", ("新增数据集市", "the mart was added"), ("没有人受影响。", "Nobody breaks.")),
    "codes": _whole("codes", "code-list-added", Bump.NONE, "", ("新增代码表", "the code list was added"), ("没有人受影响。", "Nobody breaks.")),
}  # fmt: skip
REMOVED = {
    "feed": _whole("feed", "feed-removed", Bump.MAJOR, "producer log consumer", ("数据源已删除", "the feed was removed"), ("部门不能再交付；日志中的旧消息会整条隔离。须先在一个版本中标为 status: deprecated。", "The department delivers no more; its messages on the log are set aside. Announce it with `status: deprecated` in a version before.")),
    "kind": _whole("kind", "kind-removed", Bump.MAJOR, "producer consumer mart", ("要素已删除", "the kind was removed"), ("其主题和集市没有了。须先在一个版本中标为 status: deprecated。", "Its topic and marts are gone. Announce it with `status: deprecated` in a version before.")),
    "mart": _whole("mart", "mart-removed", Bump.MAJOR, "consumer mart", ("数据集市已删除", "the mart was removed"), ("查询它的读者失败。须先在一个版本中标为 status: deprecated。", "Queries of it fail. Announce it with `status: deprecated` in a version before.")),
    "codes": _whole("codes", "code-list-removed", Bump.MAJOR, "producer consumer mart", ("代码表已删除", "the code list was removed"), ("引用它的规则和属性没有了含义。", "Rules and attributes that name it lose their meaning.")),
}  # fmt: skip
KEPT_MISSING = _whole("feed", "version-not-kept", Bump.NEVER, "log", ("没有保留版本 {old}", "version {old} is not kept"), ("日志中此版本的消息会整条隔离；请把旧文件放到数据源目录下的 old/{part}.v{old}.yaml。", "Messages of it on the log are set aside; keep the old file as old/{part}.v{old}.yaml beside the feeds."))  # fmt: skip
KEPT_CHANGED = _whole("feed", "kept-version-changed", Bump.NEVER, "log", ("保留的版本 {old} 被改动：{new}", "the kept version {old} was changed: {new}"), ("消息永远按其所用版本解释；请恢复旧文件，差异写成 cabin.upcasts。", "A message is read for ever as its version says; restore the file and write the difference as `cabin.upcasts`."))  # fmt: skip
MACRO_CHANGED = _whole("feed", "macro-changed", Bump.NONE, "", ("所用的宏有改动：{new}", "macros it calls were changed: {new}"), ("宏没有版本号；旧消息下次重建时可能得出不同结果。", "Macros have no version; the next rebuild may make something else of old messages."), refold=True)  # fmt: skip
WHOLE_RULES: tuple[Rule, ...] = (*ADDED.values(), *REMOVED.values(), KEPT_MISSING, KEPT_CHANGED, MACRO_CHANGED)
