"""The left of the page: agents with their figures, and below them the tools and schemas that they use."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidgetItem, QSplitter, QVBoxLayout, QWidget

from kafka_agent_studio.gui.agents_page.agent_rows import AgentFigures, AgentRow, AgentTableModel, agent_rows
from kafka_agent_studio.gui.agents_page.open_files import OpenFiles
from kafka_agent_studio.gui.agents_page.row_list import RowList
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
        self.others.currentRowChanged.connect(self._on_other)
        self.others.opened.connect(lambda row: self.opened.emit(self.others.path_at(row)))
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
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.table)
        self._split.addWidget(below)
        self._split.setSizes([420, 240])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._split)
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
        return [self.others.path_at(row) for row in range(self.others.count())]

    def row_of(self, path: str) -> AgentRow | None:
        """Return the agent in a file; None where there is none."""
        return next((row for row in self.rows if row.path == path), None)

    def show_flat(self, is_flat: bool) -> None:
        """Put tools and schemas beside the agents, as a low list has room for, or below them."""
        self._split.setOrientation(Qt.Orientation.Horizontal if is_flat else Qt.Orientation.Vertical)
        self._split.setSizes([330, 110] if is_flat else [420, 240])

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

    def _on_other(self, row: int) -> None:
        if row >= 0 and not self._is_showing:
            self.selected.emit(self.others.path_at(row))


class _FileList(RowList):
    """Paths."""

    def __init__(self) -> None:
        super().__init__(accessible_name="Tools and schemas")
        self._shown: list[tuple[str, bool, bool]] = []

    def path_at(self, row: int) -> str:
        """Return the path of a row."""
        return str(self.item(row).data(Qt.ItemDataRole.UserRole))

    def show_files(self, files: list[tuple[str, bool, bool]]) -> None:
        """Show (path, has a mistake, is not saved); nothing happens where nothing changed."""
        if files == self._shown:
            return
        self._shown = files
        kept = self.path_at(self.currentRow()) if self.currentRow() >= 0 else None
        self.clear()
        for path, is_wrong, is_changed in files:
            item = QListWidgetItem(f"{'▲ ' if is_wrong else ''}{'* ' if is_changed else ''}{path}")
            item.setData(Qt.ItemDataRole.UserRole, path)
            said = f"{path}{', has a mistake' if is_wrong else ''}{', not saved' if is_changed else ''}"
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            self.addItem(item)
            if path == kept:
                self.setCurrentItem(item)
