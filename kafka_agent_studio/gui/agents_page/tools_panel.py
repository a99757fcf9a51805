"""The tools of the agent in the editor: the signature of each, and the very JSON that a model is told of it."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QListWidgetItem, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import ParseFields
from kafka_agent_studio.gui.agents_page.agent_rows import AgentRow
from kafka_agent_studio.gui.agents_page.row_list import RowList
from kafka_agent_studio.gui.agents_page.tool_uses import UsedTool, signature, tools_named, tools_used, uses_written
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.json_view import JsonView
from kafka_agent_studio.gui.widgets.labels import button, hairline, label
from kafka_agent_studio.model.model_call import function_tool
from kafka_agent_studio.model.workspace import ToolDescription


class ToolsPanel(QWidget):
    """`place_asked(path, line)` asks for a tool's source in the editor."""

    place_asked = Signal(str, int)

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._bridge = parts.bridge
        self._turn = 0
        self._tools: list[UsedTool] = []
        theme = parts.theme
        self.list = RowList(accessible_name="Tools of the agent")
        self.list.currentRowChanged.connect(lambda _row: self._show_current())
        self.list.opened.connect(lambda _row: self._open_source())
        self._signature = label("", font=theme.mono, is_wrapped=True)
        self._signature.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._condition = label("", font=theme.small, tone=Tone.WAITING, is_wrapped=True)
        self.source = button("", self._open_source, kind="link")
        self.schema = JsonView(theme=theme, accessible_name="What the model is told of the tool")
        self.empty = EmptyState(
            theme=theme,
            icons=parts.icons,
            icon="wrench",
            heading="No tools",
            explanation="A tool is a Python function of tools/ that the model may call. List it under “tools:” in the "
            "agent's text: Ctrl+Space there offers what there is.",
        )
        self._stack = QStackedWidget()
        self._stack.addWidget(self._lay_out())
        self._stack.addWidget(self.empty)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._stack)

    def _lay_out(self) -> QWidget:
        head = QVBoxLayout()
        head.setContentsMargins(MARGIN, GAP, GAP, SPACE)
        head.setSpacing(SPACE)
        head.addWidget(self._signature)
        head.addWidget(self._condition)
        row = QHBoxLayout()
        row.addWidget(self.source)
        row.addStretch(1)
        head.addLayout(row)
        below = QWidget()
        column = QVBoxLayout(below)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(hairline())
        column.addLayout(head)
        column.addWidget(self.schema, 1)
        split = QSplitter(Qt.Orientation.Vertical)
        split.setChildrenCollapsible(False)
        split.addWidget(self.list)
        split.addWidget(below)
        split.setSizes([150, 480])
        return split

    @property
    def signatures(self) -> list[str]:
        """The signatures of the tools listed."""
        return [signature(used.tool) for used in self._tools]

    @property
    def shown_signature(self) -> str:
        """The signature of the selected tool."""
        return self._signature.text()

    def show_agent(self, row: AgentRow | None, draft: str) -> None:
        """Show the tools that the text in the editor names; those of the file while the text cannot be read."""
        self._turn += 1
        turn = self._turn
        workspace = self._bridge.view.workspace
        if row is None:
            self._show([])
            return
        if not self._tools:
            self._show(tools_used(workspace, row.agent))

        def parsed(fields: Mapping[str, Any] | None) -> None:
            if turn == self._turn:
                written = uses_written(fields or {})
                workspace = self._bridge.view.workspace
                self._show(tools_used(workspace, row.agent) if written is None else tools_named(workspace, written))

        self._bridge.submit(ParseFields(draft), parsed, lambda _words: None)

    def show_tools_of(self, path: str) -> None:
        """Show all tools of a Python file."""
        self._turn += 1
        self._show([UsedTool(tool) for tool in self._bridge.view.workspace.tools if tool.file == path])

    def _show(self, tools: list[UsedTool]) -> None:
        if tools != self._tools or self.list.count() != len(tools):
            row = max(0, self.list.currentRow())
            self._tools = tools
            self.list.clear()
            for used in tools:
                item = QListWidgetItem(used.tool.ref)
                item.setToolTip(used.tool.description)
                self.list.addItem(item)
            self.list.setCurrentRow(min(row, len(tools) - 1))
            self._show_current()
        self._stack.setCurrentIndex(0 if tools else 1)

    def _show_current(self) -> None:
        tool = self._current()
        if tool is None:
            return
        used = self._tools[self.list.currentRow()]
        self._signature.setText(signature(tool))
        self._condition.setText(f"Offered only while {used.condition}" if used.condition else "")
        self._condition.setVisible(bool(used.condition))
        place = f"{tool.file}:{tool.line}"
        self.source.setText(place)
        self.source.setAccessibleName(f"Open {place}")
        self.source.setVisible(bool(tool.file))
        told = function_tool(name=tool.name, description=tool.description, parameters=tool.parameters)
        self.schema.show_json(told)

    def _current(self) -> ToolDescription | None:
        row = self.list.currentRow()
        return self._tools[row].tool if 0 <= row < len(self._tools) else None

    def _open_source(self) -> None:
        tool = self._current()
        if tool is not None and tool.file:
            self.place_asked.emit(tool.file, tool.line)
