"""Values as a person reads them: exact where it counts, short where it helps. Pure functions without Qt."""

from datetime import UTC, datetime

import msgspec

from kafka_agent_studio.model.run import TokenUsage

NOTHING = "–"
"""What a cell shows where there is nothing to show."""


def count(value: int | None) -> str:
    """Return 1234567 as `1,234,567`."""
    return NOTHING if value is None else f"{value:,}"


def rate(per_s: float) -> str:
    """Return a rate as `1,204/s`; below ten with one decimal."""
    return f"{per_s:.1f}/s" if 0 < per_s < 10 else f"{per_s:,.0f}/s"


def duration(seconds: float | None) -> str:
    """Return 0.0021 as `2.1 ms`, 1.84 as `1.84 s`, 92 as `1 min 32 s`."""
    if seconds is None:
        return NOTHING
    if seconds < 0.001:
        return f"{seconds * 1e6:.0f} µs"
    if seconds < 1:
        return f"{seconds * 1e3:.1f} ms" if seconds < 0.01 else f"{seconds * 1e3:.0f} ms"
    if seconds < 60:
        return f"{seconds:.2f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def clock(at_us: int | None) -> str:
    """Return epoch µs as local `14:03:07.482`."""
    return NOTHING if at_us is None else _written(at_us, "%H:%M:%S.%f")


def full_time(at_us: int | None) -> str:
    """Return epoch µs as local date, time and zone, then UTC; for tooltips."""
    if at_us is None:
        return "no time"
    local = _local(at_us)
    if local is None:
        return moment(at_us)
    text = f"{moment(at_us)} {local.tzname()}"
    return text if local.tzname() == "UTC" else f"{text} ({local.astimezone(UTC).strftime('%H:%M:%S')} UTC)"


def moment(at_us: int | None) -> str:
    """Return epoch µs as local `2024-01-15 14:03:07.482`."""
    return NOTHING if at_us is None else _written(at_us, "%Y-%m-%d %H:%M:%S.%f")


def ago(at_us: int | None, now_us: int) -> str:
    """Return how long ago epoch µs was: `3 s ago`."""
    if at_us is None:
        return NOTHING
    seconds = max(0, (now_us - at_us) // 1_000_000)
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago" if seconds else "now"


def size(size_bytes: int | None) -> str:
    """Return bytes as `512 B`, `1.2 KB`, `20.0 MB`."""
    if size_bytes is None:
        return NOTHING
    if size_bytes < 1_000:
        return f"{size_bytes} B"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1_000:.1f} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def tokens(usage: TokenUsage) -> str:
    """Return the tokens used in all; nothing where no model was asked."""
    return count(usage.total_tokens) if usage.total_tokens else NOTHING


def cost(us_dollars: float | None) -> str:
    """Return US dollars, `$0.0021`; unknown cost is nothing, never zero."""
    if us_dollars is None:
        return NOTHING
    return f"${us_dollars:,.2f}" if us_dollars >= 1 or us_dollars == 0 else f"${us_dollars:.4f}"


def short_id(run_id: str) -> str:
    """Return the first eight characters of a run's id, enough to tell runs apart on a screen."""
    return run_id[:8]


def key_text(key: bytes | None) -> str:
    """Return a key as text; bytes that are not UTF-8 as hexadecimal."""
    if key is None:
        return NOTHING
    try:
        return key.decode()
    except UnicodeDecodeError:
        return "0x" + key.hex()


def one_line(text: str, limit: int = 300) -> str:
    """Return the beginning of a text on one line, for a table's cell."""
    return " ".join(text[: limit * 2].split())[:limit]


def _written(at_us: int, form: str) -> str:
    local = _local(at_us)
    return f"{at_us // 1_000} ms" if local is None else local.strftime(form)[:-3]


def _local(at_us: int) -> datetime | None:
    # A record carries whatever its producer wrote: years that no calendar has are shown as the number they are.
    try:
        return datetime.fromtimestamp(at_us / 1e6, UTC).astimezone()
    except (OverflowError, OSError, ValueError):
        return None


def json_text(value: object) -> str:
    """Return a JSON value as compact text with every digit."""
    return msgspec.json.encode(value).decode()
