"""What the connection check says in words."""

from datetime import UTC, datetime, timedelta

import pytest

from kafka_agent_studio.engine.kafka.check_tls import day_in_words

EVENING = datetime(2026, 11, 27, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=1), "2026-11-27, today"),
        (timedelta(hours=3), "2026-11-28, in 1 day"),
        (timedelta(hours=27), "2026-11-29, in 2 days"),
        (timedelta(days=14), "2026-12-11, in 14 days"),
        (timedelta(days=15), "2026-12-12"),
    ],
)
def test_how_long_a_certificate_is_valid_agrees_with_the_date_beside_it(left: timedelta, words: str) -> None:
    assert day_in_words(EVENING + left, now=EVENING) == words
