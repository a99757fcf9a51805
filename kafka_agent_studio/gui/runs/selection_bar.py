"""What can be done with the runs that are selected: compare two, run many again after an ask, cancel many."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import CancelRun, Command, RerunRun
from kafka_agent_studio.gui.forms.ask_bar import Answer, AskBar
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.addresses import compare_address
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.run import Run, RunStatus


class SelectionBar(QWidget):
    """Hidden until more than one run is selected. While it works it says how far it is, with a stop button."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._runs: tuple[Run, ...] = ()
        self._stop: Callable[[], object] | None = None
        self._refusals: list[str] = []
        icons = parts.icons
        self.said = label("")
        self.compare = button("Compare", self._on_compare, icon=icons.icon("columns"))
        self.again = button("Run again…", self._on_again, icon=icons.icon("arrow-clockwise"))
        self.failed = button("Run the failed again…", self._on_failed, icon=icons.icon("arrow-clockwise"))
        self.cancel = button("Cancel…", self._on_cancel, icon=icons.icon("stop"))
        self.stop = button("Stop", self._on_stop, icon=icons.icon("stop"))
        self.ask = AskBar(theme=parts.theme)
        row = QHBoxLayout()
        row.setContentsMargins(MARGIN, SPACE, MARGIN - GAP // 2, SPACE)
        row.setSpacing(GAP)
        row.addWidget(self.said)
        row.addStretch(1)
        for made in self._buttons:
            row.addWidget(made)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.ask)
        column.addLayout(row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.stop.hide()
        self.hide()

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.compare, self.failed, self.again, self.cancel, self.stop

    @property
    def is_working(self) -> bool:
        """Whether runs are being started or cancelled."""
        return self._stop is not None

    def show_selected(self, runs: Sequence[Run]) -> None:
        """Say what can be done with these; a question about others is taken back."""
        if self.is_working or (self.ask.text and [r.run_id for r in runs] == [r.run_id for r in self._runs]):
            return
        self.ask.clear()
        self._runs = tuple(runs)
        over, failed, going = _over(self._runs), _failed(self._runs), _going(self._runs)
        parts = [f"{len(runs):,} runs selected"]
        parts += [f"{len(failed):,} failed"] if failed else []
        self.said.setText(" · ".join(parts))
        may_act = self._parts.bridge.view.read_only is None
        self.compare.setVisible(len(runs) == 2)
        self.failed.setVisible(bool(failed) and len(failed) < len(over))
        self.again.setVisible(bool(over))
        self.cancel.setVisible(bool(going))
        for made in (self.failed, self.again, self.cancel):
            made.setEnabled(may_act)
        self.setVisible(len(runs) > 1)

    # what the buttons do

    def _on_compare(self) -> None:
        # the older one on the left: what changed reads from left to right
        left, right = sorted(self._runs, key=lambda run: run.started_at_us or 0)
        self._parts.navigator.go(compare_address(left.run_id, right.run_id))

    def _on_again(self) -> None:
        self._ask_again(_over(self._runs), "runs")

    def _on_failed(self) -> None:
        self._ask_again(_failed(self._runs), "failed runs")

    def _ask_again(self, runs: Sequence[Run], what: str) -> None:
        count = f"{len(runs):,}"
        targets = self._targets(runs)
        where = f"published, to {', '.join(targets)}, only if you say so." if targets else "not published."
        publishing: list[Answer] = [
            (
                f"Run {count} again and publish",
                lambda: self._start([RerunRun(r.run_id, publish=True) for r in runs], "started again, to publish"),
            )
        ]
        self.ask.ask(
            f"Run {count} {what} again? Each runs its stored message on the agent as it is now, as a new run: models "
            f"are asked and tools run for real. Nothing is committed; results are {where}",
            [
                (f"Run {count} again", lambda: self._start([RerunRun(r.run_id) for r in runs], "started again")),
                *(publishing if targets else []),
                ("Keep as it is", lambda: None),
            ],
        )

    def _targets(self, runs: Sequence[Run]) -> list[str]:
        view = self._parts.bridge.view
        workspace = view.workspace
        marked = set() if view.stand_ins.sandbox else set(workspace.settings.production)
        pairs = {(run.agent_name, run.connector) for run in runs}
        return [
            f"{c.topic} (PRODUCTION)" if c.connection in marked else c.topic
            for c in workspace.outbound
            if any(c.takes(agent=agent, inbound=connector) for agent, connector in pairs)
        ]

    def _on_cancel(self) -> None:
        going = _going(self._runs)
        count = f"{len(going):,}"
        self.ask.ask(
            f"Cancel {count} runs? A cancelled run is over: its message counts as done and is not read again.",
            [
                (f"Cancel {count} runs", lambda: self._start([CancelRun(r.run_id) for r in going], "cancelled")),
                ("Let them run", lambda: None),
            ],
        )

    def _on_stop(self) -> None:
        if self._stop is not None:
            stop, self._stop = self._stop, None
            stop()
            self.stop.hide()
            self.said.setText(f"Stopped: {self.said.text()}")

    # working

    def _start(self, commands: Sequence[Command[Any]], done: str) -> None:
        for made in self._buttons:
            made.setVisible(made is self.stop)
        self._refusals = []
        self._stop = _nothing
        count = len(commands)
        stop = self._parts.bridge.submit_each(
            commands,
            lambda number, refusal: self._on_each(number, count, refusal, done),
            lambda: self._on_done(count, done),
        )
        if self.is_working:
            self._stop = stop

    def _on_each(self, number: int, count: int, refusal: str, done: str) -> None:
        if refusal:
            self._refusals.append(refusal)
        self.said.setText(f"{number - len(self._refusals):,} of {count:,} {done}")

    def _on_done(self, count: int, done: str) -> None:
        self._stop = None
        self.stop.hide()
        refused = len(self._refusals)
        said = f"{count - refused:,} of {count:,} {done}"
        self.said.setText(said + (f" · {refused:,} refused: {self._refusals[0]}" if refused else ""))
        self.said.setToolTip("\n".join(dict.fromkeys(self._refusals)))

    def event(self, event: QEvent) -> bool:
        """Keep Esc from the window's shortcut while there is something here to leave."""
        has_more_to_leave = bool(self.ask.text) or self.is_working
        if has_more_to_leave and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            is_escape = event.key() == Qt.Key.Key_Escape
            event.setAccepted(is_escape)
            return is_escape or super().event(event)
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc stops the work."""
        if event.key() == Qt.Key.Key_Escape and self.is_working:
            self._on_stop()
        else:
            super().keyPressEvent(event)


def _over(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.status.is_terminal]


def _failed(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if run.status is RunStatus.FAILED]


def _going(runs: Sequence[Run]) -> list[Run]:
    return [run for run in runs if not run.status.is_terminal]


def _nothing() -> None:
    """What stops work that was over at once."""
