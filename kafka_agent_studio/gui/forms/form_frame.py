"""The frame around a form: its title, questions in place, the fields, the connection check, and what Save will do."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.check_panel import CheckPanel
from kafka_agent_studio.gui.forms.tab_order import order_tabs
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, HEADER_HEIGHT, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, hairline, icon_button, label, set_tone

_NARROWEST = 420


class FormFrame(QFrame):
    """Says by signal what the person wants: `save_asked` (also Ctrl+S), `leave_asked` (also Esc), and so on."""

    save_asked = Signal()
    leave_asked = Signal()
    revert_asked = Signal()
    check_asked = Signal()

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        theme, icons = parts.theme, parts.icons
        self.setMinimumWidth(_NARROWEST)
        self._title = label("", font=theme.heading)
        self._mark = label("PRODUCTION", font=theme.small, tone=Tone.FAILED)
        self._mark.setToolTip("studio.yaml lists this connection under production")
        self._mark.hide()
        self.leave = icon_button("Close the form (Esc)", icons.icon("x"), self.leave_asked.emit)
        self.ask = AskBar(theme=theme)
        self.content = QVBoxLayout()
        self.content.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        self.content.setSpacing(GAP * 2 - SPACE)
        self.check = CheckPanel(bridge=parts.bridge, theme=theme, icons=icons)
        self.check.finished.connect(self._on_check_finished)
        self._note = label("", font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self.check_button = button("Check connection", self.check_asked.emit, icon=icons.icon("wifi-high"))
        self.revert = button("Revert", self.revert_asked.emit, tip="Show what the file holds again")
        self.save = button("Save", self.save_asked.emit, kind="primary", tip="Ctrl+S")
        self.save.installEventFilter(self)
        self._lay_out()

    def _lay_out(self) -> None:
        head = QWidget()
        head.setFixedHeight(HEADER_HEIGHT)
        row = QHBoxLayout(head)
        row.setContentsMargins(MARGIN, 0, GAP, 0)
        row.setSpacing(GAP)
        row.addWidget(self._title)
        row.addWidget(self._mark)
        row.addStretch(1)
        row.addWidget(self.leave)
        inside = QWidget()
        inside.setLayout(self.content)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(inside)
        foot = QHBoxLayout()
        foot.setContentsMargins(MARGIN, 0, MARGIN, GAP + SPACE)
        foot.setSpacing(GAP)
        foot.addWidget(self.check_button)
        foot.addStretch(1)
        foot.addWidget(self.revert)
        foot.addWidget(self.save)
        note = QHBoxLayout()
        note.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        note.addWidget(self._note)
        self._check_line = hairline()
        self._check_line.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(head)
        column.addWidget(hairline())
        column.addWidget(self.ask)
        column.addWidget(self.area, 1)
        column.addWidget(self._check_line)
        column.addWidget(self.check)
        column.addWidget(hairline())
        column.addLayout(note)
        column.addLayout(foot)

    # what forms use

    @property
    def title(self) -> str:
        """What is edited."""
        return self._title.text()

    @property
    def note(self) -> str:
        """What Save will do, or why it cannot."""
        return self._note.text()

    @property
    def is_marked(self) -> bool:
        """Whether it says that this is production."""
        return not self._mark.isHidden()

    def set_title(self, text: str, *, is_production: bool) -> None:
        """Say what is edited; a production connection colours it."""
        self._title.setText(text)
        set_tone(self._title, Tone.FAILED if is_production else None)
        self._mark.setVisible(is_production)

    def say(self, text: str, *, tone: Tone = Tone.MUTED) -> None:
        """Say what Save will do, or why it cannot: beside the button, in its tip, and to a screen reader."""
        self._note.setText(text)
        set_tone(self._note, tone)
        self.save.setToolTip(f"{text} (Ctrl+S)")
        self.save.setAccessibleDescription(text)

    def order_tabs(self) -> None:
        """Let Tab follow the eye: the fields from the top, then the buttons below."""
        last = order_tabs(self.content, self.leave)
        for made in (self.check_button, self.revert, self.save):
            if last is not None:
                QWidget.setTabOrder(last, made)
            last = made

    def show_field(self, field: QWidget) -> None:
        """Scroll to the editor of a field and put the cursor there."""
        field.setFocus()
        self.area.ensureWidgetVisible(field, 0, MARGIN)

    # keys

    def event(self, event: QEvent) -> bool:
        """Keep Esc and Ctrl+S for the form while the focus is in it."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Save with Ctrl+S, leave with Esc."""
        if not _is_ours(event):
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_Escape:
            self.leave_asked.emit()
        else:
            self.save_asked.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press on Save while it cannot be pressed asks what is left to do."""
        if watched is self.save and event.type() == QEvent.Type.MouseButtonPress and not self.save.isEnabled():
            self.save_asked.emit()
            return True
        return super().eventFilter(watched, event)

    def _on_check_finished(self) -> None:
        self._check_line.setVisible(self.check.isVisibleTo(self))


def _is_ours(event: QKeyEvent) -> bool:
    if event.key() == Qt.Key.Key_Escape:
        return event.modifiers() == Qt.KeyboardModifier.NoModifier
    return event.key() == Qt.Key.Key_S and event.modifiers() == Qt.KeyboardModifier.ControlModifier
