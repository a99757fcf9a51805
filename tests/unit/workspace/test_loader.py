"""A workspace that is valid, wholly or in part."""

from pathlib import Path

import pytest

from kafka_agent_studio.model.agent import LlmAgent, SequentialAgent, ToolAgent
from kafka_agent_studio.model.connector import InboundConnector, Ordering
from kafka_agent_studio.workspace.loader import load_workspace
from kafka_agent_studio.workspace.sample import FOLDERS, copy_sample, sample_workspace_dir
from tests.unit.workspace.files import AGENT, CONNECTION, INBOUND, OUTBOUND, TOOL_AGENT, TOOLS, lines, load, write


def _llm(root: Path, files: dict[str, str], name: str = "a") -> LlmAgent:
    loaded = load(root, files)
    assert lines(loaded) == []
    agent = loaded.workspace.agents[name]
    assert isinstance(agent, LlmAgent)
    return agent


def test_the_sample_workspace_is_valid_and_whole() -> None:
    loaded = load_workspace(sample_workspace_dir(), environ={})
    assert lines(loaded) == []
    assert set(loaded.workspace.agents) == {"event-correlator", "order-processor", "order-tagger"}
    assert [c.name for c in loaded.workspace.inbound] == ["orders-in", "shipments-in"]
    assert [c.name for c in loaded.workspace.outbound] == ["correlations-out", "results-out", "tags-out"]
    assert {use.name for use in loaded.secret_uses} == {"GEMINI_API_KEY"}


def test_the_sample_is_copied_without_anything_else(tmp_path: Path) -> None:
    copy_sample(tmp_path / "copy")
    assert {p.name for p in (tmp_path / "copy").iterdir()} <= {*FOLDERS, "studio.yaml"}
    assert lines(load_workspace(tmp_path / "copy", environ={})) == []
    assert not list((tmp_path / "copy").rglob("__pycache__"))


def test_an_empty_folder_is_a_workspace_named_after_it(tmp_path: Path) -> None:
    loaded = load_workspace(tmp_path, environ={})
    assert lines(loaded) == []
    assert loaded.workspace.name == tmp_path.name


def test_a_folder_that_is_missing_is_a_problem(tmp_path: Path) -> None:
    assert lines(load_workspace(tmp_path / "none", environ={})) == [".:1:1: error: there is no such folder"]


@pytest.mark.parametrize("name", ["result", "result.json", "schemas/result.json"])
def test_a_schema_is_found_with_and_without_its_ending(tmp_path: Path, name: str) -> None:
    agent = _llm(
        tmp_path, {"agents/a.yaml": f"{AGENT}output_schema: {name}\n", "schemas/result.json": '{"type": "object"}'}
    )
    assert agent.output_schema == name


# inheritance


def test_scalars_override_maps_merge_and_tools_append(tmp_path: Path) -> None:
    agent = _llm(
        tmp_path,
        {
            "agents/_defaults.yaml": "temperature: 1\nretry_options: {attempts: 7, max_delay: 9}\n"
            "tools: [m.one, m.two]\n",
            "agents/team/_defaults.yaml": "temperature: 0.5\nretry_options: {max_delay: 8}\n",
            "agents/team/a.yaml": AGENT + "retry_options: {initial_delay: 2}\ntools:\n  - m.one: payload.x > 1\n",
            "tools/m.py": TOOLS,
        },
    )
    assert agent.temperature == 0.5
    assert (agent.retry_options.attempts, agent.retry_options.initial_delay, agent.retry_options.max_delay) == (7, 2, 8)
    assert [(use.ref, use.condition) for use in agent.tools] == [("m.two", None), ("m.one", "payload.x > 1")]


def test_agents_of_sequentials_append(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT,
            "agents/b.yaml": AGENT.replace("name: a", "name: b"),
            "agents/s/_defaults.yaml": "type: sequential\nagents: [a]\n",
            "agents/s/s.yaml": 'version: "1.0"\nname: s\ndescription: x\nagents: [b, a]\n',
        },
    )
    assert lines(loaded) == []
    agent = loaded.workspace.agents["s"]
    assert isinstance(agent, SequentialAgent)
    assert agent.agents == ("a", "b", "a")


def test_inherited_fields_without_use_are_dropped_own_ones_are_not(tmp_path: Path) -> None:
    files = {"agents/_defaults.yaml": "temperature: 1\ntimeout: 5\n", "agents/t.yaml": TOOL_AGENT, "tools/m.py": TOOLS}
    loaded = load(tmp_path, files)
    assert lines(loaded) == []
    agent = loaded.workspace.agents["t"]
    assert isinstance(agent, ToolAgent)
    assert agent.timeout == 5
    own = load(tmp_path, {"agents/t.yaml": TOOL_AGENT + "temperature: 1\n"})
    words = "the field 'temperature' is of no use to a tool agent; it belongs to an llm agent"
    assert lines(own) == [f"agents/t.yaml:6:1: error: {words}"]


def test_a_mistake_in_defaults_is_said_once_and_keeps_its_agents_from_running(tmp_path: Path) -> None:
    files = {f"agents/{n}.yaml": AGENT.replace("name: a", f"name: {n}") for n in "ab"}
    loaded = load(tmp_path, {**files, "agents/_defaults.yaml": "temperature: 3\n"})
    assert lines(loaded) == ["agents/_defaults.yaml:1:14: error: 'temperature' must be at most 2, not 3"]
    assert set(loaded.invalid) == {"agent/a", "agent/b"}


# interpolation


def test_variables_take_the_type_of_their_field(tmp_path: Path) -> None:
    text = (
        INBOUND.replace("orders", '"${TOPIC}"')
        + "max_in_flight: ${N}\nenabled: ${ON:-true}\ngroup_id: g$${x}-${TOPIC}\n"
    )
    loaded = load(tmp_path, {"connectors/i.yaml": text}, TOPIC="2024", N="8")
    assert lines(loaded) == []
    connector = loaded.workspace.connectors["i"]
    assert isinstance(connector, InboundConnector)
    assert (connector.topic, connector.max_in_flight, connector.enabled) == ("2024", 8, True)
    assert connector.group_id == "g${x}-2024"


def test_a_default_stands_in_for_an_empty_variable(tmp_path: Path) -> None:
    text = CONNECTION.replace("kafka:9092", "${SERVERS:-kafka:9092}")
    loaded = load(tmp_path, {"connections/c.yaml": text}, SERVERS="")
    assert loaded.workspace.connections["c"].bootstrap_servers == "kafka:9092"


def test_a_variable_of_the_wrong_type_is_not_quoted(tmp_path: Path) -> None:
    loaded = load(tmp_path, {"connectors/i.yaml": INBOUND + "max_in_flight: ${N}\n"}, N="secret-looking")
    words = "'max_in_flight' must be a whole number, not what '${N}' gives"
    assert lines(loaded) == [f"connectors/i.yaml:6:16: error: {words}"]


def test_agents_are_not_interpolated(tmp_path: Path) -> None:
    agent = _llm(tmp_path, {"agents/a.yaml": AGENT.replace("Do it", "Say ${NAME}")})
    assert agent.system_prompt == "Say ${NAME}"


# what stays when something is wrong


def test_what_is_valid_is_kept(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT,
            "agents/b.yaml": AGENT.replace("name: a", "name: b") + "temperature: 9\n",
            "connectors/i.yaml": INBOUND + "agents: [a]\nordering: partition\n",
            "connectors/j.yaml": INBOUND.replace("name: i", "name: j") + "agents: [b]\n",
        },
    )
    connector = loaded.workspace.connectors["i"]
    assert isinstance(connector, InboundConnector)
    assert connector.ordering is Ordering.PARTITION
    assert set(loaded.workspace.agents) == {"a"}
    assert set(loaded.invalid) == {"agent/b", "connector/j"}
    assert loaded.invalid["connector/j"].file == "agents/b.yaml"


def test_what_reads_for_a_broken_outbound_connector_must_not_run(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT,
            "connectors/i.yaml": INBOUND + "agents: [a]\n",
            "connectors/o.yaml": OUTBOUND + "agents: [a]\npayload: all\n",
        },
    )
    assert set(loaded.invalid) == {"connector/i", "connector/o"}
    assert set(loaded.workspace.connectors) == {"i"}


@pytest.mark.parametrize(
    ("inbound", "outbound"),
    [
        (INBOUND, OUTBOUND.replace("results", "orders") + "allow_loop: true\n"),
        (INBOUND, OUTBOUND.replace("results", "orders") + "enabled: false\n"),
        (INBOUND, OUTBOUND.replace("results", "orders").replace("connection: sandbox", "bootstrap_servers: k:1")),
        (INBOUND, OUTBOUND),
    ],
)
def test_no_loop_where_there_is_none(tmp_path: Path, inbound: str, outbound: str) -> None:
    files = {"connectors/i.yaml": inbound + "agents: [a]\n", "connectors/o.yaml": outbound + "agents: [a]\n"}
    assert lines(load(tmp_path, {**files, "agents/a.yaml": AGENT})) == []


def test_a_loop_is_seen_through_two_names_of_one_cluster(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT,
            "connections/c.yaml": CONNECTION,
            "connectors/i.yaml": INBOUND.replace("sandbox", "c") + "agents: [a]\n",
            "connectors/o.yaml": OUTBOUND.replace("connection: sandbox", "bootstrap_servers: x:1,Kafka:9092").replace(
                "results", "orders"
            )
            + "agents: [a]\n",
        },
    )
    assert [problem.message.partition(":")[0] for problem in loaded.problems] == ["an endless loop"]


def test_untrusted_tools_are_named_but_never_run(tmp_path: Path) -> None:
    files = {"tools/m.py": TOOLS + "raise SystemExit('ran')\n", "agents/a.yaml": AGENT + "tools: [m.*]\n"}
    loaded = load_workspace(write(tmp_path, files), environ={}, trust_tools=False)
    assert lines(loaded) == []
    assert [tool.ref for tool in loaded.workspace.tools] == ["m.one", "m.two"]
    assert loaded.workspace.tools[0].description == "Do one thing."
    assert loaded.tools.functions == {}


def test_keys_are_asked_for_unless_the_provider_needs_none(tmp_path: Path) -> None:
    loaded = load(
        tmp_path,
        {
            "studio.yaml": "providers: {openai: {api_base: 'http://localhost:1/v1'}}\n",
            "agents/a.yaml": AGENT + "fallback_model: gemini/gemini-2.5-pro\n",
            "agents/b.yaml": AGENT.replace("name: a", "name: b").replace("sandbox/rehearsal", "openai/gpt-5"),
            "connections/c.yaml": CONNECTION + "security: {protocol: SASL_SSL, sasl_mechanism: PLAIN, "
            "username: me, password_secret: prod}\n",
        },
    )
    assert lines(loaded) == []
    assert [(use.name, use.place.file, use.is_model_key) for use in loaded.secret_uses] == [
        ("prod", "connections/c.yaml", False),
        ("GEMINI_API_KEY", "agents/a.yaml", True),
    ]


def test_a_draft_counts_in_place_of_its_file_and_is_not_written(tmp_path: Path) -> None:
    files = {"agents/a.yaml": AGENT, "tools/m.py": TOOLS}
    drafts = {
        "agents/a.yaml": AGENT + "tools: [m.three]\n",
        "agents/new.yaml": AGENT.replace("name: a", "name: new") + "x: 1\n",
        "tools/m.py": "raise SystemExit('ran')\ndef three(): ...\n",
    }
    loaded = load_workspace(write(tmp_path, files), environ={}, drafts=drafts)
    assert lines(loaded) == ["agents/new.yaml:6:1: error: unknown field 'x'"]
    assert (tmp_path / "agents/a.yaml").read_text() == AGENT


@pytest.mark.parametrize("text", ["", "version: [\n"])
def test_a_file_that_is_being_saved_still_holds_its_agent(tmp_path: Path, text: str) -> None:
    files = {"agents/file.yaml": AGENT, "connectors/i.yaml": INBOUND + "agents: [a]\n"}
    before = load(tmp_path, files).workspace
    write(tmp_path, {"agents/file.yaml": text})
    loaded = load_workspace(tmp_path, environ={}, before=before)
    assert [problem.file for problem in loaded.problems] == ["agents/file.yaml"]
    assert set(loaded.invalid) == {"agent/a", "connector/i"}
    assert loaded.workspace.files["agent/a"] == "agents/file.yaml"


def test_a_mistake_reaches_what_rests_on_it_through_sequentials(tmp_path: Path) -> None:
    def sequential(name: str, member: str) -> str:
        return f'version: "1.0"\nname: {name}\ntype: sequential\ndescription: x\nagents: [{member}]\n'

    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT + "temperature: 9\n",
            "agents/x.yaml": sequential("x", "y"),
            "agents/y.yaml": sequential("y", "z"),
            "agents/z.yaml": sequential("z", "a"),
            "connectors/i.yaml": INBOUND + "agents: [x]\n",
        },
    )
    assert len(loaded.problems) == 1
    assert set(loaded.invalid) == {"agent/a", "agent/x", "agent/y", "agent/z", "connector/i"}
