"""Where a result or a dead letter came from, as its headers say: the run that wrote it, the message it read."""

import uuid

from PySide6.QtWidgets import QGridLayout, QWidget

from kafka_agent_studio.api.commands import ListRuns
from kafka_agent_studio.api.queries import RunPage, RunQuery
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.navigation import MessageSpot, message_address, run_address, split_message
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import SPACE, Tone
from kafka_agent_studio.gui.widgets.labels import label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.model.message import Record

_RUN, _SOURCE = "studio.run_id", "studio.source"


class Origin(QWidget):
    """Hidden where a message says nothing of the kind. Anybody can write headers: what is no id or place is no link."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self._run_id: str | None = None
        self.run = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self.source = PlaceLink(navigator=parts.navigator, theme=parts.theme)
        self._written = label("Written by run", tone=Tone.MUTED)
        self._of = label("From message", tone=Tone.MUTED)
        # one below the other: beside a list there is room for one place in a line
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE)
        for at, (text, link) in enumerate(((self._written, self.run), (self._of, self.source))):
            grid.addWidget(text, at, 0)
            grid.addWidget(link, at, 1)
        grid.setColumnStretch(2, 1)
        self.hide()

    def show_record(self, record: Record | None) -> None:
        """Show what the headers of a message say; None: nothing."""
        headers = {} if record is None else dict(record.headers)
        run_id = self._run_id = _run_id(headers.get(_RUN))
        place = split_message((headers.get(_SOURCE) or b"").decode(errors="replace"))
        for text, link, is_known in (
            (self._written, self.run, run_id is not None),
            (self._of, self.source, place is not None),
        ):
            text.setVisible(is_known)
            link.setVisible(is_known)
        if run_id is not None:
            self.run.show_link(formats.short_id(run_id), run_address(run_id))
        if place is not None:
            self.source.show_link(place.place, message_address("", place.place))
        if place is not None and run_id is not None:
            # the headers do not say on which cluster it lies: the run was started by a connector, which does
            asked = ListRuns(RunQuery(place=place.place))
            self._parts.bridge.submit(asked, lambda page: self._on_runs(run_id, place, page))
        self.setVisible(run_id is not None or place is not None)

    def _on_runs(self, run_id: str, spot: MessageSpot, page: RunPage | None) -> None:
        run = next((run for run in (() if page is None else page.runs) if run.run_id == run_id), None)
        if run is not None and run_id == self._run_id:
            cluster = self._parts.bridge.view.cluster_of(run.connector)
            self.source.show_link(spot.place, message_address(cluster, spot.place))


def _run_id(value: bytes | None) -> str | None:
    """Return a run's id; None where the header holds something else."""
    try:
        return str(uuid.UUID((value or b"").decode()))
    except ValueError:
        return None
