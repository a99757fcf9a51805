"""Watches the certificates of the clusters that connectors use: the client's, the authority's, and the brokers' own."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kafka_agent_studio.api.certificates import CertificateKind, ExpiringCertificate
from kafka_agent_studio.api.events import CertificatesChanged, Event
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.kafka.broker_certificate import broker_certificate_end
from kafka_agent_studio.engine.kafka.client_config import ClientConfig, SecretSource
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.pem_files import PemError, PemFiles, authorities_end, certificate_end
from kafka_agent_studio.engine.ports import FaultError
from kafka_agent_studio.model.workspace import AnyConnector

FILES_EVERY_S = 60.0
BROKERS_EVERY_S = 3600.0
SHOWN_DAYS = 30
"""Within so many days a person should get a new one: most authorities take days, not minutes."""
SAID_DAYS = 14
"""Within so many days each connector that depends on it says so, once a day."""

_Known = tuple[CertificateKind, str, datetime]


@dataclass(slots=True)
class _Source:
    """A connection, or a connector with servers of its own, and who uses it."""

    cluster: Cluster
    connectors: list[str] = field(default_factory=list)


class CertificateWatch:
    """`expiring` is what a new window starts from; run() keeps it, until cancelled."""

    def __init__(
        self,
        *,
        configuration: Callable[[], Configuration],
        secrets: SecretSource,
        clock: Clock,
        publish_event: Callable[[Event], None],
        notice: Callable[[str, Fault], None],
    ) -> None:
        """`notice` lets a connector, by name, say something while it goes on."""
        self._configuration = configuration
        self._secrets = secrets
        self._clock = clock
        self._publish_event = publish_event
        self._notice = notice
        self._look = asyncio.Event()
        self._brokers: dict[Cluster, dict[str, datetime]] = {}
        """Per cluster, when the certificate of each of its bootstrap servers ends, as far as they answered."""
        self._asked_s: dict[Cluster, float] = {}
        self._said: set[tuple[str, ExpiringCertificate]] = set()
        self.expiring: tuple[ExpiringCertificate, ...] = ()

    def look_now(self) -> None:
        """The configuration changed: look at once."""
        self._look.set()

    async def run(self) -> None:
        """Look at the files every minute, and at what the brokers show every hour."""
        while True:
            self._look.clear()
            await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FILES_EVERY_S):
                    await self._look.wait()

    async def look(self) -> None:
        """Look once; say what is another than before."""
        sources = _sources(self._configuration())
        clusters = {source.cluster for source in sources.values()}
        for forgotten in self._asked_s.keys() - clusters:
            self._asked_s.pop(forgotten)
            self._brokers.pop(forgotten, None)
        # what the files say is told without waiting for brokers that do not answer
        await self._tell(sources)
        if await self._ask_brokers(clusters):
            await self._tell(sources)

    async def _tell(self, sources: Mapping[str, _Source]) -> None:
        now = datetime.fromtimestamp(self._clock.now_us() / 1e6, UTC)
        found = []
        for name, source in sorted(sources.items()):
            known = [
                *await asyncio.to_thread(_of_files, source.cluster),
                *((CertificateKind.BROKER, at, end) for at, end in self._brokers.get(source.cluster, {}).items()),
            ]
            found += [_expiring(name, one, now) for one in known]
        expiring = tuple(one for one in found if one.days <= SHOWN_DAYS)
        if expiring != self.expiring:
            self.expiring = expiring
            self._publish_event(CertificatesChanged(at_us=self._clock.now_us(), certificates=expiring))
        said = {(c, one) for one in expiring if one.days <= SAID_DAYS for c in sources[one.source].connectors}
        for connector, one in sorted(said - self._said, key=lambda pair: (pair[0], pair[1].ends_at_us)):
            self._notice(connector, one.fault)
        self._said = said

    async def _ask_brokers(self, clusters: AbstractSet[Cluster]) -> bool:
        now_s = self._clock.monotonic_s()
        due = [c for c in clusters if now_s - self._asked_s.get(c, -BROKERS_EVERY_S) >= BROKERS_EVERY_S]
        self._asked_s.update(dict.fromkeys(due, now_s))
        answers = await asyncio.gather(*(self._shown_by(cluster) for cluster in due))
        for cluster, answer in zip(due, answers, strict=True):
            self._brokers.setdefault(cluster, {}).update(answer)
        return bool(due)

    async def _shown_by(self, cluster: Cluster) -> dict[str, datetime]:
        try:
            config = await ClientConfig.build(cluster, self._secrets)
        except FaultError:
            return {}  # whoever connects says so
        if config.tls is None:
            return {}
        ends = await asyncio.gather(*(broker_certificate_end(h, p, config.tls) for h, p in cluster.servers))
        at = [f"{host}:{port}" for host, port in cluster.servers]
        return {address: end for address, end in zip(at, ends, strict=True) if end is not None}


def _sources(configuration: Configuration) -> dict[str, _Source]:
    """What connectors use that takes part and travels through TLS, by the name of its form."""
    found: dict[str, _Source] = {}
    for connector in configuration.workspace.connectors.values():
        cluster = _cluster_of(connector, configuration)
        if connector.enabled and cluster is not None and cluster.security.protocol.uses_tls:
            found.setdefault(cluster.label, _Source(cluster)).connectors.append(connector.name)
    return found


def _cluster_of(connector: AnyConnector, configuration: Configuration) -> Cluster | None:
    try:
        cluster = configuration.cluster_of(connector)
    except FaultError:
        return None
    return None if cluster.is_sandbox else cluster


def _of_files(cluster: Cluster) -> Sequence[_Known]:
    security, files = cluster.security, PemFiles.of(cluster.security, cluster.root)
    found: list[_Known] = []
    try:
        if files.client_cert is not None and security.client_cert_file is not None:
            end = certificate_end(security.client_cert_file, files.client_cert)
            found.append((CertificateKind.CLIENT, security.client_cert_file, end))
        if files.ca is not None and security.ca_file is not None:
            end = authorities_end(security.ca_file, files.ca)
            found.append((CertificateKind.AUTHORITY, security.ca_file, end))
    except PemError:
        pass  # the next connect says so
    return found


def _expiring(source: str, known: _Known, now: datetime) -> ExpiringCertificate:
    kind, where, end = known
    return ExpiringCertificate(
        source=source, kind=kind, where=where, ends_at_us=round(end.timestamp() * 1e6), days=(end - now).days
    )
