"""Where a run comes from and what came of it: the run it repeats, the runs that repeat it, each a link."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.model.run import Run

_MOST, _MOST_NARROW = 3, 2


class Relatives(QWidget):
    """Hidden while a run has none. `on_compare` is asked for both ids, the older one first."""

    def __init__(self, *, parts: WindowParts, is_wide: bool, on_compare: Callable[[str, str], object]) -> None:
        super().__init__()
        most = _MOST if is_wide else _MOST_NARROW
        self._run: Run | None = None
        self._of = label("runs again", tone=Tone.MUTED)
        self.parent_link = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.compare = button("Compare with it", self._on_compare, kind="link")
        self._on_pair = on_compare
        self._as = label("run again:", tone=Tone.MUTED)
        self.children_links = [PlaceLink(navigator=parts.navigator, theme=parts.theme) for _ in range(most)]
        self._more = label("", tone=Tone.MUTED)
        self._changed = label("", tone=Tone.MUTED, is_wrapped=not is_wide)
        above, below = (self._of, self.parent_link, self.compare), (self._as, *self.children_links, self._more)
        rows = ((above[0], above[1], self._changed, above[2]), below) if is_wide else (above, (self._changed,), below)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        for widgets in rows:
            row = QHBoxLayout()
            row.setSpacing(GAP)
            for widget in widgets:
                row.addWidget(widget, 1 if widget is self._changed and not is_wide else 0)
            row.addStretch(1 if is_wide or len(widgets) > 1 else 0)
            column.addLayout(row)
        self.hide()

    @property
    def words(self) -> str:
        """All that is said, for tests."""
        said = [w for w in self.findChildren(QLabel) if not w.isHidden()]
        return " ".join(w.text() for w in said)

    def show_run(self, run: Run, children: Sequence[Run] = ()) -> None:
        """Show the relatives of a run; children newest first."""
        self._run = run
        has_parent = run.parent_run_id is not None
        changed = changed_words(run)
        self._changed.setText(f"with another {changed}")
        self._changed.setVisible(bool(changed))
        for widget in (self._of, self.parent_link, self.compare):
            widget.setVisible(has_parent)
        if run.parent_run_id is not None:
            self.parent_link.show_link(formats.short_id(run.parent_run_id), run_address(run.parent_run_id))
        self._as.setVisible(bool(children))
        for number, link in enumerate(self.children_links):
            link.setVisible(number < len(children))
            if number < len(children):
                child = children[number]
                words = f"{RUN_LOOKS[child.status].glyph.value} {formats.short_id(child.run_id)}"
                link.show_link(words, run_address(child.run_id))
                link.setAccessibleName(f"Open the run again, {child.status.value}, {formats.short_id(child.run_id)}")
        rest = len(children) - len(self.children_links)
        self._more.setText(f"and {rest:,} more")
        self._more.setVisible(rest > 0)
        self.setVisible(has_parent or bool(children))

    def _on_compare(self) -> None:
        if self._run is not None and self._run.parent_run_id is not None:
            self._on_pair(self._run.parent_run_id, self._run.run_id)


def changed_words(run: Run) -> str:
    """Return what a rerun was given in another form, in words; nothing where it repeats the run as it was."""
    if run.changes is msgspec.UNSET:
        return ""
    given = run.changes
    names = [
        name
        for name, value in (("prompt", given.system_prompt), ("model", given.model), ("message", given.payload))
        if value is not None
    ]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
