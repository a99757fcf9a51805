"""A message that stopped its connector: passed over or parked by a person, and nothing else with it."""

import json
from collections.abc import Callable

import pytest

from kafka_agent_studio.api.faults import CommandRefused, FaultCode
from kafka_agent_studio.api.transfers import MoveOn
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.studio import RunningStudio, Studio, headers_of
from tests.integration.pipeline.test_failures import numbered, picky

Names = Callable[[str], str]


async def stopped(running: RunningStudio) -> None:
    await running.is_in("orders-in", None, FaultCode.RUN_FAILED_STOP)


def outcome(running: RunningStudio) -> dict[str, RunStatus]:
    return {run.place.rpartition("/")[2]: run.status for run in running.runs()}


async def test_the_message_is_passed_over_and_all_others_are_worked(studio: Studio, unique_name: Names) -> None:
    topic, results = picky(studio, unique_name, on_failure="stop")
    studio.outbound("out", topic=results, agents=["picky"])
    studio.broker.records.produce_many(topic, numbered('{"n": 0}', "{}", '{"n": 2}', "{}", '{"n": 4}'))
    async with studio.running() as running:
        await stopped(running)
        await running.execute(MoveOn("orders-in"))
        await running.until(lambda me: "3" in outcome(me))
        await stopped(running)
        await running.execute(MoveOn("orders-in"))
        arrived = await studio.broker.records.arrived(results, count=3)
    assert [json.loads(record.value or b"")["output"] for record in arrived] == [0, 2, 4]
    cancelled = [run for run in running.runs() if run.status is RunStatus.CANCELLED]
    assert len(cancelled) == 2
    assert all(r.error is not None and "skipped by an operator; it had failed:" in r.error.message for r in cancelled)


async def test_the_message_is_parked_before_it_is_passed_over(studio: Studio, unique_name: Names) -> None:
    topic, results = picky(studio, unique_name, on_failure="stop")
    parking = studio.broker.make_topic(unique_name("parked"))
    studio.outbound("out", topic=results, agents=["picky"])
    studio.broker.records.produce_many(topic, numbered("{}", '{"n": 1}'))
    async with studio.running() as running:
        await stopped(running)
        place = await running.execute(MoveOn("orders-in", park_in=parking))
        await studio.broker.records.arrived(results, count=1)
        (letter,) = await studio.broker.records.arrived(parking, count=1)
    assert place is not None
    assert (place.topic, place.offset) == (parking, 0)
    assert (letter.key, letter.value) == (b"k", b"{}")
    headers = headers_of(letter)
    assert headers["studio.source"] == f"{topic}/0/0".encode()
    assert b"there is no n" in (headers["studio.error"] or b"")


async def test_where_nothing_is_stopped_there_is_nothing_to_pass_over(studio: Studio, unique_name: Names) -> None:
    topic, _results = picky(studio, unique_name)
    studio.broker.records.produce_many(topic, numbered('{"n": 0}'))
    async with studio.running() as running:
        await running.ended(1)
        with pytest.raises(CommandRefused, match="not stopped by a message"):
            await running.execute(MoveOn("orders-in"))
