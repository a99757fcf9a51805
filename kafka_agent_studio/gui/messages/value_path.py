"""A place inside messages, as one writes it: `value.customer.name`, `value.items[0].sku`, `headers.trace`, `key`."""

import re
from typing import Any

import msgspec

from kafka_agent_studio.gui import formats
from kafka_agent_studio.model.message import Record

_STEP = re.compile(r'\.(?:"((?:[^"\\]|\\.)*)"|([^.\[\]"\s]+))|\[(\d+)\]')
_LARGEST_BYTES = 256_000
"""Larger values are not looked into for a cell."""


class PathMistakeError(ValueError):
    """It is no place in a message; the message is for the person."""


class ValuePath(msgspec.Struct, frozen=True):
    """`side` is key, value or headers; `text` as it was written."""

    text: str
    side: str
    steps: tuple[str | int, ...]

    def of(self, record: Record) -> str:
        """Return what stands there in a message, every digit of it; nothing where it has no such place."""
        if self.side == "headers":
            values = [value for name, value in record.headers if name == self.steps[0]]
            return ", ".join("null" if v is None else formats.key_text(v) for v in values) or formats.NOTHING
        data = record.key if self.side == "key" else record.value
        if data is None:
            return formats.NOTHING
        if not self.steps:
            return formats.one_line(formats.key_text(data[:_LARGEST_BYTES]))
        return formats.NOTHING if len(data) > _LARGEST_BYTES else _inside(data, self.steps)

    def sorted_as(self, record: Record) -> tuple[int, float, str]:
        """Return what sorts it: numbers by size, before texts; what is not there first."""
        text = self.of(record)
        if text == formats.NOTHING:
            return (0, 0.0, "")
        try:
            return (1, float(text), "")
        except ValueError:
            return (2, 0.0, text)


def value_path(text: str) -> ValuePath:
    """Return the place that a text names. Raises: PathMistakeError."""
    text = text.strip()
    side = re.match(r"[a-z]*", text)
    assert side is not None
    if side.group() not in ("key", "value", "headers"):
        raise PathMistakeError(f"Begin with value., headers. or key, not '{text}'.")
    steps: list[str | int] = []
    at = side.end()
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise PathMistakeError(f"'{text[at:]}' is no part of a path: write value.customer or value.items[0].")
        quoted, plain, number = step.groups()
        if number is not None:
            steps.append(int(number))
        else:
            steps.append(plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted))
        at = step.end()
    if side.group() == "headers" and (len(steps) != 1 or not isinstance(steps[0], str)):
        raise PathMistakeError("Name one header: headers.trace.")
    return ValuePath(text, side.group(), tuple(steps))


def _inside(data: bytes, steps: tuple[str | int, ...]) -> str:
    # Step by step as raw text, so that no number is read and written again.
    raw: Any = data
    try:
        for step in steps:
            if isinstance(step, str):
                raw = msgspec.json.decode(raw, type=dict[str, msgspec.Raw]).get(step)
            else:
                items = msgspec.json.decode(raw, type=list[msgspec.Raw])
                raw = items[step] if step < len(items) else None
            if raw is None:
                return formats.NOTHING
        text = bytes(raw).strip()
        return formats.one_line(str(msgspec.json.decode(text)) if text.startswith(b'"') else text.decode())
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError):
        return formats.NOTHING
