"""Puts a window together from its parts: rail, pages, inspector, actions. The pages themselves are in views.py."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.client import HostedClient
from kafka_agent_studio.api.workspaces import WorkspaceOpener
from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.around import Around
from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.engine_bridge import EngineBridge, TaskStarter
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.inspector import Inspector
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.messages.live_filter import LiveFilter
from kafka_agent_studio.gui.models.log_table import LogTableModel
from kafka_agent_studio.gui.models.message_table import MessageTableModel
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.shelf import Shelf, ShelfFiller
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.views import ViewParts, details_of, imports_one, pages_of
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


class Window(msgspec.Struct, frozen=True):
    """A window and what it was made with; `filler` makes, once started, what nobody has looked at yet."""

    main: MainWindow
    parts: WindowParts
    around: Around
    filler: ShelfFiller


def open_window(
    *,
    application: QApplication,
    client: HostedClient,
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
    shared = ViewParts(parts, live, messages, found, log, links, now_us)
    pages, details = pages_of(shared), details_of(shared)
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
    parts.theme.changed.connect(parts.bridge.person_acts)
    parts.bridge.open()
    filler = ShelfFiller(
        makers=(_loads_charts(pages, tasks), imports_one(), pages.make_one, details.make_one), parent=main
    )
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
