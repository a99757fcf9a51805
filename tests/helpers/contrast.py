"""Measures what text on screen really looks like.

A window is rendered, and in each text, button, field, tab, heading and cell the colours of the ink are held against
the ground they stand on (WCAG AA: 4.5 to 1, and 3 to 1 for an icon). What is disabled may be paler. QT_SCALE_FACTOR
should be 2: then the inside of a letter has the colour that was asked for, else it is all edge.
"""

from collections.abc import Collection, Iterator
from functools import cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QMargins, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QGraphicsView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QTreeView,
    QWidget,
)

from kafka_agent_studio.gui.links.node_item import NodeItem
from kafka_agent_studio.gui.theme import Tokens
from kafka_agent_studio.gui.widgets.waterfall import BarDelegate, Waterfall

Pixels = npt.NDArray[np.uint32]

ENOUGH = 4.5
ENOUGH_OF_A_SHAPE = 3.0
_SHARE = 0.12
"""The share of what is not ground that a further ink has at least; the strongest needs a few pixels only."""
_LEAST_PIXELS = 8
_SEEN = 0.75
"""Of a text of which less than this share is in sight there is nothing to measure."""
_OFF = 6.0
"""How far a blend may be off the line between two colours, of 255: what rounding does."""
_FRAME = QMargins(8, 3, 8, 3)
_RING = QMargins(2, 2, 2, 2)
_LEAST_INK = 24


def luminance(color: QColor) -> float:
    """Return the relative luminance of WCAG 2.2."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@cache
def ratio_of(one: int, other: int) -> float:
    """The contrast of two colours given as 0xRRGGBB: the same few stand everywhere."""
    return contrast(QColor(one), QColor(other))


def texts_of(top: QWidget) -> Iterator[tuple[str, QWidget, QRect]]:
    """Yield (what it says, whose it is, where inside of it) for each text that is on screen and not disabled."""
    for widget in (top, *top.findChildren(QWidget)):
        is_seen = widget.isVisible() and not widget.visibleRegion().isEmpty()
        if widget.window() is top and is_seen and widget.isEnabled():
            yield from texts_in(widget)


def texts_in(widget: QWidget) -> Iterator[tuple[str, QWidget, QRect]]:
    """Yield the texts that a widget itself shows; what has an icon alone says nothing."""
    inside = widget.rect().marginsRemoved(_FRAME)
    if isinstance(widget, QLabel) and widget.text().strip():
        yield widget.text(), widget, _lines_of(widget)
    elif isinstance(widget, QAbstractButton):
        yield widget.text(), widget, inside if widget.text() else widget.rect().marginsRemoved(_RING)
    elif isinstance(widget, QLineEdit):
        yield widget.text() or widget.placeholderText(), widget, inside
    elif isinstance(widget, QComboBox) and not widget.isEditable():
        yield widget.currentText(), widget, inside.marginsRemoved(QMargins(0, 0, 14, 0))
    elif isinstance(widget, QPlainTextEdit):
        yield widget.toPlainText() or widget.placeholderText(), widget, widget.viewport().geometry()
    elif isinstance(widget, QTabBar):
        for number in filter(widget.isTabVisible, range(widget.count())):
            yield widget.tabText(number), widget, widget.tabRect(number).marginsRemoved(_FRAME)
    elif isinstance(widget, QMenuBar | QMenu):
        for action in filter(QAction.isEnabled, widget.actions()):
            yield action.text(), widget, widget.actionGeometry(action).marginsRemoved(_FRAME)
    elif isinstance(widget, QGraphicsView):
        yield from _cards(widget)
    elif isinstance(widget, QHeaderView):
        yield from _headings(widget)
    elif isinstance(widget, QAbstractItemView):
        yield from _cells(widget)


def _lines_of(label: QLabel) -> QRect:
    """Where the text of a label is: a heading may be as high as the bar it stands in, line below and all."""
    rect = label.contentsRect()
    if not label.wordWrap():
        height = min(rect.height(), label.fontMetrics().height() * (label.text().count("\n") + 1))
        rect = QRect(rect.left(), rect.center().y() - height // 2, rect.width(), height)
    return rect


def _cards(view: QGraphicsView) -> Iterator[tuple[str, QWidget, QRect]]:
    for item in view.scene().items():
        if isinstance(item, NodeItem) and item.opacity() == 1:
            rect = view.mapFromScene(item.sceneBoundingRect()).boundingRect()
            yield item.key.name, view.viewport(), rect.marginsRemoved(QMargins(56, 10, 16, 10))


def _headings(header: QHeaderView) -> Iterator[tuple[str, QWidget, QRect]]:
    model = header.model()
    for number in range(header.count()):
        place = header.sectionViewportPosition(number)
        if not header.isSectionHidden(number) and place < header.viewport().width():
            text = str(model.headerData(number, header.orientation()) or "")
            rect = QRect(place, 0, header.sectionSize(number), header.height())
            yield text, header.viewport(), rect.marginsRemoved(_FRAME)


def _cells(view: QAbstractItemView) -> Iterator[tuple[str, QWidget, QRect]]:
    viewport = view.viewport()
    seen = set()
    for y in range(4, viewport.height(), 12):
        row = view.indexAt(QPoint(12, y))
        if not row.isValid() or (row.row(), row.internalId()) in seen:
            continue
        seen.add((row.row(), row.internalId()))
        columns = view.horizontalHeader().count() if isinstance(view, QTableView) else 1
        columns = view.header().count() if isinstance(view, QTreeView) else columns
        for column in range(columns):
            index = row.sibling(row.row(), column)
            hidden = isinstance(view, QTableView | QTreeView) and view.isColumnHidden(column)
            is_drawn = isinstance(view, Waterfall) and isinstance(view.itemDelegateForIndex(index), BarDelegate)
            text = "" if is_drawn else str(index.data() or "")
            if text.strip() and not hidden and index.flags() & Qt.ItemFlag.ItemIsEnabled:
                yield text, viewport, view.visualRect(index).marginsRemoved(QMargins(2, 3, 2, 3))


def _end_fading(top: QWidget) -> None:
    """Bring what clears a field to what it comes to: it fades in when a text is put there."""
    for made in top.findChildren(QAbstractButton):
        if isinstance(made.parentWidget(), QLineEdit) and made.property("opacity"):
            made.setProperty("opacity", 1.0)


def place_in(top: QWidget, widget: QWidget) -> QRect:
    """Return where a widget is in a window."""
    return widget.rect() if widget is top else QRect(widget.mapTo(top, QPoint(0, 0)), widget.size())


def inks(pixels: Pixels, grounds: Collection[int] = ()) -> tuple[int, list[int]]:
    """Return the ground, the most frequent colour, and the colours of what is drawn on it, as 0xRRGGBB.

    The edge of a letter is a blend of ground and ink, and no ink of its own; nor is one of the other `grounds` (a
    selection, a line that is marked, an edge), unless there is nothing else that could be the text.
    """
    colors, counts = np.unique(pixels & 0xFFFFFF, return_counts=True)
    ground = int(colors[counts.argmax()])
    drawn = int(counts.sum() - counts.max())
    if drawn < _LEAST_INK:
        return ground, []
    seen = [
        (int(color), int(count))
        for color, count in zip(colors, counts, strict=True)
        if color != ground and count >= _LEAST_PIXELS
    ]
    seen.sort(key=lambda one: ratio_of(one[0], ground), reverse=True)
    found: list[int] = []
    for color, count in seen:
        is_strongest = not found
        is_frequent = count >= drawn * _SHARE and color not in grounds
        if is_strongest or (is_frequent and not any(_is_blend(color, ground, ink) for ink in found)):
            found.append(color)
    return ground, found


def _is_blend(color: int, ground: int, ink: int) -> bool:
    """Whether a colour lies between two others."""
    at, start, end = (np.array([c >> 16, c >> 8 & 255, c & 255], dtype=float) for c in (color, ground, ink))
    way = end - start
    share = float(np.dot(at - start, way) / np.dot(way, way))
    return 0 < share < 1 and float(np.abs(start + share * way - at).max()) <= _OFF


def pixels_of(image: QImage) -> Pixels:
    """Return a picture as rows of 0xAARRGGBB."""
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(bytes(image.constBits()), dtype=np.uint32)
    return flat.reshape(image.height(), image.bytesPerLine() // 4)[:, : image.width()]


def grounds_of(tokens: Tokens) -> set[int]:
    """Return the colours that lie behind or around text."""
    named = (tokens.bg, tokens.panel, tokens.selection, tokens.hover, tokens.border)
    return {QColor(color).rgb() & 0xFFFFFF for color in named}


def pale(top: QWidget, tokens: Tokens, *, of: QWidget | None = None) -> Iterator[str]:
    """Yield the texts whose ink is too close to their ground, and the buttons whose icon is; `of` one widget alone."""
    _end_fading(top)
    grounds = grounds_of(tokens)
    area = place_in(top, of or top)
    picture = top.grab(area)
    scale, pixels = picture.devicePixelRatio(), pixels_of(picture.toImage())
    for text, widget, rect in texts_of(top) if of is None else texts_in(of):
        shown = rect.intersected(widget.visibleRegion().boundingRect())
        if shown.height() < rect.height() * _SEEN:
            continue
        at = place_in(top, widget).topLeft() + shown.topLeft() - area.topLeft()
        left, upper = round(at.x() * scale), round(at.y() * scale)
        part = pixels[upper : upper + round(shown.height() * scale), left : left + round(shown.width() * scale)]
        is_icon = not text and isinstance(widget, QAbstractButton)
        if part.size == 0 or not (is_icon or any(letter.isalnum() for letter in text)):
            continue
        ground, found = inks(part, grounds)
        for ink in found:
            ratio = ratio_of(ink, ground)
            if ratio < (ENOUGH_OF_A_SHAPE if is_icon else ENOUGH):
                owner = f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
                said = text or widget.accessibleName()
                yield f"{ratio:.2f}: '{said[:40]}' #{ink:06X} on #{ground:06X} ({owner})"
