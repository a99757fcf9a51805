"""The same links as a table, with a line to make one: for keyboard and screen reader."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkEdge, LinkGraph, NodeKey, NodeKind
from kafka_agent_studio.gui.models.link_rules import edge_between
from kafka_agent_studio.gui.models.link_table import LinkTableModel
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.labels import button, hairline, label

Judge = Callable[[NodeKey, NodeKey], str | None]
_NARROWEST = 150


class LinkTablePanel(QWidget):
    """`asked` carries the link to make, `remove_asked` the links to take away."""

    asked = Signal(object)
    remove_asked = Signal(object)

    def __init__(self, *, parts: WindowParts, judge: Judge) -> None:
        super().__init__()
        self._judge = judge
        self._is_editable = True
        self._graph = LinkGraph({}, {})
        self.model = LinkTableModel(theme=parts.theme)
        self.table = DataTable[LinkEdge](
            name="links/table",
            accessible_name="Links",
            model=self.model,
            theme=parts.theme,
            preferences=parts.preferences,
            stretched="trouble",
        )
        self.source, source_name = _choice("From")
        self.target, target_name = _choice("To")
        icons = parts.icons
        self.add = button("Link", self._on_add, kind="primary")
        self.add.setAccessibleName("Link these two")
        self.remove = button("Remove", self.remove_selected, icon=icons.icon("link-break"), tip="Remove the link (Del)")
        self.remove.setAccessibleName("Remove the selected links")
        self.why = label("", tone=Tone.MUTED, is_wrapped=True)
        line = QHBoxLayout()
        line.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        line.setSpacing(GAP)
        for widget in (source_name, self.source, target_name, self.target, self.add):
            line.addWidget(widget)
        line.addWidget(self.why, 1)
        line.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(hairline())
        column.addWidget(self.table, 1)
        self.source.currentIndexChanged.connect(self._on_source)
        self.target.currentIndexChanged.connect(self._judge_choice)
        self.table.selectionModel().selectionChanged.connect(self._on_selection)
        self.model.modelReset.connect(self._on_selection)
        self.table.installEventFilter(self)
        self._on_selection()

    def show_graph(self, graph: LinkGraph, *, is_editable: bool) -> None:
        """Show the links, and offer the cards there are."""
        has_new_cards = graph.nodes.keys() != self._graph.nodes.keys()
        self._graph = graph
        self._is_editable = is_editable
        self.model.update_from(graph)
        if has_new_cards:
            self.source.offer([key for key in graph.nodes if key.kind is not NodeKind.OUTBOUND])
            self._on_source()
        self.source.setEnabled(is_editable)
        self.target.setEnabled(is_editable)
        self._judge_choice()
        self._on_selection()

    @property
    def selected(self) -> list[EdgeKey]:
        """The links that are marked."""
        return [edge.key for edge in self.table.selected_rows()]

    def remove_selected(self) -> None:
        """Ask to remove the marked links."""
        if self.selected and self._is_editable:
            self.remove_asked.emit(self.selected)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Delete in the table removes."""
        if watched is self.table and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete:
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.remove_selected()
                return True
        return super().eventFilter(watched, event)

    def _on_source(self, _index: int = 0) -> None:
        source = self.source.chosen
        if source is not None:
            self.target.offer([key for key in self._graph.nodes if key.kind - source.kind == 1])
        self._judge_choice()

    def _judge_choice(self, _index: int = 0) -> None:
        source, target = self.source.chosen, self.target.chosen
        words: str | None = "There is nothing to link yet."
        if source is not None and target is not None:
            words = self._judge(source, target)
        self.why.setText(words or "")
        self.add.setEnabled(words is None and self._is_editable)

    def _on_selection(self, *_what: object) -> None:
        self.remove.setEnabled(bool(self.selected) and self._is_editable)

    def _on_add(self) -> None:
        source, target = self.source.chosen, self.target.chosen
        edge = None if source is None or target is None else edge_between(source, target)
        if edge is not None:
            self.asked.emit(edge)


class CardChoice(QuietComboBox):
    """One card of several."""

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[NodeKey] = []
        self.setMinimumWidth(_NARROWEST)

    @property
    def chosen(self) -> NodeKey | None:
        """The card; None where there is none."""
        return self._keys[self.currentIndex()] if 0 <= self.currentIndex() < len(self._keys) else None

    def offer(self, keys: list[NodeKey]) -> None:
        """Offer other cards; the choice stays where it can."""
        before = self.chosen
        with QSignalBlocker(self):
            self._keys = keys
            self.clear()
            self.addItems([key.name for key in keys])
            self.setCurrentIndex(keys.index(before) if before in keys else 0 if keys else -1)

    def choose(self, key: NodeKey) -> None:
        """Choose a card that is offered."""
        self.setCurrentIndex(self._keys.index(key))


def _choice(name: str) -> tuple[CardChoice, QLabel]:
    box = CardChoice()
    # A combo box has no name of its own on Linux: its label lends it one.
    heading = label(name, tone=Tone.MUTED)
    heading.setBuddy(box)
    return box, heading
