"""The page that says how contracts may change: docs/evolution.md, made of the rules."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.evolution.registry import RULES
from contracts.evolution.rule import DIRECTIONS, PARTIES, Flavour, Rule

INTRODUCTION = """# How contracts change

`cabin contract check --against REV` compares the contracts of now with those of a git revision, a folder, a file or a moment of release, and refuses a version that does not tell of its changes;
`cabin contract diff OLD NEW` shows them all. `make check` does the first against the merge base.

`python -m tests.contracts.evolution.test_page` writes this page anew from the rules in `contracts/evolution`.

## What a version tells

| bump | 升级 | when | 何时 |
|---|---|---|---|
| `major` | 主版本 | somebody breaks: what was delivered or is on the log is not read any more, or readers find something else | 有人受影响：旧的交付或日志中的消息读不了，或读者读到的不同 |
| `minor` | 次版本 | nobody breaks: something was added, loosened, or is derived otherwise | 无人受影响：有新增、放宽，或推导方式不同 |
| `patch` | 修订 | words only | 只是文字 |
| `none` | 无 | nothing to tell | 无须反映 |
| `never` | 不可 | no version makes it right | 升版本也不能弥补 |

**Who breaks.** The department that delivers as before (`producer`), messages that are on the log already (`log`), subscribers and readers (`consumer`), marts (`mart`).
**Direction.** *Backward* breaks what comes from the old version: it is not read under the new one. *Forward* breaks who knows the old version only: it does not read what is made under the new one.
**Refold.** What was derived from old messages changes when everything is computed again from raw.

A code list has no version of its own: whoever names it (a feed's column, a kind's attribute) is to be bumped.
A contract goes in two steps: `status: deprecated` in one version, then its file.

## A new major version of a feed

A message on the log is read for ever as the contract version that it carries says: its layout and its rules, so that what was accepted stays accepted. Nothing on the log is rewritten.

1. Copy the file to `feeds/old/<feed>.v<major>.yaml` as it is. Without it messages of that version are set aside (`unknown-contract-version`), and the comparison says `version-not-kept`.
2. Change the feed, and raise `version` to the next major one.
3. Say how rows of the old version become rows of the new one, where they can:

```yaml
  - property: cabin.upcasts
    value:
      - from: 1
        columns: {stay_type: "'3'", name: "family_name || given_name"}
```

Columns with the same id are taken as they are, whatever they are called; `columns` has SQL over the old columns, as they are after the old version's rules, for the others; what neither says is blank.
The new version's mapping then speaks for old rows too. An identifier comes from an old column that identifies the same, never from a cell. Sealed cells are opened as ever.
From version to version upcasts are taken one after the other. A version that nobody upcasts keeps its own mapping.
"""
HEADINGS: dict[Flavour, str] = {"feed": "Feeds", "kind": "Kinds", "mart": "Marts", "codes": "Code lists"}


def page() -> str:
    """The whole page: every rule under a heading of its code."""
    return INTRODUCTION + "".join(text for flavour, title in HEADINGS.items() for text in _chapter(flavour, title))


def _chapter(flavour: Flavour, title: str) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield from (_section(rule) for rule in RULES if rule.flavour == flavour)


def _section(rule: Rule) -> str:
    who = ", ".join(f"{PARTIES[party].en} (`{party}`)" for party in rule.breaks) or "nobody"
    also = " Refold." if rule.refold else ""
    direction = rule.direction if rule.direction in {"both", "none"} else DIRECTIONS[rule.direction].en.partition(":")[0]
    head = f"\n### {rule.code}\n\nBump `{rule.bump.word}`; direction {direction}; breaks: {who}.{also}\n\n"
    return head + f"- en: {rule.fact.en}. {rule.meaning.en}\n- zh: {rule.fact.zh}。{rule.meaning.zh}\n"
