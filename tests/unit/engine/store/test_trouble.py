"""Killed, full, damaged, read by others: the store says what is the matter and loses nothing it promised."""

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.engine.run_store import RunStore, RunStoreReader
from kafka_agent_studio.model.message import Published
from kafka_agent_studio.model.run import Run
from tests.helpers.store_runs import NOW_US, make_record, make_stored
from tests.unit.engine.store.conftest import Clock

_WRITER = """
import asyncio, sys
from pathlib import Path
from kafka_agent_studio.engine.run_store import RunStore
from tests.helpers.store_runs import make_stored

async def main():
    store = RunStore.open(Path(sys.argv[1]))
    await store.save([make_stored(n, is_owed=True) for n in range(50)])
    print("saved", flush=True)
    sys.stdin.readline()
    await store.save([make_stored(n) for n in range(50, 60)])
    print("saved more", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class WriterProcess:
    """Another process that has the store open and writes."""

    def __init__(self, path: Path) -> None:
        root = Path(__file__).parents[4]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def go_on(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.communicate()


async def listed(store: RunStoreReader) -> tuple[Run, ...]:
    return (await store.list_runs(RunQuery(limit=1000))).runs


async def test_what_was_saved_outlives_kill_9(store_path: Path) -> None:
    writer = WriterProcess(store_path)
    assert writer.line() == "saved"
    writer.kill()
    store = RunStore.open(store_path)
    try:
        known = await store.known_runs("orders-in", "orders", 0, 0)
        assert {s.run.offset for s in known.values() if s.is_owed} == set(range(50))
        assert known[make_stored(7).run.run_id].run == make_stored(7).run
    finally:
        store.close()


async def test_others_read_beside_the_process_that_writes(store_path: Path) -> None:
    writer = WriterProcess(store_path)
    reader = RunStoreReader(store_path)
    try:
        assert writer.line() == "saved"
        assert len(await listed(reader)) == 50
        writer.go_on()
        assert writer.line() == "saved more"
        assert len(await listed(reader)) == 60
    finally:
        reader.close()
        writer.kill()


async def test_a_store_that_is_not_there_has_no_runs_and_is_not_made(store_path: Path) -> None:
    reader = RunStoreReader(store_path)
    try:
        assert await listed(reader) == ()
        assert await reader.get("any") is None
        assert not store_path.parent.exists()
    finally:
        reader.close()


async def test_a_closed_store_is_read_where_nothing_can_be_written(store: RunStore) -> None:
    await store.save([make_stored(1)])
    store.close()
    assert not store.path.with_name(store.path.name + "-wal").exists()
    store.path.chmod(0o444)
    store.path.parent.chmod(0o555)
    reader = RunStoreReader(store.path)
    try:
        assert len(await listed(reader)) == 1
    finally:
        reader.close()
        store.path.parent.chmod(0o755)


async def test_a_full_disk_is_said_and_work_goes_on_when_there_is_room(store: RunStore) -> None:
    await store.save([make_stored(1)])
    await _set_max_pages(store, 60)
    big = make_record(2, value=b"x" * 1_000_000)
    with pytest.raises(FaultError) as raised:
        await store.save([make_stored(2, record=big)])
    assert raised.value.fault.code is FaultCode.STORE_FULL
    assert raised.value.fault.parameters["path"] == str(store.path)
    assert not raised.value.is_fatal
    assert [r.offset for r in await listed(store)] == [1]
    await _set_max_pages(store, 1_000_000)
    await store.save([make_stored(2, record=big)])
    assert [r.offset for r in await listed(store)] == [2, 1]


async def test_a_file_that_is_no_store_is_set_aside_and_named(store_path: Path, clock: Clock) -> None:
    _write(store_path, b"this is no database, whatever its name says\n" * 100)
    faults: list[Fault] = []
    store = RunStore.open(store_path, now_us=lambda: clock.now_us, on_fault=faults.append)
    try:
        aside = store_path.with_name(f"{store_path.name}.damaged-2026-09-21")
        assert faults == [
            Fault(FaultCode.STORE_DAMAGED, {"path": str(store_path), "set_aside": str(aside)}),
        ]
        assert aside.read_bytes().startswith(b"this is no database")
        await store.save([make_stored(1)])
        assert len(await listed(store)) == 1
    finally:
        store.close()


async def test_a_second_damaged_file_of_a_day_does_not_replace_the_first(store_path: Path, clock: Clock) -> None:
    for content in (b"first" * 1000, b"second" * 1000):
        _write(store_path, content)
        RunStore.open(store_path, now_us=lambda: clock.now_us).close()
    aside = sorted(p.name for p in store_path.parent.glob("*damaged*"))
    assert aside == ["runs.sqlite3.damaged-2026-09-21", "runs.sqlite3.damaged-2026-09-21-2"]


async def test_damage_found_while_writing_begins_a_new_file_and_keeps_the_save(
    store: RunStore, faults: list[Fault]
) -> None:
    await store.save([make_stored(n) for n in range(300)])
    await store.indexed()
    await _ruin(store)
    await store.save([make_stored(1000)])
    assert [f.code for f in faults] == [FaultCode.STORE_DAMAGED]
    assert [r.offset for r in await listed(store)] == [1000]


async def test_damage_found_while_reading_is_said_and_a_new_file_begun(store: RunStore, faults: list[Fault]) -> None:
    await store.save([make_stored(n) for n in range(300)])
    await store.indexed()
    await _ruin(store)
    with pytest.raises(FaultError) as raised:
        await store.list_runs(RunQuery(limit=1000))
    assert raised.value.fault.code is FaultCode.STORE_DAMAGED
    await store.save([make_stored(1000)])
    assert [f.code for f in faults] == [FaultCode.STORE_DAMAGED]
    assert [r.offset for r in await listed(store)] == [1000]


async def test_a_store_of_a_later_version_is_left_alone(store: RunStore) -> None:
    store.close()
    with sqlite3.connect(store.path) as connection:
        connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(FaultError, match="format 99"):
        RunStore.open(store.path)
    assert not list(store.path.parent.glob("*damaged*"))


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FaultError) as raised:
        RunStore.open(tmp_path / "file" / "runs.sqlite3")
    assert raised.value.fault.code is FaultCode.STORE_FULL


async def test_closing_writes_what_was_asked_for(store: RunStore) -> None:
    saving = asyncio.gather(*(store.save([make_stored(n)]) for n in range(20)))
    await asyncio.sleep(0)
    store.close()
    await saving
    reader = RunStoreReader(store.path)
    try:
        assert len(await listed(reader)) == 20
    finally:
        reader.close()


async def test_a_caller_that_gave_up_does_not_disturb_the_others(store: RunStore) -> None:
    given_up = asyncio.ensure_future(store.save([make_stored(1)]))
    await asyncio.sleep(0)
    given_up.cancel()
    await store.save([make_stored(2, started_at_us=NOW_US)])
    await store.mark_published([(make_stored(2).run.run_id, (Published("o", "t", 0, 0),))])
    assert {r.offset for r in await listed(store)} == {1, 2}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


async def _ruin(store: RunStore) -> None:
    """Overwrite all pages but the first, under the feet of the open store."""

    def let_go(connection: sqlite3.Connection) -> None:
        connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        connection.execute("pragma shrink_memory")

    await store._write(work=let_go)
    size = store.path.stat().st_size
    with store.path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xa5" * (size - 8192))


async def _set_max_pages(store: RunStore, count: int) -> None:
    def set_it(connection: sqlite3.Connection) -> None:
        connection.execute(f"pragma max_page_count = {count}").fetchall()

    await store._write(work=set_it)
