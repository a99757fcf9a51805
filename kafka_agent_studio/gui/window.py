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
from kafka_agent_studio.gui.details.link_detail import LinkDetail
from kafka_agent_studio.gui.details.log_detail import LogDetail
from kafka_agent_studio.gui.details.message_detail import FindRecord, MessageDetail
from kafka_agent_studio.gui.details.run_detail import RunDetailView
from kafka_agent_studio.gui.engine_bridge import EngineBridge, TaskStarter
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.inspector import Inspector
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.models.log_table import LogTableModel
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.pages.agents import AgentsPage
from kafka_agent_studio.gui.pages.browse import BrowsePage
from kafka_agent_studio.gui.pages.connections import ConnectionsPage
from kafka_agent_studio.gui.pages.connectors import ConnectorsPage
from kafka_agent_studio.gui.pages.detail_page import DetailPage
from kafka_agent_studio.gui.pages.links import LinksPage
from kafka_agent_studio.gui.pages.log import LogPage
from kafka_agent_studio.gui.pages.messages import MessagesPage
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.pages.runs import RunsPage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.preferences import Preferences
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
    ("log", "Log", "article"),
)


@dataclass(frozen=True, slots=True)
class Window:
    """A window and what it was made with."""

    main: MainWindow
    parts: WindowParts
    around: Around


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
    parts.bridge.messages_received.connect(messages.upsert)
    log = LogTableModel(theme=theme)
    parts.bridge.logged.connect(log.add_lines)
    links = LinkState(bridge=parts.bridge)
    found = MessageTableModel(theme=theme)
    pages = _pages(parts, messages, found, log, links)
    details = _details(parts, messages, found, log, links)
    inspector = Inspector(details=details, navigator=parts.navigator, theme=theme, icons=icons)
    main = MainWindow(
        parts=parts,
        rail_entries=rail,
        pages=pages,
        inspector=inspector,
        has_unsaved=lambda: any(page.has_unsaved for page in pages.values()),
        now_us=now_us,
    )
    around = Around(
        parts=parts, main=main, tasks=tasks, root=workspace_root, opener=opener, recent=recent, crashes=crashes
    )
    add_view_actions(parts=parts, main=main)
    parts.actions.work_in(main)
    fill_menus(parts.actions, main.menuBar())
    theme.dress()
    parts.bridge.open()
    return Window(main, parts, around)


def _pages(
    parts: WindowParts, messages: MessageTableModel, found: MessageTableModel, log: LogTableModel, links: LinkState
) -> Mapping[str, Page]:
    """Return the pages by the first word of the addresses they show."""
    run = RunDetailView(parts=parts, is_wide=True)
    message = MessageDetail(parts=parts, find_record=_either(messages, found))
    connector = ConnectorDetail(parts=parts)
    changes = FileChanges(bridge=parts.bridge)
    return {
        "overview": OverviewPage(parts=parts),
        "links": LinksPage(parts=parts, links=links),
        "connectors": ConnectorsPage(parts=parts, changes=changes),
        "connections": ConnectionsPage(parts=parts, changes=changes),
        "agents": AgentsPage(parts=parts, messages=messages),
        "messages": MessagesPage(parts=parts, model=messages),
        "browse": BrowsePage(parts=parts, model=found),
        "runs": RunsPage(parts=parts),
        "log": LogPage(parts=parts, model=log),
        "run": DetailPage(parts=parts, detail=run, rail_address="runs", actions=run.header_actions),
        "message": DetailPage(parts=parts, detail=message, rail_address="messages"),
        "connector": DetailPage(parts=parts, detail=connector, rail_address="connectors"),
        "link": DetailPage(parts=parts, detail=LinkDetail(parts=parts, links=links), rail_address="links"),
        "agent": DetailPage(parts=parts, detail=AgentTraffic(parts=parts, links=links), rail_address="links"),
        "line": DetailPage(parts=parts, detail=LogDetail(parts=parts, find_line=log.find_line), rail_address="log"),
    }


def _either(live: MessageTableModel, found: MessageTableModel) -> FindRecord:
    """Look a message up among those that arrived, then among those that were found."""
    return lambda topic, partition, offset: (
        live.find_record(topic, partition, offset) or found.find_record(topic, partition, offset)
    )


def _details(
    parts: WindowParts, messages: MessageTableModel, found: MessageTableModel, log: LogTableModel, links: LinkState
) -> Mapping[str, Detail]:
    """Return what the inspector can show, by the first word of the address."""
    return {
        "run": RunDetailView(parts=parts, is_wide=False),
        "message": MessageDetail(parts=parts, find_record=_either(messages, found)),
        "connector": ConnectorDetail(parts=parts),
        "link": LinkDetail(parts=parts, links=links),
        "agent": AgentTraffic(parts=parts, links=links),
        "line": LogDetail(parts=parts, find_line=log.find_line),
    }
