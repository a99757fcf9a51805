"""Secrets that sing: planted wherever a secret may stand, used rightly and wrongly, then looked for everywhere."""

import asyncio
import contextlib
import gc
import io
import json
import logging
import os
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kafka_agent_studio.api.commands import CancelRun, GetRun, ListRuns, ListSecrets, SetSecret, TryAgent
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import CommandRefused, FaultCode
from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.engine.options import EngineOptions
from kafka_agent_studio.headless import event_lines
from kafka_agent_studio.model.run import RunStatus
from tests.helpers.apache_kafka import ApacheKafka
from tests.helpers.command import ran
from tests.helpers.kafka_listeners import Listener
from tests.helpers.model_server import HangsUp, ModelServer, ModelServerRequest, Refuses, Reply, Says
from tests.helpers.studio import RunningStudio, Studio

Names = Callable[[str], str]

USER = "canary-user"
CANARIES = {
    "KAFKA_AGENT_STUDIO_SECRET_RIGHT": "canary-right-9f2c",
    "KAFKA_AGENT_STUDIO_SECRET_WRONG": "canary-wrong-77e1",
    "KAFKA_AGENT_STUDIO_SECRET_KEY": "canary key/51+d0",
    "KAFKA_AGENT_STUDIO_SECRET_WRONG_KEY": "canary-wrong-key-3b",
    "OPENAI_API_KEY": "sk-canary-openai-86a4",
    "GEMINI_API_KEY": "AIzaCanaryGemini4c5d",
}
TYPED = "canary-typed-e0b7"
"""A secret that is given to a running engine."""

COMMANDS = (
    ("check", "--debug", "--json"),
    ("secret", "list", "--debug"),
    ("runs", "--json", "--debug"),
    ("test-connection", "wrong-scram", "--debug", "--json"),
    ("test-connection", "wrong-plain", "--debug"),
    ("test-connection", "wrong-key", "--debug"),
    ("test-connection", "locked", "--debug"),
)


def traces_of(canary: str) -> list[bytes]:
    """The ways in which a secret could be written down."""
    return [canary.encode(), quote(canary, safe="").encode(), b64encode(canary.encode()).rstrip(b"=")[:-1]]


def found_in(text: bytes | str) -> list[str]:
    """The secrets that a text gives away."""
    data = text if isinstance(text, bytes) else text.encode(errors="replace")
    return [c for c in (*CANARIES.values(), TYPED) if any(t in data for t in traces_of(c))]


@contextlib.contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """All that any library logs, at the most talkative level, with its tracebacks."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s %(args)s"))
    root = logging.getLogger()
    before = root.level
    loop = asyncio.get_running_loop()
    loop.set_debug(True)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield text
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        loop.set_debug(False)


def provider(request: ModelServerRequest) -> Reply:
    """A provider that repeats the key it refuses, as some do, and fails in other ways before."""
    if "please" in json.dumps(request.body):
        return Says("well")
    if request.is_gemini:
        return Refuses(400, f"API key not valid: {CANARIES['GEMINI_API_KEY']}")
    return Refuses(401, f"Incorrect API key provided: {CANARIES['OPENAI_API_KEY']}.")


def secretive(studio: Studio, kafka: ApacheKafka, topic: str, results: str) -> None:
    """Connectors that log in rightly and wrongly, with passwords and with locked keys, and agents on two providers."""

    def scram(secret: str, listener: Listener, mechanism: str) -> dict[str, object]:
        login = {"sasl_mechanism": mechanism, "username": USER, "password_secret": secret}
        security = {"protocol": listener.protocol, "ca_file": str(kafka.ca_file)} | login
        if not listener.protocol.endswith("SSL"):
            del security["ca_file"]
        return {"bootstrap_servers": kafka.bootstrap(listener), "security": security}

    client = kafka.certificates.authority.issue(
        "canary", common_name="studio-client", key_password=CANARIES["KAFKA_AGENT_STUDIO_SECRET_KEY"]
    )

    def locked(secret: str) -> dict[str, object]:
        files = {"client_cert_file": str(client.cert_file), "client_key_file": str(client.key_file)}
        security = {"protocol": "SSL", "ca_file": str(kafka.ca_file), "client_key_password_secret": secret} | files
        return {"bootstrap_servers": kafka.bootstrap(Listener.MTLS), "security": security}

    ways = {
        "right": scram("right", Listener.SASL_SSL, "SCRAM-SHA-256"),
        "wrong-scram": scram("wrong", Listener.SASL_SSL, "SCRAM-SHA-512"),
        "wrong-plain": scram("wrong", Listener.SASL_PLAINTEXT, "PLAIN"),
        "locked": locked("key"),
        "wrong-key": locked("wrong-key"),
    }
    studio.environ |= CANARIES
    for agent, model in (("gpt", "openai/gpt-test"), ("gem", "gemini/gemini-2.5-flash")):
        studio.agent(agent, model=model, system_prompt="Answer.", retry_options={"attempts": 2, "initial_delay": 0})
    for name, connection in ways.items():
        studio.connection(name, **connection)
        studio.inbound(f"{name}-in", topic=topic, agents=["gpt", "gem"], connection=name, group_id=f"{topic}-{name}")
    studio.outbound("results-out", topic=results, agents=["gpt", "gem"], connection="locked", publish="all")
    studio.outbound("wrong-out", topic=results, agents=["gem"], connection="wrong-plain", inputs=["right-in"])


async def use(running: RunningStudio) -> list[Any]:
    """Everything a person may ask of a running engine; returns what it answered."""
    answers: list[Any] = []
    await running.execute(SetSecret("typed", TYPED))
    await running.execute(SetSecret("typed-too", TYPED, session_only=True))
    answers.append(repr(SetSecret("typed", TYPED)))
    answers.append(await running.execute(ListSecrets()))
    page = await running.execute(ListRuns(RunQuery()))
    answers += [page, *[await running.execute(GetRun(r.run_id)) for r in page.runs]]
    answers.append(await running.execute(CancelRun("nothing")))
    for agent in ("gpt", "gem"):
        try:
            answers.append(await running.execute(TryAgent(agent, {"message": "hello"})))
        except CommandRefused as error:
            answers.append(error)
    answers.append(await running.engine.snapshot())
    return answers


def objects_of_the_program() -> Iterator[object]:
    """Whatever the engine holds in memory at the moment, that could be shown by a traceback or a debugger.

    Widgets are left out: none belongs to this test, and those of another one in the same process may be half gone.
    """
    for one in gc.get_objects():
        module = str(type(one).__module__)
        if module.startswith("kafka_agent_studio") and not module.startswith("kafka_agent_studio.gui"):
            yield one


def files_under(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, by its path."""
    return {path: Path(path).read_bytes() for root, _, names in os.walk(folder) for path in _joined(root, names)}


def _joined(root: str, names: list[str]) -> list[str]:
    return [os.path.join(root, name) for name in names]


async def test_no_secret_is_written_down_anywhere(
    studio: Studio, unique_name: Names, kafka: ApacheKafka, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    topic, results = unique_name("orders"), unique_name("results")
    for name in (topic, results):
        kafka.admin.create_topic(name)
    kafka.admin.set_password(USER, CANARIES["KAFKA_AGENT_STUDIO_SECRET_RIGHT"])
    kafka.admin.allow(USER, "read", "describe", topic=topic)
    kafka.admin.allow(USER, "read", group=f"{topic}-right")
    secretive(studio, kafka, topic, results)
    kafka.records.produce(topic, "please")
    kafka.records.produce(topic, "no")
    try:
        with everything_logged() as log:
            async with ModelServer(brain=provider) as server:
                server.will(HangsUp(), Refuses(500, f"trouble with {CANARIES['OPENAI_API_KEY']}"))
                base = {"openai": {"api_base": server.openai_base}, "gemini": {"api_base": server.gemini_base}}
                studio.settings(providers=base)
                async with studio.running() as running:
                    for name in ("wrong-scram-in", "wrong-plain-in"):
                        await running.is_in(name, ConnectorState.FAILED, FaultCode.LOGIN_REFUSED)
                    await running.is_in("wrong-key-in", None, FaultCode.TLS_FAILED)
                    await running.until(lambda me: len(me.runs()) == 8)
                    await running.is_in("wrong-out", ConnectorState.WAITING, FaultCode.LOGIN_REFUSED)
                    statuses = [r.status for r in running.runs()]
                    assert {RunStatus.COMPLETED, RunStatus.FAILED} == set(statuses)
                    answers = await use(running)
                    shown = "\n".join(repr(o) for o in objects_of_the_program())
                sent = [r for r in server.requests if any(c in str(r.headers) + r.path for c in CANARIES.values())]
                assert len(sent) == len(server.requests), "the keys are used"
        told = "\n".join(json.dumps(line) for event in running.events for line in event_lines(event))
        commands = await asyncio.gather(*(ran(*line, studio.root, env=CANARIES) for line in COMMANDS))
    finally:
        kafka.admin.forget_rules(USER)
    places: dict[str, bytes | str] = {
        "log": log.getvalue(),
        "events": repr(running.events),
        "event lines": told,
        "answers": repr(answers),
        "objects": shown,
        "options": repr(EngineOptions(root=studio.root, environ=studio.environ)),
        "terminal": "".join(capfd.readouterr()),
        "commands": repr(commands),
        "broker": repr(kafka.records.read_all(results)),
    }
    files = files_under(tmp_path)
    assert any(name.endswith("runs.sqlite3") for name in files)
    places |= files
    assert len(log.getvalue()) > 10_000
    assert {place: found for place, text in places.items() if (found := found_in(text))} == {}
