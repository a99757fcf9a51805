"""Where arrow keys lead on the canvas."""

from collections.abc import Collection

from kafka_agent_studio.gui.links.layout import Positions
from kafka_agent_studio.gui.models.link_graph import EdgeKey, LinkGraph, NodeKey

_ASIDE = 2.5
"""How much further a card seems for each px that it is off the way."""
_LINKED = 0.4
"""How much of that counts for a card that a link leads to."""


def neighbour(
    places: Positions, start: NodeKey, dx: int, dy: int, *, linked: Collection[NodeKey] = ()
) -> NodeKey | None:
    """Return the next card in a direction (one of dx, dy is -1 or 1); None where there is none.

    Sideways one of the `linked` cards comes before another that is as near.
    """
    x, y = places[start]
    best: tuple[float, NodeKey] | None = None
    for key, (other_x, other_y) in places.items():
        ahead = (other_x - x) * dx + (other_y - y) * dy
        aside = abs((other_x - x) * dy) + abs((other_y - y) * dx)
        if key == start or ahead <= 0:
            continue
        distance = ahead + _ASIDE * aside * (_LINKED if dx and key in linked else 1.0)
        if best is None or distance < best[0]:
            best = (distance, key)
    return None if best is None else best[1]


def first_card(graph: LinkGraph, places: Positions) -> NodeKey | None:
    """Return the card where the keyboard begins: the highest of the first column."""
    keys = [key for key in graph.nodes if key in places]
    return min(keys, key=lambda key: (key.kind, places[key][1]), default=None)


def next_link(graph: LinkGraph, places: Positions, at: NodeKey | EdgeKey, step: int) -> EdgeKey | None:
    """Return the first link of a card, or the next (step 1) or the one before (-1) beside a link; None without any."""
    if isinstance(at, NodeKey):
        ways = graph.out_of(at) if step > 0 else graph.into(at)
        ways = ways or graph.at(at)
        return min(ways, key=lambda e: (places[e.source][1], places[e.target][1]), default=None)
    ways = sorted(graph.edges, key=lambda e: (e.source.kind, places[e.source][1], places[e.target][1]))
    return ways[(ways.index(at) + step) % len(ways)] if at in ways else None
