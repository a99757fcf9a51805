"""What filters a table, term by term: each a chip that takes itself away; and a mistake in words."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from kafka_agent_studio.gui.icons import Icons
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label

_LONGEST = 40


class TermChips(QWidget):
    """Hidden while nothing filters. `removed` carries the term whose chip was pressed."""

    removed = Signal(str)
    cleared = Signal()
    saved = Signal()

    def __init__(self, *, icons: Icons) -> None:
        super().__init__()
        self._icons = icons
        self.chips: list[QPushButton] = []
        self.mistake = label("", tone=Tone.FAILED)
        self.clear = button("Clear", self.cleared.emit, kind="link")
        self.save = button("Save this filter", self.saved.emit, kind="link")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(MARGIN, SPACE, MARGIN - GAP // 2, SPACE)
        self._row.setSpacing(SPACE)
        self._row.addWidget(self.mistake)
        self._row.addStretch(1)
        self._row.addWidget(self.save)
        self._row.addWidget(self.clear)
        self.hide()

    @property
    def terms(self) -> list[str]:
        """The terms on screen."""
        return [made.toolTip() for made in self.chips]

    def show_terms(self, terms: Sequence[str], *, mistake: str = "", is_saved: bool = False) -> None:
        """Show these terms and no others; `is_saved` says that the filter as a whole is kept already."""
        if list(terms) != self.terms:
            self._make(terms)
        self.mistake.setText(f"▲ {mistake}" if mistake else "")
        self.mistake.setVisible(bool(mistake))
        self.save.setVisible(not is_saved and not mistake)
        self.setVisible(bool(terms))

    def _make(self, terms: Sequence[str]) -> None:
        for made in self.chips:
            self._row.removeWidget(made)
            made.hide()
            made.deleteLater()
        self.chips = []
        for at, term in enumerate(terms):
            made = button(_short(term), lambda term=term: self.removed.emit(term), icon=self._icons.icon("x"))  # type: ignore[misc]
            made.setProperty("kind", "chip")
            made.setToolTip(term)
            made.setAccessibleName(f"Remove the filter {term}")
            self._row.insertWidget(at, made)
            self.chips.append(made)


def _short(term: str) -> str:
    return term if len(term) <= _LONGEST else term[: _LONGEST - 1] + "…"
