"""One thing as a page of its own: what the inspector shows beside a table, with all the room."""

from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.labels import icon_button


class DetailPage(Page):
    """Esc and the arrow go back; what the detail offers for the header stands there."""

    def __init__(self, *, parts: WindowParts, detail: Detail, rail_address: str) -> None:
        super().__init__(parts=parts, title="")
        self.rail_address = rail_address
        self.detail = detail
        back = icon_button("Back (Alt+Left)", parts.icons.icon("arrow-left"), parts.navigator.back)
        self.header.add_before_title(back)
        for action in detail.header_actions:
            self.header.add(action)
        self.body.addWidget(detail)

    def take_focus(self) -> None:
        """Put the focus on the first thing of the view."""
        self.detail.take_focus()

    def show_place(self, rest: str) -> None:
        """Show the thing."""
        self.header.set_title(self.detail.show_place(rest))
