"""The top of every page: where we are, a remark, what filters it, what can be done."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from kafka_agent_studio.gui.theme import GAP, HEADER_HEIGHT, MARGIN, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import label


class PageHeader(QFrame):
    """Title and remark on the left, widgets in between, actions on the right."""

    def __init__(self, *, title: str, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("pageHeader")
        self.setFixedHeight(HEADER_HEIGHT)
        self._title = label(title, font=theme.title)
        self._remark = label("", tone=Tone.MUTED)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN, 0, MARGIN - GAP // 2, 0)
        self._row.setSpacing(GAP)
        self._row.addWidget(self._title)
        self._row.addWidget(self._remark)
        self._row.addStretch(1)

    @property
    def title(self) -> str:
        """What the page is called."""
        return self._title.text()

    def set_title(self, text: str) -> None:
        """Change the title."""
        self._title.setText(text)

    def set_remark(self, text: str) -> None:
        """Say something beside the title: a count, a name."""
        self._remark.setText(text)

    @property
    def remark(self) -> str:
        """What is said beside the title."""
        return self._remark.text()

    def add_wide(self, widget: QWidget) -> None:
        """Add a widget that takes the room in the middle, a filter line; the stretch gives way to it."""
        self._row.insertWidget(2, widget, 100)

    def add_before_title(self, widget: QWidget) -> None:
        """Add a way back in front of the title."""
        self._row.insertWidget(0, widget)

    def add(self, widget: QWidget) -> None:
        """Add an action on the right."""
        self._row.addWidget(widget)
