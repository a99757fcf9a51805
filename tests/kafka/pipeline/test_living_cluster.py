"""A cluster that changes under a running engine: sizes, topics, partitions, retention, rights."""

import json
from collections.abc import Callable

import pytest

from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka import client_config, consumer_watch
from kafka_agent_studio.model.run import ErrorType, RunStatus
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import Studio, headers_of

Names = Callable[[str], str]

MAKER = """
def make(payload):
    return "x" * payload["size"]
"""


def numbered(first: int, last: int, partition: int = 0) -> list[NewRecord]:
    return [NewRecord(value=str(n), partition=partition) for n in range(first, last + 1)]


def reader(studio: Studio, topic: str, **inbound: object) -> None:
    """An agent that answers with the text of its message."""
    studio.write({"tools/work.py": "def value(payload):\n    return payload['message']\n"})
    studio.tool_agent("reader", "work.value")
    studio.inbound("orders-in", topic=topic, agents=["reader"], **inbound)


async def test_a_result_too_large_for_its_topic_becomes_an_envelope_that_says_so(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, small, large, bare, letters = (unique_name(n) for n in ("orders", "small", "large", "bare", "letters"))
    for name in (topic, large, letters):
        kafka.admin.create_topic(name)
    for name in (small, bare):
        kafka.admin.create_topic(name, config={"max.message.bytes": "3000"})
    studio.write({"tools/work.py": MAKER})
    for agent in ("enveloped", "alone"):
        studio.tool_agent(agent, "work.make")
    studio.inbound(
        "orders-in", topic=topic, agents=["enveloped", "alone"], on_failure="dead_letter", dead_letter_topic=letters
    )
    studio.outbound("small-out", topic=small, agents=["enveloped"])
    studio.outbound("large-out", topic=large, agents=["enveloped"])
    studio.outbound("bare-out", topic=bare, agents=["alone"], payload="output")
    sizes = [10, 50_000, 20, 30]
    kafka.records.produce_many(topic, [NewRecord(value=json.dumps({"size": s}), key=str(s)) for s in sizes])
    async with studio.running() as running:
        results = await kafka.records.arrived(small, count=4)
        complete = await kafka.records.arrived(large, count=4)
        outputs = await kafka.records.arrived(bare, count=3)
        (letter,) = await kafka.records.arrived(letters, count=1)
        await running.until(lambda me: sum(r.status is RunStatus.FAILED for r in me.runs()) == 2)
    by_key = {r.key: json.loads(r.value or b"") for r in results}
    assert [by_key[str(s).encode()]["status"] for s in sizes] == ["completed", "failed", "completed", "completed"]
    failed = by_key[b"50000"]
    assert failed["output"] is None
    assert failed["error"]["type"] == "result_too_large"
    assert {len(json.loads(r.value or b"")["output"]) for r in complete} == set(sizes)
    assert sorted(len(json.loads(r.value or b"")) for r in outputs) == [10, 20, 30]
    assert (letter.key, headers_of(letter)["studio.agent"]) == (b"50000", b"alone")
    assert json.loads(headers_of(letter)["studio.error"] or b"")["type"] == "result_too_large"
    assert {r.error.type for r in running.runs() if r.error is not None} == {ErrorType.RESULT_TOO_LARGE}
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 4


async def test_a_topic_that_does_not_exist_yet_is_waited_for_and_not_made(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic = unique_name("late")
    reader(studio, topic)
    async with studio.running() as running:
        status = await running.is_in("orders-in", ConnectorState.WAITING, FaultCode.TOPIC_MISSING)
        assert status.next_try_at_us is not None
        assert topic not in kafka.admin.topics()
        kafka.admin.create_topic(topic)
        kafka.records.produce_many(topic, numbered(0, 1))
        runs = await running.ended(2)
        assert running.statuses["orders-in"].state is ConnectorState.RUNNING
    assert [r.output for r in runs] == ["0", "1"]


async def test_new_partitions_are_read_from_their_first_record_also_by_latest(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_config, "METADATA_MAX_AGE_MS", 500)
    topic = unique_name("growing")
    kafka.admin.create_topic(topic)
    kafka.records.produce_many(topic, numbered(0, 2))
    reader(studio, topic, auto_offset_reset="latest")
    async with studio.running() as running:
        await running.reads("orders-in")
        kafka.admin.add_partitions(topic, total=3)
        kafka.records.produce_many(topic, [*numbered(3, 3, partition=2), *numbered(4, 4, partition=0)])
        runs = await running.ended(2)
    assert sorted((r.partition, r.output) for r in runs) == [(0, "4"), (2, "3")]


async def test_records_removed_before_they_were_read_are_named_and_reading_goes_on(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic = unique_name("aging")
    kafka.admin.create_topic(topic)
    kafka.records.produce_many(topic, numbered(0, 9))
    reader(studio, topic, auto_offset_reset="latest")
    kafka.admin.set_committed(studio.group("orders-in"), topic, {0: 3})
    kafka.admin.delete_records(topic, before={0: 8})
    async with studio.running() as running:
        runs = await running.ended(2)
        await running.until(lambda me: bool(me.notices))
    assert sorted(r.output for r in runs) == ["8", "9"]  # without keys they run side by side
    (connector, fault), *more = running.notices
    assert (connector, fault.code, more) == ("orders-in", FaultCode.RECORDS_REMOVED, [])
    assert fault.parameters == {"topic": topic, "partition": 0, "first": 3, "last": 7}


async def test_a_topic_created_anew_stops_the_connector_with_a_question(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic = unique_name("anew")
    kafka.admin.create_topic(topic)
    kafka.records.produce_many(topic, numbered(0, 2))
    reader(studio, topic)
    async with studio.running() as running:
        await running.ended(3)
        await running.execute(StopConnector("orders-in"))
        kafka.admin.delete_topic(topic)
        kafka.admin.create_topic(topic)
        kafka.records.produce_many(topic, numbered(5, 6))
        await running.execute(StartConnector("orders-in"))
        await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.TOPIC_RECREATED)
        assert len(running.runs()) == 3
        await running.execute(StartConnector("orders-in"))
        runs = await running.ended(5)
    assert sorted(str(r.output) for r in runs[3:]) == ["5", "6"]


async def test_a_topic_deleted_under_a_connector_is_said_and_not_made_again_and_a_new_one_is_asked_about(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_watch, "TOPIC_EVERY_S", 1.0)
    monkeypatch.setattr(consumer_watch, "LOOK_EVERY_S", 0.2)
    topic = unique_name("deleted")
    kafka.admin.create_topic(topic, partitions=3)
    kafka.records.produce_many(topic, numbered(0, 2))
    reader(studio, topic)
    async with studio.running() as running:
        await running.ended(3)
        kafka.admin.delete_topic(topic)
        await running.is_in("orders-in", ConnectorState.WAITING, FaultCode.TOPIC_MISSING)
        assert topic not in kafka.admin.topics()
        kafka.admin.create_topic(topic)
        kafka.records.produce_many(topic, numbered(5, 6))
        await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.TOPIC_RECREATED)
        assert len(running.runs()) == 3
        await running.execute(StartConnector("orders-in"))
        runs = await running.ended(5)
    assert sorted(str(r.output) for r in runs[3:]) == ["5", "6"]


async def test_rights_taken_away_make_it_wait_and_granted_again_make_it_go_on(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = unique_name("guarded"), unique_name("results")
    kafka.admin.create_topic(topic)
    kafka.admin.create_topic(results)
    security = {
        "protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "username": LIMITED_USER,
        "password_secret": "kafka-password",
    }
    studio.environ["KAFKA_AGENT_STUDIO_SECRET_KAFKA_PASSWORD"] = USER_PASSWORDS[LIMITED_USER]
    studio.connection("apache", bootstrap_servers=kafka.bootstrap(Listener.SASL_PLAINTEXT), security=security)
    reader(studio, topic)
    studio.outbound("results-out", topic=results, agents=["reader"], payload="output")
    kafka.records.produce_many(topic, numbered(0, 1))
    try:
        async with studio.running() as running:
            await running.is_in("orders-in", None, FaultCode.TOPIC_DENIED)
            kafka.admin.allow(LIMITED_USER, "read", "describe", topic=topic)
            kafka.admin.allow(LIMITED_USER, "read", group=studio.group("orders-in"))
            await running.is_in("results-out", ConnectorState.WAITING, FaultCode.TOPIC_DENIED)
            assert len(await running.ended(2)) == 2
            assert kafka.records.read_all(results) == []
            kafka.admin.allow(LIMITED_USER, "write", "describe", topic=results)
            await kafka.records.arrived(results, count=2)
            await running.is_in("results-out", ConnectorState.RUNNING)
    finally:
        kafka.admin.forget_rules(LIMITED_USER)
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2


async def test_what_the_broker_takes_from_others_ends_in_a_run_whatever_it_is(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = unique_name("poison"), unique_name("results")
    kafka.admin.create_topic(topic, config={"max.message.bytes": "12000000"})
    kafka.admin.create_topic(results)
    studio.write({"tools/work.py": "def size(payload):\n    return len(str(payload))\n"})
    studio.tool_agent("sizer", "work.size")
    studio.inbound("orders-in", topic=topic, agents=["sizer"])
    studio.outbound("results-out", topic=results, agents=["sizer"])
    kafka.records.produce(topic, '{"n": "first"}')
    kafka.records.produce_aborted(topic, [NewRecord(value='{"n": "aborted"}')])
    kafka.records.produce(topic, b'{"text": "%s"}' % (b"x" * 10_000_000))
    kafka.records.produce(topic, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, key=b"x" * 100_000)
    kafka.records.produce(topic, "{}", headers=(("x" * 10_000, b"\xff" * 10_000),) * 50)
    kafka.records.produce(topic, '{"n": "last"}')
    async with studio.running() as running:
        runs = await running.ended(5)
        await kafka.records.arrived(results, count=5)
    assert {r.status for r in runs} == {RunStatus.COMPLETED}
    assert len({r.offset for r in runs}) == 5
