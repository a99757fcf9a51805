"""Where cards go by themselves: a column for each kind, in the order in which their links cross least."""

from collections.abc import Mapping

from kafka_agent_studio.gui.models.link_graph import LinkGraph, NodeKey, NodeKind

CARD_WIDTH = 200
CARD_HEIGHT = 64
GRID = 8
NARROWEST_GAP = 104
WIDEST_GAP = 256
NARROWEST_ROW = 24
WIDEST_ROW = 56
_SWEEPS = 6
_AROUND = 4 * GRID

Place = tuple[float, float]
Columns = Mapping[NodeKind, list[NodeKey]]
Positions = Mapping[NodeKey, Place]
"""The left upper corners of cards, in px of the canvas."""


def columns_of(graph: LinkGraph) -> Columns:
    """Return the cards of each column, from the top, in the order in which their links cross least."""
    columns = {kind: [node.key for node in graph.of_kind(kind)] for kind in NodeKind}
    _order(graph, columns)
    return columns


def layered(
    columns: Columns, *, gap: float = NARROWEST_GAP, row_gap: float = NARROWEST_ROW, pinned: Positions | None = None
) -> dict[NodeKey, Place]:
    """Return a place for each card: columns `gap` px apart, rows `row_gap`; around `pinned` ones, which stay."""
    row = CARD_HEIGHT + row_gap
    tallest = max((len(column) for column in columns.values()), default=0) * row
    places: dict[NodeKey, Place] = dict(pinned or {})
    for kind, column in columns.items():
        x = kind * (CARD_WIDTH + gap)
        y = _snap((tallest - len(column) * row) / 2)
        for key in column:
            if key in (pinned or {}):
                continue
            while any(_overlap((x, y), taken) for taken in places.values()):
                y += GRID
            places[key] = (_snap(x), y)
            y += row
    return places


def gaps_for(columns: Columns, width: float, height: float) -> tuple[float, float]:
    """Return the gaps between columns and rows with which the cards fill a view, as far as that looks well."""
    across = (width - 3 * CARD_WIDTH - 2 * _AROUND) / 2
    most = max((len(column) for column in columns.values()), default=0)
    down = (height - 2 * _AROUND) / max(most, 1) - CARD_HEIGHT
    return (
        _snap(min(max(across, NARROWEST_GAP), WIDEST_GAP)),
        _snap(min(max(down, NARROWEST_ROW), WIDEST_ROW)),
    )


def _snap(value: float) -> float:
    return float(round(value / GRID) * GRID)


def _overlap(one: Place, other: Place) -> bool:
    return abs(one[0] - other[0]) < CARD_WIDTH + GRID and abs(one[1] - other[1]) < CARD_HEIGHT + GRID


def _order(graph: LinkGraph, columns: dict[NodeKind, list[NodeKey]]) -> None:
    """Sort each column by the mean place of what its cards are linked to, forth and back (Sugiyama's barycentre)."""
    neighbours: dict[NodeKey, list[NodeKey]] = {key: [] for key in graph.nodes}
    for source, target in graph.edges:
        neighbours[source].append(target)
        neighbours[target].append(source)
    best, fewest = {kind: list(column) for kind, column in columns.items()}, crossings(graph, columns)
    kinds = (NodeKind.AGENT, NodeKind.OUTBOUND, NodeKind.AGENT, NodeKind.INBOUND)
    for sweep in range(_SWEEPS):
        for kind in kinds if sweep % 2 else reversed(kinds):
            place = {key: row - len(c) / 2 for k, c in columns.items() if k is not kind for row, key in enumerate(c)}
            own = {key: row - len(columns[kind]) / 2 for row, key in enumerate(columns[kind])}

            def mean(key: NodeKey, place: dict[NodeKey, float] = place, own: dict[NodeKey, float] = own) -> float:
                around = [place[other] for other in neighbours[key]]
                return sum(around) / len(around) if around else own[key]

            columns[kind].sort(key=mean)
        count = crossings(graph, columns)
        if count < fewest:
            best, fewest = {kind: list(column) for kind, column in columns.items()}, count
    columns.update(best)


def crossings(graph: LinkGraph, columns: Mapping[NodeKind, list[NodeKey]]) -> int:
    """Return how many pairs of links cross."""
    row = {key: number for column in columns.values() for number, key in enumerate(column)}
    count = 0
    for kind in (NodeKind.INBOUND, NodeKind.AGENT):
        ends = sorted((row[e.source], row[e.target]) for e in graph.edges if e.source.kind is kind)
        for number, (source, target) in enumerate(ends):
            count += sum(s > source and t < target for s, t in ends[number + 1 :])
    return count
