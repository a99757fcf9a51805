"""What is saved comes back, exactly; what an earlier process owes is known."""

import asyncio
import sqlite3

import msgspec
import pytest

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import ErrorType, RunError, RunStatus, Span, SpanKind, TokenUsage
from tests.helpers.store_runs import NOW_US, make_record, make_stored
from tests.unit.engine.store.conftest import Clock

PLACES = (Published("results-out", "order-results", 3, 2**62),)


async def test_a_run_comes_back_with_its_spans_and_its_message_byte_for_byte(store: RunStore) -> None:
    record = make_record(
        2**62, timestamp_ms=2**62, key=b"\xff\x00", value=b"\xfe{", headers=(("h", b"\x00"), ("h", None))
    )
    tool = Span("s1", None, SpanKind.TOOL, "validate_order", NOW_US, NOW_US + 5, input={"n": 10**40}, output=[1.5])
    entry = make_stored(
        record=record,
        spans=(tool,),
        output={"big": 10**40, "text": "línea"},
        token_usage=TokenUsage(1, 2, 3),
        cost=0.25,
        stand_ins=("sandbox",),
        key="/wA=",
    )
    await store.save([entry])
    detail = await store.get(entry.run.run_id)
    assert detail is not None
    assert (detail.run, detail.spans, detail.record) == (entry.run, (tool,), record)


@pytest.mark.parametrize("value", [None, b""])
async def test_a_tombstone_and_an_empty_value_stay_apart(store: RunStore, value: bytes | None) -> None:
    record = make_record(key=None, value=value, timestamp_ms=None)
    entry = make_stored(record=record)
    await store.save([entry])
    detail = await store.get(entry.run.run_id)
    assert detail is not None
    assert detail.record == record


async def test_the_latest_save_of_a_run_wins_and_lists_once(store: RunStore) -> None:
    done = make_stored(7)
    running = make_stored(7, status=RunStatus.RUNNING, output=None, ended_at_us=None)
    queued = make_stored(7, status=RunStatus.QUEUED, output=None, started_at_us=None, ended_at_us=None)
    for entry in (queued, running, done):
        await store.save([entry])
        assert (await store.list_runs(RunQuery())).runs == (entry.run,)
    assert (await store.list_runs(RunQuery(status=RunStatus.RUNNING))).runs == ()


async def test_a_run_twice_in_one_save_is_stored_as_it_was_last(store: RunStore) -> None:
    running = make_stored(7, status=RunStatus.RUNNING, output=None, ended_at_us=None)
    await store.save([running, make_stored(7)])
    assert [r.status for r in (await store.list_runs(RunQuery())).runs] == [RunStatus.COMPLETED]


async def test_a_save_without_record_leaves_the_message_as_it_is(store: RunStore) -> None:
    await store.save([make_stored(1)])
    await store.save([make_stored(1, keeps_record=False, status=RunStatus.FAILED)])
    detail = await store.get(make_stored(1).run.run_id)
    assert detail is not None
    assert (detail.run.status, detail.record) == (RunStatus.FAILED, make_record(1))


async def test_two_agents_share_one_message(store: RunStore) -> None:
    first, second = make_stored(1), make_stored(1, agent_name="event-correlator")
    await store.save([first, second])
    for entry in (first, second):
        detail = await store.get(entry.run.run_id)
        assert detail is not None
        assert (detail.run.agent_name, detail.record) == (entry.run.agent_name, make_record(1))


async def test_a_published_run_is_no_longer_owed_and_says_where_its_result_is(store: RunStore) -> None:
    owed, published = make_stored(1, is_owed=True), make_stored(2, is_owed=True)
    await store.save([owed, published])
    await store.mark_published([(published.run.run_id, PLACES), ("unknown", PLACES)])
    assert set(await store.owed("orders-in")) == {owed.run.run_id}
    assert await store.owed("elsewhere") == {}
    detail = await store.get(published.run.run_id)
    assert detail is not None
    assert detail.run.published == PLACES


async def test_a_store_of_the_first_format_is_brought_up_to_date(store: RunStore, clock: Clock) -> None:
    entry = make_stored(1, is_owed=True)
    await store.save([entry])
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.executescript(
            "drop trigger intake_publish;"
            " create trigger intake_publish instead of insert on intake when new.run_id = '' begin"
            " update runs set is_owed = 0, published = new.run where seq = new.seq; end;"
            " pragma user_version = 1;"
        )
    connection.close()
    reopened = RunStore.open(store.path, now_us=lambda: clock.now_us)
    try:
        await reopened.mark_published([(entry.run.run_id, PLACES)])
        detail = await reopened.get(entry.run.run_id)
        assert detail is not None
        assert detail.run.published == PLACES
        assert await reopened.owed("orders-in") == {}
    finally:
        reopened.close()


async def test_known_runs_are_those_at_and_after_an_offset_of_one_partition(store: RunStore) -> None:
    elsewhere = make_stored(record=make_record(5, partition=1))
    await store.save([make_stored(n, is_owed=n == 5) for n in range(8)] + [elsewhere])
    known = await store.known_runs("orders-in", "orders", 0, 5)
    assert {s.run.offset: s.is_owed for s in known.values()} == {5: True, 6: False, 7: False}
    assert known[make_stored(5).run.run_id].run == make_stored(5).run
    assert await store.known_runs("orders-in", "shipments", 0, 0) == {}


async def test_a_settled_run_is_known_by_how_it_ended_without_its_output(store: RunStore) -> None:
    error = RunError(ErrorType.MODEL_REFUSED, "no key")
    await store.save([make_stored(1), make_stored(2, status=RunStatus.FAILED, output=None, error=error)])
    known = {s.run.offset: s.run for s in (await store.known_runs("orders-in", "orders", 0, 0)).values()}
    assert (known[1].status, known[1].output) == (RunStatus.COMPLETED, None)
    assert known[2].error == error


async def test_an_owed_text_is_known_as_text_after_a_restart(store: RunStore, clock: Clock) -> None:
    entry = make_stored(1, output='"quoted"', is_text=True, is_owed=True)
    await store.save([entry])
    store.close()
    reopened = RunStore.open(store.path, now_us=lambda: clock.now_us)
    try:
        assert list((await reopened.owed("orders-in")).values()) == [msgspec.structs.replace(entry, record=None)]
        await reopened.mark_published([(entry.run.run_id, PLACES)])
        assert await reopened.owed("orders-in") == {}
    finally:
        reopened.close()


@pytest.mark.parametrize("output", ["\ud800", {"\udfff": "x"}, {"tool": object()}, [[1, float("nan")]]])
async def test_an_output_that_json_cannot_say_is_stored_all_the_same(store: RunStore, output: object) -> None:
    await store.save([make_stored(1, output=output), make_stored(2)])
    assert len((await store.list_runs(RunQuery())).runs) == 2
    assert len(await store.known_runs("orders-in", "orders", 0, 0)) == 2


async def test_an_output_nested_very_deep_is_stored_and_listed(store: RunStore) -> None:
    output: list[object] = []
    for _ in range(3000):
        output = [output]
    await store.save([make_stored(1, output=output, is_owed=True), make_stored(2)])
    assert len((await store.list_runs(RunQuery(text="standard"))).runs) == 1
    assert len(await store.known_runs("orders-in", "orders", 0, 0)) == 2


async def test_many_saves_at_once_are_all_there_when_they_return(store: RunStore) -> None:
    async def save(first: int) -> None:
        await store.save([make_stored(n, is_owed=True) for n in range(first, first + 37)])
        await store.mark_published([(make_stored(n).run.run_id, PLACES) for n in range(first, first + 37)])

    await asyncio.gather(*(save(n * 37) for n in range(60)))
    assert await store.owed("orders-in") == {}
    known = await store.known_runs("orders-in", "orders", 0, 0)
    assert sorted(s.run.offset for s in known.values()) == list(range(37 * 60))
    assert all(s.run.published == PLACES for s in known.values())


async def test_runs_of_the_very_same_microsecond_are_told_apart(store: RunStore) -> None:
    for first in range(0, 1200, 100):
        await store.save([make_stored(n, started_at_us=NOW_US) for n in range(first, first + 100)])
    page = await store.list_runs(RunQuery(limit=5000))
    assert len({r.run_id for r in page.runs}) == 1200


async def test_usage_counts_each_run_once_and_only_today(store: RunStore, clock: Clock) -> None:
    assert store.usage_today() == (0, 0.0)
    spent = TokenUsage(10, 5, 15)
    running = make_stored(1, status=RunStatus.RUNNING, token_usage=TokenUsage(4, 0, 4), cost=0.25)
    await store.save([running])
    await store.save([make_stored(1, token_usage=spent, cost=0.5), make_stored(2, token_usage=spent, cost=None)])
    assert store.usage_today() == (30, 0.5)
    # the same message run anew costs anew, though its run id is the same
    await store.save([make_stored(1, token_usage=spent, cost=0.5, started_at_us=NOW_US + 60_000_000)])
    assert store.usage_today() == (45, 1.0)
    clock.now_us += 86_400_000_000
    assert store.usage_today() == (0, 0.0)


async def test_usage_is_known_after_a_restart(store: RunStore, clock: Clock) -> None:
    await store.save([make_stored(1, token_usage=TokenUsage(1, 1, 2), cost=0.5)])
    store.close()
    reopened = RunStore.open(store.path, now_us=lambda: clock.now_us)
    reopened.close()
    assert reopened.usage_today() == (2, 0.5)


async def test_who_asked_hears_what_was_saved(store: RunStore, clock: Clock) -> None:
    store.close()
    heard: list[str] = []
    reopened = RunStore.open(
        store.path, now_us=lambda: clock.now_us, on_saved=lambda entries: heard.extend(e.run.run_id for e in entries)
    )
    await reopened.save([make_stored(1)])
    reopened.close()
    assert heard == [make_stored(1).run.run_id]
