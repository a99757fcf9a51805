"""One engine, killed and restarted, on a broker that goes away, a disk that is full, and a clock that jumps."""

import asyncio
import sys
from collections.abc import Callable

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.chaos import Chaos
from tests.helpers.engine_process import missing_disk_reason
from tests.helpers.fault_proxy import FaultMode, FaultProxy
from tests.helpers.model_server import ModelServer

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

MakeChaos = Callable[..., Chaos]
DAY_S = 86_400


def test_killed_at_random_moments_it_loses_nothing_and_calls_no_tool_again(chaos: MakeChaos, is_long: bool) -> None:
    kills = 40 if is_long else 2
    setting = chaos(count=1000 * kills)
    engine = setting.engine()
    for kill in range(kills):
        moment = setting.count * kill // kills + setting.random.randrange(setting.count // kills)
        setting.until_worked_on(moment, engine)
        setting.kill(engine)
        engine = setting.engine()
    setting.until_all_is_committed(engine)
    engine.stop()
    setting.assert_nothing_is_wrong()


async def test_killed_at_random_moments_it_calls_no_model_again(chaos: MakeChaos, is_long: bool) -> None:
    kills = 10 if is_long else 1
    async with ModelServer() as server:
        setting = await asyncio.to_thread(chaos, count=300 * kills, model_server=server.openai_base)
        server.brain = setting.answer
        engine = await asyncio.to_thread(setting.engine)
        for kill in range(kills):
            moment = setting.count * kill // kills + setting.random.randrange(setting.count // kills)
            await asyncio.to_thread(setting.until_worked_on, moment, engine)
            await asyncio.to_thread(setting.kill, engine)
            engine = await asyncio.to_thread(setting.engine)
        await asyncio.to_thread(setting.until_all_is_committed, engine)
        await asyncio.to_thread(engine.stop)
    await asyncio.to_thread(setting.assert_nothing_is_wrong)


def test_a_broker_that_restarts_and_one_that_is_away_cost_nothing(
    chaos: MakeChaos, kafka: ApacheKafka, is_long: bool
) -> None:
    setting = chaos(count=20_000 if is_long else 1500)
    engine = setting.engine()
    setting.until_worked_on(setting.count // 4, engine)
    kafka.restart()
    setting.until_worked_on(setting.count // 2, engine)
    with kafka.killed():
        asyncio.run(asyncio.sleep(60 if is_long else 5))
    setting.until_all_is_committed(engine)
    engine.stop()
    setting.assert_nothing_is_wrong()


async def test_connections_that_are_cut_in_every_way_cost_nothing(
    chaos: MakeChaos, fault_proxy: FaultProxy, is_long: bool
) -> None:
    setting = await asyncio.to_thread(chaos, count=30_000 if is_long else 3000, is_proxied=True)
    engine = await asyncio.to_thread(setting.engine)
    faults = [
        (FaultMode.RESET, 0.5, 0.5),
        (FaultMode.REFUSE, 2, 20),
        (FaultMode.BLACK_HOLE, 2, 60),
        (FaultMode.SLOW, 2, 20),
        (FaultMode.DROP_ANSWERS, 1, 15),
    ]
    for number, (mode, short_s, long_s) in enumerate(faults * (4 if is_long else 1)):
        moment = setting.count * (number + 1) // (len(faults) * (4 if is_long else 1) + 2)
        await asyncio.to_thread(setting.until_worked_on, moment, engine)
        await fault_proxy.set_mode(mode, latency_s=0.2)
        await asyncio.sleep(long_s if is_long else short_s)
        await fault_proxy.set_mode(FaultMode.PASS)
    await asyncio.to_thread(setting.until_all_is_committed, engine)
    await asyncio.to_thread(engine.stop)
    await asyncio.to_thread(setting.assert_nothing_is_wrong)


@pytest.mark.skipif(sys.platform != "linux", reason="files are limited by prlimit, which Linux has")
def test_a_file_that_may_not_grow_is_said_and_costs_nothing(chaos: MakeChaos, is_long: bool) -> None:
    setting = chaos(count=20_000 if is_long else 2000)
    engine = setting.engine()
    setting.until_worked_on(setting.count // 10, engine)
    said = engine.output()
    engine.limit_files(600_000)
    engine.until(lambda: "run store" in engine.output()[len(said) :], "words about the run store")
    asyncio.run(asyncio.sleep(30 if is_long else 1))
    setting.look_at_commits()
    engine.limit_files(None)
    setting.until_all_is_committed(engine)
    engine.stop()
    setting.assert_nothing_is_wrong()


def test_a_full_disk_is_said_and_costs_nothing(chaos: MakeChaos, is_long: bool) -> None:
    reason = missing_disk_reason()
    if reason:
        pytest.skip(reason)
    # enough that there is still work to store when the last filling is over
    setting = chaos(count=40_000 if is_long else 2000, disk_bytes=400_000_000 if is_long else 32_000_000)
    engine = setting.engine()
    for fill in range(5 if is_long else 1):
        setting.until_worked_on(setting.count * (fill + 1) // 20, engine)
        said = len(engine.output())
        engine.fill_disk()
        engine.until(lambda said=said: "run store" in engine.output()[said:], "words about the run store")  # type: ignore[misc]
        asyncio.run(asyncio.sleep(10 if is_long else 1))
        taken_in = setting.worked_on()
        asyncio.run(asyncio.sleep(1))
        assert setting.worked_on() == taken_in, "with a full disk it goes on taking messages in"
        setting.look_at_commits()
        engine.empty_disk()
    setting.until_all_is_committed(engine)
    engine.stop()
    setting.assert_nothing_is_wrong()


def test_a_clock_that_jumps_costs_nothing(chaos: MakeChaos, is_long: bool) -> None:
    jumps_s = [40 * DAY_S, -40 * DAY_S, 1800, -1800, 0] * (4 if is_long else 1)
    setting = chaos(count=1000 * len(jumps_s) if is_long else 2500, has_own_clock=True)
    assert setting.clock is not None
    engine = setting.engine()
    for number, ahead_s in enumerate(jumps_s):
        setting.until_worked_on(setting.count * (number + 1) // (len(jumps_s) + 1), engine)
        setting.clock.jump(ahead_s)
        if number % 3 == 0:
            # what was stored at another time of day is known after a crash all the same
            setting.kill(engine)
            engine = setting.engine()
        else:
            setting.look_at_commits()
    setting.until_all_is_committed(engine)
    engine.stop()
    setting.assert_nothing_is_wrong()
