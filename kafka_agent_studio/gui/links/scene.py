"""Cards and links on one ground: kept in line with the graph, laid out, lit along the path that is looked at."""

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtWidgets import QGraphicsScene, QGraphicsSceneMouseEvent

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.links.edge_item import FAR as FAR_FOR_FIGURES
from kafka_agent_studio.gui.links.edge_item import EdgeItem
from kafka_agent_studio.gui.links.layout import (
    CARD_HEIGHT,
    CARD_WIDTH,
    NARROWEST_GAP,
    NARROWEST_ROW,
    Columns,
    Place,
    columns_of,
    layered,
)
from kafka_agent_studio.gui.links.node_item import FAR as FAR_FOR_CARDS
from kafka_agent_studio.gui.links.node_item import Emphasis, NodeItem
from kafka_agent_studio.gui.links.port_item import PortListener
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkGraph, NodeKey, NodeKind
from kafka_agent_studio.gui.models.link_rules import Side
from kafka_agent_studio.gui.theme import Theme

_LABEL_PLACES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78)
_MARGIN = 32.0
_ROOM_AROUND = 1_200.0


class LinkScene(QGraphicsScene):
    """`looked_at` carries the card or link under the mouse or None; `cards_moved` where they were and where they are.

    `pinned` are the places that a person chose; all other cards go where the layout puts them.
    """

    looked_at = Signal(object)
    cards_moved = Signal(object, object)
    places_changed = Signal()

    def __init__(self, *, theme: Theme, icons: Icons) -> None:
        super().__init__()
        self._theme = theme
        self._icons = icons
        self._ports: PortListener | None = None
        self.graph = LinkGraph({}, {})
        self.nodes: dict[NodeKey, NodeItem] = {}
        self.edges: dict[EdgeKey, EdgeItem] = {}
        self.columns: Columns = {}
        self.pinned: dict[NodeKey, Place] = {}
        self._gaps = (float(NARROWEST_GAP), float(NARROWEST_ROW))
        self._zoom = 1.0
        self._hovered: NodeKey | EdgeKey | None = None
        self._is_placing = False
        self._before_press: dict[NodeKey, Place] = {}
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        theme.changed.connect(self._on_theme)

    def listen_to_ports(self, listener: PortListener) -> None:
        """Say who draws links; before the first graph is shown."""
        self._ports = listener

    # the graph

    def show_graph(self, graph: LinkGraph) -> None:
        """Show cards, links and figures as they are now; only what changed is drawn again."""
        has_new_cards = graph.nodes.keys() != self.graph.nodes.keys()
        has_new_shape = has_new_cards or graph.edges.keys() != self.graph.edges.keys()
        self.graph = graph
        for gone in self.edges.keys() - graph.edges.keys():
            leaving = self.edges.pop(gone)
            self.removeItem(leaving.figures_item)
            self.removeItem(leaving)
        for lost in self.nodes.keys() - graph.nodes.keys():
            self.removeItem(self.nodes.pop(lost))
        for key, node in graph.nodes.items():
            known = self.nodes.get(key)
            if known is None:
                self._add_node(key)
            else:
                known.show_node(node)
        for edge_key, edge in graph.edges.items():
            item = self.edges.get(edge_key)
            if item is None:
                self._add_edge(edge_key)
            else:
                item.show_edge(edge)
        if has_new_cards:
            self.columns = columns_of(graph)
        if has_new_shape:
            self.show_from(self._zoom)
            # A link that comes or goes leaves all cards where they are.
            self.lay_out()
            self._light()

    def _add_node(self, key: NodeKey) -> None:
        assert self._ports is not None
        item = NodeItem(
            node=self.graph.nodes[key],
            theme=self._theme,
            icons=self._icons,
            ports=self._ports,
            on_moved=self._on_moved,
            on_hovered=self.look_at,
        )
        self.nodes[key] = item
        self.addItem(item)

    def _add_edge(self, key: EdgeKey) -> None:
        item = EdgeItem(edge=self.graph.edges[key], theme=self._theme, on_hovered=self.look_at)
        self.edges[key] = item
        self.addItem(item)
        self.addItem(item.figures_item)

    # places

    @property
    def places(self) -> dict[NodeKey, Place]:
        """Where the cards are."""
        return {key: (item.x(), item.y()) for key, item in self.nodes.items()}

    @property
    def extent(self) -> QRectF:
        """The ground that the cards take, with a margin."""
        whole = QRectF()
        for item in self.nodes.values():
            whole = whole.united(QRectF(item.pos().x(), item.pos().y(), CARD_WIDTH, CARD_HEIGHT))
        return whole.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)

    def lay_out(self, *, gaps: tuple[float, float] | None = None) -> None:
        """Put every card that is not pinned where the layout wants it; `gaps` are those of columns and rows."""
        self._gaps = gaps or self._gaps
        gap, row_gap = self._gaps
        pinned = {key: place for key, place in self.pinned.items() if key in self.nodes}
        self._is_placing = True
        for key, (x, y) in layered(self.columns, gap=gap, row_gap=row_gap, pinned=pinned).items():
            self.nodes[key].setPos(x, y)
        self._is_placing = False
        for edge in self.edges:
            self._stretch(edge)
        self._settle()

    def sort(self) -> None:
        """Order the cards of each column anew, so that links cross least."""
        self.columns = columns_of(self.graph)
        self.lay_out()

    def pin(self, places: dict[NodeKey, Place]) -> None:
        """Keep these cards at these places, and no others."""
        self.pinned = dict(places)
        self.lay_out()
        self.places_changed.emit()

    def headings(self) -> dict[NodeKind, QPointF]:
        """Return where the heading of each column stands: above its highest card."""
        points = {}
        for kind in NodeKind:
            items = [item for key, item in self.nodes.items() if key.kind is kind]
            if items:
                points[kind] = QPointF(min(i.x() for i in items), min(i.y() for i in items) - 14)
        return points

    def _settle(self) -> None:
        self._place_labels()
        self.setSceneRect(self.extent.adjusted(-_ROOM_AROUND, -_ROOM_AROUND, _ROOM_AROUND, _ROOM_AROUND))
        self.update()

    def _on_moved(self, key: NodeKey) -> None:
        if self._is_placing:
            return
        for edge in self.graph.at(key):
            if edge in self.edges:
                self._stretch(edge)

    def _stretch(self, edge: EdgeKey) -> None:
        source, target = self.nodes[edge.source], self.nodes[edge.target]
        self.edges[edge].stretch(source.port_at(Side.RIGHT), target.port_at(Side.LEFT))

    def _place_labels(self) -> None:
        """Give each link the first place on its way where no other figures are yet."""
        taken: list[QRectF] = []
        for item in self.edges.values():
            choices = [(share, item.label_at(share)) for share in _LABEL_PLACES]
            share, rect = next(
                ((s, r) for s, r in choices if not any(r.intersects(other) for other in taken)), choices[0]
            )
            item.put_label(share)
            taken.append(rect)

    def show_from(self, zoom: float) -> None:
        """Draw as much as can be read at this scale."""
        self._zoom = zoom
        for node in self.nodes.values():
            node.set_far(zoom < FAR_FOR_CARDS)
        for edge in self.edges.values():
            edge.set_far(zoom < FAR_FOR_FIGURES)

    # light

    def look_at(self, key: NodeKey | EdgeKey | None) -> None:
        """Light the whole path through a card or link; None lights what is selected, or nothing."""
        if key != self._hovered:
            self._hovered = key
            self._light()
            self.looked_at.emit(key)

    def emphasize(self, lit: Iterable[NodeKey], *, edges: Iterable[EdgeKey] = ()) -> None:
        """Light these cards and links, dim all others."""
        bright, along = frozenset(lit), frozenset(edges)
        for key, node in self.nodes.items():
            node.set_emphasis(Emphasis.LIT if key in bright else Emphasis.DIM)
        for edge_key, edge in self.edges.items():
            edge.set_emphasis(Emphasis.LIT if edge_key in along else Emphasis.DIM)

    def restore_light(self) -> None:
        """Light what the mouse is over, or nothing."""
        self._light()

    def _light(self) -> None:
        key = self._hovered
        if key is None or (key not in self.nodes and key not in self.edges):
            for item in self._items():
                item.set_emphasis(Emphasis.NORMAL)
            return
        way = self.graph.way_of(key)
        self.emphasize(way.nodes, edges=way.edges)

    def _items(self) -> list[NodeItem | EdgeItem]:
        return [*self.nodes.values(), *self.edges.values()]

    def _on_theme(self) -> None:
        for item in self._items():
            item.redraw()
        self.update()

    # what a person does

    def item(self, key: object) -> NodeItem | EdgeItem | None:
        """Return the card or link of a key; None where there is none."""
        if isinstance(key, NodeKey):
            return self.nodes.get(key)
        return self.edges.get(key) if isinstance(key, EdgeKey) else None

    def item_key_at(self, at: QPointF) -> NodeKey | EdgeKey | None:
        """Return the card or link at a point; a card comes before the links under it."""
        for key, item in self.nodes.items():
            if item.contains(item.mapFromScene(at)):
                return key
        for edge_key, edge in self.edges.items():
            if edge.is_at(at):
                return edge_key
        return None

    def mousePressEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Remember where everything is, so that what is moved can be moved back."""
        self._before_press = self.places
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QGraphicsSceneMouseEvent) -> None:
        """Say what was moved."""
        super().mouseReleaseEvent(event)
        # Who moves one card has an order in mind: from then on all of them stay where they are.
        if any(self._before_press.get(key, place) != place for key, place in self.places.items()):
            self.cards_moved.emit(dict(self.pinned), self.places)
