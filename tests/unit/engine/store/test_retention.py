"""What is too old or too much goes; what is owed stays, whatever its age; payloads go where they are not to stay."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.run_store import RunStore
from kafka_agent_studio.engine.store import search
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import RunStatus, Span, SpanKind
from kafka_agent_studio.model.workspace import Retention
from tests.helpers.store_runs import NOW_US, make_record, make_stored
from tests.unit.engine.store.conftest import Clock

DAY_US = 86_400_000_000
PLACES = (Published("results-out", "order-results", 0, 1),)


async def offsets(store: RunStore, **query: str) -> list[int]:
    return [r.offset for r in (await store.list_runs(RunQuery(limit=100_000, **query))).runs]  # type: ignore[arg-type]


def files(path: Path) -> int:
    return sum(p.stat().st_size for p in path.parent.glob(path.name + "*") if not p.name.endswith("-shm"))


async def test_runs_and_messages_beyond_the_age_go(store: RunStore, clock: Clock) -> None:
    await store.save([make_stored(n) for n in range(3)])
    await store.save([make_stored(3, started_at_us=NOW_US + 8 * DAY_US)])
    await store.indexed()
    clock.now_us = NOW_US + 10 * DAY_US
    await store.enforce_retention(Retention(days=5))
    assert await offsets(store) == [3]
    assert await offsets(store, text="john") == [3]
    assert await store.get(make_stored(1).run.run_id) is None
    with sqlite3.connect(store.path) as look:
        assert look.execute("select count(*) from messages").fetchone() == (1,)
    look.close()


async def test_a_result_that_is_owed_stays_until_it_is_published(store: RunStore, clock: Clock) -> None:
    await store.save([make_stored(n, is_owed=n == 1) for n in range(3)])
    clock.now_us = NOW_US + 1000 * DAY_US
    await store.enforce_retention(Retention(days=1, size_mb=0.001))
    assert await offsets(store) == [1]
    detail = await store.get(make_stored(1).run.run_id)
    assert detail is not None
    assert detail.record == make_record(1)
    await store.mark_published([(make_stored(1).run.run_id, PLACES)])
    await store.enforce_retention(Retention(days=1))
    assert await offsets(store) == []


@pytest.mark.parametrize("retention", [Retention(days=1), Retention(size_mb=0.001)], ids=["age", "size"])
async def test_what_is_finished_and_not_committed_stays_to_be_known_after_a_crash(
    store: RunStore, clock: Clock, retention: Retention
) -> None:
    await store.known_runs("orders-in", "orders", 0, 0)
    await store.save([make_stored(n) for n in range(4)])
    store.note_committed("orders-in", "orders", {0: 2})
    # as a laptop that was closed for long, or a clock that jumps
    clock.now_us = NOW_US + 1000 * DAY_US
    await store.enforce_retention(retention, connectors=["orders-in"])
    assert len(await store.known_runs("orders-in", "orders", 0, 2)) == 2
    assert await offsets(store) == [3, 2]
    store.note_committed("orders-in", "orders", {0: 4})
    await store.enforce_retention(retention, connectors=["orders-in"])
    assert await offsets(store) == []


async def test_what_a_connector_that_is_gone_never_committed_goes_with_its_age(store: RunStore, clock: Clock) -> None:
    await store.known_runs("orders-in", "orders", 0, 0)
    await store.save([make_stored(1)])
    clock.now_us = NOW_US + 1000 * DAY_US
    await store.enforce_retention(Retention(days=1), connectors=["others-in"])
    assert await offsets(store) == []


async def test_too_large_a_store_loses_its_oldest_and_gives_the_disk_back(store: RunStore) -> None:
    big = b'"' + b"x" * 20_000 + b'"'
    for first in range(0, 500, 50):
        await store.save([make_stored(n, record=make_record(n, value=big)) for n in range(first, first + 50)])
    before = files(store.path)
    await store.enforce_retention(Retention(size_mb=4))
    kept = await offsets(store)
    assert 20 < len(kept) < 250
    assert kept == list(reversed(range(500 - len(kept), 500)))
    assert store.path.stat().st_size < 5_000_000 < before


async def test_a_running_run_is_not_removed_for_its_size(store: RunStore) -> None:
    running = make_stored(1, status=RunStatus.RUNNING, output=None, ended_at_us=None)
    await store.save([running, make_stored(2)])
    await store.enforce_retention(Retention(size_mb=0.001))
    assert await offsets(store) == [1]


async def test_full_text_of_runs_that_are_gone_goes_with_them(
    store: RunStore, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "BLOCK_ROWS", 10)
    for first in range(0, 40, 10):
        await store.save([make_stored(n) for n in range(first, first + 10)])
        await store.indexed()
    assert await offsets(store, text="john") == list(reversed(range(40)))
    clock.now_us = NOW_US + DAY_US + 25_000
    await store.enforce_retention(Retention(days=1))
    assert await offsets(store, text="john") == list(reversed(range(25, 40)))
    with sqlite3.connect(store.path) as look:
        assert look.execute("select count(*) from sqlite_master where name like 'search_%_data'").fetchone() == (2,)
    look.close()


class TestWithoutPayloads:
    @pytest.fixture
    def forgetful(self, store_path: Path, clock: Clock) -> Iterator[RunStore]:
        store = RunStore.open(store_path, now_us=lambda: clock.now_us, retention=Retention(payloads=False))
        yield store
        store.close()

    async def test_what_came_in_and_went_out_is_forgotten_once_published(self, forgetful: RunStore) -> None:
        tool = Span("s", None, SpanKind.TOOL, "validate", NOW_US, NOW_US, input={"secret": 1}, output="secret")
        entry = make_stored(1, spans=(tool,), is_owed=True)
        await forgetful.save([entry, make_stored(2, is_owed=True)])
        await forgetful.indexed()
        assert (await forgetful.owed("orders-in"))[entry.run.run_id].run.output == entry.run.output
        await forgetful.mark_published([(entry.run.run_id, PLACES)])
        await forgetful.indexed()
        detail = await forgetful.get(entry.run.run_id)
        assert detail is not None
        assert (detail.run.output, detail.record, detail.run.published) == (None, None, PLACES)
        assert [(s.name, s.input, s.output) for s in detail.spans] == [("validate", None, None)]
        assert await offsets(forgetful, text="o-1") == []
        assert await offsets(forgetful, key="order-1") == [1]

    async def test_a_message_stays_while_another_agent_still_owes(self, forgetful: RunStore) -> None:
        second = make_stored(1, agent_name="event-correlator", is_owed=True)
        await forgetful.save([make_stored(1), second])
        await forgetful.indexed()
        detail = await forgetful.get(second.run.run_id)
        assert detail is not None
        assert detail.record == make_record(1)

    async def test_turning_payloads_off_forgets_what_is_there(self, store: RunStore) -> None:
        await store.save([make_stored(n) for n in range(3)])
        await store.indexed()
        await store.enforce_retention(Retention(payloads=False))
        await store.indexed()
        assert await offsets(store, text="john") == []
        assert [r.output for r in (await store.list_runs(RunQuery())).runs] == [None] * 3
        store.close()
        assert b"john@example.com" not in store.path.read_bytes()
