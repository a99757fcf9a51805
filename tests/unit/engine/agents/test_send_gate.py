"""Requests are made ready one after the other, and wait for no answer but their own."""

import asyncio

import pytest

from kafka_agent_studio.engine.agents.send_gate import SendGate, request_is_sent, tell_when_sending


async def test_the_next_begins_once_the_one_before_is_sent() -> None:
    gate = SendGate(patience_s=60)
    begun: list[int] = []
    send, answer, all_begun = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def call(number: int) -> int:
        begun.append(number)
        if len(begun) == 3:
            all_begun.set()
        await send.wait()
        request_is_sent()
        await answer.wait()
        return number

    calls = [asyncio.ensure_future(gate.through(lambda n=n: call(n))) for n in range(3)]  # type: ignore[misc]
    await asyncio.sleep(0)
    assert begun == [0]
    send.set()
    await all_begun.wait()
    answer.set()
    assert await asyncio.gather(*calls) == [0, 1, 2]


async def test_a_call_that_never_says_so_holds_the_others_up_for_a_moment_only() -> None:
    gate = SendGate(patience_s=0.001)
    answer = asyncio.Event()
    silent = asyncio.ensure_future(gate.through(answer.wait))
    assert await gate.through(lambda: asyncio.sleep(0, "served")) == "served"
    answer.set()
    await silent


async def test_a_call_that_fails_or_is_cancelled_lets_the_next_in() -> None:
    gate = SendGate(patience_s=60)

    async def fail() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await gate.through(fail)
    stuck = asyncio.ensure_future(gate.through(asyncio.Event().wait))
    await asyncio.sleep(0)
    stuck.cancel()
    await asyncio.wait([stuck])
    assert await gate.through(lambda: asyncio.sleep(0, "served")) == "served"


async def test_a_transport_tells_of_each_request_however_often_it_was_asked_to() -> None:
    class Transport:
        async def handle_async_request(self, request: str) -> str:
            return f"answer to {request}"

    tell_when_sending(Transport)
    told = Transport.handle_async_request
    tell_when_sending(Transport)
    assert Transport.handle_async_request is told
    assert await SendGate().through(lambda: Transport().handle_async_request("one")) == "answer to one"
