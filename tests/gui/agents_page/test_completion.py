"""What is offered where, in an agent's text."""

import pytest

from kafka_agent_studio.gui.agents_page.completion import complete
from tests.gui.agents_page.scene import make_agents_workspace

_LLM = 'version: "1.0"\nname: a\ntype: llm\n'


def _offered(text: str) -> list[str]:
    """The words offered at `|`, which is not part of the text."""
    position = text.index("‸")
    found = complete(text.replace("‸", ""), position, make_agents_workspace(), name="a")
    return [] if found is None else [candidate.word for candidate in found.candidates]


def test_at_the_top_the_fields_of_the_type_that_are_not_written_yet() -> None:
    offered = _offered(_LLM + "‸")
    assert "model" in offered
    assert "tools" in offered
    assert "name" not in offered
    assert "tool_name" not in offered


@pytest.mark.parametrize(("kind", "field"), [("tool", "tool_name"), ("sequential", "agents")])
def test_another_type_has_other_fields(kind: str, field: str) -> None:
    offered = _offered(f"type: {kind}\n‸")
    assert field in offered
    assert "model" not in offered


def test_what_begins_so_comes_before_what_has_a_part_that_begins_so() -> None:
    offered = _offered(_LLM + "re‸")
    assert offered[:2] == ["reasoning_effort", "retry_options"]
    assert _offered(_LLM + "re‸") == [word for word in offered if word.startswith("re") or "_re" in word]


def test_within_a_block_its_own_fields() -> None:
    assert _offered(_LLM + "retry_options:\n  ‸") == ["attempts", "initial_delay", "max_delay"]
    assert _offered(_LLM + "retry_options:\n  attempts: 3\n  ‸") == ["initial_delay", "max_delay"]


def test_models_used_elsewhere_and_the_stand_in_last() -> None:
    assert _offered(_LLM + "model: ‸") == ["gemini/gemini-2.5-flash", "gemini/gemini-2.5-pro", "sandbox/rehearsal"]
    assert _offered(_LLM + "model: gemini/gemini-2.5-p‸") == ["gemini/gemini-2.5-pro"]


@pytest.mark.parametrize(
    "form", ["tools:\n  - {}", "tools:\n- {}", "tools: [{}", "tools:\n  - {{ref: {}", "tool_name: {}"]
)
def test_tools_by_reference(form: str) -> None:
    assert "orders.score_risk" in _offered(_LLM + form.format("orders.‸"))


def test_agents_in_a_row_without_the_agent_itself() -> None:
    text = "type: sequential\nname: order-tagger\nagents:\n  - ‸"
    found = complete(text.replace("‸", ""), text.index("‸"), make_agents_workspace(), name="order-tagger")
    assert found is not None
    assert [candidate.word for candidate in found.candidates] == ["event-correlator", "order-processor"]


def test_schemas_types_and_fixed_values() -> None:
    assert _offered(_LLM + "output_schema: ‸") == ["order-result"]
    assert _offered("type: ‸") == ["llm", "tool", "sequential"]
    assert _offered(_LLM + "concurrency:\n  on_conflict: d‸") == ["drop"]


@pytest.mark.parametrize(
    "text",
    [
        "system_prompt: |\n  Call to‸\n",
        "system_prompt: |\n  Call it.\n\n  to‸\n",
        "# to‸",
        "model: gemini/gemini-2.5-pro‸",
        "description: an agent‸",
    ],
)
def test_nothing_in_block_texts_in_comments_and_where_all_is_written(text: str) -> None:
    assert _offered(_LLM + text) == []


def test_after_a_block_text_fields_again() -> None:
    assert "tools" in _offered(_LLM + "system_prompt: |\n  Call it.\nt‸")
