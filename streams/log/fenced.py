"""The writer for subscribers on Apache Kafka: transactions under the id of a claims partition, so that a paused former owner who wakes up can write no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaError, ProducerFencedError

from contracts.ports import Message
from contracts.topics import MESSAGE_BYTES
from streams.log.errors import FencedOut
from streams.log.kafka import knock, pairs, reached

LINGER_MILLISECONDS = 5
BATCH_BYTES = 512_000


class FencedProducer:
    """Implements `contracts.ports.Fenced`. Opening it fences the one opened before for the same partition, whose next `send` raises `FencedOut`."""

    def __init__(self, brokers: str, partition: int) -> None:
        self._brokers, self._partition = brokers, partition
        knock(brokers)
        with reached(brokers):
            self._producer = KafkaProducer(
                bootstrap_servers=brokers,
                transactional_id=f"cabin-entity-{partition}",
                linger_ms=LINGER_MILLISECONDS,
                batch_size=BATCH_BYTES,
                max_request_size=2 * MESSAGE_BYTES,
            )
            self._producer.init_transactions()
            self._consumer = KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False)

    def send(self, messages: Sequence[tuple[str, Message]]) -> None:
        with reached(self._brokers):
            try:
                self._producer.begin_transaction()
                self._send(messages)
            except KafkaError as error:
                if fenced_by(error):
                    raise FencedOut(partition=self._partition) from error
                raise

    def _send(self, messages: Sequence[tuple[str, Message]]) -> None:
        """All of them in the open transaction, or none."""
        try:
            for topic, message in messages:
                self._producer.send(topic, value=message.value or None, key=message.key or None, headers=pairs(message.headers), partition=self._partition)
            self._producer.commit_transaction()
        except ProducerFencedError:
            raise
        except BaseException:
            self._producer.abort_transaction()
            raise

    def ends(self, topics: Sequence[str]) -> Mapping[str, int]:
        with reached(self._brokers):
            places = [TopicPartition(topic, self._partition) for topic in topics]
            return {place.topic: int(end) for place, end in self._consumer.end_offsets(places).items()}

    def close(self) -> None:
        self._producer.close()
        self._consumer.close()


def fenced_by(error: KafkaError) -> bool:
    """Whether a writer opened later is the reason: the client says so itself, or, where its own thread was told first, in the words of whatever was asked of it next."""
    return isinstance(error, ProducerFencedError) or ProducerFencedError.__name__ in str(error)
