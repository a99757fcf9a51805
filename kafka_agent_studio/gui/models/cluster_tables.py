"""Topics, groups and their partitions as tables."""

from typing import Any

from kafka_agent_studio.api.cluster_commands import (
    GroupPartition,
    GroupSummary,
    OffsetReset,
    TopicPartitionState,
    TopicSummary,
)
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, Tone

_GROUP_LOOKS = {
    "STABLE": StateLook(Glyph.DISC, "reading", Tone.OK),
    "EMPTY": StateLook(Glyph.RING, "stopped", Tone.OFF),
    "DEAD": StateLook(Glyph.RING, "gone", Tone.OFF),
}
_REBALANCING = StateLook(Glyph.DOTS, "rebalancing", Tone.WAITING)
_UNTOLD = StateLook(Glyph.RING, "not told", Tone.OFF)


def group_look(state: str) -> StateLook:
    """Return how a group's state, as Kafka names it, is shown."""
    state = state.upper()
    return _GROUP_LOOKS.get(state) or (_REBALANCING if "REBALANCING" in state else _UNTOLD)


def topic_table(theme: Theme) -> LiveTableModel[TopicSummary]:
    """Return the model of the topics page."""
    columns: list[Column[TopicSummary]] = [
        Column("name", "Topic", lambda t: t.name, width=320, is_mono=True),
        _number("partitions", "Partitions", lambda t: t.partitions),
        _number("replicas", "Replicas", lambda t: t.replicas),
    ]
    return LiveTableModel(columns=columns, key_of=lambda t: t.name, theme=theme, cap=100_000, is_newest_first=False)


def group_table(theme: Theme) -> LiveTableModel[GroupSummary]:
    """Return the model of the groups page."""
    columns: list[Column[GroupSummary]] = [
        Column("state", "State", lambda g: group_look(g.state).word, width=120, look=lambda g: group_look(g.state)),
        Column("name", "Group", lambda g: g.name, width=420, is_mono=True),
    ]
    return LiveTableModel(columns=columns, key_of=lambda g: g.name, theme=theme, cap=100_000, is_newest_first=False)


def topic_partition_table(theme: Theme) -> LiveTableModel[TopicPartitionState]:
    """Return the model of one topic's partitions."""
    columns: list[Column[TopicPartitionState]] = [
        _number("partition", "Partition", lambda p: p.partition, width=68),
        _number("oldest", "Oldest", lambda p: p.first, width=72),
        _number("end", "Next", lambda p: p.end, width=72),
        _number("kept", "Kept", _kept, width=64),
        _number("leader", "Leader", lambda p: p.leader, width=60, is_hidden=True),
        Column(
            "in_sync",
            "In sync",
            lambda p: f"{p.in_sync} of {p.replicas}",
            width=76,
            look=lambda p: (
                StateLook(Glyph.TRIANGLE, f"{p.in_sync} of {p.replicas}", Tone.FAILED)
                if p.in_sync < p.replicas
                else None
            ),
        ),
    ]
    return LiveTableModel(
        columns=columns, key_of=lambda p: p.partition, theme=theme, cap=100_000, is_newest_first=False
    )


def group_partition_table(theme: Theme) -> LiveTableModel[GroupPartition]:
    """Return the model of how far a group is."""
    columns: list[Column[GroupPartition]] = [
        Column("topic", "Topic", lambda p: p.topic, width=84, is_mono=True),
        _number("partition", "Partition", lambda p: p.partition, width=68),
        _number("lag", "Lag", lambda p: p.lag, width=56),
        _number("committed", "Committed", lambda p: p.committed, width=80),
        _number("end", "Next", lambda p: p.end, width=64, is_hidden=True),
        Column("member", "Read by", lambda p: p.member or "nobody", width=150, tone=Tone.MUTED),
    ]
    return LiveTableModel(
        columns=columns, key_of=lambda p: (p.topic, p.partition), theme=theme, cap=100_000, is_newest_first=False
    )


def reset_table(theme: Theme) -> LiveTableModel[OffsetReset]:
    """Return the model of what a reset would do."""
    columns: list[Column[OffsetReset]] = [
        _number("partition", "Partition", lambda p: p.partition, width=64),
        _number("before", "From", lambda p: p.before, width=64),
        _number("after", "To", lambda p: p.after, width=64),
        _number("skipped", "Skipped", lambda p: p.skipped, width=64),
        _number("repeated", "Again", lambda p: p.repeated, width=64),
    ]
    return LiveTableModel(
        columns=columns, key_of=lambda p: p.partition, theme=theme, cap=100_000, is_newest_first=False
    )


def _kept(state: TopicPartitionState) -> int | None:
    return None if state.first is None or state.end is None else state.end - state.first


def _number(key: str, title: str, value: Any, *, width: int = 90, is_hidden: bool = False) -> Column[Any]:
    """A column of whole numbers; unknown sorts below all."""
    return Column(
        key,
        title,
        lambda row: formats.count(value(row)),
        width=width,
        sort=lambda row: -1 if value(row) is None else value(row),
        value=value,
        is_right=True,
        is_hidden=is_hidden,
    )
