"""The whole page by keyboard alone, and a name for everything on it."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QTabBar,
    QToolButton,
    QWidget,
)

from kafka_agent_studio.api.commands import TryAgent
from tests.gui.agents_page.scene import PROCESSOR, TEXTS, AgentsUnderTest

_CONTROL = Qt.KeyboardModifier.ControlModifier
_CONTROLS = (QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit, QPushButton, QTabBar, QToolButton)


def _controls(agents: AgentsUnderTest) -> list[QWidget]:
    """What can have the focus on the page now."""
    return [
        widget
        for widget in agents.page.findChildren(QWidget)
        if isinstance(widget, _CONTROLS)
        and widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not isinstance(widget, QScrollArea)
    ]


def _name_of(widget: QWidget) -> str:
    interface = QAccessible.queryAccessibleInterface(widget)
    assert isinstance(interface, QAccessibleInterface)
    buddies = [label.text() for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
    return interface.text(QAccessible.Text.Name) or "".join(buddies)


def _show_each_side(agents: AgentsUnderTest) -> list[QWidget]:
    found: list[QWidget] = []
    agents.page.try_it.start()
    for number in range(agents.page.side.count()):
        agents.page.side.setCurrentIndex(number)
        found += _controls(agents)
    return found


def test_everything_has_a_name(agents: AgentsUnderTest) -> None:
    nameless = [repr(widget) for widget in _show_each_side(agents) if not _name_of(widget)]
    assert nameless == []


def test_everything_is_reached_by_tab(agents: AgentsUnderTest) -> None:
    for number in range(agents.page.side.count()):
        agents.page.side.setCurrentIndex(number)
        agents.page.take_focus()
        wanted = set(_controls(agents))
        reached: set[QWidget] = set()
        for _ in range(150):
            focused = QApplication.focusWidget()
            assert focused is not None
            reached.add(focused)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        missed = [f"{type(widget).__name__} {_name_of(widget)}" for widget in wanted - reached]
        assert missed == []


def test_an_agent_is_opened_changed_tried_and_saved_without_the_mouse(agents: AgentsUnderTest) -> None:
    agents.page.take_focus()
    table = agents.page.list.table
    assert table.hasFocus()
    QTest.keyClick(table, Qt.Key.Key_Home, _CONTROL)
    QTest.keyClick(table, Qt.Key.Key_Down)
    QTest.keyClick(table, Qt.Key.Key_Return)
    editor = agents.page.pane.editor
    assert editor.hasFocus()
    assert editor.toPlainText() == TEXTS[PROCESSOR]
    QTest.keyClick(editor, Qt.Key.Key_End, _CONTROL)
    QTest.keyClicks(editor, "time")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "20")
    QTest.keyClick(editor, Qt.Key.Key_Return, _CONTROL)
    assert agents.engine.asked(TryAgent)[-1].draft.endswith("\ntimeout: 20")
    QTest.keyClick(editor, Qt.Key.Key_S, _CONTROL)
    assert agents.disk.texts[PROCESSOR] == TEXTS[PROCESSOR] + "timeout: 20"


def test_a_text_without_wrapping_keeps_its_keys_described(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    assert isinstance(editor, QAbstractScrollArea)
    assert editor.accessibleName() == f"Text of {PROCESSOR}"
    assert "Ctrl+M lets Tab indent" in editor.accessibleDescription()
