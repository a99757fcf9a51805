"""Messages as the connectors take them in."""

from collections.abc import Callable
from typing import Any

import msgspec

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import CAP, LiveTableModel
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.message import Record

_PREVIEW_BYTES = 400


class ReceivedMessage(msgspec.Struct, frozen=True, gc=False):
    """A record, the connector that took it in, and when (epoch µs)."""

    connector: str
    record: Record
    received_at_us: int

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from every other: two connectors may read one topic."""
        return self.connector, self.record.place


def preview(value: bytes | None) -> str:
    """Return the beginning of a value on one line; what a tombstone and bytes look like is said in words."""
    if value is None:
        return "null (tombstone)"
    text = value[:_PREVIEW_BYTES].decode(errors="replace")
    if text.count("\ufffd") > 4:
        return f"{formats.size(len(value))} of bytes: {value[:24].hex(' ')}"
    return formats.one_line(text)


def _timestamp_us(message: ReceivedMessage) -> int | None:
    timestamp_ms = message.record.timestamp_ms
    return None if timestamp_ms is None else timestamp_ms * 1000


def _json_text(value: bytes | None) -> Any:
    return None if value is None else value.decode(errors="replace")


def message_columns() -> list[Column[ReceivedMessage]]:
    """Return the columns of the messages page."""
    return [
        Column(
            "time",
            "Time",
            lambda m: formats.clock(_timestamp_us(m)),
            width=108,
            sort=lambda m: m.record.timestamp_ms or 0,
            value=lambda m: m.record.timestamp_ms,
            tip=lambda m: formats.full_time(_timestamp_us(m)),
            is_mono=True,
            tone=Tone.MUTED,
        ),
        Column("topic", "Topic", lambda m: m.record.topic, width=120),
        Column(
            "partition",
            "Partition",
            lambda m: str(m.record.partition),
            width=76,
            sort=lambda m: m.record.partition,
            value=lambda m: m.record.partition,
            is_right=True,
        ),
        Column(
            "offset",
            "Offset",
            lambda m: f"{m.record.offset}",
            width=88,
            sort=lambda m: m.record.offset,
            value=lambda m: m.record.offset,
            is_right=True,
        ),
        Column(
            "key",
            "Key",
            lambda m: formats.key_text(m.record.key),
            width=130,
            value=lambda m: _json_text(m.record.key),
            is_mono=True,
        ),
        Column(
            "value",
            "Value",
            lambda m: preview(m.record.value),
            width=420,
            value=lambda m: _json_text(m.record.value),
            is_mono=True,
        ),
        Column(
            "size",
            "Size",
            lambda m: formats.size(None if m.record.value is None else len(m.record.value)),
            width=76,
            sort=lambda m: len(m.record.value or b""),
            value=lambda m: None if m.record.value is None else len(m.record.value),
            is_right=True,
            tone=Tone.MUTED,
        ),
        Column(
            "headers",
            "Headers",
            lambda m: str(len(m.record.headers)) if m.record.headers else formats.NOTHING,
            width=70,
            sort=lambda m: len(m.record.headers),
            value=lambda m: [[name, _json_text(data)] for name, data in m.record.headers],
            tip=lambda m: ", ".join(name for name, _ in m.record.headers) or "no headers",
            is_right=True,
            is_hidden=True,
        ),
        Column("connector", "Connector", lambda m: m.connector, width=120, is_hidden=True),
    ]


class MessageTableModel(LiveTableModel[ReceivedMessage]):
    """The newest messages; `kept` of `seen`."""

    def __init__(self, *, theme: Theme, cap: int = CAP) -> None:
        super().__init__(columns=message_columns(), key_of=lambda m: m.key, theme=theme, cap=cap)

    def find_record(self, place: str, takes: Callable[[str], bool]) -> Record | None:
        """Return the record at `topic/partition/offset` that is still kept, of a connector that `takes` accepts."""
        for connector in {key[0] for key in self._number_of if isinstance(key, tuple)}:
            message = self.find((connector, place)) if takes(connector) else None
            if message is not None:
                return message.record
        return None
