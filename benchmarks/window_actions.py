"""What a person does in the window, one thing after the other, and how long each keeps the window's thread."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QDialog

from benchmarks.stalls import StallProbe, Stalls
from kafka_agent_studio.api.commands import StartConnector, StopConnector
from kafka_agent_studio.gui.main_window import MainWindow
from kafka_agent_studio.gui.pages.table_page import TablePage

PACE_MS = 700
"""From one action to the next; what follows an action within it counts as its own."""
_CONNECTOR = "messages-in"
_PAGES = ("overview", "links", "connectors", "connections", "agents", "messages", "browse", "runs", "log")


class Walk(QObject):
    """Goes through all actions once; `found` has the delays of each, and `on_end` is called after the last."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.found: dict[str, Stalls] = {}
        self.on_end: Callable[[], object] = lambda: None
        self._window = window
        self._parts = window.page.parts
        self._probe = StallProbe()
        self._steps = iter(self._all())
        self._name = ""
        self._timer = QTimer(self)
        self._timer.setInterval(PACE_MS)
        self._timer.timeout.connect(self._next)

    def start(self) -> None:
        """Begin."""
        self._timer.start()

    def _next(self) -> None:
        if self._name:
            self.found[self._name] = self._probe.stop()
        step = next(self._steps, None)
        if step is None:
            self._timer.stop()
            self.on_end()
            return
        self._name, act = step
        self._probe.start()
        act()

    def _all(self) -> list[tuple[str, Callable[[], object]]]:
        go, bridge = self._parts.navigator.go, self._parts.bridge
        return [
            ("nothing at all", lambda: None),
            *((f"page {name}", lambda name=name: go(name)) for name in _PAGES),
            ("page overview, again", lambda: go("overview")),
            ("page messages, again", lambda: go("messages")),
            ("select a message", lambda: self._table_page.table.selectRow(3)),
            ("open a message", self._open_row),
            ("back", lambda: self._trigger("go.back")),
            ("type into a filter", lambda: self._filter("value")),
            ("filter that nothing fits", lambda: self._filter("nowhere-to-be-found")),
            ("clear the filter", lambda: self._filter("")),
            ("sort the messages", lambda: self._table_page.table.sortByColumn(3, Qt.SortOrder.AscendingOrder)),
            ("as they arrive again", lambda: self._table_page.table.model().sort(-1)),
            ("page runs, again", lambda: go("runs")),
            ("select a run", lambda: self._table_page.table.selectRow(3)),
            ("open a run", self._open_row),
            ("page links, again", lambda: go("links")),
            ("open a connector", lambda: go(f"connector/{_CONNECTOR}")),
            ("form of a connector", lambda: go(f"connectors?edit={_CONNECTOR}")),
            ("form of a new connector", lambda: go("connectors?new=inbound")),
            ("form of a new connection", lambda: go("connections?new=")),
            ("command palette", lambda: self._trigger("help.palette")),
            ("close it", self._close_popup),
            ("stop a connector", lambda: bridge.submit(StopConnector(_CONNECTOR))),
            ("start a connector", lambda: bridge.submit(StartConnector(_CONNECTOR))),
            ("dark theme", lambda: self._trigger("view.theme_dark")),
            ("light theme", lambda: self._trigger("view.theme_light")),
        ]

    @property
    def _table_page(self) -> TablePage[object]:
        page = self._window.page
        assert isinstance(page, TablePage), self._name
        return page

    def _open_row(self) -> None:
        page = self._table_page
        page.table.row_opened.emit(page.table.row_at(3))

    def _filter(self, text: str) -> None:
        line = self._table_page.filter
        assert line is not None
        line.set_text(text)

    def _trigger(self, action: str) -> None:
        self._parts.actions.qt(action).trigger()

    def _close_popup(self) -> None:
        for child in self._window.findChildren(QDialog):
            child.close()
