"""A kind's golden records as a file for subscribers, with the positions from which `cabin.entity.<kind>` goes on."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson

from contracts.topics import COMPACTED
from streams.log.latest import Compacted, Kept, compacted

POSITIONS = "positions.json"
"""Written last: it names the file that belongs to it, so that a half-written export is none."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What lies in the folder now."""

    file: str
    entities: int
    positions: Mapping[int, int]


def export_entities(brokers: str, kind: str, folder: Path, moment: datetime) -> Exported:
    """Write what the topic holds now; an earlier export in the folder is replaced when this one is on disk.

    The file has one JSON object a line: entity, generation, version, record. Raises: `BrokerUnreachable`, `TopicsMissing`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with compacted(brokers, f"cabin.entity.{kind}") as topic:
        half = folder / f"{kind}.half"
        entities, digest = _write(half, topic)
    file = folder / f"{kind}.{digest[:16]}.ndjson"
    half.replace(file)
    _write_positions(
        folder, topic, {"file": file.name, "sha256": digest, "entities": entities, "kind": kind, "moment": f"{moment.isoformat(timespec='milliseconds')}+08:00"}
    )
    for other in folder.glob(f"{kind}.*.ndjson"):
        if other != file:
            other.unlink()
    return Exported(file.name, entities, topic.ends)


def _write(path: Path, topic: Compacted) -> tuple[int, str]:
    """The lines of every partition, on disk; how many, and their SHA-256. One partition is in memory at a time."""
    entities, digest = 0, hashlib.sha256()
    with path.open("wb") as target:
        for partition in sorted(topic.ends):
            for line in _lines(topic.last(partition)):
                target.write(line)
                digest.update(line)
                entities += 1
        target.flush()
        os.fsync(target.fileno())
    return entities, digest.hexdigest()


def _lines(kept: Mapping[bytes, Kept]) -> Iterator[bytes]:
    """In order of entities, so that equal topics make equal files."""
    for key, held in sorted(kept.items()):
        head = orjson.dumps({"entity": key.decode(), "generation": held.generation, "version": held.version})
        yield head[:-1] + b',"record":' + (held.value or b"null") + b"}\n"


def _write_positions(folder: Path, topic: Compacted, about: Mapping[str, object]) -> None:
    where = {"topic": topic.topic, "topic_id": topic.topic_id, "partitions": {str(number): end for number, end in sorted(topic.ends.items())}}
    value = {**where, **about, "tombstones_kept_ms": int(COMPACTED["delete.retention.ms"])}
    half = folder / f"{POSITIONS}.half"
    with half.open("wb") as target:
        target.write(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")
        target.flush()
        os.fsync(target.fileno())
    half.replace(folder / POSITIONS)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
