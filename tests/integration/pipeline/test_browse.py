"""Looking into topics, through the seam, on both brokers."""

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from kafka_agent_studio.api import browse as api
from kafka_agent_studio.api.cluster_commands import ListTopics
from kafka_agent_studio.api.events import BrowseProgressed
from kafka_agent_studio.api.faults import CommandRefused, EngineError, FaultCode
from kafka_agent_studio.model.message import Record
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import RunningStudio, Studio

_START_MS = round(time.time() * 1000) - 3_600_000
"""An hour ago: much older records Kafka itself would remove."""


@pytest.fixture
async def running(studio: Studio) -> AsyncIterator[RunningStudio]:
    async with studio.running() as engine:
        yield engine


@pytest.fixture
def orders(studio: Studio, unique_name: Callable[[str], str]) -> str:
    """A topic with 40 orders, ten in each of four partitions, the older ones first."""
    topic = studio.broker.make_topic(unique_name("orders"))
    studio.broker.records.produce_many(
        topic,
        [
            NewRecord(
                value=json.dumps({"n": n, "customer": {"name": "ann" if n % 2 else "bob"}}),
                key=f"key-{n}",
                headers=(("trace", str(n).encode()),),
                partition=n % 4,
                timestamp_ms=_START_MS + n * 1000,
            )
            for n in range(40)
        ],
    )
    return topic


def numbers(records: Sequence[Record]) -> list[int]:
    return sorted(json.loads(r.value or b"")["n"] for r in records)


async def browsed(running: RunningStudio, scan: api.Scan, **choices: object) -> tuple[list[Record], api.BrowseReport]:
    """Browse to the end; return the records that events brought, and the report."""
    job_id = str(uuid.uuid4())
    report = await running.execute(api.BrowseTopic(job_id, scan, **choices))  # type: ignore[arg-type]
    await running.until(lambda me: bool(told(me, job_id)) and told(me, job_id)[-1].progress == report.progress)
    return [r for event in told(running, job_id) for r in event.records], report


def told(running: RunningStudio, job_id: str) -> list[BrowseProgressed]:
    return [e for e in running.events if isinstance(e, BrowseProgressed) and e.job_id == job_id]


async def test_everything_from_the_oldest_byte_for_byte(running: RunningStudio, studio: Studio, orders: str) -> None:
    records, report = await browsed(running, api.Scan(studio.broker.connection, orders, api.Oldest()))
    assert numbers(records) == list(range(40))
    lying = {(r.partition, r.offset): r for r in studio.broker.records.read_all(orders)}
    for r in records:
        there = lying[r.partition, r.offset]
        assert (r.key, r.value, r.headers, r.timestamp_ms) == (
            there.key,
            there.value,
            there.headers,
            there.timestamp_ms,
        )
    assert report.ended_by is api.EndedBy.END
    assert (report.progress.scanned, report.progress.matched, report.progress.delivered) == (40, 40, 40)
    ranges = [(x.partition, x.first, x.next, x.end, x.scanned) for x in report.progress.ranges]
    assert ranges == [(p, 0, 10, 10, 10) for p in range(4)]


@pytest.mark.parametrize(
    ("scan", "wanted"),
    [
        ({"start": api.Newest(5)}, [35, 36, 37, 38, 39]),
        ({"start": api.Newest(100)}, list(range(40))),
        ({"start": api.Newest(3), "filter": "value.customer.name == ann"}, [35, 37, 39]),
        ({"start": api.Newest(2), "filter": "value.n < 3"}, [1, 2]),
        ({"start": api.Oldest(), "filter": "key:key-1 partition:3"}, [11, 15, 19]),
        ({"start": api.FromOffset(8)}, list(range(32, 40))),
        ({"start": api.FromOffset(99)}, []),
        ({"start": api.FromTime(_START_MS + 35_500)}, [36, 37, 38, 39]),
        ({"start": api.FromTime(_START_MS * 2)}, []),
        ({"start": api.Oldest(), "partitions": (2,)}, list(range(2, 40, 4))),
        ({"start": api.FromEnd()}, []),
    ],
    # the time of a start is another one in each process, and a test's name must not be
    ids=lambda value: None if isinstance(value, list) else type(value["start"]).__name__,
)
async def test_where_it_begins_and_what_it_finds(
    running: RunningStudio, studio: Studio, orders: str, scan: dict[str, object], wanted: list[int]
) -> None:
    records, report = await browsed(running, api.Scan(studio.broker.connection, orders, **scan))  # type: ignore[arg-type]
    assert numbers(records) == wanted
    assert report.progress.delivered == len(wanted)


async def test_from_where_a_group_would_go_on(running: RunningStudio, studio: Studio, orders: str) -> None:
    studio.tool_agent("echo", "echo.echo")
    studio.write({"tools/echo.py": "def echo(payload: dict) -> dict:\n    return payload\n"})
    studio.inbound("orders-in", topic=orders, agents=["echo"])
    await running.ended(40)
    studio.write(
        {"connectors/orders-in.yaml": (studio.root / "connectors/orders-in.yaml").read_text() + "enabled: false\n"}
    )
    group = studio.group("orders-in")
    await until_committed(studio, group, orders, 40)
    studio.broker.records.produce(orders, '{"n": 40}', partition=1)
    records, _ = await browsed(running, api.Scan(studio.broker.connection, orders, api.FromGroup(group)))
    assert numbers(records) == [40]
    records, _ = await browsed(running, api.Scan(studio.broker.connection, orders, api.FromGroup("nobody")))
    assert len(records) == 41


async def until_committed(studio: Studio, group: str, topic: str, count: int) -> None:
    ends = time.monotonic() + 20
    while sum((await asyncio.to_thread(studio.broker.committed, group, topic)).values()) < count:
        assert time.monotonic() < ends, "never committed"


async def test_it_stops_after_so_many_and_counts_what_it_does_not_hand_over(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    scan = api.Scan(studio.broker.connection, orders, api.Oldest(), stop_after=7)
    records, report = await browsed(running, scan)
    assert len(records) == 7
    assert report.ended_by is api.EndedBy.LIMIT
    records, report = await browsed(running, api.Scan(studio.broker.connection, orders, api.Oldest()), keep=6)
    assert len(records) == 6
    assert (report.progress.matched, report.progress.delivered, report.progress.left_out) == (40, 6, 34)


async def test_following_shows_what_arrives_until_it_is_cancelled(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    scan = api.Scan(studio.broker.connection, orders, api.FromEnd(), filter="value.n >= 100")
    follow = asyncio.ensure_future(running.execute(api.BrowseTopic("tail", scan, follow=True)))
    await running.until(lambda me: any(e.progress.is_at_end for e in told(me, "tail")))
    for n in (5, 100, 101):
        await asyncio.to_thread(studio.broker.records.produce, orders, json.dumps({"n": n}))
    await running.until(lambda me: sum(len(e.records) for e in told(me, "tail")) == 2)
    assert all(e.is_tail for e in told(running, "tail"))
    with pytest.raises(CommandRefused, match="runs already"):
        await running.execute(api.BrowseTopic("tail", scan))
    assert await running.execute(api.CancelJob("tail"))
    report = await follow
    assert report.ended_by is api.EndedBy.CANCELLED
    assert report.progress.scanned == 3
    assert not await running.execute(api.CancelJob("tail"))


async def test_a_pause_reads_nothing_and_goes_on_where_it_was(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    scan = api.Scan(studio.broker.connection, orders, api.Oldest())
    browse = asyncio.ensure_future(running.execute(api.BrowseTopic("held", scan, follow=True)))
    await running.until(lambda me: any(e.progress.scanned == 40 for e in told(me, "held")))
    assert await running.execute(api.PauseJob("held", is_paused=True))
    await running.until(lambda me: told(me, "held")[-1].progress.is_paused)
    count = len(told(running, "held"))
    for n in range(40, 44):
        await asyncio.to_thread(studio.broker.records.produce, orders, json.dumps({"n": n}), partition=n % 4)
    found, _ = await browsed(running, api.Scan(studio.broker.connection, orders, api.Newest(4)))
    assert numbers(found) == [40, 41, 42, 43]
    assert len(told(running, "held")) == count
    assert await running.execute(api.PauseJob("held", is_paused=False))
    await running.until(lambda me: sum(len(e.records) for e in told(me, "held")) >= 44)
    assert numbers([r for e in told(running, "held") for r in e.records]) == list(range(44))
    assert not told(running, "held")[-1].progress.is_paused
    assert await running.execute(api.CancelJob("held"))
    assert (await browse).progress.scanned == 44
    assert not await running.execute(api.PauseJob("held", is_paused=True))


async def test_what_waits_can_be_stopped_with_what_it_had_read(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    scan = api.Scan(studio.broker.connection, orders, api.Oldest())
    browse = asyncio.ensure_future(running.execute(api.BrowseTopic("held", scan, follow=True)))
    await running.until(lambda me: any(e.progress.scanned == 40 for e in told(me, "held")))
    await running.execute(api.PauseJob("held", is_paused=True))
    await running.until(lambda me: told(me, "held")[-1].progress.is_paused)
    assert await running.execute(api.CancelJob("held"))
    report = await browse
    assert (report.ended_by, report.progress.scanned) == (api.EndedBy.CANCELLED, 40)
    assert not report.progress.is_paused


async def test_pausing_and_stopping_while_the_cluster_is_looked_for(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    scan = api.Scan(studio.broker.connection, orders, api.Oldest())
    browse = asyncio.ensure_future(running.execute(api.BrowseTopic("early", scan)))
    await asyncio.sleep(0)
    paused = asyncio.ensure_future(running.execute(api.PauseJob("early", is_paused=True)))
    await running.until(lambda me: bool(told(me, "early")) and told(me, "early")[-1].progress.is_paused)
    assert await paused
    assert told(running, "early")[-1].progress.scanned == 0
    await running.execute(api.PauseJob("early", is_paused=False))
    assert (await browse).progress.scanned == 40
    browse = asyncio.ensure_future(running.execute(api.BrowseTopic("early", scan)))
    await asyncio.sleep(0)
    assert await running.execute(api.CancelJob("early"))
    report = await browse
    assert (report.ended_by, report.progress.scanned) == (api.EndedBy.CANCELLED, 0)


async def test_stopping_the_engine_ends_a_browse_that_waits(studio: Studio, orders: str) -> None:
    async with studio.running() as running:
        scan = api.Scan(studio.broker.connection, orders, api.FromEnd())
        follow = asyncio.ensure_future(running.execute(api.BrowseTopic("tail", scan, follow=True)))
        await running.until(lambda me: bool(told(me, "tail")))
        await running.execute(api.PauseJob("tail", is_paused=True))
        await running.until(lambda me: told(me, "tail")[-1].progress.is_paused)
    assert (await follow).ended_by is api.EndedBy.CANCELLED


async def test_stopping_the_engine_ends_a_browse(studio: Studio, orders: str) -> None:
    async with studio.running() as running:
        scan = api.Scan(studio.broker.connection, orders, api.FromEnd())
        follow = asyncio.ensure_future(running.execute(api.BrowseTopic("tail", scan, follow=True)))
        await running.until(lambda me: bool(told(me, "tail")))
    assert (await follow).ended_by is api.EndedBy.CANCELLED


async def test_one_message_by_its_place(running: RunningStudio, studio: Studio, orders: str) -> None:
    connection = studio.broker.connection
    record = await running.execute(api.GetMessage(connection, orders, 3, 4))
    assert record is not None
    assert record.place == f"{orders}/3/4"
    assert numbers([record]) == [19]
    for partition, offset in ((3, 10), (3, 999), (77, 0)):
        assert await running.execute(api.GetMessage(connection, orders, partition, offset)) is None


async def test_what_cannot_be_read_is_said_in_a_sentence(
    running: RunningStudio, studio: Studio, orders: str, unique_name: Callable[[str], str]
) -> None:
    connection = studio.broker.connection
    for scan, words in (
        (api.Scan("nobody", orders), "no connection or connector 'nobody'"),
        (api.Scan(connection, orders, partitions=(9,)), "no partition 9"),
        (api.Scan(connection, orders, filter="valu.x == 1"), "character 1.*did you mean value"),
    ):
        with pytest.raises(CommandRefused, match=words):
            await running.execute(api.BrowseTopic("job", scan))
    missing = unique_name("missing")
    with pytest.raises(CommandRefused, match=f"no topic {missing}"):
        await running.execute(api.BrowseTopic("job", api.Scan(connection, missing)))
    assert missing not in {topic.name for topic in await running.execute(ListTopics(connection))}


async def test_a_broker_that_is_not_there_is_named(running: RunningStudio, studio: Studio) -> None:
    studio.connection("nowhere", bootstrap_servers="127.0.0.1:1")
    await running.engine.reload()
    with pytest.raises(EngineError) as caught:
        await running.execute(api.BrowseTopic("job", api.Scan("nowhere", "orders")))
    assert caught.value.fault.code is FaultCode.BROKER_UNREACHABLE
    assert caught.value.fault.parameters["address"] == "127.0.0.1:1"


async def test_live_messages_are_filtered_and_decoded_off_the_window(running: RunningStudio) -> None:
    values = (b'{"a": 12345678901234567890.5}', b"\0\0\0\0\x07x", b"\0\0\0\0\0\0\0\x05", None)
    records = tuple(Record("t", 0, n, n, None, value) for n, value in enumerate(values))
    assert await running.execute(api.MatchRecords("value.a > 1", records)) == (0,)
    assert await running.execute(api.MatchRecords("", records)) == (0, 1, 2, 3)
    assert await running.execute(api.CheckFilter("value.a >")) is not None
    assert await running.execute(api.CheckFilter("value.a > 1")) is None
    automatic = await running.execute(api.DecodeRecords(records))
    assert automatic[0].value.text == '{"a": 12345678901234567890.5}'
    assert automatic[1].value.format is api.Format.HEX
    assert "schema 7" in (automatic[1].value.detail or "")
    assert automatic[3].value.text is None
    integers = await running.execute(api.DecodeRecords(records, api.Decoders(value=api.Format.INT64)))
    assert integers[2].value.text == "5"
    assert "8 bytes, and this has 6" in (integers[1].value.problem or "")


async def test_what_a_registry_needs_is_said(running: RunningStudio, studio: Studio, orders: str) -> None:
    def avro(url: str, secret: str | None = None) -> api.Decoders:
        return api.Decoders(value=api.Format.AVRO, registry=api.SchemaRegistry(url, "me", secret))

    for decoders, words in (
        (avro("http://me:pw@127.0.0.1:1"), "apart from its address"),
        (avro("http://127.0.0.1:1", "nowhere"), "secret 'nowhere' is missing"),
    ):
        with pytest.raises(CommandRefused, match=words):
            await running.execute(api.DecodeRecords((), decoders))
    scan = api.Scan(
        studio.broker.connection, orders, api.Oldest(), filter="value.n == 1", decoders=avro("http://127.0.0.1:1")
    )
    records, report = await browsed(running, scan)
    assert records == []
    assert sum(x.scanned for x in report.progress.ranges) == report.progress.scanned == 40
    assert "nothing in 40 keys or values" in report.remarks[0]
    assert "zero byte" in report.remarks[0]
