import logging

import pytest
from aiokafka.protocol.admin import SaslAuthenticateRequest

from kafka_agent_studio.engine.kafka.log_filter import RateLimit, WithoutLogins, calm_client_logs


def line(message: str, level: int = logging.ERROR) -> logging.LogRecord:
    return logging.LogRecord("aiokafka", level, __file__, 1, message, (), None)


def test_one_line_of_a_kind_passes_and_the_next_says_how_many_did_not() -> None:
    now_s = 100.0
    limit = RateLimit(interval_s=10, monotonic_s=lambda: now_s)
    assert limit.filter(line("Unable connect"))
    assert not any(limit.filter(line("Unable connect")) for _ in range(50))
    assert limit.filter(line("another kind"))
    now_s = 111.0
    again = line("Unable connect")
    assert limit.filter(again)
    assert again.getMessage() == "Unable connect (and 50 more like it)"


@pytest.mark.parametrize("level", [logging.CRITICAL, logging.DEBUG])
def test_nothing_critical_and_no_debugging_is_held_back(level: int) -> None:
    limit = RateLimit(interval_s=10, monotonic_s=lambda: 0.0)
    assert all(limit.filter(line("down", level)) for _ in range(3))


def test_it_is_put_on_once() -> None:
    calm_client_logs()
    before = list(logging.getLogger("aiokafka.conn").filters)
    calm_client_logs()
    assert logging.getLogger("aiokafka.conn").filters == before
    assert any(isinstance(f, RateLimit) for f in before)


def test_a_login_on_the_wire_is_left_out() -> None:
    request = SaslAuthenticateRequest(b"\x00me\x00canary").prepare({SaslAuthenticateRequest.API_KEY: (0, 0)})
    assert "canary" in repr(request)  # which is what the library logs at debug level
    logged = logging.LogRecord("aiokafka.conn", logging.DEBUG, __file__, 1, "Request to %s: %s", ("k", request), None)
    assert not WithoutLogins().filter(logged)
    assert WithoutLogins().filter(line("another"))
