"""Ten minutes of figures as a busy day would draw them."""

import math

from kafka_agent_studio.api.trends import TrendPoint
from tests.helpers.gui_scene import NOW_US


def make_trends(seconds: int = 300) -> tuple[TrendPoint, ...]:
    """A point for each of the last seconds, oldest first: waves, and a stutter two minutes ago."""
    end_s = NOW_US // 1_000_000
    points = []
    for age_s in range(seconds - 1, -1, -1):
        wave = math.sin((seconds - age_s) / 17) + 0.3 * math.sin((seconds - age_s) / 3.1)
        stutter = 1.0 if 110 <= age_s < 130 else 0.0
        points.append(
            TrendPoint(
                step_s=1,
                at_s=end_s - age_s,
                messages=round((1_400 + 150 * wave) * (1 - 0.8 * stutter)),
                completed=round(1_400 + 150 * wave),
                failed=round(14 * stutter),
                dead_letters=round(9 * stutter),
                tokens=round(8_000 + 900 * wave),
                cost=0.002,
                in_flight=round(15 + 3 * wave + 40 * stutter),
                lag=round(20 + 8 * wave + 700 * stutter),
                p50_ms=round(42 + 6 * wave, 1),
                p95_ms=round(120 + 14 * wave + 500 * stutter, 1),
                p99_ms=round(240 + 40 * wave + 900 * stutter, 1),
            )
        )
    return tuple(points)
