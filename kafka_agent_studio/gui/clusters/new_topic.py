"""A new topic: its name, then how many partitions and where."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.create_topic import CreateTopicPanel
from kafka_agent_studio.gui.forms.field import TextField
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN


class NewTopicBar(QWidget):
    """Opens above the list of topics. `created(name)` comes once the topic can be written."""

    created = Signal(str)

    def __init__(self, *, parts: WindowParts, ask: AskBar) -> None:
        super().__init__()
        self._cluster = ""
        self._is_production = False
        self.name = TextField(
            title="Name of the new topic",
            explanation="Letters, digits, '.', '_' and '-'.",
            theme=parts.theme,
            placeholder="orders",
            is_mono=True,
        )
        self.panel = CreateTopicPanel(bridge=parts.bridge, theme=parts.theme, ask=ask)
        self.panel.created.connect(self._on_created)
        self.panel.leave.clicked.connect(lambda _checked=False: self.hide())
        self.name.edited.connect(self._on_name)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        column.setSpacing(GAP)
        column.addWidget(self.name)
        column.addWidget(self.panel)
        self.hide()

    def open_for(self, cluster: str, *, is_production: bool) -> None:
        """Ask for a name."""
        self._cluster, self._is_production = cluster, is_production
        self.name.show_value(None)
        self._on_name()
        self.show()
        self.name.line.setFocus()

    def _on_name(self) -> None:
        name = str(self.name.current or "")
        self.panel.open_for(name or "it", self._cluster, is_production=self._is_production)
        self.panel.create_button.setEnabled(bool(name))
        self.name.line.setFocus()

    def _on_created(self, name: str) -> None:
        self.hide()
        self.created.emit(name)
