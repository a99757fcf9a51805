"""Measures controls in the states that a person brings them into, and what pops up over a window.

A control is hovered, pressed and given the focus: its text has to be readable in each (WCAG AA: 4.5 to 1), its icon has
to be seen (3 to 1), and so has what says that it has the focus, or that a row is the selected one. Controls of one look
are measured once. The window has to be on screen and active.
"""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import QEvent, QItemSelectionModel, QMargins, QPoint, QPointF, QRect, QStringListModel, Qt
from PySide6.QtGui import QHoverEvent, QMouseEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QApplication,
    QCheckBox,
    QComboBox,
    QCompleter,
    QHeaderView,
    QLineEdit,
    QMenu,
    QMenuBar,
    QTabBar,
    QToolTip,
    QWidget,
)

from kafka_agent_studio.gui.theme import ICON_SIZE, Tokens
from tests.helpers.contrast import ENOUGH_OF_A_SHAPE, Pixels, pale, pixels_of, place_in, ratio_of

_Measured = Iterator[tuple[str, Iterator[str]]]
"""A state, and what is wrong in it; the state lasts until the next is asked for."""

_AROUND = QMargins(3, 3, 3, 3)
_OF_THE_EDGE = 0.4
"""The share of a line of one pixel around a control that has to tell that it has the focus: a line under a tab does."""


class States:
    """Keeps which looks were measured, for a theme; `count` is in how many states."""

    def __init__(self) -> None:
        self._seen: set[Hashable] = set()
        self.count = 0

    def faint(self, top: QWidget, tokens: Tokens) -> Iterator[str]:
        """Yield what cannot be read or seen in one of its states."""
        fresh = []
        for widget in (top, *top.findChildren(QWidget)):
            look = _look_of(widget)
            if look not in self._seen and _is_shown(widget, top):
                self._seen.add(look)
                fresh.append(widget)
        focused = QApplication.focusWidget()
        if focused is not None:
            focused.clearFocus()
        # What pops up takes the focus with it, so it comes last.
        for measure in (_states, _pop_ups):
            for widget in fresh:
                for state, mistakes in measure(top, widget, tokens):
                    self.count += 1
                    for mistake in mistakes:
                        yield f"{state} {type(widget).__name__} '{widget.accessibleName()}': {mistake}"


def _is_shown(widget: QWidget, top: QWidget) -> bool:
    is_seen = widget.isVisible() and not widget.visibleRegion().isEmpty()
    return widget.window() is top and is_seen and widget.isEnabled()


def _look_of(widget: QWidget) -> Hashable:
    of_button = (
        (widget.isChecked(), bool(widget.text()), widget.icon().isNull()) if isinstance(widget, QAbstractButton) else ()
    )
    kinds = tuple(str(widget.property(name)) for name in ("kind", "tone", "mistake"))
    return type(widget), type(widget.parentWidget()), widget.objectName(), kinds, of_button


def _states(top: QWidget, widget: QWidget, tokens: Tokens) -> _Measured:
    if isinstance(widget, QAbstractButton | QLineEdit | QComboBox | QTabBar | QAbstractItemView):
        with _hovered(widget):
            yield "hovered", pale(top, tokens, of=widget)
            if isinstance(widget, QAbstractButton):
                widget.setDown(True)
                yield "pressed", pale(top, tokens, of=widget)
                widget.setDown(False)
    if isinstance(widget, QMenuBar):
        widget.setActiveAction(widget.actions()[0])
        yield "active", pale(top, tokens, of=widget)
        widget.setActiveAction(None)  # type: ignore[arg-type]
    if isinstance(widget, QAbstractItemView) and not isinstance(widget, QHeaderView):
        yield "selected", _selected(top, widget, tokens)
    elif _takes_focus(widget):
        yield "focused", _focused(top, widget, tokens)


def _takes_focus(widget: QWidget) -> bool:
    """Whether Tab stops at it, and not at another that has the focus for it, nor at a text with its cursor."""
    is_area = isinstance(widget, QAbstractScrollArea)
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.focusProxy() is None and not is_area


@contextmanager
def _hovered(widget: QWidget) -> Iterator[None]:
    surface = widget.viewport() if isinstance(widget, QAbstractItemView) else widget
    at, away = QPointF(surface.rect().center()), QPointF(-1, -1)
    if isinstance(widget, QAbstractItemView | QTabBar):
        at = QPointF(12, 12)
    surface.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, True)
    for kind in (QEvent.Type.HoverEnter, QEvent.Type.HoverMove):
        QApplication.sendEvent(surface, QHoverEvent(kind, at, at, away))
    _move_mouse(surface, at)
    yield
    surface.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, False)
    QApplication.sendEvent(surface, QHoverEvent(QEvent.Type.HoverLeave, away, away, at))
    _move_mouse(surface, away)


def _move_mouse(surface: QWidget, to: QPointF) -> None:
    # A push button believes this alone.
    none = Qt.MouseButton.NoButton
    event = QMouseEvent(QEvent.Type.MouseMove, to, to, none, none, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(surface, event)


def _focused(top: QWidget, widget: QWidget, tokens: Tokens) -> Iterator[str]:
    before = _drawn(top, widget)
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    if not widget.hasFocus():
        yield "it does not get the focus: is its window active?"
    edge = QRect(0, 0, ICON_SIZE, ICON_SIZE) if isinstance(widget, QCheckBox) else widget.rect()
    yield from _told_apart(before, _drawn(top, widget), edge, "the focus")
    yield from pale(top, tokens, of=widget)
    widget.clearFocus()


def _selected(top: QWidget, view: QAbstractItemView, tokens: Tokens) -> Iterator[str]:
    index = view.indexAt(QPoint(12, 12))
    selection = view.selectionModel()
    if not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsSelectable:
        return
    rows = QItemSelectionModel.SelectionFlag.Rows
    view.blockSignals(True)
    kept, current = selection.selection(), selection.currentIndex()
    selection.blockSignals(True)
    selection.clear()
    before = _drawn(top, view.viewport())
    selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect | rows)
    yield from _told_apart(before, _drawn(top, view.viewport()), QRect(0, 0, 2, view.visualRect(index).height()), "it")
    yield from pale(top, tokens, of=view)
    selection.select(kept, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    selection.setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
    selection.blockSignals(False)
    view.blockSignals(False)


def _drawn(top: QWidget, widget: QWidget) -> Pixels:
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    return pixels_of(top.grab(place_in(top, widget).marginsAdded(_AROUND)).toImage())


def _told_apart(before: Pixels, after: Pixels, rect: QRect, what: str) -> Iterator[str]:
    """Yield where two states look too much alike: too few points changed by 3 to 1 and more."""
    if before.shape != after.shape:
        return
    changed = before != after
    pairs, counts = np.unique(np.stack([before[changed], after[changed]]), axis=1, return_counts=True)
    ratios = [ratio_of(int(old) & 0xFFFFFF, int(new) & 0xFFFFFF) for old, new in pairs.T]
    clear = sum(int(count) for ratio, count in zip(ratios, counts, strict=True) if ratio >= ENOUGH_OF_A_SHAPE)
    line = 2 * (rect.width() + rect.height())
    if clear < line * _OF_THE_EDGE:
        yield f"{max(ratios, default=1):.2f}: {what} is hardly seen, {clear} points of {line}"


# what pops up


def _pop_ups(_top: QWidget, widget: QWidget, tokens: Tokens) -> _Measured:
    if isinstance(widget, QMenuBar):
        for action in widget.actions():
            menu = action.menu()
            assert isinstance(menu, QMenu)
            yield "menu of", faint_menu(menu, tokens)
    if isinstance(widget, QComboBox) and widget.count():
        widget.showPopup()
        yield "list of", _faint_list(widget.view(), tokens)
        widget.hidePopup()
    if isinstance(widget, QLineEdit):
        for completer in {widget.completer(), *widget.findChildren(QCompleter)} - {None}:
            yield "completion of", _faint_completion(completer, tokens)
    if widget.toolTip():
        yield "tip of", _faint_tip(widget, tokens)


def faint_menu(menu: QMenu, tokens: Tokens) -> Iterator[str]:
    """Yield what cannot be read in a menu, and which of its actions do not show that they are chosen."""
    menu.popup(QPoint(0, 0))
    yield from pale(menu, tokens)
    enabled = [action for action in menu.actions() if action.isEnabled() and action.text()]
    for action in enabled[:1]:
        before = _drawn(menu, menu)
        menu.setActiveAction(action)
        yield from _told_apart(before, _drawn(menu, menu), QRect(0, 0, 2, menu.actionGeometry(action).height()), "it")
        yield from pale(menu, tokens)
    menu.hide()


def _faint_list(view: QAbstractItemView, tokens: Tokens) -> Iterator[str]:
    top = view.window()
    yield from pale(top, tokens)
    yield from _selected(top, view, tokens)


def _faint_completion(completer: QCompleter, tokens: Tokens) -> Iterator[str]:
    model = completer.model()
    if isinstance(model, QStringListModel) and not model.stringList():
        model.setStringList(["status:failed", "since:1h"])
    completer.setCompletionPrefix("")
    completer.complete()
    popup = completer.popup()
    if popup is None or not popup.isVisible():
        yield "it does not open"
    else:
        yield from _faint_list(popup, tokens)
        popup.hide()


def _faint_tip(widget: QWidget, tokens: Tokens) -> Iterator[str]:
    QToolTip.showText(QPoint(100, 100), widget.toolTip(), widget)
    for tip in QApplication.topLevelWidgets():
        if tip.inherits("QTipLabel") and tip.isVisible():
            yield from pale(tip, tokens)
            tip.hide()
