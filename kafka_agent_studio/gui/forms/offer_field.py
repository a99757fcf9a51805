"""A text that a list of what there is helps with: topics and groups, as the broker tells them."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QHBoxLayout

from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.forms.field import Field
from kafka_agent_studio.gui.theme import GAP, Theme, Tone
from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone


class OfferField(Field):
    """Typed or chosen. Under it stands what is known about the offers, with at most one button."""

    def __init__(self, *, title: str, explanation: str, theme: Theme, placeholder: str = "") -> None:
        super().__init__(title=title, explanation=explanation, theme=theme)
        self.box = QuietComboBox()
        self.box.setEditable(True)
        self.box.setInsertPolicy(QuietComboBox.InsertPolicy.NoInsert)
        line = self.box.lineEdit()
        assert line is not None
        self.line = line
        self.box.setFont(theme.mono)
        line.setPlaceholderText(placeholder)
        line.setAccessibleName(title)
        completer = QCompleter(self.box.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.setPopup(CompletionPopup(self.box))
        self.box.setCompleter(completer)
        self._set_editor(self.box)
        line.textEdited.connect(lambda _text: self.edited.emit())
        # Signal to signal: a box that is taken down with the focus in it emits this once more, into a field half gone.
        self.box.activated.connect(self.edited)
        self._about = label("", font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self._on_action: Callable[[], object] | None = None
        self.action = button("", self._act, kind="link")
        self.action.hide()
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self._about, 1)
        row.addWidget(self.action)
        self._column.addLayout(row)
        self._about.hide()

    def offer(self, names: Sequence[str]) -> None:
        """Offer these names; what stands in the field stays."""
        text = self.line.text()
        self.box.clear()
        self.box.addItems(list(names))
        self.box.setCurrentIndex(-1)
        self.line.setText(text)

    @property
    def offered(self) -> list[str]:
        """The names that can be chosen."""
        return [self.box.itemText(number) for number in range(self.box.count())]

    @property
    def about(self) -> str:
        """What is said about the offers."""
        return "" if self._about.isHidden() else self._about.text()

    def say(
        self, text: str, *, tone: Tone = Tone.MUTED, action: str = "", on_action: Callable[[], object] | None = None
    ) -> None:
        """Say something about the offers; `action` names the button (none where it is empty)."""
        self._about.setText(text)
        set_tone(self._about, tone)
        self._about.setVisible(bool(text))
        self._on_action = on_action
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.line.setAccessibleDescription(f"{self.editor.accessibleDescription()} {text}".strip())

    def _act(self) -> None:
        if self._on_action is not None:
            self._on_action()

    @property
    def current(self) -> Any:
        """The text; None for none."""
        return self.line.text().strip() or None

    def _put(self, value: Any) -> None:
        self.line.setText("" if value is None else str(value))
        self.line.setCursorPosition(0)
