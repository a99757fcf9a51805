"""What happened, said once, in the past tense. `at_us` is epoch µs. Busy events carry many at once."""

from enum import StrEnum

import msgspec

from kafka_agent_studio.api.browse import BrowseProgress
from kafka_agent_studio.api.certificates import ExpiringCertificate
from kafka_agent_studio.api.checks import CheckStage
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.transfers import TransferProgress
from kafka_agent_studio.api.trends import DayUsage, TrendPoint
from kafka_agent_studio.model.message import Record
from kafka_agent_studio.model.run import Run
from kafka_agent_studio.model.workspace import Problem, Workspace


class ConnectorState(StrEnum):
    """What a connector is doing, in one word."""

    DISABLED = "disabled"
    STOPPED = "stopped"
    CONNECTING = "connecting"
    RUNNING = "running"
    WAITING = "waiting"
    RETRYING = "retrying"
    PAUSED = "paused"
    STOPPING = "stopping"
    FAILED = "failed"


class ConnectorStatus(msgspec.Struct, frozen=True):
    """State of one connector. `attempt` counts failed tries in a row, `next_try_at_us` is None where none is due."""

    name: str
    state: ConnectorState
    fault: Fault | None = None
    attempt: int = 0
    next_try_at_us: int | None = None
    partitions: tuple[int, ...] = ()


class ConnectorFigures(msgspec.Struct, frozen=True):
    """Totals since the engine started. `lag` is messages between the committed and the newest offset, None unknown."""

    name: str
    messages: int = 0
    in_flight: int = 0
    completed: int = 0
    failed: int = 0
    published: int = 0
    lag: int | None = None
    messages_per_s: float = 0.0
    partition_lags: dict[int, int] = msgspec.field(default_factory=dict)
    """The lag of each partition that is read here; empty where unknown."""
    tokens: int = 0
    cost: float = 0.0
    """US dollars, of the models whose price is known."""
    dead_letters: int = 0
    """Messages that the dead letter topic acknowledged."""


class StandIns(msgspec.Struct, frozen=True):
    """What stands in: the embedded broker's address where one runs, and whether models and connections are replaced."""

    sandbox: bool = False
    rehearse: bool = False
    sandbox_address: str | None = None
    rehearsed_models: tuple[str, ...] = ()
    """The models that the rehearsal model answers for now, whether by the switch or for want of a key."""


class Snapshot(msgspec.Struct, frozen=True):
    """The state a new subscriber starts from."""

    at_us: int
    workspace: Workspace
    problems: tuple[Problem, ...]
    connectors: tuple[ConnectorStatus, ...]
    figures: tuple[ConnectorFigures, ...]
    runs: tuple[Run, ...]
    stand_ins: StandIns
    read_only: str | None = None
    """Why this client may only look, in words; None where it may act."""
    tools_trusted: bool = True
    """False: the folder was opened without importing its tools; TrustTools changes it (a WorkspaceChanged follows)."""
    trends: tuple[TrendPoint, ...] = ()
    """How the figures went so far."""
    today: DayUsage = DayUsage()
    certificates: tuple[ExpiringCertificate, ...] = ()
    """Those that expire within 30 days, or have."""
    is_starting: bool = False
    """The engine is not there yet: this is what its files say. Another snapshot follows when it is."""


class MessagesReceived(msgspec.Struct, frozen=True):
    """A connector took these records in."""

    at_us: int
    connector: str
    records: tuple[Record, ...]


class RunChange(StrEnum):
    """What happened to the runs of a RunsChanged."""

    QUEUED = "queued"
    STARTED = "started"
    FINISHED = "finished"
    PUBLISHED = "published"


class RunsChanged(msgspec.Struct, frozen=True):
    """Runs in their new state; a run may skip `queued` and `started` when it was quick."""

    at_us: int
    change: RunChange
    runs: tuple[Run, ...]


class ConnectorChanged(msgspec.Struct, frozen=True):
    """A connector's state changed, or its fault did."""

    at_us: int
    status: ConnectorStatus


class ConnectorNoticed(msgspec.Struct, frozen=True):
    """A connector has something to say and goes on."""

    at_us: int
    connector: str
    fault: Fault


class FiguresUpdated(msgspec.Struct, frozen=True):
    """Once a second, the connectors whose figures changed; `points` are those of the trends that ended with it."""

    at_us: int
    figures: tuple[ConnectorFigures, ...]
    points: tuple[TrendPoint, ...] = ()
    today: DayUsage = DayUsage()


class WorkspaceChanged(msgspec.Struct, frozen=True):
    """Files were read again; `problems` are all there are now."""

    at_us: int
    workspace: Workspace
    problems: tuple[Problem, ...]


class CertificatesChanged(msgspec.Struct, frozen=True):
    """All certificates of the clusters in use that expire within 30 days, or have; what was said before is over."""

    at_us: int
    certificates: tuple[ExpiringCertificate, ...]


class StandInsChanged(msgspec.Struct, frozen=True):
    """A switch was turned, or the embedded broker got its address."""

    at_us: int
    stand_ins: StandIns


class Logged(msgspec.Struct, frozen=True):
    """One line of the log; `level` as logging names it."""

    at_us: int
    level: str
    logger: str
    message: str
    run_id: str | None = None
    connector: str | None = None


class Lagged(msgspec.Struct, frozen=True):
    """This subscriber was too slow: `n` events were left out; take a new snapshot."""

    at_us: int
    n: int


class CheckStageFinished(msgspec.Struct, frozen=True):
    """One stage of the check that TestConnection(job_id) began is over."""

    at_us: int
    job_id: str
    stage: CheckStage


class BrowseProgressed(msgspec.Struct, frozen=True):
    """A browse found `records` (in the order read, possibly none) and has come this far.

    `is_tail`: it follows the end of the topic, where a reader too slow may lose some (then `delivered` shows it).
    """

    at_us: int
    job_id: str
    records: tuple[Record, ...]
    progress: BrowseProgress
    is_tail: bool = False


class TransferProgressed(msgspec.Struct, frozen=True):
    """A replay, export or import has come this far."""

    at_us: int
    job_id: str
    progress: TransferProgress


class EngineStopped(msgspec.Struct, frozen=True):
    """The engine is down; nothing follows. `fault` is None where it was asked to stop."""

    at_us: int
    fault: Fault | None = None


Event = (
    Snapshot
    | MessagesReceived
    | RunsChanged
    | ConnectorChanged
    | ConnectorNoticed
    | FiguresUpdated
    | WorkspaceChanged
    | StandInsChanged
    | CertificatesChanged
    | Logged
    | CheckStageFinished
    | BrowseProgressed
    | TransferProgressed
    | Lagged
    | EngineStopped
)
