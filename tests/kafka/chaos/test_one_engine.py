"""One engine, killed and restarted, on a broker that goes away, and on a disk that is full."""

import asyncio
import sys
from collections.abc import Callable

import pytest

from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.chaos import MAX_IN_FLIGHT, Chaos
from tests.helpers.fault_proxy import FaultMode, FaultProxy

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(3600)]

MakeChaos = Callable[..., Chaos]


def assert_nothing_is_wrong(chaos: Chaos, *, doubled_at_most: int = 0) -> None:
    """Count up, and find nothing but what a crash may double."""
    findings = chaos.count_up()
    assert findings.lost == []
    assert findings.out_of_order == []
    assert findings.committed_beyond_done == []
    assert findings.called_again == []
    assert findings.doubled <= doubled_at_most


def test_killed_at_random_moments_it_loses_nothing_and_calls_no_tool_again(chaos: MakeChaos, is_long: bool) -> None:
    kills = 40 if is_long else 2
    setting = chaos(count=1000 * kills)
    engine = setting.engine()
    for kill in range(kills):
        moment = setting.count * kill // kills + setting.random.randrange(setting.count // kills)
        engine.until(lambda at=moment: setting.worked_on() > at, f"message {moment}")  # type: ignore[misc]
        setting.kill(engine)
        engine = setting.engine()
    engine.until(setting.is_all_committed, "the last commit")
    engine.stop()
    # what was published and not yet noted when it died is published once more, under the same run id
    assert_nothing_is_wrong(setting, doubled_at_most=kills * MAX_IN_FLIGHT)


def test_a_broker_that_restarts_and_one_that_is_away_cost_nothing(
    chaos: MakeChaos, kafka: ApacheKafka, is_long: bool
) -> None:
    setting = chaos(count=20_000 if is_long else 1500)
    engine = setting.engine()
    engine.until(lambda: setting.worked_on() > setting.count // 4, "a quarter")
    kafka.restart()
    engine.until(lambda: setting.worked_on() > setting.count // 2, "one half")
    with kafka.killed():
        asyncio.run(asyncio.sleep(60 if is_long else 5))
    engine.until(setting.is_all_committed, "the last commit")
    engine.stop()
    assert_nothing_is_wrong(setting)


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
        await asyncio.to_thread(engine.until, lambda at=moment: setting.worked_on() > at, f"message {moment}")  # type: ignore[misc]
        await fault_proxy.set_mode(mode, latency_s=0.2)
        await asyncio.sleep(long_s if is_long else short_s)
        await fault_proxy.set_mode(FaultMode.PASS)
    await asyncio.to_thread(engine.until, setting.is_all_committed, "the last commit")
    await asyncio.to_thread(engine.stop)
    await asyncio.to_thread(assert_nothing_is_wrong, setting)


@pytest.mark.skipif(sys.platform != "linux", reason="files are limited by prlimit, which Linux has")
def test_a_full_disk_is_said_and_costs_nothing(chaos: MakeChaos, is_long: bool) -> None:
    setting = chaos(count=20_000 if is_long else 2000)
    engine = setting.engine()
    engine.until(lambda: setting.worked_on() > setting.count // 10, "a tenth")
    said = engine.output()
    engine.limit_files(600_000)
    engine.until(lambda: "run store" in engine.output()[len(said) :], "words about the run store")
    asyncio.run(asyncio.sleep(30 if is_long else 1))
    setting.look_at_commits()
    engine.limit_files(None)
    engine.until(setting.is_all_committed, "the last commit")
    engine.stop()
    assert_nothing_is_wrong(setting)
