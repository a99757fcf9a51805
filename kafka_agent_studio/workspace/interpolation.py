"""`${NAME}`, `${NAME:-default}` and `$${` in connections and connectors, filled after parsing from the environment."""

import re
from collections.abc import Mapping

import msgspec

from kafka_agent_studio.workspace.problems import ProblemLog, did_you_mean
from kafka_agent_studio.workspace.yaml_source import Node

_PART = re.compile(
    r"(?P<literal>\$\$\{)|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^{}]*))?\}|(?P<broken>\$\{)"
)


class Interpolation(msgspec.Struct, frozen=True):
    """Fills the texts of one file. As in a shell, a default also stands in for a variable that is set but empty."""

    environ: Mapping[str, str]
    problems: ProblemLog

    def fill(self, node: Node) -> Node:
        """Return `node` with every text filled; a problem for each variable that is not set."""
        if isinstance(node.value, dict):
            return msgspec.structs.replace(node, value={key: self.fill(value) for key, value in node.value.items()})
        if isinstance(node.value, list):
            return msgspec.structs.replace(node, value=[self.fill(value) for value in node.value])
        if not isinstance(node.value, str) or "${" not in node.value:
            return node
        parts = [(match, self._part(match, node)) for match in _PART.finditer(node.value)]
        is_unset = any(filled is None for _, filled in parts)
        values = iter([filled or "" for _, filled in parts])
        text = _PART.sub(lambda _: next(values), node.value)
        return msgspec.structs.replace(node, value=text, source=node.value, text_place=None, is_unset=is_unset)

    def _part(self, match: re.Match[str], node: Node) -> str | None:
        """Return what stands in for one part; None, and a problem, where there is nothing."""
        if match["literal"]:
            return "${"
        place = node.text_place.shifted(match.start()) if node.text_place else node.place
        name, default = match["name"], match["default"]
        if name is None:
            self.problems.error(place, "'${' begins no ${NAME} or ${NAME:-default}; write $${ for a literal ${")
            return None
        value = self.environ.get(name)
        if default is not None:
            return value or default
        if value is None:
            remedy = did_you_mean(name, self.environ) or f"; set it, or write ${{{name}:-default}}"
            self.problems.error(place, f"the environment variable {name} is not set{remedy}")
        return value
