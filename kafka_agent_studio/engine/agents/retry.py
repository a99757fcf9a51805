"""How long to wait before the next attempt: exponential backoff with full jitter."""

from collections.abc import Callable

from kafka_agent_studio.model.agent import RetryOptions

UniformRandom = Callable[[], float]
"""Returns a number from 0 to 1, as random.random does."""


def retry_delay_s(
    options: RetryOptions, *, attempt: int, random: UniformRandom, retry_after_s: float | None = None
) -> float:
    """Return the seconds to wait after attempt `attempt` (from 1) failed.

    A server's Retry-After is waited in full, up to `max_delay`. Otherwise anything between 0 and
    initial_delay * 2^(attempt-1), capped at `max_delay`: full jitter, see the AWS Architecture Blog, "Exponential
    Backoff And Jitter".
    """
    if retry_after_s is not None:
        return max(0.0, min(retry_after_s, options.max_delay))
    ceiling_s = min(options.max_delay, options.initial_delay * 2.0 ** min(attempt - 1, 64))
    return ceiling_s * random()
