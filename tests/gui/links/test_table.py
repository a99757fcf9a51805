"""The table of links, the details beside it, and what a screen reader hears."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from pytestqt.modeltest import ModelTester

from kafka_agent_studio.gui.details.agent_traffic import AgentTraffic
from kafka_agent_studio.gui.details.link_detail import LinkDetail
from kafka_agent_studio.gui.engine_view import EngineView
from kafka_agent_studio.gui.models.link_projection import link_graph
from kafka_agent_studio.gui.models.link_table import LinkTableModel
from kafka_agent_studio.gui.models.link_traffic import LinkTraffic
from kafka_agent_studio.gui.theme import Theme
from tests.gui.links.conftest import ORDERS, PROCESSOR, RESULTS, TAGGER, LinksUnderTest, edge
from tests.helpers.gui_scene import make_snapshot, make_troubled_snapshot


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester, theme: Theme) -> None:
    view = EngineView()
    view.rebuild(make_snapshot())
    model = LinkTableModel(theme=theme)
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]
    model.update_from(link_graph(view, LinkTraffic()))
    assert model.rowCount() == 5
    view.rebuild(make_troubled_snapshot())
    model.update_from(link_graph(view, LinkTraffic(), {"orders-in": ()}))
    assert {model.index(row, 0).data() for row in range(2)} == {"saving"}


def test_the_same_links_can_be_made_and_removed_in_the_table(links: LinksUnderTest) -> None:
    table = links.page.table
    links.page.as_table.click()
    table.source.choose(ORDERS)
    table.target.choose(PROCESSOR)
    assert not table.add.isEnabled()
    assert table.why.text() == "orders-in starts order-processor already."
    table.target.choose(TAGGER)
    assert table.why.text() == ""
    table.add.click()
    links.settle()
    assert table.table.select_key(edge(ORDERS, TAGGER))
    table.table.setFocus()
    QTest.keyClick(table.table, Qt.Key.Key_Delete)
    links.settle()
    assert links.files.agents("orders-in") == ["order-processor", "event-correlator"]
    links.page.undo.click()
    links.settle()
    assert ("orders-in", "order-tagger") in links.edges()


def test_the_choice_of_view_is_remembered(links: LinksUnderTest) -> None:
    links.page.as_table.click()
    assert links.page.table.isVisible()
    assert links.window.parts.preferences.get("links/view") == "table"
    links.page.as_canvas.click()
    assert links.page.canvas.isVisible()


def test_enter_in_the_table_opens_the_messages_of_a_link(links: LinksUnderTest) -> None:
    links.page.as_table.click()
    links.page.table.table.select_key(edge(ORDERS, PROCESSOR))
    assert links.window.main.inspector.address == "link/orders-in/order-processor"
    QTest.keyClick(links.page.table.table, Qt.Key.Key_Return)
    assert links.window.parts.navigator.current == "messages?connector=orders-in"


def test_beside_a_link_stand_its_figures_and_its_messages(links: LinksUnderTest) -> None:
    links.page.canvas.choose(edge(ORDERS, PROCESSOR))
    detail = next(d for d in links.window.main.inspector.findChildren(LinkDetail))
    assert "Rate: 1,204/s" in detail.figures.text
    assert "Lag: 12" in detail.figures.text
    rows = detail.runs.model().rowCount()
    assert rows > 10
    links.page.canvas.choose(edge(PROCESSOR, RESULTS))
    assert "Rate: 1,201/s" in detail.figures.text
    assert 0 < detail.runs.model().rowCount() < rows


def test_beside_an_agent_stands_what_starts_it_and_where_its_results_go(links: LinksUnderTest) -> None:
    links.page.canvas.choose(PROCESSOR)
    detail = next(d for d in links.window.main.inspector.findChildren(AgentTraffic))
    assert "Started by: orders-in" in detail.ways.text
    assert "Results to: results-out" in detail.ways.text
    links.page.canvas.choose(TAGGER)
    assert "Started by: nothing" in detail.ways.text


def test_a_screen_reader_hears_each_card_and_each_link(links: LinksUnderTest) -> None:
    interface = QAccessible.queryAccessibleInterface(links.page.canvas)
    assert interface.role() == QAccessible.Role.List
    names = [interface.child(at).text(QAccessible.Text.Name) for at in range(interface.childCount())]
    assert len(names) == 7 + 5
    assert "orders-in, inbound connector, orders, running, 1,204/s, 12 in flight, 24 failed, lag 12" in names
    heard = next(name for name in names if name.startswith("link orders-in → order-processor"))
    assert "running, 1,204/s" in heard
    links.page.canvas.choose(TAGGER)
    states = [interface.child(at).state().selected for at in range(interface.childCount())]
    assert sum(bool(state) for state in states) == 1
