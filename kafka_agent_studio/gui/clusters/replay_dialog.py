"""Writing messages again: to the same or another topic, or dead letters back to where they came from.

A dry run counts first; nothing is written before it was seen.
"""

import uuid

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import CancelJob, Oldest, Scan
from kafka_agent_studio.api.events import TransferProgressed
from kafka_agent_studio.api.transfers import HeaderChoice, Records, Replay, Scanned, Source, TransferReport
from kafka_agent_studio.gui.clusters.target_row import TargetRow
from kafka_agent_studio.gui.clusters.transfer_words import progress_words, report_words
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone
from kafka_agent_studio.model.message import Record

_WIDTH = 600
_HEADERS = (
    (HeaderChoice.KEEP, "all of them"),
    (HeaderChoice.WITHOUT_STUDIO, "all but those this program adds (studio.*)"),
    (HeaderChoice.DROP, "none"),
)


class ReplayDialog(QDialog):
    """Call one of replay_records, replay_scan and redrive to begin; `cluster` is where the messages lie."""

    def __init__(self, *, parts: WindowParts, parent: QWidget, cluster: str) -> None:
        super().__init__(parent)
        self._parts = parts
        self._cluster = cluster
        self._source: Source = Records(())
        self._is_redrive = False
        self._job_id = ""
        self._is_dry = False
        self._counted: TransferReport | None = None
        self.setMinimumWidth(_WIDTH)
        self.what = label("", font=parts.theme.heading, is_wrapped=True)
        self.target = TargetRow(parts=parts, topic_name="To the topic")
        self.headers = QuietComboBox()
        for choice, words in _HEADERS:
            self.headers.addItem(words, choice)
        self.rate = QLineEdit()
        self.rate.setPlaceholderText("as fast as it goes")
        self.keep_partition = TickBox("Keep each message's partition", theme=parts.theme)
        self.keep_timestamp = TickBox("Keep each message's timestamp", theme=parts.theme)
        self.says = label("", is_wrapped=True)
        self.ask = AskBar(theme=parts.theme)
        self.dry = button("Dry run", lambda: self._start(dry_run=True))
        self.write = button("Replay", self._on_write, kind="primary")
        self.stop = button("Stop", self._on_stop, icon=parts.icons.icon("stop"))
        self.leave = button("Close", self.close)
        self._lay_out()
        parts.bridge.progressed.connect(self._on_progress)
        for signal in (
            self.target.edited,
            self.headers.currentIndexChanged,
            self.rate.textChanged,
            self.keep_partition.toggled,
            self.keep_timestamp.toggled,
        ):
            signal.connect(self._on_edited)
        self.stop.hide()

    def _lay_out(self) -> None:
        choices = QHBoxLayout()
        choices.setSpacing(GAP)
        for words, field, stretch in (("Headers", self.headers, 2), ("Messages per second", self.rate, 1)):
            name = label(words, tone=Tone.MUTED)
            name.setBuddy(field)
            field.setAccessibleName(words)
            part = QVBoxLayout()
            part.setSpacing(SPACE)
            part.addWidget(name)
            part.addWidget(field)
            choices.addLayout(part, stretch)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addWidget(self.stop)
        foot.addStretch(1)
        for made in (self.leave, self.dry, self.write):
            foot.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(self.what)
        column.addWidget(self.target)
        column.addLayout(choices)
        column.addWidget(self.keep_partition)
        column.addWidget(self.keep_timestamp)
        column.addWidget(self.says)
        column.addWidget(self.ask)
        column.addLayout(foot)

    # beginnings

    def replay_records(self, records: tuple[Record, ...]) -> None:
        """Write messages that are in hand."""
        count = f"{len(records):,} messages" if len(records) != 1 else f"the message {records[0].place}"
        self._begin(Records(records), f"Replay {count}", topic=records[0].topic)

    def replay_scan(self, scan: Scan) -> None:
        """Write everything that a scan finds."""
        what = f"that fit '{scan.filter}' " if scan.filter else ""
        self._begin(Scanned(scan), f"Replay the messages {what}of {scan.topic} on {self._cluster}", topic=scan.topic)

    def redrive(self, topic: str) -> None:
        """Write the dead letters of a topic back to where each came from."""
        self._is_redrive = True
        self.target.fix_topic("where each came from")
        scan = Scan(connection=self._cluster, topic=topic, start=Oldest())
        self.headers.setCurrentIndex([choice for choice, _ in _HEADERS].index(HeaderChoice.WITHOUT_STUDIO))
        self._begin(Scanned(scan), f"Send the dead letters of {topic} back to the topics they came from", topic="")

    def _begin(self, source: Source, words: str, *, topic: str) -> None:
        self._source = source
        self.what.setText(words)
        self.setWindowTitle("Redrive" if self._is_redrive else "Replay")
        self.target.choose(self._cluster, topic)
        self._on_edited()
        self.dry.setFocus()

    # doing

    def _command(self, *, dry_run: bool) -> Replay:
        """What would be asked for. Raises: ValueError with a sentence."""
        cluster, topic = self.target.chosen
        if not topic and not self._is_redrive:
            raise ValueError("Name the topic to write to.")
        return Replay(
            job_id=uuid.uuid4().hex,
            source=self._source,
            connection=cluster,
            topic=None if self._is_redrive else topic,
            headers=HeaderChoice(self.headers.currentData()),
            keep_partition=self.keep_partition.isChecked(),
            keep_timestamp=self.keep_timestamp.isChecked(),
            rate_per_s=_rate(self.rate.text()),
            dry_run=dry_run,
        )

    def _start(self, *, dry_run: bool) -> None:
        command = self._command(dry_run=dry_run)
        self._job_id, self._is_dry = command.job_id, dry_run
        self._say("Counting …" if dry_run else "Writing …", Tone.MUTED)
        self._show_working(True)
        self._parts.bridge.submit(
            command,
            lambda report: self._on_over(command.job_id, report),
            lambda words: self._on_refused(command.job_id, words),
        )

    def _on_write(self) -> None:
        assert self._counted is not None
        cluster, _topic = self.target.chosen
        production = f"{cluster} is marked as production. " if self.target.is_production else ""
        count = self._counted.progress.written
        where = ", ".join(f"{n:,} to {topic}" for topic, n in self._counted.topics.items())
        self.ask.ask(
            f"{production}Write {count:,} messages on {cluster}: {where}?",
            ((f"Write {count:,} to {cluster}", lambda: self._start(dry_run=False)), ("Cancel", self.write.setFocus)),
            tone=Tone.FAILED if production else Tone.WAITING,
        )

    def _on_stop(self) -> None:
        self._parts.bridge.submit(CancelJob(self._job_id))

    def _on_progress(self, event: object) -> None:
        if isinstance(event, TransferProgressed) and event.job_id == self._job_id:
            self._say(progress_words(event.progress, is_dry_run=self._is_dry), Tone.MUTED)

    def _on_over(self, job_id: str, report: TransferReport | None) -> None:
        if job_id != self._job_id or report is None:
            return
        self._job_id = ""
        self._counted = report if report.is_dry_run else None
        self._show_working(False)
        words, tone = report_words(report)
        self._say(words, tone)
        if self.write.isEnabled():
            self.write.setFocus()

    def _on_refused(self, job_id: str, words: str) -> None:
        if job_id == self._job_id:
            self._job_id = ""
            self._show_working(False)
            self._say(words, Tone.FAILED)

    # showing

    def _on_edited(self, *_what: object) -> None:
        """What was counted before a change says nothing any more."""
        self._counted = None
        self.ask.clear()
        mistake = ""
        try:
            self._command(dry_run=True)
        except ValueError as error:
            mistake = str(error)
        self._say(mistake or "A dry run counts what would be written, and writes nothing.", Tone.MUTED)
        self.dry.setEnabled(not mistake)
        self._show_working(False)

    def _show_working(self, is_working: bool) -> None:
        self.stop.setVisible(is_working)
        self.dry.setEnabled((not is_working and self.dry.isEnabled()) or (not is_working and self._is_sound()))
        may_act = self._parts.bridge.view.read_only is None
        self.write.setEnabled(
            not is_working and may_act and self._counted is not None and self._counted.progress.written > 0
        )
        cluster, topic = self.target.chosen
        words = f"Redrive on {cluster}" if self._is_redrive else f"Replay to {topic} on {cluster}"
        self.write.setText(words)
        self.write.setAccessibleName(words)
        for field in (self.target, self.headers, self.rate, self.keep_partition, self.keep_timestamp):
            field.setEnabled(not is_working)

    def _is_sound(self) -> bool:
        try:
            self._command(dry_run=True)
        except ValueError:
            return False
        return True

    def _say(self, words: str, tone: Tone) -> None:
        self.says.setText(words)
        set_tone(self.says, tone)


def _rate(text: str) -> float | None:
    """Return a typed rate; None for none. Raises: ValueError with a sentence."""
    if not text.strip():
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e9:
        raise ValueError(f"Messages per second is a number above 0, not '{text.strip()}'.")
    return rate
