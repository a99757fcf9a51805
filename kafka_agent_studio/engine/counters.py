"""Running totals of one connector since the engine started."""

import msgspec

from kafka_agent_studio.engine.latency import LatencyHistogram


class OutboundCounters(msgspec.Struct):
    """What an outbound connector published, whichever inbound connector the messages came by."""

    published: int = 0
    failed: int = 0
    """Results that the topic did not take."""
    last_published: int = 0
    rate_per_s: float = 0.0


class Counters(msgspec.Struct):
    """Plain counts; the runtime turns them into ConnectorFigures once a second."""

    messages: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    published: int = 0
    dead_letters: int = 0
    """Messages acknowledged in the dead letter topic."""
    tokens: int = 0
    cost: float = 0.0
    latency: LatencyHistogram = msgspec.field(default_factory=LatencyHistogram)
    """From taking a message in until it was done."""
