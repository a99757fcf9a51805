"""Frame time of the links canvas with 50 cards and 200 links, against an empty scene.

Each line is the median processor time of a frame in ms, and how many times that of an empty scene it is:
all of it, a card that is dragged, a second of figures for every link, and a path that is lit.
"""

import os
import statistics
import sys
from collections.abc import Callable
from time import thread_time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication, QGraphicsView

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


def frame_ms(view: QGraphicsView, act: Callable[[int], None]) -> float:
    """Return the median processor time of `act` and the drawing that follows, in ms."""
    times = []
    for number in range(_FRAMES):
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


def main() -> int:
    """Print the frame times; the exit code is 1 where a frame takes longer than the 50 ms a person may wait."""
    application = QApplication(sys.argv[:1])
    theme = Theme(application=application, choice=ThemeChoice.LIGHT)
    empty = _canvas(theme, LinkGraph({}, {}))
    graph = make_graph()
    canvas = _canvas(theme, graph)
    card = next(node for key, node in canvas.links.nodes.items() if key.kind is NodeKind.AGENT)
    inbound = [key for key in graph.nodes if key.kind is NodeKind.INBOUND]
    seconds = [make_graph(second=second) for second in range(_FRAMES)]

    def drag(number: int) -> None:
        card.setPos(card.pos() + QPointF(8 if number % 2 else -8, 0))

    def light(number: int) -> None:
        canvas.links.look_at(None if number % 2 else inbound[number % len(inbound)])

    baseline = frame_ms(empty, lambda _number: empty.viewport().repaint())
    print(f"50 cards and {len(graph.edges)} links, {_SIZE[0]}x{_SIZE[1]}, zoom {canvas.zoom:.2f}")
    print(f"{'an empty scene, all of it':34}{baseline:8.2f} ms     1.0")
    slowest = 0.0
    for words, act in (
        ("all of it", lambda _number: canvas.viewport().repaint()),
        ("a card dragged by 8 px", drag),
        ("a second of figures", lambda number: canvas.links.show_graph(seconds[number])),
        ("a path lit or dimmed again", light),
    ):
        took = frame_ms(canvas, act)
        slowest = max(slowest, took)
        print(f"{words:34}{took:8.2f} ms{took / baseline:8.1f}")
    return int(slowest > 50)


if __name__ == "__main__":
    sys.exit(main())
