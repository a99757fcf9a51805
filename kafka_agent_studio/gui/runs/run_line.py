"""The filter line of the runs page: one line with completion, chips for what is active, a menu, saved filters."""

from collections.abc import Callable

from PySide6.QtWidgets import QMenu

from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.query_text import with_term, without_term
from kafka_agent_studio.gui.runs.query_words import choices, offers
from kafka_agent_studio.gui.widgets.filter_line import FilterLine
from kafka_agent_studio.gui.widgets.labels import icon_button
from kafka_agent_studio.gui.widgets.saved_filters import SavedFilters
from kafka_agent_studio.gui.widgets.term_chips import TermChips
from kafka_agent_studio.gui.widgets.word_completer import WordCompleter
from kafka_agent_studio.model.workspace import Workspace


class RunLine(FilterLine):
    """`chips` stand below the header, `menu_button` beside the line."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(
            name="runs",
            placeholder="Filter: status:failed since:1h tokens>1000, or any words",
            icons=parts.icons,
            preferences=parts.preferences,
        )
        self._parts = parts
        self.saved = SavedFilters(name="runs", preferences=parts.preferences)
        self.completer = WordCompleter(field=self.field, offers=lambda word: offers(word, self._workspace))
        self.chips = TermChips(icons=parts.icons)
        self.chips.removed.connect(lambda term: self.set_text(without_term(self.text, term)))
        self.chips.cleared.connect(lambda: self.set_text(""))
        self.chips.saved.connect(self._on_save)
        self.menu_button = icon_button("Choose filters, and those you saved", parts.icons.icon("funnel"), self.pop_up)

    def add_term(self, term: str) -> None:
        """Narrow the filter by one more term, in the place of one about the same thing."""
        self.set_text(with_term(self.text, term))

    def show_terms(self, terms: tuple[str, ...], mistake: str) -> None:
        """Show the chips of what the line says."""
        self.chips.show_terms(terms, mistake=mistake, is_saved=self.saved.has(self.text))

    def pop_up(self) -> None:
        """Open the menu under its button."""
        button = self.menu_button
        self.make_menu().popup(button.mapToGlobal(button.rect().bottomLeft()))

    def make_menu(self) -> QMenu:
        """Return the menu: what there is to choose, the filters saved, what forgets them."""
        menu = QMenu(self)
        for title, terms in choices(self._workspace).items():
            part = menu.addMenu(title)
            part.setEnabled(bool(terms))
            for words, term in terms:
                part.addAction(words).triggered.connect(_call(self.add_term, term))
        kept = self.saved.texts
        if kept:
            menu.addSection("Saved filters")
            for text in kept:
                menu.addAction(text).triggered.connect(_call(self.set_text, text))
            forget = menu.addMenu("Forget a saved filter")
            for text in kept:
                forget.addAction(text).triggered.connect(_call(self._forget, text))
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    @property
    def _workspace(self) -> Workspace:
        return self._parts.bridge.view.workspace

    def _on_save(self) -> None:
        self.saved.keep(self.text)
        self.chips.show_terms(self.chips.terms, is_saved=True)

    def _forget(self, text: str) -> None:
        self.saved.forget(text)
        self.chips.show_terms(self.chips.terms, is_saved=self.saved.has(self.text))


def _call(handler: Callable[[str], object], text: str) -> Callable[[bool], object]:
    def call(_checked: bool = False) -> object:
        return handler(text)

    return call
