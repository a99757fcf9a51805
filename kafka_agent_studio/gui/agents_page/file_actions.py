"""New files from templates, copies, deletions, and all of it taken back."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from kafka_agent_studio.api.commands import ReadFile
from kafka_agent_studio.gui.agents_page.completion import models_in_use
from kafka_agent_studio.gui.agents_page.effects import connectors_of, rows_with
from kafka_agent_studio.gui.agents_page.new_bar import NewBar
from kafka_agent_studio.gui.agents_page.open_files import OpenFiles
from kafka_agent_studio.gui.agents_page.templates import NewFile, NewKind, free_name, new_file, renamed
from kafka_agent_studio.gui.engine_bridge import EngineBridge
from kafka_agent_studio.gui.forms.ask_bar import AskBar
from kafka_agent_studio.gui.forms.file_changes import FileChanges
from kafka_agent_studio.gui.theme import Tone

_SUGGESTIONS = {
    NewKind.LLM: "new-agent",
    NewKind.TOOL_AGENT: "new-agent",
    NewKind.SEQUENTIAL: "new-agent",
    NewKind.TOOLS: "new_tools",
    NewKind.SCHEMA: "new-schema",
}

_NOUNS = {
    NewKind.LLM: "agent",
    NewKind.TOOL_AGENT: "agent",
    NewKind.SEQUENTIAL: "agent",
    NewKind.TOOLS: "module of tools",
    NewKind.SCHEMA: "schema",
}


class FileActions(QObject):
    """`made(path)` comes when a file is there, `gone(path)` when one was deleted. `notice` says what was done."""

    made = Signal(str)
    gone = Signal(str)

    def __init__(
        self, *, bridge: EngineBridge, changes: FileChanges, files: OpenFiles, bar: NewBar, notice: AskBar
    ) -> None:
        super().__init__()
        self._bridge = bridge
        self._changes = changes
        self._files = files
        self._bar = bar
        self._notice = notice
        self._kind = NewKind.LLM
        self._copied: str | None = None
        bar.named.connect(self._on_named)
        changes.undone.connect(lambda words: self._say(f"Taken back: {words}.", "Redo", changes.redo))
        changes.redone.connect(lambda words: self._say(f"Done again: {words}.", "Undo", changes.undo))
        changes.refused.connect(self._refuse)

    def ask_new(self, kind: NewKind) -> None:
        """Ask for the name of something new."""
        self._copied = None
        self._ask(kind, f"Name of the new {_NOUNS[kind]}", _SUGGESTIONS[kind])

    def ask_copy(self, path: str) -> None:
        """Ask for the name of a copy of what stands in a file, or in the editor where it is open."""
        kind = _kind_of(path)
        stem = path.rpartition("/")[2].rpartition(".")[0]

        def read(text: str | None) -> None:
            self._copied = text
            separator = "_" if kind is NewKind.TOOLS else "-"
            self._ask(kind, f"Name of the copy of {stem}", f"{stem}{separator}copy")

        file = self._files.find(path)
        if file is not None:
            read(file.text)
        else:
            self._bridge.submit(ReadFile(path), read, self._refuse)

    def delete(self, path: str, name: str) -> None:
        """Delete a file, `name` being the agent in it; it can be taken back."""
        workspace = self._bridge.view.workspace
        users = [*connectors_of(workspace, name), *rows_with(workspace, name)] if name else []

        def deleted() -> None:
            self._files.forget(path)
            self.gone.emit(path)
            after = f" {', '.join(users)} still {'names' if len(users) == 1 else 'name'} it." if users else ""
            self._say(f"{path} is deleted.{after}", "Undo", self._changes.undo)

        def read(text: str | None) -> None:
            self._changes.save(
                {path: None}, expected={path: text}, words=f"{path} deleted", on_done=deleted, on_error=self._refuse
            )

        self._bridge.submit(ReadFile(path), read, self._refuse)

    def _ask(self, kind: NewKind, title: str, suggestion: str) -> None:
        self._kind = kind
        taken = self._taken(kind)
        separator = "_" if kind is NewKind.TOOLS else "-"
        name = free_name(suggestion, taken, separator=separator)
        self._bar.ask(kind, title, suggestion=name, taken=taken)

    def _taken(self, kind: NewKind) -> frozenset[str]:
        workspace = self._bridge.view.workspace
        if kind is NewKind.TOOLS:
            return frozenset(t.file.removeprefix("tools/").removesuffix(".py") for t in workspace.tools)
        group = "schema/" if kind is NewKind.SCHEMA else "agent/"
        return frozenset(key.removeprefix(group) for key in workspace.files if key.startswith(group))

    def _on_named(self, name: str) -> None:
        made = self._from_template(name)
        if self._copied is not None:
            is_agent = made.path.startswith("agents/")
            made = NewFile(made.path, renamed(self._copied, name) if is_agent else self._copied)
        self._changes.save(
            {made.path: made.text},
            expected={made.path: None},
            words=f"{made.path} made",
            on_done=lambda: self.made.emit(made.path),
            on_error=self._refuse,
        )

    def _from_template(self, name: str) -> NewFile:
        workspace = self._bridge.view.workspace
        return new_file(
            self._kind,
            name,
            model=models_in_use(workspace)[0][0],
            tool=next((tool.ref for tool in workspace.tools), "module.function"),
            agent=next(iter(sorted(workspace.agents)), "another-agent"),
        )

    def _say(self, words: str, action: str, handler: Callable[[], object]) -> None:
        self._notice.ask(words, [(action, handler), ("Close", lambda: None)], tone=Tone.ACCENT, takes_focus=False)

    def _refuse(self, words: str) -> None:
        self._notice.ask(words, [("Close", lambda: None)], tone=Tone.FAILED, takes_focus=False)


def _kind_of(path: str) -> NewKind:
    if path.startswith("tools/"):
        return NewKind.TOOLS
    return NewKind.SCHEMA if path.startswith("schemas/") else NewKind.LLM
