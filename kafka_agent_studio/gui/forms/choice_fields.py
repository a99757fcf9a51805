"""Fields that offer what there is: one of several, on or off, some of a list."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QComboBox, QListView, QSizePolicy, QStyledItemDelegate, QVBoxLayout, QWidget

from kafka_agent_studio.gui.forms.field import Field
from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.theme import SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label

_ARROW_FROM_RIGHT = 14


class QuietComboBox(QComboBox):
    """A combo box that a wheel over a scrolled form does not change."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        # The one that Qt makes draws its list as a menu of the desktop's.
        self.setItemDelegate(QStyledItemDelegate(self))
        shown = self.view()
        if isinstance(shown, QListView):
            # all are one line: hundreds of time zones are not measured one by one
            shown.setUniformItemSizes(True)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the form scroll, unless the person is at this field."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow, which the style sheet takes away with the frame around it."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.palette().placeholderText().color(), 1.5))
        x, y = self.width() - _ARROW_FROM_RIGHT, self.height() / 2
        painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])
        painter.end()


class ChoiceField(Field):
    """One of several; `options` are (value, words). A value that is none of them is shown as it stands in the file."""

    def __init__(
        self,
        *,
        title: str,
        explanation: str,
        theme: Theme,
        options: Sequence[tuple[str, str]],
        default: str | None = None,
    ) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme, default=default)
        self.box = QuietComboBox()
        self._set_editor(self.box)
        self.offer(options)
        self.box.activated.connect(lambda _index: self.edited.emit())

    def offer(self, options: Sequence[tuple[str, str]]) -> None:
        """Offer these and keep what is chosen."""
        chosen = self.current
        self.box.clear()
        for value, words in options:
            self.box.addItem(words, value)
        self._put(self._default if chosen is None else chosen)

    @property
    def current(self) -> Any:
        """The value chosen; None where none is."""
        return self.box.currentData()

    def _put(self, value: Any) -> None:
        index = self.box.findData(value)
        if index < 0 and value is not None:
            self.box.addItem(str(value), value)
            index = self.box.count() - 1
        self.box.setCurrentIndex(index)


class SwitchField(Field):
    """On or off."""

    def __init__(self, *, title: str, explanation: str, theme: Theme, default: bool) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme, default=default, has_own_label=True)
        self.check = TickBox(title, theme=theme)
        self.check.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._set_editor(self.check, is_stretched=False)
        self._row.addStretch(1)
        self.check.toggled.connect(self._on_toggled)
        self._is_putting = False

    @property
    def current(self) -> Any:
        """Whether it is on."""
        return self.check.isChecked()

    def _put(self, value: Any) -> None:
        self._is_putting = True
        # A reference to the environment is neither: the default is shown, and the reference stays until it is changed.
        self.check.setChecked(value if isinstance(value, bool) else bool(self._default))
        self._is_putting = False

    def _on_toggled(self, _is_on: bool) -> None:
        if not self._is_putting:
            self.edited.emit()


class PickField(Field):
    """Some names of a list, each with a box to tick. The order is that of the file, then that of the names."""

    def __init__(self, *, title: str, explanation: str, theme: Theme, nothing: str) -> None:
        super().__init__(title=title, explanation=explanation, theme=theme)
        self._theme = theme
        self.boxes: dict[str, TickBox] = {}
        self._known: dict[str, str] = {}
        self._order: list[str] = []
        self._is_putting = False
        holder = QWidget()
        self._list = QVBoxLayout(holder)
        self._list.setContentsMargins(0, SPACE, 0, SPACE)
        self._list.setSpacing(SPACE)
        self._nothing = label(nothing, tone=Tone.MUTED, is_wrapped=True)
        self._list.addWidget(self._nothing)
        # The boxes take the focus one by one; the list around them is no stop of its own.
        holder.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._set_editor(holder)

    def offer(self, names: Sequence[tuple[str, str]]) -> None:
        """Offer (name, words about it); what is ticked stays, also where it is not known."""
        ticked = self._ticked()
        self._known = dict(names)
        self._rebuild(ticked)

    @property
    def current(self) -> Any:
        """The names ticked; None where none is."""
        ticked = self._ticked()
        kept = [name for name in self._order if name in ticked]
        return kept + [name for name in self.boxes if name in ticked and name not in kept] or None

    def _ticked(self) -> list[str]:
        return [name for name, box in self.boxes.items() if box.isChecked()]

    def _put(self, value: Any) -> None:
        self._order = [str(name) for name in value] if isinstance(value, list | tuple) else []
        self._rebuild(self._order)

    def _rebuild(self, ticked: Sequence[str]) -> None:
        self._is_putting = True
        names = [*self._known, *(name for name in ticked if name not in self._known)]
        for name in [name for name in self.boxes if name not in names]:
            box = self.boxes.pop(name)
            self._list.removeWidget(box)
            box.deleteLater()
        for place, name in enumerate(names):
            box = self.boxes.get(name) or self._new_box(name)
            self._list.removeWidget(box)
            self._list.insertWidget(place, box)
            box.show()
            words = self._known.get(name, "does not exist")
            box.remark = words
            box.setToolTip(words)
            box.setAccessibleName(name)
            box.setAccessibleDescription(words)
            box.setChecked(name in ticked)
        self.boxes = {name: self.boxes[name] for name in names}
        self._nothing.setVisible(not names)
        self._is_putting = False

    def _new_box(self, name: str) -> TickBox:
        box = TickBox(name, theme=self._theme)
        box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        box.toggled.connect(self._on_toggled)
        self.boxes[name] = box
        return box

    def _on_toggled(self, _is_on: bool) -> None:
        if not self._is_putting:
            self.edited.emit()
