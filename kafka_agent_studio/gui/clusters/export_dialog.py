"""Messages into a file: those that are marked, or everything that a scan finds."""

import re
import uuid
from collections.abc import Sequence

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from kafka_agent_studio.api.browse import Scan
from kafka_agent_studio.api.transfers import ExportMessages, Records, Scanned, Source, TransferReport
from kafka_agent_studio.gui.clusters.record_file import RecordFile
from kafka_agent_studio.gui.clusters.transfer_job import TransferJob
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.message import Record

_WIDTH = 600


class ExportDialog(QDialog):
    """Call export_records or export_scan to begin. Closing it stops what is under way; then no file is left."""

    def __init__(self, *, parts: WindowParts, parent: QWidget) -> None:
        super().__init__(parent)
        self._source: Source = Records(())
        self.setWindowTitle("Export")
        self.setMinimumWidth(_WIDTH)
        self.what = label("", font=parts.theme.heading, is_wrapped=True)
        self.file = RecordFile(parts=parts, is_saved=True)
        self.job = TransferJob(parts=parts)
        self.ask = AskBar(theme=parts.theme)
        self.write = button("Export", self._on_write, kind="primary")
        self.leave = button("Close", self.close)
        foot = QHBoxLayout()
        foot.setSpacing(GAP)
        foot.addStretch(1)
        foot.addWidget(self.leave)
        foot.addWidget(self.write)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        for widget in (self.what, self.file, self.job, self.ask):
            column.addWidget(widget)
        column.addLayout(foot)
        self.file.edited.connect(self._on_edited)
        self.job.ended.connect(self._on_ended)

    def export_records(self, records: Sequence[Record]) -> None:
        """Write messages that are in hand."""
        count = f"{len(records):,} messages" if len(records) != 1 else f"the message {records[0].place}"
        self._begin(Records(tuple(records)), f"Export {count}", topic=records[0].topic)

    def export_scan(self, scan: Scan) -> None:
        """Write everything that a scan finds."""
        what = f"that fit '{scan.filter}' " if scan.filter else ""
        words = f"Export the messages {what}of {scan.topic} on {scan.connection}"
        self._begin(Scanned(scan), words, topic=scan.topic)

    def _begin(self, source: Source, words: str, *, topic: str) -> None:
        self._source = source
        self.what.setText(words)
        self.file.propose(f"{re.sub(r'[^A-Za-z0-9._-]', '_', topic)}.jsonl")
        self.write.setFocus()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop what nobody could stop any more."""
        self.job.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Esc is a close."""
        self.job.cancel()
        super().reject()

    def _on_edited(self) -> None:
        self.ask.clear()
        mistake = ""
        try:
            folder = self.file.file.parent
            if not folder.is_dir():
                mistake = f"There is no folder {folder}."
        except ValueError as error:
            mistake = str(error)
        self.write.setEnabled(not mistake)
        self.job.say(mistake or "Every byte is kept. The file appears when it is complete.")

    def _on_write(self) -> None:
        file = self.file.file
        if file.exists():
            self.ask.ask(
                f"{file.name} is there already. Replace it?",
                (("Replace it", self._start), ("Cancel", self.write.setFocus)),
                tone=Tone.WAITING,
            )
        else:
            self._start()

    def _start(self) -> None:
        self._show_working(True)
        self.file.remember()
        self.job.start(
            ExportMessages(
                job_id=uuid.uuid4().hex, source=self._source, path=str(self.file.file), format=self.file.format
            )
        )

    def _on_ended(self, report: TransferReport | None) -> None:
        self._show_working(False)
        (self.write if report is None else self.leave).setFocus()

    def _show_working(self, is_working: bool) -> None:
        self.write.setEnabled(not is_working)
        self.file.setEnabled(not is_working)
