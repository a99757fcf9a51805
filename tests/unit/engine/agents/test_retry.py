"""How long the engine waits before it asks again."""

import pytest

from kafka_agent_studio.engine.agents.retry import retry_delay_s
from kafka_agent_studio.model.agent import RetryOptions

OPTIONS = RetryOptions(attempts=10, initial_delay=1, max_delay=30)


@pytest.mark.parametrize(("attempt", "ceiling_s"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (5000, 30)])
def test_the_ceiling_doubles_up_to_max_delay(attempt: int, ceiling_s: float) -> None:
    assert retry_delay_s(OPTIONS, attempt=attempt, random=lambda: 1.0) == ceiling_s


def test_the_jitter_is_full() -> None:
    assert retry_delay_s(OPTIONS, attempt=3, random=lambda: 0.0) == 0
    assert retry_delay_s(OPTIONS, attempt=3, random=lambda: 0.25) == 1


def test_what_the_server_asks_for_is_honoured_up_to_max_delay() -> None:
    assert retry_delay_s(OPTIONS, attempt=1, random=lambda: 0.0, retry_after_s=7) == 7
    assert retry_delay_s(OPTIONS, attempt=1, random=lambda: 0.0, retry_after_s=3600) == 30
