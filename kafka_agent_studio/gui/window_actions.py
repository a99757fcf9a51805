"""The window's own actions: places, theme, panels, stand-ins, help; and the menus made from all actions."""

from collections.abc import Sequence

from PySide6.QtWidgets import QMenuBar

from kafka_agent_studio.api.commands import SetOrderStream, SetStandIns
from kafka_agent_studio.gui.actions import ActionEntry, Actions
from kafka_agent_studio.gui.dialogs.command_palette import CommandPalette
from kafka_agent_studio.gui.dialogs.shortcut_sheet import ShortcutSheet
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import ThemeChoice
from kafka_agent_studio.gui.widgets.rail import RailEntry

_ORDERS_PER_S = 5.0


def add_window_actions(*, parts: WindowParts, rail_entries: Sequence[RailEntry]) -> None:
    """Add what needs no window yet: places, theme, stand-ins."""
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
    actions.add(ActionEntry("go.back", "Go", "Back", navigator.back, "Alt+Left"))
    actions.add(ActionEntry("go.up", "Go", "Close this page", lambda: _leave(parts), "Esc", is_in_menu=False))
    actions.add(ActionEntry("go.forward", "Go", "Forward", navigator.forward, "Alt+Right"))
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
            )
        )
    _add_engine_actions(parts)


def _leave(parts: WindowParts) -> None:
    if "/" in parts.navigator.current:
        parts.navigator.back()


def _add_engine_actions(parts: WindowParts) -> None:
    bridge = parts.bridge
    entries = (
        ("sandbox", "Sandbox stands in for every connection (on/off)", _toggle_sandbox, "broker embedded"),
        ("rehearse", "Rehearsal stands in for every model (on/off)", _toggle_rehearsal, "model llm key"),
    )
    for name, text, toggle, keywords in entries:
        actions_entry = ActionEntry(
            f"engine.{name}",
            "Engine",
            text,
            lambda toggle=toggle: bridge.submit(toggle(parts)),  # type: ignore[misc]
            keywords=keywords,
        )
        parts.actions.add(actions_entry)
    for name, text, per_s in (
        ("start_orders", "Send sample orders to the sandbox", _ORDERS_PER_S),
        ("stop_orders", "Stop the sample orders", 0.0),
    ):
        parts.actions.add(
            ActionEntry(
                f"engine.{name}",
                "Engine",
                text,
                lambda per_s=per_s: bridge.submit(SetOrderStream(rate_per_s=per_s)),  # type: ignore[misc]
                keywords="stream demo produce",
            )
        )


def _toggle_sandbox(parts: WindowParts) -> SetStandIns:
    return SetStandIns(sandbox=not parts.bridge.view.stand_ins.sandbox)


def _toggle_rehearsal(parts: WindowParts) -> SetStandIns:
    return SetStandIns(rehearse=not parts.bridge.view.stand_ins.rehearse)


def _choose_theme(parts: WindowParts, choice: ThemeChoice) -> None:
    parts.preferences.theme = choice
    parts.theme.choose(choice)


def add_view_actions(*, parts: WindowParts, main: MainWindow) -> None:
    """Add what acts on the window itself."""
    actions = parts.actions
    palette = CommandPalette(actions=actions, theme=parts.theme, parent=main)
    sheet = ShortcutSheet(actions=actions, theme=parts.theme, parent=main)
    for entry in (
        ActionEntry("view.inspector", "View", "Inspector (open/close)", main.inspector.toggle, "Ctrl+I"),
        ActionEntry(
            "view.filter", "View", "Filter this page", lambda: main.page.focus_filter(), "Ctrl+F", "find search"
        ),
        ActionEntry("help.palette", "Help", "Find an action…", palette.show_all, "Ctrl+K", "command palette"),
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
