"""Saves of the forms, each of which can be taken back and made again: the text of a file is the unit."""

from collections.abc import Callable, Mapping

import msgspec
from PySide6.QtCore import QObject, Signal

from kafka_agent_studio.api.commands import SaveFiles
from kafka_agent_studio.gui.engine_bridge import EngineBridge

_MOST_STEPS = 50


class _Step(msgspec.Struct, frozen=True):
    """What has to be written to go this step, and what must stand there then."""

    words: str
    changes: Mapping[str, str | None]
    expected: Mapping[str, str | None]


class FileChanges(QObject):
    """Undo and redo for what forms save and delete. Files hold names of secrets only, so the history holds none.

    `saved(words)` comes after each save; `undone(words)` and `redone(words)` after those.
    """

    saved = Signal(str)
    undone = Signal(str)
    redone = Signal(str)
    refused = Signal(str)

    def __init__(self, *, bridge: EngineBridge) -> None:
        super().__init__()
        self._bridge = bridge
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is something to make again."""
        return bool(self._redo)

    def save(
        self,
        changes: Mapping[str, str | None],
        *,
        expected: Mapping[str, str | None],
        words: str,
        on_done: Callable[[], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> None:
        """Write (text) or delete (None) files; `words` say what was done ("saved orders-in")."""

        def done(before: Mapping[str, str | None]) -> None:
            self._undo.append(_Step(words, before, dict(changes)))
            del self._undo[:-_MOST_STEPS]
            self._redo.clear()
            if on_done is not None:
                on_done()
            self.saved.emit(words)

        self._bridge.submit(SaveFiles(dict(changes), dict(expected)), done, on_error or self.refused.emit)

    def undo(self) -> None:
        """Take the last step back; nothing happens where there is none."""
        self._go(self._undo, self._redo, self.undone.emit)

    def redo(self) -> None:
        """Make the step that was taken back again."""
        self._go(self._redo, self._undo, self.redone.emit)

    def _go(self, source: list[_Step], target: list[_Step], say: Callable[[str], object]) -> None:
        if not source:
            return
        step = source.pop()

        def done(before: Mapping[str, str | None]) -> None:
            target.append(_Step(step.words, before, step.changes))
            say(step.words)

        def refused(words: str) -> None:
            source.append(step)
            self.refused.emit(words)

        self._bridge.submit(SaveFiles(step.changes, step.expected), done, refused)
