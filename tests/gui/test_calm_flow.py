"""A table that rows flow through is painted some times a second; what a person does to it is painted at once."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets import calm_flow
from kafka_agent_studio.gui.widgets.data_table import DataTable
from tests.helpers.gui_scene import NOW_US, make_record


class Paints(QObject):
    """Counts the paintings of a widget."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.Paint
        return False


class Flow:
    """A table on screen, and what is painted of it."""

    def __init__(self, theme: Theme, qtbot: QtBot, settings_file: Path) -> None:
        settings = QSettings(str(settings_file), QSettings.Format.IniFormat)
        self.model = MessageTableModel(theme=theme)
        self.table = DataTable[ReceivedMessage](
            name="messages",
            accessible_name="Messages",
            model=self.model,
            theme=theme,
            preferences=Preferences(settings=settings, workspace_root=Path("/orders")),
            stretched="value",
            is_live=True,
        )
        qtbot.addWidget(self.table)
        self.table.resize(800, 400)
        with qtbot.waitExposed(self.table):
            self.table.show()
        QApplication.processEvents()
        self.paints = Paints()
        self.table.viewport().installEventFilter(self.paints)
        self._offset = 0

    def arrive(self, count: int = 1) -> None:
        """So many more messages, at once."""
        offsets = range(self._offset + 1, self._offset + count + 1)
        self._offset += count
        self.model.upsert([ReceivedMessage("orders-in", make_record(offset=offset), NOW_US) for offset in offsets])
        QApplication.processEvents()


@pytest.fixture
def flow(theme: Theme, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flow:
    monkeypatch.setattr(calm_flow, "PAINT_EVERY_MS", 60_000)
    return Flow(theme, qtbot, tmp_path / "window.ini")


def test_the_first_row_is_painted_at_once_and_those_behind_it_together(
    flow: Flow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    flow.arrive()
    assert flow.paints.count == 1
    for _ in range(5):
        flow.arrive()
    assert flow.paints.count == 1
    assert flow.model.rowCount() == 6
    flow.table._calm._later.setInterval(0)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: flow.paints.count > 1)


def test_what_a_person_does_is_painted_at_once(flow: Flow, qtbot: QtBot) -> None:
    flow.arrive()
    flow.arrive()
    assert flow.paints.count == 1
    flow.table.selectRow(0)
    qtbot.waitUntil(lambda: flow.paints.count > 1)


def test_more_rows_than_are_in_sight_are_painted_less_often(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calm_flow, "PAINT_EVERY_MS", 0)
    monkeypatch.setattr(calm_flow, "FLOOD_EVERY_MS", 60_000)
    flow.arrive()
    flow.arrive(count=3)
    QApplication.processEvents()
    before = flow.paints.count
    assert before > 1
    flow.arrive(count=200)
    assert flow.paints.count == before
    assert flow.model.rowCount() == 204
