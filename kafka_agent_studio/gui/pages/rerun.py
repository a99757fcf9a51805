"""A run again with another prompt, model or message: the original prefilled, published only where that is ticked."""

from typing import Any

import msgspec
from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtGui import QKeySequence, QShortcut, QTextDocument
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLineEdit,
    QPlainTextDocumentLayout,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from kafka_agent_studio.api.commands import GetRun, PayloadOf, RerunRun
from kafka_agent_studio.api.drafts import RerunDraft
from kafka_agent_studio.gui import formats
from kafka_agent_studio.gui.agents_page.code_editor import CodeEditor
from kafka_agent_studio.gui.agents_page.highlighter import CodeColors, Language
from kafka_agent_studio.gui.agents_page.samples import NotAPayloadError, read_payload
from kafka_agent_studio.gui.agents_page.stand_ins import stand_in_words
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.tick_box import TickBox
from kafka_agent_studio.gui.json_document import is_json, pretty
from kafka_agent_studio.gui.navigation import run_address
from kafka_agent_studio.gui.pages.page import Page
from kafka_agent_studio.gui.parts import WindowParts
from kafka_agent_studio.gui.runs.draft_line import DraftLine
from kafka_agent_studio.gui.runs.drafts import Drafts
from kafka_agent_studio.gui.runs.rerun_fields import ChangedField
from kafka_agent_studio.gui.runs.run_words import figures_of
from kafka_agent_studio.gui.state_look import RUN_LOOKS
from kafka_agent_studio.gui.theme import GAP, MARGIN, SPACE, Tone
from kafka_agent_studio.gui.trouble import Trouble
from kafka_agent_studio.gui.widgets.banner import Banner
from kafka_agent_studio.gui.widgets.completion_popup import CompletionPopup
from kafka_agent_studio.gui.widgets.error_panel import ErrorPanel
from kafka_agent_studio.gui.widgets.labels import button, icon_button, label
from kafka_agent_studio.gui.widgets.place_link import PlaceLink
from kafka_agent_studio.model.agent import LlmAgent
from kafka_agent_studio.model.run import Run, RunChanges, RunDetail

_REHEARSAL_MODEL = "sandbox/rehearsal"


class RerunPage(Page):
    """One run at a time; what was typed for each is a draft that stays until it is run or discarded."""

    rail_address = "runs"

    def __init__(self, *, parts: WindowParts) -> None:
        super().__init__(parts=parts, title="Run again with changes")
        self._run_id = ""
        self._detail: RunDetail | None = None
        self._production: list[str] = []
        self._known: tuple[str, ...] = ()
        self._is_filled = False
        self._drafts = Drafts(bridge=parts.bridge, parent=self)
        self._drafts.told.connect(self._on_draft_told)
        theme, icons = parts.theme, parts.icons
        self.header.add_before_title(icon_button("Back (Alt+Left)", icons.icon("arrow-left"), parts.navigator.back))
        self.run = button("Run it", self.start, kind="primary", tip="Ctrl+Return")
        self.header.add(self.run)
        self.of = PlaceLink(navigator=parts.navigator, theme=theme)
        self.about = label("", tone=Tone.MUTED)
        self.stand_in = Banner(theme=theme, tone=Tone.PAUSED)
        self.error = ErrorPanel(theme=theme)
        self.no_model = label("", tone=Tone.MUTED, is_wrapped=True)
        self.draft = DraftLine(on_discard=self._on_discard)
        line = QLineEdit()
        line.setAccessibleName("Model")
        self._models = QStringListModel(self)
        completer = QCompleter(self._models, line)
        completer.setPopup(CompletionPopup(line, name="Models of this workspace"))
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        line.setCompleter(completer)
        self.model = ChangedField(title="Model", editor=line)
        prompt = QPlainTextEdit()
        prompt.setTabChangesFocus(True)
        prompt.setProperty("kind", "field")
        prompt.setAccessibleName("System prompt")
        prompt.setFont(theme.mono)
        self.prompt = ChangedField(title="System prompt", editor=prompt)
        self.editor = CodeEditor(theme=theme, accessible_name="Message, in JSON")
        self._document = QTextDocument(self)
        self._document.setDocumentLayout(QPlainTextDocumentLayout(self._document))
        self._colors = CodeColors(document=self._document, language=Language.JSON, theme=theme)
        self.editor.show_document(self._document)
        self.message = ChangedField(title="Message", editor=self.editor)
        for field in (self.model, self.prompt, self.message):
            field.changed.connect(self._on_changed)
        self.publish = TickBox("Publish the result", theme=theme)
        self.ask = AskBar(theme=theme)
        self._lay_out()
        shortcut = QShortcut(QKeySequence("Ctrl+Return"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.start)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(self.of)
        head.addWidget(self.about)
        head.addStretch(1)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, GAP, MARGIN, GAP)
        top.setSpacing(GAP)
        top.addLayout(head)
        for widget in (self.draft, self.stand_in, self.error, self.no_model):
            top.addWidget(widget)
        left, right = QWidget(), QWidget()
        for side, fields in ((left, (self.model, self.prompt)), (right, (self.message,))):
            column = QVBoxLayout(side)
            column.setContentsMargins(MARGIN if side is left else GAP, 0, MARGIN if side is right else GAP, GAP)
            column.setSpacing(GAP + SPACE)
            for field in fields:
                column.addWidget(field, 0 if field is self.model else 1)
        self._left = left
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(left)
        self._split.addWidget(right)
        self._split.setSizes([520, 480])
        foot = QVBoxLayout()
        foot.setContentsMargins(MARGIN, GAP, MARGIN, MARGIN)
        foot.setSpacing(SPACE)
        foot.addWidget(self.publish)
        foot.addWidget(
            label(
                "The model is asked and tools run for real. No offset is committed, and nothing is published unless "
                "ticked above. The agent's file stays as it is.",
                tone=Tone.MUTED,
                is_wrapped=True,
            )
        )
        self.body.addLayout(top)
        self.body.addWidget(self._split, 1)
        self.body.addLayout(foot)
        self.body.addWidget(self.ask)

    @property
    def has_unsaved(self) -> bool:
        """Whether something was typed that no run was given yet and that is kept nowhere but here."""
        self._drafts.flush()
        return self._drafts.has_unkept

    def _texts(self) -> tuple[str, ...]:
        return self.model.text, self.prompt.text, self.message.text

    def take_focus(self) -> None:
        """Put the focus where one most likely changes something."""
        (self.prompt.editor if self._left.isVisible() else self.message.editor).setFocus()

    def show_place(self, rest: str) -> None:
        """Prefill with the run of this id."""
        if rest != self._run_id:
            self._run_id = rest
            self._detail = None
            self._is_filled = False
            self._drafts.flush()
            self.draft.hide()
            self.run.setEnabled(False)
            self.parts.bridge.submit(GetRun(rest), lambda detail: self._on_detail(rest, detail))

    # filling

    def _on_detail(self, run_id: str, detail: RunDetail | None) -> None:
        if run_id != self._run_id:
            return
        self._detail = detail
        self._split.setVisible(detail is not None)
        self.of.setVisible(detail is not None)
        self.publish.setVisible(detail is not None)
        self.error.show_trouble(
            None
            if detail is not None
            else Trouble(f"The run {run_id} is not in the run store (any more).", "There is nothing to run again.")
        )
        if detail is not None:
            self._fill(detail)

    def _fill(self, detail: RunDetail) -> None:
        run, workspace = detail.run, self.parts.bridge.view.workspace
        changes = RunChanges() if run.changes is msgspec.UNSET else run.changes
        self.of.show_link(f"run {formats.short_id(run.run_id)}", run_address(run.run_id))
        look = RUN_LOOKS[run.status]
        self.about.setText(f"{run.agent_name} · {look.glyph.value} {look.word} · {figures_of(run)}".rstrip(" ·"))
        agent = workspace.agents.get(run.agent_name)
        self._left.setVisible(isinstance(agent, LlmAgent))
        self.no_model.setVisible(not isinstance(agent, LlmAgent))
        if isinstance(agent, LlmAgent):
            self.model.show_original(agent.model, shown=changes.model, always_given=changes.model is not None)
            self.prompt.show_original(
                agent.system_prompt, shown=changes.system_prompt, always_given=changes.system_prompt is not None
            )
            known = {a.model for a in workspace.agents.values() if isinstance(a, LlmAgent)}
            self._models.setStringList(sorted(known | {_REHEARSAL_MODEL}))
            self.stand_in.say(stand_in_words(self.parts.bridge.view.stand_ins, agent, ""))
        else:
            self.stand_in.say("")
            kind = f"a {agent.type} agent" if agent is not None else "no longer in this workspace"
            self.no_model.setText(f"{run.agent_name} is {kind}: it has no prompt and no model of its own to change.")
        self._fill_message(detail, changes)
        self.ask.clear()
        targets = self._targets(run)
        self.publish.setChecked(False)
        self.publish.setEnabled(bool(targets))
        self.publish.setText(
            f"Publish the result to {', '.join(targets)}" if targets else "No outbound connector takes this result"
        )
        self.run.setEnabled(self.parts.bridge.view.read_only is None and agent is not None)

    def _fill_message(self, detail: RunDetail, changes: RunChanges) -> None:
        shown = None if changes.payload is None else pretty(formats.json_text(changes.payload))
        record = detail.record
        text = "" if record is None or record.value is None else record.value.decode(errors="replace")
        if record is None:
            self.message.show_original("", shown=shown or "{}", always_given=True)
            self._look_for_draft(detail)
        elif text.lstrip()[:1] == "{" and is_json(text):
            # the record's own characters: its decimals keep every digit
            self.message.show_original(pretty(text), shown=shown, always_given=shown is not None)
            self._look_for_draft(detail)
        else:
            self.parts.bridge.submit(PayloadOf(record), lambda payload: self._on_payload(detail, payload, shown))

    def _on_payload(self, detail: RunDetail, payload: Any, shown: str | None) -> None:
        if self._detail is detail:
            fields = {name: value for name, value in payload.items() if name != "_kafka"}
            text = pretty(formats.json_text(fields))
            self.message.show_original(text, shown=shown, always_given=shown is not None)
            self._look_for_draft(detail)

    # drafts

    def _look_for_draft(self, detail: RunDetail) -> None:
        self._known = self._texts()
        run_id = self._run_id

        def show(draft: RerunDraft | None) -> None:
            if self._detail is not detail or run_id != self._run_id:
                return
            if self._texts() != self._known:
                # what was typed while the engine was asked is newer
                self._is_filled = True
                self._on_changed()
                return
            if draft is not None:
                for field, text in zip(self._fields, (draft.model, draft.system_prompt, draft.message), strict=True):
                    if text is not None:
                        field.put(text)
                self.draft.say_found(draft)
            self._is_filled = True

        self._drafts.find(run_id, show)

    @property
    def _fields(self) -> tuple[ChangedField, ChangedField, ChangedField]:
        return self.model, self.prompt, self.message

    def _on_changed(self) -> None:
        if not self._is_filled or self._detail is None:
            return
        texts = self._texts()
        if texts == self._known:
            self.draft.hide()
            self._drafts.note(self._run_id, None)
            return
        model, prompt, message = (
            text if text != known else None for text, known in zip(texts, self._known, strict=True)
        )
        self._drafts.note(self._run_id, RerunDraft(model, prompt, message))

    def _on_draft_told(self, run_id: str, refusal: str) -> None:
        if run_id == self._run_id and self._is_filled and self._texts() != self._known:
            self.draft.say_kept(refusal)

    def _on_discard(self) -> None:
        for field, text in zip(self._fields, self._known, strict=True):
            field.put(text)
        self._drafts.forget(self._run_id)
        self.draft.hide()
        self.take_focus()

    def _targets(self, run: Run) -> list[str]:
        view = self.parts.bridge.view
        workspace = view.workspace
        takers = [c for c in workspace.outbound if c.takes(agent=run.agent_name, inbound=run.connector)]
        marked = set() if view.stand_ins.sandbox else set(workspace.settings.production)
        self._production = [f"{c.topic} ({c.connection})" for c in takers if c.connection in marked]
        return [f"{c.topic} ({c.name}{', PRODUCTION' if c.connection in marked else ''})" for c in takers]

    # running

    def start(self) -> None:
        """Run with what stands here; the new run opens."""
        if self._detail is None or not self.run.isEnabled():
            return
        payload = None
        if self.message.given is not None:
            try:
                payload = read_payload(self.message.text)
            except NotAPayloadError as mistake:
                self.error.show_trouble(Trouble(str(mistake), "Nothing was run."))
                self.message.editor.setFocus()
                return
        self.error.show_trouble(None)
        has_model = self._left.isVisibleTo(self)
        command = RerunRun(
            self._run_id,
            publish=self.publish.isChecked(),
            system_prompt=self.prompt.given if has_model else None,
            model=self.model.given if has_model else None,
            payload=payload,
        )
        if command.publish and self._production:
            self.ask.ask(
                f"Publish to production? The result goes to {', '.join(self._production)}, where others read it.",
                [("Run and publish to production", lambda: self._submit(command)), ("Do not run", lambda: None)],
            )
        else:
            self._submit(command)

    def _submit(self, command: RerunRun) -> None:
        self.parts.bridge.submit(command, self._on_started, self._on_refused)

    def _on_started(self, run_id: str) -> None:
        self._drafts.forget(self._run_id)
        self._run_id = ""
        self._is_filled = False
        self.parts.navigator.go(run_address(run_id))

    def _on_refused(self, words: str) -> None:
        self.error.show_trouble(Trouble("It was not run.", words))
