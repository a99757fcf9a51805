"""Figures over time: seconds become longer steps, and latencies percentiles."""

import pytest

from kafka_agent_studio.api.trends import KEPT_BY_STEP_S, TrendHistory, TrendPoint
from kafka_agent_studio.engine.counters import Counters
from kafka_agent_studio.engine.latency import LatencyHistogram
from kafka_agent_studio.engine.trends import Gauges, Trends

BEGAN_S = 1_700_000_041


def work(counters: Counters, *, messages: int, latency_s: float = 0.01) -> None:
    counters.messages += messages
    counters.completed += messages
    counters.tokens += 10 * messages
    counters.cost += 0.001 * messages
    for _ in range(messages):
        counters.latency.add(latency_s)


def test_a_second_holds_what_happened_in_it() -> None:
    trends, counters = Trends(), Counters(messages=0)
    work(counters, messages=5)
    trends.tick(BEGAN_S, [counters], Gauges())
    work(counters, messages=3, latency_s=0.2)
    counters.failed += 1
    (point,) = trends.tick(BEGAN_S + 1, [counters], Gauges(in_flight=7, lag=12))
    assert (point.messages, point.completed, point.failed, point.tokens) == (3, 3, 1, 30)
    assert (point.in_flight, point.lag, point.cost) == (7, 12, 0.003)
    assert point.p50_ms == pytest.approx(200, rel=0.11)


def test_ten_seconds_are_the_sum_of_them_and_the_highest_of_the_gauges() -> None:
    trends, counters = Trends(), Counters()
    points: list[TrendPoint] = []
    for second in range(1, 20):
        work(counters, messages=second)
        points += trends.tick(BEGAN_S + second, [counters], Gauges(in_flight=second % 7, lag=None))
    first, second_one = [p for p in points if p.step_s == 10]
    assert (first.at_s, second_one.at_s) == (1_700_000_050, 1_700_000_060)
    assert second_one.messages == sum(range(10, 20))
    assert second_one.in_flight == 6
    assert second_one.lag is None
    assert [p.at_s for p in trends.history.of(10)] == [first.at_s, second_one.at_s]


def test_dead_letters_have_a_history_of_seconds_and_of_minutes() -> None:
    trends, counters, other = Trends(), Counters(), Counters()
    points: list[TrendPoint] = []
    for second in range(1, 121):
        counters.dead_letters += second % 2
        other.dead_letters += 1 if second == 50 else 0
        points += trends.tick(BEGAN_S + second, [counters, other], Gauges())
    assert [p.dead_letters for p in points if p.step_s == 1][:3] == [1, 0, 1]
    assert [p.dead_letters for p in trends.history.of(60)] == [31, 30]


def test_a_late_tick_ends_the_step_all_the_same() -> None:
    trends, counters = Trends(), Counters()
    trends.tick(1_700_000_049, [counters], Gauges())
    ended = trends.tick(1_700_000_051, [counters], Gauges())
    assert {p.step_s for p in ended} == {1, 10}


def test_a_connector_that_is_gone_or_new_takes_nothing_back() -> None:
    trends, old, new = Trends(), Counters(), Counters()
    work(old, messages=100)
    trends.tick(BEGAN_S, [old], Gauges())
    work(new, messages=4)
    (point,) = trends.tick(BEGAN_S + 1, [new], Gauges())
    assert (point.messages, point.tokens) == (4, 40)


def test_history_is_bounded_and_begins_anew() -> None:
    history = TrendHistory()
    history.add(TrendPoint(step_s=1, at_s=n) for n in range(5_000))
    assert len(history.of(1)) == KEPT_BY_STEP_S[1]
    assert history.of(1)[-1].at_s == 4_999
    history.reset([TrendPoint(step_s=60, at_s=1), TrendPoint(step_s=7, at_s=1)])
    assert [p.step_s for p in history.all()] == [60]


@pytest.mark.parametrize("seconds", [0.0, 1e-5, 0.0004, 0.03, 1.7, 95.0, 900.0])
def test_a_percentile_is_within_a_tenth(seconds: float) -> None:
    latency = LatencyHistogram()
    latency.add(seconds)
    (found,) = latency.percentiles_ms(0.5)
    assert found == pytest.approx(max(seconds, 1e-4) * 1e3, rel=0.11)


def test_percentiles_of_many() -> None:
    latency = LatencyHistogram()
    for number in range(1, 1_001):
        latency.add(number / 1_000)
    for found, true in zip(latency.percentiles_ms(0.5, 0.95, 0.99), (500, 950, 990), strict=True):
        assert found == pytest.approx(true, rel=0.11)
    assert LatencyHistogram().percentiles_ms(0.5, 0.99) == (None, None)
    latency.add(1e9)
