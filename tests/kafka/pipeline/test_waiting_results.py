"""Results that cannot be published yet: nothing runs again for them, and a corrected file lets them go."""

import json
from collections.abc import Callable, Iterator

import pytest

from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.supervisor import Supervisor
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.kafka_admin import KafkaAdmin
from tests.helpers.kafka_listeners import Listener
from tests.helpers.kafka_records import NewRecord
from tests.helpers.studio import Studio

Names = Callable[[str], str]

COUNTING = """
from pathlib import Path

def count(payload):
    with Path(__file__).with_name("calls").open("a") as calls:
        calls.write(f"{payload['n']}\\n")
    return payload["n"]
"""


def counting(studio: Studio, names: Names, kafka: ApacheKafka) -> tuple[str, str]:
    """An agent whose calls are counted, with two messages that wait for it; the topics it reads and writes."""
    topic, results = (studio.broker.make_topic(names(n), partitions=1) for n in ("orders", "results"))
    studio.write({"tools/work.py": COUNTING})
    studio.tool_agent("counter", "work.count")
    studio.inbound("orders-in", topic=topic, agents=["counter"])
    kafka.records.produce_many(topic, [NewRecord(value=json.dumps({"n": n})) for n in range(2)])
    return topic, results


def calls(studio: Studio) -> list[str]:
    return sorted((studio.root / "tools" / "calls").read_text().split())


def limited(studio: Studio, kafka: ApacheKafka) -> None:
    """A connection, `limited`, whose user may do nothing yet."""
    login = {"sasl_mechanism": "PLAIN", "username": LIMITED_USER, "password_secret": "kafka-password"}
    studio.environ["KAFKA_AGENT_STUDIO_SECRET_KAFKA_PASSWORD"] = USER_PASSWORDS[LIMITED_USER]
    studio.connection(
        "limited",
        bootstrap_servers=kafka.bootstrap(Listener.SASL_PLAINTEXT),
        security={"protocol": "SASL_PLAINTEXT", **login},
    )


@pytest.fixture
def rights(kafka: ApacheKafka) -> Iterator[KafkaAdmin]:
    """Where rights are granted to the limited user, which are taken away in the end."""
    yield kafka.admin
    kafka.admin.forget_rules(LIMITED_USER)


@pytest.fixture(autouse=True)
def _short_drain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Supervisor.stop, "__defaults__", (0.5,))


async def test_a_finished_run_is_published_after_a_restart_without_running_again(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, rights: KafkaAdmin
) -> None:
    topic, results = counting(studio, unique_name, kafka)
    limited(studio, kafka)
    studio.outbound("results-out", topic=results, agents=["counter"], connection="limited")
    async with studio.running() as running:
        await running.is_in("results-out", ConnectorState.WAITING, FaultCode.TOPIC_DENIED)
        runs = await running.ended(2)
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 0
    rights.allow(LIMITED_USER, "write", "describe", topic=results)
    async with studio.running():
        published = await kafka.records.arrived(results, count=2)
    assert {json.loads(r.value or b"")["run_id"] for r in published} == {r.run_id for r in runs}
    assert len(kafka.records.read_all(results)) == 2
    assert calls(studio) == ["0", "1"]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2


async def test_stopping_and_starting_a_connector_doubles_nothing_that_waits(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, rights: KafkaAdmin
) -> None:
    topic, results = counting(studio, unique_name, kafka)
    limited(studio, kafka)
    studio.outbound("results-out", topic=results, agents=["counter"], connection="limited")
    async with studio.running() as running:
        await running.is_in("results-out", ConnectorState.WAITING, FaultCode.TOPIC_DENIED)
        await running.execute(StopConnector("orders-in"))
        await running.execute(StartConnector("orders-in"))
        await running.is_in("results-out", ConnectorState.WAITING, FaultCode.TOPIC_DENIED)
        rights.allow(LIMITED_USER, "write", "describe", topic=results)
        await kafka.records.arrived(results, count=2)
        await running.is_in("results-out", ConnectorState.RUNNING)
    assert len(kafka.records.read_all(results)) == 2
    assert calls(studio) == ["0", "1"]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2


async def test_results_that_wait_for_a_topic_leave_for_the_one_that_is_named_instead(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, rights: KafkaAdmin
) -> None:
    topic, results = counting(studio, unique_name, kafka)
    limited(studio, kafka)
    rights.allow(LIMITED_USER, "write", "describe", topic=results)
    studio.outbound("results-out", topic=unique_name("forbidden"), agents=["counter"], connection="limited")
    async with studio.running() as running:
        await running.is_in("results-out", ConnectorState.WAITING)
        await running.ended(2)
        studio.outbound("results-out", topic=results, agents=["counter"], connection="limited")
        await kafka.records.arrived(results, count=2)
        await running.is_in("results-out", ConnectorState.RUNNING)
    assert len(kafka.records.read_all(results)) == 2
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2


async def test_results_that_wait_for_a_wrong_address_leave_when_it_is_corrected(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = counting(studio, unique_name, kafka)
    studio.connection("away", bootstrap_servers=f"127.0.0.1:{kafka.dead_port}")
    studio.outbound("results-out", topic=results, agents=["counter"], connection="away")
    async with studio.running() as running:
        await running.is_in("results-out", ConnectorState.WAITING, FaultCode.BROKER_UNREACHABLE)
        await running.ended(2)
        studio.connection("away", bootstrap_servers=kafka.bootstrap())
        await kafka.records.arrived(results, count=2)
        await running.is_in("results-out", ConnectorState.RUNNING)
    assert len(kafka.records.read_all(results)) == 2
    assert calls(studio) == ["0", "1"]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2


async def test_results_that_wait_are_let_go_when_nobody_is_to_publish_them_any_more(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = counting(studio, unique_name, kafka)
    studio.connection("away", bootstrap_servers=f"127.0.0.1:{kafka.dead_port}")
    studio.outbound("away-out", topic=results, agents=["counter"], connection="away")
    studio.outbound("results-out", topic=results, agents=["counter"])
    async with studio.running() as running:
        await running.is_in("away-out", ConnectorState.WAITING, FaultCode.BROKER_UNREACHABLE)
        await running.ended(2)
        studio.delete("connectors/away-out.yaml")
        await kafka.records.arrived(results, count=2)
        await running.until(lambda me: me.lag.get("orders-in") == 0)
        await running.until(lambda me: all(d.in_flight == 0 for d in me.engine._connectors.dispatchers()))
    assert len(kafka.records.read_all(results)) == 2
    assert calls(studio) == ["0", "1"]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 2
