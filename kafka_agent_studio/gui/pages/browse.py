"""Any topic of any connection, without a group and without commits: read from where one likes, filtered on the way."""

import uuid
from collections.abc import Callable
from urllib.parse import parse_qs

import msgspec
from PySide6.QtGui import QShowEvent

from kafka_agent_studio.api.browse import (
    BrowseProgress,
    BrowseReport,
    BrowseTopic,
    CancelJob,
    CheckFilter,
    EndedBy,
    FilterMistake,
    PauseJob,
    Scan,
)
from kafka_agent_studio.api.cluster_commands import ListTopics, TopicSummary
from kafka_agent_studio.api.events import BrowseProgressed
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.browse.range_panel import RangePanel
from kafka_agent_studio.gui.browse.scan_bar import ScanBar, ScanMistakeError
from kafka_agent_studio.gui.clusters.message_actions import add_message_actions, export_scan, replay_scan
from kafka_agent_studio.gui.messages.decoder_bar import remembered_decoders
from kafka_agent_studio.gui.messages.message_line import MessageLine
from kafka_agent_studio.gui.messages.topic_view import TopicView
from kafka_agent_studio.gui.models.message_table import MessageTableModel, ReceivedMessage
from kafka_agent_studio.gui.navigation import message_address
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button
from kafka_agent_studio.model.base import SANDBOX

_KEEP = 10_000
_PAUSE_TIP = "Read nothing more until this is pressed again; then reading goes on at the very next message"


class BrowsePage(TablePage[ReceivedMessage]):
    """The filter is evaluated by the engine while it reads; the bar says how much was read and what was kept."""

    rail_address = "messages"

    def __init__(self, *, parts: WindowParts, model: MessageTableModel) -> None:
        super().__init__(parts=parts, title="Browse")
        self._messages = model
        self._job_id = ""
        self._source = ""
        self._is_reading = False
        self._told = BrowseProgress()
        self._listed = ""
        self.line = MessageLine(name="browse", parts=parts)
        self.header.add_beside(self.line.menu_button)
        self.bar = ScanBar(theme=parts.theme)
        self.body.insertWidget(0, self.bar)
        self.ranges = RangePanel(parts=parts)
        self.bar.add_below(self.ranges.toggle)
        self.body.insertWidget(1, self.ranges)
        self.header.add(
            button(
                "Live", lambda: parts.navigator.go("messages"), icon=parts.icons.icon("broadcast"), tip="What arrives"
            )
        )
        self.pause = button("Pause", self._on_pause, icon=parts.icons.icon("pause"), tip=_PAUSE_TIP)
        self.pause.setCheckable(True)
        self.pause.setEnabled(False)
        self.header.add(self.pause)
        self.replay = button("Replay…", self._on_replay, tip="Write again what the row above and the filter find")
        self.header.add(self.replay)
        self.export = button("Export…", self._on_export, tip="Write to a file what the row above and the filter find")
        self.header.add(self.export)
        self.set_up(
            model=model,
            table=DataTable[ReceivedMessage](
                name="browse",
                accessible_name="Messages found",
                model=model,
                theme=parts.theme,
                preferences=parts.preferences,
                stretched="value",
            ),
            empty=EmptyState(
                theme=parts.theme,
                icons=parts.icons,
                icon="magnifying-glass",
                heading="Look into a topic",
                explanation="Choose a topic and where to begin. Nothing is committed and no group is joined, so "
                "nobody else's reading is disturbed.",
                action="Read",
                on_action=self._on_read,
            ),
            filter_line=self.line,
        )
        self.body.insertWidget(2, self.line.chips)
        add_message_actions(self.table, parts)
        self.view = TopicView(parts=parts, model=model, table=self.table, line=self.line)
        self.bar.read_asked.connect(self._on_read)
        self.bar.stop_asked.connect(self._on_stop)
        self.bar.connection_chosen.connect(self._list_topics)
        parts.bridge.progressed.connect(self._on_progress)
        parts.bridge.rebuilt.connect(self._offer_connections)
        parts.bridge.workspace_changed.connect(self._offer_connections)
        self._offer_connections()

    def address_of(self, row: ReceivedMessage) -> str:
        """Return the message's own address."""
        return message_address(self.parts.bridge.view.cluster_of(row.connector), row.record.place)

    def show_place(self, rest: str) -> None:
        """Read what the address names: `?connection=staging&topic=orders`."""
        asked = parse_qs(rest.lstrip("?"))
        if "add" in asked:
            self.line.add_term(asked["add"][0])
            self._on_read()
        elif "topic" in asked:
            self.bar.choose(connection=asked.get("connection", [SANDBOX])[0], topic=asked["topic"][0])
            self._on_read()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask for the topics when somebody looks, not before."""
        super().showEvent(event)
        self._list_topics(self.bar.connection.currentText())

    def take_focus(self) -> None:
        """Begin where one says what to read, until something was found."""
        if self._messages.rowCount():
            super().take_focus()
        else:
            self.bar.topic.setFocus()

    # connections and topics

    def _offer_connections(self) -> None:
        workspace = self.parts.bridge.view.workspace
        own = [c.name for c in workspace.connectors.values() if c.connection is None]
        self.bar.offer_connections([*sorted(workspace.connections), *sorted(own), SANDBOX])

    def _list_topics(self, connection: str) -> None:
        if connection and connection != self._listed and self.isVisible():
            self._listed = connection
            self.parts.bridge.submit(
                ListTopics(connection),
                on_done=lambda topics: self._on_topics(connection, topics),
                on_error=self._on_list_failed,
            )

    def _on_topics(self, connection: str, topics: tuple[TopicSummary, ...]) -> None:
        if connection == self.bar.connection.currentText():
            self.bar.say("")
            self.bar.offer_topics([topic.name for topic in topics])

    def _on_list_failed(self, words: str) -> None:
        self._listed = ""
        self.bar.say(f"The topics cannot be listed: {words}")

    # reading

    def _on_read(self) -> None:
        self.view.show_topic(self.bar.topic.currentText().strip())
        try:
            scan = self.bar.scan("" if self.filter is None else self.filter.text)
        except ScanMistakeError as mistake:
            self.bar.say(str(mistake))
            return
        self._on_stop()
        self.bar.say("")
        scan = msgspec.structs.replace(scan, decoders=remembered_decoders(self.parts.preferences, scan.topic))
        self._messages.reset(())
        job_id = self._job_id = uuid.uuid4().hex
        self._source = scan.connection
        self._told = BrowseProgress()
        self.ranges.forget()
        self._show_reading(True)
        self.bar.show_progress("reading …")
        self.parts.bridge.submit(
            BrowseTopic(job_id=job_id, scan=scan, follow=self.bar.follow.isChecked(), keep=_KEEP),
            on_done=lambda report: self._on_over(job_id, report),
            on_error=lambda words: self._on_failed(job_id, words),
        )

    def _on_replay(self) -> None:
        self._with_scan(lambda scan: replay_scan(self.parts, self.window(), scan))

    def _on_export(self) -> None:
        self._with_scan(lambda scan: export_scan(self.parts, self.window(), scan))

    def _with_scan(self, act: Callable[[Scan], object]) -> None:
        try:
            scan = self.bar.scan("" if self.filter is None else self.filter.text)
        except ScanMistakeError as mistake:
            self.bar.say(str(mistake))
        else:
            act(scan)

    def _on_stop(self) -> None:
        if self._is_reading:
            self.parts.bridge.submit(CancelJob(self._job_id))

    def _on_progress(self, event: object) -> None:
        if isinstance(event, BrowseProgressed) and event.job_id == self._job_id:
            self._messages.upsert([ReceivedMessage(self._source, record, event.at_us) for record in event.records])
            if self._is_reading:
                self._say_progress(event.progress)

    def _on_pause(self) -> None:
        is_paused, job_id = self.pause.isChecked(), self._job_id
        self.parts.bridge.submit(
            PauseJob(job_id, is_paused=is_paused), on_error=lambda words: self._on_pause_failed(job_id, words)
        )

    def _on_pause_failed(self, job_id: str, words: str) -> None:
        if job_id == self._job_id and self._is_reading:
            self._show_paused(self._told.is_paused)
            self.bar.say(words)

    def _show_paused(self, is_paused: bool) -> None:
        self.pause.setChecked(is_paused)
        self.pause.setText("Paused" if is_paused else "Pause")
        self.pause.setAccessibleName("Go on reading" if is_paused else "Pause")

    def _say_progress(self, progress: BrowseProgress, end: str = "") -> None:
        if progress.is_paused is not self._told.is_paused:
            self._show_paused(progress.is_paused)
        self._told = progress
        self.bar.show_progress(_words(progress) + end, is_paused=progress.is_paused)
        self.ranges.show_ranges(progress.ranges)

    def _on_over(self, job_id: str, report: BrowseReport) -> None:
        if job_id == self._job_id:
            # what was found may still be on its way: it comes by events, this by a reply
            self._show_reading(False)
            stopped = " · stopped" if report.ended_by is EndedBy.CANCELLED else ""
            self._say_progress(report.progress, stopped)
            self.bar.say(" ".join(report.remarks))
            self.show_what_there_is()
            if not report.progress.matched:
                self.empty.say("Nothing found", _why_nothing(report.progress, has_filter=self.is_filtered))

    def _on_failed(self, job_id: str, words: str) -> None:
        if job_id == self._job_id:
            self._show_reading(False)
            if self._told.scanned:
                # what was read before stays on screen, and so does how much it was
                self._say_progress(msgspec.structs.replace(self._told, is_paused=False), " · ended early")
            else:
                self.bar.show_progress("")
            self.bar.say(words)

    def _show_reading(self, is_reading: bool) -> None:
        self._is_reading = is_reading
        self.pause.setEnabled(is_reading)
        self._show_paused(False)
        self.bar.show_reading(is_reading)

    def on_filter_changed(self, text: str) -> None:
        """A filter works on what is read, so it is read anew when somebody asks for it."""
        self.parts.bridge.submit(CheckFilter(text), self._on_checked)
        self.bar.say("Read again to use this filter." if self._messages.rowCount() else "")

    def _on_checked(self, mistake: FilterMistake | None) -> None:
        self.line.say("" if mistake is None else mistake.message)


def _words(progress: BrowseProgress) -> str:
    parts = [f"read {formats.count(progress.scanned)}", f"{formats.count(progress.delivered)} shown"]
    if progress.left_out:
        parts.append(f"{formats.count(progress.left_out)} more match")
    if progress.unreadable:
        parts.append(f"{formats.count(progress.unreadable)} unreadable")
    if progress.ranges:
        whole = sum(r.end - r.oldest for r in progress.ranges)
        parts.append(f"of {formats.count(whole)} in the topic")
    return " · ".join(parts)


def _why_nothing(progress: BrowseProgress, *, has_filter: bool) -> str:
    if has_filter and progress.scanned:
        return f"{formats.count(progress.scanned)} messages were read, and none fits the filter."
    return "The topic holds no message there: it is empty, or everything was removed by its retention."
