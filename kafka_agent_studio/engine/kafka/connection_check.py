"""Why a connector connects or does not, found out in stages, each in plain words, all within ten seconds.

    resolve → tcp → tls → sasl → metadata → listeners → topic → permission

Nothing joins a group, commits, writes, or creates a topic.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiokafka import errors
from aiokafka.conn import create_conn
from aiokafka.protocol.admin import SaslHandShakeRequest
from aiokafka.protocol.metadata import MetadataRequest

from kafka_agent_studio.api.checks import CheckStage, StageName, StageState
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.engine.kafka.check_outcome import StageFailedError, StageSkippedError
from kafka_agent_studio.engine.kafka.check_rights import check_permission, check_topic
from kafka_agent_studio.engine.kafka.check_tls import check_plaintext, check_tls
from kafka_agent_studio.engine.kafka.client_config import CLIENT_ID, ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.probe import reason as words
from kafka_agent_studio.engine.kafka.wire import addresses_of, connected, end_connection
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.connector import Direction
from kafka_agent_studio.model.security import SecurityProtocol

TOTAL_S = 9.5
_STAGE_S = 3.0
_TLS_STAGE_S = 6.5
_CONNECT_S = 2.5
_ILLEGAL_SASL_STATE, _UNSUPPORTED_MECHANISM = 34, 33


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckTarget:
    """What to check. Without `direction` it is a connection alone, which has no topic and needs no permission."""

    cluster: Cluster
    direction: Direction | None = None
    topic: str | None = None
    group: str | None = None


async def check_connection(target: CheckTarget, secrets: SecretSource) -> AsyncIterator[CheckStage]:
    """Yield each stage as it ends; after a failed one the rest is skipped. Never raises, never hangs."""
    check = _Check(target, secrets)
    failed: StageName | None = None
    try:
        for name, work in check.stages():
            if failed is not None:
                yield CheckStage(name, StageState.SKIPPED, f"not reached, since {failed} failed")
                continue
            stage = await check.run(name, work)
            if stage.state is StageState.FAILED:
                failed = name
            yield stage
    finally:
        await check.close()


class _Check:
    """One check under way: what a stage found is there for the next ones."""

    def __init__(self, target: CheckTarget, secrets: SecretSource) -> None:
        self._target = target
        self._cluster = target.cluster
        self._secrets = secrets
        self._ends_s = asyncio.get_running_loop().time() + TOTAL_S
        self._servers = list(target.cluster.servers)
        self._config: ClientConfig | None = None
        self._connection: Any = None
        self._brokers: list[tuple[int, str, int]] = []
        self._topic_operations: frozenset[str] | None = None
        self._is_topic_there = False

    def stages(self) -> list[tuple[StageName, Callable[[], Awaitable[str]]]]:
        """The stages in order; each returns what it found."""
        return [
            (StageName.RESOLVE, self._resolve),
            (StageName.TCP, self._tcp),
            (StageName.TLS, self._tls),
            (StageName.SASL, self._sasl),
            (StageName.METADATA, self._metadata),
            (StageName.LISTENERS, self._listeners),
            (StageName.TOPIC, self._topic),
            (StageName.PERMISSION, self._permission),
        ]

    async def run(self, name: StageName, work: Callable[[], Awaitable[str]]) -> CheckStage:
        """Run one stage within what is left of the time."""
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        limit_s = max(0.1, min(_TLS_STAGE_S if name is StageName.TLS else _STAGE_S, self._ends_s - began_s))
        state, remedy = StageState.FAILED, ""
        try:
            async with asyncio.timeout(limit_s):
                reason = await work()
            state = StageState.OK
        except StageFailedError as failure:
            reason, remedy = failure.reason, failure.remedy
        except StageSkippedError as skip:
            state, reason = StageState.SKIPPED, skip.reason
        except TimeoutError:
            reason = f"no answer within {max(limit_s, 1):.0f} s"
            remedy = "check that the broker is up and that no firewall swallows the connection"
        except FaultError as error:
            reason, remedy = _words_of_fault(error)
        except Exception as error:  # noqa: BLE001 - whatever a peer does, the check says something about it
            reason = words(error)
            remedy = "check the address and the security settings; the log at debug level says more"
        return CheckStage(name, state, reason, remedy, round((loop.time() - began_s) * 1000))

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            await end_connection(self._connection)

    # the line

    async def _resolve(self) -> str:
        answers = await asyncio.gather(*(addresses_of(host, port) for host, port in self._servers))
        known = [server for server, addresses in zip(self._servers, answers, strict=True) if addresses]
        unknown = [host for (host, _), addresses in zip(self._servers, answers, strict=True) if not addresses]
        if not known:
            raise StageFailedError(
                f"the host name {_list(unknown)} is not known",
                "check its spelling in bootstrap_servers, and that your DNS or VPN knows it",
            )
        self._servers = known
        found = ", ".join(sorted({a for addresses in answers for a in addresses}))
        return found + (f"; not known: {_list(unknown)}" if unknown else "")

    async def _tcp(self) -> str:
        troubles = await asyncio.gather(*(_tcp_trouble(host, port) for host, port in self._servers))
        reached = [server for server, trouble in zip(self._servers, troubles, strict=True) if trouble is None]
        failed = [f"{h}:{p}: {t}" for (h, p), t in zip(self._servers, troubles, strict=True) if t is not None]
        if not reached:
            refused = all(t is not None and "refused" in t for t in troubles)
            raise StageFailedError(
                "; ".join(failed),
                "check the port, and that the broker is running and listens on this address"
                if refused
                else "check that the broker is up, and that no firewall or missing VPN is in between",
            )
        self._servers = reached
        return "connected to " + _list([f"{h}:{p}" for h, p in reached]) + "".join(f"; {f}" for f in failed)

    async def _tls(self) -> str:
        host, port = self._servers[0]
        security = self._cluster.security
        if not security.protocol.uses_tls:
            await check_plaintext(host, port, security.protocol.value)
        line = security.model_copy(update={"protocol": SecurityProtocol.SSL})
        cluster = Cluster(
            label=self._cluster.label,
            bootstrap_servers=self._cluster.bootstrap_servers,
            security=line,
            root=self._cluster.root,
        )
        config = await ClientConfig.build(cluster, self._secrets)
        if config.tls is None:
            raise StageSkippedError("without TLS")
        return await check_tls(host, port, self._cluster, config.tls)

    async def _sasl(self) -> str:
        security = self._cluster.security
        config = self._config = await ClientConfig.build(self._cluster, self._secrets)
        offered = None if self._cluster.is_sandbox else await self._offered_mechanisms(config)
        mechanism = security.sasl_mechanism
        if not security.protocol.uses_sasl or mechanism is None:
            if offered:
                raise StageFailedError(
                    f"the broker requires a login (it offers {', '.join(offered)})",
                    f"choose {'SASL_SSL' if security.protocol.uses_tls else 'SASL_PLAINTEXT'} with one of these "
                    "mechanisms, a user name and a password",
                )
            raise StageSkippedError(f"{security.protocol} needs no login")
        if offered is not None and not offered:
            raise StageFailedError(
                "no login is expected on this port",
                f"choose {'SSL' if security.protocol.uses_tls else 'PLAINTEXT'}, or give the port of the listener "
                "that expects a login",
            )
        if offered is not None and mechanism.value not in offered:
            raise StageFailedError(
                f"the broker does not offer {mechanism} (it offers {', '.join(offered)})",
                "choose one of the mechanisms that it offers",
            )
        try:
            self._connection = await self._connect(config.connection_arguments())
        except errors.SaslAuthenticationFailed:
            raise StageFailedError(
                f"the broker refuses the user name or password of '{security.username}'",
                f"check the user name; set the password anew: kafka-agent-studio secret set {security.password_secret}",
            ) from None
        return f"logged in as {security.username} ({mechanism})"

    async def _offered_mechanisms(self, config: ClientConfig) -> list[str] | None:
        """The SASL mechanisms of this port, none where no login is expected; None where it does not tell."""
        arguments = {"security_protocol": "PLAINTEXT" if config.tls is None else "SSL", "ssl_context": config.tls}
        connection = await self._connect(arguments)
        wanted = self._cluster.security.sasl_mechanism
        try:
            answer = await connection.send(SaslHandShakeRequest("PLAIN" if wanted is None else wanted.value))
        except errors.KafkaError:
            return None
        finally:
            await end_connection(connection)
        if answer.error_code == _ILLEGAL_SASL_STATE:
            return []
        return sorted(answer.enabled_mechanisms) if answer.error_code in (0, _UNSUPPORTED_MECHANISM) else None

    async def _connect(self, arguments: dict[str, Any]) -> Any:
        host, port = self._servers[0]
        return await create_conn(
            host, port, client_id=CLIENT_ID, request_timeout_ms=round(_CONNECT_S * 1000), **arguments
        )

    # the cluster

    async def _metadata(self) -> str:
        if self._config is None:
            raise StageSkippedError("not connected")
        if self._connection is None:
            self._connection = await self._connect(self._config.connection_arguments())
        answer = await self._connection.send(MetadataRequest([]))
        self._brokers = [(broker[0], broker[1], broker[2]) for broker in answer.brokers]
        if not self._brokers:
            raise StageFailedError("the cluster names no brokers", "check that the cluster has finished starting")
        return f"{len(self._brokers)} broker{'s' if len(self._brokers) > 1 else ''}"

    async def _listeners(self) -> str:
        troubles = await asyncio.gather(*(_tcp_trouble(host, port) for _, host, port in self._brokers))
        failed = [
            f"broker {node} sends clients to {host}:{port}: {trouble}"
            for (node, host, port), trouble in zip(self._brokers, troubles, strict=True)
            if trouble is not None
        ]
        if failed:
            raise StageFailedError(
                "; ".join(failed),
                "let the broker advertise an address that this machine can reach (advertised.listeners), or make that "
                "address reachable",
            )
        return "reached " + _list([f"{host}:{port}" for _, host, port in self._brokers])

    async def _topic(self) -> str:
        target = self._target
        if target.topic is None or target.direction is None:
            raise StageSkippedError("a connection has no topic")
        if self._config is None or self._cluster.is_sandbox:
            raise StageSkippedError("the embedded broker creates topics as they are asked for")
        found = await check_topic(self._config, target.topic, target.direction, timeout_s=_CONNECT_S)
        self._is_topic_there, self._topic_operations = found.is_there, found.operations
        return found.description

    async def _permission(self) -> str:
        target = self._target
        if target.topic is None or target.direction is None:
            raise StageSkippedError("a connection needs no permission")
        if self._config is None or self._cluster.is_sandbox:
            raise StageSkippedError("the embedded broker allows everything")
        return await check_permission(
            self._config,
            topic=target.topic if self._is_topic_there else None,
            topic_operations=self._topic_operations,
            direction=target.direction,
            group=target.group,
            timeout_s=_CONNECT_S,
        )


async def _tcp_trouble(host: str, port: int) -> str | None:
    """Why there is no connection to be had; None where there is."""
    trouble = "the host name is not known"
    try:
        async with asyncio.timeout(_CONNECT_S):
            for address in await addresses_of(host, port):
                try:
                    async with connected(address, port):
                        return None
                except OSError as error:
                    trouble = words(error)
    except TimeoutError:
        return "no answer (the connection attempt was swallowed)"
    return trouble


def _words_of_fault(error: FaultError) -> tuple[str, str]:
    fault = error.fault
    if fault.code is FaultCode.SECRET_MISSING:
        secret = fault.parameters["secret"]
        return f"the secret '{secret}' is missing", f"store it: kafka-agent-studio secret set {secret}"
    detail = str(fault.parameters.get("detail", fault.code.value))
    if fault.code is FaultCode.TLS_FAILED:
        return detail, "correct the file, or the path in the security block (it is relative to the workspace)"
    return detail, "unlock the keyring, or give the secret by its environment variable"


def _list(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
