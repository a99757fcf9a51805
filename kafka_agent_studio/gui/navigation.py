"""Every place in the window has an address; going there is the same for a click, a key and a link.

Addresses: `overview`, `connectors`, `messages`, `runs`, `log` …, and of one thing `run/<id>`,
`message/<cluster>/<topic>/<partition>/<offset>`, `connector/<name>`, `topic/<cluster>/<name>`,
`group/<cluster>/<name>`, `line/<number>`.
"""

from typing import NamedTuple
from urllib.parse import quote, unquote

from PySide6.QtCore import QObject, Signal

_MOST_PLACES = 200


class Navigator(QObject):
    """Where the window is, where it was, and how to get back, as in a browser."""

    place_changed = Signal(str)

    def __init__(self, *, first: str = "overview") -> None:
        super().__init__()
        self._places = [first]
        self._at = 0

    @property
    def current(self) -> str:
        """The address shown now."""
        return self._places[self._at]

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place before this one."""
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        """Whether back() was used and nothing new visited since."""
        return self._at < len(self._places) - 1

    def go(self, address: str) -> None:
        """Show a place; the places after the current one are forgotten."""
        if address == self.current:
            return
        del self._places[self._at + 1 :]
        self._places.append(address)
        del self._places[:-_MOST_PLACES]
        self._at = len(self._places) - 1
        self.place_changed.emit(address)

    def back(self) -> None:
        """Show the place before; nothing happens at the first."""
        self._step(-1)

    def forward(self) -> None:
        """Show the place that back() left; nothing happens at the last."""
        self._step(+1)

    def _step(self, by: int) -> None:
        if 0 <= self._at + by < len(self._places):
            self._at += by
            self.place_changed.emit(self.current)


def split(address: str) -> tuple[str, str]:
    """Return the kind of a place and the rest of its address: `run/6f1c` → (`run`, `6f1c`)."""
    kind, _, rest = address.partition("/")
    return kind, rest


def run_address(run_id: str) -> str:
    """Return the address of a run."""
    return f"run/{run_id}"


class MessageSpot(NamedTuple):
    """Where a message lies. `cluster` is a connection, a connector that has its own, or `sandbox`; "" is not known."""

    cluster: str
    topic: str
    partition: int
    offset: int

    @property
    def place(self) -> str:
        """`topic/partition/offset`, as within one cluster."""
        return f"{self.topic}/{self.partition}/{self.offset}"


def message_address(cluster: str, place: str) -> str:
    """Return the address of the message at `topic/partition/offset` of a cluster; "" where it is not known."""
    return f"message/{cluster}/{place}" if cluster else f"message/{place}"


def connector_address(name: str) -> str:
    """Return the address of a connector."""
    return f"connector/{name}"


def connection_address(name: str) -> str:
    """Return the address of a saved connection: its form, beside the list."""
    return f"connections?edit={name}"


def connector_form_address(name: str) -> str:
    """Return the address of the form of a connector."""
    return f"connectors?edit={name}"


def topic_address(cluster: str, topic: str) -> str:
    """Return the address of a topic of a cluster."""
    return f"topic/{cluster}/{topic}"


def group_address(cluster: str, group: str) -> str:
    """Return the address of a consumer group; its name may hold anything."""
    return f"group/{cluster}/{quote(group, safe='')}"


def split_cluster(rest: str) -> tuple[str, str]:
    """Return cluster and name of `staging/orders`; the name is empty where there is none."""
    cluster, _, name = rest.partition("/")
    return cluster, unquote(name)


def narrowed_address(current: str, term: str) -> str:
    """Return where one sees the messages that fit one more term: the browsing that is on screen, else what arrives."""
    page = "browse" if split(current.partition("?")[0])[0] == "browse" else "messages"
    return f"{page}?add={quote(term, safe='')}"


def log_address(number: int) -> str:
    """Return the address of a line of the log, by its number since the window opened."""
    return f"line/{number}"


def split_message(rest: str) -> MessageSpot | None:
    """Return the spot of `staging/orders/2/1542` or `orders/2/1542`; None where it is neither. No name holds a `/`."""
    parts = rest.split("/")
    if len(parts) not in (3, 4) or not all(part.isascii() and part.isdecimal() for part in parts[-2:]):
        return None
    return MessageSpot(parts[0] if len(parts) == 4 else "", parts[-3], int(parts[-2]), int(parts[-1]))
