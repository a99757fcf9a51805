"""Puts a window together from its parts: pages, rail, inspector, actions. Who adds a page adds it here."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.client import EngineClient
from kafka_agent_studio.api.workspaces import WorkspaceOpener
from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.around import Around
from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.details.agent_traffic import AgentTraffic
from kafka_agent_studio.gui.details.connector_detail import ConnectorDetail
from kafka_agent_studio.gui.details.detail import Detail
from kafka_agent_studio.gui.details.group_detail import GroupDetail
from kafka_agent_studio.gui.details.link_detail import LinkDetail
from kafka_agent_studio.gui.details.log_detail import LogDetail
from kafka_agent_studio.gui.details.message_detail import FindRecord, MessageDetail
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.details.topic_detail import TopicDetail
from kafka_agent_studio.gui.engine_bridge import EngineBridge, TaskStarter
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.inspector import Inspector
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.messages.live_filter import LiveFilter
from kafka_agent_studio.gui.models.log_table import LogTableModel
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.pages.agents import AgentsPage
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.compare import ComparePage
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.groups import GroupsPage
from kafka_agent_studio.gui.pages.links import LinksPage
from kafka_agent_studio.gui.pages.log import LogPage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.pages.rerun import RerunPage
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.pages.topics import TopicsPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.shelf import Shelf, ShelfFiller
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets.rail import RailEntry
from kafka_agent_studio.gui.window_actions import add_view_actions, add_window_actions, fill_menus

_RAIL = (
    ("overview", "Overview", "squares-four"),
    ("links", "Links", "flow-arrow"),
    ("connectors", "Connectors", "broadcast"),
    ("agents", "Agents", "robot"),
    ("messages", "Messages", "envelope-simple"),
    ("runs", "Runs", "play-circle"),
    ("topics", "Topics", "stack"),
    ("log", "Log", "article"),
)

_KEEP_WHAT_PASSES = ("overview", "runs")
"""Pages that keep what they see pass by, so they are there from the beginning."""


@dataclass(frozen=True, slots=True)
class Window:
    """A window and what it was made with; `filler` makes, once started, what nobody has looked at yet."""

    main: MainWindow
    parts: WindowParts
    around: Around
    filler: ShelfFiller


def open_window(
    *,
    application: QApplication,
    client: EngineClient,
    tasks: TaskStarter,
    settings: QSettings,
    workspace_root: Path,
    first_place: str | None = None,
    now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
    opener: WorkspaceOpener | None = None,
    recent: Sequence[Path] = (),
    crashes: CrashHandler | None = None,
) -> Window:
    """Make a window that listens to `client`; showing it is the caller's.

    `opener` None: no other workspace can be opened in it; `recent` are offered, newest first.
    """
    preferences = Preferences(settings=settings, workspace_root=workspace_root)
    theme = Theme(application=application, choice=preferences.theme)
    icons = Icons(theme=theme)
    parts = WindowParts(
        bridge=EngineBridge(client=client, tasks=tasks),
        navigator=Navigator(first=first_place or str(preferences.get("last_place", "overview"))),
        preferences=preferences,
        theme=theme,
        icons=icons,
        actions=Actions(),
    )
    rail = [RailEntry(*entry, f"Ctrl+{number}") for number, entry in enumerate(_RAIL, 1)]
    add_window_actions(parts=parts, rail_entries=rail)
    messages = MessageTableModel(theme=theme)
    live = LiveFilter(bridge=parts.bridge, model=messages)
    log = LogTableModel(theme=theme)
    parts.bridge.logged.connect(log.add_lines)
    links = LinkState(bridge=parts.bridge)
    found = MessageTableModel(theme=theme)
    pages = _pages(parts, live, messages, found, log, links, now_us)
    details = Shelf(makers=_detail_makers(parts, messages, found, log, links, is_wide=False))
    inspector = Inspector(details=details, navigator=parts.navigator, theme=theme, icons=icons)
    main = MainWindow(
        parts=parts,
        rail_entries=rail,
        pages=pages,
        inspector=inspector,
        has_unsaved=lambda: any(page.has_unsaved for page in pages),
        now_us=now_us,
    )
    around = Around(
        parts=parts, main=main, tasks=tasks, root=workspace_root, opener=opener, recent=recent, crashes=crashes
    )
    add_view_actions(parts=parts, main=main)
    parts.actions.work_in(main)
    fill_menus(parts.actions, main.menuBar())
    for kind in _KEEP_WHAT_PASSES:
        pages.find(kind)
    theme.dress(main)
    parts.bridge.open()
    filler = ShelfFiller(makers=(_loads_charts(pages, tasks), pages.make_one, details.make_one), parent=main)
    return Window(main, parts, around, filler)


def _loads_charts(pages: Shelf[Page], tasks: TaskStarter) -> Callable[[], bool]:
    """Return what begins, when it is called first, to load what draws the overview's charts."""
    waiting = [pages.find("overview")]

    def begin() -> bool:
        page = waiting.pop() if waiting else None
        if isinstance(page, OverviewPage):
            tasks.start("load charts", page.charts.load())
        return page is not None

    return begin


def _pages(
    parts: WindowParts,
    live: LiveFilter,
    messages: MessageTableModel,
    found: MessageTableModel,
    log: LogTableModel,
    links: LinkState,
    now_us: Callable[[], int],
) -> Shelf[Page]:
    """Return the pages by the first word of the addresses they show."""
    changes = FileChanges(bridge=parts.bridge)

    def alone(make: Callable[[], Detail], rail_address: str) -> Callable[[], Page]:
        return lambda: DetailPage(parts=parts, detail=make(), rail_address=rail_address)

    details = _detail_makers(parts, messages, found, log, links, is_wide=True)
    return Shelf(
        makers={
            "overview": lambda: OverviewPage(parts=parts),
            "links": lambda: LinksPage(parts=parts, links=links),
            "connectors": lambda: ConnectorsPage(parts=parts, changes=changes),
            "connections": lambda: ConnectionsPage(parts=parts, changes=changes),
            "agents": lambda: AgentsPage(parts=parts, messages=messages),
            "messages": lambda: MessagesPage(parts=parts, model=messages, live=live),
            "browse": lambda: BrowsePage(parts=parts, model=found),
            "runs": lambda: RunsPage(parts=parts, now_us=now_us),
            "compare": lambda: ComparePage(parts=parts),
            "rerun": lambda: RerunPage(parts=parts),
            "topics": lambda: TopicsPage(parts=parts),
            "groups": lambda: GroupsPage(parts=parts),
            "log": lambda: LogPage(parts=parts, model=log),
            "run": alone(details["run"], "runs"),
            "message": alone(details["message"], "messages"),
            "connector": alone(details["connector"], "connectors"),
            "link": alone(details["link"], "links"),
            "agent": alone(details["agent"], "links"),
            "topic": alone(details["topic"], "topics"),
            "group": alone(details["group"], "topics"),
            "line": alone(details["line"], "log"),
        }
    )


def _either(live: MessageTableModel, found: MessageTableModel) -> FindRecord:
    """Look a message up among those that arrived, then among those that were found."""
    return lambda topic, partition, offset: (
        live.find_record(topic, partition, offset) or found.find_record(topic, partition, offset)
    )


def _detail_makers(
    parts: WindowParts,
    messages: MessageTableModel,
    found: MessageTableModel,
    log: LogTableModel,
    links: LinkState,
    *,
    is_wide: bool,
) -> Mapping[str, Callable[[], Detail]]:
    """Return what shows one thing, by the first word of its address: in the inspector, or wide on a page."""
    return {
        "run": lambda: RunDetailView(parts=parts, is_wide=is_wide),
        "message": lambda: MessageDetail(parts=parts, find_record=_either(messages, found)),
        "connector": lambda: ConnectorDetail(parts=parts),
        "link": lambda: LinkDetail(parts=parts, links=links),
        "agent": lambda: AgentTraffic(parts=parts, links=links),
        "topic": lambda: TopicDetail(parts=parts),
        "group": lambda: GroupDetail(parts=parts),
        "line": lambda: LogDetail(parts=parts, find_line=log.find_line),
    }
