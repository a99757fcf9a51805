"""What the pages about a cluster share: which cluster, topics or groups, and a list asked for when somebody looks."""

from collections.abc import Sequence
from typing import Any, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.gui.clusters.cluster_choice import ClusterChoice
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.left_open import LeftOpenError
from kafka_agent_studio.gui.models.live_table import LiveTableModel
from kafka_agent_studio.gui.pages.table_page import TablePage
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.data_table import DataTable
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.filter_line import FilterLine
from kafka_agent_studio.gui.widgets.labels import icon_button
from kafka_agent_studio.gui.widgets.page_tabs import page_tabs

RowT = TypeVar("RowT")

_TABS = (("topics", "Topics"), ("groups", "Groups"))


class ClusterPage(TablePage[RowT]):
    """A subclass says what to ask (`list_command`), what to call it (`noun`) and what the name of a row is."""

    rail_address = "topics"
    address = ""
    noun = ""
    listed = Signal()

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="")
        self._is_listed = False
        self.tabs = page_tabs(_TABS, self.address, name="Topics and groups")
        self.tabs.tabBarClicked.connect(self._on_tab)
        self.tabs.currentChanged.connect(self._on_tab)
        self.header.add_before_title(self.tabs)
        self.header.setAccessibleName(self.noun)
        self.choice = ClusterChoice(parts=parts)
        self.choice.chosen.connect(self._on_cluster)
        self.refresh = icon_button("List anew (F5)", parts.icons.icon("arrow-clockwise"), self.ask)
        self.refresh.setShortcut("F5")
        self.ask_bar = AskBar(theme=parts.theme)
        self.error = ErrorPanel(theme=parts.theme, action="Try again", on_action=self.ask)

    def put_together(self, *, model: LiveTableModel[RowT], empty: EmptyState, placeholder: str) -> None:
        """Put the page together, once a subclass has its model; the column of names takes the room that is left."""
        table = DataTable[RowT](
            name=self.address,
            accessible_name=self.noun.capitalize(),
            model=model,
            theme=self.parts.theme,
            preferences=self.parts.preferences,
            stretched="name",
        )
        line = FilterLine(
            name=self.address, placeholder=placeholder, icons=self.parts.icons, preferences=self.parts.preferences
        )
        self.body.addWidget(self.ask_bar)
        self.body.addWidget(self.error)
        self.set_up(model=model, table=table, empty=empty, filter_line=line)
        self._unknown = QWidget()
        self._stack.addWidget(self._unknown)
        self.header.add_beside(self.choice)
        self.header.add(self.refresh)

    # what a subclass says

    def list_command(self, cluster: str) -> Command[Any]:
        """What asks for the rows."""
        raise LeftOpenError(self)

    def name_of(self, row: RowT) -> str:
        """The name of a row."""
        raise LeftOpenError(self)

    # asking

    def ask(self) -> None:
        """List what the cluster has now."""
        cluster = self.choice.current
        if not cluster:
            return
        self._is_listed = True
        self.header.set_remark("…")
        self.parts.bridge.submit(
            self.list_command(cluster),
            lambda rows: self._on_rows(cluster, rows),
            lambda words: self._on_refused(cluster, words),
        )

    def _on_rows(self, cluster: str, rows: Sequence[RowT] | None) -> None:
        if cluster != self.choice.current:
            return
        self.error.show_trouble(None)
        self._model.reset(rows or ())
        self.on_filter_changed("" if self.filter is None else self.filter.text)
        self.listed.emit()

    def _on_refused(self, cluster: str, words: str) -> None:
        if cluster == self.choice.current:
            self._is_listed = False
            self._model.reset(())
            self.header.set_remark("")
            self.error.show_trouble(Trouble(f"The {self.noun} of {cluster} cannot be listed.", "", words))
            # Not that there are none: nobody knows.
            self._stack.setCurrentWidget(self._unknown)

    def _on_cluster(self, _cluster: str) -> None:
        self._is_listed = False
        self._model.reset(())
        self.inspected.emit("")
        if self.isVisible():
            self.ask()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask when somebody looks, not before."""
        super().showEvent(event)
        self.tabs.setCurrentIndex([name for name, _ in _TABS].index(self.address))
        if not self._is_listed:
            self.ask()

    def on_filter_changed(self, text: str) -> None:
        """Show the rows whose name holds the text."""
        wanted = text.strip().lower()
        self._model.set_filter((lambda row: wanted in self.name_of(row).lower()) if wanted else None)
        shown, kept = self._model.rowCount(), self._model.kept
        self.header.set_remark(f"{shown:,} of {kept:,}" if wanted else f"{kept:,}")

    def _on_tab(self, index: int) -> None:
        address = _TABS[index][0] if index >= 0 else self.address
        if address != self.address and self.isVisible():
            self.parts.navigator.go(address)
