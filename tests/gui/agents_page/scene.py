"""A workspace of agents on a fake engine that reads, checks and saves its files as the real one does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from kafka_agent_studio.api.commands import (
    CheckText,
    ListSecrets,
    ParseFields,
    PayloadOf,
    ReadFile,
    SaveFiles,
    SetSecret,
    TryAgent,
)
from kafka_agent_studio.api.events import Snapshot, WorkspaceChanged
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.api.queries import SecretStatus, ToolTrace
from kafka_agent_studio.gui.pages.agents import AgentsPage
from kafka_agent_studio.model.agent import LlmAgent, ToolUse
from kafka_agent_studio.model.run import TokenUsage
from kafka_agent_studio.model.workspace import Problem, ToolDescription, Workspace
from tests.helpers.fake_engine import FakeEngineClient
from tests.helpers.gui_scene import NOW_US, make_detail, make_snapshot, make_workspace
from tests.helpers.gui_window import WindowUnderTest

PROCESSOR = "agents/order-processor.yaml"
CORRELATOR = "agents/event-correlator.yaml"
TAGGER = "agents/order-tagger.yaml"
TOOLS = "tools/orders.py"
SCHEMA = "schemas/order-result.json"

TEXTS = {
    PROCESSOR: """\
version: "1.0"
name: order-processor
type: llm
model: gemini/gemini-2.5-flash
description: "Validate orders and compute routing"
system_prompt: |
  You receive an order event in JSON (from Kafka).
  1) Call orders.validate_order
  2) Call orders.score_risk
  3) Return JSON with order_id, status, risk_score, route
tools:
  - orders.validate_order
  - orders.score_risk
output_schema: order-result.json
""",
    CORRELATOR: """\
version: "1.0"
name: event-correlator
type: llm
model: gemini/gemini-2.5-pro
description: "Correlate order + shipment events across topics"
system_prompt: |
  Use the correlation tools to store incoming events by _kafka.key.
tools: []
retry_options:
  attempts: 5  # the provider is busy at noon
  max_delay: 30
""",
    TAGGER: """\
# An agent without a model: one python function, called for every message.
version: "1.0"
name: order-tagger
type: tool
description: "Tags an order by its size"
tool_name: orders.tag_order
""",
    TOOLS: '''\
"""What the order processor can do with an order."""

from typing import Any


def validate_order(order_id: str, items: list[str]) -> dict[str, Any]:
    """Basic order validation."""
    if not order_id or not items:
        return {"ok": False, "reason": "missing_fields"}
    return {"ok": True}


async def score_risk(customer: str, total: float) -> dict[str, Any]:
    """Return a simple risk score and routing hint."""
    return {"risk_score": 0.02 if total < 100 else 0.12}
''',
    SCHEMA: '{\n  "type": "object",\n  "properties": {"risk_score": {"type": "number", "minimum": 0}}\n}\n',
}

_STRING = {"type": "string"}
TOOL_DESCRIPTIONS = (
    ToolDescription(
        ref="orders.validate_order",
        name="validate_order",
        description="Basic order validation.",
        parameters={
            "type": "object",
            "properties": {
                "order_id": {"type": "string", "description": "The id of the order."},
                "items": {"type": "array", "items": _STRING, "description": "The articles ordered, at least one."},
            },
            "required": ["order_id", "items"],
        },
        file=TOOLS,
        line=6,
    ),
    ToolDescription(
        ref="orders.score_risk",
        name="score_risk",
        description="Return a simple risk score and routing hint.",
        parameters={
            "type": "object",
            "properties": {"customer": _STRING, "total": {"type": "number"}},
            "required": ["customer", "total"],
        },
        file=TOOLS,
        line=13,
    ),
)


def make_agents_workspace(**fields: Any) -> Workspace:
    """The sample workspace with its tools, its schema and the files of its agents."""
    workspace = make_workspace()
    processor = workspace.agents["order-processor"]
    assert isinstance(processor, LlmAgent)
    tools = tuple(ToolUse(ref=tool.ref) for tool in TOOL_DESCRIPTIONS)
    files = {f"agent/{path[7:-5]}": path for path in (PROCESSOR, CORRELATOR, TAGGER)}
    values: dict[str, Any] = {
        "agents": {**workspace.agents, "order-processor": processor.model_copy(update={"tools": tools})},
        "tools": TOOL_DESCRIPTIONS,
        "schemas": {"order-result": {"type": "object", "title": "order-result"}},
        "files": {**workspace.files, **files, "schema/order-result": SCHEMA},
    }
    return msgspec.structs.replace(workspace, **(values | fields))


def make_agents_snapshot(**fields: Any) -> Snapshot:
    """An engine at work on it."""
    return make_snapshot(workspace=make_agents_workspace(), **fields)


def make_trace(**fields: Any) -> ToolTrace:
    """What trying the order processor shows."""
    detail = make_detail()
    values: dict[str, Any] = {
        "output": detail.run.output,
        "error": None,
        "spans": detail.spans[:4],
        "token_usage": TokenUsage(310, 102, 412),
        "cost": 0.000_21,
        "stand_ins": (),
        "duration_s": 1.742,
    }
    return ToolTrace(**(values | fields))


@dataclass
class Disk:
    """The files behind the fake engine; `misspelt` is the word that a check takes for a mistake."""

    texts: dict[str, str] = field(default_factory=lambda: dict(TEXTS))
    misspelt: str = "modle"
    secrets: dict[str, str] = field(default_factory=lambda: {"GEMINI_API_KEY": "missing"})

    def answer(self, engine: FakeEngineClient) -> None:
        """Let the engine answer from here."""
        engine.answer(ReadFile, lambda command: self.texts.get(command.path))
        engine.answer(SaveFiles, self.save)
        engine.answer(CheckText, self.check)
        engine.answer(ParseFields, _fields)
        engine.answer(ListSecrets, lambda _command: tuple(SecretStatus(*known) for known in self.secrets.items()))
        engine.answer(SetSecret, lambda command: self.secrets.update({command.name: "keyring"}))
        engine.answer(TryAgent, make_trace())
        engine.answer(PayloadOf, lambda command: {**msgspec.json.decode(command.record.value), "_kafka": {}})

    def save(self, command: SaveFiles) -> Mapping[str, str | None]:
        """Write, unless a file is not as expected."""
        for path, text in command.expected.items():
            if self.texts.get(path) != text:
                raise CommandRefused(f"{path} was changed meanwhile by someone else; nothing was saved")
        before = {path: self.texts.get(path) for path in command.changes}
        for path, text in command.changes.items():
            if text is None:
                self.texts.pop(path, None)
            else:
                self.texts[path] = text
        return before

    def check(self, command: CheckText) -> tuple[Problem, ...]:
        """Find the misspelt word."""
        lines = command.text.split("\n")
        return tuple(
            Problem(
                command.path,
                number,
                line.index(self.misspelt) + 1,
                "error",
                f"unknown field '{self.misspelt}'; did you mean 'model'?",
            )
            for number, line in enumerate(lines, 1)
            if self.misspelt in line
        )


def _fields(command: ParseFields) -> dict[str, Any]:
    tools = [line.strip()[2:] for line in command.text.split("\n") if line.startswith("  - ")]
    return {"tools": tools} if "\ntools:" in command.text else {}


@dataclass(frozen=True)
class AgentsUnderTest:
    """The page, its window, and the files behind it."""

    window: WindowUnderTest
    disk: Disk

    @property
    def page(self) -> AgentsPage:
        """The page on screen."""
        page = self.window.main.page
        assert isinstance(page, AgentsPage)
        return page

    @property
    def engine(self) -> FakeEngineClient:
        """The engine that it believes in."""
        return self.window.engine

    def say_workspace(self, workspace: Workspace | None = None, problems: tuple[Problem, ...] = ()) -> None:
        """Tell that files were read again."""
        self.engine.say(WorkspaceChanged(NOW_US, workspace or make_agents_workspace(), problems))
        self.window.bridge.drain()
