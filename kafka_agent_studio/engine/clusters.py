"""The desks that ask, search and change clusters for a person, put together: what runs beside the pipeline."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import ConnectorStatus, Event
from kafka_agent_studio.engine.check_desk import CheckDesk
from kafka_agent_studio.engine.clock import Clock
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.configuration import Configuration
from kafka_agent_studio.engine.groups_desk import GroupsDesk
from kafka_agent_studio.engine.job_threads import JobThreads
from kafka_agent_studio.engine.kafka.admin import AdminPool
from kafka_agent_studio.engine.kafka.client_config import SecretSource
from kafka_agent_studio.engine.messages.browse_desk import BrowseDesk
from kafka_agent_studio.engine.messages.decoder_desk import DecoderDesk
from kafka_agent_studio.engine.messages.transfer_desk import TransferDesk
from kafka_agent_studio.engine.topics_desk import TopicsDesk


class Clusters:
    """One per engine. `close()` ends every search and transfer."""

    def __init__(
        self,
        *,
        root: Path,
        environ: Mapping[str, str],
        configuration: Callable[[], Configuration],
        statuses: Callable[[], Sequence[ConnectorStatus]],
        sandbox_address: Callable[[], str],
        admins: AdminPool,
        secrets: SecretSource,
        clock: Clock,
        publish_event: Callable[[Event], None],
    ) -> None:
        """`statuses`: what the connectors do now; `sandbox_address` starts the embedded broker, and blocks."""
        names = ClusterNames(
            configuration=configuration, sandbox_address=sandbox_address, admins=admins, secrets=secrets
        )
        self._jobs = jobs = JobThreads()
        self._decoders = decoders = DecoderDesk(root=root, secrets=secrets)
        self._desks = (
            TopicsDesk(names=names),
            GroupsDesk(names=names, statuses=statuses),
            CheckDesk(
                root=root,
                environ=environ,
                names=names,
                secrets=secrets,
                jobs=jobs,
                clock=clock,
                publish_event=publish_event,
            ),
            BrowseDesk(names=names, decoders=decoders, jobs=jobs, clock=clock, publish_event=publish_event),
            TransferDesk(names=names, decoders=decoders, jobs=jobs, clock=clock, publish_event=publish_event),
        )

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What they answer to."""
        return {command: handler for desk in self._desks for command, handler in desk.handlers().items()}

    async def close(self) -> None:
        """End what runs."""
        await self._jobs.close()
        self._decoders.close()
