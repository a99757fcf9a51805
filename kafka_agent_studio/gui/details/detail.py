"""What every view of one thing is."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from kafka_agent_studio.gui.parts import WindowParts


class Detail(QWidget):
    """A view of one thing by its address; the same class serves the inspector and a page."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self.parts = parts

    @property
    def header_actions(self) -> Sequence[QWidget]:
        """Buttons for the header of a page of its own."""
        return ()

    def take_focus(self) -> None:
        """Put the focus where reading begins."""
        self.setFocus()

    def show_place(self, rest: str) -> str:
        """Show the thing behind the first word of the address; returns its title."""
        return rest
