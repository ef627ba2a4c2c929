"""A contract drafted from a sample, and told: findings and questions as tables, the draft as a file."""

from __future__ import annotations

import re
from pathlib import Path

from cabin.errors import FileExists, FolderMissing
from cabin.session import Session
from cabin.writing import write_file
from contracts.check_scope import NAME
from contracts.drafting import Draft, Told, Vocabulary, drafted, written
from contracts.drafting.errors import FeedNameUnusable, UnknownPurpose
from contracts.model import Contracts, Label
from streams.landing import engine_of
from streams.landing.sample import read_sample

WHERE = {"file": "文件", "column": "列", "feed": "整体", "mapping": "去向"}
FINDINGS = {"where": ("where", "位置"), "about": ("about", "对象"), "finding": ("finding", "发现"), "confidence": ("confidence", "把握")}
QUESTIONS = {"number": ("no.", "编号"), "at": ("at", "位置"), "must": ("must", "必答"), "question": ("question", "问题")}


def infer(session: Session, file: Path, told: Told, to: Path | None) -> int:
    """Drafts, prints and, where `to` is named, writes; 0 whatever remains to be asked."""
    if to is not None and to.exists():
        raise FileExists(path=str(to))
    if to is not None and not to.absolute().parent.is_dir():
        raise FolderMissing(path=str(to.absolute().parent))
    draft = draft_of(session.contracts, file, told)
    _tell(session, draft)
    text = written(draft)
    if to is None:
        session.out.line(f"\n{text}", f"\n{text}")
        session.out.document["draft"] = text
        return 0
    write_file(to, text.encode())
    session.out.say(
        f"wrote the draft to {to}; answer the questions in it, then run `cabin contract check {to}` and `cabin contract test {to} {file.name}`",
        f"草稿已写入 {to}；请在其中回答问题，再运行 `cabin contract check {to}` 和 `cabin contract test {to} {file.name}`",
        file=str(to),
    )
    return 0


def draft_of(contracts: Contracts, file: Path, told: Told) -> Draft:
    """The draft for a sample.

    Raises: `FeedNameUnusable`, `UnknownPurpose`, `NotACode`, and what `read_sample` raises.
    """
    told = _checked(contracts, file, told)
    with engine_of(contracts) as engine:
        return drafted(read_sample(file, told.feed, Vocabulary(contracts), engine), told, contracts, engine)


def _checked(contracts: Contracts, file: Path, told: Told) -> Told:
    """What was said, with a name for the feed where none was: that of the file if it can be one."""
    from dataclasses import replace

    if told.purpose and told.purpose not in contracts.code_lists["purpose"].labels:
        raise UnknownPurpose(name=told.purpose, allowed=", ".join(contracts.code_lists["purpose"].labels))
    if not told.feed:
        word = re.sub(r"[^a-z0-9]+", "_", file.stem.lower()).strip("_") if file.stem.isascii() else ""
        name = word if NAME.match(word) else "new_feed"
        return replace(told, feed=f"{name}_draft" if name in contracts.feeds else name)
    if not NAME.match(told.feed):
        raise FeedNameUnusable(name=told.feed, detail=Label("含不可用的字符", "it holds characters that a name cannot have"))
    if told.feed in contracts.feeds:
        raise FeedNameUnusable(name=told.feed, detail=Label("已有同名数据源", "there is one of this name already"))
    return told


def _tell(session: Session, draft: Draft) -> None:
    out, lang = session.out, session.settings.lang
    rows = [(WHERE[each.where] if lang == "zh" else each.where, each.about, each.text.get(lang), f"{each.confidence:.2f}") for each in draft.findings]
    out.table("findings", FINDINGS, rows)
    out.line("", "")
    asked = [(number, each.at, ("!" if each.problems else ""), each.text.get(lang)) for number, each in enumerate(draft.questions, 1)]
    out.table("questions", QUESTIONS, asked)
    must = sum(bool(each.problems) for each in draft.questions)
    out.say(
        f"{len(draft.questions)} questions, {must} of which (!) must be answered before the contract is valid",
        f"共 {len(draft.questions)} 个问题，其中 {must} 个（!）须回答后契约才有效",
        feed=draft.told.feed,
        must=must,
        kinds=[{"kind": kind, "score": score} for kind, score in draft.kinds],
        layouts=[{"feed": each.feed, "shared": each.shared, "columns": each.columns} for each in draft.likeness],
    )
