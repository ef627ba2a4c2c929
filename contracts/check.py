"""Every mistake of contract files, with file and line: `check`.

Contracts are judged as written, not as loaded, so that one run tells all mistakes and not only the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from contracts.check_feed import layout_problems, mapping_problems
from contracts.check_kind import kind_problems, mart_problems
from contracts.check_older import layout_of, older_problems, upcast_expressions, upcast_problems
from contracts.check_scope import Found, Scope
from contracts.check_sql import Judged, feed_expressions, mart_expressions, promise_expressions, sql_problems
from contracts.codes_read import DIVISIONS, NOT_LISTS, TABLES, labels_of, table_of, tables_of
from contracts.errors import InvalidContract
from contracts.odcs import Flavour, standard
from contracts.problems import Problem
from contracts.read import HOME, older_files, yaml_files
from contracts.yaml_nodes import Lines, Node, lines_of

SQL_OF = {"feed": lambda root: [*feed_expressions(root), *upcast_expressions(root)], "kind": promise_expressions, "mart": mart_expressions}
"""The pieces of SQL in a contract, by flavour."""


def check(paths: Sequence[Path] | None = None, folder: Path = HOME) -> list[Problem]:
    """All problems of the files and folders given (default: the whole release in `folder`), in file and line order.

    The rest of the release is the surroundings: its kinds, feeds, code lists and macros are known.
    """
    shipped, given = yaml_files(folder), yaml_files(folder, paths or ())[len(yaml_files(folder)) :]
    judged = [file for file in given if file.resolve() not in {each.resolve() for each in shipped}]
    wanted = {file.resolve() for file in given} if paths is not None else {file.resolve() for file in shipped}
    sources = [_Source(file) for file in [*shipped, *judged]]
    codes = [*sorted((folder / "codes").glob("*.csv")), *_code_files(paths or ())]
    shipped_older = older_files(folder)
    older = [_Source(file, older=True) for file in (shipped_older if paths is None else [*shipped_older, *older_files(folder, paths)[len(shipped_older) :]])]
    wanted |= {source.file.resolve() for source in older if paths is None or source.file not in shipped_older}
    scope = Scope.of(((source.root, source.flavour) for source in sources if source.root), (source.root for source in older if source.root))
    sources += older
    scope = scope.with_codes(file.stem for file in codes if table_of(file.stem) not in NOT_LISTS)
    problems = [problem for source in sources if source.file.resolve() in wanted for problem in source.problems(scope)]
    problems += [problem for file in codes if paths is None or file.parent != folder / "codes" for problem in _code_problems(file)]
    judged_sql = [source for source in sources if source.file.resolve() in wanted and source.flavour in SQL_OF and source.sound]
    problems += sql_problems([(source.judged(scope), SQL_OF[source.flavour or "feed"]) for source in judged_sql], folder, codes)
    return sorted(set(problems))


class _Source:
    """One contract file as text, tree and lines; `root` is None where it cannot be parsed."""

    def __init__(self, file: Path, older: bool = False) -> None:
        self.file = file
        self.older = older
        self.name = shown(file)
        self.broken: Problem | None = None
        self.root: Node | None = None
        try:
            self.text = file.read_text(encoding="utf-8")
            self.root = Node(_parsed(self.text))
        except yaml.YAMLError as fault:
            self.broken = _yaml_problem(self.name, fault)
        except UnicodeDecodeError:
            self.broken = Problem(self.name, 1, "invalid-yaml", (("detail", "not UTF-8"),))
        except OSError as fault:
            raise InvalidContract(file=self.name, detail=type(fault).__name__) from fault
        self.flavour: Flavour | None = ("feed" if older else _flavour(self.root, file)) if self.root else None

    @cached_property
    def lines(self) -> Lines:
        return lines_of("" if self.broken else self.text)

    @property
    def sound(self) -> bool:
        """Whether the file is a tree that can be judged at all."""
        return self.broken is None and not self.lines.aliases

    def judged(self, scope: Scope) -> Judged:
        root = self.root or Node(None)
        layouts = {version: layout for name, version in scope.older if name == root["id"].text and (layout := layout_of(root, version, scope))}
        return Judged(self.name, root, self.lines, {} if self.flavour != "feed" else layouts)

    def problems(self, scope: Scope) -> Iterable[Problem]:
        """What is wrong with the file by itself and among the others."""
        if self.broken:
            return [self.broken]
        if self.lines.aliases:
            return [Problem(self.name, self.lines.aliases[0], "invalid-yaml", (("detail", "an alias"),))]
        repeated = [Problem(self.name, line, "duplicate-key", (("name", key),)) for key, line in self.lines.repeated]
        shape = list(_shape_faults(self.root.value if self.root else None))
        meaning = [] if shape and not isinstance(self.root and self.root.value, dict) else list(self._meaning(scope))
        return [*repeated, *(Problem(self.name, self.lines.at(found.path), found.code, found.values) for found in [*shape, *meaning])]

    def _meaning(self, scope: Scope) -> Iterable[Found]:
        if self.root is None or self.flavour is None:
            return [Found("unknown-flavour", ())]
        if self.older:
            return older_problems(self.root, scope, self.file.stem)
        judge = {"feed": _feed_problems, "kind": kind_problems, "mart": mart_problems}[self.flavour]
        return judge(self.root, scope)


def _feed_problems(root: Node, scope: Scope) -> Iterable[Found]:
    """All mistakes of one feed, apart from SQL that does not bind."""
    return [*layout_problems(root, scope), *upcast_problems(root, scope), *mapping_problems(root, scope)]


@lru_cache(maxsize=128)
def _parsed(text: str) -> Any:
    """The value of a YAML text. Most files of a release stay the same from one check to the next, and parsing them is most of its cost."""
    return yaml.load(text, Loader=yaml.CSafeLoader)


def shown(file: Path) -> str:
    """A file as a reader finds it: shipped ones by folder and name, because a feed and a kind may share a name, others as given."""
    return str(file.relative_to(HOME)) if file.is_relative_to(HOME) else str(file)


def _yaml_problem(file: str, fault: yaml.YAMLError) -> Problem:
    mark = getattr(fault, "problem_mark", None)
    detail = getattr(fault, "problem", None) or str(fault).splitlines()[0]
    return Problem(file, mark.line + 1 if mark else 1, "invalid-yaml", (("detail", detail),))


def _flavour(root: Node, file: Path) -> Flavour | None:
    """Told by the property only that flavour has, else by the folder the file lies in."""
    by_mark: dict[str, Flavour] = {"format": "feed", "retention_days": "kind", "consumers": "mart"}
    by_folder: dict[str, Flavour] = {"feeds": "feed", "entities": "kind", "marts": "mart"}
    told = next((flavour for mark, flavour in by_mark.items() if root.custom(mark)), None)
    return told or by_folder.get(file.parent.name)


def _shape_faults(value: Any) -> Iterable[Found]:
    """What the standard's own model says, unknown keys included."""
    try:
        standard().model_validate(value, extra="forbid")
    except ValidationError as fault:
        yield from (_shape_fault(each["type"], each["loc"], each["msg"]) for each in fault.errors(include_url=False))


def _shape_fault(kind: str, place: tuple[int | str, ...], message: str) -> Found:
    if kind == "extra_forbidden":
        return Found("unknown-key", place, (("name", str(place[-1])),))
    return Found("wrong-shape", place, (("name", ".".join(str(step) for step in place)), ("detail", message)))


def _code_files(paths: Iterable[Path]) -> list[Path]:
    return [file for path in paths for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path]) if file.suffix == ".csv"]


def _code_problems(file: Path) -> Iterable[Problem]:
    """A code list needs its three columns and every code once."""
    text = file.read_text(encoding="utf-8")
    if table_of(file.stem) in TABLES:
        return _table_problems(file, text)
    try:
        labels = labels_of(text)
    except KeyError as fault:
        return [Problem(shown(file), 1, "invalid-code-list", (("detail", f"no column {fault}"),))]
    if file.stem == DIVISIONS and not labels:
        return [Problem(shown(file), 1, "invalid-code-list", (("detail", "no rows"),))]
    codes = Counter(line.split(",", 1)[0].strip('"') for line in text.splitlines()[1:] if line)
    return [Problem(shown(file), 1, "invalid-code-list", (("detail", f"{code} occurs {count} times"),)) for code, count in codes.items() if count > 1]


def _table_problems(file: Path, text: str) -> Iterable[Problem]:
    """A table of parameters has its columns and no others."""
    try:
        tables_of({file.stem: text})
    except ValueError as fault:
        return [Problem(shown(file), 1, "invalid-code-list", (("detail", str(fault)),))]
    return []
