"""What one file of the workspace holds while it is being loaded: its nodes, and its model as long as it is valid."""

from typing import Generic, TypeVar

import msgspec

from kafka_agent_studio.model.workspace import Problem
from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.yaml_source import Node

ModelT = TypeVar("ModelT")


class Entry(msgspec.Struct, Generic[ModelT]):
    """A connection, connector or agent. `name` is the declared one, else the file's.

    `fault` is why it is not valid, `inherited_fault` why something that it rests on is not. An entry with a fault keeps
    its node, so that what refers to it is not called unknown as well.
    """

    file: str
    name: str
    node: Node
    model: ModelT | None
    fault: Problem | None
    inherited_fault: Problem | None = None

    @property
    def any_fault(self) -> Problem | None:
        """Its own fault, else the inherited one."""
        return self.fault or self.inherited_fault

    def place(self, *path: str | int) -> Place:
        """Return where the value at `path` stands, else its nearest parent that is there."""
        for length in range(len(path), -1, -1):
            found = self.node.find(path[:length])
            if found is not None:
                return found.place
        return self.node.place

    def names_at(self, field: str) -> list[str]:
        """Return the texts of a list field as written, valid or not."""
        found = self.node.find((field,))
        return [item.text for item in found.items if item.text is not None] if found else []


def file_stem(file: str) -> str:
    """Return the file's name without folder and ending."""
    return file.rpartition("/")[2].rpartition(".")[0]


def check_name(node: Node, file: str, problems: ProblemLog, *, reserved: str) -> None:
    """Report a name that differs from its file's, or that is reserved."""
    name = node.find(("name",))
    if name is None or name.text is None:
        return
    stem = file_stem(file)
    if name.text == reserved or stem == reserved:
        problems.error(name.place, f"'{reserved}' is a reserved name: the embedded broker's; choose another")
    elif name.text != stem:
        problems.error(name.place, f"'name' must equal the file's name: '{stem}', not '{name.text}'")
