"""What needs a person, worst first: computed from the state now, shown on the overview and in the strip."""

import msgspec

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.navigation import (
    connection_address,
    connector_address,
    connector_form_address,
    topic_address,
)
from kafka_agent_studio.gui.state_look import CONNECTOR_LOOKS, Glyph, StateLook
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.trouble import Trouble, in_words
from kafka_agent_studio.model.connector import OnFailure

_TROUBLED = (ConnectorState.FAILED, ConnectorState.RETRYING, ConnectorState.PAUSED, ConnectorState.WAITING)
_MISTAKE = StateLook(Glyph.TRIANGLE, "mistake", Tone.FAILED, 0)
_NOTICE = StateLook(Glyph.DOTS, "notice", Tone.WAITING, 6)
_STOPPED = StateLook(Glyph.TRIANGLE, "engine", Tone.FAILED, -1)
_GROWING = StateLook(Glyph.DOTS, "lagging", Tone.WAITING, 3)
_EXPIRED = StateLook(Glyph.TRIANGLE, "expired", Tone.FAILED, 1)
_EXPIRING = StateLook(Glyph.DOTS, "expiring", Tone.WAITING, 5)
_LETTERS = StateLook(Glyph.DOTS, "dead letters", Tone.WAITING, 4)
_MOST_MISTAKES = 3
_LAG_STEP_S = 10
_LAG_POINTS = 12
_LAG_THAT_MATTERS = 100


class Concern(msgspec.Struct, frozen=True):
    """One thing: where it is, in words, the place to go, and the connector that "Try now" starts (None: none).

    `next_try_at_us` is epoch µs, None where no try is due.
    """

    subject: str
    look: StateLook
    trouble: Trouble
    address: str
    connector: str | None = None
    next_try_at_us: int | None = None
    about: str = ""
    """What tells it from others of the same subject and look."""


def concerns(view: EngineView) -> list[Concern]:
    """Return all that needs a person, worst first."""
    found = [
        *_engine(view),
        *_mistakes(view),
        *_connectors(view),
        *_lag(view),
        *_dead_letters(view),
        *_certificates(view),
        *_notices(view),
    ]
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
            # what the budget paused would be paused again at once
            retried = None if status.fault.code is FaultCode.BUDGET_REACHED else name
            found.append(
                Concern(name, look, in_words(status.fault), connector_address(name), retried, status.next_try_at_us)
            )
    return found


def _lag(view: EngineView) -> list[Concern]:
    """The lag of the last two minutes, where it grows."""
    lags = [point.lag for point in view.trends.of(_LAG_STEP_S) if point.lag is not None][-_LAG_POINTS:]
    if len(lags) < _LAG_POINTS:
        return []
    before, now = max(lags[: _LAG_POINTS // 3]), min(lags[-_LAG_POINTS // 3 :])
    if now < before * 1.5 or now - before < _LAG_THAT_MATTERS:
        return []
    trouble = Trouble(
        f"The lag grows: {now:,} messages, {before:,} two minutes ago.",
        "Messages arrive faster than they are worked.",
        "Let agents run more at once (max_concurrent_runs, max_in_flight), or start another engine in the same group.",
    )
    return [Concern("Lag", _GROWING, trouble, "groups")]


def _dead_letters(view: EngineView) -> list[Concern]:
    """Messages in dead letter topics since the engine started; one a connector whose failed runs go there."""
    found = []
    for connector in view.workspace.inbound:
        count = view.figures_of(connector.name).dead_letters
        if connector.on_failure is not OnFailure.DEAD_LETTER or not count or connector.dead_letter_topic is None:
            continue
        letters = "1 dead letter" if count == 1 else f"{count:,} dead letters"
        trouble = Trouble(
            f"{letters} in {connector.dead_letter_topic}.",
            "Each holds the original message and why its run failed.",
            "Correct the cause, then redrive them from the topic.",
        )
        address = topic_address(connector.connection or connector.name, connector.dead_letter_topic)
        found.append(Concern(connector.name, _LETTERS, trouble, address))
    return found


def _certificates(view: EngineView) -> list[Concern]:
    """Each leads to the form that names the file, or the broker that shows it; who ends first comes first."""
    return [
        Concern(
            one.source,
            _EXPIRED if one.days < 0 else _EXPIRING,
            in_words(one.fault),
            connection_address(one.source)
            if one.source in view.workspace.connections
            else connector_form_address(one.source),
            about=f"{one.kind.value} {one.where}",
        )
        for one in sorted(view.certificates, key=lambda one: (one.ends_at_us, one.source, one.where))
    ]


def _notices(view: EngineView) -> list[Concern]:
    """What connectors said last; that a certificate expires has a row of its own, which goes when it is renewed."""
    return [
        Concern(name, _NOTICE, in_words(notice.fault), connector_address(name))
        for name, notice in sorted(view.notices.items())
        if notice.fault.code is not FaultCode.CERTIFICATE_EXPIRES
    ]
