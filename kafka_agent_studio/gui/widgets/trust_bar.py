"""Asks once, in place, before the tools of a folder run: tools are code."""

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout

from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.workspace import ToolDescription

_TOOLS = "tools"
_MOST_FILES = 3


class TrustBar(QFrame):
    """Shown while the folder has tools that were not imported; it stays until the person answers."""

    def __init__(self, *, theme: Theme, on_trust: Callable[[], object]) -> None:
        super().__init__()
        self._theme = theme
        self._root = Path()
        self._text = label("", is_wrapped=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.trust = button("Trust and run", on_trust, kind="primary")
        self.look = button("Look at them first", self._on_look, tip="Opens the folder of the tools")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(label("Tools are code", font=theme.heading))
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        row.setSpacing(GAP)
        row.addLayout(words, 1)
        row.addWidget(self.look)
        row.addWidget(self.trust)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def show_view(self, view: EngineView) -> None:
        """Show or hide it, as the workspace is."""
        tools = view.workspace.tools
        is_asked = view.is_ready and not view.tools_trusted and view.read_only is None and bool(tools)
        if is_asked:
            self._root = view.workspace.root
            what = "1 tool" if len(tools) == 1 else f"{len(tools)} tools"
            self._text.setText(
                f"{view.workspace.name} was not opened on this computer before. It brings {what} ({_files(tools)}), "
                "which would run with your rights. Until you trust the folder none of it is imported, and connectors "
                "of agents that use these tools do not read."
            )
            self.setAccessibleName(f"Tools are code. {self.text}")
        self.setVisible(is_asked)

    def _on_look(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._root / _TOOLS)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the tinted ground and its edge."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.tokens.tint(Tone.WAITING, 0.08))
        painter.fillRect(0, 0, 3, self.height(), self._theme.tokens.color(Tone.WAITING))
        painter.end()


def _files(tools: Iterable[ToolDescription]) -> str:
    files = sorted({tool.file or tool.ref for tool in tools})
    rest = len(files) - _MOST_FILES
    return ", ".join([*files[:_MOST_FILES], *([f"{rest} more"] if rest > 0 else [])])
