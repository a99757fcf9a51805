"""Which cluster one is looking at: a saved connection, a connector's own settings, or the sandbox."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import label
from kafka_agent_studio.model.base import SANDBOX

_REMEMBERED = "clusters/chosen"
_WIDEST = 200


class ClusterChoice(QWidget):
    """Follows the workspace and remembers what was chosen. `chosen` comes when another cluster is."""

    chosen = Signal(str)

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self.box = QuietComboBox()
        self.box.setMinimumWidth(120)
        self.box.setMaximumWidth(_WIDEST)
        name = label("Cluster", tone=Tone.MUTED)
        name.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE * 2)
        row.addWidget(name)
        row.addWidget(self.box)
        self.follow()
        self.box.currentTextChanged.connect(self._on_chosen)
        for signal in (parts.bridge.rebuilt, parts.bridge.workspace_changed):
            signal.connect(self.follow)

    @property
    def current(self) -> str:
        """The name of a connection or connector, or `sandbox`."""
        return self.box.currentText()

    def choose(self, name: str) -> None:
        """Look at another cluster; one that is not known changes nothing."""
        if self.box.findText(name) >= 0:
            self.box.setCurrentText(name)

    def follow(self) -> None:
        """Offer the clusters that the workspace knows now."""
        names = clusters_of(self._parts.bridge.view)
        if [self.box.itemText(n) for n in range(self.box.count())] == names:
            return
        wanted = str(self._parts.preferences.get(_REMEMBERED, self.current))
        before = self.current
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItems(names)
        self.box.setCurrentText(wanted if wanted in names else names[0])
        self.box.blockSignals(False)
        if self.current != before:
            self.chosen.emit(self.current)

    def _on_chosen(self, name: str) -> None:
        self._parts.preferences.put(_REMEMBERED, name)
        self.chosen.emit(name)


def clusters_of(view: EngineView) -> list[str]:
    """Return what can be looked at: the sandbox first where a connector uses it, since that is what runs."""
    workspace = view.workspace
    own = [c.name for c in workspace.connectors.values() if c.connection is None]
    named = [*sorted(workspace.connections), *sorted(own)]
    uses_sandbox = view.stand_ins.sandbox or any(c.connection == SANDBOX for c in workspace.connectors.values())
    return [SANDBOX, *named] if uses_sandbox or not named else [*named, SANDBOX]


def is_production(view: EngineView, cluster: str) -> bool:
    """Whether a cluster is marked as production and nothing stands in for it."""
    return cluster in view.workspace.settings.production and not view.stand_ins.sandbox
