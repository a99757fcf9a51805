"""What Prometheus reads is what the engine did."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kafka_agent_studio.api.commands import Command
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorFigures,
    ConnectorState,
    ConnectorStatus,
    FiguresUpdated,
    MessagesReceived,
    RunChange,
    RunsChanged,
    Snapshot,
    StandIns,
)
from kafka_agent_studio.engine.event_bus import EventBus, EventSubscription
from kafka_agent_studio.engine.metrics import MetricsAddressError, MetricsServer, parse_address
from kafka_agent_studio.model.run import RunStatus, TokenUsage
from kafka_agent_studio.model.workspace import StudioSettings, Workspace
from tests.helpers.store_runs import make_record, make_stored


class Engine:
    """An EngineClient that only has events."""

    def __init__(self) -> None:
        self.bus = EventBus(now_us=lambda: 1)

    async def execute(self, command: Command[Any]) -> Any:
        raise NotImplementedError

    def subscribe(self) -> EventSubscription:
        return self.bus.subscribe(
            Snapshot(
                at_us=1,
                workspace=Workspace(root=Path(), settings=StudioSettings()),
                problems=(),
                connectors=(ConnectorStatus("orders-in", ConnectorState.CONNECTING),),
                figures=(),
                runs=(),
                stand_ins=StandIns(),
            )
        )

    async def snapshot(self) -> Snapshot:
        raise NotImplementedError


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    engine = Engine()
    yield engine
    engine.bus.close()


@pytest.fixture
async def server(engine: Engine) -> AsyncIterator[MetricsServer]:
    server = MetricsServer(client=engine, address=parse_address("0"))
    await server.start()
    yield server
    await server.close()


async def figures(server: MetricsServer, *, once: str = "") -> dict[str, float]:
    """Return what is served: name with labels → value; `once` a name is among it, for events are heard in a while."""

    def read() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/metrics", timeout=10) as answer:
            return str(answer.read().decode())

    async with asyncio.timeout(10):
        while True:
            text = await asyncio.to_thread(read)
            lines = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
            served = {name.removeprefix("kafka_agent_studio_"): float(value) for name, value in lines}
            if not once or once in served:
                return served


async def test_lag_flight_runs_tokens_and_latency_are_served(engine: Engine, server: MetricsServer) -> None:
    run = make_stored(1, token_usage=TokenUsage(7, 3, 10), cost=0.5).run
    failed = make_stored(2, status=RunStatus.FAILED).run
    engine.bus.publish(MessagesReceived(at_us=1, connector="orders-in", records=(make_record(1), make_record(2))))
    engine.bus.publish(RunsChanged(at_us=1, change=RunChange.STARTED, runs=(run,)))
    engine.bus.publish(RunsChanged(at_us=1, change=RunChange.FINISHED, runs=(run, failed)))
    assert run.ended_at_us is not None
    published_at_us = run.ended_at_us + 20_000
    engine.bus.publish(RunsChanged(at_us=published_at_us, change=RunChange.PUBLISHED, runs=(run,)))
    figure = ConnectorFigures("orders-in", in_flight=4, lag=17)
    engine.bus.publish(FiguresUpdated(at_us=1, figures=(figure,)))
    engine.bus.publish(ConnectorChanged(at_us=1, status=ConnectorStatus("orders-in", ConnectorState.RUNNING)))
    connector = 'connector="orders-in"'
    served = await figures(server, once=f"lag_messages{{{connector}}}")
    assert served[f"messages_received_total{{{connector}}}"] == 2
    assert served[f'runs_total{{agent="order-processor",{connector},status="completed"}}'] == 1
    assert served[f'runs_total{{agent="order-processor",{connector},status="failed"}}'] == 1
    assert served[f"lag_messages{{{connector}}}"] == 17
    assert served[f"in_flight_messages{{{connector}}}"] == 4
    assert served[f"connector_running{{{connector}}}"] == 1
    assert served['tokens_total{agent="order-processor",kind="prompt"}'] == 7
    assert served['tokens_total{agent="order-processor",kind="candidates"}'] == 3
    assert served['cost_dollars_total{agent="order-processor"}'] == 0.5
    assert served[f"publish_latency_seconds_sum{{{connector}}}"] == pytest.approx(0.02)
    assert served[f'publish_latency_seconds_bucket{{{connector},le="0.01"}}'] == 0
    assert served[f'publish_latency_seconds_bucket{{{connector},le="0.025"}}'] == 1


async def test_the_snapshot_gives_the_first_figures_and_an_unknown_lag_is_none(
    engine: Engine, server: MetricsServer
) -> None:
    figure = ConnectorFigures("orders-in", lag=None)
    engine.bus.publish(FiguresUpdated(at_us=1, figures=(figure, msgspec.structs.replace(figure, name="b", lag=0))))
    served = await figures(server, once='lag_messages{connector="b"}')
    assert served['connector_running{connector="orders-in"}'] == 0
    assert str(served['lag_messages{connector="orders-in"}']) == "nan"
    assert served['lag_messages{connector="b"}'] == 0


async def test_dead_letters_are_counted_on_where_a_connector_restarts(engine: Engine, server: MetricsServer) -> None:
    for count in (2, 2, 5, 1):
        figure = ConnectorFigures("orders-in", dead_letters=count)
        engine.bus.publish(FiguresUpdated(at_us=1, figures=(figure,)))
    served = await figures(server, once='dead_letters_total{connector="orders-in"}')
    assert served['dead_letters_total{connector="orders-in"}'] == 6


async def test_closing_frees_the_port_and_the_subscription(engine: Engine) -> None:
    server = MetricsServer(client=engine, address=("127.0.0.1", 0))
    await server.start()
    port = server.port
    await server.close()
    await server.close()
    assert not engine.bus.has_subscribers
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_a_port_in_use_is_said_with_the_address(engine: Engine, server: MetricsServer) -> None:
    second = MetricsServer(client=engine, address=("127.0.0.1", server.port))
    with pytest.raises(MetricsAddressError, match=rf"cannot listen on 127\.0\.0\.1:{server.port}"):
        await second.start()
    await second.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9464", ("127.0.0.1", 9464)),
        (":9464", ("127.0.0.1", 9464)),
        ("0.0.0.0:9464", ("0.0.0.0", 9464)),
        ("localhost:1", ("localhost", 1)),
        ("[::1]:9464", ("::1", 9464)),
    ],
)
def test_without_a_host_it_is_loopback(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "localhost", "localhost:", "localhost:http", "a:99999"])
def test_an_address_that_is_none_is_said(text: str) -> None:
    with pytest.raises(MetricsAddressError, match="HOST:PORT"):
        parse_address(text)
