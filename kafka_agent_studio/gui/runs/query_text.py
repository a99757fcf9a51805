"""The filter line of runs, read: `status:failed agent:order-processor since:1h tokens>1000 overloaded`.

A term is `field:value`, a limit (`tokens>1000`, `cost<=0.01`), or a word that must be found; quotes keep
spaces together. Of two terms about one thing the last one counts.
"""

import math
import re
from datetime import datetime, time, timedelta
from typing import Any

import msgspec

from kafka_agent_studio.api.queries import RunQuery
from kafka_agent_studio.model.run import RunStatus

FIELDS = ("status", "agent", "connector", "key", "message", "since", "before", "tokens", "cost")
_TERM = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_FIELD = re.compile(r"(status|agent|connector|key|message|since|before):(.+)", re.DOTALL | re.IGNORECASE)
_LIMIT = re.compile(r"(tokens|cost)\s*:?\s*(>=|<=|>|<)(.*)", re.DOTALL | re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,6})(s|min|m|h|d|w)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}|\d{2}:\d{2}:\d{2}")
_UNITS = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PLACE = re.compile(r"[^/\s]+(/\d{1,18}){0,2}")


class RunFilter(msgspec.Struct, frozen=True):
    """What a line says: the query, its terms as they stand there, and a mistake in words (empty: none)."""

    query: RunQuery
    terms: tuple[str, ...] = ()
    mistake: str = ""


class _Reading(msgspec.Struct):
    now_us: int
    fields: dict[str, Any] = msgspec.field(default_factory=dict)
    words: list[str] = msgspec.field(default_factory=list)


def read_filter(text: str, *, now_us: int) -> RunFilter:
    """Return what a line says; times without a date are of the day of `now_us` (epoch µs), in the local zone."""
    terms = tuple(_TERM.findall(text))
    reading = _Reading(now_us)
    mistake = ""
    for term in terms:
        try:
            _read_term(term, reading)
        except ValueError as error:
            mistake = mistake or str(error)
    words = " ".join(reading.words)
    return RunFilter(RunQuery(text=words or None, **reading.fields), terms, mistake)


def with_term(text: str, term: str) -> str:
    """Return the line with one more term; it takes the place of one that says the same thing otherwise."""
    kept = [known for known in _TERM.findall(text) if _subject(known) != _subject(term)]
    return " ".join([*kept, term])


def without_term(text: str, term: str) -> str:
    """Return the line without a term."""
    return " ".join(known for known in _TERM.findall(text) if known != term)


def field_term(name: str, value: str) -> str:
    """Return `name:value`, quoted where it must be."""
    return f'{name}:"{value}"' if re.search(r"\s", value) else f"{name}:{value}"


def _subject(term: str) -> str:
    limit = _LIMIT.fullmatch(term)
    if limit:
        return limit[1].casefold() + limit[2][0]
    named = _FIELD.fullmatch(term)
    return named[1].casefold() if named else term


def _read_term(term: str, reading: _Reading) -> None:
    limit = _LIMIT.fullmatch(term)
    named = _FIELD.fullmatch(term)
    if limit:
        _read_limit(limit[1].casefold(), limit[2], limit[3], reading)
    elif named:
        _read_field(named[1].casefold(), named[2].replace('"', ""), reading)
    else:
        word = term.replace('"', "").strip()
        if word:
            reading.words.append(word)


def _read_field(name: str, value: str, reading: _Reading) -> None:
    match name:
        case "status":
            reading.fields["status"] = _status(value)
        case "message":
            if not _PLACE.fullmatch(value):
                raise ValueError(f"message:{value} is no place: a topic, topic/partition or topic/partition/offset.")
            reading.fields["place"] = value
        case "since":
            reading.fields["started_after_us"] = _time_us(value, reading.now_us)
        case "before":
            reading.fields["started_before_us"] = _time_us(value, reading.now_us)
        case _:
            reading.fields[name] = value


def _status(value: str) -> RunStatus:
    try:
        return RunStatus(value.casefold())
    except ValueError:
        known = ", ".join(status.value for status in RunStatus)
        raise ValueError(f"There is no status '{value}'; there are {known}.") from None


def _read_limit(name: str, sign: str, value: str, reading: _Reading) -> None:
    digits = value.strip().replace(",", "").lstrip("$")
    try:
        number = int(digits) if name == "tokens" else float(digits)
    except ValueError:
        number = math.nan
    if not (math.isfinite(number) and 0 <= number < 1 << 62):
        example = "tokens>1000" if name == "tokens" else "cost>0.01"
        raise ValueError(f"{name}{sign}{value} needs a number: {example}.")
    if name == "tokens" and sign in "<>":
        number += 1 if sign == ">" else -1
    elif sign in "<>":
        number = math.nextafter(number, math.inf if sign == ">" else -math.inf)
    reading.fields[f"{'min' if sign[0] == '>' else 'max'}_{name}"] = number


def _time_us(value: str, now_us: int) -> int:
    now = datetime.fromtimestamp(now_us / 1e6).astimezone()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    text = value.casefold()
    ago = _SPAN.fullmatch(text)
    try:
        if ago:
            at = now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        elif text in ("today", "yesterday"):
            at = midnight - timedelta(days=text == "yesterday")
        elif _CLOCK.fullmatch(text):
            at = datetime.combine(now.date(), time.fromisoformat(text.rjust(5, "0") if len(text) < 6 else text))
        else:
            at = datetime.fromisoformat(value)
        return round(at.astimezone().timestamp() * 1e6)
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"'{value}' is no time: 15m, 1h, 2d, today, 14:30, 2024-01-15 or 2024-01-15T14:30.") from None
