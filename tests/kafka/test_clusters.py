"""Topics, consumer groups and rights, through the seam, on Apache Kafka."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from confluent_kafka import Consumer

from kafka_agent_studio.api import cluster_commands as api
from kafka_agent_studio.api.browse import BrowseTopic, EndedBy, FromGroup, Oldest, PauseJob, Scan
from kafka_agent_studio.api.checks import StageName, StageState
from kafka_agent_studio.api.events import BrowseProgressed, CheckStageFinished, ConnectorState
from kafka_agent_studio.api.faults import CommandRefused, EngineError, FaultCode
from kafka_agent_studio.api.transfers import NewMessage, ProduceMessages, Replay, Scanned
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.kafka_admin import client_settings
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import RunningStudio, Studio, StudioBroker

pytestmark = pytest.mark.kafka

_START_MS = round(time.time() * 1000) - 3_600_000
"""An hour ago: much older records Kafka itself would remove."""


@pytest.fixture
def studio(tmp_path: Path, kafka: ApacheKafka) -> Iterator[Studio]:
    broker = StudioBroker(connection="apache", address=kafka.bootstrap(), records=kafka.records, admin=kafka.admin)
    studio = Studio(root=tmp_path / "studio", broker=broker)
    studio.connection(
        "limited",
        bootstrap_servers=kafka.bootstrap(Listener.SASL_PLAINTEXT),
        security={
            "protocol": "SASL_PLAINTEXT",
            "sasl_mechanism": "SCRAM-SHA-256",
            "username": LIMITED_USER,
            "password_secret": "limited",
        },
    )
    studio.environ["KAFKA_AGENT_STUDIO_SECRET_LIMITED"] = USER_PASSWORDS[LIMITED_USER]
    yield studio
    kafka.admin.forget_rules(LIMITED_USER)


@pytest.fixture
async def running(studio: Studio) -> AsyncIterator[RunningStudio]:
    async with studio.running() as engine:
        yield engine


@pytest.fixture
def orders(kafka: ApacheKafka, unique_name: Callable[[str], str]) -> str:
    """Two partitions with ten records each, a second apart."""
    topic = unique_name("orders")
    kafka.admin.create_topic(topic, partitions=2)
    kafka.records.produce_many(
        topic, [NewRecord(value=str(n), partition=n % 2, timestamp_ms=_START_MS + n * 1000) for n in range(20)]
    )
    return topic


# topics


async def test_a_topic_is_created_listed_and_described(
    running: RunningStudio, unique_name: Callable[[str], str]
) -> None:
    name = unique_name("new")
    assert await running.execute(api.DescribeTopic("apache", name)) is None
    await running.execute(api.CreateTopic("apache", name, partitions=3, config={"retention.ms": "60000"}))
    listed = {t.name: t for t in await running.execute(api.ListTopics("apache", with_config=True))}
    assert (listed[name].partitions, listed[name].replicas) == (3, 1)
    assert listed[name].config == {"retention.ms": "60000"}
    assert not any(t.startswith("__") for t in listed)
    topic = await running.execute(api.DescribeTopic("apache", name))
    assert topic is not None
    assert [(p.partition, p.first, p.end, p.in_sync) for p in topic.partitions] == [(p, 0, 0, 1) for p in range(3)]
    assert topic.config["retention.ms"] == "60000"
    assert "READ" in (topic.operations or ())
    with pytest.raises(CommandRefused, match=f"a topic {name} already"):
        await running.execute(api.CreateTopic("apache", name))
    with pytest.raises(CommandRefused, match="does not create"):
        await running.execute(api.CreateTopic("apache", unique_name("no"), config={"retention.ms": "never"}))
    with pytest.raises(CommandRefused, match="does not create"):
        await running.execute(api.CreateTopic("apache", unique_name("no"), replicas=3))


async def test_a_topic_that_was_made_again_during_a_pause_is_another_one(
    running: RunningStudio, kafka: ApacheKafka, orders: str
) -> None:
    def told(me: RunningStudio) -> list[BrowseProgressed]:
        return [e for e in me.events if isinstance(e, BrowseProgressed)]

    browse = asyncio.ensure_future(running.execute(BrowseTopic("held", Scan("apache", orders, Oldest()), follow=True)))
    await running.until(lambda me: any(e.progress.scanned == 20 for e in told(me)))
    assert await running.execute(PauseJob("held", is_paused=True))
    await running.until(lambda me: told(me)[-1].progress.is_paused)
    kafka.admin.delete_topic(orders)
    kafka.admin.create_topic(orders, partitions=2)
    # with more in it than was read before, its offsets alone tell nothing
    kafka.records.produce_many(orders, [NewRecord(value=str(n), partition=n % 2) for n in range(60)])
    assert await running.execute(PauseJob("held", is_paused=False))
    with pytest.raises(CommandRefused, match="was deleted and created anew while reading was paused"):
        await browse


# groups


async def test_a_group_shows_its_members_and_lag_and_cannot_be_reset_while_it_reads(
    running: RunningStudio, studio: Studio, orders: str
) -> None:
    studio.tool_agent("echo", "echo.echo")
    studio.write({"tools/echo.py": "def echo(payload: dict) -> dict:\n    return payload\n"})
    studio.inbound("orders-in", topic=orders, agents=["echo"])
    await running.ended(20)
    group = studio.group("orders-in")
    assert group in {g.name for g in await running.execute(api.ListGroups("apache"))}
    described = await running.execute(api.DescribeGroup("apache", group))
    assert (described.state, described.is_stopped, len(described.members)) == ("STABLE", False, 1)
    assert described.connectors == ("orders-in",)
    assert {p.member for p in described.partitions} == {"kafka-agent-studio"}
    assert [(p.partition, p.end) for p in described.partitions] == [(0, 10), (1, 10)]
    reset = api.ResetOffsets("apache", group, orders, api.ResetTo.EARLIEST)
    with pytest.raises(CommandRefused, match="connector orders-in reads with the group"):
        await running.execute(reset)
    studio.inbound("orders-in", topic=orders, agents=["echo"], enabled=False)
    await running.is_in("orders-in", ConnectorState.DISABLED)
    report = await running.execute(reset)
    assert (report.repeated, report.skipped) == (20, 0)
    described = await running.execute(api.DescribeGroup("apache", group))
    assert (described.is_stopped, described.lag) == (True, 20)


async def test_a_reset_is_counted_before_and_done_after(
    running: RunningStudio, kafka: ApacheKafka, orders: str, unique_name: Callable[[str], str]
) -> None:
    group = unique_name("group")
    kafka.admin.set_committed(group, orders, {0: 6})
    for to, value, wanted, skipped, repeated in (
        (api.ResetTo.EARLIEST, None, {0: 0, 1: 0}, 0, 6),
        (api.ResetTo.LATEST, None, {0: 10, 1: 10}, 14, 0),
        (api.ResetTo.OFFSET, 8, {0: 8, 1: 8}, 10, 0),
        (api.ResetTo.OFFSET, 99, {0: 10, 1: 10}, 14, 0),
        (api.ResetTo.TIME, _START_MS + 3500, {0: 2, 1: 2}, 2, 4),
        (api.ResetTo.TIME, _START_MS * 2, {0: 10, 1: 10}, 14, 0),
    ):
        preview = await running.execute(api.PreviewOffsetReset("apache", group, orders, to, value))
        assert {p.partition: p.after for p in preview.partitions} == wanted
        assert (preview.skipped, preview.repeated, preview.refused) == (skipped, repeated, None)
    assert kafka.admin.committed(group, orders) == {0: 6}
    done = await running.execute(api.ResetOffsets("apache", group, orders, api.ResetTo.TIME, _START_MS + 3500, (0,)))
    assert [(p.before, p.after) for p in done.partitions] == [(6, 2)]
    assert kafka.admin.committed(group, orders) == {0: 2}
    with pytest.raises(CommandRefused, match="Give the offset"):
        await running.execute(api.PreviewOffsetReset("apache", group, orders, api.ResetTo.OFFSET))
    with pytest.raises(CommandRefused, match="no partition 5"):
        await running.execute(api.PreviewOffsetReset("apache", group, orders, api.ResetTo.LATEST, None, (5,)))


async def test_a_group_of_others_is_not_reset_under_their_hands(
    running: RunningStudio, kafka: ApacheKafka, orders: str, unique_name: Callable[[str], str]
) -> None:
    group = unique_name("group")
    member = Consumer(client_settings(kafka.bootstrap()) | {"group.id": group, "client.id": "their-app"})
    member.subscribe([orders])
    try:
        await asyncio.to_thread(_until_assigned, member)
        with pytest.raises(CommandRefused, match=r"has 1 member \(their-app\): stop them first"):
            await running.execute(api.ResetOffsets("apache", group, orders, api.ResetTo.LATEST))
    finally:
        await asyncio.to_thread(member.close)


def _until_assigned(member: Consumer) -> None:
    while not member.assignment():
        member.poll(0.1)


async def test_a_group_nobody_knows(running: RunningStudio) -> None:
    described = await running.execute(api.DescribeGroup("apache", "nobody-knows-it"))
    assert (described.state, described.is_stopped, described.partitions) == ("DEAD", True, ())


# rights


async def test_browsing_needs_no_right_on_any_group(running: RunningStudio, kafka: ApacheKafka, orders: str) -> None:
    kafka.admin.allow(LIMITED_USER, "read", "describe", topic=orders)
    report = await running.execute(BrowseTopic("job", Scan("limited", orders, Oldest())))
    assert (report.ended_by, report.progress.delivered) == (EndedBy.END, 20)
    with pytest.raises(EngineError) as caught:
        await running.execute(BrowseTopic("job", Scan("limited", orders, FromGroup("theirs"))))
    assert caught.value.fault.code is FaultCode.GROUP_DENIED


async def test_a_right_that_is_missing_is_named(running: RunningStudio, kafka: ApacheKafka, orders: str) -> None:
    kafka.admin.allow(LIMITED_USER, "describe", topic=orders)
    with pytest.raises(EngineError) as caught:
        await running.execute(BrowseTopic("job", Scan("limited", orders, Oldest())))
    assert caught.value.fault.code is FaultCode.TOPIC_DENIED
    assert caught.value.fault.parameters == {"topic": orders, "operation": "read"}
    with pytest.raises(EngineError) as caught:
        await running.execute(ProduceMessages("limited", orders, (NewMessage(value=b"x"),)))
    assert caught.value.fault.parameters == {"topic": orders, "operation": "write"}
    scan = Scanned(Scan("limited", orders, Oldest()))
    with pytest.raises(EngineError) as caught:
        await running.execute(Replay("job", scan, "apache", orders))
    assert caught.value.fault.parameters == {"topic": orders, "operation": "read"}
    with pytest.raises(CommandRefused, match="needs the right CREATE"):
        await running.execute(api.CreateTopic("limited", f"{orders}-2"))
    with pytest.raises(EngineError) as caught:
        await running.execute(api.DescribeGroup("limited", "theirs"))
    assert caught.value.fault.code is FaultCode.GROUP_DENIED


async def test_a_wrong_password_is_named(running: RunningStudio, studio: Studio, orders: str) -> None:
    studio.environ["KAFKA_AGENT_STUDIO_SECRET_LIMITED"] = "wrong"
    with pytest.raises(EngineError) as listing:
        await running.execute(api.ListTopics("limited"))
    with pytest.raises(EngineError) as browsing:
        await running.execute(BrowseTopic("job", Scan("limited", orders)))
    assert {listing.value.fault.code, browsing.value.fault.code} == {FaultCode.LOGIN_REFUSED}


# does it connect


async def test_a_saved_connection_a_form_and_a_text_are_checked_stage_by_stage(
    running: RunningStudio, studio: Studio, kafka: ApacheKafka, orders: str
) -> None:
    report = await running.execute(api.TestConnection("one", name="apache"))
    assert report.is_ok
    await running.until(lambda me: len(_stages(me, "one")) == len(report.stages))
    assert tuple(e.stage for e in _stages(running, "one")) == report.stages

    security = {
        "protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "username": LIMITED_USER,
        "password_secret": "typed",
    }
    draft = api.ConnectionDraft(kafka.bootstrap(Listener.SASL_PLAINTEXT), security, topic=orders)
    right = api.TestConnection("two", draft=draft, secrets={"typed": USER_PASSWORDS[LIMITED_USER]})
    assert USER_PASSWORDS[LIMITED_USER] not in repr(right)
    stages = {s.name: s.state for s in (await running.execute(right)).stages}
    assert stages[StageName.SASL] is StageState.OK
    assert stages[StageName.TOPIC] is StageState.FAILED
    wrong = api.TestConnection("three", draft=draft, secrets={"typed": "wrong"})
    stages = {s.name: s.state for s in (await running.execute(wrong)).stages}
    assert stages[StageName.SASL] is StageState.FAILED

    text = f'version: "1.0"\nname: typed-in\nconnection: apache\ndirection: inbound\ntopic: {orders}\nagents: []\n'
    report = await running.execute(api.TestConnection("four", text=text))
    assert report.target == "typed-in"
    assert {s.name for s in report.stages if s.state is StageState.OK} >= {StageName.TOPIC, StageName.PERMISSION}


async def test_a_form_that_is_not_complete_is_refused_with_its_place(running: RunningStudio) -> None:
    for command, words in (
        (
            api.TestConnection("job", draft=api.ConnectionDraft("nowhere")),
            "servers: 'nowhere' is not host:port",
        ),
        (api.TestConnection("job", draft=api.ConnectionDraft("a:1", {"protocol": "SASL_SSL"})), "needs sasl_mechanism"),
        (api.TestConnection("job", text="version: '1.0'\nname: x\nbootstrap: a:1\n"), r"Line \d, column 1"),
        (api.TestConnection("job", name="nobody"), "no connection or connector 'nobody'"),
        (api.TestConnection("job"), "one of them"),
    ):
        with pytest.raises(CommandRefused, match=words):
            await running.execute(command)


def _stages(running: RunningStudio, job_id: str) -> list[CheckStageFinished]:
    return [e for e in running.events if isinstance(e, CheckStageFinished) and e.job_id == job_id]
