"""What an agent gets for each record, and what leaves for it: CONTRACT §2 and §3, row by row."""

import base64
import json
from collections.abc import Callable
from typing import Any

from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.kafka_records import NewRecord, ReadRecord
from tests.helpers.studio import Studio, StudioBroker, headers_of

Names = Callable[[str], str]

ECHO = """
from typing import Any

def echo(payload: dict[str, Any]) -> Any:
    return payload
"""
ENVELOPE_KEYS = ["run_id", "agent_name", "status", "output", "error", "started_at", "ended_at", "token_usage"]
THIRTY_DIGITS = 123456789012345678901234567890


def echo_pipeline(studio: Studio, names: Names) -> tuple[str, str, str]:
    """An agent that answers with its payload; the topics it reads and writes, as envelope and as output."""
    topic, envelopes, outputs = (studio.broker.make_topic(names(n)) for n in ("orders", "envelopes", "outputs"))
    studio.write({"tools/work.py": ECHO})
    studio.tool_agent("echo", "work.echo")
    studio.inbound("orders-in", topic=topic, agents=["echo"])
    studio.outbound("envelopes-out", topic=envelopes, agents=["echo"])
    studio.outbound("outputs-out", topic=outputs, agents=["echo"], payload="output")
    return topic, envelopes, outputs


def by_source(records: list[ReadRecord]) -> dict[str, ReadRecord]:
    """Results by the offset of the message that they are of."""
    return {(headers_of(r)["studio.source"] or b"").decode().rpartition("/")[2]: r for r in records}


async def through(studio: Studio, names: Names, records: list[NewRecord]) -> tuple[list[Any], str]:
    """Return the payloads that the agent got for records of partition 0, in order, and the topic's name."""
    topic, _, outputs = echo_pipeline(studio, names)
    studio.broker.records.produce_many(topic, records)
    async with studio.running():
        results = await studio.broker.records.arrived(outputs, count=len(records))
    values = by_source(results)
    return [json.loads(values[str(offset)].value or b"") for offset in range(len(records))], topic


async def test_each_row_of_the_payload_table(studio: Studio, unique_name: Names) -> None:
    at_ms = 1705312800000
    values: list[tuple[bytes | None, dict[str, Any]]] = [
        (b'{"order_id": "12345", "total": 42.5}', {"order_id": "12345", "total": 42.5}),
        (b"[1, 2]", {"message": "[1, 2]"}),
        (b'"text"', {"message": '"text"'}),
        (b"null", {"message": "null"}),
        ("grüße".encode(), {"message": "grüße"}),
        (b"", {"message": ""}),
        (b"\xff\xfe\x00", {"message": None, "message_base64": base64.b64encode(b"\xff\xfe\x00").decode()}),
        (None, {"message": None}),
        (b'{"a": NaN}', {"message": '{"a": NaN}'}),
        (b'{"a": -Infinity}', {"message": '{"a": -Infinity}'}),
        (b'{"a": 1e999}', {"message": '{"a": 1e999}'}),
        (b'{"a": "\\ud800"}', {"message": '{"a": "\\ud800"}'}),
        (b"\xef\xbb\xbf{}", {"message": "\ufeff{}"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'{"a": }', {"message": '{"a": }'}),
        (b"[" * 100_000, {"message": "[" * 100_000}),
        (b'{"a":' * 501 + b"1" + b"}" * 501, {"message": '{"a":' * 501 + "1" + "}" * 501}),
        (b"\x00\x00\x00\x00\x07avro", {"message": "\x00\x00\x00\x00\x07avro"}),
        (b'{"id": %d}' % THIRTY_DIGITS, {"id": THIRTY_DIGITS}),
        (b'{"n": ' + b"7" * 4300 + b"}", {"n": "7" * 4300}),
    ]
    records = [NewRecord(value=v, key="order-12345", partition=0, timestamp_ms=at_ms) for v, _ in values]
    topic, _, outputs = echo_pipeline(studio, unique_name)
    studio.broker.records.produce_many(topic, records)
    async with studio.running():
        results = by_source(await studio.broker.records.arrived(outputs, count=len(records)))
    for offset, (value, expected) in enumerate(values):
        kafka = {"topic": topic, "partition": 0, "offset": offset, "timestamp": at_ms, "key": "order-12345"}
        payload = json.loads(results[str(offset)].value or b"", parse_int=_long_as_text)
        assert payload == {**expected, "_kafka": kafka}, value
        assert list(payload["_kafka"]) == ["topic", "partition", "offset", "timestamp", "key"]


def _long_as_text(digits: str) -> int | str:
    return digits if len(digits) > 4000 else int(digits)


async def test_what_stands_in_kafka_beside_the_five_fields(studio: Studio, unique_name: Names) -> None:
    headers = (("trace", b"one"), ("trace", b"\xff"), ("none", None))
    payloads, topic = await through(
        studio,
        unique_name,
        [
            NewRecord(value=b'{"_kafka": "mine", "a": 1}', key=b"\xff\x00", headers=headers, partition=0),
            NewRecord(value=b'{"a": 2}', partition=0, timestamp_ms=5),
        ],
    )
    first, second = payloads
    assert first["a"] == 1
    assert first["_kafka"]["shadowed"] == "mine"
    assert first["_kafka"]["key"] == base64.b64encode(b"\xff\x00").decode()
    assert first["_kafka"]["key_encoding"] == "base64"
    assert first["_kafka"]["headers"] == [
        {"name": "trace", "value": "one"},
        {"name": "trace", "value": {"base64": base64.b64encode(b"\xff").decode()}},
        {"name": "none", "value": None},
    ]
    assert second == {"a": 2, "_kafka": {"topic": topic, "partition": 0, "offset": 1, "timestamp": 5, "key": None}}


async def test_an_envelope_has_the_keys_of_the_specification_and_the_output_stands_alone(
    studio: Studio, unique_name: Names
) -> None:
    topic, envelopes, outputs = echo_pipeline(studio, unique_name)
    studio.broker.records.produce(topic, b'{"id": %d}' % THIRTY_DIGITS, key="order-123", partition=0, timestamp_ms=77)
    async with studio.running() as running:
        (enveloped,) = await studio.broker.records.arrived(envelopes, count=1)
        (alone,) = await studio.broker.records.arrived(outputs, count=1)
        (run,) = await running.ended(1)
    envelope = json.loads(enveloped.value or b"")
    assert list(envelope) == ENVELOPE_KEYS
    assert list(envelope["token_usage"]) == ["prompt_tokens", "candidates_tokens", "total_tokens"]
    assert envelope["status"] == "completed"
    assert envelope["error"] is None
    assert envelope["output"]["id"] == THIRTY_DIGITS
    assert envelope["started_at"].endswith("Z")
    assert envelope["started_at"] <= envelope["ended_at"]
    assert json.loads(alone.value or b"") == envelope["output"]
    source = Record(topic=topic, partition=0, offset=0, timestamp_ms=77, key=b"order-123", value=b"")
    assert envelope["run_id"] == run.run_id == run_id_for("orders-in", source, "echo")
    for record in (enveloped, alone):
        assert record.key == b"order-123"
        assert record.headers == (
            ("studio.run_id", run.run_id.encode()),
            ("studio.agent", b"echo"),
            ("studio.key_source", b"original"),
            ("studio.source", f"{topic}/0/0".encode()),
        )


async def test_keys_come_back_byte_for_byte_and_a_message_without_one_gets_its_run_id(
    studio: Studio, unique_name: Names
) -> None:
    topic, envelopes, _ = echo_pipeline(studio, unique_name)
    keys = [b"order-1", b"\xff\x00\xfe", b"", b" spaced ", "schlüssel".encode(), None]
    studio.broker.records.produce_many(topic, [NewRecord(value="{}", key=k, partition=0) for k in keys])
    async with studio.running():
        results = by_source(await studio.broker.records.arrived(envelopes, count=len(keys)))
    for offset, key in enumerate(keys):
        record = results[str(offset)]
        run_id = json.loads(record.value or b"")["run_id"].encode()
        assert record.key == (run_id if key is None else key)
        assert headers_of(record)["studio.key_source"] == (b"run_id" if key is None else b"original")


async def test_an_inbound_traceparent_is_continued(studio: Studio, unique_name: Names) -> None:
    topic, envelopes, _ = echo_pipeline(studio, unique_name)
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    parent = f"00-{trace_id}-b7ad6b7169203331-01".encode()
    studio.broker.records.produce(topic, "{}", headers=(("traceparent", parent),))
    async with studio.running():
        (result,) = await studio.broker.records.arrived(envelopes, count=1)
    continued = (headers_of(result)["traceparent"] or b"").decode().split("-")
    assert continued[1] == trace_id
    assert len(continued) == 4


async def test_every_linked_agent_gets_every_message_and_each_outbound_connector_its_own(
    studio: Studio, unique_name: Names
) -> None:
    make = studio.broker.make_topic
    orders, shipments, first, second = (make(unique_name(n)) for n in ("orders", "shipments", "first", "second"))
    studio.write({"tools/work.py": ECHO})
    studio.tool_agent("one", "work.echo")
    studio.tool_agent("two", "work.echo")
    studio.inbound("orders-in", topic=orders, agents=["one", "two"])
    studio.inbound("shipments-in", topic=shipments, agents=["two"])
    studio.outbound("first-out", topic=first, agents=["one", "two"], inputs=["orders-in"])
    studio.outbound("second-out", topic=second, agents=["two"])
    studio.broker.records.produce(orders, '{"n": 1}', key="a")
    studio.broker.records.produce(shipments, '{"n": 2}', key="a")
    async with studio.running() as running:
        runs = await running.ended(3)
        await studio.broker.records.arrived(first, count=2)
        await studio.broker.records.arrived(second, count=2)
    assert all(r.status is RunStatus.COMPLETED for r in runs)
    assert sorted((e["agent_name"], e["output"]["n"]) for e in studio.broker.results(first)) == [("one", 1), ("two", 1)]
    assert sorted((e["agent_name"], e["output"]["n"]) for e in studio.broker.results(second)) == [
        ("two", 1),
        ("two", 2),
    ]


async def test_poison_ends_in_a_run_and_stops_nobody(studio: Studio, unique_name: Names, broker: StudioBroker) -> None:
    topic, _, outputs = echo_pipeline(studio, unique_name)
    studio.write({"tools/work.py": "def echo(payload):\n    return len(str(payload.get('message')))\n"})
    big = 4_000_000 if broker.admin is None else 900_000
    records = [NewRecord(value=b"x" * big, partition=0), NewRecord(value=b'{"message": "after"}', partition=0)]
    broker.records.produce_many(topic, records)
    async with studio.running():
        results = by_source(await broker.records.arrived(outputs, count=2))
    assert [json.loads(results[n].value or b"") for n in ("0", "1")] == [big, 5]
