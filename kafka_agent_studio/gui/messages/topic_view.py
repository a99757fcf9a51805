"""How messages of a topic are shown: the columns a person added and the filter, remembered for each topic."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from kafka_agent_studio.gui.messages.column_dialog import ColumnDialog
from kafka_agent_studio.gui.messages.message_line import MessageLine
from kafka_agent_studio.gui.messages.value_path import PathMistakeError, ValuePath, value_path
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable

ALL_TOPICS = "*"
_WIDTH = 140


class TopicView(QObject):
    """Keeps a table's added columns; the header's menu adds and removes them."""

    def __init__(
        self,
        *,
        parts: WindowParts,
        model: MessageTableModel,
        table: DataTable[ReceivedMessage],
        line: MessageLine,
    ) -> None:
        super().__init__(table)
        self._parts = parts
        self._model = model
        self._table = table
        self._line = line
        self._topic = ""
        self._is_showing = False
        self.paths: list[str] = []
        table.header_actions = self._header_actions
        line.changed.connect(lambda _text: self._keep())

    def show_topic(self, topic: str) -> None:
        """Show the messages of a topic as they were shown last; a filter that is typed already stays."""
        if topic == self._topic:
            return
        self._topic = topic
        kept = self._parts.preferences.get(f"views/{topic}", {})
        kept = kept if isinstance(kept, dict) else {}
        self._is_showing = True
        self._set(kept.get("columns", []))
        if not self._line.text.strip() and kept.get("filter"):
            self._line.set_text(str(kept["filter"]))
        self._is_showing = False

    def add(self, path: str) -> None:
        """Add a column for a place inside the messages; one that is there already stays alone."""
        if path not in self.paths:
            self._set([*self.paths, path])
            self._keep()

    def remove(self, path: str) -> None:
        """Take a column away."""
        self._set([known for known in self.paths if known != path])
        self._keep()

    def ask(self) -> None:
        """Ask which place a new column shows."""
        dialog = ColumnDialog(theme=self._parts.theme, parent=self._table.window())
        dialog.chosen.connect(self.add)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _set(self, texts: object) -> None:
        paths = []
        for text in texts if isinstance(texts, list) else []:
            try:
                paths.append(value_path(str(text)))
            except PathMistakeError:
                continue  # what an older version kept
        self.paths = [path.text for path in paths]
        self._model.set_extra_columns([_column(path) for path in paths])

    def _keep(self) -> None:
        if self._topic and not self._is_showing:
            view = {"columns": self.paths, "filter": self._line.text.strip()}
            self._parts.preferences.put(f"views/{self._topic}", view)

    def _header_actions(self) -> list[tuple[str, Callable[[], object]]]:
        def remove(path: str) -> Callable[[], object]:
            return lambda: self.remove(path)

        return [("Add a column…", self.ask), *((f"Remove {path}", remove(path)) for path in self.paths)]


def _column(path: ValuePath) -> Column[ReceivedMessage]:
    return Column(
        f"path:{path.text}",
        path.text,
        lambda message: path.of(message.record),
        width=_WIDTH,
        sort=lambda message: path.sorted_as(message.record),
        is_mono=True,
    )
