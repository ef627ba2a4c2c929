"""One module knows Great Expectations, and nobody pays for it who does not ask for checks."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("contracts", "vault", "streams", "warehouse", "quality", "cabin")
KNOWS = "quality/promises/expectations.py"


def imported(file: Path) -> Iterator[str]:
    """Every module that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (node.module, *(f"{node.module}.{each.name}" for each in node.names))


def importers(module: str) -> set[str]:
    """The files of all packages that import a module, or something in it."""
    files = [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
    return {str(file.relative_to(ROOT)) for file in files if any(each == module or each.startswith(f"{module}.") for each in imported(file))}


def test_one_module_alone_knows_the_library() -> None:
    """Great Expectations is imported in one place."""
    assert importers("great_expectations") == {KNOWS}


def test_that_module_is_imported_where_a_run_begins_only() -> None:
    """And there inside a function: whoever imports the package, or the command, imports no library."""
    assert importers("quality.promises.expectations") == {"quality/promises/run.py"}
    script = "import sys, quality.promises.run, quality.promises.results, cabin.checking, cabin.judged; print('great_expectations' in sys.modules, 'pandas' in sys.modules)"
    assert ran(script) == "False False"


def test_help_imports_neither_the_library_nor_an_engine() -> None:
    """`cabin --help` and `cabin quality check --help` stay as quick as they were: what takes seconds is not loaded."""
    for arguments in (["--help"], ["quality", "check", "--help"]):
        script = (
            f"import sys, io, contextlib\nfrom cabin.__main__ import run\nwith contextlib.redirect_stdout(io.StringIO()):\n    run({arguments!r}, {{}})\n"
            "print(sorted({'great_expectations', 'pandas', 'duckdb', 'pyarrow', 'numpy'} & set(sys.modules)))"
        )
        assert ran(script) == "[]", arguments


def ran(script: str) -> str:
    """What a script says in a process of its own."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True, cwd=ROOT)
    return done.stdout.strip().splitlines()[-1]
