"""Every distinct failure of a connection check says what it is and what to do, on Apache Kafka and on bad sockets."""

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kafka_agent_studio.api.checks import CheckStage, StageName, StageState
from kafka_agent_studio.engine.kafka.connection_check import CheckTarget, check_connection
from kafka_agent_studio.model.connector import Direction
from kafka_agent_studio.model.security import SaslMechanism, Security, SecurityProtocol
from tests.helpers.apache_kafka import LIMITED_USER, USER_PASSWORDS, ApacheKafka
from tests.helpers.bad_sockets import BadServer, FullBacklog, Misbehaviour
from tests.helpers.certificates import CLIENT_KEY_PASSWORD
from tests.helpers.engine_clients import MemorySecrets, make_cluster
from tests.helpers.kafka_listeners import Listener
from tests.helpers.ports import free_ports

Names = Callable[[str], str]
PASSWORDS = {"admin": USER_PASSWORDS["admin"], "limited": USER_PASSWORDS["limited"], "lock": CLIENT_KEY_PASSWORD}


async def check(
    bootstrap: str,
    security: Security | None = None,
    *,
    secrets: dict[str, str] | None = None,
    topic: str | None = None,
    group: str | None = None,
    direction: Direction | None = None,
) -> dict[StageName, CheckStage]:
    target = CheckTarget(
        cluster=make_cluster(bootstrap, security=security), topic=topic, group=group, direction=direction
    )
    began = time.monotonic()
    stages = [s async for s in check_connection(target, MemorySecrets(PASSWORDS if secrets is None else secrets))]
    assert time.monotonic() - began < 10
    assert [s.name for s in stages] == list(StageName)
    failed = [s for s in stages if s.state is StageState.FAILED]
    assert len(failed) <= 1
    if failed:
        assert failed[0].remedy
        after = stages[stages.index(failed[0]) + 1 :]
        assert all(s.state is StageState.SKIPPED and failed[0].name in s.reason for s in after)
    return {s.name: s for s in stages}


def failure(stages: dict[StageName, CheckStage]) -> tuple[str, str]:
    """The failed stage and what it says."""
    (stage,) = [s for s in stages.values() if s.state is StageState.FAILED]
    return stage.name.value, f"{stage.reason} / {stage.remedy}"


def sasl(
    mechanism: str = "SCRAM-SHA-256", *, user: str = "admin", tls: bool = False, ca: Path | None = None
) -> Security:
    return Security(
        protocol=SecurityProtocol.SASL_SSL if tls else SecurityProtocol.SASL_PLAINTEXT,
        sasl_mechanism=SaslMechanism(mechanism),
        username=user,
        password_secret=user,
        ca_file=None if ca is None else str(ca),
    )


def tls(kafka: ApacheKafka, **fields: object) -> Security:
    return Security.model_validate({"protocol": "SSL", "ca_file": str(kafka.ca_file)} | fields)


# what works


@pytest.mark.parametrize("mechanism", ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("direction", list(Direction))
async def test_every_stage_is_well(kafka: ApacheKafka, topic: str, mechanism: str, direction: Direction) -> None:
    security = sasl(mechanism, tls=True, ca=kafka.ca_file)
    stages = await check(
        kafka.bootstrap(Listener.SASL_SSL), security, topic=topic, group="any-group", direction=direction
    )
    assert {s.state for s in stages.values()} == {StageState.OK}, stages
    assert "valid until" in stages[StageName.TLS].reason


async def test_a_connection_alone_needs_no_topic(kafka: ApacheKafka) -> None:
    stages = await check(kafka.bootstrap())
    states = {name.value: stage.state.value for name, stage in stages.items()}
    assert states == {
        "resolve": "ok",
        "tcp": "ok",
        "tls": "skipped",
        "sasl": "skipped",
        "metadata": "ok",
        "listeners": "ok",
        "topic": "skipped",
        "permission": "skipped",
    }


async def test_a_client_certificate_with_an_encrypted_key_is_accepted(kafka: ApacheKafka) -> None:
    files = kafka.certificates.client_locked
    security = tls(
        kafka,
        client_cert_file=str(files.cert_file),
        client_key_file=str(files.key_file),
        client_key_password_secret="lock",
    )
    stages = await check(kafka.bootstrap(Listener.MTLS), security)
    assert stages[StageName.METADATA].state is StageState.OK


async def test_one_of_two_servers_is_enough_and_the_other_is_named(kafka: ApacheKafka) -> None:
    (dead,) = free_ports(1)
    stages = await check(f"127.0.0.1:{dead},{kafka.bootstrap()}")
    assert stages[StageName.TCP].state is StageState.OK
    assert f"127.0.0.1:{dead}: connection refused" in stages[StageName.TCP].reason
    assert stages[StageName.METADATA].state is StageState.OK


# the line


async def test_unknown_host() -> None:
    stage, says = failure(await check("no-such-host.invalid:9092"))
    assert stage == "resolve"
    assert "no-such-host.invalid is not known" in says


async def test_refused() -> None:
    (port,) = free_ports(1)
    stage, says = failure(await check(f"127.0.0.1:{port}"))
    assert stage == "tcp"
    assert "refused" in says
    assert "running" in says


async def test_a_connection_attempt_that_is_swallowed() -> None:
    backlog = FullBacklog()
    try:
        stage, says = failure(await check(backlog.bootstrap))
    finally:
        backlog.close()
    assert stage == "tcp"
    assert "no answer" in says
    assert "firewall" in says


@pytest.mark.parametrize("protocol", ["PLAINTEXT", "SSL"])
async def test_a_peer_that_never_answers(protocol: str) -> None:
    async with BadServer(Misbehaviour.SILENT) as server:
        stage, says = failure(await check(server.bootstrap, Security(protocol=SecurityProtocol(protocol))))
    assert stage == "tls"
    assert "never answers" in says


async def test_something_else_than_a_broker() -> None:
    async with BadServer(Misbehaviour.GARBAGE) as server:
        stage, says = failure(await check(server.bootstrap))
    assert stage == "tls"
    assert "not a Kafka broker" in says


async def test_a_frozen_broker(kafka: ApacheKafka) -> None:
    with kafka.frozen():
        stage, says = failure(await check(kafka.bootstrap()))
    assert stage == "tls"
    assert "never answers" in says


# TLS


async def test_tls_against_a_plaintext_port(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(), tls(kafka)))
    assert stage == "tls"
    assert "speaks without TLS" in says
    assert "choose PLAINTEXT" in says


async def test_plaintext_against_a_tls_port(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SSL)))
    assert stage == "tls"
    assert "expects TLS" in says
    assert "choose SSL" in says


async def test_an_untrusted_certificate(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SSL), Security(protocol=SecurityProtocol.SSL)))
    assert stage == "tls"
    assert "not trusted by the system's trust store" in says
    assert "set ca_file" in says


async def test_an_expired_certificate(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.EXPIRED), tls(kafka)))
    assert stage == "tls"
    assert "the broker's certificate expired on 20" in says


async def test_a_foreign_certificate(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.FOREIGN), tls(kafka)))
    assert stage == "tls"
    assert "is for kafka.example.org, not for 127.0.0.1" in says


async def test_a_foreign_certificate_is_taken_where_the_name_is_not_checked(kafka: ApacheKafka) -> None:
    stages = await check(kafka.bootstrap(Listener.FOREIGN), tls(kafka, verify_hostname=False))
    assert stages[StageName.METADATA].state is StageState.OK


async def test_a_client_certificate_is_required(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.MTLS), tls(kafka)))
    assert stage == "tls"
    assert "requires a client certificate" in says
    assert "client_cert_file" in says


async def test_an_expired_client_certificate(kafka: ApacheKafka) -> None:
    files = kafka.certificates.client_expired
    security = tls(kafka, client_cert_file=str(files.cert_file), client_key_file=str(files.key_file))
    stage, says = failure(await check(kafka.bootstrap(Listener.MTLS), security))
    assert stage == "tls"
    assert "client-expired.pem expired on 20" in says


async def test_a_client_certificate_of_an_authority_that_the_broker_does_not_trust(kafka: ApacheKafka) -> None:
    files = kafka.certificates.client_stranger
    security = tls(kafka, client_cert_file=str(files.cert_file), client_key_file=str(files.key_file))
    stage, says = failure(await check(kafka.bootstrap(Listener.MTLS), security))
    assert stage == "tls"
    assert "does not accept the client certificate" in says


async def test_a_file_that_is_not_there(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SSL), tls(kafka, ca_file="/nowhere/ca.pem")))
    assert stage == "tls"
    assert "/nowhere/ca.pem: cannot be read" in says


# login


async def test_a_wrong_password(kafka: ApacheKafka) -> None:
    stage, says = failure(
        await check(kafka.bootstrap(Listener.SASL_PLAINTEXT), sasl(), secrets={"admin": "not the one"})
    )
    assert stage == "sasl"
    assert "refuses the user name or password of 'admin'" in says
    assert "secret set admin" in says
    assert "not the one" not in says


async def test_a_missing_secret(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SASL_PLAINTEXT), sasl(), secrets={}))
    assert stage == "sasl"
    assert "the secret 'admin' is missing" in says
    assert "secret set admin" in says


async def test_a_mechanism_that_is_not_offered(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SCRAM_512_ONLY), sasl("SCRAM-SHA-256")))
    assert stage == "sasl"
    assert "does not offer SCRAM-SHA-256 (it offers SCRAM-SHA-512)" in says


async def test_a_login_is_required(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.SASL_PLAINTEXT)))
    assert stage == "sasl"
    assert "requires a login (it offers PLAIN, SCRAM-SHA-256, SCRAM-SHA-512)" in says
    assert "choose SASL_PLAINTEXT" in says


async def test_no_login_is_expected(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(), sasl()))
    assert stage == "sasl"
    assert "no login is expected" in says
    assert "choose PLAINTEXT" in says


# the cluster


async def test_an_advertised_listener_that_is_not_reachable(kafka: ApacheKafka) -> None:
    stage, says = failure(await check(kafka.bootstrap(Listener.DEAD_ADVERTISED)))
    assert stage == "listeners"
    assert f"sends clients to 127.0.0.1:{kafka.dead_port}: connection refused" in says
    assert "advertised.listeners" in says


async def test_a_missing_topic_to_read_from_is_not_created(kafka: ApacheKafka, unique_name: Names) -> None:
    name = unique_name("typo")
    stage, says = failure(
        await check(kafka.bootstrap(), topic=name, group=unique_name("group"), direction=Direction.INBOUND)
    )
    assert stage == "topic"
    assert f"there is no topic {name}" in says
    assert name not in kafka.admin.topics()


async def test_a_missing_topic_to_write_to_is_created_by_the_broker_later(
    kafka: ApacheKafka, unique_name: Names
) -> None:
    name = unique_name("results")
    stages = await check(kafka.bootstrap(), topic=name, direction=Direction.OUTBOUND)
    assert stages[StageName.TOPIC].state is StageState.OK
    assert "the broker creates it" in stages[StageName.TOPIC].reason
    assert name not in kafka.admin.topics()


@pytest.fixture
def limited(kafka: ApacheKafka) -> Iterator[Security]:
    """A login that may do nothing until told otherwise."""
    yield sasl(user=LIMITED_USER)
    kafka.admin.forget_rules(LIMITED_USER)


async def test_a_topic_that_one_may_not_see(kafka: ApacheKafka, topic: str, limited: Security) -> None:
    bootstrap = kafka.bootstrap(Listener.SASL_PLAINTEXT)
    stage, says = failure(await check(bootstrap, limited, topic=topic, group="g", direction=Direction.INBOUND))
    assert stage == "topic"
    assert f"limited may not see the topic {topic}" in says


@pytest.mark.parametrize("direction", list(Direction))
async def test_a_topic_that_one_may_see_and_not_use(
    kafka: ApacheKafka, topic: str, limited: Security, direction: Direction
) -> None:
    kafka.admin.allow(LIMITED_USER, "describe", topic=topic)
    bootstrap = kafka.bootstrap(Listener.SASL_PLAINTEXT)
    stage, says = failure(await check(bootstrap, limited, topic=topic, group="g", direction=direction))
    verb = "read" if direction is Direction.INBOUND else "write"
    assert stage == "permission"
    assert f"limited may not {verb} the topic {topic}" in says
    kafka.admin.allow(LIMITED_USER, verb, topic=topic)
    if direction is Direction.OUTBOUND:
        stages = await check(bootstrap, limited, topic=topic, direction=direction)
        assert stages[StageName.PERMISSION].state is StageState.OK


async def test_a_group_that_one_may_not_use(
    kafka: ApacheKafka, topic: str, limited: Security, unique_name: Names
) -> None:
    group = unique_name("group")
    kafka.admin.allow(LIMITED_USER, "read", topic=topic)
    bootstrap = kafka.bootstrap(Listener.SASL_PLAINTEXT)
    stage, says = failure(await check(bootstrap, limited, topic=topic, group=group, direction=Direction.INBOUND))
    assert stage == "permission"
    assert f"may not read with the consumer group {group}" in says
    kafka.admin.allow(LIMITED_USER, "read", group=group)
    stages = await check(bootstrap, limited, topic=topic, group=group, direction=Direction.INBOUND)
    assert stages[StageName.PERMISSION].state is StageState.OK


async def test_two_checks_at_once_do_not_disturb_each_other(kafka: ApacheKafka, topic: str) -> None:
    results = await asyncio.gather(
        *(check(kafka.bootstrap(), topic=topic, group="g", direction=Direction.INBOUND) for _ in range(2))
    )
    assert all(r[StageName.PERMISSION].state is StageState.OK for r in results)
