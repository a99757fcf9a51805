"""Setting a stopped group's offsets: choose where, see what it does partition by partition, then do it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kafka_agent_studio.api.cluster_commands import (
    GroupDescription,
    OffsetReset,
    OffsetResetReport,
    PreviewOffsetReset,
    ResetOffsets,
    ResetTo,
)
from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.browse.scan_bar import ScanMistakeError, epoch_ms
from kafka_agent_studio.gui.clusters.cluster_choice import is_production
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.choice_fields import QuietComboBox
from kafka_agent_studio.gui.models.cluster_tables import reset_table
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.labels import button, label, set_tone

_WHERE = (
    (ResetTo.EARLIEST, "the oldest that is left", ""),
    (ResetTo.LATEST, "what comes next", ""),
    (ResetTo.OFFSET, "an offset", "offset"),
    (ResetTo.TIME, "a time", "2026-11-23 14:03:07 or epoch ms"),
)
_AT_WORK = (ConnectorState.RUNNING, ConnectorState.CONNECTING, ConnectorState.RETRYING, ConnectorState.WAITING)


class ResetPanel(QWidget):
    """Nothing is changed before the preview was seen. `done` comes after the offsets were set.

    A connector that reads in the group was stopped for it: the way to start it stands where the result is said.
    """

    done = Signal()

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._cluster = ""
        self._group: GroupDescription | None = None
        self._report: OffsetResetReport | None = None
        self._done_words = ""
        self._has_started = False
        self.topic = QuietComboBox()
        self.where = QuietComboBox()
        for value, words, _hint in _WHERE:
            self.where.addItem(words, value)
        self.value = QLineEdit()
        self.value.setAccessibleName("Offset or time")
        self.preview = button("Preview", self._on_preview)
        self.apply = button("Set offsets", self._on_apply, kind="primary")
        self.stop = button("", self._on_stop)
        self.start = button("", self._on_start)
        self.says = label("", is_wrapped=True)
        self.ask = AskBar(theme=parts.theme)
        self._rows = reset_table(parts.theme)
        self.table = DataTable[OffsetReset](
            name="group/reset",
            accessible_name="What it does",
            model=self._rows,
            theme=parts.theme,
            preferences=parts.preferences,
            stretched="repeated",
        )
        self._lay_out()
        self.where.currentIndexChanged.connect(self._on_where)
        self.topic.currentTextChanged.connect(lambda _text: self._on_edited())
        self.value.textEdited.connect(lambda _text: self._on_edited())
        self.value.returnPressed.connect(self._on_preview)
        self._on_where()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        column.setSpacing(GAP)
        for words, field in (("Topic", self.topic), ("Go on at", self.where)):
            name = label(words, tone=Tone.MUTED)
            name.setBuddy(field)
            column.addWidget(name)
            column.addWidget(field)
        column.addWidget(self.value)
        row = QHBoxLayout()
        row.setSpacing(SPACE)
        for made in (self.preview, self.apply, self.stop, self.start):
            row.addWidget(made)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.says)
        column.addWidget(self.ask)
        column.addWidget(self.table, 1)

    def show_group(self, cluster: str, group: GroupDescription) -> None:
        """Offer the topics that the group reads."""
        if self._group is None or (cluster, group.name) != (self._cluster, self._group.name):
            self._done_words = ""
        self._cluster, self._group = cluster, group
        topics = list(dict.fromkeys(p.topic for p in group.partitions))
        self.topic.blockSignals(True)
        if [self.topic.itemText(n) for n in range(self.topic.count())] != topics:
            self.topic.clear()
            self.topic.addItems(topics)
        self.topic.blockSignals(False)
        self._forget()

    # within

    @property
    def _to(self) -> ResetTo:
        return ResetTo(self.where.currentData())

    def _on_where(self) -> None:
        hint = next(hint for value, _words, hint in _WHERE if value is self._to)
        self.value.setVisible(bool(hint))
        self.value.setPlaceholderText(hint)
        self._on_edited()

    def _on_edited(self) -> None:
        self._done_words = ""
        self._forget()

    def _forget(self) -> None:
        """A preview of something else is no preview."""
        self._report = None
        self._rows.reset(())
        self.ask.clear()
        group = self._group
        has_topic = bool(self.topic.currentText())
        self.preview.setEnabled(has_topic)
        self.apply.setEnabled(False)
        self.stop.hide()
        self.start.hide()
        if group is None or not has_topic:
            self._say("This group has read no topic yet, so there is nothing to set.")
        elif group.is_stopped:
            stopped = "The group is stopped. Preview what would be skipped or read again."
            self._say(self._done_words or stopped, Tone.OK if self._done_words else Tone.MUTED)
            self._offer_to_start(group)
        else:
            self._offer_to_stop(group)

    def _offer_to_stop(self, group: GroupDescription) -> None:
        running = group.connectors
        count = len(group.members)
        members = "1 member reads" if count == 1 else f"{count} members read"
        remedy = "" if running else " Stop whoever reads in it first."
        self._say(f"{members} in this group: its offsets can be set only while it is stopped.{remedy}")
        self.stop.setVisible(bool(running))
        self.stop.setText(f"Stop {', '.join(running)}")
        self.stop.setAccessibleName(self.stop.text())

    def _offer_to_start(self, group: GroupDescription) -> None:
        waiting = self._startable(group) if self._done_words and not self._has_started else []
        self.start.setVisible(bool(waiting))
        self.start.setText(f"Start {', '.join(waiting)}")
        self.start.setAccessibleName(self.start.text())

    def _startable(self, group: GroupDescription) -> list[str]:
        view = self._parts.bridge.view
        if view.read_only is not None:
            return []
        known = {name: view.connector(name) for name in group.connectors}
        enabled = [name for name, connector in known.items() if connector is not None and connector.enabled]
        return [name for name in enabled if view.state(name) not in _AT_WORK]

    def _say(self, words: str, tone: Tone = Tone.MUTED) -> None:
        self.says.setText(words)
        set_tone(self.says, tone)

    def _value(self) -> int | None:
        """What was typed. Raises: ScanMistakeError."""
        text = self.value.text().strip()
        if self._to is ResetTo.TIME:
            return epoch_ms(text)
        if self._to is ResetTo.OFFSET:
            if not text.isdecimal():
                raise ScanMistakeError(f"An offset is a number, not '{text}'.")
            return int(text)
        return None

    def _on_preview(self) -> None:
        assert self._group is not None
        try:
            value = self._value()
        except ScanMistakeError as mistake:
            self._say(str(mistake), Tone.FAILED)
            return
        asked = PreviewOffsetReset(self._cluster, self._group.name, self.topic.currentText(), self._to, value)
        self._parts.bridge.submit(asked, self._on_previewed, lambda words: self._say(words, Tone.FAILED))

    def _on_previewed(self, report: OffsetResetReport | None) -> None:
        if report is None or self._group is None or report.group != self._group.name:
            return
        self._report = report
        self._rows.reset(report.partitions)
        may_act = self._parts.bridge.view.read_only is None
        self.apply.setEnabled(report.refused is None and may_act)
        words = f"{self._cluster}: {_effect(report)}"
        self._say(words if report.refused is None else f"{words} {report.refused}", _tone(report))

    def _on_apply(self) -> None:
        report = self._report
        assert report is not None
        marked = is_production(self._parts.bridge.view, self._cluster)
        production = f"{self._cluster} is marked as production. " if marked else ""
        self.ask.ask(
            f"{production}Set the offsets of {report.group} in {report.topic} on {self._cluster}? {_effect(report)}",
            ((f"Set {len(report.partitions)} offsets", self._apply), ("Cancel", self.apply.setFocus)),
            tone=Tone.FAILED if marked else Tone.WAITING,
        )

    def _apply(self) -> None:
        report = self._report
        assert report is not None
        asked = ResetOffsets(self._cluster, report.group, report.topic, self._to, self._value())
        self._parts.bridge.submit(asked, self._on_applied, lambda words: self._say(words, Tone.FAILED))

    def _on_applied(self, report: OffsetResetReport | None) -> None:
        if report is not None:
            self._done_words = f"Done. {_effect(report)}"
            self._has_started = False
        self.done.emit()

    def _on_stop(self) -> None:
        assert self._group is not None
        for name in self._group.connectors:
            self._parts.bridge.submit(StopConnector(name), lambda _none: self.done.emit())

    def _on_start(self) -> None:
        assert self._group is not None
        self._has_started = True
        for name in self._startable(self._group):
            self._parts.bridge.submit(
                StartConnector(name), lambda _none: self.done.emit(), lambda words: self._say(words, Tone.FAILED)
            )


def _effect(report: OffsetResetReport) -> str:
    parts = []
    if report.skipped:
        parts.append(f"{formats.count(report.skipped)} messages are skipped")
    if report.repeated:
        parts.append(f"{formats.count(report.repeated)} are read again")
    return (" and ".join(parts) or "Nothing is skipped or read again") + "."


def _tone(report: OffsetResetReport) -> Tone:
    if report.refused is not None:
        return Tone.FAILED
    return Tone.WAITING if report.skipped or report.repeated else Tone.MUTED
