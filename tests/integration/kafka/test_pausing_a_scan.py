"""A scan that waits: nothing is read or fetched meanwhile, and it goes on at the very next offset; on both brokers."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kafka_agent_studio.api.browse import Newest, Oldest, Scan, Start
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.hold import Hold
from kafka_agent_studio.engine.kafka import browser
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.engine.kafka.client_config import ClientConfig
from kafka_agent_studio.engine.messages.scan import TopicScan
from kafka_agent_studio.model.message import Record
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.engine_clients import AnyBroker, MemorySecrets, make_cluster
from tests.helpers.kafka_records import NewRecord

_PARTITIONS = 4
_EACH = 25


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a scan take so little at a time that it is far from its end when the pause comes."""
    monkeypatch.setattr(browser, "BATCH", 7)


@pytest.fixture
def topic(broker: AnyBroker, unique_name: Callable[[str], str]) -> str:
    """Four partitions of 25 records each; the value is the place."""
    name = unique_name("paused")
    write(broker, name, range(_EACH))
    return name


def write(broker: AnyBroker, topic: str, offsets: range) -> None:
    broker.records.produce_many(
        topic, [NewRecord(value=f"{p}/{n}", partition=p) for n in offsets for p in range(_PARTITIONS)]
    )


class Scanning:
    """A scan under way, its records as they were found."""

    def __init__(self, config: ClientConfig, topic: str, start: Start, *, follow: bool = False) -> None:
        self.hold = Hold()
        self.cancelled = threading.Event()
        self.reader = TopicReader(config=config, topic=topic, cancelled=self.cancelled, hold=self.hold)
        self.scan = TopicScan(
            reader=self.reader,
            scan=Scan("anywhere", topic, start),
            passes=None,
            committed=None,
            follow=follow,
            cancelled=self.cancelled,
        )
        self.records: list[Record] = []
        self._steps = self.scan.found()

    def step(self) -> bool:
        """Go on a little; False: it was over."""
        found = next(self._steps, None)
        self.records += found or []
        return found is not None

    def until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            assert self.step(), "it was over before"

    def pause(self) -> None:
        """Pause it and let it come to rest."""
        self.hold.hold()
        self.until(lambda: self.scan.is_paused)

    def finish(self) -> None:
        while self.step():
            pass

    def stop(self) -> None:
        self.cancelled.set()
        self.hold.end()

    @property
    def places(self) -> Counter[str]:
        assert all((r.value or b"").decode() == f"{r.partition}/{r.offset}" for r in self.records)
        return Counter((r.value or b"").decode() for r in self.records)


Begin = Callable[..., Scanning]


@pytest.fixture
async def begin(broker: AnyBroker, topic: str) -> Begin:
    config = await ClientConfig.build(broker.clients.cluster, MemorySecrets())
    return lambda start, follow=False: Scanning(config, topic, start, follow=follow)


@contextmanager
def closing(scanning: Scanning) -> Iterator[Scanning]:
    try:
        yield scanning
    finally:
        scanning.reader.close()


def everything(each: int = _EACH) -> Counter[str]:
    return Counter(f"{p}/{n}" for n in range(each) for p in range(_PARTITIONS))


@pytest.mark.parametrize("start", [Oldest(), Newest(1000)], ids=["forward", "backward"])
async def test_nothing_is_lost_and_nothing_comes_twice(begin: Begin, start: Start) -> None:
    with closing(begin(start)) as scanning:
        pauses = 0
        while scanning.step():
            if not scanning.scan.is_paused and scanning.scan.scanned >= 20 * (pauses + 1) and pauses < 3:
                pauses += 1
                scanning.pause()
                at_rest = scanning.scan.scanned
                assert scanning.scan.progress(delivered=0, left_out=0).is_paused
                scanning.hold.let_go()
                scanning.until(lambda: not scanning.scan.is_paused)
                assert scanning.scan.scanned == at_rest
        assert pauses == 3
        assert scanning.places == everything()
        assert scanning.scan.scanned == _PARTITIONS * _EACH
        assert scanning.reader.is_at_end or isinstance(start, Newest)


async def test_the_client_fetches_nothing_while_it_waits(broker: AnyBroker, topic: str, begin: Begin) -> None:
    with closing(begin(Oldest(), follow=True)) as scanning:
        scanning.until(lambda: scanning.scan.scanned == _PARTITIONS * _EACH)
        scanning.pause()
        write(broker, topic, range(_EACH, _EACH + 5))
        consumer = scanning.reader._consumer  # what it was given to fetch
        assert consumer.assignment() == []
        assert consumer.consume(1, 0.3) == []
        assert scanning.scan.scanned == _PARTITIONS * _EACH
        scanning.hold.let_go()
        scanning.until(lambda: len(scanning.records) == _PARTITIONS * (_EACH + 5))
        assert scanning.places == everything(_EACH + 5)
        scanning.stop()
        scanning.finish()


async def test_a_pause_before_the_first_record(begin: Begin) -> None:
    with closing(begin(Oldest())) as scanning:
        scanning.pause()
        assert scanning.scan.scanned == 0
        scanning.hold.let_go()
        scanning.finish()
        assert scanning.places == everything()


async def test_it_can_be_stopped_while_it_waits(begin: Begin) -> None:
    with closing(begin(Oldest())) as scanning:
        scanning.until(lambda: scanning.scan.scanned > 0)
        scanning.pause()
        read = len(scanning.records)
        waiting = threading.Thread(target=scanning.finish)
        waiting.start()
        scanning.stop()
        waiting.join(20)
        assert not waiting.is_alive()
        scanning.hold.hold()
        assert not scanning.hold.is_held
        assert len(scanning.records) == read


async def test_a_pause_that_outlasts_every_limit_of_a_group(broker: AnyBroker, topic: str, begin: Begin) -> None:
    with closing(begin(Oldest())) as scanning:
        # no member of a group, so that there is nobody whose silence would count
        assert scanning.reader._consumer.memberid() in (None, "")
        scanning.until(lambda: scanning.scan.scanned > 0)
        scanning.pause()
        assert scanning.reader._consumer.memberid() in (None, "")
        scanning.hold.let_go()
        scanning.finish()
        assert scanning.places == everything()


# what can become of the topic meanwhile


@pytest.fixture
async def paused(kafka: ApacheKafka, unique_name: Callable[[str], str]) -> Scanning:
    """A scan of Apache Kafka that rests somewhere in the middle: two partitions of 25."""
    name = unique_name("paused")
    kafka.admin.create_topic(name, partitions=2)
    kafka.records.produce_many(name, [NewRecord(value=f"{p}/{n}", partition=p) for n in range(_EACH) for p in range(2)])
    config = await ClientConfig.build(make_cluster(kafka.bootstrap()), MemorySecrets())
    scanning = Scanning(config, name, Oldest())
    scanning.until(lambda: scanning.scan.scanned > 0)
    scanning.pause()
    return scanning


async def test_what_retention_took_meanwhile_is_said(kafka: ApacheKafka, paused: Scanning) -> None:
    with closing(paused):
        at = dict(paused.reader.positions)
        topic = paused.reader.topic
        kafka.admin.delete_records(topic, before={0: 20, 1: _EACH})
        paused.hold.let_go()
        paused.finish()
        remarks = paused.scan.remarks()
        wanted = []
        if at[0] < 20:
            wanted.append(f"{topic}/0: {at[0]} to 19 were removed while reading was paused.")
        if at[1] < _EACH:
            wanted.append(f"{topic}/1: {at[1]} to 24 were removed while reading was paused.")
        assert wanted
        assert list(remarks) == wanted
        expected = {f"0/{n}" for n in range(_EACH) if n < at[0] or n >= 20} | {f"1/{n}" for n in range(at[1])}
        assert set(paused.places) == expected


async def test_a_topic_that_was_deleted_meanwhile_is_said(kafka: ApacheKafka, paused: Scanning) -> None:
    with closing(paused):
        kafka.admin.delete_topic(paused.reader.topic)
        paused.hold.let_go()
        with pytest.raises(CommandRefused, match="was deleted while reading was paused"):
            paused.finish()


async def test_a_topic_that_begins_anew_meanwhile_is_said(kafka: ApacheKafka, paused: Scanning) -> None:
    with closing(paused):
        kafka.admin.delete_topic(paused.reader.topic)
        kafka.admin.create_topic(paused.reader.topic, partitions=2)
        paused.hold.let_go()
        with pytest.raises(CommandRefused, match="now ends at 0: it was cut short, or created anew"):
            paused.finish()
