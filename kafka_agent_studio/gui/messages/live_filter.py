"""What arrives, filtered by the engine: with a filter set, a message is shown once the engine said that it fits.

The window's thread never looks into a value: 10,000 values for each key pressed would be felt.
"""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from kafka_agent_studio.api.browse import MatchRecords
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.models.live_table import CAP
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage

_AT_ONCE = 1_000
"""Messages that one question to the engine carries when a new filter goes through what is kept."""


class LiveFilter(QObject):
    """Feeds the model of the live page. `said` carries a mistake in words, empty when the filter is sound."""

    said = Signal(str)
    looked_changed = Signal()

    def __init__(self, *, bridge: EngineBridge, model: MessageTableModel) -> None:
        super().__init__()
        self._bridge = bridge
        self._model = model
        self._text = ""
        self._turn = 0
        self._fitting: set[tuple[str, str]] = set()
        self.looked_at = 0
        self.to_look_at = 0
        bridge.messages_received.connect(self._on_received)

    @property
    def is_looking(self) -> bool:
        """Whether the filter still goes through what was kept before it."""
        return self.looked_at < self.to_look_at

    def set_text(self, text: str) -> None:
        """Filter by this from now on, and what is kept, the newest first."""
        self._text = text.strip()
        self._turn += 1
        self._fitting = set()
        self.looked_at = self.to_look_at = 0
        if not self._text:
            self._model.set_filter(None)
            self.said.emit("")
            return
        kept = self._model.kept_rows()
        self.to_look_at = len(kept)
        self._look(kept, self._turn)
        if not kept:
            self._ask((), self._turn)

    def _look(self, rest: Sequence[ReceivedMessage], turn: int) -> None:
        if rest:
            self._ask(rest[-_AT_ONCE:], turn, rest[:-_AT_ONCE])

    def _ask(self, part: Sequence[ReceivedMessage], turn: int, rest: Sequence[ReceivedMessage] = ()) -> None:
        def on_found(found: tuple[int, ...] | None) -> None:
            if turn != self._turn:
                return
            self.looked_at += len(part)
            self._fitting.update(part[at].key for at in found or ())
            self._show()
            self.said.emit("")
            self.looked_changed.emit()
            self._look(rest, turn)

        self._bridge.submit(
            MatchRecords(self._text, tuple(message.record for message in part)),
            on_found,
            lambda words: self._on_refused(turn, words),
        )

    def _show(self) -> None:
        self._model.show_only(self._fitting)

    def _on_refused(self, turn: int, words: str) -> None:
        if turn == self._turn:
            self.looked_at = self.to_look_at = 0
            self.said.emit(words)

    def _on_received(self, messages: list[ReceivedMessage]) -> None:
        if not self._text:
            self._model.upsert(messages)
            return
        turn = self._turn

        def on_found(found: tuple[int, ...] | None) -> None:
            if turn == self._turn:
                self._fitting.update(messages[at].key for at in found or ())
                self._forget_gone()
            self._model.upsert(messages)

        # a filter with a mistake filters nothing: what arrives is shown
        self._bridge.submit(
            MatchRecords(self._text, tuple(message.record for message in messages)),
            on_found,
            lambda _words: self._model.upsert(messages),
        )

    def _forget_gone(self) -> None:
        if len(self._fitting) > 4 * CAP:
            self._fitting.intersection_update(message.key for message in self._model.kept_rows())
            self._show()
