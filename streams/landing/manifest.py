"""What is declared about a delivery: options first, then the manifest beside the file, then the contract's first mode."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from contracts.model import Contracts, Feed, Label
from contracts.near import near
from streams.errors import BrokenManifest, SnapshotUndeclared, UnknownFeed, WrongDeclaration
from streams.landing.model import Declared

SUFFIX = ".manifest.json"
FIELDS = frozenset({"feed", *(field.name for field in dataclasses.fields(Declared))})


def manifest_of(file: Path) -> Path:
    """Where the manifest of a delivered file lies."""
    return file.with_name(file.name + SUFFIX)


def feed_named(contracts: Contracts, name: str) -> Feed:
    """The contract's feed; raises `UnknownFeed`, which names near ones."""
    if name in contracts.feeds:
        return contracts.feeds[name]
    raise UnknownFeed(feed=name, near=near(name, contracts.feeds))


def feed_in_manifest(file: Path) -> str | None:
    """The feed a manifest names, for folders of files of several feeds."""
    name = _read(file).get("feed")
    return str(name) if name else None


def declared_for(feed: Feed, file: Path, given: Declared) -> Declared:
    """Everything declared, complete and checked; a snapshot has moment, area and rows.

    Raises: `BrokenManifest`, `WrongDeclaration`, `SnapshotUndeclared`.
    """
    written = _read(file)
    if written.get("feed") not in (None, feed.name):
        raise WrongDeclaration(file=file.name, field="feed", value=written["feed"], detail=Label(f"正作为 {feed.name} 入舱", f"landed as {feed.name}"))
    merged = dataclasses.replace(_typed(file, written), **{name: value for name, value in _given(given).items() if value not in (None, ())})
    mode = merged.mode or ("increment" if "increment" in feed.modes else feed.modes[0])
    part, parts = merged.part or 1, merged.parts or 1
    _check(feed, file, dataclasses.replace(merged, mode=mode, part=part, parts=parts))
    return dataclasses.replace(merged, mode=mode, part=part, parts=parts)


def _given(declared: Declared) -> dict[str, Any]:
    return {field.name: getattr(declared, field.name) for field in dataclasses.fields(declared)}


def _read(file: Path) -> Mapping[str, Any]:
    path = manifest_of(file)
    if not path.exists():
        return {}
    try:
        written = orjson.loads(path.read_bytes())
    except (orjson.JSONDecodeError, OSError) as error:
        raise BrokenManifest(file=path.name, detail=Label("不是 JSON", "no JSON")) from error
    if not isinstance(written, dict):
        raise BrokenManifest(file=path.name, detail=Label("不是 JSON 对象", "no JSON object"))
    unknown = sorted(set(written) - FIELDS)
    if unknown:
        raise BrokenManifest(file=path.name, detail=Label(f"未知字段 {', '.join(unknown)}", f"unknown fields {', '.join(unknown)}"))
    return written


def _typed(file: Path, written: Mapping[str, Any]) -> Declared:
    def number(name: str) -> int | None:
        value = written.get(name)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise WrongDeclaration(file=file.name, field=name, value=value, detail=Label("需要整数", "a whole number is needed"))
        return value

    supersedes = written.get("supersedes") or ()
    return Declared(
        moment=moment_of(file, written["moment"]) if written.get("moment") else None,
        area=str(written["area"]) if written.get("area") else None,
        mode=written.get("mode"),
        rows=number("rows"),
        part=number("part"),
        parts=number("parts"),
        supersedes=(supersedes,) if isinstance(supersedes, str) else tuple(supersedes),
    )


def moment_of(file: Path, text: object) -> datetime:
    """A moment as declared: ISO date or date and time, Beijing time; a zone is converted and dropped."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        detail = Label("需要 ISO 日期或时间", "an ISO date or time is needed")
        raise WrongDeclaration(file=file.name, field="moment", value=text, detail=detail) from error
    return beijing(moment)


def beijing(moment: datetime) -> datetime:
    """Without zone, in milliseconds."""
    if moment.tzinfo is not None:
        from datetime import timedelta, timezone

        moment = moment.astimezone(timezone(timedelta(hours=8))).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def _check(feed: Feed, file: Path, declared: Declared) -> None:
    if declared.mode not in feed.modes:
        modes = ", ".join(feed.modes)
        raise WrongDeclaration(
            file=file.name, field="mode", value=declared.mode, detail=Label(f"{feed.name} 的方式为 {modes}", f"{feed.name} delivers {modes}")
        )
    if not 1 <= (declared.part or 1) <= (declared.parts or 1):
        raise WrongDeclaration(file=file.name, field="part", value=declared.part, detail=Label(f"共 {declared.parts} 部分", f"of {declared.parts}"))
    if declared.area is not None and not (declared.area.isascii() and declared.area.isdigit() and len(declared.area) in (2, 4, 6, 9, 12)):
        detail = Label("需要 2、4、6、9 或 12 位区划代码", "a division code of 2, 4, 6, 9 or 12 digits is needed")
        raise WrongDeclaration(file=file.name, field="area", value=declared.area, detail=detail)
    if declared.mode == "snapshot":
        missing = [name for name in ("moment", "area", "rows") if getattr(declared, name) is None]
        if missing:
            raise SnapshotUndeclared(file=file.name, missing=", ".join(missing))
