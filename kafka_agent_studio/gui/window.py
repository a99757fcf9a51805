"""Puts a window together from its parts: pages, rail, inspector, actions. Who adds a page adds it here."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from kafka_agent_studio.api.client import EngineClient
from kafka_agent_studio.gui.actions import Actions
from kafka_agent_studio.gui.engine_bridge import EngineBridge, TaskStarter
from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.inspector import Detail, Inspector
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.navigation import Navigator
from kafka_agent_studio.gui.pages.overview import OverviewPage
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.preferences import Preferences
from kafka_agent_studio.gui.theme import Theme
from kafka_agent_studio.gui.widgets.rail import RailEntry
from kafka_agent_studio.gui.window_actions import add_view_actions, add_window_actions, fill_menus

RAIL = (RailEntry("overview", "Overview", "squares-four", "Ctrl+1"),)


@dataclass(frozen=True, slots=True)
class Window:
    """A window and what it was made with."""

    main: MainWindow
    parts: WindowParts


def open_window(
    *,
    application: QApplication,
    client: EngineClient,
    tasks: TaskStarter,
    settings: QSettings,
    workspace_root: Path,
    first_place: str | None = None,
) -> Window:
    """Make a window that listens to `client`; showing it is the caller's."""
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
    add_window_actions(parts=parts, rail_entries=RAIL)
    pages = _pages(parts)
    inspector = Inspector(details=_details(parts), navigator=parts.navigator, theme=theme, icons=icons)
    main = MainWindow(parts=parts, rail_entries=RAIL, pages=pages, inspector=inspector)
    add_view_actions(parts=parts, main=main)
    parts.actions.work_in(main)
    fill_menus(parts.actions, main.menuBar())
    parts.bridge.open()
    return Window(main, parts)


def _pages(parts: WindowParts) -> Mapping[str, Page]:
    """Return the pages by the first word of the addresses they show."""
    return {"overview": OverviewPage(parts=parts)}


def _details(parts: WindowParts) -> Mapping[str, Detail]:
    return {}
