"""Lines of the log about connectors and failed runs lead to both."""

import logging

import pytest

from kafka_agent_studio.api.events import ConnectorState, ConnectorStatus
from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.connector_log import MOST_RUNS_PER_S, ConnectorLog
from kafka_agent_studio.model.run import ErrorType, Run, RunError, RunStatus
from tests.helpers.store_runs import make_stored

GONE = Fault(FaultCode.BROKER_UNREACHABLE, {"address": "kafka:9092", "detail": "connection refused"})


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock, caplog: pytest.LogCaptureFixture) -> ConnectorLog:
    caplog.set_level(logging.INFO, logger="kafka_agent_studio")
    return ConnectorLog(monotonic_s=clock)


def failed(number: int) -> Run:
    error = RunError(ErrorType.TOOL_ERROR, "it broke")
    return make_stored(number, status=RunStatus.FAILED, output=None, error=error).run


def test_a_change_of_state_is_one_line_at_its_level(log: ConnectorLog, caplog: pytest.LogCaptureFixture) -> None:
    log.note_status(ConnectorStatus("orders-in", ConnectorState.RUNNING))
    log.note_status(ConnectorStatus("orders-in", ConnectorState.RUNNING, partitions=(0, 1)))
    log.note_status(ConnectorStatus("orders-in", ConnectorState.RETRYING, GONE, attempt=1))
    log.note_status(ConnectorStatus("orders-in", ConnectorState.RETRYING, GONE, attempt=2))
    log.note_status(ConnectorStatus("orders-in", ConnectorState.FAILED, GONE))
    assert [r.levelname for r in caplog.records] == ["INFO", "WARNING", "ERROR"]
    assert {vars(r)["connector"] for r in caplog.records} == {"orders-in"}
    assert caplog.messages[0] == "orders-in is running"
    assert "kafka:9092" in caplog.messages[1]


def test_a_failed_run_is_a_line_that_names_it(log: ConnectorLog, caplog: pytest.LogCaptureFixture) -> None:
    run = failed(7)
    log.note_runs([make_stored(6).run, run])
    (record,) = caplog.records
    assert (vars(record)["run_id"], vars(record)["connector"]) == (run.run_id, "orders-in")
    assert "orders/0/7 (tool_error): it broke" in record.getMessage()


def test_many_failures_in_a_second_are_counted(
    log: ConnectorLog, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    log.note_runs([failed(n) for n in range(500)])
    assert len(caplog.records) == MOST_RUNS_PER_S
    clock.now_s += 1
    log.note_runs([failed(501)])
    assert caplog.messages[MOST_RUNS_PER_S] == f"orders-in: {500 - MOST_RUNS_PER_S} more runs failed"
    assert len(caplog.records) == MOST_RUNS_PER_S + 2
