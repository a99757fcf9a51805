"""What a front end may ask of the engine. Each command names the type of its reply: `Command[Reply]`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import msgspec

from kafka_agent_studio.api.queries import RunPage, RunQuery, SecretStatus, ToolTrace
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import RunDetail
from kafka_agent_studio.model.workspace import Problem

ReplyT = TypeVar("ReplyT")


class Command(Generic[ReplyT]):
    """Base of all commands; `EngineClient.execute` answers with `ReplyT` or raises CommandRefused."""


# connectors


class StartConnector(Command[None], msgspec.Struct, frozen=True):
    """Start an inbound connector that is stopped or paused; a retrying one tries at once ("Try now")."""

    name: str


class StopConnector(Command[None], msgspec.Struct, frozen=True):
    """Stop reading: what is in flight finishes and commits; the file's `enabled` stays as it is."""

    name: str


class SetStandIns(Command[None], msgspec.Struct, frozen=True):
    """Let the embedded broker stand in for every connection, the rehearsal model for every model. None: unchanged."""

    sandbox: bool | None = None
    rehearse: bool | None = None


class SetOrderStream(Command[None], msgspec.Struct, frozen=True):
    """Start (rate_per_s > 0) or stop (0) the sandbox's stream of sample orders; it ends after `count`, None never."""

    rate_per_s: float
    topic: str = "orders"
    count: int | None = None


# runs


class GetRun(Command[RunDetail | None], msgspec.Struct, frozen=True):
    """The whole of one run; None where it is not (or no longer) known."""

    run_id: str


class ListRuns(Command[RunPage], msgspec.Struct, frozen=True):
    """One page of runs, newest first."""

    query: RunQuery


class CancelRun(Command[bool], msgspec.Struct, frozen=True):
    """Cancel a queued or running run: terminal, so its message counts as done. False: it was over already."""

    run_id: str


class RerunRun(Command[str], msgspec.Struct, frozen=True):
    """Run a stored message again under a new id and reply with that id; publishes only where `publish` is true.

    Overrides replace the agent's system prompt or model, or the message's payload, for this run alone; what is None
    stays as the run before had it. A payload keeps the `_kafka` of the message.
    """

    run_id: str
    publish: bool = False
    system_prompt: str | None = None
    model: str | None = None
    payload: Mapping[str, Any] | None = None


class TryAgent(Command[ToolTrace], msgspec.Struct, frozen=True):
    """Run an agent on a payload; nothing is committed, published or stored. `draft` is YAML in the file's place."""

    agent: str
    payload: Mapping[str, Any]
    draft: str | None = None


class PayloadOf(Command[Mapping[str, Any]], msgspec.Struct, frozen=True):
    """The payload that agents get for a record: its fields, or `message`, and `_kafka`."""

    record: Record


# workspace files: the text of a file is the unit of editing, so undo is saving the text that was there before


class ReadFile(Command[str | None], msgspec.Struct, frozen=True):
    """The text of a workspace file (path relative to the workspace); None where there is none."""

    path: str


class SaveFiles(Command[Mapping[str, str | None]], msgspec.Struct, frozen=True):
    """Write (text) or delete (None) files, all or none, each atomically; replies with what stood there before.

    Where `expected` holds a text for a path and the disk differs, nothing is written and CommandRefused says
    that the file changed meanwhile.
    """

    changes: Mapping[str, str | None]
    expected: Mapping[str, str | None] = msgspec.field(default_factory=dict)


class SaveFields(Command[Mapping[str, str | None]], msgspec.Struct, frozen=True):
    """Write fields into a YAML file, keeping comments and order; None removes a field. Replies as SaveFiles."""

    path: str
    values: Mapping[str, Any]


class CheckText(Command[tuple[Problem, ...]], msgspec.Struct, frozen=True):
    """What would be wrong if `path` held `text`; writes nothing."""

    path: str
    text: str


class ParseFields(Command[Mapping[str, Any]], msgspec.Struct, frozen=True):
    """The fields of a YAML text as a person wrote them: `${NAME}` is not filled in. An empty text has none."""

    text: str


class EditFields(Command[str], msgspec.Struct, frozen=True):
    """A YAML text with fields set, comments and order kept; writes nothing. None removes a field.

    What an editor shows, checks (CheckText) and saves (SaveFiles) is then one text. An empty `text` begins a new file.
    """

    text: str
    values: Mapping[str, Any]


# secrets: the value goes in and never comes out again


@dataclass(frozen=True, slots=True)
class SetSecret(Command[None]):
    """Store a secret in the OS keyring, or for this session only. The value is kept out of repr, events and undo."""

    name: str
    value: str = field(repr=False)
    session_only: bool = False


class HasKeyring(Command[bool], msgspec.Struct, frozen=True):
    """Whether this machine has a keyring that SetSecret can use; nothing is read of it, so no one has to unlock it."""


class DeleteSecret(Command[None], msgspec.Struct, frozen=True):
    """Forget a secret."""

    name: str


class ListSecrets(Command[tuple[SecretStatus, ...]], msgspec.Struct, frozen=True):
    """The names the workspace mentions, and these besides, and where each is found."""

    names: tuple[str, ...] = ()
