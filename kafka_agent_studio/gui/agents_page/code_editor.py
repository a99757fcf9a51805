"""An editor for the texts of a workspace: line numbers, mistakes underlined, words offered, and keys that let one out.

Tab moves to the next control, as everywhere; Ctrl+M makes it indent instead, and back. Ctrl+] and Ctrl+[ always indent.
"""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip

from kafka_agent_studio.gui.agents_page.completion import Candidate, Completion
from kafka_agent_studio.gui.agents_page.completion_list import CompletionList
from kafka_agent_studio.gui.agents_page.indentation import indent_lines, next_line_indent
from kafka_agent_studio.gui.agents_page.line_numbers import LineNumbers
from kafka_agent_studio.gui.agents_page.mistakes import Mistake, underlines
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme

Completer = Callable[[str, int], Completion | None]
"""Returns what fits at a position of a text."""

KEYS = (
    "Ctrl+Space offers what fits, F8 goes to the next mistake, Ctrl+] and Ctrl+[ indent, "
    "Tab moves on to the next control, Ctrl+M lets Tab indent instead."
)

_NARROWEST_MESSAGE = 80


class CodeEditor(QPlainTextEdit):
    """`mistake_changed(mistake)` carries the mistake on the cursor's line, or None; `tab_changed` what Tab does now."""

    mistake_changed = Signal(object)
    tab_changed = Signal(bool)

    def __init__(self, *, theme: Theme, accessible_name: str) -> None:
        super().__init__()
        self._theme = theme
        self._completer: Completer | None = None
        self._mistakes: list[Mistake] = []
        self._shown_mistake: Mistake | None = None
        self.setFont(theme.mono)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTabChangesFocus(True)
        self.setAccessibleName(accessible_name)
        self.setAccessibleDescription(KEYS)
        self.numbers = LineNumbers(editor=self, theme=theme)
        self.offers = CompletionList(parent=self, theme=theme)
        self.offers.chosen.connect(self._take)
        self.blockCountChanged.connect(lambda _count: self._make_room())
        self.updateRequest.connect(self._on_update)
        self.cursorPositionChanged.connect(self._on_cursor_moved)
        theme.changed.connect(self._draw_marks)
        self._make_room()

    # what the page uses

    def show_document(self, document: QTextDocument, completer: Completer | None = None) -> None:
        """Show another text, with its own history of changes."""
        self.offers.hide()
        self.show_mistakes([])
        self._completer = completer
        document.setDefaultFont(self.font())
        self.setDocument(document)
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)
        self._make_room()

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Underline these and no others."""
        self._mistakes = list(mistakes)
        self._draw_marks()
        self._say_mistake()

    def mistake_at(self, block_number: int) -> Mistake | None:
        """Return the mistake on a line (from 0), errors first; None where there is none."""
        here = [known for known in self._mistakes if known.block_number == block_number]
        return min(here, key=lambda known: not known.is_error, default=None)

    def go_to_line(self, line: int, column: int = 1) -> None:
        """Put the cursor on a place, counted from 1, and the focus into the text."""
        block = self.document().findBlockByNumber(max(0, min(line, self.blockCount()) - 1))
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(max(column - 1, 0), max(0, block.length() - 1)))
        self.setTextCursor(cursor)
        self.centerCursor()
        self.setFocus()

    def step_to_mistake(self, by: int) -> None:
        """Go to the next (1) or the previous (-1) mistake, around the ends."""
        places = sorted({known.cursor.selectionStart() for known in self._mistakes})
        if not places:
            return
        here = self.textCursor().position()
        if by > 0:
            place = next((known for known in places if known > here), places[0])
        else:
            place = next((known for known in reversed(places) if known < here), places[-1])
        cursor = self.textCursor()
        cursor.setPosition(place)
        self.setTextCursor(cursor)

    def offer(self, *, is_asked: bool = True) -> None:
        """Offer what fits at the cursor; unasked only once something is typed that could go on."""
        if self._completer is None or self.isReadOnly():
            return
        position = self.textCursor().position()
        found = self._completer(self.toPlainText(), position)
        if found is None or (not is_asked and found.start == position):
            self.offers.hide()
            return
        at = self.cursorRect().translated(self.viewport().pos())
        self.offers.offer(found.candidates, at)

    def lines_in_sight(self) -> Iterator[tuple[int, QRect]]:
        """Yield number (from 0) and rectangle of each line on screen."""
        block = self.firstVisibleBlock()
        while block.isValid():
            rect = self.blockBoundingGeometry(block).translated(self.contentOffset()).toRect()
            if rect.top() > self.viewport().height():
                return
            yield block.blockNumber(), rect
            block = block.next()

    # keys

    def event(self, event: QEvent) -> bool:
        """Keep the keys of the offers from the window's shortcuts, and show a mistake where the pointer rests."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape and not self.offers.isHidden():
                event.accept()
                return True
        elif event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._show_tip(event)
            return True
        return super().event(event)

    def focusNextPrevChild(self, is_next: bool) -> bool:
        """Tab takes what is offered before it moves on."""
        return self.offers.isHidden() and super().focusNextPrevChild(is_next)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Work on the offers while they are there, else indent, complete, go to mistakes, or type."""
        if self._is_for_offers(event) or self._is_command(event):
            event.accept()
            return
        before = self.document().revision()
        super().keyPressEvent(event)
        text = event.text()
        is_word = bool(text) and (text.isalnum() or text in "._-/*")
        is_rubbed_out = event.key() == Qt.Key.Key_Backspace and not self.offers.isHidden()
        if self.document().revision() != before and (is_word or is_rubbed_out):
            self.offer(is_asked=False)
        elif event.key() not in (Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt):
            self.offers.hide()

    def _is_for_offers(self, event: QKeyEvent) -> bool:
        if self.offers.isHidden():
            return False
        key = event.key()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.offers.step(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab):
            self._take(self.offers.current)
        elif key == Qt.Key.Key_Escape:
            self.offers.hide()
        else:
            return False
        return True

    def _is_command(self, event: QKeyEvent) -> bool:
        key, is_control = event.key(), event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if is_control and key == Qt.Key.Key_Space:
            self.offer()
        elif is_control and key == Qt.Key.Key_M:
            self.setTabChangesFocus(not self.tabChangesFocus())
            self.tab_changed.emit(not self.tabChangesFocus())
        elif key == Qt.Key.Key_F8:
            self.step_to_mistake(-1 if event.modifiers() == Qt.KeyboardModifier.ShiftModifier else 1)
        elif self.isReadOnly():
            return False
        elif is_control and key in (Qt.Key.Key_BracketRight, Qt.Key.Key_BracketLeft):
            indent_lines(self.textCursor(), 1 if key == Qt.Key.Key_BracketRight else -1)
        elif not self.tabChangesFocus() and key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            indent_lines(self.textCursor(), 1 if key == Qt.Key.Key_Tab else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            cursor = self.textCursor()
            cursor.insertText("\n" + next_line_indent(cursor.block().text()[: cursor.positionInBlock()]))
            self.ensureCursorVisible()
        else:
            return False
        return True

    def _take(self, candidate: Candidate | None) -> None:
        found = None if self._completer is None else self._completer(self.toPlainText(), self.textCursor().position())
        self.offers.hide()
        if candidate is None or found is None:
            return
        cursor = self.textCursor()
        cursor.setPosition(found.start, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(candidate.insert)

    # drawing

    def _draw_marks(self) -> None:
        line = QTextEdit.ExtraSelection()
        line.format.setBackground(QColor(self._theme.tokens.panel))
        line.format.setProperty(QTextFormat.Property.FullWidthSelection, True)
        cursor = self.textCursor()
        cursor.clearSelection()
        line.cursor = cursor
        self.setExtraSelections([line, *underlines(self._mistakes, self._theme)])
        marks = sorted(self._mistakes, key=lambda known: known.is_error)
        self.numbers.marks = {known.block_number: known.tone for known in marks}
        self.numbers.update()

    def _on_cursor_moved(self) -> None:
        self._draw_marks()
        self._say_mistake()

    def _say_mistake(self) -> None:
        mistake = self.mistake_at(self.textCursor().blockNumber())
        if mistake is not self._shown_mistake:
            self._shown_mistake = mistake
            self.setAccessibleDescription(KEYS if mistake is None else mistake.words)
            self.mistake_changed.emit(mistake)
            self.viewport().update()

    def _show_tip(self, event: QHelpEvent) -> None:
        at = self.cursorForPosition(self.viewport().mapFrom(self, event.pos()))
        mistake = self.mistake_at(at.blockNumber())
        if mistake is None:
            QToolTip.hideText()
        else:
            QToolTip.showText(event.globalPos(), mistake.words, self)

    def _make_room(self) -> None:
        self.setViewportMargins(self.numbers.sizeHint().width(), 0, 0, 0)

    def _on_update(self, rect: QRect, by: int) -> None:
        if by:
            self.numbers.scroll(0, by)
            self.offers.hide()
        else:
            self.numbers.update(0, rect.y(), self.numbers.width(), rect.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the numbers as high as the text."""
        super().resizeEvent(event)
        room = self.contentsRect()
        self.numbers.setGeometry(room.left(), room.top(), self.numbers.sizeHint().width(), room.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text, and behind the line with the cursor what is wrong with it; the numbers follow in width."""
        super().paintEvent(event)
        self._paint_message()
        if self.numbers.width() != self.numbers.sizeHint().width():
            self.numbers.resize(self.numbers.sizeHint().width(), self.numbers.height())

    def _paint_message(self) -> None:
        mistake = self._shown_mistake
        if mistake is None:
            return
        block = self.textCursor().block()
        rect = self.blockBoundingGeometry(block).translated(self.contentOffset()).toRect()
        left = rect.left() + self.fontMetrics().horizontalAdvance(block.text()) + MARGIN + GAP
        room = QRect(left, rect.top(), self.viewport().width() - left - GAP, rect.height())
        if room.width() < _NARROWEST_MESSAGE:
            return
        painter = QPainter(self.viewport())
        painter.setFont(self._theme.small)
        painter.setPen(self._theme.tokens.color(mistake.tone))
        words = painter.fontMetrics().elidedText(mistake.words, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()
