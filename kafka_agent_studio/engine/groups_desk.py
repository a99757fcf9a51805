"""Consumer groups: members, lag, and setting their offsets anew, with a preview that counts what it does.

The embedded broker tells nothing about groups: there, only those of this workspace's connectors are known, with their
commits, and nothing of their members.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from confluent_kafka import KafkaError

from kafka_agent_studio.api.cluster_commands import (
    DescribeGroup,
    GroupDescription,
    GroupMemberState,
    GroupPartition,
    GroupSummary,
    ListGroups,
    OffsetReset,
    OffsetResetReport,
    PreviewOffsetReset,
    ResetOffsets,
    ResetTo,
)
from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.cluster_names import ClusterNames
from kafka_agent_studio.engine.kafka.admin_types import AdminError, GroupInfo, GroupMember, Watermarks
from kafka_agent_studio.engine.kafka.browser import TopicReader
from kafka_agent_studio.engine.kafka.cluster import Cluster
from kafka_agent_studio.engine.kafka.group_offsets import commit_offsets
from kafka_agent_studio.model.connector import InboundConnector

_STOPPED_STATES = ("EMPTY", "DEAD", "UNKNOWN")
_IDLE = (ConnectorState.STOPPED, ConnectorState.DISABLED, ConnectorState.FAILED, ConnectorState.PAUSED)


class GroupsDesk:
    """Answers to the commands about consumer groups."""

    def __init__(self, *, names: ClusterNames, statuses: Callable[[], Sequence[ConnectorStatus]]) -> None:
        """`statuses`: what this engine's connectors do now."""
        self._names = names
        self._statuses = statuses

    def handlers(self) -> dict[type[Command[Any]], Callable[[Any], Awaitable[Any]]]:
        """What this answers to."""
        return {
            ListGroups: self.list_groups,
            DescribeGroup: self.describe,
            PreviewOffsetReset: self.preview,
            ResetOffsets: self.reset,
        }

    async def list_groups(self, command: ListGroups) -> tuple[GroupSummary, ...]:
        """Return the groups by name. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        if cluster.is_sandbox:
            groups = {self._group_of(c) for c in self._names.workspace.inbound if await self._is_on(c, cluster)}
            return tuple(GroupSummary(name, "UNKNOWN") for name in sorted(groups))
        admin = await self._names.admin(cluster)
        async with self._names.explained(cluster):
            states = await admin.group_states()
        return tuple(GroupSummary(name, state) for name, state in states.items())

    async def describe(self, command: DescribeGroup) -> GroupDescription:
        """Return a group in full. Raises: CommandRefused, EngineError."""
        cluster = await self._names.cluster(command.connection)
        async with self._names.explained(cluster, group=command.group):
            info = await self._info(cluster, command.group)
            bounds = await self._bounds(cluster, info)
        members = _members_by_partition(info.members)
        places = sorted({*info.offsets, *members})
        partitions = tuple(
            _partition(place, info.offsets.get(place), bounds.get(place), members.get(place)) for place in places
        )
        lags = [p.lag for p in partitions]
        return GroupDescription(
            name=command.group,
            state=info.state,
            is_stopped=info.state in _STOPPED_STATES and not info.members,
            members=tuple(GroupMemberState(m.client_id, m.host, m.partitions) for m in info.members),
            partitions=partitions,
            lag=None if None in lags else sum(lag for lag in lags if lag is not None),
            connectors=await self._connectors(cluster, command.group),
        )

    async def preview(self, command: PreviewOffsetReset | ResetOffsets) -> OffsetResetReport:
        """Return what a reset would do. Raises: CommandRefused, EngineError."""
        if command.to in (ResetTo.OFFSET, ResetTo.TIME) and command.value is None:
            raise CommandRefused(f"Give the {command.to} to set the group to.")
        cluster = await self._names.cluster(command.connection)
        async with self._names.explained(cluster, topic=command.topic, group=command.group):
            info = await self._info(cluster, command.group)
            targets = await self._with_reader(cluster, command.topic, lambda reader: _targets(reader, command))
        rows = []
        for partition, (bound, after) in sorted(targets.items()):
            before = info.offsets.get((command.topic, partition))
            rows.append(_row(partition, before, after, bound))
        return OffsetResetReport(
            group=command.group,
            topic=command.topic,
            partitions=tuple(rows),
            skipped=sum(row.skipped for row in rows),
            repeated=sum(row.repeated for row in rows),
            refused=await self._why_not(cluster, command.group, info),
        )

    async def reset(self, command: ResetOffsets) -> OffsetResetReport:
        """Set the offsets. Raises: CommandRefused (also while the group is not stopped), EngineError."""
        report = await self.preview(command)
        if report.refused is not None:
            raise CommandRefused(report.refused)
        cluster = await self._names.cluster(command.connection)
        offsets = {row.partition: row.after for row in report.partitions}
        async with self._names.explained(cluster, topic=command.topic, group=command.group):
            try:
                await self._set(cluster, command.group, command.topic, offsets)
            except AdminError as error:
                if error.code in (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.NON_EMPTY_GROUP):
                    words = f"A member joined the group {command.group} meanwhile: stop it first."
                    raise CommandRefused(words) from None
                raise
        return report

    async def _set(self, cluster: Cluster, group: str, topic: str, offsets: Mapping[int, int]) -> None:
        if not cluster.is_sandbox:
            await (await self._names.admin(cluster)).reset_offsets(group, topic, offsets)
            return
        config = await self._names.config(cluster)
        await asyncio.to_thread(commit_offsets, config, group, topic, offsets)

    # what is asked

    async def _info(self, cluster: Cluster, group: str) -> GroupInfo:
        if not cluster.is_sandbox:
            return await (await self._names.admin(cluster)).describe_group(group)
        offsets: dict[tuple[str, int], int] = {}
        for connector in self._names.workspace.inbound:
            if self._group_of(connector) == group and await self._is_on(connector, cluster):
                committed = await self._with_reader(
                    cluster, connector.topic, lambda reader: reader.committed(group, reader.partitions())
                )
                offsets |= {(connector.topic, p): offset for p, offset in committed.items()}
        return GroupInfo(name=group, state="UNKNOWN", members=(), offsets=offsets)

    async def _bounds(self, cluster: Cluster, info: GroupInfo) -> dict[tuple[str, int], Watermarks]:
        places = {*info.offsets, *(place for member in info.members for place in member.partitions)}
        bounds: dict[tuple[str, int], Watermarks] = {}
        for topic in sorted({topic for topic, _ in places}):
            partitions = [p for t, p in places if t == topic]
            try:
                found = await self._with_reader(cluster, topic, _watermarks_of(partitions))
            except AdminError as error:
                # a topic one may not see, or that is gone, leaves its figures unknown
                if error.code not in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.UNKNOWN_TOPIC_OR_PART):
                    raise
                continue
            bounds |= {(topic, p): bound for p, bound in found.items()}
        return bounds

    async def _with_reader(self, cluster: Cluster, topic: str, ask: Callable[[TopicReader], Any]) -> Any:
        config = await self._names.config(cluster)

        def work() -> Any:
            reader = TopicReader(config=config, topic=topic, cancelled=threading.Event())
            try:
                return ask(reader)
            finally:
                reader.close()

        return await asyncio.to_thread(work)

    # this workspace's own part

    def _group_of(self, connector: InboundConnector) -> str:
        return connector.group(self._names.workspace.name)

    async def _is_on(self, connector: InboundConnector, cluster: Cluster) -> bool:
        return (await self._names.cluster(connector.name)).identity == cluster.identity

    async def _connectors(self, cluster: Cluster, group: str) -> tuple[str, ...]:
        candidates = [c for c in self._names.workspace.inbound if self._group_of(c) == group]
        return tuple([c.name for c in candidates if await self._is_on(c, cluster)])

    async def _why_not(self, cluster: Cluster, group: str, info: GroupInfo) -> str | None:
        own = await self._connectors(cluster, group)
        active = [s.name for s in self._statuses() if s.name in own and s.state not in _IDLE]
        if active:
            return f"The connector {' and '.join(active)} reads with the group {group}: stop it first."
        if info.members:
            count = len(info.members)
            who = ", ".join(sorted({m.client_id for m in info.members})[:3])
            return f"The group {group} has {count} member{'s' if count > 1 else ''} ({who}): stop them first."
        return None


def _watermarks_of(partitions: Sequence[int]) -> Callable[[TopicReader], dict[int, Watermarks]]:
    def ask(reader: TopicReader) -> dict[int, Watermarks]:
        there = set(reader.partitions())
        return reader.watermarks([p for p in partitions if p in there])

    return ask


def _targets(reader: TopicReader, command: PreviewOffsetReset | ResetOffsets) -> dict[int, tuple[Watermarks, int]]:
    there = reader.partitions()
    if not there:
        raise CommandRefused(f"There is no topic {command.topic} on {command.connection}.")
    partitions = there if command.partitions is None else sorted(set(command.partitions))
    missing = sorted(set(partitions) - set(there))
    if missing:
        raise CommandRefused(f"{command.topic} has no partition {missing[0]}: it has {len(there)}.")
    bounds = reader.watermarks(partitions)
    value = command.value or 0
    at: Mapping[int, int | None] = reader.offsets_at(partitions, value) if command.to is ResetTo.TIME else {}
    targets = {}
    for p, bound in bounds.items():
        match command.to:
            case ResetTo.EARLIEST:
                after = bound.first
            case ResetTo.LATEST:
                after = bound.end
            case ResetTo.OFFSET:
                after = value
            case ResetTo.TIME:
                found = at.get(p)
                after = bound.end if found is None else found
        targets[p] = (bound, min(max(after, bound.first), bound.end))
    return targets


def _row(partition: int, before: int | None, after: int, bound: Watermarks) -> OffsetReset:
    # what retention removed counts neither as skipped nor as repeated; without a commit nothing was read yet
    effective = bound.first if before is None else min(max(before, bound.first), bound.end)
    return OffsetReset(
        partition=partition,
        before=before,
        after=after,
        first=bound.first,
        end=bound.end,
        skipped=max(0, after - effective),
        repeated=max(0, effective - after),
    )


def _members_by_partition(members: Sequence[GroupMember]) -> dict[tuple[str, int], str]:
    return {place: member.client_id for member in members for place in member.partitions}


def _partition(
    place: tuple[str, int], committed: int | None, bound: Watermarks | None, member: str | None
) -> GroupPartition:
    topic, partition = place
    first, end = (None, None) if bound is None else (bound.first, bound.end)
    lag = None if committed is None or end is None else max(0, end - committed)
    return GroupPartition(topic, partition, committed, first, end, lag, member)
