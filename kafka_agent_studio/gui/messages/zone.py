"""In which zone times are told: the machine's, UTC, or one by name."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QCompleter, QHBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup
from kafka_agent_studio.gui.widgets.labels import label

LOCAL, _UTC = "local time", "UTC"
_ZONE = "time zone"


def zone_of(name: str) -> tzinfo | None:
    """Return the zone of a name; None: the machine's own, also where nobody knows the name."""
    if name == _UTC:
        return UTC
    try:
        return None if name in (LOCAL, "") else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def told(at_ms: int | None, zone: tzinfo | None, now_us: int) -> str:
    """Return a time to the millisecond with its zone, and how long ago it was; a time no calendar has as its number."""
    if at_ms is None:
        return "no time"
    try:
        moment = datetime.fromtimestamp(at_ms / 1_000, UTC).astimezone(zone)
    except (OverflowError, OSError, ValueError):
        return f"{at_ms} ms"
    text = moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{at_ms % 1_000:03d} {moment.tzname()}"
    return f"{text}, {formats.ago(at_ms * 1_000, now_us)}"


class ZoneChoice(QWidget):
    """Remembered for the workspace. `changed` comes when another zone is chosen."""

    changed = Signal()

    def __init__(self, *, theme: Theme, preferences: Preferences) -> None:
        super().__init__()
        self._preferences = preferences
        self.box = QuietComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        chosen = str(preferences.get(_ZONE, LOCAL))
        self.box.addItems([LOCAL, _UTC, *sorted(available_timezones() - {_UTC})])
        self.box.setCurrentText(chosen)
        line = self.box.lineEdit()
        assert line is not None
        line.setAccessibleName("Time zone")
        completer = self.box.completer()
        if completer is not None:
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setPopup(CompletionPopup(self.box, name="Time zones"))
        name = label("Times in", font=theme.small, tone=Tone.MUTED)
        name.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE * 2)
        row.addWidget(name)
        row.addWidget(self.box, 1)
        self.box.currentTextChanged.connect(self._on_text)

    @property
    def zone(self) -> tzinfo | None:
        """The zone chosen; None: the machine's own."""
        return zone_of(self.box.currentText())

    def _on_text(self, text: str) -> None:
        # While a name is typed it is none yet.
        if self.box.findText(text) >= 0:
            self._preferences.put(_ZONE, text)
            self.changed.emit()
