"""What a newcomer reads at the end of the demo: the accounts, how right everybody is, what officers have to do, and what to type next."""

from __future__ import annotations

from typing import Any

from cabin.demo.accuracy import GOLDEN, accuracy
from cabin.demo.generate import Manifest
from cabin.ledger import broken_accounts, counts
from cabin.session import Session
from contracts.database import connect
from contracts.model import Label
from warehouse.query import opened

MAIN = Label("主要居所", "main residence")
"""What is judged of residency besides its attributes."""
NEXT = (
    ("find 王", "find everybody and everything with 王 in the name", "查找名称中含“王”的对象"),
    (
        'sql "select attribute, source, count(*) as n from discrepancy group by all order by n desc limit 10"',
        "where departments' lists differ from the golden record",
        "各部门数据与核定值的差异",
    ),
    (
        'sql "select officer, task_type, object_id, due_at from officer_today order by due_at limit 10"',
        "what officers have to do, by when",
        "工作人员的任务与时限",
    ),
    ('sql "select dwelling, reasons, ask from visit_plan limit 10"', "which doors to knock at next, and what to ask", "接下来走访哪些门、问什么"),
)


def summary(session: Session, manifest: Manifest, repeated: int) -> None:
    """Prints everything; reads the planted truth, which nothing before this step has seen. `repeated`: generated rows that came a second time."""
    _accounts(session, manifest, repeated)
    _accuracy(session, manifest)
    _work(session)
    _next(session)


def _accounts(session: Session, manifest: Manifest, repeated: int) -> None:
    known = counts(session.log)
    total = {name: sum(getattr(count, name) for count in known) for name in ("delivered", "refused", "reduced", "layout", "landed", "accepted", "quarantined")}
    broken = broken_accounts(session.log)
    session.out.say(
        f"\n{manifest.rows:,} rows were generated; {repeated:,} of them were delivered twice and count once; lists hold {total['layout']:,} title and total rows besides.",
        f"\n共生成 {manifest.rows:,} 行；其中 {repeated:,} 行重复送达，只计一次；清单另有 {total['layout']:,} 行标题和合计。",
        generated=manifest.rows,
        repeated=repeated,
    )
    session.out.say(
        "Every row is accounted for: {delivered:,} delivered = {refused:,} refused + {reduced:,} reduced (persons under 14) + {layout:,} layout rows"
        " + {landed:,} landed; landed = {accepted:,} accepted + {quarantined:,} quarantined.".format(**total)
        + ("" if not broken else f" {len(broken)} accounts are BROKEN."),
        "每一行都有着落：送达 {delivered:,} = 拒收 {refused:,} + 缩减（未满14岁）{reduced:,} + 版式行 {layout:,} + 接收 {landed:,}；接收 = 采纳 {accepted:,} + 隔离 {quarantined:,}。".format(
            **total
        )
        + ("" if not broken else f" 有 {len(broken)} 个批次账目不平。"),
        accounts={**total, "broken": len(broken)},
    )


def _accuracy(session: Session, manifest: Manifest) -> None:
    current = session.data / "warehouse" / "current.duckdb"
    with connect(str(current), config={"threads": "2", "memory_limit": "1500MB"}) as golden:
        found = accuracy(manifest.truth, golden, session.contracts, session.vault.known).to_pylist()
    session.out.line(
        "\nHow right is each department alone, and how right is the golden record? (share of what it says; in brackets how much it speaks about)",
        "\n各部门单独的准确率与核定记录的准确率（括号内为覆盖率）",
    )
    session.out.line(
        "A higher share with a smaller bracket is not better: the golden record also answers where that department says nothing.",
        "准确率略高而覆盖率低的部门并不更好：核定记录还回答了该部门没有说到的对象。",
    )
    columns = {
        "kind": ("kind", "类别"),
        "attribute": ("attribute", "属性"),
        "golden": ("golden record", "核定记录"),
        "departments": ("departments alone", "各部门单独"),
    }
    session.out.table("accuracy", columns, [labelled(session, *row) for row in _rows(found)])


def _rows(found: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    by_attribute: dict[tuple[str, str], dict[str, str]] = {}
    for row in found:
        if row["said"]:
            text = f"{100 * row['right'] / row['said']:.1f}% ({100 * row['said'] / max(1, row['truths']):.0f}%)"
            by_attribute.setdefault((row["kind"], row["attribute"]), {})[row["source"]] = text
    return [
        (kind, attribute, said.get(GOLDEN, ""), "; ".join(f"{source} {text}" for source, text in sorted(said.items()) if source != GOLDEN))
        for (kind, attribute), said in by_attribute.items()
    ]


def labelled(session: Session, kind: str, attribute: str, *said: str) -> tuple[str, ...]:
    """A row with the labels of its kind and attribute; machines get their names."""
    known, named = session.contracts.kinds[kind], session.out.named
    labels = {"main": MAIN, **{each.name: each.label for each in known.attributes}}
    return named({kind: known.label}, kind), named(labels, attribute), *said


def _work(session: Session) -> None:
    with opened(session.data / "published") as snapshot:
        ((entities,),) = snapshot.execute("select count(*) from entity_current").fetchall()
        differing, doors = snapshot.execute("select (select count(*) from discrepancy), (select count(*) from visit_plan)").fetchall()[0]
    session.out.say(
        f"\n{entities:,} golden records are published; {differing:,} discrepancies tell departments what to correct; {doors:,} doors are on the visit plan.",
        f"\n已发布 {entities:,} 条核定记录；{differing:,} 条差异告知部门应更正的内容；走访计划含 {doors:,} 户。",
        entities=entities,
        discrepancies=differing,
        doors=doors,
    )


def _next(session: Session) -> None:
    data = session.data
    session.out.line("\nTry next:", "\n接下来可以试试：")
    session.out.document["next"] = [f"cabin --data {data} {command}" for command, _, _ in NEXT]
    for command, en, zh in NEXT:
        session.out.line(f"  .venv/bin/cabin --data {data} {command}\n      {en}", f"  .venv/bin/cabin --data {data} {command}\n      {zh}")
