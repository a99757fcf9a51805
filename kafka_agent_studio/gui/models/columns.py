"""Columns of a table, described once: what a cell says, how it sorts, what it is when copied."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import msgspec

from kafka_agent_studio.gui.state_look import StateLook
from kafka_agent_studio.gui.theme import Tone

RowT = TypeVar("RowT")


class Column(msgspec.Struct, Generic[RowT], frozen=True):
    """`key` is stable (it is remembered), `width` is px; `sort` and `value` default to the text.

    `value` is what a copy as JSON holds: a JSON value. `look` makes the cell a state. `yields` above 0: it steps aside
    while the table is too narrow for all, the highest first.
    """

    key: str
    title: str
    text: Callable[[RowT], str]
    width: int = 120
    sort: Callable[[RowT], Any] | None = None
    value: Callable[[RowT], Any] | None = None
    tip: Callable[[RowT], str] | None = None
    look: Callable[[RowT], StateLook | None] | None = None
    tone: Tone | None = None
    is_mono: bool = False
    is_right: bool = False
    is_hidden: bool = False
    yields: int = 0

    def json_value(self, row: RowT) -> Any:
        """Return what the cell is in JSON."""
        return self.text(row) if self.value is None else self.value(row)
