"""A cluster as tests and pictures see it: topics, groups, and what a reset would do."""

from kafka_agent_studio.api.browse import BrowseProgress, BrowseReport, BrowseTopic, EndedBy, ScannedRange
from kafka_agent_studio.api.cluster_commands import (
    DescribeGroup,
    DescribeTopic,
    GroupDescription,
    GroupMemberState,
    GroupPartition,
    GroupSummary,
    ListGroups,
    ListTopics,
    OffsetReset,
    OffsetResetReport,
    PreviewOffsetReset,
    ResetOffsets,
    TopicDescription,
    TopicPartitionState,
    TopicSummary,
)
from kafka_agent_studio.api.events import BrowseProgressed
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_record

GROUP = "kafka-agent-studio.orders.orders-in"
TOPICS = tuple(
    TopicSummary(name, partitions, 1)
    for name, partitions in (
        ("order-correlations", 4),
        ("order-results", 4),
        ("order-tags", 4),
        ("orders", 4),
        ("orders.dlq", 1),
        ("shipments", 4),
    )
)
GROUPS = (
    GroupSummary("billing", "EMPTY"),
    GroupSummary(GROUP, "STABLE"),
    GroupSummary("kafka-agent-studio.orders.shipments-in", "STABLE"),
)


def make_topic(name: str = "orders") -> TopicDescription:
    """A topic of four partitions, one of which has lost a replica."""
    partitions = tuple(TopicPartitionState(n, 100 * n, 1_500 + 100 * n, 1, 3, 2 if n == 2 else 3) for n in range(4))
    config = {"cleanup.policy": "delete", "retention.ms": "604800000", "max.message.bytes": "1048588"}
    return TopicDescription(name, partitions, config, ("READ", "WRITE", "DESCRIBE"))


def make_group(name: str = GROUP, *, is_stopped: bool = False) -> GroupDescription:
    """A group that reads `orders`, 12 behind in one partition."""
    members = () if is_stopped else (GroupMemberState("kafka-agent-studio-6f1c", "/10.0.0.7", (("orders", 0),)),)
    partitions = tuple(
        GroupPartition(
            topic="orders",
            partition=n,
            committed=1_488 if n == 2 else 1_500,
            first=0,
            end=1_500,
            lag=12 if n == 2 else 0,
            member=None if is_stopped else "kafka-agent-studio-6f1c",
        )
        for n in range(4)
    )
    connectors = ("orders-in",) if name == GROUP else ()
    state = "EMPTY" if is_stopped else "STABLE"
    return GroupDescription(name, state, is_stopped, members, partitions, 12, connectors)


def make_reset(*, group: str = "billing", refused: str | None = None) -> OffsetResetReport:
    """Back to the oldest that is left: everything is read again."""
    partitions = tuple(OffsetReset(n, 1_500, 0, 0, 1_500, 0, 1_500) for n in range(4))
    return OffsetResetReport(group, "orders", partitions, 0, 6_000, refused)


def make_paused(job_id: str) -> BrowseProgressed:
    """A browse from a time on that was paused: of four partitions one was read to its end, one holds nothing."""
    ranges = (
        ScannedRange(0, 1_204, 3_180, 900, 4_012, 1_976),
        ScannedRange(1, 1_190, 3_987, 880, 3_987, 2_797),
        ScannedRange(2, 41, 41, 0, 12_000_000, 0),
        ScannedRange(3, 0, 0, 0, 0, 0),
    )
    records = tuple(make_record(offset) for offset in range(1_560, 1_600))
    progress = BrowseProgress(
        scanned=4_773, matched=40, delivered=40, ranges=ranges, is_paused=True, scanned_bytes=2_100_000
    )
    return BrowseProgressed(NOW_US, job_id, records, progress)


def answer_about_cluster(engine: FakeEngineClient) -> None:
    """Let a fake engine answer what the pages about a cluster ask."""
    engine.answer(ListTopics, TOPICS)
    engine.answer(BrowseTopic, BrowseReport(EndedBy.END, BrowseProgress()))
    engine.answer(ListGroups, GROUPS)
    engine.answer(DescribeTopic, lambda command: make_topic(command.topic))
    engine.answer(DescribeGroup, lambda command: make_group(command.group, is_stopped=command.group == "billing"))
    engine.answer(PreviewOffsetReset, make_reset())
    engine.answer(ResetOffsets, make_reset())
