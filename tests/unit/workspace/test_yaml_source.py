"""YAML 1.2 scalars, places, and text that is no YAML at all."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kafka_agent_studio.workspace.problems import Place, ProblemLog
from kafka_agent_studio.workspace.yaml_source import MAX_VALUES, parse_yaml
from tests.unit.workspace.files import AGENT, lines, load


def _value(text: str) -> object:
    problems = ProblemLog()
    node = parse_yaml(f"x: {text}\n", "f", problems)
    assert node is not None, problems.sorted()
    return node.plain()["x"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("off", "off"),
        ("yes", "yes"),
        ("No", "No"),
        ("on", "on"),
        ("true", True),
        ("FALSE", False),
        ("~", None),
        ("", None),
        ("null", None),
        ("0123", 123),
        ("0o17", 15),
        ("0x1F", 31),
        ("-7", -7),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2024-01-15", "2024-01-15"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("12345678901234567890123456789", 12345678901234567890123456789),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("'it''s'", "it's"),
        ("=", "="),
        ("<<", "<<"),
    ],
)
def test_scalars_are_yaml_1_2(text: str, expected: object) -> None:
    value = _value(text)
    assert value == expected
    assert type(value) is type(expected)


def test_every_value_knows_its_place() -> None:
    node = parse_yaml("# a comment\na:\n  b: [1, 'zwei']\n", "f.yaml", ProblemLog())
    assert node is not None
    item = node.find(("a", "b", 1))
    assert item is not None
    assert item.place == Place("f.yaml", 3, 10)
    assert item.text_place == Place("f.yaml", 3, 11)
    assert node.fields["a"].key_place == Place("f.yaml", 2, 1)


def test_aliases_cannot_grow_without_bound() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    problems = ProblemLog()
    assert parse_yaml("\n".join(rows), "f", problems) is None
    assert f"{MAX_VALUES:,} values" in problems.sorted()[0].message


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a: " + "9" * 5000, "\x00", "a: \x07", "%YAML 3.0\n---\na: 1", "!!map [1]"]
)
def test_what_cannot_be_read_is_one_problem(text: str) -> None:
    problems = ProblemLog()
    assert parse_yaml(text, "f", problems) is None
    assert len(problems.sorted()) == 1


def test_a_file_that_is_not_utf8_is_a_problem_at_its_byte(tmp_path: Path) -> None:
    (tmp_path / "agents").mkdir()
    (tmp_path / "agents/a.yaml").write_bytes(AGENT.encode() + b"# caf\xe9\n")
    assert lines(load(tmp_path, {})) == ["agents/a.yaml:6:6: error: not UTF-8 text; save the file as UTF-8"]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(max_size=80)
    | st.lists(st.sampled_from([*"ab:-[]{}&*!|>'\"#%@`,?~ \n\t0.$", "name: ", "agents: ", "- ", "${"])).map("".join)
)
def test_loading_never_raises(tmp_path: Path, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    files = ("agents/a.yaml", "agents/_defaults.yaml", "connectors/c.yaml", "connections/d.yaml", "schemas/s.json")
    loaded = load(tmp_path, dict.fromkeys((*files, "studio.yaml", "tools/m.py"), "") | dict.fromkeys(files, text))
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in loaded.problems)
