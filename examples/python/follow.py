"""Follow a topic of golden records from an exported snapshot: `python follow.py BROKERS FOLDER [--once]`.

FOLDER holds what `cabin export entity KIND --to FOLDER` wrote. The follower loads it, reads the topic from its positions, keeps the highest version of each entity, and writes the
folder anew whenever it is at rest, so that it can be stopped at any moment. A gap is never ignored: it ends with exit code 4 and says what to do. Needs kafka-python, nothing else.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import OffsetOutOfRangeError, UnknownTopicOrPartitionError

GAP = 4
POLL_MILLISECONDS = 1_000
BEIJING = timezone(timedelta(hours=8))


class Gap(Exception):
    """Something between the snapshot and the topic may be missing; only a new snapshot helps."""


class Snapshot:
    """The folder: entities by id as (generation, version, record), and the positions behind them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.positions: dict[str, Any] = json.loads((folder / "positions.json").read_text(encoding="utf-8"))
        self.entities: dict[str, tuple[str, int, Any]] = {}
        content = (folder / self.positions["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.positions["sha256"]:
            raise Gap("snapshot-damaged: the file is not the one its positions were written for")
        for line in content.splitlines():
            held = json.loads(line)
            self.entities[held["entity"]] = (held["generation"], held["version"], held["record"])

    def take(self, message: Any) -> None:
        """Apply one message. A tombstone keeps its version, so that an older message cannot bring the entity back."""
        headers = {name: value.decode() for name, value in message.headers}
        entity, generation, version = message.key.decode(), headers["generation"], int(headers["version"])
        held = self.entities.get(entity)
        if held is None or held[0] != generation or held[1] <= version:
            self.entities[entity] = (generation, version, None if message.value is None else json.loads(message.value))

    def save(self, ends: dict[int, int]) -> None:
        """Write entities, then positions, each on disk before its name is known."""
        lines = [
            json.dumps({"entity": entity, "generation": generation, "version": version, "record": record}, ensure_ascii=False, separators=(",", ":"))
            for entity, (generation, version, record) in sorted(self.entities.items())
        ]
        content = "".join(line + "\n" for line in lines).encode()
        digest, old = hashlib.sha256(content).hexdigest(), self.positions["file"]
        self.positions |= {"partitions": {str(number): end for number, end in ends.items()}, "moment": datetime.now(BEIJING).isoformat(timespec="milliseconds")}
        self.positions |= {"file": f"{self.positions['kind']}.{digest[:16]}.ndjson", "sha256": digest, "entities": len(lines)}
        self._write(self.positions["file"], content)
        self._write("positions.json", json.dumps(self.positions, indent=2).encode())
        if old != self.positions["file"]:
            (self.folder / old).unlink(missing_ok=True)

    def _write(self, name: str, content: bytes) -> None:
        half = self.folder / f"{name}.half"
        with half.open("wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        half.replace(self.folder / name)
        folder = os.open(self.folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class Follower:
    """Reads the topic of a snapshot from its positions on."""

    def __init__(self, brokers: str, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.topic = snapshot.positions["topic"]
        self.places = {int(number): TopicPartition(self.topic, int(number)) for number in snapshot.positions["partitions"]}
        self.admin = KafkaAdminClient(bootstrap_servers=brokers)
        self.consumer = KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False, auto_offset_reset="none", isolation_level="read_committed")

    def close(self) -> None:
        self.consumer.close()
        self.admin.close()

    def begin(self) -> None:
        """Go to the snapshot's positions, if everything since is still there."""
        kept = timedelta(milliseconds=self.snapshot.positions["tombstones_kept_ms"])
        if datetime.now(BEIJING) - datetime.fromisoformat(self.snapshot.positions["moment"]) > kept:
            raise Gap("snapshot-too-old: entities may have been deleted and their tombstones already forgotten")
        wanted = {number: int(offset) for number, offset in self.snapshot.positions["partitions"].items()}
        self.check({int(number): offset for number, offset in wanted.items()})
        self.consumer.assign(list(self.places.values()))
        for number, place in self.places.items():
            self.consumer.seek(place, wanted[str(number)])

    def check(self, positions: dict[int, int]) -> None:
        """Raises `Gap` where the topic is another one, or does not reach from before these positions to behind them."""
        try:
            (told,) = self.admin.describe_topics([self.topic])
        except UnknownTopicOrPartitionError as error:
            raise Gap("topic-made-anew: the topic is gone") from error
        if str(told["topic_id"]) != self.snapshot.positions["topic_id"]:
            raise Gap("topic-made-anew: another topic of the same name; its offsets mean nothing here")
        if len(told["partitions"]) != len(positions):
            raise Gap("partitions-changed: entities may lie in other partitions now")
        places = list(self.places.values())
        begins, ends = self.consumer.beginning_offsets(places), self.consumer.end_offsets(places)
        for number, position in positions.items():
            place = self.places[number]
            if begins[place] > position:
                raise Gap(f"start-truncated: partition {number} begins at {begins[place]}, behind the snapshot's {position}")
            if ends[place] < position:
                raise Gap(f"end-below-position: partition {number} ends at {ends[place]}, before the snapshot's {position}")

    def run(self, once: bool) -> int:
        """Take messages until the end as it is at rest (`once`) or for ever; gives how many there were."""
        taken, new = 0, True
        while True:
            try:
                batches = self.consumer.poll(timeout_ms=POLL_MILLISECONDS)
            except OffsetOutOfRangeError as error:
                raise Gap("start-truncated: the topic was cut while it was followed") from error
            for messages in batches.values():
                for message in messages:
                    self.snapshot.take(message)
                    taken, new = taken + 1, True
            positions = {number: self.consumer.position(place) for number, place in self.places.items()}
            if not batches:
                self.check(positions)
                if new:
                    self.snapshot.save(positions)
                    new = False
                if once and all(positions[number] >= end for number, end in self._ends().items()):
                    return taken

    def _ends(self) -> dict[int, int]:
        return {place.partition: end for place, end in self.consumer.end_offsets(list(self.places.values())).items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("brokers")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--once", action="store_true", help="end when everything there is was read")
    given = parser.parse_args()
    try:
        snapshot = Snapshot(given.folder)
        follower = Follower(given.brokers, snapshot)
        try:
            follower.begin()
            taken = follower.run(given.once)
        finally:
            follower.close()
    except Gap as gap:
        print(f"gap: {gap}\nhint: export a new snapshot with `cabin export entity` and load it in place of what you hold", file=sys.stderr)
        return GAP
    alive = sum(record is not None for _, _, record in snapshot.entities.values())
    print(f"{snapshot.positions['topic']}: {alive} entities, {taken} messages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
