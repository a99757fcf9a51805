"""The top of every page: where we are, a remark, what filters it, what can be done."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.gui.theme import CONTROL_HEIGHT, GAP, HEADER_HEIGHT, ICON_SIZE, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label


class _Words(NamedTuple):
    """What a button says and shows while it has its words, and how wide it is then."""

    text: str
    tip: str
    icon_size: QSize
    width: int


class PageHeader(QFrame):
    """Title and remark on the left, what filters in between, actions on the right.

    Where these do not fit on a line, the actions that have an icon lose their words, those in front first; then what
    filters gets a line of its own, then the actions do, and at last each gets as many as it needs.
    """

    def __init__(self, *, title: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("pageHeader")
        self.setFixedHeight(HEADER_HEIGHT)
        self._title = label(title, font=theme.title)
        self._remark = label("", tone=Tone.MUTED)
        self._where: list[QWidget] = []
        self._filters: list[QWidget] = []
        self._actions: list[QWidget] = []
        self._wordy: list[QWidget] = []
        self._wide: QWidget | None = None
        self._lines: Sequence[Sequence[QWidget]] = ()
        self._folded: dict[QAbstractButton, _Words] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(MARGIN, 0, MARGIN - GAP // 2, 0)
        self._column.setSpacing(0)
        self._rows: list[QHBoxLayout] = []
        for text in (self._title, self._remark):
            self._put(self._where, text)
            text.setVisible(bool(text.text()))

    @property
    def title(self) -> str:
        """What the page is called."""
        return self._title.text()

    def set_title(self, text: str) -> None:
        """Change the title."""
        self._title.setText(text)
        self._title.setVisible(bool(text))

    def set_remark(self, text: str) -> None:
        """Say something beside the title: a count, a name."""
        self._remark.setText(text)
        self._remark.setVisible(bool(text))

    @property
    def remark(self) -> str:
        """What is said beside the title."""
        return self._remark.text()

    def add_wide(self, widget: QWidget) -> None:
        """Add a widget that takes the room in the middle, a filter line; the stretch gives way to it."""
        self._wide = widget
        self._put(self._filters, widget, 0)

    def add_beside(self, widget: QWidget) -> None:
        """Add what belongs to the filter line, on its right: what else chooses what is shown."""
        self._put(self._filters, widget)

    def add_before_title(self, widget: QWidget) -> None:
        """Add a way back in front of the title."""
        self._put(self._where, widget, 0)

    def add(self, widget: QWidget, *, keeps_words: bool = False) -> None:
        """Add an action on the right; one whose icon alone does not say what it does keeps its words."""
        self._put(self._actions, widget)
        if keeps_words:
            self._wordy.append(widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit into the new width."""
        super().resizeEvent(event)
        self._arrange()

    def event(self, event: QEvent) -> bool:
        """Fit once something in it has become wider or narrower, or is shown or hidden."""
        if event.type() == QEvent.Type.LayoutRequest:
            self._arrange()
        return super().event(event)

    # how it fits

    def _put(self, group: list[QWidget], widget: QWidget, at: int | None = None) -> None:
        group.insert(len(group) if at is None else at, widget)
        self._lay_out([[*self._where, *self._filters, *self._actions]])

    def _arrange(self) -> None:
        where, filters, actions = self._where, self._filters, self._actions
        frame = self.contentsMargins()
        given = self.width() - (MARGIN + MARGIN - GAP // 2) - frame.left() - frame.right()
        spared = {button: self._spared(button) for button in actions if isinstance(button, QAbstractButton)}
        for lines in (
            [[*where, *filters, *actions]],
            [[*where, *actions], filters],
            [where, actions, filters],
            [where, *self._wrapped(actions, given), *self._wrapped(filters, given)],
        ):
            less = [sum(spared[b] for b in spared if b in line) for line in lines]
            if all(self._width_of(line) - spare <= given for line, spare in zip(lines, less, strict=True)):
                break
        for line in lines:
            too_wide = self._width_of(line) - given
            for button, width in spared.items():
                if width and button in line:
                    self._fold(button, is_folded=too_wide > 0)
                    too_wide -= width if too_wide > 0 else 0
        self._lay_out([line for line in lines if any(not widget.isHidden() for widget in line)])

    def _lay_out(self, lines: Sequence[Sequence[QWidget]]) -> None:
        if lines == self._lines:
            return
        self._lines = lines
        while len(self._rows) < len(lines):
            row = QHBoxLayout()
            row.setSpacing(GAP)
            self._column.addLayout(row, 0 if self._rows else 1)
            self._rows.append(row)
        for row in self._rows:
            while row.count():
                row.takeAt(0)
            row.setContentsMargins(0, 0, 0, 0)
        for number, (row, line) in enumerate(zip(self._rows, lines, strict=False)):
            for widget in line:
                row.addWidget(widget, 10 if widget is self._wide else 0, Qt.AlignmentFlag.AlignVCenter)
                if widget is self._remark:
                    row.addStretch(1)
            if number:
                row.addStretch(0)
                row.setContentsMargins(0, 0, 0, GAP)
        self.setFixedHeight(HEADER_HEIGHT + (len(lines) - 1) * (CONTROL_HEIGHT + GAP))

    def _width_of(self, line: Sequence[QWidget]) -> int:
        """The width of a line whose buttons have their words."""
        shown = [widget for widget in line if not widget.isHidden()]
        return sum(map(self._full_width, shown)) + GAP * max(0, len(shown) - 1)

    def _wrapped(self, widgets: Sequence[QWidget], given: int) -> list[list[QWidget]]:
        lines: list[list[QWidget]] = [[]]
        for widget in widgets:
            if lines[-1] and self._width_of([*lines[-1], widget]) > given:
                lines.append([])
            lines[-1].append(widget)
        return lines

    def _full_width(self, widget: QWidget) -> int:
        if isinstance(widget, QAbstractButton) and widget in self._folded and not widget.text():
            return self._folded[widget].width
        hint = widget.minimumSizeHint() if widget is self._wide else widget.sizeHint()
        return max(hint.width(), widget.minimumWidth())

    def _spared(self, button: QAbstractButton) -> int:
        """How much narrower a button is without its words, at least; 0 where it has nothing else."""
        if button.isHidden() or button.icon().isNull() or button in self._wordy:
            return 0
        words = button.text() or (self._folded[button].text if button in self._folded else "")
        return button.fontMetrics().horizontalAdvance(words)

    def _fold(self, button: QAbstractButton, *, is_folded: bool) -> None:
        known = self._folded.get(button)
        if is_folded and button.text():
            tip, size = (button.toolTip(), button.iconSize()) if known is None else (known.tip, known.icon_size)
            self._folded[button] = _Words(button.text(), tip, size, self._full_width(button))
            button.setToolTip(tip or button.text())
            button.setText("")
            button.setIconSize(QSize(ICON_SIZE, ICON_SIZE))
        elif known is not None and not is_folded:
            del self._folded[button]
            button.setToolTip(known.tip)
            button.setIconSize(known.icon_size)
            button.setText(button.text() or known.text)
