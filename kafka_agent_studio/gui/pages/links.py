"""Links: which topics start which agents, and where their results go; seen, drawn and undone on one canvas."""

from urllib.parse import quote

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QApplication, QPushButton, QStackedWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.details.link_detail import messages_address
from kafka_agent_studio.gui.links.accessible import make_canvas_accessible
from kafka_agent_studio.gui.links.align import Align, aligned
from kafka_agent_studio.gui.links.canvas import Key, LinkCanvas
from kafka_agent_studio.gui.links.canvas_panel import CanvasPanel
from kafka_agent_studio.gui.links.link_drag import LinkDrag
from kafka_agent_studio.gui.links.link_history import LinkHistory
from kafka_agent_studio.gui.links.link_menus import Entry, menu_of, menu_of_fitting, show_menu
from kafka_agent_studio.gui.links.link_state import LinkState
from kafka_agent_studio.gui.links.positions import remember_places, remembered_places
from kafka_agent_studio.gui.links.scene import LinkScene
from kafka_agent_studio.gui.links.table_panel import LinkTablePanel
from kafka_agent_studio.gui.models.link_graph import EdgeKey, NodeKey, NodeKind
from kafka_agent_studio.gui.models.link_rules import Side, edge_between
from kafka_agent_studio.gui.navigation import connector_address
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.gui.widgets.empty_state import EmptyState
from kafka_agent_studio.gui.widgets.labels import button, icon_button

_VIEW = "links/view"
_READ_ONLY = "Links cannot be changed here."


class LinksPage(Page):
    """The canvas and the table show one graph; both ask for changes, and the event that follows changes the screen."""

    rail_address = "links"
    uses_inspector = True

    def __init__(self, *, parts: WindowParts, links: LinkState) -> None:
        super().__init__(parts=parts, title="Links")
        self._links = links
        theme, icons = parts.theme, parts.icons
        self.scene = LinkScene(theme=theme, icons=icons)
        self.scene.pinned = remembered_places(parts.preferences)
        self.drag = LinkDrag(
            scene=self.scene, theme=theme, judge=lambda start, side, end: links.why_not(start, end, side=side)
        )
        self.scene.listen_to_ports(self.drag)
        self.canvas = LinkCanvas(scene=self.scene, drag=self.drag, theme=theme)
        self.history = LinkHistory(saver=links.saver, scene=self.scene)
        self.history.setParent(self)
        self.panel = CanvasPanel(canvas=self.canvas, theme=theme, icons=icons)
        self.table = LinkTablePanel(parts=parts, judge=links.why_not)
        self.empty = EmptyState(
            theme=theme,
            icons=icons,
            icon="flow-arrow",
            heading="Nothing to link yet",
            explanation="Topics that are read, agents, and topics that results go to appear here, and a line drawn "
            "from one to the next is all it takes to connect them. Begin with a connector.",
            action="See the connectors",
            on_action=lambda: parts.navigator.go("connectors"),
        )
        self._stack = QStackedWidget()
        for widget in (self.panel, self.table, self.empty):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack)
        self._make_header()
        self._connect()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            make_canvas_accessible(self.canvas, application)
        self._show_view(str(parts.preferences.get(_VIEW, "canvas")))
        self._on_changed()

    # set-up

    def _make_header(self) -> None:
        icons = self.parts.icons
        self.as_canvas = _switch("Canvas", "Show the links as a canvas")
        self.as_table = _switch("Table", "Show the links as a table")
        # No button group: Tab would reach only the one that is pressed.
        for one, view in ((self.as_canvas, "canvas"), (self.as_table, "table")):
            one.clicked.connect(lambda _checked=False, view=view: self._show_view(view))
        self.undo = icon_button("Undo (Ctrl+Z)", icons.icon("arrow-u-up-left"), self._on_undo)
        self.redo = icon_button("Redo (Ctrl+Shift+Z)", icons.icon("arrow-u-up-right"), self._on_redo)
        self.arrange = button("Arrange", self._on_arrange, icon=icons.icon("magic-wand"))
        self.arrange.setToolTip("Put every card in its column so that lines cross least")
        self.align = icon_button("Align the selected cards", icons.icon("align-left"), self._on_align_menu)
        for widget in (self.as_canvas, self.as_table, self.undo, self.redo, self.align, self.arrange):
            self.header.add(widget)
        for keys, handler in (
            ("Ctrl+Z", self._on_undo),
            ("Ctrl+Shift+Z", self._on_redo),
            ("Ctrl+Y", self._on_redo),
            ("Ctrl+0", self.canvas.arrange),
            ("Ctrl++", self.canvas.zoom_in),
            ("Ctrl+=", self.canvas.zoom_in),
            ("Ctrl+-", self.canvas.zoom_out),
        ):
            action = QAction(self)
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(lambda _checked=False, handler=handler: handler())
            self.addAction(action)

    def _connect(self) -> None:
        links, canvas, table, stack = self._links, self.canvas, self.table, self.history.stack
        links.changed.connect(self._on_changed)
        links.saver.refused.connect(self._on_refused)
        self.drag.asked.connect(self._on_link_asked)
        self.drag.dropped_on_nothing.connect(self._on_dropped)
        self.drag.said.connect(self._on_said)
        self.scene.cards_moved.connect(self._on_cards_moved)
        self.scene.places_changed.connect(self._on_places_changed)
        canvas.selected.connect(self._on_selected)
        canvas.opened.connect(self._on_opened)
        canvas.remove_asked.connect(self._on_remove_asked)
        canvas.menu_asked.connect(self._on_menu)
        table.asked.connect(self._on_link_asked)
        table.remove_asked.connect(self._on_remove_asked)
        table.table.row_selected.connect(lambda edge: self._on_selected(edge.key))
        table.table.row_opened.connect(lambda edge: self._on_opened(edge.key))
        stack.indexChanged.connect(self._on_history)
        self.align.setEnabled(False)
        self._on_history()

    # what it shows

    @property
    def is_editable(self) -> bool:
        """Whether links can be changed."""
        return not self._links.read_only

    def _show_view(self, view: str) -> None:
        is_table = view == "table"
        self.as_table.setChecked(is_table)
        self.as_canvas.setChecked(not is_table)
        self.align.setVisible(not is_table)
        self.arrange.setVisible(not is_table)
        self.parts.preferences.put(_VIEW, "table" if is_table else "canvas")
        self._show_what_there_is()

    def _show_what_there_is(self) -> None:
        for one in (self.as_canvas, self.as_table, self.arrange):
            one.setEnabled(bool(self._links.graph.nodes))
        if not self._links.graph.nodes:
            self._stack.setCurrentWidget(self.empty)
        else:
            self._stack.setCurrentWidget(self.table if self.as_table.isChecked() else self.panel)

    def _on_changed(self) -> None:
        graph = self._links.graph
        had_shape = self.scene.graph.nodes.keys()
        self.scene.show_graph(graph)
        if graph.nodes.keys() != had_shape:
            self.canvas.follow()
        self.drag.is_editable = self.is_editable
        self.table.show_graph(graph, is_editable=self.is_editable)
        count = len(graph.edges)
        wrong = sum(edge.look.tone is Tone.FAILED for edge in graph.edges.values())
        remark = f"{formats.count(count)} {'link' if count == 1 else 'links'}"
        self.header.set_remark(f"{remark} · {wrong} in trouble" if wrong else remark if count else "")
        self.panel.rest_with(f"{_READ_ONLY} {self._links.read_only}" if not self.is_editable else "")
        self._show_what_there_is()

    def take_focus(self) -> None:
        """Put the focus where the links are."""
        widget = self._stack.currentWidget()
        if widget is self.table:
            self.table.table.setFocus()
        elif widget is not None:
            widget.setFocus()

    # links

    def _on_link_asked(self, edge: EdgeKey) -> None:
        if self.is_editable:
            self.history.add(edge)

    def _on_remove_asked(self, edges: list[EdgeKey]) -> None:
        if self.is_editable:
            self.history.remove([edge for edge in edges if self._links.graph.has(edge)])
        else:
            self._on_refused(f"{_READ_ONLY} {self._links.read_only}")

    def _on_dropped(self, start: NodeKey, side: Side | None, at: QPointF) -> None:
        fitting = [
            key
            for key in self._links.graph.nodes
            if key != start and self._links.why_not(start, key, side=side) is None
        ]
        is_agent_wanted = start.kind is not NodeKind.AGENT
        menu = menu_of_fitting(
            parent=self.canvas,
            icons=self.parts.icons,
            graph=self._links.graph,
            start=start,
            fitting=fitting,
            on_chosen=lambda key: self._on_fitting_chosen(start, key),
            more=[] if is_agent_wanted or not self.is_editable else self._new_connectors(start.name, side),
        )
        show_menu(menu, self.canvas.viewport().mapToGlobal(self.canvas.mapFromScene(at)))

    def _new_connectors(self, agent: str, side: Side | None) -> list[Entry]:
        """What can be made anew where a link of an agent was let go: it begins with the agent ticked."""
        kinds = ["inbound"] if side is not Side.RIGHT else []
        kinds += ["outbound"] if side is not Side.LEFT else []
        icons = {"inbound": "sign-in", "outbound": "sign-out"}
        return [
            (
                f"New {kind} connector…",
                icons[kind],
                lambda kind=kind: self.parts.navigator.go(f"connectors?new={kind}&agent={quote(agent)}"),  # type: ignore[misc]
            )
            for kind in kinds
        ]

    def _on_fitting_chosen(self, start: NodeKey, end: NodeKey) -> None:
        edge = edge_between(start, end)
        if edge is not None:
            self._on_link_asked(edge)

    def _on_said(self, text: str) -> None:
        self.panel.say(text, tone=Tone.FAILED if self.drag.refusal else Tone.ACCENT if text else Tone.MUTED)

    def _on_refused(self, text: str) -> None:
        self.parts.bridge.refused.emit(text)

    # selection

    def _on_selected(self, key: Key | None) -> None:
        self.align.setEnabled(sum(isinstance(chosen, NodeKey) for chosen in self.canvas.chosen) > 1)
        self.inspected.emit("" if key is None else address_of(key))

    def _on_opened(self, key: Key) -> None:
        self.parts.navigator.go(opened_address(key))

    # history and places

    def _on_undo(self) -> None:
        if self.history.stack.canUndo():
            self.history.stack.undo()

    def _on_redo(self) -> None:
        if self.history.stack.canRedo():
            self.history.stack.redo()

    def _on_history(self, _index: int = 0) -> None:
        stack = self.history.stack
        for one, can, verb, text, keys in (
            (self.undo, stack.canUndo(), "Undo", stack.undoText(), "Ctrl+Z"),
            (self.redo, stack.canRedo(), "Redo", stack.redoText(), "Ctrl+Shift+Z"),
        ):
            one.setEnabled(can)
            one.setToolTip(f"{verb}: {text} ({keys})" if text else f"{verb} ({keys})")

    def _on_cards_moved(self, before: dict[NodeKey, object], after: dict[NodeKey, object]) -> None:
        self.history.move(before, after, "move")  # type: ignore[arg-type]

    def _on_places_changed(self) -> None:
        remember_places(self.parts.preferences, self.scene.pinned)

    def _on_arrange(self) -> None:
        self.history.move(dict(self.scene.pinned), {}, "arrange")
        self.scene.sort()
        self.canvas.arrange()

    def align_chosen(self, how: Align) -> None:
        """Align the selected cards."""
        places = self.scene.places
        chosen = {key: places[key] for key in self.canvas.chosen if isinstance(key, NodeKey)}
        self.history.move(dict(self.scene.pinned), {**places, **aligned(chosen, how)}, how.value.lower())

    def _on_align_menu(self) -> None:
        menu = menu_of(parent=self, icons=self.parts.icons, entries=self._align_entries())
        show_menu(menu, self.align.mapToGlobal(self.align.rect().bottomLeft()))

    def _align_entries(self) -> list[Entry]:
        icons = {Align.LEFT: "align-left", Align.TOP: "align-top", Align.ACROSS: "columns", Align.DOWN: "rows"}
        return [(how.value, icons[how], lambda how=how: self.align_chosen(how)) for how in Align]  # type: ignore[misc]

    def _on_menu(self, key: Key | None, at: object) -> None:
        may_edit = self.is_editable
        entries: list[Entry]
        if isinstance(key, EdgeKey):
            entries = [
                ("Messages", "envelope-simple", lambda: self._on_opened(key)),
                ("Remove the link", "link-break", self.canvas.remove_chosen if may_edit else None),
            ]
        elif isinstance(key, NodeKey):
            entries = [
                ("Runs", "play-circle", lambda: self._on_opened(key)),
                ("Link to…", "link", self.canvas.start_link if may_edit else None),
            ]
            if key.kind is NodeKind.AGENT:
                agent = f"agents/{key.name}"
                entries.insert(1, ("Edit the agent", "pencil-simple", lambda: self.parts.navigator.go(agent)))
            else:
                place = connector_address(key.name)
                entries.insert(1, ("Open the connector", "broadcast", lambda: self.parts.navigator.go(place)))
            if self.align.isEnabled():
                entries += self._align_entries()
        else:
            entries = [
                ("Show all", "corners-out", self.canvas.arrange),
                ("Arrange", "magic-wand", self._on_arrange),
            ]
        show_menu(menu_of(parent=self.canvas, icons=self.parts.icons, entries=entries), at)  # type: ignore[arg-type]


def address_of(key: Key) -> str:
    """Return what the inspector shows of a card or link."""
    if isinstance(key, EdgeKey):
        return f"link/{key.connector}/{key.agent}"
    return f"agent/{key.name}" if key.kind is NodeKind.AGENT else connector_address(key.name)


def opened_address(key: Key) -> str:
    """Return where Enter leads: a link to its messages, a card to its runs."""
    if isinstance(key, EdgeKey):
        return messages_address(key)
    return f"runs?agent={key.name}" if key.kind is NodeKind.AGENT else f"runs?connector={key.name}"


def _switch(text: str, name: str) -> QPushButton:
    made = button(text, lambda: None, kind="quiet")
    made.setAccessibleName(name)
    made.setCheckable(True)
    return made
