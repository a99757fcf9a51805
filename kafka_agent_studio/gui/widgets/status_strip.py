"""The strip at the bottom: the engine, its rates, what stands in, and the worst trouble in words. It never lies."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton

from kafka_agent_studio.api.events import StandIns
from kafka_agent_studio.gui.attention import Concern, concerns
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.state_look import (
    ENGINE_FAILED,
    ENGINE_RUNNING,
    ENGINE_STARTING,
    ENGINE_STOPPED,
    StateLook,
)
from kafka_agent_studio.gui.theme import GAP, MARGIN, STRIP_HEIGHT, Theme, Tone
from kafka_agent_studio.gui.widgets.chip import Chip
from kafka_agent_studio.gui.widgets.eliding_button import ElidingButton
from kafka_agent_studio.gui.widgets.labels import button, set_tone
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.gui.widgets.switch_chip import SwitchChip
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.model_call import REHEARSAL_MODEL


class StatusStrip(QFrame):
    """Shows a view of the engine; says where a click wants to go and which connector shall try now."""

    place_chosen = Signal(str)
    retry_asked = Signal(str)
    sandbox_asked = Signal()
    rehearsal_asked = Signal()

    def __init__(self, *, theme: Theme, now_us: Callable[[], int]) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.setFixedHeight(STRIP_HEIGHT)
        self.setFont(theme.small)
        self._now_us = now_us
        self._concern: Concern | None = None
        self._badge = StateBadge(theme=theme, look=ENGINE_STARTING, name="Engine")
        self._rate = self._figure("overview")
        self._in_flight = self._figure("connectors")
        self._failed = self._figure("runs?status=failed")
        self.sandbox = SwitchChip("Sandbox", theme=theme, tone=Tone.WAITING)
        self.rehearsal = SwitchChip("Rehearsal", theme=theme, tone=Tone.PAUSED)
        self.sandbox.clicked.connect(lambda: self.sandbox_asked.emit())
        self.rehearsal.clicked.connect(lambda: self.rehearsal_asked.emit())
        self._read_only = Chip("READ ONLY", theme=theme, tone=Tone.WAITING, tip="this window may only look")
        self._trouble = ElidingButton()
        self._trouble.setProperty("kind", "plain")
        self._trouble.clicked.connect(lambda _checked=False: self._on_trouble_clicked())
        self._retry = button("Try now", self._on_retry_clicked)
        self._retry.setProperty("kind", "link")
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN, 0, GAP, 0)
        row.setSpacing(GAP)
        for widget in (self._badge, self._rate, self._in_flight, self._failed):
            row.addWidget(widget)
        for chip in (self.sandbox, self.rehearsal, self._read_only):
            row.addWidget(chip)
        row.addWidget(self._trouble, 1)
        row.addStretch()
        row.addWidget(self._retry)
        self._trouble.setStyleSheet("text-align: left")
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._say_trouble)
        self._retry.hide()
        self._read_only.hide()

    def show_view(self, view: EngineView) -> None:
        """Say what is true now."""
        self._badge.show_look(_engine_look(view))
        totals = view.totals
        self._rate.setText(f"{totals.messages_per_s:,.0f} msg/s")
        self._in_flight.setText(f"{totals.in_flight:,} in flight")
        self._failed.setText(f"{totals.failed:,} failed")
        for figure in (self._rate, self._in_flight, self._failed):
            figure.setAccessibleName(figure.text())
        set_tone(self._failed, Tone.FAILED if totals.failed else None)
        self.sandbox.show_state(*_sandbox_state(view.stand_ins))
        self.rehearsal.show_state(*_rehearsal_state(view))
        for switch in (self.sandbox, self.rehearsal):
            switch.setVisible(view.read_only is None)
        self._read_only.setVisible(view.read_only is not None and view.is_ready)
        self._read_only.setToolTip(view.read_only or "")
        self._concern = next(iter(concerns(view)), None)
        self._say_trouble()

    @property
    def text(self) -> str:
        """All that the strip says, for the person who cannot see it and for tests."""
        switches = (self.sandbox, self.rehearsal)
        parts = [self._badge.look.word, self._rate.text(), self._in_flight.text(), self._failed.text()]
        parts += [switch.text() for switch in switches if switch.is_on]
        parts += [] if self._read_only.isHidden() else [self._read_only.text()]
        return " · ".join([*parts, *([self._trouble.text()] if self._trouble.text() else [])])

    def _figure(self, address: str) -> QPushButton:
        return button("0", lambda: self.place_chosen.emit(address), kind="plain")

    def _on_trouble_clicked(self) -> None:
        if self._concern is not None:
            self.place_chosen.emit(self._concern.address)

    def _on_retry_clicked(self) -> None:
        if self._concern is not None and self._concern.connector is not None:
            self.retry_asked.emit(self._concern.connector)

    def _say_trouble(self) -> None:
        concern = self._concern
        if concern is None:
            self._trouble.setText("")
            self._trouble.setEnabled(False)
            self._trouble.setVisible(False)
            self._retry.hide()
            self._tick.stop()
            return
        text = f"{concern.subject}: {concern.trouble.what}"
        if concern.next_try_at_us is not None:
            wait_s = max(0, round((concern.next_try_at_us - self._now_us()) / 1e6))
            text += f" Next try in {wait_s} s." if wait_s else " Trying now."
            if not self._tick.isActive():
                self._tick.start()
        else:
            self._tick.stop()
        self._trouble.setVisible(True)
        self._trouble.setText(text)
        self._trouble.setToolTip(concern.trouble.text)
        self._trouble.setAccessibleName(text)
        self._trouble.setEnabled(True)
        self._retry.setVisible(concern.connector is not None)


def _sandbox_state(stand_ins: StandIns) -> tuple[bool, str]:
    if not stand_ins.sandbox and stand_ins.sandbox_address is None:
        return False, "Press to let the embedded broker stand in for every connection."
    what = "stands in for every connection" if stand_ins.sandbox else "serves the connectors of 'sandbox'"
    where = f", at {stand_ins.sandbox_address}" if stand_ins.sandbox_address else ""
    go_on = "go back to the real connections" if stand_ins.sandbox else "let it stand in for every connection"
    return True, f"The embedded broker {what}{where}. Press to {go_on}."


def _rehearsal_state(view: EngineView) -> tuple[bool, str]:
    stand_ins = view.stand_ins
    if stand_ins.rehearse:
        return True, "The rehearsal model answers for every model. Press to go back to the real ones."
    if stand_ins.rehearsed_models:
        models = ", ".join(stand_ins.rehearsed_models)
        return True, f"The rehearsal model answers for {models}. Press to let it answer for every model."
    agents = [
        name
        for name, agent in sorted(view.workspace.agents.items())
        if isinstance(agent, LlmAgent) and agent.model == REHEARSAL_MODEL
    ]
    if agents:
        whom = ", ".join(agents)
        return True, f"The rehearsal model answers for {whom}, as written. Press to let it answer for every model."
    return False, "Press to let the rehearsal model answer for every model."


def _engine_look(view: EngineView) -> StateLook:
    if view.stopped is not None:
        return ENGINE_STOPPED if view.stopped.fault is None else ENGINE_FAILED
    return ENGINE_RUNNING if view.is_ready else ENGINE_STARTING
