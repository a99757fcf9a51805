"""What the window knows of the engine now: a mirror built from a snapshot and kept by events. It decides nothing."""

from pathlib import Path

from kafka_agent_studio.api.certificates import ExpiringCertificate
from kafka_agent_studio.api.events import (
    CertificatesChanged,
    ConnectorChanged,
    ConnectorFigures,
    ConnectorNoticed,
    ConnectorState,
    ConnectorStatus,
    EngineStopped,
    FiguresUpdated,
    Snapshot,
    StandIns,
    StandInsChanged,
    WorkspaceChanged,
)
from kafka_agent_studio.api.faults import Fault
from kafka_agent_studio.api.trends import DayUsage, TrendHistory
from kafka_agent_studio.model.run import Run
from kafka_agent_studio.model.workspace import AnyConnector, Problem, StudioSettings, Workspace

_NOWHERE = Workspace(root=Path(), settings=StudioSettings(name="…"))

StateEvent = (
    ConnectorChanged
    | ConnectorNoticed
    | CertificatesChanged
    | FiguresUpdated
    | WorkspaceChanged
    | StandInsChanged
    | EngineStopped
)


class EngineView:
    """The workspace, its problems, and the state and figures of each connector by name.

    `runs` are the ones a snapshot brought, newest first; `stopped` is set once the engine has ended.
    """

    def __init__(self) -> None:
        self.workspace = _NOWHERE
        self.problems: tuple[Problem, ...] = ()
        self.statuses: dict[str, ConnectorStatus] = {}
        self.figures: dict[str, ConnectorFigures] = {}
        self.notices: dict[str, ConnectorNoticed] = {}
        self.certificates: tuple[ExpiringCertificate, ...] = ()
        self.stand_ins = StandIns()
        self.read_only: str | None = None
        self.tools_trusted = True
        self.runs: tuple[Run, ...] = ()
        self.trends = TrendHistory()
        self.today = DayUsage()
        self.is_ready = False
        self.stopped: EngineStopped | None = None

    def rebuild(self, snapshot: Snapshot) -> None:
        """Begin anew from a snapshot."""
        self.workspace = snapshot.workspace
        self.problems = snapshot.problems
        self.statuses = {status.name: status for status in snapshot.connectors}
        self.figures = {figures.name: figures for figures in snapshot.figures}
        self.notices = {}
        self.certificates = snapshot.certificates
        self.stand_ins = snapshot.stand_ins
        self.read_only = snapshot.read_only
        self.tools_trusted = snapshot.tools_trusted
        self.runs = snapshot.runs
        self.trends.reset(snapshot.trends)
        self.today = snapshot.today
        self.is_ready = not snapshot.is_starting
        self.stopped = None

    def apply(self, event: StateEvent) -> None:
        """Take in what happened."""
        match event:
            case ConnectorChanged(status=status):
                self.statuses[status.name] = status
            case ConnectorNoticed(connector=name):
                self.notices[name] = event
            case CertificatesChanged(certificates=certificates):
                self.certificates = certificates
            case FiguresUpdated(figures=figures, points=points, today=today):
                self.figures.update((f.name, f) for f in figures)
                self.trends.add(points)
                self.today = today
            case WorkspaceChanged(workspace=workspace, problems=problems):
                self.workspace = workspace
                self.problems = problems
                self._forget_removed()
            case StandInsChanged(stand_ins=stand_ins):
                self.stand_ins = stand_ins
            case EngineStopped():
                self.stopped = event

    def _forget_removed(self) -> None:
        known = self.workspace.connectors.keys()
        for by_name in (self.statuses, self.figures, self.notices):
            for name in by_name.keys() - known:
                del by_name[name]

    def connector(self, name: str) -> AnyConnector | None:
        """Return a connector's file as understood; None where there is none of that name."""
        return self.workspace.connectors.get(name)

    def cluster_of(self, source: str) -> str:
        """Return the cluster of a message's source, which is a connector or already names a cluster."""
        connector = self.connector(source)
        return source if connector is None else connector.connection or source

    def clusters_with(self, topic: str) -> tuple[str, ...]:
        """Return the clusters on which a connector reads or writes a topic, those that read it first."""
        every = [*self.workspace.inbound, *self.workspace.connectors.values()]
        return tuple(dict.fromkeys(self.cluster_of(c.name) for c in every if c.topic == topic))

    def state(self, name: str) -> ConnectorState:
        """Return a connector's state; one that never spoke is disabled or stopped, as its file says."""
        status = self.statuses.get(name)
        if status is not None:
            return status.state
        connector = self.connector(name)
        is_enabled = connector is not None and connector.enabled
        return ConnectorState.STOPPED if is_enabled else ConnectorState.DISABLED

    def figures_of(self, name: str) -> ConnectorFigures:
        """Return a connector's figures, zeros where none came yet."""
        return self.figures.get(name) or ConnectorFigures(name=name)

    def fault(self, name: str) -> Fault | None:
        """Return what is wrong with a connector now."""
        status = self.statuses.get(name)
        return None if status is None else status.fault

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The workspace's mistakes that keep something from working."""
        return tuple(problem for problem in self.problems if problem.level == "error")

    @property
    def totals(self) -> ConnectorFigures:
        """The figures of all connectors added up; lag is None where no connector knows its own."""
        figures = list(self.figures.values())
        lags = [f.lag for f in figures if f.lag is not None]
        inbound = {connector.name for connector in self.workspace.inbound}
        return ConnectorFigures(
            name="",
            messages=sum(f.messages for f in figures if f.name in inbound),
            in_flight=sum(f.in_flight for f in figures if f.name in inbound),
            completed=sum(f.completed for f in figures if f.name in inbound),
            failed=sum(f.failed for f in figures if f.name in inbound),
            published=sum(f.published for f in figures),
            lag=sum(lags) if lags else None,
            messages_per_s=sum(f.messages_per_s for f in figures if f.name in inbound),
        )
