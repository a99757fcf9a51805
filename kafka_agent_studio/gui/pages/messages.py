"""Messages as they arrive, whatever the rate: newest on top, filtered while typing, held still while one reads."""

from urllib.parse import parse_qsl

from kafka_agent_studio.api.filter_terms import filter_term
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.message_actions import add_message_actions, export_messages, in_order
from kafka_agent_studio.gui.messages.live_filter import LiveFilter
from kafka_agent_studio.gui.messages.message_line import MessageLine
from kafka_agent_studio.gui.messages.topic_view import ALL_TOPICS, TopicView
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage
from kafka_agent_studio.gui.navigation import message_address
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button


class MessagesPage(TablePage[ReceivedMessage]):
    """Everything the connectors take in; the newest 10,000 are kept, and the header says of how many."""

    rail_address = "messages"

    def __init__(self, *, parts: WindowParts, model: MessageTableModel, live: LiveFilter) -> None:
        super().__init__(parts=parts, title="Messages")
        self._live = live
        self.line = MessageLine(name="messages", parts=parts)
        self._messages = model
        self.header.add_beside(self.line.menu_button)
        self._pause = button("Pause", self._on_pause, icon=parts.icons.icon("pause"), tip="Hold new messages back")
        self._pause.setCheckable(True)
        self.header.add(self._pause)
        self.export = button("Export…", self._on_export, tip="Write to a file what the table shows")
        self.header.add(self.export)
        self.header.add(
            button(
                "Browse a topic",
                lambda: parts.navigator.go("browse"),
                icon=parts.icons.icon("magnifying-glass"),
                tip="Read any topic from any place, without a group",
            )
        )
        self.set_up(
            model=model,
            table=DataTable[ReceivedMessage](
                name="messages",
                accessible_name="Messages",
                model=model,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="value",
                is_live=True,
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="envelope-simple",
                heading="No messages yet",
                explanation="What the inbound connectors read appears here as it arrives. Nothing has arrived since "
                "this window opened: is a connector running, and does anybody write to its topic?",
                action="See the connectors",
                on_action=lambda: parts.navigator.go("connectors"),
            ),
            filter_line=self.line,
        )
        self.body.insertWidget(0, self.line.chips)
        live.said.connect(self._on_said)
        live.looked_changed.connect(self._say_counts)
        add_message_actions(self.table, parts)
        self.view = TopicView(parts=parts, model=model, table=self.table, line=self.line)
        self.view.show_topic(ALL_TOPICS)
        model.kept_changed.connect(self._say_counts)
        self._say_counts()
        if self.filter is not None and self.filter.text:
            self.on_filter_changed(self.filter.text)

    def address_of(self, row: ReceivedMessage) -> str:
        """Return the message's own address."""
        return message_address(self.parts.bridge.view.cluster_of(row.connector), row.record.place)

    def show_place(self, rest: str) -> None:
        """Filter by what the address says: `connector=orders-in`, `topic=orders`, or one more term in `add=…`."""
        asked = dict(parse_qsl(rest))
        connector = self.parts.bridge.view.connector(asked.get("connector", ""))
        topic = asked.get("topic") or (connector.topic if connector is not None else None)
        if topic is not None:
            self.line.set_text(filter_term("topic", topic))
        elif "add" in asked:
            self.line.add_term(asked["add"])

    def on_filter_changed(self, text: str) -> None:
        """Show the messages that fit."""
        self._live.set_text(text)
        self._say_counts()

    def _on_said(self, mistake: str) -> None:
        self.line.say(mistake)
        self._say_counts()

    def _on_pause(self) -> None:
        is_paused = self._pause.isChecked()
        self.table.set_paused(is_paused)
        self._pause.setText("Paused" if is_paused else "Pause")

    def _on_export(self) -> None:
        rows = self._messages.shown_rows()
        if rows:
            export_messages(self.parts, self.window(), in_order(rows))

    def _say_counts(self) -> None:
        model = self._messages
        self.export.setEnabled(model.rowCount() > 0)
        parts = [f"kept {formats.count(model.kept)} of {formats.count(model.seen)}"] if model.seen else []
        if self.is_filtered:
            parts.append(f"{formats.count(model.rowCount())} match")
            if self._live.is_looking:
                live = self._live
                parts.append(f"looked at {formats.count(live.looked_at)} of {formats.count(live.to_look_at)}")
        self.header.set_remark(" · ".join(parts))
