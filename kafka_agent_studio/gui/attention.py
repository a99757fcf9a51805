"""What needs a person, worst first: computed from the state now, shown on the overview and in the strip."""

from dataclasses import dataclass

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.navigation import connector_address
from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS, Glyph, StateLook
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.trouble import Trouble, in_words

_TROUBLED = (ConnectorState.FAILED, ConnectorState.RETRYING, ConnectorState.PAUSED, ConnectorState.WAITING)
_MISTAKE = StateLook(Glyph.TRIANGLE, "mistake", Tone.FAILED, 0)
_NOTICE = StateLook(Glyph.DOTS, "notice", Tone.WAITING, 6)
_STOPPED = StateLook(Glyph.TRIANGLE, "engine", Tone.FAILED, -1)
_MOST_MISTAKES = 3


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing: where it is, in words, the place to go, and the connector that "Try now" starts (None: none).

    `next_try_at_us` is epoch µs, None where no try is due.
    """

    subject: str
    look: StateLook
    trouble: Trouble
    address: str
    connector: str | None = None
    next_try_at_us: int | None = None


def concerns(view: EngineView) -> list[Concern]:
    """Return all that needs a person, worst first."""
    found = [*_engine(view), *_mistakes(view), *_connectors(view), *_notices(view)]
    return sorted(found, key=lambda concern: concern.look.order)


def _engine(view: EngineView) -> list[Concern]:
    if view.stopped is None:
        return []
    fault = view.stopped.fault
    trouble = (
        Trouble("The engine was stopped.", "No messages are read or published.", "Close the window and open it again.")
        if fault is None
        else in_words(fault)
    )
    return [Concern("Engine", _STOPPED, trouble, "overview")]


def _mistakes(view: EngineView) -> list[Concern]:
    errors = view.errors
    found = [
        Concern(
            f"{problem.file}:{problem.line}:{problem.column}",
            _MISTAKE,
            Trouble(problem.message, "What ran before goes on as it was."),
            "overview",
        )
        for problem in errors[:_MOST_MISTAKES]
    ]
    if len(errors) > _MOST_MISTAKES:
        more = len(errors) - _MOST_MISTAKES
        found.append(Concern("Workspace", _MISTAKE, Trouble(f"{more} more mistakes in its files."), "overview"))
    return found


def _connectors(view: EngineView) -> list[Concern]:
    found = []
    for name, status in sorted(view.statuses.items()):
        if status.state in _TROUBLED and status.fault is not None:
            look = CONNECTOR_LOOKS[status.state]
            found.append(
                Concern(name, look, in_words(status.fault), connector_address(name), name, status.next_try_at_us)
            )
    return found


def _notices(view: EngineView) -> list[Concern]:
    return [
        Concern(name, _NOTICE, in_words(notice.fault), connector_address(name))
        for name, notice in sorted(view.notices.items())
    ]
