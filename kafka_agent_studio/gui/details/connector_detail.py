"""One connector: its state, what is wrong with it, its figures and settings, and how to start and stop it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.api.events import ConnectorFigures, ConnectorState, ConnectorStatus
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.details.poison_bar import PoisonBar
from kafka_agent_studio.gui.navigation import connector_form_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.trouble import Trouble, in_words
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.key_value import KeyValue
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.state_badge import StateBadge
from kafka_agent_studio.model.connector import InboundConnector, OutboundConnector
from kafka_agent_studio.model.workspace import AnyConnector

_CAN_START = (ConnectorState.STOPPED, ConnectorState.PAUSED, ConnectorState.FAILED, ConnectorState.DISABLED)
_TRY_NOW = (ConnectorState.RETRYING, ConnectorState.WAITING)


class ConnectorDetail(Detail):
    """Follows the connector it shows."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts)
        self._name = ""
        theme, icons, navigator = parts.theme, parts.icons, parts.navigator
        self.badge = StateBadge(theme=theme, look=CONNECTOR_LOOKS[ConnectorState.STOPPED], name="State")
        self.error = ErrorPanel(theme=theme, action="Try now", on_action=self._start)
        self.poison = PoisonBar(parts=parts)
        self.figures = KeyValue(theme=theme, columns=2)
        self.settings = KeyValue(theme=theme)
        self.start = button("Start", self._start, icon=icons.icon("play"))
        self.stop = button("Stop", self._stop, icon=icons.icon("stop"))
        messages = button("Messages", lambda: navigator.go(f"messages?connector={self._name}"), kind="link")
        runs = button("Runs", lambda: navigator.go(f"runs?connector={self._name}"), kind="link")
        edit = button("Edit", lambda: navigator.go(connector_form_address(self._name)), kind="link")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        column.setSpacing(GAP + GAP // 2)
        row = QHBoxLayout()
        row.setSpacing(GAP)
        row.addWidget(self.badge)
        row.addStretch(1)
        row.addWidget(self.start)
        row.addWidget(self.stop)
        column.addLayout(row)
        column.addWidget(self.error)
        column.addWidget(self.poison)
        column.addWidget(label("Figures", font=theme.heading))
        column.addWidget(self.figures)
        links = QHBoxLayout()
        links.addWidget(messages)
        links.addWidget(runs)
        links.addWidget(edit)
        links.addStretch(1)
        column.addLayout(links)
        column.addWidget(label("Settings", font=theme.heading))
        column.addWidget(self.settings)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        bridge = parts.bridge
        bridge.connector_changed.connect(self._on_connector_changed)
        for signal in (bridge.figures_updated, bridge.workspace_changed, bridge.rebuilt):
            signal.connect(self._refresh)

    def take_focus(self) -> None:
        """Put the focus on the button that changes the state."""
        (self.stop if self.stop.isVisibleTo(self) else self.start).setFocus()

    def show_place(self, rest: str) -> str:
        """Show the connector of this name."""
        self._name = rest
        self._refresh()
        return rest

    def _on_connector_changed(self, status: ConnectorStatus) -> None:
        if status.name == self._name:
            self._refresh()

    def _refresh(self) -> None:
        if not self._name:
            return
        view = self.parts.bridge.view
        connector = view.connector(self._name)
        state = view.state(self._name)
        status = view.statuses.get(self._name)
        fault = view.fault(self._name)
        may_act = view.read_only is None
        is_inbound = isinstance(connector, InboundConnector)
        self.badge.show_look(CONNECTOR_LOOKS[state])
        trouble = None if fault is None else in_words(fault)
        if connector is None:
            trouble = Trouble(
                f"There is no connector {self._name}.", "", "Its file was renamed, deleted, or has a mistake."
            )
        tone = CONNECTOR_LOOKS[state].tone if fault is not None else Tone.FAILED
        self.error.show_trouble(trouble, tone=tone)
        dead_letter_topic = connector.dead_letter_topic if isinstance(connector, InboundConnector) else None
        self.poison.show_fault(self._name, fault, dead_letter_topic=dead_letter_topic)
        if self.error.action is not None:
            self.error.action.setVisible(connector is not None and state in (*_TRY_NOW, *_CAN_START))
        self.start.setVisible(is_inbound and state in _CAN_START)
        self.stop.setVisible(is_inbound and state not in (*_CAN_START, ConnectorState.STOPPING))
        self.start.setEnabled(may_act)
        self.stop.setEnabled(may_act)
        self.figures.show_pairs(_figures(view.figures_of(self._name), status, is_inbound=is_inbound))
        self.settings.show_pairs([] if connector is None else _settings(connector, view.workspace.name))

    def _start(self) -> None:
        self.parts.bridge.submit(StartConnector(self._name))

    def _stop(self) -> None:
        self.parts.bridge.submit(StopConnector(self._name))


def _unknown(name: str) -> Trouble:
    return Trouble(f"There is no connector {name}.", "", "Its file was renamed, deleted, or has a mistake.")


def _figures(figures: ConnectorFigures, status: ConnectorStatus | None, *, is_inbound: bool) -> list[tuple[str, str]]:
    if not is_inbound:
        return [("Rate", formats.rate(figures.messages_per_s)), ("Published", formats.count(figures.published))]
    partitions = "" if status is None else ", ".join(map(str, status.partitions))
    return [
        ("Rate", formats.rate(figures.messages_per_s)),
        ("In flight", formats.count(figures.in_flight)),
        ("Messages", formats.count(figures.messages)),
        ("Lag", formats.count(figures.lag)),
        ("Completed", formats.count(figures.completed)),
        ("Failed", formats.count(figures.failed)),
        ("Partitions", partitions or formats.NOTHING),
    ]


def _settings(connector: AnyConnector, workspace_name: str) -> list[tuple[str, str]]:
    pairs = [
        ("Direction", connector.direction.value),
        ("Connection", connector.connection or connector.bootstrap_servers or formats.NOTHING),
        ("Topic", connector.topic),
        ("Agents", ", ".join(connector.agents) or "none: nothing is linked to it"),
        ("Enabled", "yes" if connector.enabled else "no"),
    ]
    if isinstance(connector, InboundConnector):
        pairs += [
            ("Group", connector.group(workspace_name)),
            ("Begins at", connector.auto_offset_reset.value),
            ("Ordering", connector.ordering.value),
            ("Most in flight", formats.count(connector.max_in_flight)),
            ("On failure", connector.on_failure.value.replace("_", " ")),
        ]
    if isinstance(connector, OutboundConnector):
        pairs += [
            ("Inputs", "all" if connector.inputs is None else ", ".join(connector.inputs)),
            ("Payload", connector.payload.value),
            ("Publishes", connector.publish.value),
        ]
    return pairs
