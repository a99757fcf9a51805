"""Keeps the client libraries from filling the log in an outage, and from writing logins into it at debug level."""

import logging
import time
from collections.abc import Callable


class RateLimit(logging.Filter):
    """Lets one line of a kind through per interval and says how many were left out. A kind is its unformatted text."""

    def __init__(self, *, interval_s: float = 10.0, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._interval_s = interval_s
        self._monotonic_s = monotonic_s
        self._kinds: dict[tuple[str, int, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line may pass; counts those that may not."""
        if not logging.WARNING <= record.levelno < logging.CRITICAL:
            return True  # whoever turned debug on wants to see it all
        kind = (record.name, record.levelno, str(record.msg))
        now_s = self._monotonic_s()
        said_s, left_out = self._kinds.get(kind, (now_s - self._interval_s, 0))
        if now_s - said_s < self._interval_s:
            self._kinds[kind] = (said_s, left_out + 1)
            return False
        self._kinds[kind] = (now_s, 0)
        if left_out:
            record.msg = f"{record.msg} (and {left_out} more like it)"
        return True


class WithoutLogins(logging.Filter):
    """Leaves out the lines that show a login on the wire: with SASL PLAIN that is the password itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line may pass."""
        arguments = record.args if isinstance(record.args, tuple) else ()
        return not any(type(argument).__name__.startswith("Sasl") for argument in arguments)


class _QuietWhenExpected(logging.Filter):
    """Info of the client libraries becomes debug: what matters of it is said by events."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno == logging.INFO:
            record.levelno, record.levelname = logging.DEBUG, "DEBUG"
            return logging.getLogger(record.name).isEnabledFor(logging.DEBUG)
        return True


_MODULES = (
    "aiokafka",
    "aiokafka.client",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer.consumer",
    "aiokafka.consumer.fetcher",
    "aiokafka.consumer.group_coordinator",
    "aiokafka.consumer.subscription_state",
    "aiokafka.producer.message_accumulator",
    "aiokafka.producer.producer",
    "aiokafka.producer.sender",
    "kafka_agent_studio.librdkafka",
)


def calm_client_logs() -> None:
    """Put these filters on the loggers of aiokafka and librdkafka, before the first connection; twice changes nothing.

    A logger's filter does not see its children's lines, hence one for each module that logs.
    """
    for name in _MODULES:
        logger = logging.getLogger(name)
        if not any(isinstance(f, RateLimit) for f in logger.filters):
            logger.addFilter(WithoutLogins())
            logger.addFilter(_QuietWhenExpected())
            logger.addFilter(RateLimit())
