"""Agents on the bench: a workspace written to disk, a clock that does not wait, and one run at a time."""

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr

from kafka_agent_studio.engine.agents.builder import build_runners
from kafka_agent_studio.engine.agents.guarded_runner import GuardedRunner
from kafka_agent_studio.engine.agents.parts import AgentParts, Rehearses, rehearses_none
from kafka_agent_studio.engine.ports import RunOutcome, RunRecorder, RunRequest
from kafka_agent_studio.engine.span_contents import in_full
from kafka_agent_studio.model.run import Span, SpanKind
from kafka_agent_studio.workspace.loader import load_workspace

ORDER: dict[str, Any] = {
    "order_id": "12345",
    "customer": "john@example.com",
    "items": ["widget-a", "widget-b"],
    "total": 42.5,
    "_kafka": {"topic": "orders", "partition": 0, "offset": 1542, "timestamp": 1705312800000, "key": "order-12345"},
}
"""The specification's message, with the total that its score_risk asks for."""

SAMPLE = Path(__file__).parents[2]
"""The repository: the sample workspace."""


class QuickClock:
    """Time that passes only when somebody sleeps, and then at once."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0
        self.slept_s: list[float] = []

    def now_us(self) -> int:
        """Epoch µs."""
        return int(self.now_s * 1e6)

    def monotonic_s(self) -> float:
        """Seconds."""
        return self.now_s

    async def sleep(self, delay_s: float) -> None:
        """Note the delay and go on."""
        self.slept_s.append(delay_s)
        self.now_s += delay_s


class SecretsInMemory:
    """Secrets by name; counts how often it is asked."""

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.secrets = dict(secrets)
        self.asked = 0

    async def get(self, name: str) -> SecretStr | None:
        """Return a secret."""
        self.asked += 1
        value = self.secrets.get(name)
        return None if value is None else SecretStr(value)


class AgentBench:
    """The agents of one workspace. `random` is always 1, so that a delay is the whole of its ceiling."""

    def __init__(
        self,
        root: Path,
        *,
        rehearses: Rehearses = rehearses_none,
        secrets: Mapping[str, str] | None = None,
        call_timeout_s: float = 20.0,
        trust_tools: bool = True,
    ) -> None:
        loaded = load_workspace(root, environ={}, trust_tools=trust_tools)
        assert not loaded.has_errors, loaded.problems
        self.workspace = loaded.workspace
        self.clock = QuickClock()
        self.secrets = SecretsInMemory(secrets or {})
        self.parts = AgentParts(
            secrets=self.secrets, clock=self.clock, random=lambda: 1.0, call_timeout_s=call_timeout_s
        )
        self.runners: dict[str, GuardedRunner] = build_runners(
            workspace=loaded.workspace, tools=loaded.tools, parts=self.parts, rehearses=rehearses
        )
        self.recorder = RunRecorder()

    async def run(self, agent: str, payload: dict[str, Any] | None = None) -> RunOutcome:
        """Run an agent on a payload, else on the specification's order; `recorder` holds what it did."""
        self.recorder = RunRecorder()
        copy = msgspec.json.decode(msgspec.json.encode(ORDER if payload is None else payload))
        request = RunRequest(
            run_id="run-1", agent_name=agent, connector="orders-in", timestamp_ms=1705312800000, payload=copy
        )
        return await self.runners[agent].run(request, self.recorder)

    def said(self, kind: SpanKind, outcome: RunOutcome, payload: dict[str, Any] | None = None) -> list[tuple[Any, Any]]:
        """What the spans of one kind of the last run say went in and came out, as a person gets to see them."""
        given = ORDER if payload is None else payload
        spans = in_full(tuple(self.recorder.spans), payload=lambda: given, output=outcome.output)
        return [(span.input, span.output) for span in spans if span.kind is kind]

    def spans(self, kind: SpanKind) -> list[Span]:
        """The spans of one kind of the last run, as they ended."""
        return [span for span in self.recorder.spans if span.kind is kind]


def write_workspace(root: Path, files: Mapping[str, str]) -> Path:
    """Write the files of a workspace, each by its path in it; common indentation is taken away."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"))
    return root


def agent_yaml(name: str, **fields: Any) -> str:
    """An agent's file; YAML takes JSON as it is."""
    values = {"version": "1.0", "name": name, "description": "An agent of a test."} | fields
    return "\n".join(f"{key}: {msgspec.json.encode(value).decode()}" for key, value in values.items()) + "\n"
