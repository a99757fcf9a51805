"""Producing, replaying, redriving, exporting and importing, through the seam, on both brokers."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from kafka_agent_studio.api import transfers as api
from kafka_agent_studio.api.browse import CancelJob, EndedBy, Newest, Oldest, Scan
from kafka_agent_studio.api.events import TransferProgressed
from kafka_agent_studio.api.faults import CommandRefused, EngineError, FaultCode
from kafka_agent_studio.model.message import Record
from tests.helpers.kafka_records import NewRecord, ReadRecord
from tests.helpers.studio import RunningStudio, Studio

NewTopic = Callable[[str], str]

_START_MS = round(time.time() * 1000) - 3_600_000
"""An hour ago: much older records Kafka itself would remove."""

_ODD = (
    NewRecord(value=b"\xff\x00binary", key=b"\xfe", headers=(("h", b"\xff"), ("h", None)), partition=1),
    NewRecord(value=None, key="gone", partition=2),
    NewRecord(value=b"", key="", partition=3),
    NewRecord(value='{"n": 1.10, "text": "a,b\r\n\\"c\\" \u00e4"}', key="k,1", headers=(("trace", b"x"),), partition=0),
    NewRecord(value="plain\nlines", partition=0, timestamp_ms=_START_MS + 123),
)


@pytest.fixture
async def running(studio: Studio) -> AsyncIterator[RunningStudio]:
    async with studio.running() as engine:
        yield engine


@pytest.fixture
def new_topic(studio: Studio, unique_name: Callable[[str], str]) -> NewTopic:
    return lambda prefix: studio.broker.make_topic(unique_name(prefix))


def content(record: ReadRecord) -> tuple[object, ...]:
    return record.partition, record.key, record.value, record.headers, record.timestamp_ms


async def test_written_messages_lie_where_the_reply_says(
    running: RunningStudio, studio: Studio, new_topic: NewTopic
) -> None:
    topic = new_topic("written")
    messages = (
        api.NewMessage(key=b"k", value=b"v", headers=(("a", b"1"), ("a", None)), timestamp_ms=_START_MS),
        api.NewMessage(key=b"k", value=None),
        api.NewMessage(value=None, partition=2),
    )
    places = await running.execute(api.ProduceMessages(studio.broker.connection, topic, messages))
    lying = {(r.partition, r.offset): r for r in studio.broker.records.read_all(topic)}
    assert len(lying) == 3
    for place, message in zip(places, messages, strict=True):
        record = lying[place.partition, place.offset]
        assert (record.key, record.value, record.headers) == (message.key, message.value, message.headers)
    assert places[0].partition == places[1].partition
    assert places[2].partition == 2
    with pytest.raises(CommandRefused, match="no partition 9"):
        await running.execute(
            api.ProduceMessages(studio.broker.connection, topic, (api.NewMessage(value=b"x", partition=9),))
        )


async def test_what_is_not_written_says_why(
    running: RunningStudio, studio: Studio, unique_name: Callable[[str], str]
) -> None:
    if studio.broker.admin is None:
        pytest.skip("the embedded broker makes every topic, and takes every size")
    connection, missing = studio.broker.connection, unique_name("missing")
    message = (api.NewMessage(value=b"x" * 2000),)
    with pytest.raises(CommandRefused, match=f"no topic {missing}"):
        await running.execute(api.ProduceMessages(connection, missing, message))
    assert missing not in studio.broker.admin.topics()
    small = unique_name("small")
    studio.broker.admin.create_topic(small, config={"max.message.bytes": "1000"})
    with pytest.raises(CommandRefused, match="larger than"):
        await running.execute(api.ProduceMessages(connection, small, message))


async def test_a_broker_that_is_gone_is_named(running: RunningStudio, studio: Studio) -> None:
    studio.connection("nowhere", bootstrap_servers="127.0.0.1:1")
    await running.engine.reload()
    with pytest.raises(EngineError) as caught:
        await running.execute(api.ProduceMessages("nowhere", "t", (api.NewMessage(value=b"x"),)))
    assert caught.value.fault.code is FaultCode.BROKER_UNREACHABLE


@pytest.mark.parametrize("format_", list(api.FileFormat))
async def test_exported_and_imported_every_byte_is_the_same(
    running: RunningStudio, studio: Studio, new_topic: NewTopic, tmp_path: Path, format_: api.FileFormat
) -> None:
    source, target = new_topic("source"), new_topic("target")
    studio.broker.records.produce_many(source, _ODD)
    connection, file = studio.broker.connection, tmp_path / "orders.data"
    scan = api.Scanned(Scan(connection, source, Oldest()))
    exported = await running.execute(api.ExportMessages("export", scan, str(file), format_))
    assert (exported.ended_by, exported.progress.written) == (EndedBy.END, 5)
    imported = await running.execute(
        api.ImportMessages("import", str(file), connection, target, format_, keep_partition=True, keep_timestamp=True)
    )
    assert imported.progress.written == 5
    before, after = studio.broker.records.read_all(source), studio.broker.records.read_all(target)
    assert [content(r) for r in after] == [content(r) for r in before]
    assert sorted(os.listdir(tmp_path)) == ["orders.data", "studio"]


@pytest.mark.parametrize(
    ("format_", "text", "words"),
    [
        (api.FileFormat.JSON_LINES, '{"value": "a"}\n{"value": ', "line 2 is not JSON"),
        (api.FileFormat.JSON_LINES, '{"value": "a"}\n[1]\n', "line 2 is not an object"),
        (api.FileFormat.JSON_LINES, '{"value": {"base64": "%"}}\n', "line 1.*base64"),
        (api.FileFormat.CSV, "key,value\na,b\nc,d,e\n", "line 3.*more cells"),
        (api.FileFormat.CSV, "key,value,partition\na,b,x\n", "line 2.*partition"),
        (api.FileFormat.CSV, "a,b\n1,2\n", "line 1 names no column"),
    ],
)
async def test_a_file_with_a_mistake_writes_nothing(
    running: RunningStudio,
    studio: Studio,
    new_topic: NewTopic,
    tmp_path: Path,
    format_: api.FileFormat,
    text: str,
    words: str,
) -> None:
    topic, file = new_topic("target"), tmp_path / "orders.data"
    file.write_text(text)
    with pytest.raises(CommandRefused, match=words):
        await running.execute(api.ImportMessages("import", str(file), studio.broker.connection, topic, format_))
    assert studio.broker.records.read_all(topic) == []


async def test_a_dry_run_counts_and_the_replay_writes(
    running: RunningStudio, studio: Studio, new_topic: NewTopic
) -> None:
    connection, source, target = studio.broker.connection, new_topic("source"), new_topic("target")
    studio.broker.records.produce_many(
        source, [NewRecord(value=json.dumps({"n": n}), key=f"k{n % 3}", headers=(("h", b"1"),)) for n in range(30)]
    )
    scan = api.Scanned(Scan(connection, source, Oldest(), filter="value.n >= 10"))
    dry = await running.execute(api.Replay("dry", scan, connection, target, dry_run=True))
    assert dry.is_dry_run
    assert (dry.progress.matched, dry.progress.written, dry.topics) == (20, 0, {target: 20})
    assert studio.broker.records.read_all(target) == []
    real = await running.execute(api.Replay("real", scan, connection, target, headers=api.HeaderChoice.DROP))
    assert (real.progress.scanned, real.progress.written) == (30, 20)
    written = studio.broker.records.read_all(target)
    assert sorted(json.loads(r.value or b"")["n"] for r in written) == list(range(10, 30))
    assert {r.headers for r in written} == {()}
    by_key: dict[bytes | None, list[int]] = {}
    for record in written:
        by_key.setdefault(record.key, []).append(json.loads(record.value or b"")["n"])
    assert all(numbers == sorted(numbers) for numbers in by_key.values())


async def test_a_replay_onto_its_own_topic_ends(running: RunningStudio, studio: Studio, new_topic: NewTopic) -> None:
    connection, topic = studio.broker.connection, new_topic("same")
    studio.broker.records.produce_many(topic, [NewRecord(value=str(n)) for n in range(5)])
    for start, count in ((Oldest(), 10), (Newest(3), 13)):
        scan = api.Scanned(Scan(connection, topic, start))
        await running.execute(api.Replay("replay", scan, connection, topic))
        assert len(studio.broker.records.read_all(topic)) == count


async def test_single_messages_by_place_and_in_hand(
    running: RunningStudio, studio: Studio, new_topic: NewTopic
) -> None:
    connection, source, target = studio.broker.connection, new_topic("source"), new_topic("target")
    studio.broker.records.produce_many(source, [NewRecord(value=str(n), partition=0) for n in range(5)])
    places = api.Places(connection, tuple(api.MessagePlace(source, 0, offset) for offset in (4, 1, 99)))
    report = await running.execute(api.Replay("places", places, connection, target, keep_partition=True))
    assert (report.progress.written, report.progress.skipped) == (2, 1)
    assert f"{source}/0/99" in report.remarks[0]
    records = api.Records((Record("x", 0, 7, None, None, b"hand", (("studio.error", b"e"), ("own", b"1"))),))
    await running.execute(
        api.Replay("hand", records, connection, target, headers=api.HeaderChoice.WITHOUT_STUDIO, keep_partition=True)
    )
    written = studio.broker.records.read_all(target)
    assert [r.value for r in written] == [b"4", b"1", b"hand"]
    assert written[2].headers == (("own", b"1"),)


async def test_dead_letters_go_back_where_they_came_from(
    running: RunningStudio, studio: Studio, new_topic: NewTopic
) -> None:
    connection, orders, dead = studio.broker.connection, new_topic("orders"), new_topic("dead")
    headers = (("own", b"1"), ("studio.error", b"{}"), ("studio.source", f"{orders}/3/7".encode()))
    studio.broker.records.produce(dead, "failed", key="k", headers=headers)
    studio.broker.records.produce(dead, "foreign")
    scan = api.Scanned(Scan(connection, dead, Oldest()))
    report = await running.execute(
        api.Replay("redrive", scan, connection, None, headers=api.HeaderChoice.WITHOUT_STUDIO)
    )
    assert (report.topics, report.progress.skipped) == ({orders: 1}, 1)
    assert "studio.source" in report.remarks[0]
    (back,) = studio.broker.records.read_all(orders)
    assert (back.key, back.value, back.headers) == (b"k", b"failed", (("own", b"1"),))


async def test_a_slow_replay_tells_how_far_it_is_and_can_be_stopped(
    running: RunningStudio, studio: Studio, new_topic: NewTopic
) -> None:
    connection, source, target = studio.broker.connection, new_topic("source"), new_topic("target")
    studio.broker.records.produce_many(source, [NewRecord(value=str(n)) for n in range(200)])
    scan = api.Scanned(Scan(connection, source, Oldest()))
    replay = asyncio.ensure_future(running.execute(api.Replay("slow", scan, connection, target, rate_per_s=20)))
    await running.until(
        lambda me: any(isinstance(e, TransferProgressed) and e.progress.written >= 2 for e in me.events)
    )
    assert await running.execute(CancelJob("slow"))
    report = await replay
    assert report.ended_by is EndedBy.CANCELLED
    assert 2 <= report.progress.written < 200
    assert len(studio.broker.records.read_all(target)) == report.progress.written


async def test_a_cancelled_export_leaves_no_file(
    running: RunningStudio, studio: Studio, new_topic: NewTopic, tmp_path: Path
) -> None:
    with pytest.raises(CommandRefused, match="whole path"):
        await running.execute(api.ExportMessages("export", api.Records(()), "relative.jsonl"))
    with pytest.raises(CommandRefused, match="cannot be written"):
        await running.execute(api.ExportMessages("export", api.Records(()), str(tmp_path / "no/such/folder")))
    file = tmp_path / "out.jsonl"
    export = asyncio.ensure_future(
        running.execute(
            api.ExportMessages("export", api.Records((Record("t", 0, 0, None, None, b"x"),) * 200_000), str(file))
        )
    )
    await running.until(lambda me: any(isinstance(e, TransferProgressed) for e in me.events))
    assert await running.execute(CancelJob("export"))
    assert (await export).ended_by is EndedBy.CANCELLED
    assert os.listdir(tmp_path) == ["studio"]
