# ruff: noqa: E501 - the sentences stand here as a person reads them, on one line
"""Every mistake a person can make in a workspace: its exact place, and the sentence that says what to do."""

from pathlib import Path

import pytest

from tests.unit.workspace.files import AGENT, CONNECTION, INBOUND, OUTBOUND, TOOL_AGENT, TOOLS, lines, load

MODULE = {"tools/m.py": TOOLS}


def _agent(more: str, other_files: dict[str, str] | None = None) -> dict[str, str]:
    return {"agents/a.yaml": AGENT + more, **MODULE, **(other_files or {})}


def _inbound(more: str) -> dict[str, str]:
    return {"connectors/i.yaml": INBOUND + more}


def _outbound(more: str) -> dict[str, str]:
    return {"connectors/o.yaml": OUTBOUND + more}


def _security(block: str) -> dict[str, str]:
    return {"connections/c.yaml": CONNECTION + "security:\n" + block}


MISTAKES: dict[str, tuple[dict[str, str], list[str]]] = {
    "yaml: a colon in plain text": (
        {"agents/a.yaml": AGENT.replace("An agent", "An: agent")},
        ["agents/a.yaml:3:16: error: not valid YAML: a ':' where none can stand; put the text in quotes"],
    ),
    "yaml: tab": (
        {"agents/a.yaml": AGENT + "retry_options:\n\tattempts: 3\n"},
        ["agents/a.yaml:7:1: error: not valid YAML: indent with spaces, not tabs"],
    ),
    "yaml: unclosed list": (
        _agent("tools: [m.one\n"),
        [
            "agents/a.yaml:7:1: error: not valid YAML: expected ',' or ']', but got the end of the file (while parsing a flow sequence)"
        ],
    ),
    "yaml: two documents": (
        _agent("---\nname: b\n"),
        ["agents/a.yaml:6:1: error: not valid YAML: a second document begins here; a file holds one"],
    ),
    "yaml: key twice": (
        _agent("name: a\n"),
        ["agents/a.yaml:6:1: error: the key 'name' is given twice, first in line 2"],
    ),
    "yaml: nested key twice": (
        _agent("retry_options: {attempts: 3, attempts: 4}\n"),
        ["agents/a.yaml:6:30: error: the key 'attempts' is given twice, first in line 6"],
    ),
    "yaml: a list": (
        {"agents/a.yaml": "- a\n"},
        ["agents/a.yaml:1:1: error: the file does not hold fields (name: value): an llm agent was expected"],
    ),
    "yaml: empty": ({"agents/a.yaml": ""}, ["agents/a.yaml:1:1: error: the file is empty: an llm agent was expected"]),
    "yaml: python tag": (
        _agent("timeout: !!python/object:os.system 1\n"),
        ["agents/a.yaml:6:10: error: the tag !!python/object:os.system means nothing here"],
    ),
    "yaml: alias of itself": (_agent("tools: &x [*x]\n"), ["agents/a.yaml:6:8: error: an alias that contains itself"]),
    "yaml: unknown alias": (
        _agent("tools: *x\n"),
        ["agents/a.yaml:6:8: error: not valid YAML: found undefined alias 'x'"],
    ),
    "yaml: not finite": (
        _agent("timeout: .inf\n"),
        ["agents/a.yaml:6:10: error: .inf is not a number that means anything here"],
    ),
    "yaml: surrogate": (
        {"agents/a.yaml": AGENT.replace("Do it", '"\\ud800"')},
        ["agents/a.yaml:5:16: error: text with half of a surrogate pair, which no file can hold"],
    ),
    "agent: unknown field": (
        _agent("temprature: 1\n"),
        ["agents/a.yaml:6:1: error: unknown field 'temprature'; did you mean 'temperature'?"],
    ),
    "agent: missing model": (
        {"agents/a.yaml": AGENT.replace("model: sandbox/rehearsal\n", "")},
        ["agents/a.yaml:1:1: error: the field 'model' is missing: an llm agent needs it"],
    ),
    "agent: missing name": (
        {"agents/a.yaml": AGENT.replace("name: a\n", "")},
        ["agents/a.yaml:1:1: error: the field 'name' is missing: an llm agent needs it"],
    ),
    "agent: model without provider": (
        {"agents/a.yaml": AGENT.replace("sandbox/rehearsal", "gpt-5")},
        ["agents/a.yaml:4:8: error: 'model' must be provider/model, for example gemini/gemini-2.5-flash, not 'gpt-5'"],
    ),
    "agent: version as number": (
        {"agents/a.yaml": AGENT.replace('"1.0"', "1.0")},
        ["agents/a.yaml:1:10: error: 'version' must be \"1.0\", in quotes, not 1.0"],
    ),
    "agent: bad name": (
        {"agents/a.yaml": AGENT.replace("name: a", "name: -a")},
        [
            "agents/a.yaml:2:7: error: 'name' must be a name of a-z, 0-9 and '-' that begins and ends with a letter or digit, not '-a'"
        ],
    ),
    "agent: name ends with dash": (
        {"agents/a.yaml": AGENT.replace("name: a", "name: a-")},
        [
            "agents/a.yaml:2:7: error: 'name' must be a name of a-z, 0-9 and '-' that begins and ends with a letter or digit, not 'a-'"
        ],
    ),
    "agent: capital": (
        {"agents/a.yaml": AGENT.replace("name: a", "name: Abc")},
        [
            "agents/a.yaml:2:7: error: 'name' must be a name of a-z, 0-9 and '-' that begins and ends with a letter or digit, not 'Abc'"
        ],
    ),
    "agent: unknown type": (
        _agent("type: sequental\n"),
        [
            "agents/a.yaml:6:7: error: 'type' must be llm, tool or sequential, not 'sequental'; did you mean 'sequential'?"
        ],
    ),
    "agent: temperature": (
        _agent("temperature: 2.5\n"),
        ["agents/a.yaml:6:14: error: 'temperature' must be at most 2, not 2.5"],
    ),
    "agent: off is no boolean but effort": (
        _agent("reasoning_effort: of\n"),
        [
            "agents/a.yaml:6:19: error: 'reasoning_effort' must be off, minimal, low, medium, high, xhigh or auto, not 'of'; did you mean 'off'?"
        ],
    ),
    "agent: text for a number": (
        _agent("max_iterations: many\n"),
        ["agents/a.yaml:6:17: error: 'max_iterations' must be a whole number, not 'many'"],
    ),
    "agent: retry": (
        _agent("retry_options: {attempts: 0}\n"),
        ["agents/a.yaml:6:27: error: 'retry_options.attempts' must be at least 1, not 0"],
    ),
    "agent: retry unknown": (
        _agent("retry_options: {max_dealy: 3}\n"),
        ["agents/a.yaml:6:17: error: unknown field 'max_dealy' in 'retry_options'; did you mean 'max_delay'?"],
    ),
    "agent: tool agent field": (
        _agent("tool_name: m.one\n"),
        ["agents/a.yaml:6:1: error: the field 'tool_name' is of no use to an llm agent; it belongs to a tool agent"],
    ),
    "agent: concurrency": (
        _agent("concurrency: {on_conflict: drp}\n"),
        [
            "agents/a.yaml:6:1: error: the field 'key' is missing in 'concurrency'",
            "agents/a.yaml:6:28: error: 'concurrency.on_conflict' must be queue or drop, not 'drp'; did you mean 'drop'?",
        ],
    ),
    "agent: api key": (
        _agent("api_key: sk-12345\n"),
        [
            "agents/a.yaml:6:1: error: 'api_key' does not belong in a file: run `kas secret set NAME`, NAME being the provider's variable, for example GEMINI_API_KEY"
        ],
    ),
    "agent: empty prompt": (
        {"agents/a.yaml": AGENT.replace("Do it", '""')},
        ["agents/a.yaml:5:16: error: 'system_prompt' must not be empty"],
    ),
    "agent: unknown tool function": (
        _agent("tools: [m.oen]\n"),
        ["agents/a.yaml:6:9: error: unknown tool 'm.oen': tools/m.py has no function 'oen'; did you mean 'one'?"],
    ),
    "agent: unknown tool module": (
        _agent("tools: [n.one]\n"),
        ["agents/a.yaml:6:9: error: unknown tool 'n.one': there is no tools/n.py; did you mean 'm.one'?"],
    ),
    "agent: private tool": (
        _agent("tools: [m._private]\n"),
        ["agents/a.yaml:6:9: error: unknown tool 'm._private': a function whose name begins with '_' is private"],
    ),
    "agent: wildcard matching nothing": (
        _agent("tools:\n  - m.pre_*\n"),
        ["agents/a.yaml:7:5: error: 'm.pre_*' matches no function of tools/m.py"],
    ),
    "agent: no module": (
        _agent("tools: [one]\n"),
        ["agents/a.yaml:6:9: error: 'one' is no tool: write module.function, module.* or module.prefix_*"],
    ),
    "agent: two tools of one name": (
        _agent("tools: [m.one, k.one]\n", {"tools/k.py": TOOLS}),
        ["agents/a.yaml:6:16: error: two tools named 'one': m.one and k.one; a model sees the bare name only"],
    ),
    "agent: a tool twice": (
        _agent("tools: [m.one, m.one]\n"),
        ["agents/a.yaml:6:16: error: the tool 'm.one' is named twice"],
    ),
    "agent: condition calls": (
        _agent("tools:\n  - m.one: len(payload) > 3\n"),
        [
            "agents/a.yaml:7:12: error: the condition of 'm.one': a condition calls nothing: compare fields of payload and context"
        ],
    ),
    "agent: condition of unknown name": (
        _agent("tools:\n  - {m.one: \"payload['x'] > paylod.y\"}\n"),
        ["agents/a.yaml:7:29: error: the condition of 'm.one': unknown name 'paylod'; did you mean 'payload'?"],
    ),
    "agent: condition syntax": (
        _agent("tools:\n  - m.one: payload.x > > 1\n"),
        ["agents/a.yaml:7:24: error: the condition of 'm.one': not a Python comparison: invalid syntax"],
    ),
    "agent: condition no text": (
        _agent("tools:\n  - m.one: true\n"),
        ["agents/a.yaml:7:12: error: the condition of 'm.one' must be text: a comparison, not true"],
    ),
    "agent: unknown schema": (
        _agent("output_schema: reslt\n", {"schemas/result.json": "{}"}),
        ["agents/a.yaml:6:16: error: unknown schema 'reslt': there is no schemas/reslt.json; did you mean 'result'?"],
    ),
    "agent: two files of one name": (
        {"agents/a.yaml": AGENT, "agents/b/a.yaml": AGENT},
        ["agents/b/a.yaml:2:7: error: the agent name 'a' is taken: agents/a.yaml has it already"],
    ),
    "tool agent: wildcard": (
        {"agents/t.yaml": TOOL_AGENT.replace("m.one", "m.*"), **MODULE},
        ["agents/t.yaml:5:12: error: 'tool_name' must be one function, not 'm.*'"],
    ),
    "tool agent: unknown": (
        {"agents/t.yaml": TOOL_AGENT.replace("m.one", "m.tow"), **MODULE},
        ["agents/t.yaml:5:12: error: unknown tool 'm.tow': tools/m.py has no function 'tow'; did you mean 'two'?"],
    ),
    "sequential: cycle": (
        {
            "agents/s.yaml": 'version: "1.0"\nname: s\ntype: sequential\ndescription: x\nagents: [r]\n',
            "agents/r.yaml": 'version: "1.0"\nname: r\ntype: sequential\ndescription: x\nagents: [s]\n',
        },
        ["agents/r.yaml:5:10: error: the agents r → s → r call each other in a circle"],
    ),
    "sequential: unknown": (
        {
            "agents/s.yaml": 'version: "1.0"\nname: s\ntype: sequential\ndescription: x\nagents: [b]\n',
            "agents/a.yaml": AGENT,
        },
        ["agents/s.yaml:5:10: error: unknown agent 'b'"],
    ),
    "sequential: empty": (
        {"agents/s.yaml": 'version: "1.0"\nname: s\ntype: sequential\ndescription: x\nagents: []\n'},
        ["agents/s.yaml:5:9: error: 'agents' must not be empty"],
    ),
    "defaults: name": (
        {"agents/_defaults.yaml": "name: x\n"},
        ["agents/_defaults.yaml:1:1: error: the field 'name' belongs to each agent, not here"],
    ),
    "defaults: unknown": (
        {"agents/_defaults.yaml": "modle: a/b\n"},
        ["agents/_defaults.yaml:1:1: error: unknown field 'modle'; did you mean 'model'?"],
    ),
    "defaults: value": (
        {"agents/_defaults.yaml": "temperature: 3\n", "agents/a.yaml": AGENT},
        ["agents/_defaults.yaml:1:14: error: 'temperature' must be at most 2, not 3"],
    ),
    "inbound: unknown field": (
        _inbound("group: x\n"),
        ["connectors/i.yaml:6:1: error: unknown field 'group'; did you mean 'group_id'?"],
    ),
    "inbound: outbound's field": (
        _inbound("payload: output\n"),
        [
            "connectors/i.yaml:6:1: error: the field 'payload' is of no use to an inbound connector; it belongs to an outbound connector"
        ],
    ),
    "inbound: enum": (
        _inbound("ordering: keys\n"),
        ["connectors/i.yaml:6:11: error: 'ordering' must be key, partition or none, not 'keys'; did you mean 'key'?"],
    ),
    "inbound: off": (
        _inbound("enabled: off\n"),
        ["connectors/i.yaml:6:10: error: 'enabled' must be true or false, not 'off'"],
    ),
    "inbound: in flight": (
        _inbound("max_in_flight: 0\n"),
        ["connectors/i.yaml:6:16: error: 'max_in_flight' must be at least 1, not 0"],
    ),
    "inbound: numeric topic": (
        {"connectors/i.yaml": INBOUND.replace("orders", "2024")},
        ["connectors/i.yaml:5:8: error: 'topic' must be text, not 2024; put it in quotes: \"2024\""],
    ),
    "inbound: topic": (
        {"connectors/i.yaml": INBOUND.replace("orders", "a b")},
        ["connectors/i.yaml:5:8: error: 'topic' must be a topic name of letters, digits, '.', '_' and '-', not 'a b'"],
    ),
    "inbound: dead letter": (
        _inbound("on_failure: dead_letter\n"),
        ["connectors/i.yaml:6:13: error: on_failure: dead_letter needs dead_letter_topic"],
    ),
    "inbound: dead letter loop": (
        _inbound("on_failure: dead_letter\ndead_letter_topic: orders\n"),
        [
            "connectors/i.yaml:7:20: error: dead_letter_topic is the topic that is read: every dead letter would come back"
        ],
    ),
    "inbound: unknown connection": (
        {
            "connectors/i.yaml": INBOUND.replace("sandbox", "stagin"),
            "connections/staging.yaml": CONNECTION.replace("name: c", "name: staging"),
        },
        ["connectors/i.yaml:4:13: error: unknown connection 'stagin'; did you mean 'staging'?"],
    ),
    "inbound: both": (
        _inbound("bootstrap_servers: kafka:9092\n"),
        ["connectors/i.yaml:6:1: error: give either connection, or bootstrap_servers and security, never both"],
    ),
    "inbound: neither": (
        {"connectors/i.yaml": INBOUND.replace("connection: sandbox\n", "")},
        [
            "connectors/i.yaml:1:1: error: name a connection (connection: sandbox needs nothing), or give bootstrap_servers"
        ],
    ),
    "inbound: unknown agent": (
        {**_inbound("agents: [b, aa]\n"), "agents/a.yaml": AGENT.replace("name: a", "name: aaa")},
        [
            "connectors/i.yaml:6:10: error: unknown agent 'b'",
            "connectors/i.yaml:6:13: error: unknown agent 'aa'; did you mean 'aaa'?",
        ],
    ),
    "inbound: agent twice": (
        {**_inbound("agents: [a, a]\n"), "agents/a.yaml": AGENT},
        ["connectors/i.yaml:6:13: error: agents names one agent twice: 'a'"],
    ),
    "connector: no direction": (
        {"connectors/i.yaml": INBOUND.replace("direction: inbound\n", "")},
        ["connectors/i.yaml:1:1: error: the field 'direction' is missing: a connector needs it (inbound or outbound)"],
    ),
    "connector: direction": (
        {"connectors/i.yaml": INBOUND.replace("inbound", "in")},
        ["connectors/i.yaml:3:12: error: 'direction' must be inbound or outbound, not 'in'"],
    ),
    "connector: name": (
        {"connectors/j.yaml": INBOUND},
        ["connectors/j.yaml:2:7: error: 'name' must equal the file's name: 'j', not 'i'"],
    ),
    "connector: reserved": (
        {"connectors/sandbox.yaml": INBOUND.replace("name: i", "name: sandbox")},
        ["connectors/sandbox.yaml:2:7: error: 'sandbox' is a reserved name: the embedded broker's; choose another"],
    ),
    "connector: name of a connection": (
        {"connectors/c.yaml": INBOUND.replace("name: i", "name: c"), "connections/c.yaml": CONNECTION},
        ["connectors/c.yaml:2:7: error: the name 'c' is taken: connections/c.yaml has it already"],
    ),
    "outbound: publish": (
        _outbound("publish: all\npayload: output\n"),
        ["connectors/o.yaml:6:10: error: publish: all needs payload: envelope, since a failed run has no output"],
    ),
    "outbound: input": (
        {**_outbound("inputs: [j]\n"), **_inbound("")},
        ["connectors/o.yaml:6:10: error: unknown inbound connector 'j'"],
    ),
    "outbound: loop": (
        {
            **_inbound("agents: [a]\n"),
            "connectors/o.yaml": OUTBOUND.replace("results", "orders") + "agents: [a]\n",
            "agents/a.yaml": AGENT,
        },
        [
            "connectors/o.yaml:5:8: error: an endless loop: 'a' publishes to 'orders', which triggers it through 'i'; allow_loop: true if that is meant"
        ],
    ),
    "connection: servers": (
        {"connections/c.yaml": CONNECTION.replace("kafka:9092", "kafka")},
        [
            "connections/c.yaml:3:20: error: 'bootstrap_servers': 'kafka' is not host:port (for example kafka-1:9092,kafka-2:9092)"
        ],
    ),
    "connection: credentials": (
        {"connections/c.yaml": CONNECTION.replace("kafka:9092", "me:pass@kafka:9092")},
        ["connections/c.yaml:3:20: error: 'bootstrap_servers' holds a user name or password; security is their place"],
    ),
    "connection: unset variable": (
        {"connections/c.yaml": CONNECTION.replace("kafka:9092", "'a:1,${KAFKA}:9092'")},
        [
            "connections/c.yaml:3:25: error: the environment variable KAFKA is not set; set it, or write ${KAFKA:-default}"
        ],
    ),
    "connection: broken variable": (
        {"connections/c.yaml": CONNECTION.replace("kafka:9092", "${KAFKA-x}:9092")},
        ["connections/c.yaml:3:20: error: '${' begins no ${NAME} or ${NAME:-default}; write $${ for a literal ${"],
    ),
    "security: password": (
        _security("  protocol: SASL_SSL\n  sasl_mechanism: PLAIN\n  username: me\n  password: hunter2\n"),
        [
            "connections/c.yaml:5:3: error: 'security': SASL_SSL needs password_secret",
            "connections/c.yaml:8:3: error: 'password' does not belong in a file: run `kas secret set NAME` and write password_secret: NAME",
        ],
    ),
    "security: sasl.password": (
        _security("  sasl.password: hunter2\n"),
        [
            "connections/c.yaml:5:3: error: 'sasl.password' does not belong in a file: run `kas secret set NAME` and write password_secret: NAME"
        ],
    ),
    "security: key password": (
        _security("  client_key_password: hunter2\n"),
        [
            "connections/c.yaml:5:3: error: 'client_key_password' does not belong in a file: run `kas secret set NAME` and write client_key_password_secret: NAME"
        ],
    ),
    "security: mechanism": (
        _security("  protocol: SASL_SSL\n  sasl_mechanism: SCRAM-SHA-265\n  username: me\n  password_secret: x\n"),
        [
            "connections/c.yaml:6:19: error: 'security.sasl_mechanism' must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, not 'SCRAM-SHA-265'; did you mean 'SCRAM-SHA-256'?"
        ],
    ),
    "security: login": (
        _security("  protocol: SASL_SSL\n  username: me\n"),
        ["connections/c.yaml:5:3: error: 'security': SASL_SSL needs sasl_mechanism, password_secret"],
    ),
    "security: ca file": (
        _security("  protocol: SSL\n  ca_file: ca.pem\n"),
        ["connections/c.yaml:6:12: error: 'security.ca_file': there is no file 'ca.pem' in the workspace"],
    ),
    "security: key without cert": (
        {**_security("  protocol: SSL\n  client_key_file: k.pem\n"), "k.pem": "-----BEGIN PRIVATE KEY-----"},
        ["connections/c.yaml:5:3: error: 'security': client_key_file needs client_cert_file beside it"],
    ),
    "security: not PEM": (
        {**_security("  protocol: SSL\n  ca_file: ca.der\n"), "ca.der": "x"},
        ["connections/c.yaml:6:12: error: 'security.ca_file': 'ca.der' is no PEM file (it has no -----BEGIN)"],
    ),
    "security: a key for a certificate": (
        {**_security("  protocol: SSL\n  ca_file: ca.key\n"), "ca.key": "-----BEGIN RSA PRIVATE KEY-----"},
        [
            "connections/c.yaml:6:12: error: 'security.ca_file': 'ca.key' holds no certificate (-----BEGIN CERTIFICATE-----), it holds a private key"
        ],
    ),
    "security: a certificate for a key": (
        {
            **_security("  protocol: SSL\n  client_cert_file: me.pem\n  client_key_file: me.pem\n"),
            "me.pem": "-----BEGIN CERTIFICATE-----",
        },
        [
            "connections/c.yaml:7:20: error: 'security.client_key_file': 'me.pem' holds no private key (-----BEGIN PRIVATE KEY-----), it holds a certificate"
        ],
    ),
    "security: no file outside": (
        _security("  protocol: SSL\n  ca_file: /nowhere/ca.pem\n"),
        ["connections/c.yaml:6:12: error: 'security.ca_file': there is no file '/nowhere/ca.pem'"],
    ),
    "security: login without SASL": (
        _security("  username: me\n"),
        [
            "connections/c.yaml:5:3: warning: 'security.username' has no meaning with protocol PLAINTEXT; is SASL_SSL or SASL_PLAINTEXT meant?"
        ],
    ),
    "schema: not JSON": (
        {"schemas/s.json": '{"type": }'},
        ["schemas/s.json:1:10: error: not valid JSON: Expecting value"],
    ),
    "schema: not a schema": (
        {"schemas/s.json": '{\n  "properties": {"a": {"type": "txt"}}\n}'},
        [
            "schemas/s.json:2:32: error: not a valid JSON Schema at $.properties.a.type: 'txt' is not valid under any of the given schemas"
        ],
    ),
    "schema: a reference to nowhere": (
        {
            "schemas/s.json": '{"$defs": {"a": {}}, "properties": {"x": {"$ref": "#/$defs/b"}, "y": {"$ref": "#/$defs/a"}}}'
        },
        [
            "schemas/s.json:1:51: error: '$ref' must lead to a place in this file (#/$defs/name), not '#/$defs/b'",
        ],
    ),
    "schema: a reference to elsewhere": (
        {"schemas/s.json": '{"$ref": "https://example.com/s.json"}'},
        [
            "schemas/s.json:1:10: error: '$ref' must lead to a place in this file (#/$defs/name), not 'https://example.com/s.json'",
        ],
    ),
    "sequential: numbers": (
        {"agents/s.yaml": 'version: "1.0"\nname: s\ntype: sequential\ndescription: x\nagents: [1]\n'},
        ["agents/s.yaml:5:10: error: 'agents[0]' must be text, not 1; put it in quotes: \"1\""],
    ),
    "schema: key twice": (
        {"schemas/s.json": '{"type": "object", "type": "string"}'},
        ["schemas/s.json:1:1: error: not valid JSON: the key 'type' is given twice"],
    ),
    "tools: syntax": (
        {"tools/m.py": "def one(:\n"},
        ["tools/m.py:1:9: error: cannot be imported: SyntaxError: invalid syntax"],
    ),
    "tools: import": (
        {"tools/m.py": "x = 1\nimport nothing_of_this_name\n"},
        ["tools/m.py:2:1: error: cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"],
    ),
    "tools: relative": (
        {"tools/m.py": "import helper\n", "tools/helper.py": ""},
        [
            "tools/m.py:1:1: error: cannot be imported: ModuleNotFoundError: No module named 'helper'; a module of tools/ is imported as `from . import helper`"
        ],
    ),
    "tools: exit": (
        {"tools/m.py": "import sys\nsys.exit(3)\n"},
        ["tools/m.py:2:1: error: cannot be imported: SystemExit: 3"],
    ),
    "tools: type hint": (
        {"tools/m.py": "class X: ...\n\ndef one(x: X) -> None: ...\n"},
        ["tools/m.py:3:1: error: 'one' cannot be a tool: the type hint of 'x' has no JSON Schema"],
    ),
    "tools: name": (
        {"tools/my-tools.py": ""},
        ["tools/my-tools.py:1:1: error: the name of a tool module is letters, digits and '_' (my_tools.py)"],
    ),
    "studio: unknown": (
        {"studio.yaml": "nam: x\n"},
        ["studio.yaml:1:1: error: unknown field 'nam'; did you mean 'name'?"],
    ),
    "studio: production": (
        {"studio.yaml": "production: [prd]\n", "connections/prod.yaml": CONNECTION.replace("name: c", "name: prod")},
        ["studio.yaml:1:14: error: 'production' names an unknown connection 'prd'; did you mean 'prod'?"],
    ),
    "studio: api_base": (
        {"studio.yaml": "providers: {openai: {api_base: localhost}}\n"},
        [
            "studio.yaml:1:32: error: 'providers.openai.api_base' must be an http or https address, for example http://localhost:11434/v1, not 'localhost'"
        ],
    ),
    "studio: credentials": (
        {"studio.yaml": "providers: {openai: {api_base: 'http://me:pw@host'}}\n"},
        ["studio.yaml:1:32: error: 'providers.openai.api_base' holds a user name or password, which no file may"],
    ),
    "studio: retention": (
        {"studio.yaml": "retention: {days: 0}\n"},
        ["studio.yaml:1:19: error: 'retention.days' must be more than 0, not 0"],
    ),
    "other ending": (
        {"agents/a.yml": AGENT},
        ["agents/a.yml:1:1: warning: this file is not read: its name must end in .yaml"],
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_reported_at_its_place(tmp_path: Path, mistake: str) -> None:
    files, expected = MISTAKES[mistake]
    assert lines(load(tmp_path, files)) == expected


def test_every_mistake_is_reported_in_one_pass(tmp_path: Path) -> None:
    """Mistakes of different files, of one file, of a field and between fields, none hiding another."""
    loaded = load(
        tmp_path,
        {
            "agents/a.yaml": AGENT + "temprature: 1\ntools: [m.oen]\noutput_schema: nothing\n",
            "connectors/i.yaml": INBOUND.replace("orders", "a b") + "on_failure: dead_letter\nagents: [b]\n",
            "schemas/s.json": "[]",
            **MODULE,
        },
    )
    assert [line.partition(" error")[0] for line in lines(loaded)] == [
        "agents/a.yaml:6:1:",
        "agents/a.yaml:7:9:",
        "agents/a.yaml:8:16:",
        "connectors/i.yaml:5:8:",
        "connectors/i.yaml:6:13:",
        "connectors/i.yaml:7:10:",
        "schemas/s.json:1:1:",
    ]


def test_no_message_quotes_a_password(tmp_path: Path) -> None:
    canary = "s3cr3t-canary"
    loaded = load(
        tmp_path,
        {
            "connections/c.yaml": CONNECTION.replace("kafka:9092", f"u:{canary}@kafka:9092")
            + f"password: {canary}\nsecurity: {{sasl.jaas.config: 'x {canary}', sasl_mechanism: '${{SECRET}}'}}\n",
            "studio.yaml": f"providers: {{openai: {{api_key: {canary}, api_base: 'http://u:{canary}@h'}}}}\n",
        },
        SECRET=canary,
    )
    assert len(loaded.problems) >= 5
    assert canary not in str(lines(loaded))
