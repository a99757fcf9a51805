"""Where a person put the cards: remembered for this workspace on this machine, never in its files."""

from kafka_agent_studio.gui.links.layout import Place
from kafka_agent_studio.gui.models.link_graph import NodeKey, NodeKind
from kafka_agent_studio.gui.preferences import Preferences

_NAME = "links/places"


def remembered_places(preferences: Preferences) -> dict[NodeKey, Place]:
    """Return the places of cards by kind and name; what is not readable is left out."""
    stored = preferences.get(_NAME, {})
    places: dict[NodeKey, Place] = {}
    for text, place in stored.items() if isinstance(stored, dict) else ():
        kind, _, name = str(text).partition("/")
        is_place = isinstance(place, list) and len(place) == 2 and all(isinstance(v, int | float) for v in place)
        if kind.upper() in NodeKind.__members__ and name and is_place:
            places[NodeKey(NodeKind[kind.upper()], name)] = (float(place[0]), float(place[1]))
    return places


def remember_places(preferences: Preferences, places: dict[NodeKey, Place]) -> None:
    """Remember them."""
    preferences.put(_NAME, {f"{key.kind.name.lower()}/{key.name}": list(place) for key, place in places.items()})
