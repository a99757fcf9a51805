"""The order of Tab as the eye reads a form, also for what came into it later."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QWidget


def order_tabs(layout: QLayout, previous: QWidget | None = None) -> QWidget | None:
    """Make Tab go through what a layout holds in its order, after `previous`; returns the last widget of it."""
    for number in range(layout.count()):
        item = layout.itemAt(number)
        inner = item.layout() if item is not None else None
        widget = item.widget() if item is not None else None
        if inner is not None:
            previous = order_tabs(inner, previous)
        if widget is None:
            continue
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.focusProxy() is None:
            if previous is not None:
                QWidget.setTabOrder(previous, widget)
            previous = widget
        below = widget.layout()
        if below is not None:
            previous = order_tabs(below, previous)
    return previous
