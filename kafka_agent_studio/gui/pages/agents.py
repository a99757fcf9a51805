"""Agents: the list with state and figures, their texts in an editor, and beside it what happens when one is tried."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QMenu, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.gui.agents_page.agent_list import AgentList
from kafka_agent_studio.gui.agents_page.agent_rows import MISTAKE, AgentRow
from kafka_agent_studio.gui.agents_page.editor_pane import EditorPane
from kafka_agent_studio.gui.agents_page.file_actions import FileActions
from kafka_agent_studio.gui.agents_page.keys_panel import KeysPanel
from kafka_agent_studio.gui.agents_page.new_bar import NewBar
from kafka_agent_studio.gui.agents_page.open_files import OpenFile, OpenFiles
from kafka_agent_studio.gui.agents_page.templates import NewKind
from kafka_agent_studio.gui.agents_page.tools_panel import ToolsPanel
from kafka_agent_studio.gui.agents_page.try_panel import TryPanel
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button, icon_button

_OPEN = "agents/open"
_WORK_SIZES, _SIDE_SIZES = "agents/work", "agents/side"
_WORK_WIDTHS = (364, 436)
_SIDE_WIDTHS = (800, 396)
_WIDENED = (440, 756)
_LIST_HEIGHT = 170
_LIST_ABOVE_BELOW = 960
"""A page narrower than this, in px, has the list above the editor instead of beside it."""


class AgentsPage(Page):
    """`agents/<name>` opens an agent, `agents/tools/orders.py` a file."""

    rail_address = "agents"

    def __init__(self, *, parts: WindowParts, messages: MessageTableModel) -> None:
        super().__init__(parts=parts, title="Agents")
        theme, icons = parts.theme, parts.icons
        self._row: AgentRow | None = None
        self._wanted = str(parts.preferences.get(_OPEN, ""))
        self.changes = FileChanges(bridge=parts.bridge)
        self.files = OpenFiles(bridge=parts.bridge, changes=self.changes, theme=theme)
        self.list = AgentList(parts=parts, files=self.files)
        self.pane = EditorPane(parts=parts, files=self.files)
        self.try_it = TryPanel(parts=parts, messages=messages)
        self.tools = ToolsPanel(parts=parts)
        self.keys = KeysPanel(parts=parts)
        self.new_bar = NewBar(theme=theme)
        self.notice = AskBar(theme=theme)
        self.actions_on_files = FileActions(
            bridge=parts.bridge, changes=self.changes, files=self.files, bar=self.new_bar, notice=self.notice
        )
        self.new = button(
            "New", self._open_new_menu, icon=icons.icon("plus"), tip="A new agent, tool or schema (Ctrl+N)"
        )
        self.duplicate = button("Duplicate", self._on_duplicate, icon=icons.icon("copy"), tip="Ctrl+D")
        self.delete = button("Delete", self._on_delete, icon=icons.icon("trash"), tip="Can be taken back (Ctrl+Z)")
        for made in (self.new, self.duplicate, self.delete):
            self.header.add(made)
        self.empty = EmptyState(
            theme=theme,
            icons=icons,
            icon="robot",
            heading="No agents yet",
            explanation="An agent gets each message of the topics it is linked to and answers with a result: a model "
            "with a prompt and tools, one Python function, or several agents in a row. Each is a file in agents/.",
            action="New agent",
            on_action=lambda: self.actions_on_files.ask_new(NewKind.LLM),
        )
        self._lay_out()
        self._connect()
        self._on_workspace()

    def _lay_out(self) -> None:
        self.side = QTabWidget()
        self.side.setDocumentMode(True)
        self.side.tabBar().setAccessibleName("Try it, tools, keys")
        self.side.addTab(self.try_it, "Try it")
        self.side.addTab(self.tools, "Tools")
        self.side.addTab(self.keys, "Model keys")
        self.widen = icon_button("Give this side more room", self.parts.icons.icon("arrows-out-line-horizontal"))
        self.widen.setCheckable(True)
        self.widen.toggled.connect(self._on_widened)
        self.side.setCornerWidget(self.widen)
        self._work = QSplitter(Qt.Orientation.Horizontal)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        for split, left, right in ((self._work, self.list, self.pane), (self._split, self._work, self.side)):
            split.setChildrenCollapsible(False)
            split.addWidget(left)
            split.addWidget(right)
            split.splitterMoved.connect(lambda *_: self._remember_widths())
        self._work.setStretchFactor(1, 1)
        self._split.setStretchFactor(0, 1)
        self._work.setSizes(self.parts.preferences.get(_WORK_SIZES, list(_WORK_WIDTHS)))
        self._split.setSizes(self.parts.preferences.get(_SIDE_SIZES, list(_SIDE_WIDTHS)))
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._split, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(work)
        self._stack.addWidget(self.empty)
        self.body.addWidget(self.notice)
        self.body.addWidget(self.new_bar)
        self.body.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.list.selected.connect(self.open)
        self.list.opened.connect(lambda path: self.open(path, takes_focus=True))
        self.pane.edited.connect(self._on_edited)
        self.files.checked.connect(self._on_checked)
        self.files.closed.connect(self._on_closed)
        self.tools.place_asked.connect(self._on_place_asked)
        self.actions_on_files.made.connect(lambda path: self.open(path, takes_focus=True))
        self.actions_on_files.gone.connect(lambda _path: self.take_focus())
        self.new_bar.left.connect(self.take_focus)
        bridge = self.parts.bridge
        bridge.workspace_changed.connect(self._on_workspace)
        bridge.rebuilt.connect(self._on_workspace)
        bridge.rebuilt.connect(self.keys.ask_where)
        for keys, handler, place in (
            ("Ctrl+S", self.pane.save_now, self),
            ("Ctrl+Return", self._on_try, self),
            ("Ctrl+N", self._open_new_menu, self),
            ("Ctrl+D", self._on_duplicate, self.list),
            ("Del", self._on_delete, self.list),
            ("Ctrl+Z", self.changes.undo, self.list),
            ("Ctrl+Shift+Z", self.changes.redo, self.list),
        ):
            _add_key(place, keys, handler)

    # places

    @property
    def has_unsaved(self) -> bool:
        """Whether a text would be lost if the window closed."""
        return bool(self.files.changed_paths)

    def show_place(self, rest: str) -> None:
        """Open the agent of a name, or a file by its path."""
        if rest:
            self.open(self.parts.bridge.view.workspace.files.get(f"agent/{rest}", rest))

    def open(self, path: str, *, takes_focus: bool = False) -> None:
        """Show a file in the editor; a new one appears in the list as soon as the engine has read it."""
        self._wanted = path

        def opened(file: OpenFile) -> None:
            if file.path == self._wanted:
                self.parts.preferences.put(_OPEN, path)
                self._show(file)
                if takes_focus:
                    self.pane.editor.setFocus()

        self.files.open(path, opened)

    def take_focus(self) -> None:
        """Put the focus into the list."""
        (self.list.table if self._stack.currentIndex() == 0 else self.empty.button or self.empty).setFocus()

    def focus_filter(self) -> None:
        """Put the focus into the list, where a letter finds an agent."""
        self.list.table.setFocus()

    # what happens

    def _show(self, file: OpenFile) -> None:
        row = self.list.row_of(file.path)
        self.pane.show_file(file, name="" if row is None else row.name)
        self.list.show_selected(file.path)
        self._show_beside(file)

    def _show_beside(self, file: OpenFile) -> None:
        """Follow the text in the editor; beside a tool or a schema stays the agent that was open last."""
        text = file.document.toPlainText()
        row = self.list.row_of(file.path)
        if row is not None:
            self._row = row
            self.try_it.show_agent(row, text)
            self.keys.show_agent(row, text)
            self.tools.show_agent(row, text)
        elif file.path.endswith(".py"):
            self.tools.show_tools_of(file.path)
        self.side.setTabText(1, f"Tools {len(self.tools.signatures)}" if self.tools.signatures else "Tools")

    def _on_edited(self, file: OpenFile) -> None:
        row = self.list.row_of(file.path)
        if row is not None:
            self.try_it.show_agent(row, file.document.toPlainText())

    def _on_checked(self, file: OpenFile) -> None:
        if file is self.pane.file:
            self._show_beside(file)

    def _on_closed(self, path: str) -> None:
        if self.pane.file is not None and self.pane.file.path == path:
            self._wanted = ""
            self._open_something(without=path)

    def _on_workspace(self) -> None:
        view = self.parts.bridge.view
        rows = self.list.rows
        wrong = sum(row.look is MISTAKE for row in rows)
        words = f"{len(rows)} agent{'' if len(rows) == 1 else 's'}" if rows else ""
        self.header.set_remark(f"{words}, {wrong} with mistakes" if wrong else words)
        self._stack.setCurrentIndex(0 if rows or self.list.other_paths else 1)
        may_act = view.read_only is None
        for made in (self.new, self.duplicate, self.delete):
            made.setEnabled(may_act)
        if self.empty.button is not None:
            self.empty.button.setEnabled(may_act)
        if self.pane.file is None:
            self._open_something()
        else:
            self._show(self.pane.file)

    def _open_something(self, *, without: str = "") -> None:
        paths = [path for path in (*(row.path for row in self.list.rows), *self.list.other_paths) if path != without]
        if self.parts.bridge.view.is_ready and paths:
            self.open(self._wanted if self._wanted in paths else paths[0])

    def _on_place_asked(self, path: str, line: int) -> None:
        self.open(path)
        self.pane.editor.go_to_line(line)

    def _on_try(self) -> None:
        self.side.setCurrentWidget(self.try_it)
        self.try_it.start()

    def _on_widened(self, is_wide: bool) -> None:
        self.list.setVisible(not is_wide)
        self._split.setSizes(list(_WIDENED) if is_wide else self.parts.preferences.get(_SIDE_SIZES, list(_SIDE_WIDTHS)))

    def _remember_widths(self) -> None:
        if not self.widen.isChecked() and self._work.orientation() is Qt.Orientation.Horizontal:
            self.parts.preferences.put(_WORK_SIZES, self._work.sizes())
            self.parts.preferences.put(_SIDE_SIZES, self._split.sizes())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the list above the editor where there is no room beside it."""
        super().resizeEvent(event)
        is_narrow = self.width() < _LIST_ABOVE_BELOW
        wanted = Qt.Orientation.Vertical if is_narrow else Qt.Orientation.Horizontal
        if self._work.orientation() is not wanted:
            self._work.setOrientation(wanted)
            self.list.show_flat(is_narrow)
            beside = self.parts.preferences.get(_WORK_SIZES, list(_WORK_WIDTHS))
            self._work.setSizes([_LIST_HEIGHT, self.height() - _LIST_HEIGHT] if is_narrow else beside)

    # files

    def _open_new_menu(self) -> None:
        if not self.new.isEnabled():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind in NewKind:
            action = menu.addAction(kind.value)
            action.triggered.connect(lambda _checked=False, kind=kind: self.actions_on_files.ask_new(kind))
        menu.popup(self.new.mapToGlobal(self.new.rect().bottomLeft()))

    def _on_duplicate(self) -> None:
        if self.pane.file is not None and self.duplicate.isEnabled():
            self.actions_on_files.ask_copy(self.pane.file.path)

    def _on_delete(self) -> None:
        if self.pane.file is not None and self.delete.isEnabled():
            row = self.list.row_of(self.pane.file.path)
            self.actions_on_files.delete(self.pane.file.path, "" if row is None else row.name)


def _add_key(place: QWidget, keys: str, handler: Callable[[], object]) -> None:
    action = QAction(place)
    action.setShortcut(QKeySequence(keys))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda _checked=False: handler())
    place.addAction(action)
