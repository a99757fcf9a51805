"""The canvas, as a person uses it: drag, drop, select, zoom, undo; by mouse and by keyboard alone."""

import msgspec
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from kafka_agent_studio.api.commands import SaveFields, SaveFiles
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorState,
    ConnectorStatus,
    FiguresUpdated,
    RunChange,
    RunsChanged,
)
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.gui.links.align import Align
from kafka_agent_studio.gui.links.edge_item import width_of
from kafka_agent_studio.gui.links.node_item import Emphasis
from kafka_agent_studio.gui.models.link_rules import Side
from kafka_agent_studio.model.run import RunStatus
from tests.gui.links.conftest import (
    CORRELATED,
    CORRELATOR,
    ORDERS,
    PROCESSOR,
    RESULTS,
    SHIPMENTS,
    TAGGER,
    LinksUnderTest,
    OpenLinks,
    edge,
)
from tests.helpers.gui_scene import NOW_US, make_empty_snapshot, make_run, make_snapshot

# drawing links


def test_a_link_is_drawn_from_port_to_port(links: LinksUnderTest) -> None:
    nodes = links.page.scene.nodes
    links.drag(nodes[ORDERS].port_at(Side.RIGHT), nodes[TAGGER].port_at(Side.LEFT))
    assert links.files.agents("orders-in") == ["order-processor", "event-correlator", "order-tagger"]
    links.settle()
    assert ("orders-in", "order-tagger") in links.edges()


def test_a_link_is_drawn_backwards_and_ends_anywhere_on_a_card(links: LinksUnderTest) -> None:
    links.drag(links.page.scene.nodes[RESULTS].port_at(Side.LEFT), links.middle(TAGGER))
    links.settle()
    assert ("order-tagger", "results-out") in links.edges()
    assert links.files.agents("results-out") == ["order-processor", "order-tagger"]


def test_until_the_event_comes_a_new_link_is_shown_as_being_saved(links: LinksUnderTest) -> None:
    links.drag(links.page.scene.nodes[ORDERS].port_at(Side.RIGHT), links.middle(TAGGER))
    new = links.page.scene.graph.edges[edge(ORDERS, TAGGER)]
    assert new.is_pending
    assert new.look.word == "saving"
    links.settle()
    assert not links.page.scene.graph.edges[edge(ORDERS, TAGGER)].is_pending


def test_two_quick_links_of_one_connector_do_not_undo_each_other(links: LinksUnderTest) -> None:
    port = links.page.scene.nodes[SHIPMENTS].port_at(Side.RIGHT)
    links.drag(port, links.middle(TAGGER))
    links.drag(port, links.middle(PROCESSOR))
    links.settle()
    assert links.files.agents("shipments-in") == ["event-correlator", "order-tagger", "order-processor"]


def test_what_makes_no_sense_dims_and_says_why(links: LinksUnderTest) -> None:
    nodes = links.page.scene.nodes
    start = nodes[ORDERS].port_at(Side.RIGHT)
    links.press(start)
    links.move(links.middle(PROCESSOR))
    assert nodes[PROCESSOR].emphasis is Emphasis.DIM
    assert nodes[TAGGER].emphasis is Emphasis.LIT
    assert nodes[TAGGER].ports[Side.LEFT].is_offered
    assert links.page.panel.hint.text() == "orders-in starts order-processor already."
    links.move(links.middle(RESULTS))
    assert "stands an agent" in links.page.panel.hint.text()
    links.release(links.middle(RESULTS))
    assert links.page.drag.start is None
    assert not nodes[TAGGER].ports[Side.LEFT].is_offered
    assert not links.window.engine.asked(SaveFields)


def test_a_link_dropped_on_nothing_offers_what_fits(links: LinksUnderTest) -> None:
    start = links.page.scene.nodes[ORDERS].port_at(Side.RIGHT)
    links.drag(start, start + QPointF(60, 220))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions()]
    assert texts[0] == "Link orders-in to"
    assert [text.split()[0] for text in texts[1:]] == ["order-tagger"]
    menu.actions()[1].trigger()
    menu.close()
    assert "order-tagger" in links.files.agents("orders-in")


def test_an_agents_link_dropped_on_nothing_offers_a_new_connector_with_the_agent_ticked(links: LinksUnderTest) -> None:
    start = links.page.scene.nodes[TAGGER].port_at(Side.RIGHT)
    links.drag(start, start + QPointF(60, 220))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    texts = [action.text() for action in menu.actions()]
    assert texts[-1] == "New outbound connector…"
    assert "New inbound connector…" not in texts
    menu.actions()[-1].trigger()
    menu.close()
    assert links.window.parts.navigator.current == "connectors?new=outbound&agent=order-tagger"


def test_the_menu_of_a_card_shows_it_in_the_inspector_too_and_leads_to_its_file(links: LinksUnderTest) -> None:
    canvas = links.page.canvas
    at = links.at(links.middle(PROCESSOR))
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.RightButton, pos=at)
    # The menu keeps the release to itself.
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.viewport().mapToGlobal(at))
    QApplication.sendEvent(canvas.viewport(), asked)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    edit = next(action for action in menu.actions() if action.text() == "Edit the agent")
    links.qtbot.waitUntil(lambda: links.page.inspected_address == "agent/order-processor")
    edit.trigger()
    menu.close()
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.RightButton, pos=at)
    assert links.window.parts.navigator.current == "agents/order-processor"


def test_no_curve_runs_through_the_figures_of_another_link(links: LinksUnderTest) -> None:
    scene = links.page.scene

    def heights(emphasis: Emphasis) -> list[float]:
        return [item.figures_item.zValue() for item in scene.edges.values() if item.emphasis is emphasis]

    assert min(heights(Emphasis.NORMAL)) > max(item.zValue() for item in scene.edges.values())
    scene.look_at(edge(ORDERS, PROCESSOR))
    lit = max(item.zValue() for item in scene.edges.values() if item.emphasis is Emphasis.LIT)
    assert min(heights(Emphasis.LIT)) > lit > max(heights(Emphasis.DIM))
    assert all(item.figures_item.scene() is scene for item in scene.edges.values())


def test_a_link_that_goes_takes_its_figures_along(links: LinksUnderTest) -> None:
    figures = links.page.scene.edges[edge(ORDERS, PROCESSOR)].figures_item
    links.page.canvas.choose(edge(ORDERS, PROCESSOR))
    links.keys(Qt.Key.Key_Delete)
    links.settle()
    assert figures.scene() is None


def test_a_refused_save_leaves_no_link_and_nothing_to_undo(links: LinksUnderTest) -> None:
    links.window.engine.answer(SaveFields, CommandRefused("connectors/orders-in.yaml: the disk is full"))
    links.drag(links.page.scene.nodes[ORDERS].port_at(Side.RIGHT), links.middle(TAGGER))
    assert ("orders-in", "order-tagger") not in links.edges()
    assert links.window.main.notices.text == "connectors/orders-in.yaml: the disk is full"
    assert not links.page.undo.isEnabled()


def test_an_engine_to_look_at_only_lets_nobody_draw_and_says_why(open_links: OpenLinks) -> None:
    why = "Another engine (process 4711) runs this workspace."
    links = open_links(msgspec.structs.replace(make_snapshot(), read_only=why))
    links.drag(links.page.scene.nodes[ORDERS].port_at(Side.RIGHT), links.middle(TAGGER))
    links.page.canvas.choose(edge(ORDERS, PROCESSOR))
    links.keys(Qt.Key.Key_Delete)
    assert not links.window.engine.asked(SaveFields)
    assert why in links.page.panel.hint.text()
    assert why in links.window.main.notices.text
    links.page.as_table.click()
    assert not links.page.table.add.isEnabled()


# removing, undo


def test_delete_removes_a_link_and_undo_brings_its_file_back_as_it_was(links: LinksUnderTest) -> None:
    before = dict(links.files.texts)
    links.page.canvas.choose(edge(ORDERS, PROCESSOR))
    links.keys(Qt.Key.Key_Delete)
    assert links.page.scene.graph.edges[edge(ORDERS, PROCESSOR)].is_leaving
    links.settle()
    assert ("orders-in", "order-processor") not in links.edges()
    links.keys(Qt.Key.Key_Z, modifier=Qt.KeyboardModifier.ControlModifier)
    links.settle()
    assert ("orders-in", "order-processor") in links.edges()
    assert links.files.texts == before
    links.page.redo.click()
    links.settle()
    assert links.files.agents("orders-in") == ["event-correlator"]


def test_undo_keeps_what_somebody_else_wrote_into_the_file_meanwhile(links: LinksUnderTest) -> None:
    links.page.canvas.choose(edge(ORDERS, PROCESSOR))
    links.keys(Qt.Key.Key_Delete)
    links.settle()
    links.files.texts["connectors/orders-in.yaml"] += "ordering: none\n"
    links.page.undo.click()
    links.settle()
    assert links.files.agents("orders-in") == ["order-processor", "event-correlator"]
    assert [type(command) for command in links.window.engine.commands if isinstance(command, SaveFields | SaveFiles)][
        -2:
    ] == [SaveFiles, SaveFields]


def test_several_links_go_in_one_step(links: LinksUnderTest) -> None:
    items = links.page.scene.edges
    for key in (edge(ORDERS, PROCESSOR), edge(ORDERS, CORRELATOR), edge(CORRELATOR, CORRELATED)):
        items[key].setSelected(True)
    links.keys(Qt.Key.Key_Delete)
    links.settle()
    assert links.edges() == {("shipments-in", "event-correlator"), ("order-processor", "results-out")}
    links.page.undo.click()
    links.settle()
    assert len(links.edges()) == 5
    assert not links.page.undo.isEnabled()


def test_moved_cards_are_remembered_and_can_be_moved_back(open_links: OpenLinks) -> None:
    links = open_links()
    place = links.page.scene.places[TAGGER]
    start = links.middle(TAGGER)
    links.drag(start, start + QPointF(0, 160))
    moved = links.page.scene.places[TAGGER]
    assert moved == (place[0], place[1] + 160)
    again = open_links()
    assert again.page.scene.places[TAGGER] == moved
    links.page.undo.click()
    assert links.page.scene.places[TAGGER][1] == place[1]
    assert links.page.scene.pinned == {}


def test_alignment_and_arrangement_can_be_undone(links: LinksUnderTest) -> None:
    scene = links.page.scene
    start = links.middle(TAGGER)
    links.drag(start, start + QPointF(64, 80))
    crooked = scene.places
    scene.clearSelection()
    for key in (TAGGER, PROCESSOR):
        scene.nodes[key].setSelected(True)
    links.page.align_chosen(Align.LEFT)
    assert scene.places[TAGGER][0] == scene.places[PROCESSOR][0]
    links.page.undo.click()
    assert scene.places == crooked
    links.page.arrange.click()
    assert scene.places[TAGGER][0] == scene.places[PROCESSOR][0]
    links.page.undo.click()
    assert scene.places == crooked


# looking


def test_hovering_lights_the_whole_path_and_only_that(links: LinksUnderTest) -> None:
    scene = links.page.scene
    links.move(links.middle(SHIPMENTS))
    lit = {key for key, node in scene.nodes.items() if node.emphasis is Emphasis.LIT}
    assert lit == {SHIPMENTS, CORRELATOR, CORRELATED}
    assert scene.edges[edge(CORRELATOR, CORRELATED)].emphasis is Emphasis.LIT
    assert scene.edges[edge(ORDERS, CORRELATOR)].emphasis is Emphasis.DIM


def test_a_link_shows_its_rate_its_state_and_what_failed(links: LinksUnderTest) -> None:
    engine = links.window.engine
    engine.say(ConnectorChanged(NOW_US, ConnectorStatus("shipments-in", ConnectorState.RETRYING)))
    figures = next(f for f in engine.current.figures if f.name == "results-out")
    engine.say(FiguresUpdated(NOW_US, (msgspec.structs.replace(figures, messages_per_s=12_000.0),)))
    thin = width_of(links.page.scene.graph.edges[edge(PROCESSOR, RESULTS)].rate_per_s)
    links.settle()
    links.qtbot.waitUntil(
        lambda: links.page.scene.graph.edges[edge(SHIPMENTS, CORRELATOR)].look.word == "retrying", timeout=5_000
    )
    wide = links.page.scene.edges[edge(PROCESSOR, RESULTS)].edge
    assert wide.rate_per_s == 12_000.0
    assert width_of(wide.rate_per_s) > thin
    links.move(links.page.scene.edges[edge(SHIPMENTS, CORRELATOR)].middle)
    words = links.page.scene.edges[edge(SHIPMENTS, CORRELATOR)].toolTip()
    assert "retrying" in words
    assert "1 failed" in words
    assert links.page.header.remark == "5 links · 1 in trouble"


def test_a_click_on_a_link_shows_its_messages_beside_it(links: LinksUnderTest) -> None:
    links.click(links.page.scene.edges[edge(ORDERS, PROCESSOR)].middle)
    links.qtbot.waitUntil(lambda: links.window.main.inspector.address == "link/orders-in/order-processor")
    links.page.canvas.choose(None)
    links.click(links.middle(SHIPMENTS))
    links.qtbot.waitUntil(lambda: links.window.main.inspector.address == "connector/shipments-in")


def test_a_double_click_opens_the_messages_of_a_link_and_the_runs_of_a_card(links: LinksUnderTest) -> None:
    view = links.page.canvas.viewport()
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=links.at(links.middle(PROCESSOR)))
    assert links.window.parts.navigator.current == "runs?agent=order-processor"
    links.window.go("links")
    middle = links.page.scene.edges[edge(ORDERS, PROCESSOR)].middle
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=links.at(middle))
    assert links.window.parts.navigator.current == "messages?connector=orders-in"


def test_the_wheel_zooms_with_ctrl_and_ctrl_0_shows_all(links: LinksUnderTest) -> None:
    canvas = links.page.canvas
    before = canvas.zoom
    wheel = QWheelEvent(
        QPointF(300, 200),
        QPointF(300, 200),
        QPoint(),
        QPoint(0, -240),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.ControlModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), wheel)
    assert canvas.zoom < before
    assert links.page.panel.zoom.text() == f"{round(canvas.zoom * 100)} %"
    links.keys(Qt.Key.Key_0, modifier=Qt.KeyboardModifier.ControlModifier)
    assert canvas.zoom == before


def test_empty_ground_is_dragged_to_see_what_is_further(links: LinksUnderTest) -> None:
    view, ground = links.page.canvas.viewport(), QPoint(60, 560)
    at = links.at(links.middle(ORDERS))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=ground)
    QTest.mouseMove(view, ground + QPoint(96, -48))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=ground + QPoint(96, -48))
    assert links.at(links.middle(ORDERS)) - at == QPoint(96, -48)


def test_a_workspace_without_anything_says_how_to_begin(open_links: OpenLinks) -> None:
    links = open_links(make_empty_snapshot())
    assert links.page.empty.isVisible()
    assert "Begin with a connector" in links.page.empty.text


# keyboard


def test_arrows_go_from_card_to_card_and_enter_opens(links: LinksUnderTest) -> None:
    canvas = links.page.canvas
    links.keys(Qt.Key.Key_Home)
    assert canvas.current == SHIPMENTS
    links.keys(Qt.Key.Key_Down)
    assert canvas.current == ORDERS
    links.keys(Qt.Key.Key_Right)
    assert canvas.current == PROCESSOR
    links.keys(Qt.Key.Key_Return)
    assert links.window.parts.navigator.current == "runs?agent=order-processor"


def test_a_link_is_made_and_removed_by_keyboard_alone(links: LinksUnderTest) -> None:
    canvas = links.page.canvas
    canvas.choose(ORDERS)
    links.keys(Qt.Key.Key_L, Qt.Key.Key_Right)
    assert links.page.drag.target == PROCESSOR
    assert links.page.panel.hint.text() == "orders-in starts order-processor already."
    links.keys(Qt.Key.Key_Down)
    assert links.page.drag.target == TAGGER
    links.keys(Qt.Key.Key_Return)
    links.settle()
    assert ("orders-in", "order-tagger") in links.edges()
    canvas.choose(TAGGER)
    links.keys(Qt.Key.Key_Left, modifier=Qt.KeyboardModifier.ControlModifier)
    assert canvas.current == edge(ORDERS, TAGGER)
    links.keys(Qt.Key.Key_Delete)
    links.settle()
    assert ("orders-in", "order-tagger") not in links.edges()


def test_escape_ends_a_link_that_was_begun(links: LinksUnderTest) -> None:
    links.page.canvas.choose(ORDERS)
    links.keys(Qt.Key.Key_L, Qt.Key.Key_Right, Qt.Key.Key_Escape, Qt.Key.Key_Return)
    assert links.page.drag.start is None
    assert not links.window.engine.asked(SaveFields)


def test_shift_and_arrows_move_a_card(links: LinksUnderTest) -> None:
    links.page.canvas.choose(TAGGER)
    x, y = links.page.scene.places[TAGGER]
    links.keys(Qt.Key.Key_Down, Qt.Key.Key_Down, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert links.page.scene.places[TAGGER] == (x, y + 16)


# life


def test_runs_that_fail_colour_their_link(links: LinksUnderTest) -> None:
    failed = tuple(make_run(2_000 + at, status=RunStatus.FAILED) for at in range(8))
    links.window.engine.say(RunsChanged(NOW_US, RunChange.FINISHED, failed))
    links.settle()
    key = edge(ORDERS, PROCESSOR)
    links.qtbot.waitUntil(lambda: links.page.scene.graph.edges[key].look.word == "failing", timeout=5_000)
    assert links.page.scene.graph.nodes[PROCESSOR].look.word == "failing"
