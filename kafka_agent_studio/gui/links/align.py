"""Puts several cards in a line or at equal distances."""

from collections.abc import Callable, Mapping
from enum import Enum

from kafka_agent_studio.gui.links.layout import CARD_HEIGHT, CARD_WIDTH, GRID, Place, Positions
from kafka_agent_studio.gui.models.link_graph import NodeKey


class Align(Enum):
    """What is to be equal."""

    LEFT = "Align left edges"
    TOP = "Align upper edges"
    ACROSS = "Equal distances across"
    DOWN = "Equal distances down"


def aligned(places: Positions, how: Align) -> dict[NodeKey, Place]:
    """Return the places of cards once they are aligned; the first stays where it is."""
    ways: Mapping[Align, Callable[[Positions], dict[NodeKey, Place]]] = {
        Align.LEFT: lambda p: {key: (min(x for x, _ in p.values()), y) for key, (_, y) in p.items()},
        Align.TOP: lambda p: {key: (x, min(y for _, y in p.values())) for key, (x, _) in p.items()},
        Align.ACROSS: lambda p: _spread(p, 0, CARD_WIDTH),
        Align.DOWN: lambda p: _spread(p, 1, CARD_HEIGHT),
    }
    return ways[how](places) if places else {}


def _spread(places: Positions, axis: int, size: int) -> dict[NodeKey, Place]:
    keys = sorted(places, key=lambda key: places[key][axis])
    first, last = places[keys[0]][axis], places[keys[-1]][axis]
    step = max((last - first) / max(len(keys) - 1, 1), size + 2 * GRID)
    result = {}
    for number, key in enumerate(keys):
        at = float(round((first + number * step) / GRID) * GRID)
        result[key] = (at, places[key][1]) if axis == 0 else (places[key][0], at)
    return result
