"""What the overview says needs a person: growing lag, dead letters, a budget that runs out."""

import dataclasses

import msgspec

from kafka_agent_studio.api.events import ConnectorFigures, FiguresUpdated, Snapshot
from kafka_agent_studio.api.trends import DayUsage, TrendPoint
from kafka_agent_studio.gui.attention import concerns
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.overview.budget import share_of_budget
from kafka_agent_studio.gui.pages.overview import OverviewPage
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
    snapshot = make_snapshot()
    connectors = dict(snapshot.workspace.connectors)
    orders = connectors["orders-in"]
    assert isinstance(orders, InboundConnector)
    update = {"on_failure": "dead_letter", "dead_letter_topic": "orders.dlq"}
    connectors["orders-in"] = InboundConnector.model_validate(orders.model_dump() | update)
    workspace = dataclasses.replace(snapshot.workspace, connectors=connectors)
    view = view_of(msgspec.structs.replace(snapshot, workspace=workspace))
    (concern,) = concerns(view)
    assert concern.trouble.what == "24 dead letters in orders.dlq."
    assert concern.address == "topic/staging/orders.dlq"
    view.figures["orders-in"] = ConnectorFigures("orders-in")
    assert concerns(view) == []


def test_the_nearer_limit_of_a_budget_counts() -> None:
    today = DayUsage(tokens=500_000, cost=18.0)
    assert share_of_budget(Budget(), today) is None
    assert share_of_budget(Budget(tokens_per_day=2_000_000), today) == (0.25, "500,000 of 2,000,000 tokens")
    assert share_of_budget(Budget(tokens_per_day=2_000_000, cost_per_day=20), today) == (0.9, "$18.00 of $20.00")


def test_a_budget_is_a_figure_of_the_overview(open_window: OpenWindow) -> None:
    snapshot = make_snapshot()
    settings = snapshot.workspace.settings.model_copy(update={"budget": Budget(tokens_per_day=1_000)})
    workspace = dataclasses.replace(snapshot.workspace, settings=settings)
    window = open_window(msgspec.structs.replace(snapshot, workspace=workspace, today=DayUsage(tokens=620)))
    page = window.main.page
    assert isinstance(page, OverviewPage)
    assert page.budget.text == "62%"
    window.engine.say(FiguresUpdated(NOW_US, (), today=DayUsage(tokens=1_200)))
    window.bridge.drain()
    assert page.budget.text == "120%"
    assert "1,200 of 1,000 tokens" in page.budget.toolTip()
    assert page.budget.isVisible()
