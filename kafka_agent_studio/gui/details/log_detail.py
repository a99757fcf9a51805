"""One line of the log in full; a line about a run or a connector leads to it."""

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout

from kafka_agent_studio.api.events import Logged
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.navigation import connector_address, run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.place_link import PlaceLink

FindLine = Callable[[int], Logged | None]
"""Returns a line by its number since the window opened; None where it is not kept."""


class LogDetail(Detail):
    """Looks a line up by its number."""

    def __init__(self, *, parts: WindowParts, find_line: FindLine) -> None:
        super().__init__(parts=parts)
        self._find_line = find_line
        self.facts = KeyValue(theme=parts.theme)
        self.run = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.connector = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(parts.theme.mono)
        self.text.setAccessibleName("The whole line")
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(self.facts)
        column.addWidget(self.run)
        column.addWidget(self.connector)
        column.addWidget(self.text, 1)

    def take_focus(self) -> None:
        """Put the focus on the text."""
        self.text.setFocus()

    def show_place(self, rest: str) -> str:
        """Show the line of this number."""
        line = self._find_line(int(rest)) if rest.isdecimal() else None
        if line is None:
            self.facts.show_pairs([("Line", "not kept any more")])
            self.text.setPlainText("")
            self.run.hide()
            self.connector.hide()
            return "Log"
        self.facts.show_pairs(
            [("Level", line.level.lower()), ("Time", formats.full_time(line.at_us)), ("From", line.logger)]
        )
        self.text.setPlainText(line.message)
        self.run.setVisible(line.run_id is not None)
        if line.run_id is not None:
            self.run.show_link(f"Run {formats.short_id(line.run_id)}", run_address(line.run_id))
        self.connector.setVisible(line.connector is not None)
        if line.connector is not None:
            self.connector.show_link(f"Connector {line.connector}", connector_address(line.connector))
        return f"{line.level.capitalize()} · {formats.clock(line.at_us)}"
