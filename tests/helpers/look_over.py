"""Goes over every picture: `python -m tests.helpers.look_over THEME [--contrast] [NAME…]` prints what is not well.

That is what has no name, what is cut off (also once its window is narrow), a combo box without its arrow, what flashes
up as a window, and with --contrast each text that is too pale in either theme, at rest and in any state of its control.
In a process of its own, since Qt reads its scale (QT_SCALE_FACTOR) once. Exit code 1 where something was found.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTabBar,
    QWidget,
)

from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.theme import ThemeChoice
from tests.helpers.contrast import pale, texts_of
from tests.helpers.gui_form_pictures import forget_files
from tests.helpers.gui_picture import Shot
from tests.helpers.states import States
from tests.helpers.stray_windows import StrayWindows

CONTROLS = (QAbstractButton, QLineEdit, QComboBox, QAbstractItemView, QPlainTextEdit, QTabBar, QAbstractSpinBox)
_NARROW = 900
_SPARE = 2
"""Pixels by which a text may be wider than its place: what a rounded scale takes away."""


def controls_of(top: QWidget) -> list[QWidget]:
    """Return what a person can act on in a window, as far as it is on screen."""
    return [
        widget
        for widget in top.findChildren(QWidget)
        if isinstance(widget, CONTROLS)
        and not isinstance(widget, QHeaderView)
        and widget.isVisible()
        and widget.isEnabled()
        and not _is_part_of_a_control(widget)
    ]


def name_of(widget: QWidget) -> str:
    """Return what a screen reader calls a control; empty where it has no name."""
    if isinstance(widget, QComboBox):
        labels = [label for label in widget.window().findChildren(QLabel) if label.buddy() is widget]
        return labels[0].text() if labels else ""
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else "")


def nameless(top: QWidget) -> Iterator[str]:
    """Yield the controls without a name."""
    for widget in controls_of(top):
        if not name_of(widget):
            yield f"no name: {type(widget).__name__} in {type(widget.parentWidget()).__name__}"


def arrowless(top: QWidget) -> Iterator[str]:
    """Yield the combo boxes that do not look like ones: the style sheet takes the arrow, QuietComboBox paints it."""
    for widget in top.findChildren(QComboBox):
        if widget.isVisible() and not isinstance(widget, QuietComboBox):
            yield f"no arrow: {name_of(widget)!r} in {type(widget.parentWidget()).__name__}"


def cut_off(top: QWidget) -> Iterator[str]:
    """Yield the texts that do not fit where they stand."""
    for widget in top.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, QLabel | QPushButton | QCheckBox):
            continue
        if not widget.text().strip():
            continue
        if isinstance(widget, QLabel) and widget.wordWrap():
            needed, given = widget.heightForWidth(widget.width()), widget.height()
        elif isinstance(widget, QLabel):
            lines = widget.text().splitlines()
            needed = max(widget.fontMetrics().horizontalAdvance(line) for line in lines)
            given = widget.contentsRect().width()
        else:
            needed, given = widget.minimumSizeHint().width(), widget.width()
        if needed > given + _SPARE:
            inside = type(widget.parentWidget()).__name__
            yield f"cut off: '{widget.text()[:60]}' needs {needed}, has {given} ({type(widget).__name__} in {inside})"


def cut_controls(top: QWidget) -> Iterator[str]:
    """Yield the controls that reach beyond what they lie in, so that a part of them is not seen."""
    for widget in controls_of(top):
        inside = widget.parentWidget()
        while inside is not None and not _scrolls(inside):
            place = QRect(widget.mapTo(inside, QPoint(0, 0)), widget.size())
            if not inside.rect().contains(place):
                beyond = f"{type(inside).__name__} of {inside.width()}x{inside.height()}"
                yield f"cut off: {type(widget).__name__} '{name_of(widget)}' at {place.getRect()} in {beyond}"
                break
            inside = None if inside is top or inside.isWindow() else inside.parentWidget()


def _scrolls(widget: QWidget) -> bool:
    area = widget.parentWidget()
    return isinstance(area, QAbstractScrollArea) and area.viewport() is widget


def _is_part_of_a_control(widget: QWidget) -> bool:
    # The clear button of a line edit, the corner of a table, the arrows of a tab bar.
    parent = widget.parentWidget()
    while parent is not None:
        if isinstance(parent, QLineEdit | QComboBox | QTabBar):
            return True
        if isinstance(parent, QAbstractItemView) and not (isinstance(widget, QAbstractButton) and widget.text()):
            return True
        parent = parent.parentWidget()
    return False


def main() -> int:
    """Go over the pictures in a theme, and in both with `--contrast`."""
    from tests.screenshots import PICTURES

    theme, *rest = sys.argv[1:]
    measures, wanted = "--contrast" in rest, [name for name in rest if name != "--contrast"]
    application = QApplication([])
    # each event asks for it, and what flashes up does so at every scale
    strays = StrayWindows(application) if application.devicePixelRatio() == 1 else None
    found = texts = 0
    states = {choice: States() for choice in (ThemeChoice.LIGHT, ThemeChoice.DARK)}
    with tempfile.TemporaryDirectory() as settings:
        for picture in PICTURES:
            if wanted and picture.name not in wanted:
                continue
            shot = picture.take(settings_file=Path(settings) / f"{picture.name}.ini", theme=ThemeChoice(theme))
            application.processEvents()
            mistakes = [*nameless(shot.widget), *arrowless(shot.widget), *_cut(shot)]
            if strays is not None:
                mistakes += strays.seen
                strays.seen.clear()
            if measures:
                texts += sum(1 for _ in texts_of(shot.widget))
                mistakes += _pale_in_both_themes(shot, states)
            found += len(mistakes)
            for mistake in mistakes:
                print(f"{picture.name}: {mistake}")
            shot.close()
            application.processEvents()
    forget_files()
    measured = sum(each.count for each in states.values())
    print(f"{len(PICTURES)} pictures, {texts} texts and {measured} states measured, {found} mistakes")
    return 1 if found else 0


def _cut(shot: Shot) -> Iterator[str]:
    """Yield what does not fit: in the picture, and in its window once that is narrow."""
    yield from (*cut_off(shot.widget), *cut_controls(shot.widget))
    if shot.window is None or shot.widget is not shot.window.main:
        return
    size = shot.widget.size()
    for width in (_NARROW, size.width()):
        shot.widget.resize(width, size.height())
        QApplication.processEvents()
        if width == _NARROW:
            yield from (f"{width} wide: {line}" for line in (*cut_off(shot.widget), *cut_controls(shot.widget)))


def _pale_in_both_themes(shot: Shot, states: Mapping[ThemeChoice, States]) -> Iterator[str]:
    """Yield what cannot be read in the theme that a window began with, then in the other, chosen while it is open."""
    shot.widget.activateWindow()
    QApplication.processEvents()
    yield from pale(shot.widget, shot.theme.tokens)
    yield from states[shot.theme.choice].faint(shot.widget, shot.theme.tokens)
    other = ThemeChoice.DARK if shot.theme.choice is ThemeChoice.LIGHT else ThemeChoice.LIGHT
    shot.theme.choose(other)
    while not shot.theme.dressing.is_settled:
        QApplication.processEvents()
    QApplication.processEvents()
    shot.widget.activateWindow()
    QApplication.processEvents()
    for mistake in (*pale(shot.widget, shot.theme.tokens), *states[other].faint(shot.widget, shot.theme.tokens)):
        yield f"once {other.value} was chosen, {mistake}"


if __name__ == "__main__":
    sys.exit(main())
