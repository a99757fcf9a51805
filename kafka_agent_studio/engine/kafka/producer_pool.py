"""One producer per cluster and login, shared by all connectors that publish there, closed with the last of them."""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.outbound import KafkaOutbound
from kafka_agent_studio.engine.ports import OutboundRecord, RecordPlace, RecordTooLargeError


class NewOutbound(Protocol):
    """Makes the producer of a cluster."""

    def __call__(self, *, cluster: Cluster, on_waiting: Callable[[Fault | None], None]) -> KafkaOutbound:
        """Return a producer that tells `on_waiting` what it waits for."""
        ...


@dataclass(slots=True)
class _Shared:
    outbound: KafkaOutbound
    users: "set[PooledOutbound]" = field(default_factory=set)


class ProducerPool:
    """Hands out shares of producers. All methods are called on the engine's loop."""

    def __init__(self, *, new_outbound: NewOutbound) -> None:
        self._new_outbound = new_outbound
        self._shared: dict[Hashable, _Shared] = {}

    def acquire(self, cluster: Cluster, *, on_waiting: Callable[[Fault | None], None]) -> "PooledOutbound":
        """Return a share of the cluster's producer; close() gives it back.

        `on_waiting` hears of trouble with the topics that were sent to through this share, and with the cluster.
        """
        shared = self._shared.get(cluster.identity)
        if shared is None:
            users: set[PooledOutbound] = set()

            def tell_all(_: Fault | None) -> None:
                for user in list(users):
                    user.tell()

            shared = _Shared(self._new_outbound(cluster=cluster, on_waiting=tell_all), users)
            self._shared[cluster.identity] = shared
        share = PooledOutbound(pool=self, cluster=cluster, outbound=shared.outbound, on_waiting=on_waiting)
        shared.users.add(share)
        return share

    async def release(self, share: "PooledOutbound") -> None:
        """Give a share back; the last one closes the producer. A second time does nothing."""
        shared = self._shared.get(share.cluster.identity)
        if shared is None or share not in shared.users:
            return
        shared.users.discard(share)
        if not shared.users:
            del self._shared[share.cluster.identity]
            await shared.outbound.close()

    async def close(self) -> None:
        """Close every producer, whoever still holds a share."""
        shares = [share for shared in self._shared.values() for share in shared.users]
        await asyncio.gather(*(self.release(share) for share in shares))


class PooledOutbound:
    """One connector's share of a producer. Implements ports.Outbound."""

    def __init__(
        self,
        *,
        pool: ProducerPool,
        cluster: Cluster,
        outbound: KafkaOutbound,
        on_waiting: Callable[[Fault | None], None],
    ) -> None:
        self.cluster = cluster
        self._pool = pool
        self._outbound = outbound
        self._on_waiting = on_waiting
        self._topics: set[str] = set()
        self._said: Fault | None = None

    async def send(self, records: Sequence[OutboundRecord]) -> list[RecordPlace | RecordTooLargeError]:
        """As KafkaOutbound.send."""
        self._topics.update(record.topic for record in records)
        return await self._outbound.send(records)

    def withdraw(self, records: Sequence[OutboundRecord]) -> None:
        """As KafkaOutbound.withdraw; what this share says of itself is about what it still sends."""
        self._outbound.withdraw(records)

    async def close(self) -> None:
        """Give the share back."""
        await self._pool.release(self)

    def tell(self) -> None:
        """Pass on what this share's topics wait for, where it changed."""
        fault = self._outbound.fault_for(self._topics)
        if fault != self._said:
            self._said = fault
            self._on_waiting(fault)
