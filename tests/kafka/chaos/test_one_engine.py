"""One engine, killed and restarted, on a broker that goes away, and on a disk that is full."""

import asyncio
import sys
from collections.abc import Callable

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.chaos import Chaos
from tests.helpers.fault_proxy import FaultMode, FaultProxy

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

MakeChaos = Callable[..., Chaos]


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
def test_a_full_disk_is_said_and_costs_nothing(chaos: MakeChaos, is_long: bool) -> None:
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
