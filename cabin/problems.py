"""The mistakes of contracts, told: one line that says where and what, one that says what to do."""

from __future__ import annotations

from collections.abc import Sequence

from cabin.session import Session
from contracts.problems import Problem


def tell_problems(session: Session, problems: Sequence[Problem]) -> None:
    """Prints each; machines get the list `problems`."""
    lang = session.settings.lang
    for problem in problems:
        session.out.line(*(_text(problem, each) for each in ("en", "zh")))
    session.out.document["problems"] = [
        {"file": problem.file, "line": problem.line, "code": problem.code, "fact": problem.fact.get(lang), "hint": problem.hint.get(lang)}
        for problem in problems
    ]


def _text(problem: Problem, lang: str) -> str:
    hint = {"en": "hint", "zh": "建议"}[lang]
    return f"{problem.file}:{problem.line}: {problem.fact.get(lang)} [{problem.code}]\n  {hint}: {problem.hint.get(lang)}"
