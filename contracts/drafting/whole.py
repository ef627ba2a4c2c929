"""What holds for the feed as a whole: when a row was observed, which record and division it belongs to, how persons and children are dealt with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from contracts.drafting.expressions import Said, Speaker, reads
from contracts.drafting.mappings import SAME
from contracts.drafting.model import SURE, Draft, DraftColumn
from contracts.drafting.shapes import Shape
from contracts.drafting.vocabulary import NEAR, Vocabulary, cleaned, likeness
from contracts.model import Feed, Rule

PEOPLE = ("person", "residency")


def describe(draft: Draft, shapes: dict[str, Shape], vocabulary: Vocabulary) -> None:
    """Fills `feed` and `rules` of the draft, with findings and questions."""
    speaker = Speaker(draft.columns, vocabulary, draft.told.feed)
    known = vocabulary.contracts.feeds[draft.likeness[0].feed] if draft.likeness and draft.likeness[0].share >= SAME else None
    draft.feed["modes"] = list(known.modes) if known else ["increment"]
    draft.ask(
        "modes",
        "样例看不出交付方式：是否还有全量（snapshot）、更正、撤回？",
        "a sample does not tell how the list is delivered: are there full lists (snapshot), corrections, withdrawals too?",
    )
    _observed(draft, speaker, known, vocabulary)
    _area(draft, speaker, known, shapes)
    _record(draft, speaker, known, shapes, vocabulary)
    for name in ("rank", "operation"):
        said = speaker.said(known, getattr(known, name)) if known else None
        if said:
            draft.feed[name] = said.sql
    _persons(draft, speaker, known)
    if known:
        taken = {rule.reason for column in draft.columns for rule in column.rules}
        said_rules = (spoken_rule(speaker, known, rule) for rule in known.rules if rule.column is None and rule.reason not in taken)
        draft.rules = [each for each in said_rules if each]


def spoken_rule(speaker: Speaker, feed: Feed, rule: Rule) -> Rule | None:
    """A known rule in the draft's words; None where it reads what the draft has not."""
    said, blanks = speaker.said(feed, rule.holds), speaker.like(feed, rule.blanks) if rule.blanks else None
    if said is None or (rule.blanks and blanks is None):
        return None
    return replace(rule, holds=said.sql, blanks=blanks[0].name if blanks else None)


def _observed(draft: Draft, speaker: Speaker, known: Feed | None, vocabulary: Vocabulary) -> None:
    """The known feed's way; else the column whose header is nearest to those that tell observation elsewhere."""
    if known and (said := [each for sql in known.observed_at if (each := speaker.said(known, sql))] or not known.observed_at):
        draft.feed["observed_at"] = [each.sql for each in said] if isinstance(said, list) else []
        draft.find(
            "feed",
            "observed_at",
            f"观测时间同 {known.name}",
            f"observed as in {known.name}",
            min((each.sure for each in said), default=SURE) if isinstance(said, list) else SURE,
        )
        return
    timed = [column for column in draft.columns if column.type in ("date", "timestamp")]
    scored = sorted(((_tells_time(column, vocabulary), column.name) for column in timed), reverse=True)
    if scored and scored[0][0] >= NEAR:
        draft.feed["observed_at"] = [f"timestamp_of({scored[0][1]})"]
        draft.find("feed", "observed_at", f"观测时间取 {scored[0][1]}", f"observed at {scored[0][1]}", scored[0][0])
    elif len(clocked := [column for column in timed if column.type == "timestamp"]) == 1:
        draft.feed["observed_at"] = [f"timestamp_of({clocked[0].name})"]
        draft.find(
            "feed", "observed_at", f"观测时间取 {clocked[0].name}：只有该列有时分", f"observed at {clocked[0].name}, the only column with a time of day", 0.6
        )
        draft.ask("observed_at", f"{clocked[0].header} 是否说明该行何时为真？", f"does {clocked[0].header} say when a row was true?")
    elif not timed:
        draft.feed["observed_at"] = []
        draft.find("feed", "observed_at", "没有时间列，以批次时点为准", "no column holds a time: the delivery's moment counts", 0.9)
    else:
        names = ", ".join(column.name for column in timed)
        draft.ask(
            "observed_at",
            f"哪一列说明该行何时为真（{names}）？都不是则写 []，以批次时点为准。",
            f"which column says when a row was true ({names})? Write [] if none does: then the delivery's moment counts.",
            "missing-observed-at ",
        )


def _tells_time(column: DraftColumn, vocabulary: Vocabulary) -> float:
    """How near a header is to those by which known feeds date their rows; a time of day speaks for it."""
    words = {cleaned(vocabulary.contracts.feeds[feed].column(name).header) for feed, name in vocabulary.dated}
    nearest = max((1.0 if word == cleaned(column.header) else likeness(word, cleaned(column.header)) for word in words), default=0.0)
    named = max((score for place, score in column.meanings.items() if place in vocabulary.dated), default=0.0)
    return max(nearest, named) * (1.0 if column.type == "timestamp" else 0.9)


def _area(draft: Draft, speaker: Speaker, known: Feed | None, shapes: dict[str, Shape]) -> None:
    said = speaker.said(known, known.area) if known else None
    if said and (said.reads or said.sql == "null"):
        draft.feed["area"] = said.sql
        draft.find("feed", "area", f"区划同 {known.name if known else ''}", f"division as in {known.name if known else ''}", said.sure)
        return
    for name, sql, sure in _places(draft.columns, shapes):
        draft.feed["area"] = sql
        draft.find("feed", "area", f"区划取自 {name}", f"division from {name}", sure)
        return
    draft.ask(
        "area",
        '由哪一列得出行所属区划？没有则写 "null"，以批次声明的区划为准。',
        'which column gives the division of a row? Write "null" if none does: then the area declared with the delivery counts.',
        "missing-area ",
    )


def _places(columns: list[DraftColumn], shapes: dict[str, Shape]) -> Iterable[tuple[str, str, float]]:
    """Columns that name a division, the surest sort first."""
    for column in columns:
        if column.role == "division":
            grid = shapes[column.name].passing["grid"] > shapes[column.name].passing["division"]
            yield (
                column.name,
                f"division_code(left({column.name}, 12))" if grid else f"division_code({column.name})",
                max(shapes[column.name].is_(each) for each in ("grid", "division")),
            )
    yield from (
        (column.name, f"address_division(address_key({column.name}))", shapes[column.name].is_("address")) for column in columns if column.role == "address"
    )


def _record(draft: Draft, speaker: Speaker, known: Feed | None, shapes: dict[str, Shape], vocabulary: Vocabulary) -> None:
    """The department's own key of a row: the known feed's way, else a column of codes that are all different and whose header is near to known keys."""
    said: Said | None = speaker.said(known, known.record) if known and known.record else None
    if said:
        draft.feed["record"] = said.sql
        draft.find("feed", "record", f"行编号同 {known.name if known else ''}", f"record as in {known.name if known else ''}", said.sure)
        return
    if known and not known.record:
        return
    keys = [cleaned(feed.column(name).header) for feed in vocabulary.contracts.feeds.values() if feed.record for name in reads(feed, feed.record)[:1]]
    unique = [column for column in draft.columns if shapes[column.name].unique and column.type == "code" and column.classification == "plain"]
    scored = sorted(
        ((max((likeness(key, cleaned(column.header)) for key in keys), default=0.0), -column.position, column.name) for column in unique), reverse=True
    )
    if scored and scored[0][0] >= 0.4:
        draft.feed["record"] = scored[0][2]
        draft.find("feed", "record", f"行编号为 {scored[0][2]}", f"record {scored[0][2]}", min(1.0, 0.5 + scored[0][0] / 2))
    else:
        draft.ask(
            "feed",
            "有没有部门自己的行编号列？有则写 cabin.record，更正和撤回以它为准。",
            "is there a column with the department's own key of a row? If so write cabin.record: by it rows are corrected and withdrawn.",
        )


def _persons(draft: Draft, speaker: Speaker, known: Feed | None) -> None:
    """Whose key seals a row, and what becomes of children: without an answer their rows are dropped and counted, which is the careful side."""
    subjects = [column.name for column in draft.columns if column.properties.get("identifier") == "subject"]
    targets = {mapping.target for mapping in draft.mappings}
    if subjects:
        like = speaker.like(known, known.subject) if known and known.subject else None
        if targets & set(PEOPLE) or like:
            draft.feed["subject"] = like[0].name if like else subjects[0]
        draft.feed["minors"] = _minors(draft, speaker, known)
    if targets & set(PEOPLE):
        draft.feed["covers"] = []
        draft.ask(
            "covers",
            "清单是否完整列出某类人群？是则写其名称，如 [resident]；[] 表示不完整。",
            "does the list name some population in full? Then write it, as [resident]; [] says that it does not.",
        )


def _minors(draft: Draft, speaker: Speaker, known: Feed | None) -> dict[str, object]:
    births = [column.name for column in draft.columns if any(name == "birth_date" for _, name in column.meanings) and column.type == "date"]
    keep = [found[0].name for name in (known.minors.keep if known and known.minors else ()) if (found := speaker.like(known, name))] if known else []
    stay = speaker.said(known, known.minors.stay) if known and known.minors and known.minors.stay else None
    told: dict[str, object] = {"birth": births[0]} if births else {}
    return {**told, "keep": keep, **({"stay": stay.sql} if stay else {})}
