"""A tool's signature is written as a model may call it."""

import pytest

from kafka_agent_studio.gui.agents_page.tool_uses import signature
from kafka_agent_studio.model.workspace import ToolDescription


@pytest.mark.parametrize(
    ("rules", "written"),
    [
        ({"type": "string"}, "a: string = …"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, "a: string | null = null"),
        ({"type": "boolean", "default": True}, "a: boolean = true"),
        ({"type": "string", "default": "it's"}, 'a: string = "it\'s"'),
        ({"type": "array", "items": {"type": "number"}, "default": [1.5]}, "a: array of number = [1.5]"),
    ],
)
def test_types_and_defaults_are_those_of_json(rules: dict[str, object], written: str) -> None:
    tool = ToolDescription("t.f", "f", "", {"properties": {"a": rules}}, file="tools/t.py", line=1)
    assert signature(tool) == f"f({written})"
