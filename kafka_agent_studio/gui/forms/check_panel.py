"""The connection check as it goes: one line a stage with its time, and what to do about the one that failed."""

import uuid
from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout

from kafka_agent_studio.api.browse import CancelJob
from kafka_agent_studio.api.checks import CheckReport, CheckStage, StageName, StageState
from kafka_agent_studio.api.cluster_commands import TestConnection
from kafka_agent_studio.api.events import CheckStageFinished
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.mistakes import sentence
from kafka_agent_studio.gui.forms.remedy_fields import in_this_form
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Theme, Tone
from kafka_agent_studio.gui.widgets.labels import button, icon_button, label, set_tone

_TITLES = {
    StageName.RESOLVE: "Resolve",
    StageName.TCP: "Connect",
    StageName.TLS: "TLS",
    StageName.SASL: "Login",
    StageName.METADATA: "Metadata",
    StageName.LISTENERS: "Listeners",
    StageName.TOPIC: "Topic",
    StageName.PERMISSION: "Permission",
}
_MARKS = {StageState.OK: "✓", StageState.FAILED: "✗", StageState.SKIPPED: "–"}
_TONES = {StageState.OK: Tone.OK, StageState.FAILED: Tone.FAILED, StageState.SKIPPED: Tone.MUTED}
_WORDS = {StageState.OK: "ok", StageState.FAILED: "failed", StageState.SKIPPED: "skipped"}
_PROGRESS_HEIGHT = 3


class CheckPanel(QFrame):
    """Hidden until the first check. A stage that failed stands in full, with its remedy."""

    finished = Signal()

    def __init__(self, *, bridge: EngineBridge, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._bridge = bridge
        self._theme = theme
        self.titles_for: Callable[[str], list[str]] = lambda _remedy: []
        """Whose form it is says which of its fields a remedy means."""
        self._job_id = ""
        self._stages: dict[StageName, CheckStage] = {}
        self._title = label("Connection check", font=theme.heading)
        self._summary = label("", tone=Tone.MUTED)
        self.cancel = button("Cancel", self.cancel_check)
        self.fold = icon_button("Close the connection check", icons.icon("x"), self.close_check)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(_PROGRESS_HEIGHT)
        self._progress.setRange(0, len(StageName))
        self._progress.setAccessibleName("Progress of the connection check")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(SPACE // 2)
        self._grid.setColumnStretch(2, 1)
        self._rows = {name: self._new_row(number, name) for number, name in enumerate(StageName)}
        self._rest = label("", tone=Tone.MUTED, is_wrapped=True)
        self._rest.hide()
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self._title)
        head.addWidget(self._summary)
        head.addStretch(1)
        head.addWidget(self.cancel)
        head.addWidget(self.fold)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        column.setSpacing(SPACE)
        column.addLayout(head)
        column.addWidget(self._progress)
        column.addLayout(self._grid)
        column.addWidget(self._rest)
        bridge.progressed.connect(self._on_progressed)
        self.hide()

    @property
    def is_running(self) -> bool:
        """Whether a check goes on."""
        return bool(self._job_id)

    @property
    def text(self) -> str:
        """All that is shown, a line a stage."""
        lines = [self._summary.text()]
        lines += [f"{mark.text()} {name.text()}: {text.text()}" for mark, name, text in self._shown_rows()]
        lines += [self._rest.text()] if self._rest.text() else []
        return "\n".join(lines)

    def begin(self, command: Callable[[str], TestConnection]) -> None:
        """Begin a check; `command` is given the job's id. One that goes on is cancelled."""
        self.cancel_check()
        self._job_id = uuid.uuid4().hex
        self._stages = {}
        self._draw()
        self._say("running…", Tone.ACCENT)
        self.cancel.show()
        self._progress.setValue(0)
        self._progress.show()
        self.show()
        job_id = self._job_id
        self._bridge.submit(
            command(job_id),
            lambda report: self._on_report(job_id, report),
            lambda refusal: self._on_refused(job_id, refusal),
        )

    def cancel_check(self) -> None:
        """End the check that goes on, if any; what it found so far stays."""
        if self._job_id:
            job_id, self._job_id = self._job_id, ""
            self._bridge.submit(CancelJob(job_id), on_error=lambda _words: None)
            self._end("cancelled", Tone.MUTED)

    def close_check(self) -> None:
        """End and hide it."""
        self.cancel_check()
        self.hide()

    def _on_progressed(self, event: object) -> None:
        if isinstance(event, CheckStageFinished) and event.job_id == self._job_id:
            self._stages[event.stage.name] = event.stage
            self._progress.setValue(len(self._stages))
            self._draw()

    def _on_report(self, job_id: str, report: CheckReport) -> None:
        if job_id != self._job_id:
            return
        self._job_id = ""
        self._stages = {stage.name: stage for stage in report.stages}
        self._draw()
        failed = next((stage for stage in report.stages if stage.state is StageState.FAILED), None)
        took_ms = sum(stage.duration_ms for stage in report.stages)
        if failed is None:
            self._end(f"everything is in order ({took_ms:,} ms)", Tone.OK)
        else:
            self._end(f"failed at “{_TITLES[failed.name]}” ({took_ms:,} ms)", Tone.FAILED)

    def _on_refused(self, job_id: str, refusal: str) -> None:
        if job_id == self._job_id:
            self._job_id = ""
            self._end(f"could not begin: {sentence(refusal)}", Tone.FAILED)

    def _end(self, words: str, tone: Tone) -> None:
        self._say(words, tone)
        self.cancel.hide()
        self._progress.hide()
        self.finished.emit()

    def _say(self, words: str, tone: Tone) -> None:
        self._summary.setText(words)
        self._summary.setWordWrap(len(words) > 60)
        set_tone(self._summary, tone)
        self.setAccessibleName(f"Connection check: {words}")
        self.setAccessibleDescription(self.text)

    def _shown_rows(self) -> list[tuple[QLabel, QLabel, QLabel]]:
        return [row for row in self._rows.values() if row[2].text() and not row[2].isHidden()]

    def _unreached(self) -> list[StageName]:
        """The stages behind a failure: they have nothing to say of their own."""
        names = list(StageName)
        failed = next((n for n in names if n in self._stages and self._stages[n].state is StageState.FAILED), None)
        behind = [] if failed is None else names[names.index(failed) + 1 :]
        return [n for n in behind if n in self._stages and self._stages[n].state is StageState.SKIPPED]

    def _new_row(self, number: int, name: StageName) -> tuple[QLabel, QLabel, QLabel]:
        top = Qt.AlignmentFlag.AlignTop
        mark, title = label(""), label(_TITLES[name], tone=Tone.MUTED)
        text = label("", is_wrapped=True)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for column, widget in enumerate((mark, title, text)):
            self._grid.addWidget(widget, number, column, top)
        return mark, title, text

    def _draw(self) -> None:
        waiting = next((name for name in StageName if name not in self._stages), None) if self._job_id else None
        unreached = self._unreached()
        self._rest.setText(f"Not reached: {', '.join(_TITLES[name] for name in unreached)}." if unreached else "")
        self._rest.setVisible(bool(unreached))
        for name, (mark, title, text) in self._rows.items():
            stage = self._stages.get(name)
            is_shown = (stage is not None or name is waiting) and name not in unreached
            for widget in (mark, title, text):
                widget.setVisible(is_shown)
            mark.setText("◌" if stage is None else _MARKS[stage.state])
            set_tone(mark, Tone.ACCENT if stage is None else _TONES[stage.state])
            words = "" if stage is None else self._words(stage)
            text.setText(words)
            set_tone(text, Tone.MUTED if stage is None or stage.state is StageState.SKIPPED else None)
            text.setAccessibleName(
                f"{title.text()}: {'running' if stage is None else f'{_WORDS[stage.state]}: {words}'}"
            )

    def _words(self, stage: CheckStage) -> str:
        """A stage in one line; a remedy in words of the file is followed by the fields that it means."""
        said = f"{stage.reason} {stage.remedy}"
        titles = self.titles_for(said) if stage.state is StageState.FAILED else []
        return stage_words(stage, where=in_this_form(titles))


def stage_words(stage: CheckStage, *, where: str = "") -> str:
    """Return a stage in one line: what was found, the remedy of a failure, `where` to do that, and how long it took."""
    took = "" if stage.state is StageState.SKIPPED else f" ({stage.duration_ms:,} ms)"
    if stage.state is StageState.FAILED:
        return " ".join(sentence(part) for part in (stage.reason, stage.remedy, where) if part) + took
    return f"{stage.reason or _WORDS[stage.state]}{took}"
