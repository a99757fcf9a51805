"""Messages out of a file into a topic. A dry run counts first; nothing is written before it was seen."""

import uuid

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.transfers import ImportMessages, TransferReport
from kafka_agent_studio.gui.clusters.record_file import RecordFile
from kafka_agent_studio.gui.clusters.target_row import TargetRow
from kafka_agent_studio.gui.clusters.transfer_job import TransferJob
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_WIDTH = 600


class ImportDialog(QDialog):
    """Call import_into to begin. Closing it stops what is under way; what was written stays written."""

    def __init__(self, *, parts: WindowParts, parent: QWidget) -> None:
        super().__init__(parent)
        self._parts = parts
        self._counted: TransferReport | None = None
        self.setWindowTitle("Import")
        self.setMinimumWidth(_WIDTH)
        self.what = label("Import messages from a file", font=parts.theme.heading, is_wrapped=True)
        self.file = RecordFile(parts=parts, is_saved=False)
        self.target = TargetRow(parts=parts, topic_name="To the topic")
        self.keep_partition = TickBox("Keep each message's partition", theme=parts.theme)
        self.keep_timestamp = TickBox("Keep each message's timestamp", theme=parts.theme)
        self.job = TransferJob(parts=parts)
        self.ask = AskBar(theme=parts.theme)
        self.dry = button("Dry run", lambda: self._start(dry_run=True))
        self.write = button("Import", self._on_write, kind="primary")
        self.leave = button("Close", self.close)
        self._lay_out()
        for signal in (
            self.file.edited,
            self.target.edited,
            self.keep_partition.toggled,
            self.keep_timestamp.toggled,
        ):
            signal.connect(self._on_edited)
        self.job.ended.connect(self._on_ended)

    def _lay_out(self) -> None:
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addStretch(1)
        for made in (self.leave, self.dry, self.write):
            foot.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        for widget in (
            self.what,
            self.file,
            self.target,
            self.keep_partition,
            self.keep_timestamp,
            self.job,
            self.ask,
        ):
            column.addWidget(widget)
        column.addLayout(foot)

    def import_into(self, cluster: str, topic: str) -> None:
        """Begin with a target, which can be changed."""
        self.target.choose(cluster, topic)
        self._on_edited()
        self.file.path.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what nobody could stop any more."""
        self.job.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc is a close."""
        self.job.cancel()
        super().reject()

    def _command(self, *, dry_run: bool) -> ImportMessages:
        """What would be asked for. Raises: ValueError with a sentence."""
        cluster, topic = self.target.chosen
        file = self.file.file
        if not file.is_file():
            raise ValueError(f"There is no file {file}.")
        if not topic:
            raise ValueError("Name the topic to write to.")
        return ImportMessages(
            job_id=uuid.uuid4().hex,
            path=str(file),
            connection=cluster,
            topic=topic,
            format=self.file.format,
            keep_partition=self.keep_partition.isChecked(),
            keep_timestamp=self.keep_timestamp.isChecked(),
            dry_run=dry_run,
        )

    def _on_edited(self, *_what: object) -> None:
        """What was counted before a change says nothing any more."""
        self._counted = None
        self.ask.clear()
        mistake = self._mistake()
        self.job.say(mistake or "A dry run reads the whole file, counts what would be written, and writes nothing.")
        self._show_working(False)

    def _start(self, *, dry_run: bool) -> None:
        command = self._command(dry_run=dry_run)
        self.file.remember()
        self._show_working(True)
        self.job.start(command)

    def _on_write(self) -> None:
        assert self._counted is not None
        cluster, topic = self.target.chosen
        production = f"{cluster} is marked as production. " if self.target.is_production else ""
        count = self._counted.progress.written
        self.ask.ask(
            f"{production}Write {count:,} messages to {topic} on {cluster}?",
            ((f"Write {count:,} to {cluster}", lambda: self._start(dry_run=False)), ("Cancel", self.write.setFocus)),
            tone=Tone.FAILED if production else Tone.WAITING,
        )

    def _on_ended(self, report: TransferReport | None) -> None:
        self._counted = report if report is not None and report.is_dry_run else None
        self._show_working(False)
        if self.write.isEnabled():
            self.write.setFocus()

    def _show_working(self, is_working: bool) -> None:
        may_act = self._parts.bridge.view.read_only is None
        self.dry.setEnabled(not is_working and not self._mistake())
        self.write.setEnabled(
            not is_working and may_act and self._counted is not None and self._counted.progress.written > 0
        )
        cluster, topic = self.target.chosen
        self.write.setText(f"Import to {topic} on {cluster}" if topic else "Import")
        self.write.setAccessibleName(self.write.text())
        for field in (self.file, self.target, self.keep_partition, self.keep_timestamp):
            field.setEnabled(not is_working)

    def _mistake(self) -> str:
        try:
            self._command(dry_run=True)
        except ValueError as error:
            return str(error)
        return ""
