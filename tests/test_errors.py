"""Every error a person can meet is documented, in Chinese and English, and nowhere twice."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.errors import CabinError, Unavailable, UsageError

PACKAGES = ("contracts", "vault", "streams", "warehouse", "quality", "cabin")
PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
INTRODUCTION = """# Errors

What a command says when it stops: the code (stable, also in `--json`), the fact and what to do about it, in English and Chinese.
Names in braces are filled in with rules, columns, counts and file names, never with a value from a delivery.
Exit code 1: an expected error; 2: the command was used wrongly; 3: something it needs is not available.

`python -m tests.test_errors` writes this page anew from the error classes.
"""


def errors() -> list[type[CabinError]]:
    """All error classes of all packages, by code."""
    for package in PACKAGES:
        folder = importlib.import_module(package)
        for module in pkgutil.walk_packages(folder.__path__, f"{package}."):
            if module.name.rpartition(".")[2] == "errors":
                importlib.import_module(module.name)
    found = {each for each in _below(CabinError) if each.__module__.split(".")[0] in PACKAGES}
    return sorted(found, key=lambda each: (each.code, each.__module__))


def raised() -> list[type[CabinError]]:
    """The errors that are raised as such: not the bases that others inherit from."""
    return [each for each in errors() if not each.__subclasses__()]


def page() -> str:
    """The whole page of documentation."""
    return INTRODUCTION + "".join(_section(each) for each in raised())


def _section(error: type[CabinError]) -> str:
    said = "".join(f"- {lang}: {error.fact[lang]}{stop}\n  {error.hint[lang]}\n" for lang, stop in (("en", "."), ("zh", "。")))
    return f"\n## {error.code}\n\n{(error.__doc__ or '').splitlines()[0]} Exit code {error.exit_code}.\n\n{said}"


def _below(error: type[CabinError]) -> Iterator[type[CabinError]]:
    for each in error.__subclasses__():
        yield each
        yield from _below(each)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_codes_are_unique() -> None:
    """A code names one error: it can be looked up."""
    codes = [each.code for each in raised()]
    assert len(codes) > 40
    assert sorted(codes) == sorted(set(codes))


@pytest.mark.parametrize("error", errors(), ids=lambda error: f"{error.__module__}.{error.__name__}")
def test_every_error_speaks_both_languages(error: type[CabinError]) -> None:
    """Kebab-case code, docstring, fact and hint in both languages with the same values in them, and the exit code of its kind."""
    assert error.code.replace("-", "").isalnum() and error.code == error.code.lower()
    assert error.__doc__ and error.__doc__ != CabinError.__doc__
    for texts in (error.fact, error.hint):
        assert set(texts) == {"zh", "en"} and all(text.strip() for text in texts.values())
        assert placeholders(texts["zh"]) == placeholders(texts["en"])
    assert error.exit_code in (1, 2, 3)
    assert error.exit_code != 1 or not issubclass(error, (UsageError, Unavailable))


def test_the_page_of_errors_is_exact() -> None:
    """`docs/errors.md` has a heading for each code, with exactly the words that commands use; `python -m tests.test_errors` writes it."""
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
