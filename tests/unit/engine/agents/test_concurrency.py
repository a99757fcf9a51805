"""Concurrency keys: one run at a time per value."""

import asyncio

import pytest

from kafka_agent_studio.engine.agents.concurrency import ConcurrencyGates, value_at


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("customer", "ann"),
        ("order.id", 7),
        ("lines.1.sku", "b"),
        ("order.none", None),
        ("lines.9", None),
        ("x.y", None),
    ],
)
def test_a_dot_path_leads_to_a_value(path: str, value: object) -> None:
    payload = {"customer": "ann", "order": {"id": 7}, "lines": [{"sku": "a"}, {"sku": "b"}]}
    assert value_at(payload, path) == value


def test_values_that_differ_as_json_are_different_keys() -> None:
    gates = ConcurrencyGates()
    assert len({gates.key_of("a", value) for value in (1, True, "1", 1.5, [1], {"b": 1})}) == 6
    assert gates.key_of("a", {"x": 1, "y": 2}) == gates.key_of("a", {"y": 2, "x": 1})
    assert gates.key_of("a", 1) != gates.key_of("b", 1)


async def test_the_first_to_wait_is_the_first_to_enter() -> None:
    gates = ConcurrencyGates()
    key = gates.key_of("agent", "ann")
    order: list[int] = []

    async def hold(number: int) -> None:
        await gates.enter(key)
        order.append(number)
        await asyncio.sleep(0)
        gates.leave(key)

    async with asyncio.TaskGroup() as group:
        for number in range(5):
            group.create_task(hold(number))
    assert order == [0, 1, 2, 3, 4]
    assert not gates.is_taken(key)


async def test_who_gives_up_waiting_does_not_hold_the_others_up() -> None:
    gates = ConcurrencyGates()
    key = gates.key_of("agent", "ann")
    await gates.enter(key)
    quitter = asyncio.ensure_future(gates.enter(key))
    patient = asyncio.ensure_future(gates.enter(key))
    await asyncio.sleep(0)
    quitter.cancel()
    await asyncio.wait([quitter])
    gates.leave(key)
    await patient
    gates.leave(key)
    assert not gates.is_taken(key)


async def test_a_turn_given_to_one_who_was_just_cancelled_goes_to_the_next() -> None:
    gates = ConcurrencyGates()
    key = gates.key_of("agent", "ann")
    await gates.enter(key)
    quitter = asyncio.ensure_future(gates.enter(key))
    patient = asyncio.ensure_future(gates.enter(key))
    await asyncio.sleep(0)
    gates.leave(key)
    quitter.cancel()
    await asyncio.wait([quitter])
    await patient
    gates.leave(key)
    assert not gates.is_taken(key)
