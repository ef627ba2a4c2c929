"""Contracts as they were at another time or place, and what two versions of them tell: the edge between names that people give (a file, a folder, a moment, a git revision) and the comparison."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from cabin.errors import GitMissing, RevisionUnknown
from cabin.ports import own_feeds
from cabin.session import Session
from contracts.errors import InvalidContract
from contracts.evolution import Bump, Change, Side, Verdict
from contracts.evolution.rule import DIRECTIONS, PARTIES
from contracts.evolution.sides import texts_of, together
from contracts.model import Label
from contracts.read import HOME, OLD, Texts, older_files, read_text, texts

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
ENDINGS = frozenset({".yaml", ".csv", ".sql"})


def present(session: Session, files: Sequence[Path] = ()) -> Side:
    """The contracts of now: those shipped with the data folder's own, or only the files and folders named. Raises: `InvalidContract`, `RevisionUnknown`."""
    if files:
        return Side.of(_together(_lying(each)[0] for each in files), whole=False)
    return Side.of(texts(extra=own_feeds(session.data)), whole=True)


def named(session: Session, name: str, files: Sequence[Path] = ()) -> Side:
    """The contracts that a name means: a file or folder, else what was released at a moment, else a git revision, of `files` where they are given.

    Raises: `RevisionUnknown`, `GitMissing`, `InvalidContract`; of a moment what `released_at` raises.
    """
    path = Path(name)
    if path.exists():
        return Side.of(*_lying(path))
    if MOMENT.fullmatch(name):
        return _released(session, name)
    try:
        return _at_revision(session, name, files)
    except InvalidContract as fault:
        raise InvalidContract(file=f"{name}:{fault.values['file']}", detail=fault.values["detail"]) from fault


def _lying(path: Path) -> tuple[Texts, bool]:
    """A file, with the older versions of its feed, or a folder; and whether it is a whole release."""
    if path.is_dir():
        files = {str(each.relative_to(path)): each for each in sorted(path.rglob("*")) if each.suffix in ENDINGS}
        return texts_of({name: read_text(each) for name, each in files.items()})
    if not path.exists():
        raise RevisionUnknown(name=str(path))
    return texts_of({path.name: read_text(path), **{f"{OLD}/{each.name}": read_text(each) for each in older_files(path.parent, [path])}})


def _together(found: Iterable[Texts]) -> Texts:
    whole = Texts((), {}, {})
    for each in found:
        whole = together(whole, each)
    return whole


def _released(session: Session, name: str) -> Side:
    from cabin.remembered import folder_of, moment_of
    from warehouse.history import released_at

    moment = moment_of(name)
    if moment is None:
        raise RevisionUnknown(name=name)
    return Side(released_at(folder_of(session), session.contracts, moment).contracts, whole=True)


def _at_revision(session: Session, revision: str, files: Sequence[Path]) -> Side:
    """The shipped contracts as they were committed, with the data folder's own as they are now; or only `files` as they were, those that were not there yet left out."""
    if not files:
        shipped, whole = texts_of(_committed(HOME, revision))
        own = [_lying(each)[0] for each in own_feeds(session.data)]
        return Side.of(_together([shipped, *own]), whole)
    found = []
    for path in files:
        lying = _committed(path if path.is_dir() else path.resolve().parent, revision)
        names = {path.name, *(f"{OLD}/{each.name}" for each in older_files(path.parent, [path]))}
        found.append(texts_of(lying if path.is_dir() else {name: text for name, text in lying.items() if name in names})[0])
    return Side.of(_together(found), whole=False)


def _committed(folder: Path, revision: str) -> dict[str, str]:
    """The texts below a folder in a revision of the repository that the folder lies in, by path."""
    top, inside = _git(folder, revision, "rev-parse", "--show-toplevel", "--show-prefix").decode().split("\n")[:2]
    _git(folder, revision, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    tar = tarfile.open(fileobj=io.BytesIO(_git(Path(top), revision, "archive", "--format=tar", f"{revision}:{inside}")))  # noqa: SIM115
    with tar:
        members = [each for each in tar.getmembers() if each.isfile() and Path(each.name).suffix in ENDINGS]
        return {each.name: file.read().decode("utf-8") for each in members if (file := tar.extractfile(each)) is not None}


def _git(folder: Path, revision: str, *arguments: str) -> bytes:
    if revision.startswith("-"):
        raise RevisionUnknown(name=revision)
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError as fault:
        raise GitMissing() from fault
    if done.returncode != 0:
        raise RevisionUnknown(name=revision)
    return done.stdout


def tell(session: Session, found: Sequence[Verdict], new: Side) -> None:
    """Every contract that changed, its changes, and what its version lacks; for machines under `contracts`."""
    out = session.out
    for verdict in found:
        out.line(*(_heading(verdict, new, lang) for lang in ("en", "zh")))
        for change in verdict.changes:
            out.line(*(_line(change, lang) for lang in ("en", "zh")))
        if not verdict.enough:
            out.line(*(f"  {word}: {hint_of(verdict).get(lang)}" for lang, word in (("en", "hint"), ("zh", "建议"))))
    out.document["contracts"] = [_document(verdict, new, session.settings.lang) for verdict in found]


def hint_of(verdict: Verdict) -> Label:
    """What to do about a version that does not tell enough."""
    if verdict.needed is Bump.NEVER:
        return Label("升版本也不能弥补：请按上面的说明恢复或保留。", "No version makes this right: restore or keep what is named above.")
    if not verdict.after:
        return Label("请先恢复，并在一个版本中标为 status: deprecated，再删除。", "Restore it and say `status: deprecated` for one version before it goes.")
    return Label(f"请把 version 升到 {verdict.least} 或更高。", f"Raise its version to {verdict.least} or more.")


def _heading(verdict: Verdict, new: Side, lang: str) -> str:
    place = new.place(verdict.flavour, verdict.name)
    step = f"{verdict.before or '-'} -> {verdict.after or '-'}"
    needs = {"en": f"needs {verdict.needed.word}", "zh": f"需要 {verdict.needed.word}"}[lang]
    judged = {"en": ("version too low [version-not-bumped]", "told enough"), "zh": ("版本升得不够 [version-not-bumped]", "版本足够")}[lang][verdict.enough]
    return f"{place.file}:{place.line}: {verdict.name} {step}, {needs}: {judged}"


def _line(change: Change, lang: str) -> str:
    stop = {"en": ". ", "zh": "。"}[lang]
    return f"  {change.fact.get(lang)}{stop}{change.meaning.get(lang)} [{change.rule.code}; {change.rule.bump.word}] {_who(change, lang)}".rstrip()


def _who(change: Change, lang: str) -> str:
    parties = ("、" if lang == "zh" else ", ").join(PARTIES[party].get(lang) for party in change.rule.breaks)
    if not parties:
        return ""
    return (
        f"{DIRECTIONS[change.rule.direction].get(lang)}（受影响：{parties}）"
        if lang == "zh"
        else f"{DIRECTIONS[change.rule.direction].en} (who breaks: {parties})"
    )


def _document(verdict: Verdict, new: Side, lang: str) -> dict[str, object]:
    place = new.place(verdict.flavour, verdict.name)
    return {
        "file": place.file,
        "line": place.line,
        "what": verdict.flavour,
        "name": verdict.name,
        "before": verdict.before,
        "after": verdict.after,
        "needed": verdict.needed.word,
        "least": verdict.least,
        "enough": verdict.enough,
        "code": None if verdict.enough else "version-not-bumped",
        "hint": None if verdict.enough else hint_of(verdict).get(lang),
        "changes": [_changed(change, lang) for change in verdict.changes],
    }


def _changed(change: Change, lang: str) -> dict[str, object]:
    rule = change.rule
    said = {"fact": change.fact.get(lang), "meaning": change.meaning.get(lang), "part": change.found.part, "old": change.found.old, "new": change.found.new}
    judged = {"direction": rule.direction, "breaks": list(rule.breaks), "bump": rule.bump.word, "refold": rule.refold}
    return {"code": rule.code, "list": change.owner if rule.flavour == "codes" else None, **judged, **said}
