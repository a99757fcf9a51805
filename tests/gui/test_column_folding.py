"""Columns step aside while a table is narrow, and come back: what is shown keeps the width that it needs."""

from collections.abc import Callable

import pytest
from PySide6.QtWidgets import QStackedWidget
from pytestqt.qtbot import QtBot

from kafka_agent_studio.gui.models.connector_table import ConnectorRow, ConnectorTableModel
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets.data_table import DataTable
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_window import WindowUnderTest

MakeTable = Callable[[], DataTable[ConnectorRow]]

ALL = ["State", "Name", "Way", "Topic", "Connection", "Agents", "Rate", "In flight", "Done", "Failed", "Lag"]


@pytest.fixture
def make_table(window: WindowUnderTest, theme: Theme, qtbot: QtBot) -> MakeTable:
    """A function that makes the table of connectors, with columns remembered in the window's settings."""

    def make() -> DataTable[ConnectorRow]:
        model = ConnectorTableModel(theme=theme)
        model.update_from(window.bridge.view)
        preferences: Preferences = window.parts.preferences
        table = DataTable[ConnectorRow](
            name="test",
            accessible_name="Connectors",
            model=model,
            theme=theme,
            preferences=preferences,
            stretched="agents",
        )
        qtbot.addWidget(table)
        table.resize(1100, 300)
        table.show()
        return table

    return make


def shown(table: DataTable[ConnectorRow]) -> list[str]:
    return [column.title for n, column in enumerate(table._rows.columns) if not table.isColumnHidden(n)]


def test_what_matters_less_steps_aside_and_comes_back(make_table: MakeTable) -> None:
    table = make_table()
    assert shown(table) == ALL
    table.resize(700, 300)
    assert shown(table) == ["State", "Name", "Way", "Topic", "Connection", "Agents"]
    agents = ALL.index("Agents")
    assert table.columnWidth(agents) >= table._rows.columns[agents].width
    assert not table.horizontalScrollBar().isVisible()
    table.resize(820, 300)
    assert shown(table) == ["State", "Name", "Way", "Topic", "Connection", "Agents", "Rate", "Lag"]
    table.resize(1100, 300)
    assert shown(table) == ALL


def test_what_stepped_aside_is_not_remembered_as_hidden_and_is_copied(make_table: MakeTable) -> None:
    table = make_table()
    rate = ALL.index("Rate")
    table.setColumnWidth(rate, 90)
    table.resize(600, 300)
    table._remember_columns()
    assert [column.title for column in table._visible_columns()] == ALL
    again = make_table()
    assert shown(again) == ALL
    assert again.columnWidth(rate) == 90


def test_a_column_that_a_person_shows_or_hides_stays_so(make_table: MakeTable) -> None:
    table = make_table()
    table.resize(600, 300)
    table.show_column(ALL.index("Failed"), True)
    assert "Failed" in shown(table)
    table.show_column(ALL.index("Lag"), False)
    table.resize(1100, 300)
    assert shown(table) == [title for title in ALL if title != "Lag"]


@pytest.mark.parametrize("page", ["connectors", "connections"])
def test_beside_an_open_form_no_column_is_squeezed(open_window: OpenWindow, page: str) -> None:
    window = open_window(first_place=page)
    window.go(f"{page}?new=inbound")
    (table,) = [t for t in window.main.page.findChildren(DataTable) if t.accessibleName().lower() == page]
    stack = table.parentWidget()
    assert isinstance(stack, QStackedWidget)
    stack.setCurrentWidget(table)
    for number, column in enumerate(table._rows.columns):
        if not table.isColumnHidden(number):
            assert table.columnWidth(number) >= column.width, column.title
    assert table.horizontalHeader().length() <= table.viewport().width()
