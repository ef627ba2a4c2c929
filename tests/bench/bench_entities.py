"""What subscribers are told: golden records of a whole district as JSON messages on the entity topics, each page a transaction of a fenced producer.

What: the demo district, folded by `cabin run`; its states are announced to a broker as workers do it (the next page is made while one is on its way), first one
partition, then two in processes of their own. Unit: messages a second of wall time, planning (discrepancies) apart. Aim: 15,000 messages/s; one fenced kafka-python
producer alone did 15,700 of 300 bytes. Too slow: below 10,000.
Then the same pages once more one step after another, in processor seconds: JSON made by SQL, Python lists and headers, kafka-python.
Beside it what Kafka's own tool reads of the largest topic.
Run: `python -m tests.bench.bench_entities [people]`.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import psutil
from kafka import KafkaAdminClient

from cabin.demo.generate import generate
from cabin.ports import open_log
from cabin.settings import Brokers
from contracts.partition import Share
from contracts.read import load
from contracts.subscribers import entity_sql
from contracts.topics import DISCREPANCIES, ENTITY, topics
from streams.log.fenced import FencedProducer
from streams.log.topics import create, delete
from streams.reconcile import State
from streams.reconcile.announcer import Addressed, Announcer, Round
from tests.bench.bench_kafka_fold import tool_rate
from tests.bench.on_broker import PARTITIONS, on_broker


@dataclass(frozen=True, slots=True)
class Told:
    """What one process told: moments are of the monotonic clock, `costs` are processor seconds by step."""

    messages: Counter[str]
    size: int
    begun: float
    ended: float
    planning_seconds: float
    peak_mb: float
    costs: Counter[str]


def told(data: Path, addresses: str, partition: int) -> Told:
    """Announces one partition's state; nothing of it is remembered, so it can be told again."""
    with ExitStack() as stack:
        log = stack.enter_context(open_log(data, Brokers(addresses, PARTITIONS)))
        state = stack.enter_context(State.open(data / "state" / f"p{partition}.duckdb", load(), Share(partition, PARTITIONS)))
        fenced = FencedProducer(addresses, partition)
        stack.callback(fenced.close)
        announcer = Announcer(log, state, fenced, "bench")
        planned = time.monotonic()
        told = announcer.begin()
        begun = time.monotonic()
        messages, size = _pipelined(announcer, fenced, told)
        ended = time.monotonic()
        costs = _costs(state, announcer, fenced, told)
        return Told(messages, size, begun, ended, begun - planned, psutil.Process().memory_info().rss / 1e6, costs)


def _pipelined(announcer: Announcer, fenced: FencedProducer, told: Round) -> tuple[Counter[str], int]:
    """As `streams.agents.desk` does it: messages by topic and their bytes."""
    sent: Counter[str] = Counter()
    size = 0
    messages: list[Addressed] = [*told.gone, *told.facts]
    with ThreadPoolExecutor(1) as thread:
        for page in [*told.pages, None]:
            sending = thread.submit(fenced.send, messages)
            sent.update(topic for topic, _ in messages)
            size += sum(len(message.value) + len(message.key) for _, message in messages)
            messages = announcer.page(told, *page) if page else []
            sending.result()
    return sent, size


def _costs(state: State, announcer: Announcer, fenced: FencedProducer, told: Round) -> Counter[str]:
    """Processor seconds of each step over all pages. JSON is made a second time to know what of a page it is."""
    costs: Counter[str] = Counter()
    for kind, number, count in told.pages:
        rows = f"(select * from golden_{kind} where version > {told.since} and version <= {told.version} and hash(entity) % {count} = {number})"
        begun = time.process_time()
        state.connection.sql(entity_sql(state.contracts.kinds[kind], state.contracts, rows)).to_arrow_table()
        made = time.process_time()
        messages = announcer.page(told, kind, number, count)
        listed = time.process_time()
        fenced.send(messages)
        costs["json"] += made - begun
        costs["headers"] += (listed - made) - (made - begun)
        costs["kafka_python"] += time.process_time() - listed
    return costs


def renewed(addresses: str) -> None:
    """Empty topics for subscribers."""
    admin = KafkaAdminClient(bootstrap_servers=addresses)
    wanted = [topic for topic in topics(load(), PARTITIONS) if topic.name.startswith(ENTITY) or topic.name == DISCREPANCIES]
    delete(admin, [topic.name for topic in wanted])
    create(admin, wanted)
    admin.close()


def together(data: Path, addresses: str, partitions: range) -> list[Told]:
    """These partitions side by side, a process each."""
    renewed(addresses)
    with ProcessPoolExecutor(len(partitions), mp_context=get_context("spawn")) as pool:
        return list(pool.map(told, [data] * len(partitions), [addresses] * len(partitions), partitions))


def figures(name: str, found: list[Told]) -> dict[str, object]:
    """Rates over all processes, and what share of the processor each step took."""
    messages = sum(sum(each.messages.values()) for each in found)
    seconds = max(each.ended for each in found) - min(each.begun for each in found)
    costs = sum((each.costs for each in found), Counter())
    whole = sum(costs.values()) or 1.0
    return {
        f"{name}_messages": messages,
        f"{name}_messages_per_second": round(messages / seconds),
        f"{name}_bytes_per_message": round(sum(each.size for each in found) / max(1, messages)),
        f"{name}_planning_seconds": round(max(each.planning_seconds for each in found), 2),
        f"{name}_peak_mb_per_process": round(max(each.peak_mb for each in found)),
        **{f"{name}_share_{step}": round(seconds / whole, 2) for step, seconds in costs.items()},
        f"{name}_messages_per_processor_second": round(messages / whole),
    }


def measure(people: int) -> dict[str, object]:
    """Everything at one size."""
    with on_broker() as place:
        generate(place.folder / "demo", people)
        place.cabin("land", "auto", str(place.folder / "demo" / "deliveries"), CABIN_BROKERS="")
        shutil.rmtree(place.folder / "demo")
        place.cabin("run", CABIN_BROKERS="")
        place.cabin("topics", "apply")
        one = together(place.data, place.broker.address, range(1))
        two = together(place.data, place.broker.address, range(PARTITIONS))
        topic, messages = sum((each.messages for each in two), Counter()).most_common(1)[0]
        tool = tool_rate(place, topic, messages)
    found: dict[str, object] = {"people": people} | figures("one_partition", one) | figures("two_partitions", two)
    return found | {"kafka_tool_topic": topic, "kafka_tool_messages_per_second": round(tool["messages_per_second"])}


def main() -> None:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print(json.dumps(measure(people), indent=1))


if __name__ == "__main__":
    main()
