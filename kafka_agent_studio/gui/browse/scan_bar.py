"""The row that says what to read: connection, topic, from where, how long; and the button that reads or stops."""

from collections.abc import Sequence
from datetime import UTC, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import FromEnd, FromGroup, FromOffset, FromTime, Newest, Oldest, Scan, Start
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.state_look import Glyph
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone

_NEWEST, _OLDEST, _OFFSET, _TIME, _GROUP, _END = (
    "newest",
    "oldest",
    "an offset",
    "a time",
    "a group's position",
    "what arrives now",
)
_ABOUT = "Without a group and without commits: nobody else's reading is disturbed."
_HINTS = {_NEWEST: "100", _OFFSET: "offset", _TIME: "2026-11-23 14:03:07 or epoch ms", _GROUP: "consumer group"}


class ScanMistakeError(ValueError):
    """What stands in the row cannot be read; the message is for the person."""


def start_of(kind: str, value: str) -> Start:
    """Return where reading begins, as chosen and typed. Raises: ScanMistakeError."""
    text = value.strip()
    if kind == _OLDEST:
        return Oldest()
    if kind == _END:
        return FromEnd()
    if kind == _GROUP:
        if not text:
            raise ScanMistakeError("Name the consumer group whose position to begin at.")
        return FromGroup(text)
    if kind == _TIME:
        return FromTime(epoch_ms(text))
    if kind == _NEWEST and not text:
        return Newest()
    if not text.isdecimal():
        what = "How many messages" if kind == _NEWEST else "An offset"
        raise ScanMistakeError(f"{what} is a number, not '{text}'.")
    return Newest(int(text)) if kind == _NEWEST else FromOffset(int(text))


def epoch_ms(text: str) -> int:
    """Return a time as typed, local where it names no zone, in epoch ms. Raises: ScanMistakeError."""
    if text.isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ScanMistakeError(f"'{text}' is no time: write 2026-11-23 14:03:07, or epoch milliseconds.") from None
    return round(moment.astimezone(UTC).timestamp() * 1000)


def _count(text: str) -> int | None:
    """Return after how many messages to stop; None: at the end. Raises: ScanMistakeError."""
    text = text.strip().replace(",", "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise ScanMistakeError(f"Stop after so many messages: a number, or nothing for all, not '{text}'.")
    return int(text)


class ScanBar(QWidget):
    """Emits `read_asked` and `stop_asked`; `scan()` is what stands in it."""

    read_asked = Signal()
    stop_asked = Signal()
    connection_chosen = Signal(str)

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.connection = QuietComboBox()
        self.connection.setMinimumWidth(110)
        self.topic = QuietComboBox()
        self.topic.setEditable(True)
        self.topic.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.topic.setMinimumWidth(150)
        completer = self.topic.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setPopup(CompletionPopup(self.topic, name="Topics"))
        self.start = QuietComboBox()
        self.start.addItems([_NEWEST, _OLDEST, _OFFSET, _TIME, _GROUP, _END])
        self.value = QLineEdit()
        self.value.setAccessibleName("Where reading begins")
        self.value.setMinimumWidth(120)
        self.stop_after = QLineEdit()
        self.stop_after.setPlaceholderText("at the end")
        self.stop_after.setAccessibleName("Stop after so many messages")
        self.stop_after.setMinimumWidth(90)
        self.follow = TickBox("Go on with what arrives", theme=theme)
        self.progress = label(_ABOUT, font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self.go = button("Read", self._on_go, kind="primary")
        self.mistake = label("", tone=Tone.FAILED)
        self.mistake.setVisible(False)
        self._is_reading = False
        row = QHBoxLayout()
        row.setSpacing(GAP)
        for name, field, stretch in (
            ("Connection", self.connection, 2),
            ("Topic", self.topic, 4),
            ("From", self.start, 2),
        ):
            row.addLayout(_labelled(name, field), stretch)
        row.addLayout(_labelled("Begin at", self.value), 2)
        row.addLayout(_labelled("Stop after", self.stop_after), 1)
        row.addWidget(self.go, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        column.setSpacing(SPACE)
        column.addLayout(row)
        self._below = QHBoxLayout()
        self._below.setSpacing(GAP)
        self._below.addWidget(self.follow)
        self._below.addWidget(self.progress, 1)
        column.addLayout(self._below)
        column.addWidget(self.mistake)
        self.connection.currentTextChanged.connect(self.connection_chosen.emit)
        self.start.currentTextChanged.connect(self._on_start_chosen)
        line = self.topic.lineEdit()
        if line is not None:
            line.setPlaceholderText("topic")
            line.setAccessibleName("Topic")
            line.returnPressed.connect(self._read_if_idle)
        self.value.returnPressed.connect(self._read_if_idle)
        self.stop_after.returnPressed.connect(self._read_if_idle)
        self._on_start_chosen(_NEWEST)

    def add_below(self, widget: QWidget) -> None:
        """Put a widget under the row, at its right end."""
        self._below.addWidget(widget)

    def offer_connections(self, names: Sequence[str]) -> None:
        """Offer these, keeping what is chosen."""
        chosen = self.connection.currentText()
        if [self.connection.itemText(n) for n in range(self.connection.count())] == list(names):
            return
        self.connection.blockSignals(True)
        self.connection.clear()
        self.connection.addItems(list(names))
        self.connection.blockSignals(False)
        if chosen in names:
            self.connection.setCurrentText(chosen)
        elif names:
            self.connection_chosen.emit(self.connection.currentText())

    def offer_topics(self, names: Sequence[str]) -> None:
        """Offer these, keeping what is typed."""
        typed = self.topic.currentText()
        self.topic.clear()
        self.topic.addItems(list(names))
        self.topic.setCurrentText(typed or (names[0] if names else ""))

    def choose(self, *, connection: str, topic: str) -> None:
        """Fill in what to read."""
        if self.connection.findText(connection) >= 0:
            self.connection.setCurrentText(connection)
        self.topic.setCurrentText(topic)

    def scan(self, filter_text: str) -> Scan:
        """Return what to read. Raises: ScanMistakeError."""
        topic = self.topic.currentText().strip()
        if not topic:
            raise ScanMistakeError("Name the topic to read.")
        start = start_of(self.start.currentText(), self.value.text())
        return Scan(
            connection=self.connection.currentText(),
            topic=topic,
            start=start,
            filter=filter_text,
            stop_after=_count(self.stop_after.text()),
        )

    def show_progress(self, words: str, *, is_paused: bool = False) -> None:
        """Say how far reading is; with nothing to say, what reading does not do."""
        self.progress.setText(f"{Glyph.BARS.value} paused · {words}" if is_paused else words or _ABOUT)
        set_tone(self.progress, Tone.PAUSED if is_paused else Tone.MUTED)

    def say(self, mistake: str) -> None:
        """Say under the row what is wrong; empty takes it back."""
        self.mistake.setText(mistake)
        self.mistake.setVisible(bool(mistake))
        set_tone(self.mistake, Tone.FAILED)

    def show_reading(self, is_reading: bool) -> None:
        """Offer to stop instead of to read."""
        self._is_reading = is_reading
        self.go.setText("Stop" if is_reading else "Read")
        self.go.setAccessibleName(self.go.text())

    def _on_go(self) -> None:
        (self.stop_asked if self._is_reading else self.read_asked).emit()

    def _read_if_idle(self) -> None:
        if not self._is_reading:
            self.read_asked.emit()

    def _on_start_chosen(self, kind: str) -> None:
        hint = _HINTS.get(kind, "")
        self.value.setEnabled(bool(hint))
        self.value.setPlaceholderText(hint)
        if not hint:
            self.value.clear()
        if kind == _END:
            self.follow.setChecked(True)


def _labelled(name: str, field: QWidget) -> QVBoxLayout:
    """A label above a field, tied to it for screen readers."""
    text: QLabel = label(name, tone=Tone.MUTED)
    text.setBuddy(field)
    column = QVBoxLayout()
    column.setSpacing(SPACE // 2)
    column.addWidget(text)
    column.addWidget(field)
    return column
