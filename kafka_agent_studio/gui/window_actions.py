"""The window's own actions: places, new things, theme, panels, help; and the menus made from all actions."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMenuBar

from kafka_agent_studio.gui.actions import ActionEntry, Actions
from kafka_agent_studio.gui.dialogs.command_palette import CommandPalette
from kafka_agent_studio.gui.dialogs.shortcut_sheet import ShortcutSheet
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.place_finder import PlaceFinder
from kafka_agent_studio.gui.theme import ThemeChoice
from kafka_agent_studio.gui.widgets.rail import RailEntry


def add_window_actions(*, parts: WindowParts, rail_entries: Sequence[RailEntry]) -> None:
    """Add what needs no window yet: places and theme."""
    actions, navigator = parts.actions, parts.navigator
    for entry in rail_entries:
        actions.add(
            ActionEntry(
                f"go.{entry.address}",
                "Go",
                entry.word,
                lambda address=entry.address: navigator.go(address),  # type: ignore[misc]
                entry.shortcut,
                keywords="page open show",
            )
        )
    for address, text, keywords in (
        ("connections", "Connections", "cluster broker login security"),
        ("browse", "Browse a topic", "messages read search scan offsets history"),
        ("groups", "Consumer groups", "lag offsets"),
    ):
        actions.add(
            ActionEntry(
                f"go.{address}",
                "Go",
                text,
                lambda address=address: navigator.go(address),  # type: ignore[misc]
                keywords=f"page open show {keywords}",
            )
        )
    actions.add(ActionEntry("go.back", "Go", "Back", navigator.back, "Alt+Left"))
    actions.add(ActionEntry("go.up", "Go", "Close this page", lambda: _leave(parts), "Esc", is_in_menu=False))
    actions.add(ActionEntry("go.forward", "Go", "Forward", navigator.forward, "Alt+Right"))
    _add_new_things(parts)
    for choice, text in (
        (ThemeChoice.SYSTEM, "Theme of the system"),
        (ThemeChoice.LIGHT, "Light theme"),
        (ThemeChoice.DARK, "Dark theme"),
    ):
        actions.add(
            ActionEntry(
                f"view.theme_{choice.value}",
                "View",
                text,
                lambda choice=choice: _choose_theme(parts, choice),  # type: ignore[misc]
                keywords="colour appearance mode",
                is_checkable=True,
            )
        )
    _mark_theme(parts)


def _add_new_things(parts: WindowParts) -> None:
    # Places, not pages: a page may not have been made yet.
    for kind, place, keywords in (
        ("inbound connector", "connectors?new=inbound", "topic consumer producer"),
        ("outbound connector", "connectors?new=outbound", "topic consumer producer"),
        ("connection", "connections?new=", "cluster broker login"),
        ("message", "topics?produce=", "produce write send topic"),
    ):
        parts.actions.add(
            ActionEntry(
                f"file.new_{kind.partition(' ')[0]}",
                "File",
                f"New {kind}…",
                lambda place=place: parts.navigator.go(place),  # type: ignore[misc]
                keywords=keywords,
            )
        )


def _leave(parts: WindowParts) -> None:
    if "/" in parts.navigator.current:
        parts.navigator.back()


def _choose_theme(parts: WindowParts, choice: ThemeChoice) -> None:
    parts.preferences.theme = choice
    parts.theme.choose(choice)
    _mark_theme(parts)


def _mark_theme(parts: WindowParts) -> None:
    for choice in ThemeChoice:
        parts.actions.qt(f"view.theme_{choice.value}").setChecked(choice is parts.preferences.theme)


def add_view_actions(*, parts: WindowParts, main: MainWindow) -> None:
    """Add what acts on the window itself."""
    actions = parts.actions
    palette = CommandPalette(
        actions=actions,
        theme=parts.theme,
        parent=main,
        navigator=parts.navigator,
        places=PlaceFinder(bridge=parts.bridge),
    )
    sheet = ShortcutSheet(actions=actions, theme=parts.theme, parent=main)
    for entry in (
        ActionEntry("view.inspector", "View", "Inspector (open/close)", main.inspector.toggle, "Ctrl+I"),
        ActionEntry(
            "view.filter", "View", "Filter this page", lambda: main.page.focus_filter(), "Ctrl+F", "find search"
        ),
        ActionEntry(
            "help.palette", "Help", "Find an action or a place…", palette.show_all, "Ctrl+K", "command palette"
        ),
        ActionEntry("help.shortcuts", "Help", "Keyboard shortcuts", sheet.open, "F1", "keys"),
        ActionEntry("file.quit", "File", "Quit", main.close, "Ctrl+Q", "exit close"),
    ):
        actions.add(entry)


def fill_menus(actions: Actions, bar: QMenuBar) -> None:
    """Make one menu a group, in the order in which people look for them."""
    groups = actions.groups()
    for group in ("File", "Go", "View", "Engine", "Help"):
        menu = bar.addMenu(f"&{group}")
        for entry in groups.get(group, []):
            if entry.is_in_menu:
                menu.addAction(actions.qt(entry.id))
