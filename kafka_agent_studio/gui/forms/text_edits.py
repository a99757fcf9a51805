"""Fields set in several files at once, so that they are saved, and taken back, as one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kafka_agent_studio.api.commands import EditFields, ParseFields, ReadFile
from kafka_agent_studio.gui.engine_bridge import EngineBridge

Texts = Mapping[str, str | None]
Fields = Mapping[str, Any]
Edit = tuple[str, Callable[[Fields], Fields]]
"""A file, and what its fields shall be, given those that it has now: somebody may have changed them a moment ago."""


def edit_files(
    bridge: EngineBridge,
    edits: Sequence[Edit],
    on_done: Callable[[Texts, Texts], object],
    on_error: Callable[[str], object],
) -> None:
    """Work out the texts of edits; nothing is written.

    `on_done` is given the new texts and the ones they came from, by path: the `changes` and `expected` of SaveFiles. A
    file whose fields are already as they shall be is in neither.
    """
    changes: dict[str, str | None] = {}
    expected: dict[str, str | None] = {}

    def go(rest: Sequence[Edit]) -> None:
        if not rest:
            on_done(changes, expected)
            return
        (path, wanted), *others = rest

        def edited(before: str | None, text: str) -> None:
            changes[path], expected[path] = text, before
            go(others)

        def parsed(text: str | None, fields: Fields) -> None:
            values = {name: value for name, value in wanted(fields).items() if value != fields.get(name)}
            if values:
                bridge.submit(EditFields(text or "", values), lambda new: edited(text, new), on_error)
            else:
                go(others)

        def read(text: str | None) -> None:
            bridge.submit(
                ParseFields(text or ""),
                lambda fields: parsed(text, fields),
                lambda words: on_error(f"{path}: {words}"),
            )

        bridge.submit(ReadFile(path), read, on_error)

    go(edits)
