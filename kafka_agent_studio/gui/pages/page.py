"""What every page is: a widget with a header, that can be told which place to show."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.page_header import PageHeader


class Page(QWidget):
    """Base of all pages. A subclass fills `body`; `rail_address` is the rail's entry that it belongs to.

    `uses_inspector` is whether what is selected on it opens on the right; it says what by `inspected(address)`.
    """

    inspected = Signal(str)

    rail_address = ""
    uses_inspector = False

    def __init__(self, *, parts: WindowParts, title: str) -> None:
        super().__init__()
        self.parts = parts
        self.inspected_address = ""
        self.header = PageHeader(title=title, theme=parts.theme)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        column.addLayout(self.body, 1)

    @property
    def has_unsaved(self) -> bool:
        """Whether something on the page would be lost if the window were closed now."""
        return False

    def show_place(self, rest: str) -> None:
        """Show what stands behind the first word of the address (`6f1c` of `run/6f1c`, `status=failed` of a query)."""

    def focus_filter(self) -> None:
        """Put the cursor where one types to filter, if the page has such a place."""

    def take_focus(self) -> None:
        """Put the focus where work begins on this page."""
        self.setFocus()
