"""No macro of contracts/rules.sql lies idle, and none goes untested."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from contracts.normalising.shared import macro_names
from contracts.read import HOME

RULES = (HOME / "rules.sql").read_text(encoding="utf-8")
STATEMENT = re.compile(r"^create (?:or replace )?(?:macro|table|type) (\w+)", re.MULTILINE)
PRODUCT = ("contracts", "streams", "vault", "warehouse", "quality", "cabin")


def reads() -> dict[str, set[str]]:
    """Every macro, table and type of the file, with those it is made of."""
    code = re.sub("--.*", "", RULES)
    starts = [*STATEMENT.finditer(code)]
    bodies = {found[1]: code[found.end() : after.start() if after else len(code)] for found, after in zip(starts, [*starts[1:], None], strict=True)}
    return {name: {other for other in bodies if other != name and re.search(rf"\b{other}\b", body)} for name, body in bodies.items()}


def called(files: Iterable[Path]) -> set[str]:
    """The macros that stand as a call in one of the files."""
    words = set(re.findall(r"\b(\w+)\(", "\n".join(file.read_text(encoding="utf-8") for file in files)))
    return set(macro_names(RULES)) & words


def reached(names: set[str]) -> set[str]:
    """The macros, and all they are made of."""
    graph, found = reads(), set(names)
    while inner := set().union(*(graph[name] for name in found)) - found:
        found |= inner
    return found


def users() -> list[Path]:
    """What is shipped, apart from the rules and the generator of the demo, whose addresses have SQL of their own."""
    root = HOME.parent
    files = [file for folder in PRODUCT for file in (root / folder).rglob("*") if file.suffix in (".py", ".sql", ".yaml")]
    return [file for file in files if file.name != "rules.sql" and "demo" not in file.parts]


def oracles() -> list[Path]:
    return sorted(Path(__file__).parent.glob("test_rules_*.py"))


def test_every_macro_is_used() -> None:
    """A contract or a module calls each macro, or it is a part of one that is called."""
    assert sorted(set(macro_names(RULES)) - reached(called(users()))) == []


def test_every_macro_is_tested() -> None:
    """The tests of the rules call every macro that a contract or a module calls; the others are parts of those."""
    assert sorted(called(users()) - called(oracles())) == []
    assert sorted(set(macro_names(RULES)) - reached(called(oracles()))) == []
