"""agents/**/*.yaml: what each file says, on top of the `_defaults.yaml` files of the folders above it."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from pydantic import Field, create_model

from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.base import FileModel
from kafka_agent_studio.model.workspace import AnyAgent, Problem
from kafka_agent_studio.workspace.entries import Entry, file_stem
from kafka_agent_studio.workspace.field_checks import FieldChecks, shown
from kafka_agent_studio.workspace.folder import Folder
from kafka_agent_studio.workspace.passwords import without_passwords
from kafka_agent_studio.workspace.problems import Place, ProblemLog, did_you_mean
from kafka_agent_studio.workspace.yaml_source import Node

DEFAULTS = "_defaults.yaml"

_TYPES: dict[str, type[AnyAgent]] = {"llm": LlmAgent, "tool": ToolAgent, "sequential": SequentialAgent}
_NOUNS = {"llm": "an llm agent", "tool": "a tool agent", "sequential": "a sequential agent"}
_OWN_FIELDS = ("version", "name", "description")
_APPENDED = ("tools", "agents")


_INHERITED: dict[str, Any] = {
    name: (Annotated[(info.annotation, Field(), *info.metadata)], None)
    for model_type in _TYPES.values()
    for name, info in model_type.model_fields.items()
    if name not in (*_OWN_FIELDS, "type")
}
_INHERITED["type"] = (Literal["llm", "tool", "sequential"], "llm")
_AgentDefaults = create_model("_AgentDefaults", __base__=FileModel, **_INHERITED)


class _Defaults(msgspec.Struct, frozen=True):
    """The fields that a folder's agents inherit; `fault` is set where a file above them holds a mistake."""

    fields: dict[str, Node]
    fault: Problem | None = None
    is_readable: bool = True


class AgentFiles:
    """Reads agents/ once."""

    def __init__(self, *, folder: Folder, names_before: Mapping[str, str] | None = None) -> None:
        """`names_before` are agents' names by file, for files that cannot be read now."""
        self._folder = folder
        self._names_before = names_before or {}
        self._problems = folder.problems
        self._defaults: dict[str, _Defaults] = {}

    def agents(self) -> Iterator[Entry[AnyAgent]]:
        """Yield an entry for each agent file; its node holds the inherited fields, too, each with its own place."""
        files = list(self._folder.files("agents", ".yaml", deep=True))
        for file in files:
            if file.endswith("/" + DEFAULTS):
                self._defaults_of(file.rpartition("/")[0])
        for file in files:
            if not file.endswith("/" + DEFAULTS):
                yield self._agent(file)

    def _agent(self, file: str) -> Entry[AnyAgent]:
        mark = self._problems.mark()
        own = self._folder.read_yaml(file)
        inherited = self._defaults_of(file.rpartition("/")[0])
        model: AnyAgent | None = None
        node = Node(None, Place(file)) if own is None else own
        if own is not None and isinstance(own.value, dict):
            node = _with_tool_uses(without_passwords(own, self._problems), self._problems)
            merged = node.with_fields(_merged(inherited.fields, node.fields))
            kind = self._kind(merged)
            if kind is not None and inherited.is_readable:
                node = _without_useless(merged, own=node, model_type=_TYPES[kind])
                model = self._checks(kind).model(node, _TYPES[kind])
        elif own is not None:
            self._checks("llm").model(own, LlmAgent)
        declared = node.find(("name",))
        return Entry(
            file=file,
            name=(declared.text if declared is not None else None) or self._names_before.get(file, file_stem(file)),
            node=node,
            model=model,
            fault=self._problems.first_error_since(mark),
            inherited_fault=inherited.fault,
        )

    def _kind(self, node: Node) -> str | None:
        kind = node.find(("type",))
        if kind is None:
            return "llm"
        if kind.text in _TYPES:
            return kind.text
        hint = did_you_mean(kind.text, _TYPES) if kind.text else ""
        self._problems.error(kind.place, f"'type' must be llm, tool or sequential, not {shown(kind)}{hint}")
        known = {name for model_type in _TYPES.values() for name in model_type.model_fields}
        for name, field in node.fields.items():
            if name not in known:
                self._problems.error(field.name_place, f"unknown field '{name}'{did_you_mean(name, known)}")
        return None

    def _checks(self, kind: str) -> FieldChecks:
        elsewhere = {
            name: _NOUNS[other]
            for other, model_type in reversed(_TYPES.items())
            for name in model_type.model_fields
            if name not in _TYPES[kind].model_fields
        }
        return FieldChecks(noun=_NOUNS[kind], problems=self._problems, elsewhere=elsewhere)

    def _defaults_of(self, directory: str) -> _Defaults:
        """Return what agents in `directory` inherit, the nearer folders winning; each file is read once."""
        if directory not in self._defaults:
            above = self._defaults_of(directory.rpartition("/")[0]) if "/" in directory else _Defaults({})
            file = f"{directory}/{DEFAULTS}"
            own = self._read_defaults(file) if self._folder.exists(file) else _Defaults({})
            self._defaults[directory] = _Defaults(
                fields=_merged(above.fields, own.fields),
                fault=own.fault or above.fault,
                is_readable=own.is_readable and above.is_readable,
            )
        return self._defaults[directory]

    def _read_defaults(self, file: str) -> _Defaults:
        mark = self._problems.mark()
        node = self._folder.read_yaml(file)
        if node is None:
            return _Defaults({}, self._problems.first_error_since(mark), is_readable=False)
        if node.value is None:
            return _Defaults({})
        node = _with_tool_uses(without_passwords(node, self._problems), self._problems)
        for name in _OWN_FIELDS:
            if name in node.fields:
                self._problems.error(
                    node.fields[name].name_place, f"the field '{name}' belongs to each agent, not here"
                )
        fields = {name: field for name, field in node.fields.items() if name not in _OWN_FIELDS}
        rest = node.with_fields(fields) if isinstance(node.value, dict) else node
        FieldChecks(noun="defaults for agents", problems=self._problems).model(rest, _AgentDefaults)
        return _Defaults(fields, self._problems.first_error_since(mark))


def _merged(base: dict[str, Node], over: dict[str, Node], *, depth: int = 0) -> dict[str, Node]:
    """Return `over` on top of `base`: maps merge, tools and agents append, anything else is replaced."""
    result = dict(base)
    for name, node in over.items():
        below = base.get(name)
        if below is not None and isinstance(below.value, dict) and isinstance(node.value, dict):
            result[name] = node.with_fields(_merged(below.fields, node.fields, depth=depth + 1))
        elif below is not None and depth == 0 and name in _APPENDED and below.items and isinstance(node.value, list):
            again = {_ref(item) for item in node.items} if name == "tools" else set()
            kept = [item for item in below.items if _ref(item) not in again]
            result[name] = msgspec.structs.replace(node, value=[*kept, *node.items])
        else:
            result[name] = node
    return result


def _ref(item: Node) -> str | None:
    ref = item.find(("ref",))
    return ref.text if ref is not None else item.text


def _without_useless(merged: Node, *, own: Node, model_type: type[AnyAgent]) -> Node:
    """Return the fields without inherited ones that this type of agent has no use for."""
    known = model_type.model_fields
    return merged.with_fields({k: v for k, v in merged.fields.items() if k in known or k in own.fields})


def _with_tool_uses(node: Node, problems: ProblemLog) -> Node:
    """Return `node` with each entry of `tools` in the long form: ref, and condition where there is one."""
    tools = node.find(("tools",))
    if tools is None or not isinstance(tools.value, list):
        return node
    uses: list[Node] = []
    for item in tools.items:
        use = _tool_use(item, problems)
        if use is None:
            continue
        if _ref(use) in {_ref(earlier) for earlier in uses}:
            problems.error(use.place, f"the tool '{_ref(use)}' is named twice")
        uses.append(use)
    return node.with_fields({**node.fields, "tools": msgspec.structs.replace(tools, value=list(uses))})


def _tool_use(item: Node, problems: ProblemLog) -> Node | None:
    if item.text:
        return msgspec.structs.replace(item, value={"ref": item})
    if len(item.fields) == 1:
        ref, condition = next(iter(item.fields.items()))
        if condition.text is not None:
            name = Node(ref, condition.name_place, text_place=condition.name_place)
            return Node({"ref": name, "condition": condition}, item.place)
        problems.error(condition.place, f"the condition of '{ref}' must be text: a comparison, not {shown(condition)}")
        return None
    problems.error(item.place, "a tool is written as module.function, or as {module.function: condition}")
    return None
