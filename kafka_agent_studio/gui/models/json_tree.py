"""A JSON text as a tree that opens as far as one looks."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.json_document import JsonNode, NodeKind, children, root, shown_value
from kafka_agent_studio.gui.theme import Theme, Tone

_AT_ONCE = 200
_ROOT = QModelIndex()
_TITLES = ("Name", "Value")
_TONES = {
    NodeKind.NUMBER: Tone.ACCENT,
    NodeKind.LITERAL: Tone.PAUSED,
    NodeKind.OBJECT: Tone.MUTED,
    NodeKind.ARRAY: Tone.MUTED,
}
_ROLES = frozenset(
    {
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.FontRole,
        Qt.ItemDataRole.ForegroundRole,
    }
)
"""What a cell says something about: Qt asks about others as often."""

Index = QModelIndex | QPersistentModelIndex


class _Item:
    """A node on screen: its children so far, and the iterator that has the rest."""

    __slots__ = ("children", "node", "parent", "rest", "row")

    def __init__(self, node: JsonNode, parent: "_Item | None", row: int) -> None:
        self.node = node
        self.parent = parent
        self.row = row
        self.children: list[_Item] = []
        self.rest: Iterator[JsonNode] | None = None


def first_children(text: str) -> tuple[JsonNode, ...]:
    """Return what a tree of a text fetches first; finding it looks through all of the text, on whatever thread."""
    top = root(text)
    return tuple(islice(children(text, top), _AT_ONCE)) if top.has_children else ()


class JsonTreeModel(QAbstractItemModel):
    """Members of the text's root at the top; 200 at a time."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._mono = theme.mono
        self._text = "null"
        self._root = _Item(root("null"), None, 0)

    def show_text(self, text: str, first: Sequence[JsonNode] = ()) -> None:
        """Show another JSON text, whose first members may be known. Raises: ValueError where it is none."""
        top = root(text)
        self.beginResetModel()
        self._text = text
        self._root = _Item(top, None, 0)
        self._root.children = [_Item(node, self._root, row) for row, node in enumerate(first)]
        if top.has_children and len(first) in (0, _AT_ONCE):
            self._root.rest = islice(children(text, top), len(first), None)
        self.endResetModel()

    def node(self, index: Index) -> JsonNode:
        """Return the node of a row; the root's for no index."""
        return self._item(index).node

    def raw(self, index: Index) -> str:
        """Return a node's text as it was written; a string without its quotes."""
        node = self.node(index)
        return shown_value(self._text, node) if node.kind is NodeKind.STRING else self._text[node.start : node.end]

    def lines(self, index: Index) -> int:
        """Return how many lines of the text a node takes beyond its first."""
        node = self.node(index)
        return self._text.count("\n", node.start, node.end)

    def scalar(self, index: Index) -> tuple[list[str | int], Any] | None:
        """Return the steps to a value that holds no others, and the value; None where there is none."""
        if not index.isValid() or self.node(index).has_children:
            return None
        steps: list[str | int] = []
        item: _Item | None = self._item(index)
        while item is not None and item.parent is not None:
            is_item = item.parent.node.kind is NodeKind.ARRAY
            steps.insert(0, item.row if is_item else item.node.name)
            item = item.parent
        node = self.node(index)
        return steps, msgspec.json.decode(self._text[node.start : node.end])

    def index_of(self, path: list[JsonNode]) -> QModelIndex:
        """Return the row of the last node of a path from the root, fetching on the way; none where it is not there."""
        index = QModelIndex()
        for node in path[1:]:
            row = self._row_of(index, node)
            if row is None:
                break
            index = self.index(row, 0, index)
        return index

    def _row_of(self, parent: QModelIndex, node: JsonNode) -> int | None:
        while True:
            for item in self._item(parent).children:
                if item.node.start == node.start:
                    return item.row
            if not self.canFetchMore(parent):
                return None
            self.fetchMore(parent)

    # what Qt asks

    def index(self, row: int, column: int, parent: Index = _ROOT) -> QModelIndex:
        """Return the index of a child."""
        item = self._item(parent)
        if not 0 <= row < len(item.children) or not 0 <= column < len(_TITLES):
            return QModelIndex()
        return self.createIndex(row, column, item.children[row])

    def parent(self, child: Index = _ROOT) -> QModelIndex | QObject:  # type: ignore[override]
        """Return the index of the container; none at the top."""
        above = self._item(child).parent if child.isValid() else None
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above)

    def rowCount(self, parent: Index = _ROOT) -> int:
        """Return how many children are known so far."""
        return 0 if parent.column() > 0 else len(self._item(parent).children)

    def columnCount(self, _parent: Index = _ROOT) -> int:
        """Return two: name and value."""
        return len(_TITLES)

    def hasChildren(self, parent: Index = _ROOT) -> bool:
        """Whether a row can be opened, known without opening it."""
        item = self._item(parent)
        if parent.column() > 0:
            return False
        return bool(item.children) or (item.node.has_children and not self._is_empty(item.node))

    def canFetchMore(self, parent: Index) -> bool:
        """Whether there is more than what was fetched."""
        item = self._item(parent)
        if item.node.has_children and item.rest is None and not item.children:
            return not self._is_empty(item.node)
        return item.rest is not None

    def fetchMore(self, parent: Index) -> None:
        """Take in the next 200 children."""
        item = self._item(parent)
        if item.rest is None:
            item.rest = children(self._text, item.node)
        try:
            found = list(islice(item.rest, _AT_ONCE))
        except ValueError:
            found = []
        if len(found) < _AT_ONCE:
            item.rest = None
        if not found:
            return
        first = len(item.children)
        above = QModelIndex() if item is self._root else self.createIndex(item.row, 0, item)
        self.beginInsertRows(above, first, first + len(found) - 1)
        item.children += [_Item(node, item, first + at) for at, node in enumerate(found)]
        self.endInsertRows()
        if item.rest is None and len(found) == _AT_ONCE:
            item.rest = iter(())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        if role not in _ROLES or not index.isValid():
            return None
        node = self._item(index).node
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index)[0]
        if role == Qt.ItemDataRole.ToolTipRole:
            return node.path
        if role == Qt.ItemDataRole.FontRole:
            return self._mono
        if role == Qt.ItemDataRole.ForegroundRole:
            return self._theme.tokens.color(self.cell(index)[1])
        return None

    def cell(self, index: Index) -> tuple[str, Tone]:
        """Return the text of a cell, on one line, and what its colour means."""
        node = self._item(index).node
        if index.column() == 0:
            return node.name, Tone.MUTED
        return formats.one_line(shown_value(self._text, node)), _TONES.get(node.kind, Tone.TEXT)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a column's title."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _TITLES[section] if 0 <= section < len(_TITLES) else None
        return None

    def _item(self, index: Index) -> _Item:
        if not index.isValid():
            return self._root
        item = index.internalPointer()
        assert isinstance(item, _Item)
        return item

    def _is_empty(self, node: JsonNode) -> bool:
        return not self._text[node.start + 1 : node.end - 1].strip()
