"""The pipeline with simple parts: what is committed, published, dead-lettered, retried, and what is not."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.ports import RunOutcome, RunRequest
from kafka_agent_studio.engine.run_ids import run_id_for
from kafka_agent_studio.model.run import ErrorType, RunError, RunStatus, Span, SpanKind
from tests.helpers.engine_fakes import (
    MemoryProducer,
    MemoryStore,
    Pipeline,
    make_inbound,
    make_outbound,
    make_record,
)

Build = Callable[..., Pipeline]


@pytest.fixture
async def build() -> AsyncIterator[Build]:
    pipelines: list[Pipeline] = []

    def new(**parts: Any) -> Pipeline:
        pipelines.append(Pipeline(**parts))
        return pipelines[-1]

    yield new
    for pipeline in pipelines:
        await pipeline.close()


def done(request: RunRequest) -> RunOutcome:
    return RunOutcome({"offset": request.payload["_kafka"]["offset"]})


def failing(*offsets: int, kind: ErrorType = ErrorType.TOOL_ERROR) -> Callable[[RunRequest], RunOutcome]:
    def answer(request: RunRequest) -> RunOutcome:
        if request.payload["_kafka"]["offset"] in offsets:
            return RunOutcome(None, error=RunError(kind, "it broke"))
        return done(request)

    return answer


async def test_a_message_is_published_then_committed(build: Build) -> None:
    pipeline = build(answer=done, outbound=[make_outbound()])
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0, key=b"k"), make_record(4)])
    await pipeline.settled()
    envelopes = pipeline.producer.values("results")
    assert [e["output"] for e in envelopes] == [{"offset": 0}, {"offset": 4}]
    assert list(envelopes[0]) == [
        "run_id",
        "agent_name",
        "status",
        "output",
        "error",
        "started_at",
        "ended_at",
        "token_usage",
    ]
    first, second = pipeline.producer.records
    assert (first.key, dict(first.headers)["studio.key_source"]) == (b"k", b"original")
    assert (second.key, dict(second.headers)["studio.key_source"]) == (envelopes[1]["run_id"].encode(), b"run_id")
    assert dict(first.headers)["studio.source"] == b"orders/0/0"
    assert pipeline.consumer.committed == {0: 5}


async def test_nothing_is_committed_before_its_result_is_acknowledged(build: Build) -> None:
    producer = MemoryProducer()
    producer.block = asyncio.Event()
    pipeline = build(answer=done, outbound=[make_outbound()], producer=producer)
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0)])
    for _ in range(200):
        await asyncio.sleep(0)
    await pipeline.dispatcher.commit()
    assert pipeline.consumer.committed == {}
    producer.block.set()
    await pipeline.settled()
    assert pipeline.consumer.committed == {0: 1}


async def test_parallel_work_never_skips_a_message(build: Build) -> None:
    slow = asyncio.Event()

    async def answer(request: RunRequest) -> RunOutcome:
        if request.payload["_kafka"]["offset"] == 1:
            await slow.wait()
        return done(request)

    pipeline = build(answer=answer)
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n) for n in range(4)])
    await pipeline.settled()
    assert pipeline.consumer.committed == {0: 1}
    slow.set()
    await pipeline.settled()
    assert pipeline.consumer.committed == {0: 4}


async def test_capacity_counts_messages_not_yet_done(build: Build) -> None:
    gate = asyncio.Event()

    async def answer(request: RunRequest) -> RunOutcome:
        await gate.wait()
        return done(request)

    pipeline = build(answer=answer, inbound=make_inbound(max_in_flight=3))
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n) for n in range(3)])
    assert pipeline.dispatcher.capacity() == 0
    gate.set()
    await pipeline.settled()
    assert pipeline.consumer.wakes
    assert pipeline.dispatcher.capacity() == 3


async def test_skip_records_the_failure_and_moves_on(build: Build) -> None:
    pipeline = build(answer=failing(0), outbound=[make_outbound(publish="all")])
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0), make_record(1)])
    await pipeline.settled()
    first, second = pipeline.producer.values("results")
    assert (first["status"], first["output"], first["error"]) == (
        "failed",
        None,
        {"type": "tool_error", "message": "it broke"},
    )
    assert second["status"] == "completed"
    assert pipeline.consumer.committed == {0: 2}


async def test_a_dead_letter_keeps_the_original_and_is_acknowledged_first(build: Build) -> None:
    inbound = make_inbound(on_failure="dead_letter", dead_letter_topic="orders.dlq")
    pipeline = build(answer=failing(0), inbound=inbound, outbound=[make_outbound()])
    await pipeline.start()
    record = make_record(0, key=b"\xff\x00", value=b"not json")
    pipeline.dispatcher.on_records(1, [record])
    await pipeline.settled()
    (letter,) = pipeline.producer.records
    assert (letter.topic, letter.key, letter.value) == ("orders.dlq", b"\xff\x00", b"not json")
    headers = dict(letter.headers)
    assert headers["studio.error"] == b'{"type":"tool_error","message":"it broke"}'
    assert headers["studio.run_id"] == run_id_for("orders-in", record, "worker").encode()
    assert (headers["studio.agent"], headers["studio.source"]) == (b"worker", b"orders/0/0")
    assert pipeline.consumer.committed == {0: 1}


async def test_stop_commits_nothing_past_the_message_and_tries_it_again(build: Build) -> None:
    inbound = make_inbound(on_failure="stop")
    store = MemoryStore()
    pipeline = build(answer=failing(1), inbound=inbound, outbound=[make_outbound()], store=store)
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n, key=b"k") for n in range(4)])
    await pipeline.settled()
    assert [h.code for h in pipeline.halts] == [FaultCode.RUN_FAILED_STOP]
    assert pipeline.halts[0].parameters["place"] == "orders/0/1"
    assert pipeline.consumer.committed == {0: 1}
    assert pipeline.runner.offsets == [0, 1], "the next message of the key waits"

    again = build(answer=done, inbound=inbound, outbound=[make_outbound()], store=store)
    await again.start({0: 1})
    again.dispatcher.on_records(1, [make_record(n, key=b"k") for n in range(1, 4)])
    await again.settled()
    assert again.runner.offsets == [1, 2, 3]
    assert again.consumer.committed == {0: 4}


async def test_ten_refusals_in_a_row_pause_uncommitted_from_the_first(build: Build) -> None:
    pipeline = build(answer=failing(*range(1, 20), kind=ErrorType.MODEL_REFUSED), inbound=make_inbound(max_in_flight=4))
    await pipeline.start()
    offset = 0
    while not pipeline.halts and offset < 20:
        free = pipeline.dispatcher.capacity()
        assert free, "held refusals must not fill the connector"
        pipeline.dispatcher.on_records(1, [make_record(n) for n in range(offset, offset + free)])
        offset += free
        await pipeline.settled()
    assert pipeline.halts[0].code is FaultCode.MODEL_REFUSED
    assert pipeline.consumer.committed == {0: 1}


async def test_a_success_between_refusals_settles_them(build: Build) -> None:
    pipeline = build(answer=failing(0, 1, kind=ErrorType.MODEL_REFUSED))
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n) for n in range(2)])
    await pipeline.settled()
    assert pipeline.consumer.committed == {}
    pipeline.dispatcher.on_records(1, [make_record(2)])
    await pipeline.settled()
    assert not pipeline.halts
    assert pipeline.consumer.committed == {0: 3}


async def test_a_result_too_large_becomes_a_failed_envelope_and_holds_up_nothing(build: Build) -> None:
    def answer(request: RunRequest) -> RunOutcome:
        return RunOutcome("x" * (5000 if request.payload["_kafka"]["offset"] == 0 else 5), is_text=True)

    pipeline = build(answer=answer, outbound=[make_outbound()], producer=MemoryProducer(max_size_bytes=1000))
    pipeline.runner.spans = [Span("1", None, SpanKind.TOOL, "orders.tag", 0, 5)]
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0), make_record(1)])
    await pipeline.settled()
    by_status = {e["status"]: e for e in pipeline.producer.values("results")}
    assert by_status["failed"]["error"]["type"] == "result_too_large"
    assert by_status["failed"]["output"] is None
    assert by_status["completed"]["output"] == "xxxxx"
    assert pipeline.consumer.committed == {0: 2}
    assert pipeline.store.by_status(RunStatus.FAILED) == [0]
    assert (pipeline.counters.completed, pipeline.counters.failed) == (1, 1)
    (failed,) = [e for e in pipeline.store.runs.values() if e.run.status is RunStatus.FAILED]
    assert [span.output for span in failed.spans] == ["x" * 5000]


async def test_how_a_run_ended_is_told_once_and_only_when_its_topic_took_its_result(build: Build) -> None:
    def answer(request: RunRequest) -> RunOutcome:
        return RunOutcome("x" * (5000 if request.payload["_kafka"]["offset"] == 0 else 5), is_text=True)

    pipeline = build(answer=answer, outbound=[make_outbound()], producer=MemoryProducer(max_size_bytes=1000))
    pipeline.producer.block = asyncio.Event()
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0), make_record(1)])
    for _ in range(200):
        await asyncio.sleep(0)
    assert len(pipeline.producer.records) == 1, "what is stored is on its way"
    assert not pipeline.ended
    pipeline.producer.block.set()
    await pipeline.settled()
    assert [(e.run.offset, e.run.status) for e in pipeline.ended] == [(0, RunStatus.FAILED), (1, RunStatus.COMPLETED)]


async def test_a_refusal_that_is_held_back_is_told_once(build: Build) -> None:
    def answer(request: RunRequest) -> RunOutcome:
        if request.payload["_kafka"]["offset"] == 0:
            return RunOutcome(None, error=RunError(ErrorType.MODEL_REFUSED, "no key"))
        return RunOutcome("done", is_text=True)

    pipeline = build(answer=answer, outbound=[make_outbound()])
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0)])
    await pipeline.settled()
    pipeline.dispatcher.on_records(1, [make_record(1)])
    await pipeline.settled()
    assert [(e.run.offset, e.run.status) for e in pipeline.ended] == [(0, RunStatus.FAILED), (1, RunStatus.COMPLETED)]


async def test_an_output_too_large_without_envelope_follows_on_failure(build: Build) -> None:
    inbound = make_inbound(on_failure="dead_letter", dead_letter_topic="orders.dlq")
    pipeline = build(
        answer=lambda _: RunOutcome("x" * 5000, is_text=True),
        inbound=inbound,
        outbound=[make_outbound(payload="output")],
        producer=MemoryProducer(max_size_bytes=1000),
    )
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0)])
    await pipeline.settled()
    assert [r.topic for r in pipeline.producer.records] == ["orders.dlq"]
    assert pipeline.counters.dead_letters == 1


async def test_finished_work_is_published_after_a_crash_without_running_again(build: Build) -> None:
    store, producer = MemoryStore(), MemoryProducer()
    producer.block = asyncio.Event()
    crashed = build(answer=done, outbound=[make_outbound()], store=store, producer=producer)
    await crashed.start()
    crashed.dispatcher.on_records(1, [make_record(0), make_record(1)])
    for _ in range(200):
        await asyncio.sleep(0)
    assert crashed.consumer.committed == {}
    await crashed.close()

    again = build(answer=done, outbound=[make_outbound()], store=store)
    await again.start()
    again.dispatcher.on_records(1, [make_record(0), make_record(1), make_record(2)])
    await again.settled()
    assert again.runner.offsets == [2], "what was paid for does not run again"
    assert sorted(e["output"]["offset"] for e in again.producer.values("results")) == [0, 1, 2]
    assert again.consumer.committed == {0: 3}


async def test_what_was_published_but_not_committed_is_not_published_twice(build: Build) -> None:
    store = MemoryStore()
    first = build(answer=done, outbound=[make_outbound()], store=store)
    await first.start()
    first.dispatcher.on_records(1, [make_record(0)])
    await first.settled()
    second = build(answer=done, outbound=[make_outbound()], store=store)
    await second.start()
    second.dispatcher.on_records(1, [make_record(0)])
    await second.settled()
    assert second.producer.records == []
    assert second.consumer.committed == {0: 1}


async def test_cancel_is_terminal_for_running_and_queued(build: Build) -> None:
    async def answer(request: RunRequest) -> RunOutcome:
        await asyncio.Event().wait()
        return done(request)

    pipeline = build(answer=answer, max_concurrent=1)
    await pipeline.start()
    records = [make_record(0), make_record(1)]
    pipeline.dispatcher.on_records(1, records)
    await asyncio.sleep(0.01)
    for record in reversed(records):
        assert pipeline.dispatcher.cancel_run(run_id_for("orders-in", record, "worker"))
    await pipeline.settled()
    assert pipeline.store.by_status(RunStatus.CANCELLED) == [0, 1]
    assert pipeline.consumer.committed == {0: 2}
    assert not pipeline.dispatcher.cancel_run("unknown")


async def test_a_kept_partition_is_not_worked_twice_and_a_lost_one_is_given_up(build: Build) -> None:
    gate = asyncio.Event()

    async def answer(request: RunRequest) -> RunOutcome:
        await gate.wait()
        return done(request)

    pipeline = build(answer=answer, outbound=[make_outbound()])
    await pipeline.start({0: 0, 1: 100})
    pipeline.dispatcher.on_records(1, [make_record(0), make_record(100, partition=1)])
    await asyncio.sleep(0.01)
    resume = await pipeline.start({0: 0}, epoch=2)
    assert resume == {0: 1}
    pipeline.dispatcher.on_records(1, [make_record(7, partition=1)])  # of the old assignment
    gate.set()
    await pipeline.settled()
    assert [e["output"] for e in pipeline.producer.values("results")] == [{"offset": 0}]
    assert pipeline.consumer.committed == {0: 1}


async def test_a_consumer_that_waits_since_the_revocation_hears_that_there_is_room_again(build: Build) -> None:
    pipeline = build(answer=done)
    await pipeline.start()
    await pipeline.dispatcher.on_revoked()
    assert pipeline.dispatcher.capacity() == 0
    before = pipeline.consumer.wakes
    await pipeline.start(epoch=2)
    assert pipeline.consumer.wakes > before
    assert pipeline.dispatcher.capacity() > 0


async def test_revocation_holds_what_has_not_begun_and_a_kept_partition_goes_on_with_it(build: Build) -> None:
    gate = asyncio.Event()

    async def answer(request: RunRequest) -> RunOutcome:
        await gate.wait()
        return done(request)

    pipeline = build(answer=answer, max_concurrent=1)
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n) for n in range(3)])
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_later(0.02, gate.set)
    await pipeline.dispatcher.on_revoked()
    assert pipeline.runner.offsets == [0], "nothing begins while partitions are being taken away"
    assert pipeline.consumer.committed == {0: 1}
    assert await pipeline.start({0: 1}, epoch=2) == {0: 3}
    await pipeline.settled()
    assert pipeline.runner.offsets == [0, 1, 2]
    assert pipeline.consumer.committed == {0: 3}


async def test_skip_empty_publishes_nothing_for_null_and_empty_text(build: Build) -> None:
    answers = {0: RunOutcome(None), 1: RunOutcome("", is_text=True), 2: RunOutcome("text", is_text=True)}
    pipeline = build(
        answer=lambda request: answers[request.payload["_kafka"]["offset"]],
        outbound=[make_outbound(skip_empty=True, payload="output")],
    )
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(n) for n in range(3)])
    await pipeline.settled()
    assert [r.value for r in pipeline.producer.records] == [b"text"]
    assert pipeline.consumer.committed == {0: 3}


async def test_every_linked_agent_gets_the_message(build: Build) -> None:
    pipeline = build(answer=done)
    links = pipeline.dispatcher.links
    other = type(pipeline.runner)(done)
    pipeline.dispatcher.links = type(links)(
        inbound=links.inbound,
        runners={"worker": pipeline.runner, "other": other},
        outbound=links.outbound,
        dead_letter=links.dead_letter,
    )
    await pipeline.start()
    pipeline.dispatcher.on_records(1, [make_record(0)])
    await pipeline.settled()
    assert (pipeline.runner.offsets, other.offsets) == ([0], [0])
    assert len(pipeline.store.runs) == 2
    assert pipeline.consumer.committed == {0: 1}
