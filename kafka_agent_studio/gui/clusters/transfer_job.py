"""A transfer under way: how far it is, a button that stops it, and how it ended."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kafka_agent_studio.api.browse import CancelJob
from kafka_agent_studio.api.events import TransferProgressed
from kafka_agent_studio.api.transfers import ExportMessages, ImportMessages, TransferReport
from kafka_agent_studio.gui.clusters.transfer_words import progress_words, report_words
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, Tone
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone


class TransferJob(QWidget):
    """One at a time. `ended` carries the report, or None where it was refused; `is_working` is true between."""

    ended = Signal(object)

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._job_id = ""
        self._is_dry_run = False
        self.says = label("", is_wrapped=True)
        self.stop = button("Stop", self._on_stop, icon=parts.icons.icon("stop"))
        self.stop.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.says, 1)
        row.addWidget(self.stop)
        parts.bridge.progressed.connect(self._on_progress)

    @property
    def is_working(self) -> bool:
        """Whether a transfer is under way."""
        return bool(self._job_id)

    def say(self, words: str, tone: Tone = Tone.MUTED) -> None:
        """Say something before or after a transfer."""
        self.says.setText(words)
        set_tone(self.says, tone)

    def start(self, command: ExportMessages | ImportMessages) -> None:
        """Begin a transfer."""
        job_id = self._job_id = command.job_id
        self._is_dry_run = isinstance(command, ImportMessages) and command.dry_run
        self.say("Counting …" if self._is_dry_run else "Writing …")
        self.stop.show()
        self._parts.bridge.submit(
            command,
            lambda report: self._on_over(job_id, report),
            lambda words: self._on_refused(job_id, words),
        )

    def cancel(self) -> None:
        """Stop what is under way, if anything is."""
        if self.is_working:
            self._parts.bridge.submit(CancelJob(self._job_id))

    def _on_stop(self) -> None:
        self.say("Stopping …")
        self.cancel()

    def _on_progress(self, event: object) -> None:
        if isinstance(event, TransferProgressed) and event.job_id == self._job_id:
            self.say(progress_words(event.progress, is_dry_run=self._is_dry_run))

    def _on_over(self, job_id: str, report: TransferReport | None) -> None:
        if job_id == self._job_id and report is not None:
            self._end(report, *report_words(report))

    def _on_refused(self, job_id: str, words: str) -> None:
        if job_id == self._job_id:
            self._end(None, words, Tone.FAILED)

    def _end(self, report: TransferReport | None, words: str, tone: Tone) -> None:
        self._job_id = ""
        self.stop.hide()
        self.say(words, tone)
        self.ended.emit(report)
