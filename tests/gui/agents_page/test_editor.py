"""Writing in the editor: mistakes underlined while typing, words offered, and keys that let one out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kafka_agent_studio.api.commands import CheckText
from kafka_agent_studio.gui.agents_page.code_editor import CodeEditor
from kafka_agent_studio.gui.theme import ThemeChoice
from tests.gui.agents_page.scene import PROCESSOR, SCHEMA, TOOLS, AgentsUnderTest

_CONTROL = Qt.KeyboardModifier.ControlModifier


def _misspell(agents: AgentsUnderTest) -> CodeEditor:
    """Write `modle` in the place of `model`, as one would."""
    editor = agents.page.pane.editor
    editor.go_to_line(4, 4)
    for _ in range(2):
        QTest.keyClick(editor, Qt.Key.Key_Delete)
    QTest.keyClicks(editor, "le")
    return editor


def _underlined(editor: CodeEditor) -> list[str]:
    waves = [s for s in editor.extraSelections() if s.format.fontUnderline() or s.format.underlineStyle().value > 0]
    return [selection.cursor.selectedText() for selection in waves]


def test_a_mistake_is_underlined_a_moment_after_it_was_typed(agents: AgentsUnderTest, qtbot: QtBot) -> None:
    before = len(agents.engine.asked(CheckText))
    editor = _misspell(agents)
    assert _underlined(editor) == []
    qtbot.waitUntil(lambda: _underlined(editor) == ["modle"])
    assert len(agents.engine.asked(CheckText)) == before + 1
    assert agents.page.pane.mistakes.lines == ["▲  4:1  Unknown field 'modle'; did you mean 'model'?"]
    assert editor.accessibleDescription() == "Unknown field 'modle'; did you mean 'model'?"
    assert "until the mistake is corrected" in agents.page.pane.remark


def test_an_underline_moves_along_with_what_is_typed_above_it(agents: AgentsUnderTest) -> None:
    editor = _misspell(agents)
    agents.page.files.check_now()
    editor.go_to_line(1)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert _underlined(editor) == ["modle"]
    assert editor.mistake_at(3) is None
    assert editor.mistake_at(4) is not None


def test_the_list_and_f8_go_to_the_mistake(agents: AgentsUnderTest) -> None:
    editor = _misspell(agents)
    agents.page.files.check_now()
    editor.go_to_line(10)
    QTest.keyClick(editor, Qt.Key.Key_F8)
    assert editor.textCursor().blockNumber() == 3
    editor.go_to_line(10)
    agents.page.pane.mistakes.setCurrentRow(0)
    QTest.keyClick(agents.page.pane.mistakes, Qt.Key.Key_Return)
    assert editor.textCursor().blockNumber() == 3
    assert editor.hasFocus()


def test_a_corrected_mistake_goes_away(agents: AgentsUnderTest) -> None:
    editor = _misspell(agents)
    agents.page.files.check_now()
    for _ in range(2):
        QTest.keyClick(editor, Qt.Key.Key_Backspace)
    QTest.keyClicks(editor, "el")
    agents.page.files.check_now()
    assert _underlined(editor) == []
    assert agents.page.pane.mistakes.isHidden()


def test_words_are_offered_while_typing_and_enter_takes_one(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, "temp")
    assert editor.offers.words == ["temperature"]
    QTest.keyClick(editor, Qt.Key.Key_Return)
    assert editor.toPlainText().endswith("\ntemperature: ")
    assert editor.offers.isHidden()


def test_control_space_offers_everything_and_escape_takes_it_away(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    editor.go_to_line(12, 5)
    editor.moveCursor(QTextCursor.MoveOperation.EndOfLine, QTextCursor.MoveMode.KeepAnchor)
    editor.textCursor().removeSelectedText()
    QTest.keyClick(editor, Qt.Key.Key_Space, _CONTROL)
    assert editor.offers.words == ["orders.validate_order", "orders.score_risk", "orders.*"]
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert editor.offers.isHidden()
    assert agents.window.parts.navigator.current == "agents"
    QTest.keyClick(editor, Qt.Key.Key_Space, _CONTROL)
    QTest.keyClick(editor, Qt.Key.Key_Down)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText().split("\n")[11] == "  - orders.score_risk"


def test_tab_leaves_the_editor_until_it_is_told_to_indent(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    editor.go_to_line(2)
    text = editor.toPlainText()
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert not editor.hasFocus()
    assert editor.toPlainText() == text
    editor.setFocus()
    QTest.keyClick(editor, Qt.Key.Key_M, _CONTROL)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.hasFocus()
    assert editor.toPlainText().split("\n")[1] == "  name: order-processor"
    QTest.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.toPlainText() == text
    QTest.keyClick(editor, Qt.Key.Key_M, _CONTROL)
    QTest.keyClick(editor, Qt.Key.Key_Tab)
    assert not editor.hasFocus()


def test_a_new_line_goes_as_far_in_as_it_belongs(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(editor, "retry_options:")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    QTest.keyClicks(editor, "attempts: 2")
    assert editor.toPlainText().endswith("retry_options:\n  attempts: 2")


def test_undo_belongs_to_each_file_and_unsaved_text_waits_behind(agents: AgentsUnderTest) -> None:
    editor = agents.page.pane.editor
    QTest.keyClicks(editor, "# mine")
    agents.page.open(TOOLS)
    assert editor.toPlainText().startswith('"""What the order processor')
    QTest.keyClick(editor, Qt.Key.Key_Z, _CONTROL)
    assert editor.toPlainText() == agents.disk.texts[TOOLS]
    agents.page.open(PROCESSOR)
    assert editor.toPlainText().startswith("# mine")
    assert [row.is_changed for row in agents.page.list.rows] == [False, True, False]


@pytest.mark.parametrize("path", [PROCESSOR, TOOLS, SCHEMA])
def test_every_language_is_coloured(agents: AgentsUnderTest, path: str, qtbot: QtBot) -> None:
    agents.page.open(path)
    document = agents.page.pane.editor.document()

    def colors() -> set[str]:
        return {
            known.format.foreground().color().name()
            for number in range(document.blockCount())
            for known in document.findBlockByNumber(number).layout().formats()
        }

    qtbot.waitUntil(lambda: len(colors()) >= 2)


def test_the_line_of_the_cursor_has_the_colour_of_the_theme_that_is_chosen(
    agents: AgentsUnderTest, qtbot: QtBot
) -> None:
    theme, editor = agents.page.parts.theme, agents.page.pane.editor
    for choice in (ThemeChoice.DARK, ThemeChoice.LIGHT):
        theme.choose(choice)
        qtbot.waitUntil(lambda: theme.dressing.is_settled)
        (line,) = editor.extraSelections()
        assert line.format.background().color().name() == theme.tokens.panel.lower()
