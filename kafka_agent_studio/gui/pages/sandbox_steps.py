"""What "do it for me with the sandbox" does, step by step: orders arrive, a connector reads them, an agent runs."""

from collections.abc import Callable, Mapping
from typing import Any

from kafka_agent_studio.api.commands import EditFields, ReadFile, SaveFiles, SetOrderStream
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.model.base import SANDBOX

ORDERS_PER_S = 2.0
_TOPIC = "orders"
_INBOUND = "orders-in"
_INBOUND_FILE = f"connectors/{_INBOUND}.yaml"
_INBOUND_FIELDS: Mapping[str, Any] = {
    "version": "1.0",
    "name": _INBOUND,
    "direction": "inbound",
    "connection": SANDBOX,
    "topic": _TOPIC,
    "agents": [],
}
_AGENT = "order-reader"
_AGENT_FILE = f"agents/{_AGENT}.yaml"
_AGENT_TEXT = f"""\
version: "1.0"
name: {_AGENT}
type: llm
description: "Reads an order and says what it is about"
model: sandbox/rehearsal   # a stand-in without intelligence: choose a real model, as gemini/gemini-2.5-flash, here
system_prompt: |
  You receive an order event in JSON (from Kafka). Say in one sentence what was ordered, and by whom.
"""
_OUTBOUND = "results-out"
_OUTBOUND_FILE = f"connectors/{_OUTBOUND}.yaml"
_OUTBOUND_FIELDS: Mapping[str, Any] = {
    "version": "1.0",
    "name": _OUTBOUND,
    "direction": "outbound",
    "connection": SANDBOX,
    "topic": "order-results",
    "agents": [_AGENT],
}


class SandboxSteps:
    """Each step writes files through the engine, so that a mistake in them is said as any other."""

    def __init__(self, *, bridge: EngineBridge) -> None:
        self._bridge = bridge
        self.sends_orders = False

    def send_orders(self, on_done: Callable[[], object] | None = None) -> None:
        """Start the sandbox, with sample orders arriving in its topic `orders`."""

        def sent(_done: object) -> None:
            self.sends_orders = True
            if on_done is not None:
                on_done()

        self._bridge.submit(SetOrderStream(rate_per_s=ORDERS_PER_S, topic=_TOPIC), sent)

    def make_connector(self) -> None:
        """Make a connector that reads them."""

        def save(text: str) -> None:
            self._bridge.submit(SaveFiles({_INBOUND_FILE: text}, expected={_INBOUND_FILE: None}))

        self._bridge.submit(EditFields("", _INBOUND_FIELDS), save)

    def make_agent(self) -> None:
        """Make an agent, link it to the first connector that reads, publish its results where that is the sandbox."""
        workspace = self._bridge.view.workspace
        inbound = next(iter(workspace.inbound), None)
        if inbound is None:
            return
        file = workspace.files.get(f"connector/{inbound.name}", f"connectors/{inbound.name}.yaml")
        changes: dict[str, str | None] = {_AGENT_FILE: _AGENT_TEXT}
        expected: dict[str, str | None] = {_AGENT_FILE: None}
        # Nothing is published to a cluster that a person did not ask to publish to.
        publishes = inbound.connection == SANDBOX and _OUTBOUND not in workspace.connectors

        def read(text: str | None) -> None:
            expected[file] = text
            agents = [*inbound.agents, _AGENT]
            self._bridge.submit(EditFields(text or "", {"agents": agents}), linked)

        def linked(text: str) -> None:
            changes[file] = text
            if publishes:
                self._bridge.submit(EditFields("", _OUTBOUND_FIELDS), published)
            else:
                save()

        def published(text: str) -> None:
            changes[_OUTBOUND_FILE] = text
            expected[_OUTBOUND_FILE] = None
            save()

        def save() -> None:
            self._bridge.submit(SaveFiles(changes, expected=expected), self._make_sure_of_orders)

        self._bridge.submit(ReadFile(file), read)

    def _make_sure_of_orders(self, _before: object) -> None:
        if not self.sends_orders and any(c.connection == SANDBOX for c in self._bridge.view.workspace.inbound):
            self.send_orders()
