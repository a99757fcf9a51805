"""A redelivery is known; a replay, after a group was moved back, is not: its messages are to run again."""

from pathlib import Path

from kafka_agent_studio.engine.run_store import RunStore
from tests.helpers.store_runs import NOW_US, make_stored

AFTER_THE_RUNS_US = NOW_US + 3_600_000_000
PLACE = ("orders-in", "orders", 0)


async def _filled(path: Path) -> RunStore:
    store = RunStore.open(path, now_us=lambda: AFTER_THE_RUNS_US)
    await store.save([make_stored(n) for n in range(6)])
    return store


async def _offsets(store: RunStore, position: int) -> list[int]:
    return sorted(k.run.offset for k in (await store.known_runs(*PLACE, position)).values())


async def test_what_was_never_committed_is_known_after_a_crash(tmp_path: Path) -> None:
    store = await _filled(tmp_path / "runs.sqlite3")
    store.note_committed("orders-in", "orders", {0: 4})
    assert await _offsets(store, 4) == [4, 5]
    store.close()
    again = RunStore.open(tmp_path / "runs.sqlite3", now_us=lambda: AFTER_THE_RUNS_US)
    assert await _offsets(again, 4) == [4, 5]
    again.close()


async def test_what_was_committed_and_comes_again_is_to_run_again(tmp_path: Path) -> None:
    store = await _filled(tmp_path / "runs.sqlite3")
    store.note_committed("orders-in", "orders", {0: 6})
    assert await _offsets(store, 1) == []
    # the replay itself may be interrupted: what it has done by then is known
    await store.save([make_stored(1, ended_at_us=AFTER_THE_RUNS_US + 5)])
    assert await _offsets(store, 1) == [1]
    store.close()


async def test_a_result_still_owed_is_published_whatever_was_moved(tmp_path: Path) -> None:
    store = await _filled(tmp_path / "runs.sqlite3")
    await store.save([make_stored(2, is_owed=True)])
    store.note_committed("orders-in", "orders", {0: 6})
    assert await _offsets(store, 0) == [2]
    store.close()
