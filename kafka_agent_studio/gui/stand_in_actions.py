"""The switches for what stands in, and the stream of sample orders: in the menu, in the palette, in the strip."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from kafka_agent_studio.api.commands import SetOrderStream, SetStandIns
from kafka_agent_studio.gui.actions import ActionEntry
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone

ORDERS_PER_S = 5.0
_ORDERS_TOPIC = "orders"


class StandInActions(QObject):
    """What is checked follows the engine's events, never the click."""

    def __init__(self, *, parts: WindowParts, main: MainWindow) -> None:
        super().__init__(main)
        self._parts = parts
        self._notices = main.notices
        for entry in (
            ActionEntry(
                "engine.sandbox",
                "Engine",
                "Sandbox stands in for every connection",
                self._toggle_sandbox,
                keywords="broker embedded switch on off",
                is_checkable=True,
            ),
            ActionEntry(
                "engine.rehearse",
                "Engine",
                "Rehearsal stands in for every model",
                self._toggle_rehearsal,
                keywords="model llm key switch on off",
                is_checkable=True,
            ),
            ActionEntry(
                "engine.start_orders",
                "Engine",
                "Send sample orders to the sandbox",
                self._start_orders,
                keywords="stream demo produce",
            ),
            ActionEntry(
                "engine.stop_orders",
                "Engine",
                "Stop the sample orders",
                self._stop_orders,
                keywords="stream demo produce",
            ),
        ):
            parts.actions.add(entry)
        main.strip.sandbox_asked.connect(self._toggle_sandbox)
        main.strip.rehearsal_asked.connect(self._toggle_rehearsal)
        for signal in (parts.bridge.rebuilt, parts.bridge.stand_ins_changed):
            signal.connect(self._show)
        self._show()

    def _show(self) -> None:
        view, actions = self._parts.bridge.view, self._parts.actions
        actions.qt("engine.sandbox").setChecked(view.stand_ins.sandbox)
        actions.qt("engine.rehearse").setChecked(view.stand_ins.rehearse)
        for name in ("sandbox", "rehearse", "start_orders", "stop_orders"):
            actions.qt(f"engine.{name}").setEnabled(view.read_only is None)

    def _toggle_sandbox(self) -> None:
        view = self._parts.bridge.view
        wanted = not view.stand_ins.sandbox
        self._show()
        at_risk = [] if wanted else self._on_production()
        if at_risk:
            self._notices.say(
                f"Without the sandbox {', '.join(at_risk)} work{'s' if len(at_risk) == 1 else ''} on a connection that "
                "is marked as production: messages are read and results published there.",
                tone=Tone.WAITING,
                action="Go back to the real connections",
                on_action=lambda: self._then_hide(lambda: self._set(SetStandIns(sandbox=False))),
            )
        else:
            self._set(SetStandIns(sandbox=wanted))

    def _toggle_rehearsal(self) -> None:
        wanted = not self._parts.bridge.view.stand_ins.rehearse
        self._show()
        self._set(SetStandIns(rehearse=wanted))

    def _on_production(self) -> list[str]:
        workspace = self._parts.bridge.view.workspace
        production = workspace.settings.production
        return [c.name for _, c in sorted(workspace.connectors.items()) if c.enabled and c.connection in production]

    def _set(self, command: SetStandIns) -> None:
        self._parts.bridge.submit(command)

    def _start_orders(self) -> None:
        self._parts.bridge.submit(SetOrderStream(rate_per_s=ORDERS_PER_S, topic=_ORDERS_TOPIC), self._say_orders)

    def _say_orders(self, _done: object) -> None:
        self._notices.say(
            f"{ORDERS_PER_S:.0f} sample orders a second go to the topic {_ORDERS_TOPIC} of the sandbox.",
            tone=Tone.OK,
            action="Stop them",
            on_action=lambda: self._then_hide(self._stop_orders),
        )

    def _stop_orders(self) -> None:
        self._parts.bridge.submit(SetOrderStream(rate_per_s=0.0, topic=_ORDERS_TOPIC))

    def _then_hide(self, act: Callable[[], object]) -> None:
        self._notices.hide()
        act()
