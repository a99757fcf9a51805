"""The agents of the workspace as rows: state, figures since the window opened, what they are linked to."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import NamedTuple

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.agents_page.effects import connectors_of, rows_with
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.models.columns import Column
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, Tone
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.run import Run, RunStatus
from kafka_agent_studio.model.workspace import AnyAgent

_REMEMBERED_RUNS = 20_000

MISTAKE = StateLook(Glyph.TRIANGLE, "mistake", Tone.FAILED, 0)
RUNNING = StateLook(Glyph.HALF, "running", Tone.ACCENT, 1)
READY = StateLook(Glyph.DISC, "ready", Tone.OK, 2)
UNLINKED = StateLook(Glyph.RING, "not linked", Tone.OFF, 3)


class AgentFigures:
    """Runs by agent, each counted once however often it is told of; the newest 20,000 are known by id."""

    def __init__(self, runs: Iterable[Run] = ()) -> None:
        """`runs` are those of a snapshot."""
        self._status: OrderedDict[str, tuple[str, RunStatus]] = OrderedDict()
        self.finished: dict[str, int] = {}
        self.failed: dict[str, int] = {}
        self.at_work: dict[str, set[str]] = {}
        self.take(runs)

    def take(self, runs: Iterable[Run]) -> None:
        """Take in runs as they are now."""
        for run in runs:
            agent = run.agent_name
            known = self._status.pop(run.run_id, None)
            self._status[run.run_id] = (agent, run.status)
            working = self.at_work.setdefault(agent, set())
            if not run.status.is_terminal:
                working.add(run.run_id)
                continue
            working.discard(run.run_id)
            if known is None or not known[1].is_terminal:
                self.finished[agent] = self.finished.get(agent, 0) + 1
                self.failed[agent] = self.failed.get(agent, 0) + (run.status is RunStatus.FAILED)
        while len(self._status) > _REMEMBERED_RUNS:
            run_id, (agent, _status) = self._status.popitem(last=False)
            self.at_work[agent].discard(run_id)


class AgentRow(NamedTuple):
    """An agent's file and what is known of it. `agent` is None while its file is not valid."""

    name: str
    path: str
    agent: AnyAgent | None
    errors: int
    is_changed: bool
    runs: int
    failed: int
    at_work: int
    linked: tuple[str, ...]

    @property
    def look(self) -> StateLook:
        """The state in one word."""
        if self.errors or self.agent is None:
            return MISTAKE
        if self.at_work:
            return RUNNING
        return READY if self.linked else UNLINKED


def agent_rows(view: EngineView, figures: AgentFigures, changed_paths: Iterable[str]) -> list[AgentRow]:
    """Return a row for each agent's file, valid or not, in order of name."""
    workspace = view.workspace
    changed = frozenset(changed_paths)
    files = {key.removeprefix("agent/"): path for key, path in workspace.files.items() if key.startswith("agent/")}
    return [
        AgentRow(
            name=name,
            path=path,
            agent=workspace.agents.get(name),
            errors=sum(problem.file == path for problem in view.errors),
            is_changed=path in changed,
            runs=figures.finished.get(name, 0),
            failed=figures.failed.get(name, 0),
            at_work=len(figures.at_work.get(name, ())),
            linked=(*connectors_of(workspace, name), *rows_with(workspace, name)),
        )
        for name, path in sorted(files.items())
    ]


def agent_columns() -> list[Column[AgentRow]]:
    """Return the columns of the list."""
    return [
        Column(
            "state",
            "State",
            lambda r: r.look.word,
            width=88,
            sort=lambda r: r.look.order,
            look=lambda r: r.look,
            tip=lambda r: f"{r.errors} mistakes" if r.errors else r.look.word,
        ),
        Column(
            "name",
            "Agent",
            lambda r: f"* {r.name}" if r.is_changed else r.name,
            width=120,
            value=lambda r: r.name,
            tip=lambda r: f"{r.path}, not saved" if r.is_changed else r.path,
        ),
        Column(
            "runs",
            "Runs",
            lambda r: formats.count(r.runs),
            width=52,
            sort=lambda r: r.runs,
            value=lambda r: r.runs,
            tip=lambda r: f"{r.runs:,} runs over since this window opened, {r.at_work:,} at work",
            is_right=True,
        ),
        Column(
            "failed",
            "Failed",
            lambda r: formats.count(r.failed),
            width=52,
            sort=lambda r: r.failed,
            value=lambda r: r.failed,
            tip=lambda r: f"{r.failed:,} runs failed since this window opened",
            is_right=True,
        ),
        Column(
            "linked",
            "Links",
            lambda r: formats.count(len(r.linked)),
            width=48,
            sort=lambda r: len(r.linked),
            value=lambda r: list(r.linked),
            tip=lambda r: ", ".join(r.linked) or "no connector is linked to it",
            is_right=True,
        ),
        Column("type", "Type", lambda r: "" if r.agent is None else r.agent.type, width=80, is_hidden=True),
        Column("model", "Model", _model, width=150, is_hidden=True),
    ]


def _model(row: AgentRow) -> str:
    return row.agent.model if isinstance(row.agent, LlmAgent) else formats.NOTHING


class AgentTableModel(LiveTableModel[AgentRow]):
    """One row a file; `show_rows` keeps selection and order."""

    def __init__(self, *, theme: Theme) -> None:
        super().__init__(columns=agent_columns(), key_of=lambda r: r.path, theme=theme, is_newest_first=False)

    def show_rows(self, rows: list[AgentRow]) -> None:
        """Show these rows."""
        known = [self.row(number).path for number in range(self.rowCount())]
        if sorted(known) == sorted(row.path for row in rows):
            self.upsert(rows)
        else:
            self.reset(rows)
