"""Commits go one at a time, of the present assignment only, and never backwards, whatever the broker would take."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from aiokafka import errors

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka import committer as committer_module
from kafka_agent_studio.engine.kafka.committer import Committer


class BrokerOfCommits:
    """Stands for the consumer: takes commits, or raises what it is told to, once each."""

    _group_id = "group"

    def __init__(self) -> None:
        self.taken: list[dict[int, int]] = []
        self.marks: set[str] = set()
        self.refusals: list[Exception] = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def commit(self, offsets: Mapping[Any, tuple[int, str]]) -> None:
        await self.gate.wait()
        if self.refusals:
            raise self.refusals.pop(0)
        self.taken.append({tp.partition: offset for tp, (offset, _) in offsets.items()})
        self.marks |= {mark for _, mark in offsets.values()}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(committer_module, "RETRY_PAUSE_S", 0.0)


def made(broker: BrokerOfCommits, notices: list[Fault] | None = None) -> Committer:
    told: list[Fault] = [] if notices is None else notices
    committer = Committer(consumer=broker, topic="orders", on_notice=told.append)
    committer.begin(1, {0: 10, 1: 10}, "mark")
    return committer


async def test_only_what_is_higher_and_ours_is_committed() -> None:
    broker = BrokerOfCommits()
    committer = made(broker)
    assert await committer.commit(1, {0: 12, 1: 10, 7: 99})
    assert await committer.commit(1, {0: 11})
    assert await committer.commit(1, {0: 13, 1: 11})
    assert broker.taken == [{0: 12}, {0: 13, 1: 11}]
    assert broker.marks == {"mark"}


async def test_the_beginning_itself_is_committed_first() -> None:
    broker = BrokerOfCommits()
    assert await made(broker).commit(1, {0: 10}, is_first=True)
    assert broker.taken == [{0: 10}]


async def test_an_assignment_that_ends_while_a_commit_waits_drops_it() -> None:
    broker = BrokerOfCommits()
    committer = made(broker)
    broker.gate.clear()
    first = asyncio.get_running_loop().create_task(committer.commit(1, {0: 12}))
    second = asyncio.get_running_loop().create_task(committer.commit(1, {0: 14}))
    await asyncio.sleep(0)
    committer.end()
    committer.begin(2, {0: 12}, "mark")
    broker.gate.set()
    assert await second is False
    assert await first is False
    assert broker.taken == [{0: 12}]  # it was on its way
    assert await committer.commit(2, {0: 15})


@pytest.mark.parametrize("error", [errors.CommitFailedError("gone"), errors.IllegalStateError("gone")])
async def test_a_commit_of_a_lost_membership_is_no_success(error: Exception) -> None:
    broker = BrokerOfCommits()
    broker.refusals.append(error)
    assert await made(broker).commit(1, {0: 12}) is False
    assert broker.taken == []


async def test_a_refused_right_is_said_once_and_the_commit_waits_for_it() -> None:
    broker, notices = BrokerOfCommits(), list[Fault]()
    broker.refusals += [errors.GroupAuthorizationFailedError("group")] * 3
    assert await made(broker, notices).commit(1, {0: 12})
    assert broker.taken == [{0: 12}]
    assert [n.code for n in notices] == [FaultCode.GROUP_DENIED]


async def test_closing_ends_a_commit_that_hangs() -> None:
    broker = BrokerOfCommits()
    committer = made(broker)
    broker.gate.clear()
    hanging = asyncio.get_running_loop().create_task(committer.commit(1, {0: 12}))
    await asyncio.sleep(0)
    await committer.close()
    assert await hanging is False
