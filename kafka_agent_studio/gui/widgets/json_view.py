"""A value from outside, shown: JSON as tree and text side by side with one selection, anything else as text or bytes.

Large values are gated: up to 16 KB at once, beyond that prepared off the window's thread, above 1 MB in part, and the
text comes in pieces, the first of which fills what is in sight. What nobody sees, as behind another tab, is not even
read: it is filled in when it is shown.
"""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QModelIndex, QObject, QPoint, Qt, QThreadPool, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPaintEvent, QResizeEvent, QShowEvent, QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.json_document import JsonNode, is_json, node_at, pretty
from kafka_agent_studio.gui.models.json_tree import JsonTreeModel, first_children
from kafka_agent_studio.gui.theme import GAP, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.json_cells import JsonCells
from kafka_agent_studio.gui.widgets.json_colors import JsonColors
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.selected_rows import mark_selected_rows
from kafka_agent_studio.gui.widgets.text_in_pieces import TextInPieces

Step = str | int
"""A member's name or an item's number."""

AT_ONCE_BYTES = 16_000
TREE_BYTES = 1_000_000
TEXT_CHARACTERS = 128_000
_PART_CHARACTERS = 32_000
"""What is shown of a value that is shown in part: on one line it costs the more to lay out, the longer it is."""
_LONGEST_CHARACTER = 4
"""In UTF-8, in bytes."""
_HEX_BYTES = 4_096
_SIDE_BY_SIDE_FROM = 600
_NAME_WIDTH = 140
_MOST_OPENED = 12
_ENOUGH_OPEN = 100
"""Lines of the text beside it."""


class Prepared(msgspec.Struct, frozen=True):
    """A value ready to show. `remark` says in words what is not as usual; empty where nothing is."""

    text: str
    is_tree: bool
    remark: str = ""
    top: tuple[JsonNode, ...] = ()
    """The first members of a tree, found while it was prepared."""


def prepare(value: bytes | None) -> Prepared:
    """Return what to show of a value; pure, so that a thread can do it."""
    if value is None:
        return Prepared("", False, "Null: a tombstone, which tells that its key is gone.")
    is_large = len(value) > TREE_BYTES
    try:
        # what is not shown is not decoded: no other thread goes on meanwhile
        text = _beginning(value) if is_large else value.decode()
    except UnicodeDecodeError:
        part = value[:_HEX_BYTES].hex(" ", 1)
        remark = f"{formats.size(len(value))} of bytes that are not text, in hexadecimal"
        return Prepared(part, False, remark + (", in part." if len(value) > _HEX_BYTES else "."))
    if is_large:
        remark = f"{formats.size(len(value))}: the first {formats.size(_PART_CHARACTERS)} are shown."
        return Prepared(pretty(text) if text.lstrip()[:1] in ("{", "[") else text, False, remark)
    if not is_json(text):
        return Prepared(text, False)
    text = pretty(text)
    return Prepared(text, True, top=first_children(text))


def _beginning(value: bytes) -> str:
    """Return the first characters of a text. Raises: UnicodeDecodeError where it does not begin as one."""
    part = value[: _PART_CHARACTERS * _LONGEST_CHARACTER]
    return codecs.getincrementaldecoder("utf-8")().decode(part)[:_PART_CHARACTERS]


class JsonView(QWidget):
    """Shows one value at a time; what is selected in the tree is selected in the text, and the reverse.

    With `offers_terms` the menu of a value offers to filter by it, which `term_asked` then says.
    """

    _prepared = Signal(object, object)
    term_asked = Signal(object, object, bool)  # the steps to a value, the value, whether it is to be left out

    def __init__(self, *, theme: Theme, accessible_name: str, offers_terms: bool = False) -> None:
        super().__init__()
        self._value: bytes | None = None
        self._given: bytes | None = None  # as show_bytes() got it
        self._read: Callable[[], bytes | None] = lambda: b""
        self._shown: Prepared = Prepared("", False)
        self._turn = 0
        self._is_due = False
        self._is_following = False
        self.model = JsonTreeModel(theme=theme)
        self.tree = _Tree(self.model, accessible_name)
        self.tree.setItemDelegate(JsonCells(model=self.model, theme=theme, parent=self.tree))
        self.tree.offers_terms = offers_terms
        self.tree.term_asked.connect(self.term_asked)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.document().setDocumentMargin(GAP)
        self.text.setFont(theme.mono)
        self.text.setAccessibleName(f"{accessible_name}, as text")
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._colors = JsonColors(document=self.text.document(), theme=theme)
        self._pieces = TextInPieces(editor=self.text)
        self._split = QSplitter(Qt.Orientation.Vertical)
        self._split.addWidget(self.tree)
        self._split.addWidget(self.text)
        self._split.setChildrenCollapsible(True)
        self._remark = label("", tone=Tone.WAITING, is_wrapped=True)
        self._save = button("Save as…", self._ask_where, kind="link")
        self._head = QWidget()
        row = QHBoxLayout(self._head)
        row.setContentsMargins(GAP, GAP // 2, GAP, GAP // 2)
        row.addWidget(self._remark, 1)
        row.addWidget(self._save)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._head)
        column.addWidget(self._split, 1)
        self.tree.selectionModel().currentChanged.connect(self._on_tree_moved)
        self.text.cursorPositionChanged.connect(self._on_text_moved)
        self._prepared.connect(self._on_prepared)
        self.show_bytes(b"")

    # showing

    def show_json(self, value: Any) -> None:
        """Show a JSON value as Python has it; a string is shown as the text it is."""
        self._given = None
        self._show_later(lambda: value.encode() if isinstance(value, str) else formats.json_text(value).encode())

    def show_bytes(self, value: bytes | None) -> None:
        """Show the bytes of a record."""
        if value is self._given and value is not None:
            return  # the very same bytes are there, or are being read
        self._given = value
        self._show_later(lambda: value)

    def _show_later(self, read: Callable[[], bytes | None]) -> None:
        self._turn += 1
        self._read = read
        self._is_due = True
        if self.isVisible():
            self.fill()

    def fill(self) -> None:
        """Read the value now, if that waits for somebody to look."""
        if not self._is_due:
            return
        self._is_due = False
        value = self._value = self._read()
        if value is None or len(value) <= AT_ONCE_BYTES:
            self._show(prepare(value))
            return
        self._show(Prepared("", False, f"Reading {formats.size(len(value))}…"))
        _in_background(self, self._turn, lambda: prepare(value), self._prepared)

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody looks."""
        self.fill()
        super().showEvent(event)

    def take_focus(self) -> None:
        """Put the focus on the tree, or on the text where there is none."""
        self.fill()
        (self.tree if self._shown.is_tree else self.text).setFocus()

    @property
    def shown_text(self) -> str:
        """The text on screen, or that would be there if it were shown."""
        self.fill()
        self._pieces.reach(TEXT_CHARACTERS)
        return self.text.toPlainText()

    @property
    def remark(self) -> str:
        """What is said about the value; empty where nothing is."""
        self.fill()
        return self._remark.text()

    def _on_prepared(self, turn: object, prepared: object) -> None:
        if turn == self._turn and isinstance(prepared, Prepared):
            self._show(prepared)

    def _show(self, prepared: Prepared) -> None:
        self._shown = prepared
        self._is_following = True
        self._remark.setText(prepared.remark)
        self._save.setVisible(self._value is not None and len(self._value) > TREE_BYTES)
        self._head.setVisible(bool(prepared.remark))
        self.tree.setVisible(prepared.is_tree)
        if prepared.is_tree:
            self.model.show_text(prepared.text, prepared.top)
            self.tree.open_first_level()
        self._colors.set_json(prepared.is_tree)
        self._pieces.show(prepared.text[:TEXT_CHARACTERS])
        self._is_following = False

    # one selection

    def _on_tree_moved(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._is_following or not current.isValid():
            return
        node = self.model.node(current)
        if node.end > TEXT_CHARACTERS:
            return
        self._is_following = True
        self._pieces.reach(node.end)
        cursor = self.text.textCursor()
        cursor.setPosition(node.start)
        cursor.setPosition(node.end, QTextCursor.MoveMode.KeepAnchor)
        self.text.setTextCursor(cursor)
        self._is_following = False

    def _on_text_moved(self) -> None:
        if self._is_following or not self._shown.is_tree:
            return
        self._is_following = True
        index = self.model.index_of(node_at(self._shown.text, self.text.textCursor().position()))
        if index.isValid():
            self.tree.setCurrentIndex(index)
            self.tree.scrollTo(index)
        self._is_following = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else one above the other."""
        super().resizeEvent(event)
        is_wide = self.width() >= _SIDE_BY_SIDE_FROM
        self._split.setOrientation(Qt.Orientation.Horizontal if is_wide else Qt.Orientation.Vertical)

    # saving

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Save the value as")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._save_to)
        dialog.open()

    def _save_to(self, file: str) -> None:
        try:
            Path(file).write_bytes(self._value or b"")
        except OSError as error:
            self._remark.setText(f"Not saved: {error.strerror} ({file}). Choose another folder.")


class _Tree(QTreeView):
    """The tree with its keys: Ctrl+C copies the value, Ctrl+Shift+C the path."""

    term_asked = Signal(object, object, bool)
    offers_terms = False

    def __init__(self, model: JsonTreeModel, accessible_name: str) -> None:
        super().__init__()
        self._json = model
        self.setModel(model)
        self.setAccessibleName(f"{accessible_name}, as a tree")
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setIndentation(MARGIN)
        self.header().setStretchLastSection(True)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setColumnWidth(0, _NAME_WIDTH)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._on_menu)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark the selected row at its left, too."""
        super().paintEvent(event)
        mark_selected_rows(self)

    def open_first_level(self) -> None:
        """Fetch the top and open what is in it, where it is little, until more is open than can be seen."""
        if not self._json.rowCount() and self._json.canFetchMore(QModelIndex()):
            self._json.fetchMore(QModelIndex())
        if self._json.rowCount() > _MOST_OPENED:
            return
        opened = 0
        for row in range(self._json.rowCount()):
            index = self._json.index(row, 0)
            if opened < _ENOUGH_OPEN and self._json.hasChildren(index):
                self.expand(index)
                opened += self._json.lines(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what has the cursor."""
        both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        if event.key() == Qt.Key.Key_C and event.modifiers() == both:
            self._copy_path()
        elif event.matches(QKeySequence.StandardKey.Copy):
            self._copy_value()
        else:
            super().keyPressEvent(event)

    def _copy_value(self) -> None:
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(self._json.raw(self.currentIndex()))

    def _copy_path(self) -> None:
        if self.currentIndex().isValid():
            QGuiApplication.clipboard().setText(self._json.node(self.currentIndex()).path)

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy value", self._copy_value)
        menu.addAction("Copy path", self._copy_path)
        found = self._json.scalar(self.currentIndex())
        if found is not None and self.offers_terms:
            steps, value = found
            menu.addSeparator()
            for words, is_excluded in (("Only messages with this value", False), ("Messages without this value", True)):
                menu.addAction(words).triggered.connect(
                    lambda _checked=False, is_excluded=is_excluded: self.term_asked.emit(steps, value, is_excluded)
                )
        menu.popup(self.viewport().mapToGlobal(at))


def _in_background(_owner: QObject, turn: int, work: Callable[[], Prepared], done: Any) -> None:
    def run() -> None:
        prepared = work()
        try:
            done.emit(turn, prepared)
        except RuntimeError:
            # The view was closed while its value was being read: nobody is there to see it.
            return

    QThreadPool.globalInstance().start(run)
