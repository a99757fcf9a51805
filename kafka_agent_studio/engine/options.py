"""What a command line asks of an engine, and the lock that such an engine holds. Imports next to nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kafka_agent_studio.workspace.lock import EngineLock
from kafka_agent_studio.workspace.state_dir import open_state_dir


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineOptions:
    """What a command line asks of an engine. `state_dir` None: `.studio` in the workspace."""

    root: Path
    environ: Mapping[str, str] = field(repr=False)
    state_dir: Path | None = None
    sandbox: bool = False
    rehearse: bool = False
    rehearse_keyless: bool = False
    """Models whose key is nowhere rehearse, the others answer for themselves (the demo)."""
    rehearsal_latency_s: float = 0.0
    trust_tools: bool = True
    remember_trust: Callable[[], None] | None = None
    """Keeps that a person trusts the folder, for the next start; None: nothing does."""


def engine_lock(options: EngineOptions) -> EngineLock:
    """Return the lock of the options' state folder, not yet held. Raises: StateDirError."""
    state_dir = open_state_dir(options.root, options.state_dir)
    return EngineLock(state_dir=state_dir, name=options.root.resolve().name)
