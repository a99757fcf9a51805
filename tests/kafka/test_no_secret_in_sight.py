"""A password shows in no log line, fault or repr, also at debug level and when the login fails."""

import logging
from collections.abc import Callable

import pytest

from kafka_agent_studio.engine.kafka.connection_check import CheckTarget, check_connection
from kafka_agent_studio.engine.ports import FaultError, OutboundRecord
from kafka_agent_studio.model.security import SaslMechanism, Security, SecurityProtocol
from tests.helpers.apache_kafka import USER_PASSWORDS, ApacheKafka
from tests.helpers.engine_clients import EngineClients, MemorySecrets, make_cluster
from tests.helpers.kafka_listeners import Listener


@pytest.mark.parametrize("mechanism", list(SaslMechanism))
@pytest.mark.parametrize("password", [USER_PASSWORDS["admin"], "wrong-canary-4711"])
async def test_a_password_is_seen_nowhere(
    kafka: ApacheKafka,
    topic: str,
    unique_name: Callable[[str], str],
    caplog: pytest.LogCaptureFixture,
    mechanism: SaslMechanism,
    password: str,
) -> None:
    security = Security(
        protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=mechanism,
        username="admin",
        password_secret="prod-kafka",
    )
    secrets = MemorySecrets({"prod-kafka": password})
    clients = EngineClients(make_cluster(kafka.bootstrap(Listener.SASL_PLAINTEXT), security=security), secrets)
    seen = []
    with caplog.at_level(logging.DEBUG):
        seen += [repr(s) async for s in check_connection(CheckTarget(cluster=clients.cluster), secrets)]
        try:
            async with clients.inbound(topic, unique_name("group")) as running:
                await running.listener.until(lambda me: bool(me.assignments))
            async with clients.outbound() as outbound:
                await outbound.send([OutboundRecord(topic, b"k", b"v")])
        except FaultError as error:
            seen.append(repr(error) + repr(error.fault))
    clients.close()
    lines = [record.getMessage() for record in caplog.records]
    assert any("ApiVersion" in line for line in lines), "nothing was logged at debug level"
    assert not [line for line in lines if password in line]
    assert not [text for text in seen if password in text]
