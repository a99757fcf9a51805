"""The left of the page: agents with their figures, and below them the tools and schemas that they use."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.gui.agents_page.agent_rows import AgentFigures, AgentRow, AgentTableModel, agent_rows
from kafka_agent_studio.gui.agents_page.open_files import OpenFiles
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.labels import label
from kafka_agent_studio.model.run import Run


class AgentList(QWidget):
    """`selected(path)` asks for a file on screen, `opened(path)` for the cursor in it as well."""

    selected = Signal(str)
    opened = Signal(str)

    def __init__(self, *, parts: WindowParts, files: OpenFiles) -> None:
        super().__init__()
        self._bridge = parts.bridge
        self._files = files
        self._figures = AgentFigures()
        self._is_showing = False
        self.model = AgentTableModel(theme=parts.theme)
        self.table = DataTable[AgentRow](
            name="agents",
            accessible_name="Agents",
            model=self.model,
            theme=parts.theme,
            preferences=parts.preferences,
            stretched="name",
        )
        self.others = _FileList()
        self.others.setAccessibleName("Tools and schemas")
        self.others.currentItemChanged.connect(self._on_other)
        self.others.opened.connect(self.opened)
        self.table.row_selected.connect(self._on_row)
        self.table.row_opened.connect(lambda row: self.opened.emit(row.path))
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, GAP, 0, 0)
        column.setSpacing(0)
        heading = label("Tools and schemas", font=parts.theme.small, tone=Tone.MUTED)
        heading.setContentsMargins(MARGIN // 2, 0, 0, 4)
        column.addWidget(heading)
        column.addWidget(self.others, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(below)
        split.setSizes([420, 240])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)
        bridge = parts.bridge
        bridge.rebuilt.connect(self._on_rebuilt)
        bridge.workspace_changed.connect(self.refresh)
        bridge.runs_changed.connect(self._on_runs)
        files.changed.connect(lambda _file: self.refresh())
        self._on_rebuilt()

    @property
    def rows(self) -> list[AgentRow]:
        """The agents, as shown."""
        return [self.model.row(number) for number in range(self.model.rowCount())]

    @property
    def other_paths(self) -> list[str]:
        """The tools and schemas, as shown."""
        return [str(self.others.item(row).data(Qt.ItemDataRole.UserRole)) for row in range(self.others.count())]

    def row_of(self, path: str) -> AgentRow | None:
        """Return the agent in a file; None where there is none."""
        return next((row for row in self.rows if row.path == path), None)

    def show_selected(self, path: str) -> None:
        """Mark a file without asking for it."""
        self._is_showing = True
        if not self.table.select_key(path):
            self.table.clearSelection()
        row = self.other_paths.index(path) if path in self.other_paths else -1
        self.others.setCurrentRow(row)
        self._is_showing = False

    def refresh(self) -> None:
        """Show files and figures as they are now."""
        self._is_showing = True
        view, changed = self._bridge.view, self._files.changed_paths
        self.model.show_rows(agent_rows(view, self._figures, changed))
        tools = {tool.file for tool in view.workspace.tools if tool.file}
        schemas = {path for key, path in view.workspace.files.items() if key.startswith("schema/")}
        broken = {p.file for p in view.problems if p.file.startswith(("tools/", "schemas/"))}
        wrong = {p.file for p in view.errors}
        wanted = [(path, path in wrong, path in changed) for path in sorted(tools | broken) + sorted(schemas - broken)]
        self.others.show_files(wanted)
        self._is_showing = False

    def _on_rebuilt(self) -> None:
        self._figures = AgentFigures(self._bridge.view.runs)
        self.refresh()

    def _on_runs(self, runs: list[Run]) -> None:
        self._figures.take(runs)
        if self.isVisible():
            self.model.show_rows(agent_rows(self._bridge.view, self._figures, self._files.changed_paths))

    def _on_row(self, row: AgentRow) -> None:
        if not self._is_showing:
            self.selected.emit(row.path)

    def _on_other(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if item is not None and not self._is_showing:
            self.selected.emit(str(item.data(Qt.ItemDataRole.UserRole)))


class _FileList(QListWidget):
    """Paths; Enter opens."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[tuple[str, bool, bool]] = []
        self.itemDoubleClicked.connect(lambda item: self.opened.emit(str(item.data(Qt.ItemDataRole.UserRole))))

    def show_files(self, files: list[tuple[str, bool, bool]]) -> None:
        """Show (path, has a mistake, is not saved); nothing happens where nothing changed."""
        if files == self._shown:
            return
        self._shown = files
        current = self.currentItem()
        kept = None if current is None else current.data(Qt.ItemDataRole.UserRole)
        self.clear()
        for path, is_wrong, is_changed in files:
            item = QListWidgetItem(f"{'▲ ' if is_wrong else ''}{path}{' *' if is_changed else ''}")
            item.setData(Qt.ItemDataRole.UserRole, path)
            self.addItem(item)
            if path == kept:
                self.setCurrentItem(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens the file."""
        item = self.currentItem()
        if item is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(str(item.data(Qt.ItemDataRole.UserRole)))
        else:
            super().keyPressEvent(event)
