"""Writes what a person asked to be written, in a thread of its own: each record is acknowledged or refused in time.

Unlike the pipeline's producer, which owes every result and waits for as long as it takes, this one gives up: a person
sits before it. It is used for one piece of work and thrown away, so that a refusal cannot spoil what comes after.
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from confluent_kafka import KafkaError, KafkaException, Producer

from kafka_agent_studio.api.transfers import MessagePlace, NewMessage
from kafka_agent_studio.engine.kafka.admin_types import AdminError
from kafka_agent_studio.engine.kafka.client_config import ClientConfig

TIMEOUT_S = 10.0
FIRST_ANSWER_S = 2.0
"""A cluster that has not told about its topics by then is asked for its trouble."""
DELIVERY_S = 20.0
POLL_S = 0.1
MOST_WAITING = 10_000
WAITING_KB = 32 * 1024
MAX_MESSAGE_BYTES = 100 * 1024 * 1024

ResultT = TypeVar("ResultT")


class TopicWriter:
    """Writes to the topics of one cluster; used in one thread. Idempotent, acks=all, in order per partition."""

    def __init__(self, *, config: ClientConfig, cancelled: threading.Event) -> None:
        self.written = 0
        """Records that were acknowledged."""
        self._config = config
        self._cancelled = cancelled
        self._error: KafkaError | None = None
        self._trouble: KafkaError | None = None
        self._producer: Any = Producer(self._settings())

    def close(self) -> None:
        """Let go of it; what was not acknowledged is given up."""
        self._producer.purge()
        with contextlib.suppress(KafkaException):  # what it has to say was said
            self._producer.flush(1)

    def partitions(self, topic: str) -> int:
        """Return how many a topic has; 0 where it does not exist. Asking creates it on the embedded broker only.

        Raises:
            AdminError: the cluster did not answer, or refused.
        """
        asked = (topic,) if self._config.cluster.is_sandbox else ()
        metadata = self._metadata(asked)
        found = metadata.topics.get(topic)
        if found is None:
            return 0
        if found.error is not None:
            raise AdminError(found.error.code(), found.error.str())
        return len(found.partitions)

    def write(
        self, topic: str, message: NewMessage, *, on_written: Callable[[MessagePlace], None] | None = None
    ) -> None:
        """Begin to write one; `on_written` is told its place, in this thread, during a later call.

        Raises:
            AdminError: this one, or an earlier one, was refused.
        """
        choices: dict[str, Any] = {}
        if message.partition is not None:
            choices["partition"] = message.partition
        if message.timestamp_ms is not None:
            choices["timestamp"] = message.timestamp_ms

        def answered(error: KafkaError | None, answer: Any) -> None:
            if error is not None:
                self._error = self._error or error
                return
            self.written += 1
            if on_written is not None:
                on_written(MessagePlace(topic, answer.partition(), answer.offset()))

        while True:
            self._raise_refusal()
            try:
                self._producer.produce(
                    topic,
                    message.value,
                    key=message.key,
                    headers=list(message.headers),
                    on_delivery=answered,
                    **choices,
                )
            except BufferError:
                if self._cancelled.is_set():
                    return
                self._call(lambda: self._producer.poll(POLL_S))
            except KafkaException as error:
                if error.args[0].code() == KafkaError._FATAL:  # noqa: SLF001 - its name in the library
                    # the broker refused the producer before it had anything to write: polled, it says why
                    self._call(lambda: self._producer.poll(POLL_S))
                    self._raise_refusal()
                raise AdminError(error.args[0].code(), error.args[0].str()) from None
            else:
                self._call(lambda: self._producer.poll(0))
                return

    def flush(self) -> None:
        """Wait until all are acknowledged. Raises: AdminError where one was refused, or the broker is gone."""
        while len(self._producer) and self._error is None:
            # ends by itself: each record is refused after DELIVERY_S
            self._call(lambda: self._producer.flush(POLL_S))
        self._raise_refusal()

    def _raise_refusal(self) -> None:
        if self._error is not None:
            raise AdminError(self._error.code(), self._error.str())

    def _metadata(self, asked: tuple[str, ...]) -> Any:
        ends_s = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return self._call(lambda: self._producer.list_topics(*asked, timeout=FIRST_ANSWER_S))
            except AdminError:
                # polled, the client tells of what it would go on trying for ever
                self._producer.poll(0)
                if self._cancelled.is_set() or self._trouble is not None or time.monotonic() > ends_s:
                    raise

    def _on_trouble(self, error: KafkaError) -> None:
        self._trouble = error

    def _call(self, ask: Callable[[], ResultT]) -> ResultT:
        try:
            return ask()
        except KafkaException as error:
            raise AdminError(error.args[0].code(), error.args[0].str()) from None

    def _settings(self) -> dict[str, Any]:
        return {
            **self._config.confluent(),
            "enable.idempotence": True,
            "acks": "all",
            "delivery.timeout.ms": round(DELIVERY_S * 1000),
            "request.timeout.ms": 10_000,
            "linger.ms": 5,
            "message.max.bytes": MAX_MESSAGE_BYTES,
            "queue.buffering.max.messages": MOST_WAITING,
            "queue.buffering.max.kbytes": WAITING_KB,
            # where Java's producers, and the pipeline, put a key
            "partitioner": "murmur2_random",
            "error_cb": self._on_trouble,
        }
