"""Every page and every view of one thing, by the first word of its address. Who adds one adds it here.

A module of a view is imported when the view is made: most of a start is imports, and most views are not seen first.
"""

import importlib
from collections.abc import Callable
from typing import Any

import msgspec

from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.messages.live_filter import LiveFilter
from kafka_agent_studio.gui.models.log_table import LogTableModel
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.navigation import MessageSpot
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.shelf import Shelf
from kafka_agent_studio.model.message import Record

_PAGES = {
    "overview": ("pages.overview", "OverviewPage"),
    "links": ("pages.links", "LinksPage"),
    "connectors": ("pages.connectors", "ConnectorsPage"),
    "connections": ("pages.connections", "ConnectionsPage"),
    "agents": ("pages.agents", "AgentsPage"),
    "messages": ("pages.messages", "MessagesPage"),
    "browse": ("pages.browse", "BrowsePage"),
    "runs": ("pages.runs", "RunsPage"),
    "compare": ("pages.compare", "ComparePage"),
    "rerun": ("pages.rerun", "RerunPage"),
    "topics": ("pages.topics", "TopicsPage"),
    "groups": ("pages.groups", "GroupsPage"),
    "log": ("pages.log", "LogPage"),
}
_DETAILS = {
    "run": ("details.run_detail", "RunDetailView"),
    "message": ("details.message_detail", "MessageDetail"),
    "connector": ("details.connector_detail", "ConnectorDetail"),
    "link": ("details.link_detail", "LinkDetail"),
    "agent": ("details.agent_traffic", "AgentTraffic"),
    "topic": ("details.topic_detail", "TopicDetail"),
    "group": ("details.group_detail", "GroupDetail"),
    "line": ("details.log_detail", "LogDetail"),
}
_RAIL_OF_DETAIL = {
    "run": "runs",
    "message": "messages",
    "connector": "connectors",
    "link": "links",
    "agent": "links",
    "topic": "topics",
    "group": "topics",
    "line": "log",
}


class ViewParts(msgspec.Struct, frozen=True):
    """What the views share: the models that keep what passes by, and what all of them are given."""

    parts: WindowParts
    live: LiveFilter
    messages: MessageTableModel
    found: MessageTableModel
    log: LogTableModel
    links: LinkState
    now_us: Callable[[], int]

    def find_record(self, spot: MessageSpot) -> Record | None:
        """Look a message up among those that arrived, then among those that were found."""
        cluster_of = self.parts.bridge.view.cluster_of

        def lies_there(source: str) -> bool:
            return spot.cluster in ("", cluster_of(source))

        return self.messages.find_record(spot.place, lies_there) or self.found.find_record(spot.place, lies_there)


def pages_of(shared: ViewParts) -> Shelf[Page]:
    """Return the pages, those of one thing among them."""
    changes = FileChanges(bridge=shared.parts.bridge)
    given: dict[str, dict[str, Any]] = {
        "links": {"links": shared.links},
        "connectors": {"changes": changes},
        "connections": {"changes": changes},
        "agents": {"messages": shared.messages},
        "messages": {"model": shared.messages, "live": shared.live},
        "browse": {"model": shared.found},
        "runs": {"now_us": shared.now_us},
        "log": {"model": shared.log},
    }
    makers = {kind: _maker(_PAGES[kind], parts=shared.parts, **given.get(kind, {})) for kind in _PAGES}
    return Shelf(makers=makers | {kind: _alone(kind, shared) for kind in _DETAILS})


def details_of(shared: ViewParts) -> Shelf[Detail]:
    """Return what the inspector shows."""
    return Shelf(makers={kind: _detail(kind, shared, is_wide=False) for kind in _DETAILS})


def imports_one() -> Callable[[], bool]:
    """Return what imports the module of one view more at each call; False: there are all.

    On the window's thread, in its pauses: classes of Qt that a thread defines can crash where they are taken down.
    """
    waiting = [module for module, _name in (*_PAGES.values(), *_DETAILS.values())]

    def import_one() -> bool:
        if waiting:
            importlib.import_module(f"kafka_agent_studio.gui.{waiting.pop(0)}")
        return bool(waiting)

    return import_one


def _alone(kind: str, shared: ViewParts) -> Callable[[], Page]:
    make = _detail(kind, shared, is_wide=True)
    return lambda: DetailPage(parts=shared.parts, detail=make(), rail_address=_RAIL_OF_DETAIL[kind])


def _detail(kind: str, shared: ViewParts, *, is_wide: bool) -> Callable[[], Detail]:
    given: dict[str, dict[str, Any]] = {
        "run": {"is_wide": is_wide},
        "message": {"find_record": shared.find_record},
        "link": {"links": shared.links},
        "agent": {"links": shared.links},
        "line": {"find_line": shared.log.find_line},
    }
    return _maker(_DETAILS[kind], parts=shared.parts, **given.get(kind, {}))


def _maker(place: tuple[str, str], **given: Any) -> Callable[[], Any]:
    module, name = place
    return lambda: getattr(importlib.import_module(f"kafka_agent_studio.gui.{module}"), name)(**given)
