"""Prometheus figures of a running engine, fed from its events, served over HTTP; on loopback unless told otherwise."""

import asyncio
from collections import Counter as Tally
from threading import Thread
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from kafka_agent_studio.api.client import EngineClient, Subscription
from kafka_agent_studio.api.events import (
    ConnectorChanged,
    ConnectorFigures,
    ConnectorState,
    ConnectorStatus,
    Event,
    FiguresUpdated,
    MessagesReceived,
    RunChange,
    RunsChanged,
    Snapshot,
)
from kafka_agent_studio.engine.tasks import TaskGroupOwner
from kafka_agent_studio.model.run import Run

LOOPBACK = "127.0.0.1"
_LATENCIES_S = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_DURATIONS_S = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class MetricsAddressError(ValueError):
    """The address is none, or cannot be listened on; the message is one sentence."""


def parse_address(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`, `:PORT` or `PORT`; without a host, loopback. Raises: MetricsAddressError."""
    host, _, port = text.strip().rpartition(":")
    if not (port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise MetricsAddressError(f"--metrics wants HOST:PORT, such as {LOOPBACK}:9464, not '{text}'")
    return host.removeprefix("[").removesuffix("]") or LOOPBACK, int(port)


class Metrics:
    """The figures, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        prefix = "kafka_agent_studio"
        by_connector = ("connector",)
        self._messages = Counter(
            f"{prefix}_messages_received", "Messages taken in", by_connector, registry=self.registry
        )
        self._lag = Gauge(
            f"{prefix}_lag_messages", "Messages behind the newest offset", by_connector, registry=self.registry
        )
        self._in_flight = Gauge(
            f"{prefix}_in_flight_messages", "Messages taken in and not done", by_connector, registry=self.registry
        )
        self._dead_letters = Counter(
            f"{prefix}_dead_letters", "Messages that a dead letter topic took", by_connector, registry=self.registry
        )
        self._dead_letters_before: dict[str, int] = {}
        self._is_running = Gauge(
            f"{prefix}_connector_running", "1 while the connector runs", by_connector, registry=self.registry
        )
        self._runs = Counter(
            f"{prefix}_runs", "Runs that ended", ("connector", "agent", "status"), registry=self.registry
        )
        self._tokens = Counter(f"{prefix}_tokens", "Tokens used by models", ("agent", "kind"), registry=self.registry)
        self._cost = Counter(
            f"{prefix}_cost_dollars", "Cost of models, where known", ("agent",), registry=self.registry
        )
        self._duration = Histogram(
            f"{prefix}_run_duration_seconds",
            "From the start of a run to its end",
            ("agent",),
            buckets=_DURATIONS_S,
            registry=self.registry,
        )
        self._latency = Histogram(
            f"{prefix}_publish_latency_seconds",
            "From the end of a run to the acknowledgement of its result",
            by_connector,
            buckets=_LATENCIES_S,
            registry=self.registry,
        )

    def take(self, event: Event) -> None:
        """Count an event."""
        match event:
            case Snapshot(connectors=connectors, figures=figures):
                self._show_states(connectors)
                self._show_figures(figures)
            case MessagesReceived(connector=connector, records=records):
                self._messages.labels(connector).inc(len(records))
            case RunsChanged(change=RunChange.FINISHED, runs=runs):
                self._count_finished(runs)
            case RunsChanged(change=RunChange.PUBLISHED, at_us=at_us, runs=runs):
                for run in runs:
                    if run.ended_at_us is not None:
                        self._latency.labels(run.connector).observe(max(at_us - run.ended_at_us, 0) / 1e6)
            case ConnectorChanged(status=status):
                self._show_states((status,))
            case FiguresUpdated(figures=figures):
                self._show_figures(figures)
            case _:
                pass

    def _count_finished(self, runs: tuple[Run, ...]) -> None:
        # a tally first: the counters of prometheus_client take a lock and a look-up each
        for (connector, agent, status), count in Tally((r.connector, r.agent_name, r.status) for r in runs).items():
            self._runs.labels(connector, agent, status.value).inc(count)
        for run in runs:
            if run.duration_s is not None:
                self._duration.labels(run.agent_name).observe(max(run.duration_s, 0.0))
            if run.token_usage.total_tokens:
                self._tokens.labels(run.agent_name, "prompt").inc(run.token_usage.prompt_tokens)
                self._tokens.labels(run.agent_name, "candidates").inc(run.token_usage.candidates_tokens)
            if run.cost:
                self._cost.labels(run.agent_name).inc(run.cost)

    def _show_figures(self, figures: tuple[ConnectorFigures, ...]) -> None:
        for figure in figures:
            self._in_flight.labels(figure.name).set(figure.in_flight)
            self._lag.labels(figure.name).set(float("nan") if figure.lag is None else figure.lag)
            before = self._dead_letters_before.get(figure.name, 0)
            # a connector that restarted counts from 0
            more = figure.dead_letters - (before if figure.dead_letters >= before else 0)
            self._dead_letters.labels(figure.name).inc(more)
            self._dead_letters_before[figure.name] = figure.dead_letters

    def _show_states(self, statuses: tuple[ConnectorStatus, ...]) -> None:
        for status in statuses:
            self._is_running.labels(status.name).set(status.state is ConnectorState.RUNNING)


class MetricsServer:
    """Listens to an engine and serves its figures at http://host:port/metrics."""

    def __init__(self, *, client: EngineClient, address: tuple[str, int]) -> None:
        self._client = client
        self._host, self._port = address
        self._metrics = Metrics()
        self._subscription: Subscription | None = None
        self._tasks = TaskGroupOwner(name="metrics")
        self._server: tuple[WSGIServer, Thread] | None = None

    @property
    def port(self) -> int:
        """The port it listens on; the one chosen by the system where 0 was asked for."""
        return self._port if self._server is None else self._server[0].server_port

    async def start(self) -> None:
        """Listen and serve. Raises: MetricsAddressError."""
        try:
            self._server = start_http_server(self._port, self._host, self._metrics.registry)
        except OSError as error:
            where = f"{self._host}:{self._port}"
            raise MetricsAddressError(
                f"--metrics cannot listen on {where} ({error.strerror or error}); choose another address"
            ) from error
        self._subscription = self._client.subscribe()
        self._tasks.start("events", self._listen(self._subscription))

    async def close(self) -> None:
        """Stop serving and end the thread; safe to call twice."""
        if self._subscription is not None:
            self._subscription.close()
        await self._tasks.close()
        server, self._server = self._server, None
        if server is not None:
            await asyncio.to_thread(server[0].shutdown)
            server[0].server_close()
            await asyncio.to_thread(server[1].join)

    async def _listen(self, subscription: Subscription) -> None:
        async for batch in subscription.batches():
            for event in batch:
                self._metrics.take(event)
