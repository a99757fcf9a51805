"""Frame time of the links canvas with 50 cards and 200 links, against an empty scene.

Each figure is the median processor time of a frame in ms, beside that of an empty scene: all of it, a card that is
dragged, a second of figures for every link, and a path that is lit. None may take longer than a person may wait.
"""

import statistics
import sys
from collections.abc import Callable, Iterator
from time import thread_time

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QGraphicsView

from benchmarks.figures import Figure
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.links.canvas import LinkCanvas
from kafka_agent_studio.gui.links.link_drag import LinkDrag
from kafka_agent_studio.gui.links.scene import LinkScene
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkEdge, LinkGraph, LinkNode, NodeKey, NodeKind
from kafka_agent_studio.gui.state_look import Glyph, StateLook
from kafka_agent_studio.gui.theme import Theme, ThemeChoice, Tone

_FRAMES = 40
_SIZE = (1196, 660)
_INBOUND, _AGENTS, _OUTBOUND = 15, 20, 15
_LINKS = 200
_RUNNING = StateLook(Glyph.DISC, "running", Tone.OK)
_FAILING = StateLook(Glyph.TRIANGLE, "failing", Tone.FAILED, 1)


def make_graph(*, second: int = 0) -> LinkGraph:
    """Return 50 cards and 200 links with other figures for each second."""
    counts = {NodeKind.INBOUND: _INBOUND, NodeKind.AGENT: _AGENTS, NodeKind.OUTBOUND: _OUTBOUND}
    nodes = {
        key: LinkNode(key, f"topic-{number}", "sign-in", _RUNNING, 1_000.0 + second * 7 + number, second + number)
        for kind, count in counts.items()
        for number in range(count)
        for key in [NodeKey(kind, f"{kind.name.lower()}-{number:02}")]
    }
    agents = [key for key in nodes if key.kind is NodeKind.AGENT]
    others = [key for key in nodes if key.kind is not NodeKind.AGENT]
    edges: dict[EdgeKey, LinkEdge] = {}
    step = 0
    while len(edges) < _LINKS:
        other, agent = others[step % len(others)], agents[(step * 7 + step // len(others)) % len(agents)]
        key = EdgeKey(other, agent) if other.kind is NodeKind.INBOUND else EdgeKey(agent, other)
        look = _FAILING if step % 23 == 0 else _RUNNING
        edges[key] = LinkEdge(key, look, 10.0 * (step % 400) + second, second + step % 9, step % 3)
        step += 1
    return LinkGraph(nodes, edges)


def frame_ms(view: QGraphicsView, act: Callable[[int], None], frames: int) -> float:
    """Return the median processor time of `act` and the drawing that follows, in ms."""
    times = []
    for number in range(frames):
        began = thread_time()
        act(number)
        QApplication.processEvents()
        times.append((thread_time() - began) * 1_000)
    return statistics.median(times)


def _canvas(theme: Theme, graph: LinkGraph) -> LinkCanvas:
    scene = LinkScene(theme=theme, icons=Icons(theme=theme))
    drag = LinkDrag(scene=scene, theme=theme, judge=lambda _start, _side, _end: None)
    scene.listen_to_ports(drag)
    canvas = LinkCanvas(scene=scene, drag=drag, theme=theme)
    scene.show_graph(graph)
    canvas.resize(*_SIZE)
    canvas.show()
    canvas.arrange()
    QApplication.processEvents()
    return canvas


def measure(short: bool) -> Iterator[Figure]:
    """Yield what a frame takes, each beside that of an empty scene."""
    frames = 10 if short else _FRAMES
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    theme = Theme(application=application, choice=ThemeChoice.LIGHT)
    empty = _canvas(theme, LinkGraph({}, {}))
    graph = make_graph()
    canvas = _canvas(theme, graph)
    baseline = frame_ms(empty, lambda _number: empty.viewport().repaint(), frames)
    for words, act in _acts(canvas, graph):
        yield Figure(
            name=f"links, 50 cards and {len(graph.edges)} links: {words}",
            ours=frame_ms(canvas, act, frames),
            baseline=baseline,
            unit="ms of processor time, an empty scene",
            at_most=50.0,
            is_count=True,
        )


def _acts(canvas: LinkCanvas, graph: LinkGraph) -> list[tuple[str, Callable[[int], None]]]:
    card = next(node for key, node in canvas.links.nodes.items() if key.kind is NodeKind.AGENT)
    inbound = [key for key in graph.nodes if key.kind is NodeKind.INBOUND]
    seconds = [make_graph(second=second) for second in range(_FRAMES)]

    def drag(number: int) -> None:
        card.setPos(card.pos() + QPointF(8 if number % 2 else -8, 0))

    def light(number: int) -> None:
        canvas.links.look_at(None if number % 2 else inbound[number % len(inbound)])

    return [
        ("all of it", lambda _number: canvas.viewport().repaint()),
        ("a card dragged by 8 px", drag),
        ("a second of figures", lambda number: canvas.links.show_graph(seconds[number])),
        ("a path lit or dimmed again", light),
    ]
