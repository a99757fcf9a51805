"""Runs as a collector of OpenTelemetry receives them, from the whole engine."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.helpers.studio import Studio

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector:
    """Takes OTLP over HTTP on a loopback port."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        bodies = self.bodies

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_args: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def received(self) -> tuple[str, list[Any]]:
        """Return the service's name and the spans."""
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        requests = [ExportTraceServiceRequest.FromString(body) for body in self.bodies]
        spans = [s for r in requests for of in r.resource_spans for scope in of.scope_spans for s in scope.spans]
        resource = requests[0].resource_spans[0].resource
        return _values(resource)["service.name"], spans


def _values(holder: Any) -> dict[str, Any]:
    """The attributes of a span or a resource."""
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in holder.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    pytest.importorskip("opentelemetry.exporter.otlp.proto.http")
    collector = Collector()
    yield collector
    collector.close()


async def test_a_collector_gets_each_run_its_steps_and_where_its_result_went(
    studio: Studio, unique_name: Callable[[str], str], collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    studio.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.address
    topic, results = (studio.broker.make_topic(unique_name(n)) for n in ("orders", "results"))
    studio.write({"tools/work.py": "def double(payload):\n    return 2 * payload['n']\n"})
    studio.tool_agent("doubler", "work.double")
    studio.agent("chain", type="sequential", description="Doubles.", agents=["doubler"])
    studio.inbound("orders-in", topic=topic, agents=["chain"])
    studio.outbound("results-out", topic=results, agents=["chain"])
    headers = (("traceparent", f"00-{TRACE}-{PARENT}-01".encode()),)
    studio.broker.records.produce(topic, '{"n": 21, "secret": "of the message"}', key="k", headers=headers)
    async with studio.running() as running:
        (run,) = await running.ended(1)
        (result,) = await studio.broker.records.arrived(results, count=1)
    service, spans = collector.received()
    assert service == "kafka-agent-studio"
    assert {s.trace_id.hex() for s in spans} == {TRACE}
    by_name = {s.name: s for s in spans}
    top = by_name[f"process {topic}"]
    assert top.parent_span_id.hex() == PARENT
    assert dict(result.headers)["traceparent"] == f"00-{TRACE}-{top.span_id.hex()}-01".encode()
    assert _values(top) | {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.destination.name": topic,
        "messaging.kafka.offset": 0,
        "messaging.kafka.message.key": "k",
        "gen_ai.agent.name": "chain",
        "kafka_agent_studio.run_id": run.run_id,
    } == _values(top)
    step, sent = by_name["invoke_agent doubler"], by_name[f"send {results}"]
    assert _values(step)["gen_ai.operation.name"] == "invoke_agent"
    assert _values(sent)["messaging.destination.name"] == results
    assert sent.parent_span_id == top.span_id
    assert top.start_time_unix_nano <= step.start_time_unix_nano <= step.end_time_unix_nano
    assert b"of the message" not in b"".join(collector.bodies)
