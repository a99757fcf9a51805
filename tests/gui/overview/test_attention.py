"""What the overview says needs a person: growing lag, dead letters, a budget that runs out."""

import msgspec
from PySide6.QtWidgets import QFrame, QPushButton

from kafka_agent_studio.api.certificates import CertificateKind, ExpiringCertificate
from kafka_agent_studio.api.events import (
    CertificatesChanged,
    ConnectorChanged,
    ConnectorFigures,
    ConnectorNoticed,
    ConnectorState,
    ConnectorStatus,
    FiguresUpdated,
    Snapshot,
)
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.api.trends import DayUsage, TrendPoint
from kafka_agent_studio.gui.attention import concerns
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.overview.budget import percent, share_of_budget
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.model.connector import InboundConnector
from kafka_agent_studio.model.workspace import Budget
from tests.gui.conftest import OpenWindow
from tests.helpers.gui_scene import NOW_US, make_snapshot


def view_of(snapshot: Snapshot, *lags: int | None) -> EngineView:
    view = EngineView()
    points = tuple(TrendPoint(10, 10 * at, lag=lag) for at, lag in enumerate(lags))
    view.rebuild(msgspec.structs.replace(snapshot, trends=points))
    return view


def said(view: EngineView) -> list[str]:
    return [concern.trouble.what for concern in concerns(view)]


def test_a_lag_that_grows_is_said_and_one_that_is_worked_off_is_not() -> None:
    growing = view_of(make_snapshot(), *range(0, 2_400, 200))
    assert said(growing) == ["The lag grows: 1,600 messages, 600 two minutes ago."]
    assert concerns(growing)[0].address == "groups"
    for lags in (range(2_400, 0, -200), [5_000] * 12, range(0, 60, 5), [0, 9_000], [None] * 12):
        assert said(view_of(make_snapshot(), *lags)) == []


def test_dead_letters_are_counted_and_lead_to_their_topic() -> None:
    view = view_of(_with_dead_letters(make_snapshot()))
    view.figures["orders-in"] = ConnectorFigures("orders-in", failed=30, dead_letters=24)
    (concern,) = concerns(view)
    assert concern.trouble.what == "24 dead letters in orders.dlq."
    assert concern.address == "topic/staging/orders.dlq"
    view.figures["orders-in"] = ConnectorFigures("orders-in", failed=30)
    assert concerns(view) == []


def test_the_nearer_limit_of_a_budget_counts() -> None:
    today = DayUsage(tokens=500_000, cost=18.0)
    assert share_of_budget(Budget(), today) is None
    assert share_of_budget(Budget(tokens_per_day=2_000_000), today) == (0.25, "500,000 of 2,000,000 tokens")
    assert share_of_budget(Budget(tokens_per_day=2_000_000, cost_per_day=20), today) == (0.9, "$18.00 of $20.00")


def test_a_budget_is_a_figure_of_the_overview(open_window: OpenWindow) -> None:
    snapshot = make_snapshot()
    settings = snapshot.workspace.settings.model_copy(update={"budget": Budget(tokens_per_day=1_000)})
    workspace = msgspec.structs.replace(snapshot.workspace, settings=settings)
    window = open_window(msgspec.structs.replace(snapshot, workspace=workspace, today=DayUsage(tokens=620)))
    page = window.main.page
    assert isinstance(page, OverviewPage)
    assert page.budget.text == "62%"
    assert page.budget.accessibleName() == "Budget today: 62%, 620 of 1,000 tokens"
    window.engine.say(FiguresUpdated(NOW_US, (), today=DayUsage(tokens=1_200)))
    window.bridge.drain()
    assert page.budget.text == "120%"
    assert "1,200 of 1,000 tokens" in page.budget.toolTip()
    assert page.budget.isVisible()


def test_all_of_a_budget_is_not_said_before_it_is_used() -> None:
    assert [percent(share) for share in (0.0, 0.996, 1.0, 1.204)] == ["0%", "99%", "100%", "120%"]


def test_a_button_keeps_the_focus_while_the_figures_of_its_row_change(open_window: OpenWindow) -> None:
    snapshot = _with_dead_letters(make_snapshot())
    window = open_window(snapshot)
    page = window.main.page
    assert isinstance(page, OverviewPage)
    window.engine.say(FiguresUpdated(NOW_US, (ConnectorFigures("orders-in", dead_letters=1),)))
    window.bridge.drain()
    row = _row(page, "1 dead letter in orders.dlq")
    button = row.findChildren(QPushButton)[-1]
    button.setFocus()
    window.engine.say(FiguresUpdated(NOW_US, (ConnectorFigures("orders-in", dead_letters=1_300),)))
    window.bridge.drain()
    assert _row(page, "1,300 dead letters in orders.dlq") is row
    assert button.hasFocus()
    window.engine.say(FiguresUpdated(NOW_US, (ConnectorFigures("orders-in"),)))
    window.bridge.drain()
    assert not row.isVisible()


def test_what_the_budget_paused_is_opened_and_not_tried_again(open_window: OpenWindow) -> None:
    window = open_window()
    page = window.main.page
    assert isinstance(page, OverviewPage)
    fault = Fault(FaultCode.BUDGET_REACHED, {"used": "1,000", "limit": "1,000 tokens"})
    window.engine.say(ConnectorChanged(NOW_US, ConnectorStatus("orders-in", ConnectorState.PAUSED, fault)))
    window.bridge.drain()
    (concern,) = (c for c in concerns(window.bridge.view) if c.subject == "orders-in")
    assert [b.text() for b in _row(page, concern.trouble.what).findChildren(QPushButton)] == ["Open"]


CERTIFICATES = (
    ExpiringCertificate("staging", CertificateKind.BROKER, "kafka-1:9093", 3_000_000, -4),
    ExpiringCertificate("staging", CertificateKind.CLIENT, "certs/me.pem", 9_000_000, 12),
    ExpiringCertificate("orders-in", CertificateKind.AUTHORITY, "certs/ca.pem", 5_000_000, 1),
)


def test_a_certificate_is_a_row_with_its_days_and_leads_to_the_form_that_names_it() -> None:
    view = view_of(msgspec.structs.replace(make_snapshot(), certificates=CERTIFICATES))
    found = concerns(view)
    assert [(c.subject, c.look.word, c.look.tone, c.trouble.what, c.address) for c in found] == [
        (
            "staging",
            "expired",
            Tone.FAILED,
            "The certificate of the broker kafka-1:9093 expired 3 days ago.",
            "connections?edit=staging",
        ),
        (
            "orders-in",
            "expiring",
            Tone.WAITING,
            "The authority's certificate certs/ca.pem expires in 1 day.",
            "connectors?edit=orders-in",
        ),
        (
            "staging",
            "expiring",
            Tone.WAITING,
            "The client certificate certs/me.pem expires in 12 days.",
            "connections?edit=staging",
        ),
    ]


def test_what_a_connector_says_of_a_certificate_is_not_said_twice() -> None:
    view = view_of(msgspec.structs.replace(make_snapshot(), certificates=CERTIFICATES[1:2]))
    view.apply(ConnectorNoticed(NOW_US, "orders-in", CERTIFICATES[1].fault))
    assert len(concerns(view)) == 1
    view.apply(CertificatesChanged(NOW_US, ()))
    assert concerns(view) == []


def test_every_certificate_of_a_connection_has_a_row_and_one_click_opens_its_form(open_window: OpenWindow) -> None:
    window = open_window()
    page = window.main.page
    assert isinstance(page, OverviewPage)
    second = msgspec.structs.replace(CERTIFICATES[1], where="certs/other.pem")
    window.engine.say(CertificatesChanged(NOW_US, (CERTIFICATES[1], second)))
    window.bridge.drain()
    assert page.attention.count == 2
    _row(page, "certs/other.pem")
    assert "certs/me.pem expires in 12 days" in window.main.strip.text
    row = _row(page, "certs/me.pem")
    (button,) = row.findChildren(QPushButton)
    assert button.text() == "Open"
    window.engine.say(CertificatesChanged(NOW_US, (msgspec.structs.replace(CERTIFICATES[1], days=11),)))
    window.bridge.drain()
    assert _row(page, "certs/me.pem expires in 11 days") is row
    button.click()
    assert window.parts.navigator.current == "connections?edit=staging"
    assert isinstance(window.main.page, ConnectionsPage)


def _row(page: OverviewPage, words: str) -> QFrame:
    (found,) = (f for f in page.attention.findChildren(QFrame) if words in f.accessibleName() and f.isVisible())
    return found


def _with_dead_letters(snapshot: Snapshot) -> Snapshot:
    """Return the scene with a connector that writes dead letters."""
    connectors = dict(snapshot.workspace.connectors)
    orders = connectors["orders-in"]
    assert isinstance(orders, InboundConnector)
    update = {"on_failure": "dead_letter", "dead_letter_topic": "orders.dlq"}
    connectors["orders-in"] = InboundConnector.model_validate(orders.model_dump() | update)
    workspace = msgspec.structs.replace(snapshot.workspace, connectors=connectors)
    return msgspec.structs.replace(snapshot, workspace=workspace)
