"""Drafts of runs to come: each change goes to the engine, which keeps it; what it cannot keep stays here."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from kafka_agent_studio.api.drafts import GetDraft, KeepDraft, RerunDraft
from kafka_agent_studio.gui.engine_bridge import EngineBridge

_AFTER_MS = 300
"""From the last key to keeping: a person who types is not written down letter by letter."""


class Drafts(QObject):
    """Texts by run id. `told` carries the run id of a draft and why it is not kept, "" where it is."""

    told = Signal(str, str)

    def __init__(self, *, bridge: EngineBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._unkept: dict[str, RerunDraft | None] = {}
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_AFTER_MS)
        self._pause.timeout.connect(self.flush)

    @property
    def has_unkept(self) -> bool:
        """Whether a draft would be lost if the window were closed now."""
        return any(draft is not None for draft in self._unkept.values())

    def note(self, run_id: str, draft: RerunDraft | None) -> None:
        """Keep what stands there now, soon; None: there is nothing any more."""
        self._unkept[run_id] = draft
        self._pause.start()

    def forget(self, run_id: str) -> None:
        """Forget a draft at once."""
        self._unkept[run_id] = None
        self.flush()

    def flush(self) -> None:
        """Hand over at once what is not kept yet, and try again what could not be kept."""
        self._pause.stop()
        for run_id, draft in list(self._unkept.items()):
            self._hand_over(run_id, draft)

    def find(self, run_id: str, on_found: Callable[[RerunDraft | None], object]) -> None:
        """Look for a draft here, then with the engine; None: there is none."""
        if run_id in self._unkept:
            on_found(self._unkept[run_id])
        else:
            self._bridge.submit(GetDraft(run_id), on_found, lambda _words: on_found(None))

    def _hand_over(self, run_id: str, draft: RerunDraft | None) -> None:
        def kept(_reply: None) -> None:
            if self._unkept.get(run_id, draft) is draft:
                self._unkept.pop(run_id, None)
            self.told.emit(run_id, "")

        def refused(words: str) -> None:
            if draft is None:
                # nothing is lost by it
                kept(None)
            else:
                self.told.emit(run_id, words)

        self._bridge.submit(KeepDraft(run_id, draft), kept, refused)
