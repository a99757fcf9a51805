"""The tools of a workspace by reference, and what the entries of an agent's `tools` mean."""

import fnmatch
import re
from collections.abc import Iterable, Mapping

import msgspec

from kafka_agent_studio.model.agent import ToolUse
from kafka_agent_studio.model.workspace import ToolDescription
from kafka_agent_studio.workspace.condition import Condition
from kafka_agent_studio.workspace.problems import did_you_mean
from kafka_agent_studio.workspace.tool_functions import ToolFunction

_REF = re.compile(r"(?:[A-Za-z_]\w*\.)+(?:[A-Za-z_][\w*]*|\*[\w*]*)")


class ToolReferenceError(ValueError):
    """A reference names no tool; the message says why and what may be meant."""


class ToolNameClashError(ValueError):
    """Two tools of one agent have the same bare name, by which a model could not tell them apart."""


class OfferedTool(msgspec.Struct, frozen=True):
    """A tool as an agent may use it; `condition` None means always."""

    tool: ToolFunction
    condition: Condition | None = None


class ToolCatalogue(msgspec.Struct, frozen=True):
    """What tools/ holds. `functions` is empty where the folder is not trusted; `descriptions` are there either way."""

    functions: Mapping[str, ToolFunction] = msgspec.field(default_factory=dict)
    descriptions: Mapping[str, ToolDescription] = msgspec.field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    broken_modules: frozenset[str] = frozenset()

    def refs(self, pattern: str) -> tuple[str, ...]:
        """Return the refs that `module.function`, `dir.module.function`, `module.*` or `module.pre_*` names.

        Raises:
            ToolReferenceError: there is none.
        """
        if not _REF.fullmatch(pattern):
            raise ToolReferenceError(f"'{pattern}' is no tool: write module.function, module.* or module.prefix_*")
        module, _, name = pattern.rpartition(".")
        if module not in self.modules:
            hint = did_you_mean(pattern, self.descriptions) or did_you_mean(module, self.modules)
            raise ToolReferenceError(f"unknown tool '{pattern}': there is no tools/{module.replace('.', '/')}.py{hint}")
        here = [ref for ref in self.descriptions if ref.rpartition(".")[0] == module]
        found = tuple(ref for ref in here if fnmatch.fnmatchcase(ref.rpartition(".")[2], name))
        if found or module in self.broken_modules:
            return found
        file = f"tools/{module.replace('.', '/')}.py"
        if "*" in name:
            raise ToolReferenceError(f"'{pattern}' matches no function of {file}")
        if name.startswith("_"):
            raise ToolReferenceError(f"unknown tool '{pattern}': a function whose name begins with '_' is private")
        hint = did_you_mean(name, [ref.rpartition(".")[2] for ref in here])
        raise ToolReferenceError(f"unknown tool '{pattern}': {file} has no function '{name}'{hint}")

    def chosen(self, uses: Iterable[ToolUse]) -> dict[str, str | None]:
        """Return the refs that the entries of `tools` choose, each with its condition; a later entry wins.

        Raises:
            ToolReferenceError: an entry names no tool.
            ToolNameClashError: two of them have one bare name.
        """
        chosen: dict[str, str | None] = {}
        for use in uses:
            for ref in self.refs(use.ref):
                name = ref.rpartition(".")[2]
                clash = next((c for c in chosen if c != ref and c.rpartition(".")[2] == name), None)
                if clash is not None:
                    raise ToolNameClashError(
                        f"two tools named '{name}': {clash} and {ref}; a model sees the bare name only"
                    )
                chosen.pop(ref, None)
                chosen[ref] = use.condition
        return chosen

    def offered(self, uses: Iterable[ToolUse]) -> tuple[OfferedTool, ...]:
        """Return the tools that an agent's `tools` offer, in order; Raises: as `chosen`, and ConditionError."""
        return tuple(
            OfferedTool(self.functions[ref], None if condition is None else Condition.parse(condition))
            for ref, condition in self.chosen(uses).items()
            if ref in self.functions
        )

    def function(self, ref: str) -> ToolFunction | None:
        """Return the tool of a ref, None where there is none that can be called."""
        return self.functions.get(ref)
