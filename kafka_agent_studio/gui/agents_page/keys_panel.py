"""The keys of the models that the agent in the editor names."""

from collections.abc import Sequence

from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from kafka_agent_studio.api.commands import ListSecrets, SetStandIns
from kafka_agent_studio.api.queries import SecretStatus
from kafka_agent_studio.gui.agents_page.agent_rows import AgentRow
from kafka_agent_studio.gui.agents_page.key_field import KeyField
from kafka_agent_studio.gui.agents_page.stand_ins import models_named
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.theme import GAP, MARGIN, Tone
from kafka_agent_studio.gui.widgets.labels import button, label
from kafka_agent_studio.model.model_provider import provider_of

_NO_MODEL = "This agent asks no model, so it needs no key."
_ABOUT = "A key goes into the keyring of this machine. It is never written into a file, a log or the run store."


class KeysPanel(QWidget):
    """A field per model, and the switch that lets the stand-in answer for all of them."""

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__()
        self._parts = parts
        self.fields: list[KeyField] = []
        theme = parts.theme
        inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(MARGIN, MARGIN - GAP // 2, MARGIN, MARGIN)
        self._column.setSpacing(MARGIN)
        self._about = label(_NO_MODEL, font=theme.small, tone=Tone.MUTED, is_wrapped=True)
        self.rehearse = button("", self._on_rehearse)
        self._column.addWidget(self._about)
        self._column.addStretch(1)
        self._column.addWidget(self.rehearse)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setWidget(inside)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        for signal in (parts.bridge.stand_ins_changed, parts.bridge.rebuilt):
            signal.connect(self._say_rehearsal)
        self._say_rehearsal()

    def show_agent(self, row: AgentRow | None, draft: str) -> None:
        """Show the fields for the models that the text names; nothing typed is lost while they stay the same."""
        models = () if row is None else models_named(row.agent, draft)
        if [field.model for field in self.fields] != list(models):
            for field in self.fields:
                self._column.removeWidget(field)
                field.hide()
                field.deleteLater()
            self.fields = [self._field(model) for model in models]
            for number, field in enumerate(self.fields):
                self._column.insertWidget(number + 1, field)
            self._about.setText(_ABOUT if models else _NO_MODEL)
            self.ask_where()

    def ask_where(self) -> None:
        """Ask where the keys are."""
        self._parts.bridge.submit(ListSecrets(), self._on_secrets, lambda _words: None)

    def _field(self, model: str) -> KeyField:
        parts = self._parts
        own = provider_of(model) in parts.bridge.view.workspace.settings.providers
        made = KeyField(model=model, bridge=parts.bridge, theme=parts.theme, has_own_server=own)
        made.setEnabled(parts.bridge.view.read_only is None)
        return made

    def _on_secrets(self, statuses: Sequence[SecretStatus] | None) -> None:
        found = {status.name: status.found for status in statuses or ()}
        for field in self.fields:
            field.show_found(found)

    def _on_rehearse(self) -> None:
        is_on = self._parts.bridge.view.stand_ins.rehearse
        self._parts.bridge.submit(SetStandIns(rehearse=not is_on))

    def _say_rehearsal(self) -> None:
        view = self._parts.bridge.view
        words = "Ask the real models again" if view.stand_ins.rehearse else "Let the rehearsal model stand in for all"
        self.rehearse.setText(words)
        self.rehearse.setAccessibleName(words)
        self.rehearse.setEnabled(view.read_only is None)
