"""Tools: what a model sees of a function, and how it is called."""

import sys
from pathlib import Path
from typing import Any

import pytest

from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.tool_catalogue import ToolCatalogue
from kafka_agent_studio.workspace.tool_functions import ToolArgumentError, ToolFunction
from tests.unit.workspace.files import lines, load, write


def _tools(root: Path, source: str, file: str = "tools/m.py") -> ToolCatalogue:
    loaded = load(root, {file: source})
    assert lines(loaded) == []
    return loaded.tools


def _tool(root: Path, source: str) -> ToolFunction:
    (tool,) = _tools(root, source).functions.values()
    return tool


def test_type_hints_and_docstring_become_a_json_schema(tmp_path: Path) -> None:
    tool = _tool(
        tmp_path,
        '''
from __future__ import annotations
from typing import Literal

async def find(name: str, limit: int = 10, kind: Literal["a", "b"] | None = None, *, context: dict) -> list[str]:
    """Find things.

    More about it.

    Args:
        name: What to look for,
            in part.
        limit (int): How many.

    Returns:
        The names.
    """
    return []
''',
    )
    assert tool.is_async
    assert tool.takes_context
    assert (tool.ref, tool.name) == ("m.find", "find")
    assert tool.description.description == "Find things.\n\nMore about it."
    assert tool.description.parameters == {
        "type": "object",
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "name": {"type": "string", "description": "What to look for, in part."},
            "limit": {"type": "integer", "default": 10, "description": "How many."},
            "kind": {"anyOf": [{"enum": ["a", "b"], "type": "string"}, {"type": "null"}], "default": None},
        },
    }


def test_private_and_imported_names_and_classes_are_no_tools(tmp_path: Path) -> None:
    write(tmp_path, {"tools/_helper.py": "def shared() -> int:\n    return 7\n"})
    tools = _tools(
        tmp_path,
        "from textwrap import dedent\nfrom . import _helper\nfrom ._helper import shared\n\n"
        "class Thing: ...\n\ndef _private() -> None: ...\n\nlimit = 3\n\n"
        "def one() -> int:\n    return _helper.shared()\n",
    )
    assert list(tools.functions) == ["m.one"]
    assert tools.functions["m.one"].bind({}, {})() == 7


def test_a_module_in_a_folder_is_called_by_its_dotted_name(tmp_path: Path) -> None:
    tools = _tools(tmp_path, "def one() -> int:\n    return 1\n", "tools/dir/deep/m.py")
    assert tools.refs("dir.deep.m.*") == ("dir.deep.m.one",)


def test_wildcards_choose_in_the_order_of_the_file(tmp_path: Path) -> None:
    tools = _tools(tmp_path, "def b_x(): ...\ndef a(): ...\ndef b_a(): ...\n")
    assert tools.refs("m.b_*") == ("m.b_x", "m.b_a")
    assert tools.refs("m.*") == ("m.b_x", "m.a", "m.b_a")


def test_arguments_are_checked_and_converted(tmp_path: Path) -> None:
    tool = _tool(
        tmp_path,
        "from datetime import date\nfrom pydantic import BaseModel\n\nclass Item(BaseModel):\n    n: int\n\n"
        "def order(day: date, items: list[Item], schema: str = 'x') -> tuple:\n"
        "    return day.year, items[0].n, schema\n",
    )
    assert tool.bind({"day": "2024-01-15", "items": [{"n": 3}]}, {})() == (2024, 3, "x")
    assert tool.bind({"day": "2024-01-15", "items": [{"n": 3}], "schema": "y"}, {})() == (2024, 3, "y")
    with pytest.raises(ToolArgumentError, match=r"day is missing; items.0.n: .*; colour is not an argument"):
        tool.bind({"items": [{"n": "many"}], "colour": "red"}, {})


def test_the_context_is_injected_and_cannot_be_given(tmp_path: Path) -> None:
    tool = _tool(tmp_path, "def who(context, *, n: int = 1): return context['run_id'], n\n")
    assert tool.bind({"n": 2}, {"run_id": "r"})() == ("r", 2)
    with pytest.raises(ToolArgumentError, match="context is not an argument"):
        tool.bind({"context": {"run_id": "forged"}}, {"run_id": "r"})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("def f(payload: dict): return payload", {"order_id": "1", "total": 2.5, "_kafka": {}}),
        ("def f(payload, total, colour='red'): return payload['order_id'], total, colour", ("1", 2.5, "red")),
        ("def f(order_id: str, total: float): return order_id, total", ("1", 2.5)),
        ("def f(order_id, /, total): return order_id, total", ("1", 2.5)),
        ("def f(order_id, colour='red'): return order_id, colour", ("1", "red")),
        ("def f(order_id, **rest): return sorted(rest)", ["_kafka", "total"]),
        ("def f(context): return context['run_id']", "r"),
    ],
)
def test_a_tool_agent_gets_the_payload_or_its_fields(tmp_path: Path, source: str, expected: Any) -> None:
    payload = {"order_id": "1", "total": 2.5, "_kafka": {}}
    assert _tool(tmp_path, source).bind_payload(payload, {"run_id": "r"})() == expected


def test_a_payload_that_lacks_a_field_is_refused_by_name(tmp_path: Path) -> None:
    tool = _tool(tmp_path, "def f(order_id: str, total: float): ...")
    with pytest.raises(ToolArgumentError, match="the arguments do not fit f: total is missing"):
        tool.bind_payload({"order_id": "1"}, {})


def test_integers_of_any_size_reach_a_tool_whole(tmp_path: Path) -> None:
    tool = _tool(tmp_path, "def f(n: int): return n")
    assert tool.bind({"n": 2**200 + 1}, {})() == 2**200 + 1


def test_a_reload_runs_new_code_while_the_old_goes_on(tmp_path: Path) -> None:
    """Saved within one second and of the same size: bytecode caches would not notice."""
    source = "from . import _part\n\ndef one() -> int:\n    from ._part import number\n    return number\n"
    write(tmp_path, {"tools/m.py": source, "tools/_part.py": "number = 1\n"})
    old = load_workspace(tmp_path, environ={}).tools.functions["m.one"]
    write(tmp_path, {"tools/_part.py": "number = 2\n"})
    new = load_workspace(tmp_path, environ={}).tools.functions["m.one"]
    assert (old.function(), new.function()) == (1, 2)
    assert not list(tmp_path.rglob("__pycache__"))


def test_the_modules_of_a_load_leave_with_its_last_tool(tmp_path: Path) -> None:
    tool = _tool(tmp_path, "def one() -> None: ...")
    package = tool.function.__module__.partition(".")[0]
    assert package in sys.modules
    del tool
    assert not [name for name in sys.modules if name.startswith(package)]


async def test_an_async_tool_is_awaited(tmp_path: Path) -> None:
    tool = _tool(tmp_path, "async def f(n: int) -> int: return n + 1")
    assert await tool.bind({"n": 1}, {})() == 2


def test_offered_tools_carry_their_condition(tmp_path: Path) -> None:
    files = {
        "tools/m.py": "def one(): ...\ndef two(): ...\n",
        "agents/a.yaml": 'version: "1.0"\nname: a\ndescription: x\nmodel: a/b\nsystem_prompt: x\n'
        "tools:\n  - m.*\n  - m.one: payload.total > 100\n",
    }
    loaded = load(tmp_path, files)
    assert lines(loaded) == []
    agent = loaded.workspace.agents["a"]
    two, one = loaded.tools.offered(getattr(agent, "tools", ()))
    assert (two.tool.ref, two.condition, one.tool.ref) == ("m.two", None, "m.one")
    assert one.condition is not None
    assert one.condition.is_met({"total": 101}, {})
    assert not one.condition.is_met({"total": 99}, {})
