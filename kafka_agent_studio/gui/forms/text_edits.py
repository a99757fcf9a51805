"""Fields set in several files at once, so that they are saved, and taken back, as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.commands import EditFields, ReadFile
from kafka_agent_studio.gui.engine_bridge import EngineBridge

Texts = Mapping[str, str | None]
Edit = tuple[str, Mapping[str, Any]]


def edit_files(
    bridge: EngineBridge,
    edits: Sequence[Edit],
    on_done: Callable[[Texts, Texts], object],
    on_error: Callable[[str], object],
) -> None:
    """Work out the texts of (path, fields) edits; nothing is written.

    `on_done` is given the new texts and the ones they came from, by path: the `changes` and `expected` of SaveFiles.
    """
    changes: dict[str, str | None] = {}
    expected: dict[str, str | None] = {}

    def go(rest: Sequence[Edit]) -> None:
        if not rest:
            on_done(changes, expected)
            return
        (path, values), *others = rest

        def edited(text: str) -> None:
            changes[path] = text
            go(others)

        def read(text: str | None) -> None:
            expected[path] = text
            bridge.submit(EditFields(text or "", values), edited, on_error)

        bridge.submit(ReadFile(path), read, on_error)

    go(edits)
