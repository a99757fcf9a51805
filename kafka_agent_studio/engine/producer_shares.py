"""Which connector holds a share of which producer, so that a shared producer closes with the last one that needs it."""

import asyncio
from collections.abc import Callable, Set

from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.producer_pool import PooledOutbound, ProducerPool


class ProducerShares:
    """One share per connector name, exchanged when the connector moves to another cluster or login."""

    def __init__(self, *, pool: ProducerPool, on_waiting: Callable[[str, Fault | None], None]) -> None:
        self._pool = pool
        self._on_waiting = on_waiting
        self._shares: dict[str, PooledOutbound] = {}
        self._replaced: list[PooledOutbound] = []

    def get(self, connector: str, cluster: Cluster) -> PooledOutbound:
        """Return the connector's share; an unreachable broker is no error here, it makes send() wait."""
        share = self._shares.get(connector)
        if share is None or share.cluster.identity != cluster.identity:
            if share is not None:
                self._replaced.append(share)
            share = self._pool.acquire(cluster, on_waiting=lambda fault: self._on_waiting(connector, fault))
            self._shares[connector] = share
        return share

    async def keep(self, connectors: Set[str]) -> None:
        """Give back the shares of all other connectors, and those that were exchanged."""
        gone = [self._shares.pop(name) for name in list(self._shares) if name not in connectors]
        replaced, self._replaced = self._replaced, []
        await asyncio.gather(*(share.close() for share in (*gone, *replaced)))
