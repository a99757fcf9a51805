"""A Kafka broker inside the process: librdkafka's mock cluster, from the confluent-kafka wheel. Memory only."""

import threading

from confluent_kafka import Producer

_START_TIMEOUT_S = 10.0


class SandboxBroker:
    """One broker on loopback, started when its address is first asked for, living until close() or exit.

    Topics appear with 4 partitions when somebody asks about them; a partition keeps its last few MB. It speaks groups,
    commits and idempotence, but knows no security, no administration, and one member per group.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cluster: Producer | None = None
        self._address: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it was started and not closed."""
        return self._cluster is not None

    def address(self) -> str:
        """Return `host:port`, starting the broker where it does not run yet (some 10 ms; from any thread).

        Raises:
            RuntimeError: it did not start.
        """
        with self._lock:
            if self._address is None:
                self._cluster = Producer({"test.mock.num.brokers": 1, "log_level": 0})
                brokers = self._cluster.list_topics(timeout=_START_TIMEOUT_S).brokers
                if not brokers:
                    raise RuntimeError("the embedded broker did not start")
                broker = next(iter(brokers.values()))
                self._address = f"{broker.host}:{broker.port}"
            return self._address

    def close(self) -> None:
        """Stop it; what was in it is gone. Safe to call twice."""
        with self._lock:
            self._cluster = None
            self._address = None
