"""Says of what stands in a form that it is a draft, and lets go of it with one click."""

from collections.abc import Callable

from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafka_agent_studio.api.drafts import RerunDraft
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.theme import GAP, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone


class DraftLine(QWidget):
    """Hidden while nothing was typed."""

    def __init__(self, *, on_discard: Callable[[], object]) -> None:
        super().__init__()
        self._text = label("", tone=Tone.MUTED)
        self.discard = button("Discard the draft", on_discard, kind="link", tip="Everything as the run had it")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self._text)
        row.addWidget(self.discard)
        row.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say_found(self, draft: RerunDraft) -> None:
        """What stands here was typed earlier."""
        when = f" of {formats.moment(draft.kept_at_us)[:16]}" if draft.kept_at_us else ""
        self._say(f"Draft{when}: typed here and not run yet.", Tone.MUTED)

    def say_kept(self, refusal: str) -> None:
        """What is being typed is kept; with a refusal: until the window is closed, and why."""
        if refusal:
            self._say(f"Draft, kept until the window is closed: {refusal}", Tone.WAITING)
        else:
            self._say("Draft: it stays until it is run or discarded.", Tone.MUTED)

    def _say(self, text: str, tone: Tone) -> None:
        self._text.setText(text)
        set_tone(self._text, tone)
        self.show()
