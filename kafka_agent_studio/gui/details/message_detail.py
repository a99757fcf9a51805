"""One message: where it came from, its value in every form, its headers, and the runs it started."""

import time
from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QHBoxLayout, QTabWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import AUTO_DECODERS, DecodedRecord, DecodeRecords, GetMessage
from kafka_agent_studio.api.commands import GetRun, ListRuns
from kafka_agent_studio.api.filter_terms import filter_field, filter_term
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.clusters.message_actions import edit_message, replay_messages
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.messages.copy_button import copy_button, copy_choices
from kafka_agent_studio.gui.messages.decoder_bar import DecoderBar
from kafka_agent_studio.gui.messages.origin import Origin
from kafka_agent_studio.gui.messages.text_part import TextPart
from kafka_agent_studio.gui.messages.zone import ZoneChoice, told
from kafka_agent_studio.gui.models.live_table import CAP
from kafka_agent_studio.gui.models.run_table import RunTableModel
from kafka_agent_studio.gui.navigation import MessageSpot, narrowed_address, run_address, split_message
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import MARGIN, READING_WIDTH, SPACE, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.json_view import JsonView, Step
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run, RunDetail

FindRecord = Callable[[MessageSpot], Record | None]
"""Returns a record that the window still has; None where it has not."""


class MessageDetail(Detail):
    """Looks among what the window has, then in the topic itself, then asks the run store for the message of a run."""

    def __init__(
        self,
        *,
        parts: WindowParts,
        find_record: FindRecord,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    ) -> None:
        super().__init__(parts=parts)
        self._find_record = find_record
        self._now_us = now_us
        self._asked = ""
        self._spot: MessageSpot | None = None
        self.record: Record | None = None
        theme = parts.theme
        self.facts = KeyValue(theme=theme, columns=1)
        self.origin = Origin(parts=parts)
        self.error = ErrorPanel(theme=theme)
        self.zone = ZoneChoice(theme=theme, preferences=parts.preferences)
        self.decoders = DecoderBar(theme=theme, preferences=parts.preferences)
        self.about_decoding = label("", font=theme.small, tone=Tone.WAITING, is_wrapped=True)
        self.value = JsonView(theme=theme, accessible_name="Value", offers_terms=True)
        self.raw = TextPart(theme=theme, name="Value, as it lies in the topic", is_hex=False)
        self.hex = TextPart(theme=theme, name="Value, in hexadecimal", is_hex=True)
        self.headers = KeyValue(theme=theme)
        self._runs = RunTableModel(theme=theme)
        self.runs = DataTable[Run](
            name="message/runs",
            accessible_name="Runs it started",
            model=self._runs,
            theme=theme,
            preferences=parts.preferences,
            stretched="outcome",
        )
        for number, known in enumerate(self._runs.columns):
            self.runs.setColumnHidden(number, known.key not in ("status", "agent", "duration", "outcome", "result"))
        self.copy = copy_button(parts.icons, self._copy_choices)
        self.edit = button("Edit…", self._on_edit, tip="Write it again, changed")
        self.replay = button("Replay…", self._on_replay, tip="Write it again as it is, here or elsewhere")
        self._lay_out()
        self.runs.row_opened.connect(lambda run: parts.navigator.go(run_address(run.run_id)))
        self.value.term_asked.connect(self._on_term)
        self.zone.changed.connect(self._show_facts)
        self.decoders.changed.connect(lambda _decoders: self._decode())
        parts.bridge.runs_changed.connect(self._on_runs_changed)
        parts.bridge.rebuilt.connect(self._on_rebuilt)

    def _lay_out(self) -> None:
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setAccessibleName("Parts of the message")
        for widget, title in (
            (self.value, "Value"),
            (self.raw, "Raw"),
            (self.hex, "Hex"),
            (_padded(self.headers), "Headers"),
            (self.runs, "Runs"),
        ):
            self.tabs.addTab(widget, title)
        actions = QHBoxLayout()
        actions.setSpacing(SPACE)
        for made in (self.copy, self.edit, self.replay):
            actions.addWidget(made)
        actions.addStretch(1)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, MARGIN // 2, MARGIN, 0)
        top.setSpacing(SPACE * 2)
        top.addLayout(actions)
        for widget in (self.facts, self.origin, self.error, self.zone, self.decoders, self.about_decoding):
            top.addWidget(widget)
        for widget in (self.zone, self.decoders):
            widget.setMaximumWidth(READING_WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(MARGIN // 2)
        column.addLayout(top)
        column.addWidget(self.tabs, 1)

    def take_focus(self) -> None:
        """Put the focus on the value."""
        self.value.take_focus()

    def show_place(self, rest: str) -> str:
        """Show the message at `cluster/topic/partition/offset`; without a cluster, where a connector has the topic."""
        spot = split_message(rest)
        title = f"Message {rest if spot is None else spot.place}"
        if rest == self._asked and self.error.isHidden():
            return title
        self._asked, self._spot = rest, spot
        self._runs.reset([])
        self._say_runs()
        record = None if spot is None else self._find_record(spot._replace(cluster=self._cluster() or ""))
        if record is not None:
            self._show_record(record)
        else:
            self._show_missing()
        self._ask()
        return title

    # where it may be

    def _ask(self) -> None:
        asked, spot, cluster = self._asked, self._spot, self._cluster()
        if spot is None:
            return
        if self.record is None and cluster is not None:
            self.parts.bridge.submit(
                GetMessage(cluster, spot.topic, spot.partition, spot.offset),
                lambda record: self._on_found(asked, record),
                lambda _words: None,  # the run store is asked, too; and that nobody has it is said already
            )
        self.parts.bridge.submit(ListRuns(RunQuery(place=spot.place)), lambda page: self._on_runs(asked, page))

    def _on_rebuilt(self) -> None:
        # a place that is shown before the workspace is known can say neither its cluster nor whose runs these are
        self._show_facts()
        self._ask()

    def _cluster(self) -> str | None:
        """The cluster of the message shown: the address names it, else who reads or writes its topic; None: nobody."""
        if self._spot is None:
            return None
        return self._spot.cluster or next(iter(self.parts.bridge.view.clusters_with(self._spot.topic)), None)

    def _is_mine(self, run: Run) -> bool:
        # the same place on another cluster is another message
        view, spot = self.parts.bridge.view, self._spot
        return spot is not None and run.place == spot.place and view.cluster_of(run.connector) == self._cluster()

    def _on_found(self, asked: str, record: Record | None) -> None:
        if asked == self._asked and record is not None and self.record is None:
            self._show_record(record)

    def _on_runs(self, asked: str, page: RunPage | None) -> None:
        if asked != self._asked or page is None:
            return
        runs = [run for run in page.runs if self._is_mine(run)]
        self._runs.reset(reversed(runs))
        self._say_runs()
        if self.record is None and runs:
            self.parts.bridge.submit(GetRun(runs[0].run_id), lambda detail: self._on_stored(asked, detail))

    def _on_stored(self, asked: str, detail: RunDetail | None) -> None:
        if detail is not None:
            self._on_found(asked, detail.record)

    # showing it

    def _show_record(self, record: Record) -> None:
        self.record = record
        self.error.show_trouble(None)
        self.decoders.show_topic(record.topic)
        self._show_facts()
        self.origin.show_record(record)
        self._show_bytes(record.value)
        self.tabs.setTabText(3, f"Headers {len(record.headers)}" if record.headers else "Headers")
        shown = [(name, formats.key_text(value) if value is not None else "null") for name, value in record.headers]
        self.headers.show_pairs(shown or [("No headers", "")])
        self._decode()

    def _show_bytes(self, value: bytes | None) -> None:
        self.value.show_bytes(value)
        self.raw.show_bytes(value)
        self.hex.show_bytes(value)
        may_act = self.record is not None and self.parts.bridge.view.read_only is None
        self.copy.setEnabled(self.record is not None)
        self.edit.setEnabled(may_act)
        self.replay.setEnabled(may_act)

    def _show_facts(self, key: str | None = None) -> None:
        record = self.record
        if record is None:
            self.facts.show_pairs([("Message", self._asked if self._spot is None else self._spot.place), self._where()])
            return
        self.facts.show_pairs(
            [
                ("Key", formats.key_text(record.key) if key is None else key),
                ("Place", f"{record.topic}, partition {record.partition}, offset {record.offset}"),
                self._where(),
                ("Time", told(record.timestamp_ms, self.zone.zone, self._now_us())),
                ("Size", formats.size(None if record.value is None else len(record.value))),
            ]
        )

    def _where(self) -> tuple[str, str]:
        """Where it lies; that another cluster has such a topic, too, is said where the address leaves it open."""
        cluster, spot = self._cluster(), self._spot
        others = [
            other
            for other in ([] if spot is None or spot.cluster else self.parts.bridge.view.clusters_with(spot.topic))
            if other != cluster
        ]
        too = f"; {' and '.join(others)} {'has' if len(others) == 1 else 'have'} a topic of this name, too"
        return "Cluster", (cluster or "not known") + (too if others else "")

    def _show_missing(self) -> None:
        self.record = None
        self._show_facts()
        self.origin.show_record(None)
        self._show_bytes(b"")
        self.headers.show_pairs([])
        self.about_decoding.hide()
        self.error.show_trouble(
            Trouble(
                "This message is no longer kept here.",
                f"The window keeps the newest {CAP:,} messages, the run store those of its runs, the topic what its "
                "retention leaves.",
            )
        )

    # decoding

    def _decode(self) -> None:
        record, decoders = self.record, self.decoders.decoders
        self.about_decoding.hide()
        if record is None:
            return
        if decoders == AUTO_DECODERS:
            self.value.show_bytes(record.value)
            self._show_facts()
            return
        self.parts.bridge.submit(
            DecodeRecords((record,), decoders),
            lambda found: self._on_decoded(record, found),
            lambda words: self._say_decoding(words, Tone.FAILED),
        )

    def _on_decoded(self, record: Record, found: tuple[DecodedRecord, ...] | None) -> None:
        if record is not self.record or not found:
            return
        key, value = found[0].key, found[0].value
        problems = [f"{name}: {one.problem}" for name, one in (("Key", key), ("Value", value)) if one.problem]
        details = [one.detail for one in (key, value) if one.detail]
        self._show_facts(None if key.problem or key.text is None else key.text)
        if value.problem is None and value.text is not None:
            self.value.show_bytes(value.text.encode())
        else:
            self.value.show_bytes(record.value)
        self._say_decoding(" ".join([*problems, *details]), Tone.FAILED if problems else Tone.MUTED)

    def _say_decoding(self, words: str, tone: Tone) -> None:
        self.about_decoding.setText(words)
        self.about_decoding.setVisible(bool(words))
        set_tone(self.about_decoding, tone)

    # what can be done with it

    def _copy_choices(self) -> tuple[tuple[str, Callable[[], str]], ...]:
        record = self.record
        return () if record is None else copy_choices(record, self.parts.bridge.view, self._cluster() or "")

    def _on_edit(self) -> None:
        if self.record is not None:
            edit_message(self.parts, self.window(), self._cluster() or "", self.record)

    def _on_replay(self) -> None:
        if self.record is not None:
            replay_messages(self.parts, self.window(), self._cluster() or "", (self.record,))

    def _on_term(self, steps: Sequence[Step], value: object, is_excluded: bool) -> None:
        if value is None or isinstance(value, str | int | float | bool):
            term = filter_term(filter_field("value", steps), value, exclude=is_excluded)
            self.parts.navigator.go(narrowed_address(self.parts.navigator.current, term))

    # its runs

    def _on_runs_changed(self, runs: list[Run]) -> None:
        mine = [run for run in runs if self._is_mine(run)]
        if mine:
            self._runs.upsert(mine)
            self._say_runs()

    def _say_runs(self) -> None:
        count = self._runs.rowCount()
        self.tabs.setTabText(4, f"Runs {count}" if count else "Runs")


def _padded(widget: QWidget) -> QWidget:
    outer = QWidget()
    column = QVBoxLayout(outer)
    column.setContentsMargins(MARGIN, MARGIN // 2, MARGIN, MARGIN)
    column.addWidget(widget)
    column.addStretch(1)
    return outer
