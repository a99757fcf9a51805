"""Every way to log in to Apache Kafka: a message in, a result out, through the whole engine."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import keyring
import pytest

from kafka_agent_studio.api.certificates import CertificateKind
from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.api.events import CertificatesChanged, ConnectorState, Event, Snapshot
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka import consumer_watch
from tests.helpers.apache_kafka import ADMIN_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.certificates import CLIENT_KEY_PASSWORD
from tests.helpers.kafka_listeners import MECHANISMS, Listener
from tests.helpers.studio import Studio, StudioBroker

Names = Callable[[str], str]

CELLS: list[tuple[Listener, str | None]] = [
    (Listener.PLAINTEXT, None),
    (Listener.SSL, None),
    (Listener.MTLS, None),
    *((listener, m) for listener in (Listener.SASL_PLAINTEXT, Listener.SASL_SSL) for m in MECHANISMS),
]


def security_of(kafka: ApacheKafka, listener: Listener, mechanism: str | None) -> dict[str, Any]:
    """The security block of a workspace's file for one way to log in."""
    security: dict[str, Any] = {"protocol": listener.protocol}
    if listener.protocol.endswith("SSL"):
        security["ca_file"] = str(kafka.ca_file)
    if listener is Listener.MTLS:
        locked = kafka.certificates.client_locked
        security |= {
            "client_cert_file": str(locked.cert_file),
            "client_key_file": str(locked.key_file),
            "client_key_password_secret": "client-key",
        }
    if mechanism is not None:
        security |= {"sasl_mechanism": mechanism, "username": ADMIN_USER, "password_secret": "kafka-password"}
    return security


def secure_pipeline(
    studio: Studio, names: Names, kafka: ApacheKafka, listener: Listener, mechanism: str | None
) -> tuple[str, str]:
    """An agent that answers with its payload, behind one way to log in; the topics it reads and writes."""
    topic, results = (studio.broker.make_topic(names(n)) for n in ("orders", "results"))
    studio.connection(
        studio.broker.connection,
        bootstrap_servers=kafka.bootstrap(listener),
        security=security_of(kafka, listener, mechanism),
    )
    studio.environ |= {
        "KAFKA_AGENT_STUDIO_SECRET_KAFKA_PASSWORD": USER_PASSWORDS[ADMIN_USER],
        "KAFKA_AGENT_STUDIO_SECRET_CLIENT_KEY": CLIENT_KEY_PASSWORD,
    }
    studio.write({"tools/work.py": "def echo(payload):\n    return payload\n"})
    studio.tool_agent("echo", "work.echo")
    studio.inbound("orders-in", topic=topic, agents=["echo"])
    studio.outbound("results-out", topic=results, agents=["echo"])
    return topic, results


@pytest.mark.parametrize(("listener", "mechanism"), CELLS, ids=lambda v: "none" if v is None else str(v))
async def test_a_message_goes_in_and_its_result_comes_out(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, listener: Listener, mechanism: str | None
) -> None:
    topic, results = secure_pipeline(studio, unique_name, kafka, listener, mechanism)
    kafka.records.produce(topic, '{"order_id": "12345"}', key="order-12345")
    async with studio.running():
        (result,) = await kafka.records.arrived(results, count=1)
    assert result.key == b"order-12345"
    assert json.loads(result.value or b"")["output"]["order_id"] == "12345"
    assert sum(kafka_offset for kafka_offset in studio.broker.committed(studio.group("orders-in"), topic).values()) >= 1


async def test_a_wrong_password_stops_the_connector_until_somebody_corrects_it(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, broker: StudioBroker
) -> None:
    topic, results = secure_pipeline(studio, unique_name, kafka, Listener.SASL_SSL, "SCRAM-SHA-256")
    kafka.records.produce(topic, "{}")
    studio.environ["KAFKA_AGENT_STUDIO_SECRET_KAFKA_PASSWORD"] = "not the password"
    async with studio.running() as running:
        status = await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.LOGIN_REFUSED)
        assert status.fault is not None
        assert status.fault.parameters["username"] == ADMIN_USER
        studio.connection(broker.connection, bootstrap_servers=kafka.bootstrap())
        await kafka.records.arrived(results, count=1)


async def test_a_password_that_is_changed_stops_the_connector_and_the_new_one_is_taken_at_the_next_start(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_watch, "SILENT_S", 2.0)
    monkeypatch.setattr(consumer_watch, "LOOK_EVERY_S", 0.2)
    topic, _ = secure_pipeline(studio, unique_name, kafka, Listener.SASL_PLAINTEXT, "SCRAM-SHA-256")
    del studio.environ["KAFKA_AGENT_STUDIO_SECRET_KAFKA_PASSWORD"]
    keyring.set_password("kafka-agent-studio", "kafka-password", USER_PASSWORDS[ADMIN_USER])
    kafka.records.produce(topic, '{"n": 1}')
    try:
        async with studio.running() as running:
            await running.ended(1)
            kafka.admin.set_password(ADMIN_USER, "another password")
            # connections that are open go on: the change is felt at the next one
            await asyncio.to_thread(kafka.restart)
            stopped = await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.LOGIN_REFUSED)
            assert stopped.fault is not None
            assert stopped.fault.parameters["username"] == ADMIN_USER
            kafka.records.produce(topic, '{"n": 2}')
            keyring.set_password("kafka-agent-studio", "kafka-password", "another password")
            await running.execute(StartConnector("orders-in"))
            await running.ended(2)
    finally:
        kafka.admin.set_password(ADMIN_USER, USER_PASSWORDS[ADMIN_USER])


async def test_certificates_about_to_expire_are_said_while_everything_works(
    studio: Studio, unique_name: Names, kafka: ApacheKafka
) -> None:
    topic, results = secure_pipeline(studio, unique_name, kafka, Listener.MTLS, None)
    kafka.records.produce(topic, "{}")
    files = kafka.certificates
    shown = {
        (CertificateKind.CLIENT, str(files.client_locked.cert_file)),
        (CertificateKind.AUTHORITY, str(kafka.ca_file)),
        (CertificateKind.BROKER, kafka.bootstrap(Listener.MTLS)),
    }

    def found(event: Event) -> set[tuple[CertificateKind, str]]:
        certificates = event.certificates if isinstance(event, CertificatesChanged) else ()
        return {(one.kind, one.where) for one in certificates}

    async with studio.running() as running:
        await kafka.records.arrived(results, count=1)
        await running.until(lambda me: any(found(event) == shown for event in me.events))
        assert running.statuses["orders-in"].state is ConnectorState.RUNNING
        (snapshot,) = running.engine.subscribe().drain()
        assert isinstance(snapshot, Snapshot)
        assert {(one.kind, one.where) for one in snapshot.certificates} == shown
    # the authority's lasts a month, of which connectors say nothing yet
    said = {(connector, str(fault.parameters["kind"]), fault.code) for connector, fault in running.notices}
    assert said == {
        (connector, kind, FaultCode.CERTIFICATE_EXPIRES)
        for connector in ("orders-in", "results-out")
        for kind in ("client", "broker")
    }
