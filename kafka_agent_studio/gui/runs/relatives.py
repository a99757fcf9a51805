"""Where a run comes from and what came of it: the run it repeats, the runs that repeat it, each a link."""

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.model.run import Run

_MOST = 3


class Relatives(QWidget):
    """Hidden while a run has none. `on_compare` is asked for both ids, the older one first."""

    def __init__(self, *, parts: WindowParts, on_compare: Callable[[str, str], object]) -> None:
        super().__init__()
        self._run: Run | None = None
        self._of = label("", tone=Tone.MUTED)
        self.parent_link = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.compare = button("Compare with it", self._on_compare, kind="link")
        self._on_pair = on_compare
        self._as = label("run again:", tone=Tone.MUTED)
        self.children_links = [PlaceLink(navigator=parts.navigator, theme=parts.theme) for _ in range(_MOST)]
        self._more = label("", tone=Tone.MUTED)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(GAP)
        for widget in (self._of, self.parent_link, self.compare, self._as, *self.children_links, self._more):
            self.row.addWidget(widget)
        self.row.addStretch(1)
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
        self._of.setText(f"with another {changed} than" if changed else "runs again")
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
        rest = len(children) - _MOST
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
