"""`{name}` in system prompts."""

from kafka_agent_studio.engine.agents.system_prompt import SystemPrompt

CONTEXT = {"run_id": "run-1", "timestamp": None}
PAYLOAD = {"customer": "ann", "items": ["a"], "run_id": "not this one", "text": "{customer}"}


def _filled(text: str) -> str:
    return SystemPrompt(text).filled(context=CONTEXT, payload=PAYLOAD)


def test_names_are_filled_from_the_context_and_then_the_payload() -> None:
    assert _filled("Run {run_id} for {customer}.") == "Run run-1 for ann."


def test_what_is_no_text_is_written_as_json() -> None:
    assert _filled("{items} {timestamp}") == '["a"] null'


def test_unmatched_names_and_other_braces_stay() -> None:
    assert _filled('{nobody} {} {"order_id": 1} {a.b}') == '{nobody} {} {"order_id": 1} {a.b}'


def test_a_value_is_not_filled_again() -> None:
    assert _filled("{text}") == "{customer}"
