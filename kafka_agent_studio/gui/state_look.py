"""A state is a glyph, a word and a colour, the same ones everywhere."""

from enum import Enum

import msgspec

from kafka_agent_studio.api.events import ConnectorState
from kafka_agent_studio.gui.theme import Tone
from kafka_agent_studio.model.run import RunStatus, SpanKind


class Glyph(Enum):
    """The shapes a state can have; each is told from the others without colour."""

    DISC = "●"
    HALF = "◐"
    DOTS = "◌"
    TRIANGLE = "▲"
    BARS = "‖"
    RING = "○"


class StateLook(msgspec.Struct, frozen=True):
    """What a state looks like. `order` sorts what needs a person first."""

    glyph: Glyph
    word: str
    tone: Tone
    order: int = 5


CONNECTOR_LOOKS = {
    ConnectorState.FAILED: StateLook(Glyph.TRIANGLE, "failed", Tone.FAILED, 0),
    ConnectorState.RETRYING: StateLook(Glyph.TRIANGLE, "retrying", Tone.FAILED, 1),
    ConnectorState.PAUSED: StateLook(Glyph.BARS, "paused", Tone.PAUSED, 2),
    ConnectorState.WAITING: StateLook(Glyph.DOTS, "waiting", Tone.WAITING, 3),
    ConnectorState.CONNECTING: StateLook(Glyph.HALF, "connecting", Tone.ACCENT, 4),
    ConnectorState.RUNNING: StateLook(Glyph.DISC, "running", Tone.OK, 5),
    ConnectorState.STOPPING: StateLook(Glyph.HALF, "stopping", Tone.ACCENT, 6),
    ConnectorState.STOPPED: StateLook(Glyph.RING, "stopped", Tone.OFF, 7),
    ConnectorState.DISABLED: StateLook(Glyph.RING, "disabled", Tone.OFF, 8),
}

RUN_LOOKS = {
    RunStatus.FAILED: StateLook(Glyph.TRIANGLE, "failed", Tone.FAILED, 0),
    RunStatus.RUNNING: StateLook(Glyph.HALF, "running", Tone.ACCENT, 1),
    RunStatus.QUEUED: StateLook(Glyph.DOTS, "queued", Tone.WAITING, 2),
    RunStatus.COMPLETED: StateLook(Glyph.DISC, "completed", Tone.OK, 3),
    RunStatus.CANCELLED: StateLook(Glyph.RING, "cancelled", Tone.OFF, 4),
}

SPAN_TONES = {
    SpanKind.AGENT: Tone.MUTED,
    SpanKind.MODEL: Tone.ACCENT,
    SpanKind.TOOL: Tone.PAUSED,
    SpanKind.PUBLISH: Tone.OK,
}

ENGINE_RUNNING = StateLook(Glyph.DISC, "running", Tone.OK)
ENGINE_STARTING = StateLook(Glyph.HALF, "starting", Tone.ACCENT)
ENGINE_STOPPED = StateLook(Glyph.RING, "stopped", Tone.OFF)
ENGINE_FAILED = StateLook(Glyph.TRIANGLE, "stopped", Tone.FAILED)
