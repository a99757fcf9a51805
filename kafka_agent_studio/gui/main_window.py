"""The window: rail, page, inspector, strip; and which address shows which page. Nothing else."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.gui.inspector import Inspector
from kafka_agent_studio.gui.navigation import split
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.shelf import Shelf
from kafka_agent_studio.gui.theme import INSPECTOR_FOLDS_BELOW, INSPECTOR_WIDTH, SMALLEST_WINDOW, WINDOW_SIZE
from kafka_agent_studio.gui.widgets.notice_bar import NoticeBar
from kafka_agent_studio.gui.widgets.rail import Rail, RailEntry
from kafka_agent_studio.gui.widgets.status_strip import StatusStrip
from kafka_agent_studio.gui.window_place import first_size

_PROGRAM = "Kafka Agent Studio"


class MainWindow(QMainWindow):
    """Shows pages by the first word of their addresses. `closed` comes once, when it is gone."""

    closed = Signal()

    def __init__(
        self,
        *,
        parts: WindowParts,
        rail_entries: Sequence[RailEntry],
        pages: Shelf[Page],
        inspector: Inspector,
        now_us: Callable[[], int],
        has_unsaved: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__()
        self._parts = parts
        self._pages = pages
        self._has_unsaved = has_unsaved
        self._is_closed = False
        self.inspector = inspector
        self.notices = NoticeBar(theme=parts.theme, icons=parts.icons)
        self.rail = Rail(entries=rail_entries, theme=parts.theme, icons=parts.icons)
        self.strip = StatusStrip(theme=parts.theme, now_us=now_us)
        self.stack = QStackedWidget()
        # Else the widest of all pages, seen or not, takes its room from the inspector and from small windows.
        self.stack.setMinimumWidth(SMALLEST_WINDOW[0] - INSPECTOR_WIDTH)
        pages.on_made = self._add_page
        self._lay_out()
        self._connect()
        self.setMinimumSize(*SMALLEST_WINDOW)
        if not self.restoreGeometry(parts.preferences.geometry):
            self.resize(first_size(self.screen().availableSize()))
        self._on_rebuilt()
        self.show_address(parts.navigator.current)

    # places

    @property
    def page(self) -> Page:
        """The page on screen."""
        page = self.stack.currentWidget()
        assert isinstance(page, Page)
        return page

    def show_address(self, address: str) -> None:
        """Show a place; an address nobody knows shows the overview."""
        self._parts.bridge.person_acts()
        kind, rest = split(address.partition("?")[0])
        page = self._pages.find(kind) or self._pages.find(self._pages.first)
        assert page is not None
        page.show_place(address.partition("?")[2] or rest)
        self.stack.setCurrentWidget(page)
        self.rail.show_current(page.rail_address)
        self.inspector.inspect(page.inspected_address)
        page.take_focus()
        navigator = self._parts.navigator
        self._parts.actions.qt("go.back").setEnabled(navigator.can_go_back)
        self._parts.actions.qt("go.forward").setEnabled(navigator.can_go_forward)
        self._parts.preferences.put("last_place", address)

    def add_banner(self, banner: QWidget) -> None:
        """Put what stays until it is answered above the notices."""
        self._column.insertWidget(0, banner)
        self._parts.theme.dressing.add_part(banner)

    def leave_then(self, act: Callable[[], object]) -> None:
        """Do what takes the place of this workspace, at once or, where something is not saved, once it is confirmed."""
        if self._has_unsaved():
            self.notices.say("Something here is not saved yet.", action="Go on without saving", on_action=act)
        else:
            act()

    # within

    def _add_page(self, page: Page) -> None:
        self.stack.addWidget(page)
        self._parts.theme.dressing.add_part(page)
        page.inspected.connect(self._on_inspected)

    def _lay_out(self) -> None:
        middle = QWidget()
        column = self._column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.stack, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(middle)
        self._split.addWidget(self.inspector)
        self._split.setStretchFactor(0, 1)
        width = self._parts.preferences.get("inspector_width", INSPECTOR_WIDTH)
        self._split.setSizes([WINDOW_SIZE[0] - width, width])
        across = QWidget()
        row = QHBoxLayout(across)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addWidget(self._split, 1)
        whole = QWidget()
        down = QVBoxLayout(whole)
        down.setContentsMargins(0, 0, 0, 0)
        down.setSpacing(0)
        down.addWidget(across, 1)
        down.addWidget(self.strip)
        self.setCentralWidget(whole)
        dressing = self._parts.theme.dressing
        for part in (self.menuBar(), self.notices, self.rail, self.strip):
            dressing.add_part(part)
        dressing.add_holder(self._split)

    def _connect(self) -> None:
        bridge, navigator = self._parts.bridge, self._parts.navigator
        navigator.place_changed.connect(self.show_address)
        self.rail.chosen.connect(self._on_rail_chosen)
        self.strip.place_chosen.connect(navigator.go)
        self.strip.retry_asked.connect(lambda name: bridge.submit(StartConnector(name)))
        self.inspector.shown_changed.connect(self._fold_inspector)
        bridge.refused.connect(self.notices.say)
        bridge.rebuilt.connect(self._on_rebuilt)
        bridge.workspace_changed.connect(self._on_rebuilt)
        for signal in (
            bridge.connector_changed,
            bridge.connector_noticed,
            bridge.certificates_changed,
            bridge.figures_updated,
            bridge.stand_ins_changed,
            bridge.engine_stopped,
        ):
            signal.connect(self._on_state)

    def _on_rail_chosen(self, address: str) -> None:
        # The button checks itself; a click on the open page must leave it checked.
        self.rail.show_current(self.page.rail_address)
        self._parts.navigator.go(address)

    def _on_inspected(self, address: str) -> None:
        # A page behind another one keeps its selection to itself.
        if self.sender() is self.page:
            self._parts.bridge.person_acts()
            self.page.inspected_address = address
            self.inspector.inspect(address)

    def _on_rebuilt(self) -> None:
        name = self._parts.bridge.view.workspace.name
        self.setWindowTitle(f"{name} – {_PROGRAM}")
        self._on_state()

    def _on_state(self, _what: object = None) -> None:
        self.strip.show_view(self._parts.bridge.view)

    def _fold_inspector(self) -> None:
        has_room = self.width() >= INSPECTOR_FOLDS_BELOW
        is_shown = has_room and self._wants_inspector
        is_opening = is_shown and self.inspector.isHidden()
        self.inspector.setVisible(is_shown)
        if is_opening:
            # A splitter forgets the width of what was hidden when it was laid out.
            width = int(self._parts.preferences.get("inspector_width", INSPECTOR_WIDTH))
            self._split.setSizes([max(1, self._split.width() - width), width])

    @property
    def _wants_inspector(self) -> bool:
        return self.page.uses_inspector and self.inspector.is_wanted and self.inspector.has_something

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the inspector where there is no room for it."""
        super().resizeEvent(event)
        self._fold_inspector()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember where everything was; unsaved work keeps the window open and says so."""
        if self._has_unsaved():
            event.ignore()
            self.notices.say(
                "Something here is not saved yet.", action="Close anyway", on_action=self.close_without_asking
            )
            return
        preferences = self._parts.preferences
        preferences.geometry = self.saveGeometry()
        if self.inspector.isVisible():
            preferences.put("inspector_width", self.inspector.width())
        preferences.flush()
        event.accept()
        if not self._is_closed:
            self._is_closed = True
            self.closed.emit()

    def close_without_asking(self) -> None:
        """Close although something is not saved."""
        self._has_unsaved = lambda: False
        self.close()
