"""Which message an agent is tried on: a sample, or one of those that came in while the window was open."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage, preview
from kafka_agent_studio.gui.theme import GAP, Theme

_MOST = 50
_LOOKED_AT = 500
_PREVIEW = 60


class MessageChoice(QWidget):
    """`sample_asked` and `message_chosen(record)` come when the person chooses; the list is made anew as it opens."""

    sample_asked = Signal()
    message_chosen = Signal(object)

    def __init__(self, *, messages: MessageTableModel, theme: Theme) -> None:
        super().__init__()
        self._messages = messages
        self._topics: Sequence[str] = ()
        self._offered: list[ReceivedMessage] = []
        self.box = _OpeningBox(self.refresh)
        self.box.activated.connect(self._on_chosen)
        name = QLabel("Message")
        name.setFont(theme.heading)
        name.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(name)
        row.addWidget(self.box, 1)
        self.refresh()

    def prefer(self, topics: Sequence[str]) -> None:
        """Offer the messages of these topics first."""
        self._topics = topics
        self.box.setCurrentIndex(0)
        self.refresh()

    def refresh(self) -> None:
        """Offer the newest messages."""
        looked_at = [self._messages.row(number) for number in range(min(self._messages.rowCount(), _LOOKED_AT))]
        fitting = [message for message in looked_at if message.record.topic in self._topics]
        others = [message for message in looked_at if message.record.topic not in self._topics]
        chosen = self.box.currentIndex()
        before = self._offered[chosen - 1].record.place if 0 < chosen <= len(self._offered) else ""
        self._offered = (fitting + others)[:_MOST]
        self.box.clear()
        self.box.addItem("A sample made from the tools")
        for message in self._offered:
            record = message.record
            value = formats.one_line(preview(record.value), _PREVIEW)
            self.box.addItem(f"{record.place}  {formats.key_text(record.key)}  {value}")
        places = [message.record.place for message in self._offered]
        self.box.setCurrentIndex(places.index(before) + 1 if before in places else 0)

    def _on_chosen(self, index: int) -> None:
        if index == 0:
            self.sample_asked.emit()
        elif index <= len(self._offered):
            self.message_chosen.emit(self._offered[index - 1].record)


class _OpeningBox(QuietComboBox):
    """A combo box that is filled when it opens, and does not ask for the width of its longest entry."""

    def __init__(self, on_open: Callable[[], object]) -> None:
        super().__init__()
        self._on_open = on_open
        self.setMinimumContentsLength(16)

    def showPopup(self) -> None:
        """Fill it, then open it."""
        self._on_open()
        super().showPopup()
