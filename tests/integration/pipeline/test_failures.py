"""What becomes of a message whose run fails: skipped, dead-lettered, or waiting for a person. Nothing is lost."""

import json
from collections.abc import Callable

from kafka_agent_studio.api.commands import StartConnector
from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.api.faults import FaultCode
from kafka_agent_studio.model.run import ErrorType, RunStatus
from tests.helpers.kafka_records import NewRecord
from tests.helpers.model_server import ModelServer, Refuses, Says
from tests.helpers.studio import Studio, headers_of

Names = Callable[[str], str]

PICKY = """
from typing import Any

def pick(payload: dict[str, Any]) -> Any:
    if "n" not in payload:
        raise ValueError("there is no n")
    return payload["n"]
"""
FORGIVING = PICKY.replace('raise ValueError("there is no n")', 'return "mended"')
ONE_TRY = {"attempts": 1}


def picky(studio: Studio, names: Names, **inbound: object) -> tuple[str, str]:
    """An agent that fails without `n`; the topics it reads and writes."""
    topic, results = (studio.broker.make_topic(names(n)) for n in ("orders", "results"))
    studio.write({"tools/work.py": PICKY})
    studio.tool_agent("picky", "work.pick", retry_options=ONE_TRY)
    studio.inbound("orders-in", topic=topic, agents=["picky"], **inbound)
    return topic, results


def numbered(*values: str | None) -> list[NewRecord]:
    return [NewRecord(value=v, key="k", partition=0) for v in values]


async def test_a_skipped_failure_is_recorded_and_published_where_asked_for(studio: Studio, unique_name: Names) -> None:
    topic, results = picky(studio, unique_name)
    completed, quiet = (studio.broker.make_topic(unique_name(n)) for n in ("completed", "quiet"))
    studio.outbound("all-out", topic=results, agents=["picky"], publish="all")
    studio.outbound("completed-out", topic=completed, agents=["picky"])
    studio.outbound("quiet-out", topic=quiet, agents=["picky"], payload="output", skip_empty=True)
    studio.broker.records.produce_many(
        topic, numbered('{"n": 0}', "{}", '{"n": null}', '{"n": ""}', '{"n": false}', '{"n": "end"}')
    )
    async with studio.running() as running:
        runs = await running.ended(6)
        everything = await studio.broker.records.arrived(results, count=6)
        await studio.broker.records.arrived(completed, count=5)
        said = await studio.broker.records.arrived(quiet, count=3)
    assert [r.status for r in runs].count(RunStatus.FAILED) == 1
    failed = json.loads(everything[1].value or b"")
    assert failed["status"] == "failed"
    assert failed["output"] is None
    assert failed["error"]["type"] == "tool_error"
    assert "there is no n" in failed["error"]["message"]
    assert [json.loads(r.value or b"")["status"] for r in everything].count("failed") == 1
    assert [r.value for r in said] == [b"0", b"false", b'"end"']
    assert len(studio.broker.results(completed)) == 5
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 6


async def test_a_dead_letter_is_the_message_as_it_came_with_the_reason_in_its_headers(
    studio: Studio, unique_name: Names
) -> None:
    letters = studio.broker.make_topic(unique_name("letters"))
    topic, results = picky(studio, unique_name, on_failure="dead_letter", dead_letter_topic=letters)
    studio.outbound("results-out", topic=results, agents=["picky"])
    came = (("trace", b"\xff"), ("none", None))
    studio.broker.records.produce_many(
        topic,
        [
            NewRecord(value=b"\xff\x00", key=b"\xfe\x00", headers=came, partition=0),
            NewRecord(value=None, partition=0),
            NewRecord(value='{"n": 3}', key="k", partition=0),
        ],
    )
    async with studio.running() as running:
        dead = await studio.broker.records.arrived(letters, count=2)
        runs = await running.ended(3)
        await studio.broker.records.arrived(results, count=1)
    by_source = {headers_of(r)["studio.source"]: r for r in dead}
    first, tombstone = (by_source[f"{topic}/0/{n}".encode()] for n in (0, 1))
    assert (first.key, first.value, first.headers[:2]) == (b"\xfe\x00", b"\xff\x00", came)
    assert (tombstone.key, tombstone.value) == (None, None)
    failed = {r.offset: r for r in runs if r.status is RunStatus.FAILED}
    for offset, record in enumerate((first, tombstone)):
        headers = headers_of(record)
        assert headers["studio.agent"] == b"picky"
        assert headers["studio.run_id"] == failed[offset].run_id.encode()
        error = json.loads(headers["studio.error"] or b"")
        assert error["type"] == "tool_error"
        assert "there is no n" in error["message"]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 3


async def test_stop_commits_nothing_past_the_message_which_runs_again_under_the_same_id(
    studio: Studio, unique_name: Names
) -> None:
    topic, results = picky(studio, unique_name, on_failure="stop")
    studio.outbound("results-out", topic=results, agents=["picky"])
    studio.broker.records.produce_many(topic, numbered('{"n": 0}', "{}", '{"n": 2}'))
    async with studio.running() as running:
        status = await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.RUN_FAILED_STOP)
        assert status.fault is not None
        assert status.fault.parameters["place"] == f"{topic}/0/1"
        assert running.engine.has_failed_connectors
        (failed,) = [r for r in running.runs() if r.status is RunStatus.FAILED]
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 1
    assert len(studio.broker.results(results)) == 1
    async with studio.running() as running:
        await running.is_in("orders-in", ConnectorState.FAILED, FaultCode.RUN_FAILED_STOP)
        studio.write({"tools/work.py": FORGIVING})
        await running.until(lambda me: len([e for e in me.events if type(e).__name__ == "WorkspaceChanged"]) > 0)
        await running.execute(StartConnector("orders-in"))
        await studio.broker.records.arrived(results, count=3)
        await running.until(lambda me: me.finished[failed.run_id].status is RunStatus.COMPLETED)
    assert [e["output"] for e in studio.broker.results(results)] == [0, "mended", 2]
    assert [e["run_id"] for e in studio.broker.results(results)][1] == failed.run_id
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 3


async def test_ten_refusals_of_a_models_provider_pause_the_connector_uncommitted_from_the_first(
    studio: Studio, unique_name: Names
) -> None:
    topic, results = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "results"))
    studio.environ["OPENAI_API_KEY"] = "a-key"
    studio.agent("asker", model="openai/gpt-test", system_prompt="Answer.", retry_options={"initial_delay": 0})
    studio.inbound("orders-in", topic=topic, agents=["asker"], max_in_flight=4)
    studio.outbound("results-out", topic=results, agents=["asker"], publish="all")
    values = [f'{{"n": {n}}}' for n in range(14)]
    async with ModelServer(brain=lambda _: Refuses(401, "this key is not known")) as server:
        studio.settings(providers={"openai": {"api_base": server.openai_base}})
        studio.broker.records.produce_many(topic, [NewRecord(value=v, partition=0) for v in values])
        async with studio.running() as running:
            status = await running.is_in("orders-in", ConnectorState.PAUSED, FaultCode.MODEL_REFUSED)
            assert status.fault is not None
            assert status.fault.parameters["count"] == 10
            refused = {r.offset: r.run_id for r in running.runs()}
            assert all(r.error is not None and r.error.type is ErrorType.MODEL_REFUSED for r in running.runs())
            assert len(refused) >= 10
            assert studio.broker.results(results) == []
            assert studio.broker.committed(studio.group("orders-in"), topic).get(0, 0) == 0
            server.brain = lambda _: Says("well")
            await running.execute(StartConnector("orders-in"))
            answers = await studio.broker.records.arrived(results, count=14)
    envelopes = {e["run_id"]: e for e in (json.loads(r.value or b"") for r in answers)}
    assert len(envelopes) == 14
    assert set(refused.values()) <= set(envelopes)
    assert {e["output"] for e in envelopes.values()} == {"well"}
    assert all(e["token_usage"]["total_tokens"] == 120 for e in envelopes.values())
    assert studio.broker.committed(studio.group("orders-in"), topic)[0] == 14
