"""The filter line of messages, the same for what arrives and for what is read: completion, saved filters, mistakes."""

from PySide6.QtWidgets import QMenu

from kafka_agent_studio.api.filter_terms import with_term
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.widgets.filter_line import FilterLine
from kafka_agent_studio.gui.widgets.labels import icon_button
from kafka_agent_studio.gui.widgets.saved_filters import SavedFilters
from kafka_agent_studio.gui.widgets.term_chips import TermChips
from kafka_agent_studio.gui.widgets.word_completer import WordCompleter

_FIELDS = ("key:", "value.", "headers.", "partition:", "offset>", "time>", "size>", "topic:")
_EXAMPLES = (
    ("Key holds a text", "key:order-1"),
    ("A value in JSON", 'value.customer == "john@example.com"'),
    ("A number in JSON", "value.total > 100"),
    ("A header", "headers.traceparent:4bf9"),
    ("One partition", "partition == 2"),
    ("Since a time", "time > 2026-11-23T14:03:07"),
    ("Large messages", "size > 100000"),
    ("Not", "not key:test"),
)


class MessageLine(FilterLine):
    """`chips` stand below the header, `menu_button` beside the line."""

    def __init__(self, *, name: str, parts: WindowParts) -> None:
        super().__init__(
            name=name,
            placeholder="Filter: text, key:…, value.path == …, headers.x, partition:…",
            icons=parts.icons,
            preferences=parts.preferences,
        )
        self._parts = parts
        self.saved = SavedFilters(name="messages", preferences=parts.preferences)
        self.completer = WordCompleter(field=self.field, offers=self._offers)
        self.chips = TermChips(icons=parts.icons)
        self.chips.removed.connect(lambda _term: self.set_text(""))
        self.chips.cleared.connect(lambda: self.set_text(""))
        self.chips.saved.connect(self._on_save)
        self.menu_button = icon_button("Examples, and filters you saved", parts.icons.icon("funnel"), self.pop_up)

    def add_term(self, term: str) -> None:
        """Narrow the filter by one more term."""
        if term not in self.text:
            self.set_text(with_term(self.text, term))

    def say(self, mistake: str) -> None:
        """Show the chip of the filter, or what is wrong with it."""
        text = self.text.strip()
        self.chips.show_terms((text,) if text else (), mistake=mistake, is_saved=self.saved.has(text))

    def pop_up(self) -> None:
        """Open the menu under its button."""
        button = self.menu_button
        self.make_menu().popup(button.mapToGlobal(button.rect().bottomLeft()))

    def make_menu(self) -> QMenu:
        """Return the menu: examples to begin with, the filters saved, what forgets them."""
        menu = QMenu(self)
        for words, term in _EXAMPLES:
            menu.addAction(f"{words}:  {term}").triggered.connect(lambda _c=False, term=term: self.add_term(term))
        kept = self.saved.texts
        if kept:
            menu.addSection("Saved filters")
            forget = QMenu("Forget a saved filter", menu)
            for text in kept:
                menu.addAction(text).triggered.connect(lambda _c=False, text=text: self.set_text(text))
                forget.addAction(text).triggered.connect(lambda _c=False, text=text: self.saved.forget(text))
            menu.addMenu(forget)
        menu.aboutToHide.connect(menu.deleteLater)
        return menu

    def _offers(self, word: str) -> list[str]:
        if word.startswith("topic:"):
            topics = dict.fromkeys(c.topic for c in self._parts.bridge.view.workspace.connectors.values())
            return [f"topic:{topic}" for topic in topics if topic.startswith(word.removeprefix("topic:"))]
        return [field for field in _FIELDS if field.startswith(word) and field != word]

    def _on_save(self) -> None:
        self.saved.keep(self.text)
        self.say("")
