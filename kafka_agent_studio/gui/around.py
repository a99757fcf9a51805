"""What is around the pages: other workspaces, trust, notifications, and what an earlier crash left."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from kafka_agent_studio.api.cluster_commands import TrustTools
from kafka_agent_studio.api.workspaces import WorkspaceOpener
from kafka_agent_studio.gui.actions import ActionEntry
from kafka_agent_studio.gui.crash_handler import CrashHandler
from kafka_agent_studio.gui.dialogs.crash_report import CrashReportDialog
from kafka_agent_studio.gui.dialogs.new_workspace import NewWorkspaceDialog
from kafka_agent_studio.gui.engine_bridge import TaskStarter
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.notifier import DesktopTray, Notifier, Tray
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.stand_in_actions import StandInActions
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.widgets.banner import Banner
from kafka_agent_studio.gui.widgets.trust_bar import TrustBar
from kafka_agent_studio.gui.window_place import bring_to_front
from kafka_agent_studio.gui.workspace_desk import WorkspaceDesk

_MOST_RECENT = 8


class Around(QObject):
    """Adds its actions to the window's; `workspace_opened` brings the OpenWorkspace that takes the window's place."""

    workspace_opened = Signal(object)

    def __init__(
        self,
        *,
        parts: WindowParts,
        main: MainWindow,
        tasks: TaskStarter,
        root: Path,
        opener: WorkspaceOpener | None = None,
        recent: Sequence[Path] = (),
        crashes: CrashHandler | None = None,
        tray: Tray | None = None,
    ) -> None:
        super().__init__(main)
        self._parts = parts
        self._main = main
        self._crashes = crashes
        self.stand_ins = StandInActions(parts=parts, main=main)
        self.trust = TrustBar(theme=parts.theme, on_trust=self._on_trust)
        self.looks_on = Banner(theme=parts.theme, tone=Tone.WAITING)
        for banner in (self.trust, self.looks_on):
            main.add_banner(banner)
        self.desk: WorkspaceDesk | None = None
        if opener is not None:
            self.desk = WorkspaceDesk(opener=opener, tasks=tasks, here=root)
            self._offer_workspaces(self.desk, [path for path in recent if path != root][:_MOST_RECENT])
        tray = tray or DesktopTray(icon=parts.icons.icon("broadcast", Tone.ACCENT), on_click=self._on_notification)
        self.notifier = Notifier(
            bridge=parts.bridge, preferences=parts.preferences, tray=tray, is_in_front=main.isActiveWindow
        )
        self._offer_notifications()
        for signal in (parts.bridge.rebuilt, parts.bridge.workspace_changed):
            signal.connect(self._on_workspace)
        if crashes is not None:
            self._offer_report(crashes)

    def close(self) -> None:
        """End what would outlive the window."""
        self.notifier.close()
        if self._crashes is not None:
            self._crashes.on_record = None

    # other workspaces

    def _offer_workspaces(self, desk: WorkspaceDesk, recent: Sequence[Path]) -> None:
        main, actions = self._main, self._parts.actions
        desk.opened.connect(self.workspace_opened)
        desk.began.connect(lambda text: main.notices.say(text, tone=Tone.ACCENT))
        desk.refused.connect(main.notices.say)
        for entry in (
            ActionEntry("file.open", "File", "Open a workspace…", self._choose_folder, "Ctrl+O", "folder directory"),
            ActionEntry("file.new", "File", "New workspace…", self._on_new, "Ctrl+Shift+N", "folder create make"),
        ):
            actions.add(entry)
        for number, root in enumerate(recent):
            actions.add(
                ActionEntry(
                    f"file.recent_{number}",
                    "File",
                    f"Open {root.name} ({short_path(root.parent)})",
                    lambda root=root: main.leave_then(lambda: desk.open(root)),  # type: ignore[misc]
                    keywords="recent workspace",
                )
            )

    def _choose_folder(self) -> None:
        desk = self.desk
        if desk is not None:
            start = self._parts.bridge.view.workspace.root.parent
            self._main.leave_then(lambda: desk.choose_folder(self._main, start))

    def _on_new(self) -> None:
        desk = self.desk
        if desk is not None:
            dialog = NewWorkspaceDialog(
                theme=self._parts.theme, parent=self._main, folder=self._parts.bridge.view.workspace.root.parent
            )
            dialog.chosen.connect(
                lambda root, with_sample: self._main.leave_then(lambda: desk.create(root, with_sample=with_sample))
            )
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    # trust

    def _on_workspace(self) -> None:
        view = self._parts.bridge.view
        self.trust.show_view(view)
        # Behind the semicolon stands what to do at a command line.
        whose = (view.read_only or "").partition(";")[0].rstrip(".")
        words = f"This window may only look: {whose}. It can change nothing until that ends."
        self.looks_on.say(words if whose and view.is_ready else "")

    def _on_trust(self) -> None:
        bridge = self._parts.bridge

        def trusted(_done: object) -> None:
            bridge.view.tools_trusted = True
            self._on_workspace()

        bridge.submit(TrustTools(), trusted)

    # notifications

    def _offer_notifications(self) -> None:
        preferences = self._parts.preferences

        def toggle() -> None:
            preferences.notifies = not preferences.notifies
            action.setChecked(preferences.notifies)

        action = self._parts.actions.add(
            ActionEntry(
                "engine.notify",
                "Engine",
                "Tell me on the desktop when a connector fails",
                toggle,
                keywords="notification tray message switch on off",
                is_checkable=True,
            )
        )
        action.setChecked(preferences.notifies)

    def _on_notification(self) -> None:
        bring_to_front(self._main)
        self._parts.navigator.go(self.notifier.place)

    # crashes

    def _offer_report(self, crashes: CrashHandler) -> None:
        crashes.on_record = self._on_crash
        report = crashes.earlier_reports()
        if report:
            self._main.notices.say(
                "The last time something went wrong inside the window. A report was kept on this computer.",
                tone=Tone.WAITING,
                action="Show the report",
                on_action=lambda: self._show_report(crashes, report),
            )

    def _show_report(self, crashes: CrashHandler, report: str) -> None:
        self._main.notices.hide()
        dialog = CrashReportDialog(report=report, theme=self._parts.theme, parent=self._main)
        dialog.discarded.connect(crashes.forget_earlier)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_crash(self, what: str) -> None:
        # It may come from any thread: the signal brings it to the window's.
        self._parts.bridge.refused.emit(f"Something went wrong inside the window: {what}. The engine goes on.")


def short_path(path: Path) -> str:
    """Return a path as a person writes it: ~ for the home folder."""
    try:
        return str(Path("~") / path.relative_to(Path.home()))
    except ValueError:
        return str(path)
