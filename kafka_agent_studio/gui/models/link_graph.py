"""Connectors and agents as a graph: what is linked to what, how each part is doing, and which way messages go."""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple

import msgspec

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.state_look import StateLook


class NodeKind(IntEnum):
    """What a card stands for, in the direction in which messages go."""

    INBOUND = 0
    AGENT = 1
    OUTBOUND = 2

    @property
    def word(self) -> str:
        """What a person calls it."""
        return ("inbound connector", "agent", "outbound connector")[self]


class NodeKey(NamedTuple):
    """A card; an agent and a connector may have one name."""

    kind: NodeKind
    name: str


class EdgeKey(NamedTuple):
    """A link, in the direction in which messages go."""

    source: NodeKey
    target: NodeKey

    @property
    def is_inbound(self) -> bool:
        """Whether it starts an agent; else it publishes an agent's results."""
        return self.source.kind is NodeKind.INBOUND

    @property
    def connector(self) -> str:
        """The connector whose file holds it."""
        return self.source.name if self.is_inbound else self.target.name

    @property
    def agent(self) -> str:
        """The agent that it holds."""
        return self.target.name if self.is_inbound else self.source.name


class LinkNode(msgspec.Struct, frozen=True):
    """A card. `caption` is the topic, or what the agent is; figures that it has none of are None.

    `trouble` says in words what is wrong, empty where nothing is. `is_missing`: it is named, but not there.
    """

    key: NodeKey
    caption: str
    icon: str
    look: StateLook
    rate_per_s: float | None = None
    in_flight: int | None = None
    failed: int = 0
    lag: int | None = None
    trouble: str = ""
    is_missing: bool = False

    @property
    def text(self) -> str:
        """All of it in words, for a screen reader and a tip."""
        parts = [f"{self.key.name}, {self.key.kind.word}", self.caption, self.look.word, *_figures(self), self.trouble]
        return ", ".join(part for part in parts if part)


class LinkEdge(msgspec.Struct, frozen=True):
    """A link. `inputs` are the inbound connectors whose runs it publishes, None: all.

    `is_pending`: asked for, and not in the running configuration yet; `is_leaving`: its removal was asked for.
    """

    key: EdgeKey
    look: StateLook
    rate_per_s: float = 0.0
    in_flight: int | None = None
    failed: int = 0
    lag: int | None = None
    trouble: str = ""
    inputs: frozenset[str] | None = None
    is_pending: bool = False
    is_leaving: bool = False

    @property
    def title(self) -> str:
        """`orders-in → order-processor`."""
        return f"{self.key.source.name} → {self.key.target.name}"

    @property
    def text(self) -> str:
        """All of it in words, for a screen reader and a tip."""
        only = "" if self.inputs is None else f"only runs started by {', '.join(sorted(self.inputs))}"
        parts = [self.title, self.look.word, *_figures(self), only, self.trouble]
        return ", ".join(part for part in parts if part)


def _figures(part: LinkNode | LinkEdge) -> list[str]:
    words = []
    if part.rate_per_s is not None:
        words.append(formats.rate(part.rate_per_s))
    if part.in_flight:
        words.append(f"{formats.count(part.in_flight)} in flight")
    if part.failed:
        words.append(f"{formats.count(part.failed)} failed")
    if part.lag is not None:
        words.append(f"lag {formats.count(part.lag)}")
    return words


class Way(NamedTuple):
    """The cards and links that messages pass together."""

    nodes: frozenset[NodeKey]
    edges: frozenset[EdgeKey]


class LinkGraph(msgspec.Struct, frozen=True):
    """All cards and links, in order of kind and name."""

    nodes: Mapping[NodeKey, LinkNode]
    edges: Mapping[EdgeKey, LinkEdge]

    def of_kind(self, kind: NodeKind) -> list[LinkNode]:
        """Return the cards of a column."""
        return [node for node in self.nodes.values() if node.key.kind is kind]

    def into(self, key: NodeKey) -> list[EdgeKey]:
        """Return the links that end at a card."""
        return [edge for edge in self.edges if edge.target == key]

    def out_of(self, key: NodeKey) -> list[EdgeKey]:
        """Return the links that begin at a card."""
        return [edge for edge in self.edges if edge.source == key]

    def at(self, key: NodeKey) -> list[EdgeKey]:
        """Return all links of a card."""
        return [edge for edge in self.edges if key in edge]

    def has(self, key: EdgeKey) -> bool:
        """Whether two cards are linked, or about to be."""
        edge = self.edges.get(key)
        return edge is not None and not edge.is_leaving

    def way_of(self, key: NodeKey | EdgeKey) -> Way:
        """Return everything that a message at a card or a link came through and may go to."""
        edges = set(self._way(key))
        nodes = {end for edge in edges for end in edge}
        if isinstance(key, NodeKey):
            nodes.add(key)
        return Way(frozenset(nodes), frozenset(edges))

    def _way(self, key: NodeKey | EdgeKey) -> Iterator[EdgeKey]:
        if isinstance(key, EdgeKey):
            yield key
            yield from self._after(key) if key.is_inbound else self._before(key)
        elif key.kind is NodeKind.AGENT:
            yield from self.at(key)
        else:
            for edge in self.at(key):
                yield from self._way(edge)

    def _after(self, inbound: EdgeKey) -> Iterator[EdgeKey]:
        return (edge for edge in self.out_of(inbound.target) if self._takes(edge, inbound.connector))

    def _before(self, outbound: EdgeKey) -> Iterator[EdgeKey]:
        return (edge for edge in self.into(outbound.source) if self._takes(outbound, edge.connector))

    def _takes(self, outbound: EdgeKey, inbound: str) -> bool:
        inputs = self.edges[outbound].inputs
        return inputs is None or inbound in inputs
