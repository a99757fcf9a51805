"""A person's comments survive an edit, also beside what the edit removes."""

import pytest

from kafka_agent_studio.workspace.yaml_edit import edited_yaml

TEXT = """\
# of the team
name: orders-in
bootstrap_servers: kafka-1:9092
security:
  protocol: SSL
  ca_file: certs/ca.pem
# the web shop writes here
topic: orders
# the end
"""


@pytest.mark.parametrize(
    "values",
    [
        {"bootstrap_servers": None, "security": None},
        {"security": {"protocol": "SSL"}},
        {"security": None, "connection": "staging"},
        {"name": "other", "bootstrap_servers": "kafka-2:9092"},
    ],
)
def test_a_comment_stays_above_what_it_was_written_about(values: dict[str, object]) -> None:
    edited = edited_yaml(TEXT, values)
    assert edited.startswith("# of the team\nname:")
    assert "# the web shop writes here\ntopic: orders\n" in edited
    assert [line for line in edited.splitlines() if line.startswith("#")] == [
        "# of the team",
        "# the web shop writes here",
        "# the end",
    ]


def test_a_comment_about_what_is_gone_goes_to_the_end() -> None:
    assert edited_yaml("a: 1\n# about b\nb: 2\n", {"b": None}) == "a: 1\n# about b\n"


def test_lines_of_a_text_that_begin_like_a_comment_are_none() -> None:
    text = "version: '1.0'\nsystem_prompt: |\n  # Rules\n  Answer.\nname: a\n"
    assert "#" not in edited_yaml(text, {"system_prompt": "Answer."})
