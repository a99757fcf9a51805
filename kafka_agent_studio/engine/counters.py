"""Running totals of one connector since the engine started."""

import msgspec


class Counters(msgspec.Struct):
    """Plain counts; the runtime turns them into ConnectorFigures once a second."""

    messages: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    published: int = 0
    tokens: int = 0
    cost: float = 0.0
