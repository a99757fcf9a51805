"""The filter line of messages: words that must be found, `key:`, `topic:`, `partition:` where they must be found."""

from collections.abc import Callable

from kafka_agent_studio.gui.formats import key_text
from kafka_agent_studio.gui.models.message_table import ReceivedMessage

Accepts = Callable[[ReceivedMessage], bool]


def message_filter(text: str) -> Accepts | None:
    """Return what tells whether a message fits all words of `text`, whatever their case; None where there are none."""
    tests = [_test(word) for word in text.split()]
    if not tests:
        return None
    return lambda message: all(test(message) for test in tests)


def _test(word: str) -> Accepts:
    field, colon, wanted = word.partition(":")
    if colon and wanted:
        folded = wanted.casefold()
        match field.casefold():
            case "key":
                return lambda m: folded in key_text(m.record.key).casefold()
            case "topic":
                return lambda m: folded in m.record.topic.casefold()
            case "connector":
                return lambda m: folded == m.connector
            case "partition" if wanted.isdecimal():
                return lambda m: m.record.partition == int(wanted)
            case "offset" if wanted.isdecimal():
                return lambda m: m.record.offset == int(wanted)
    needle = word.casefold()
    raw = needle.encode()
    if needle.isascii():
        # Bytes are searched as they are: decoding 10,000 values for each key pressed would be felt.
        return lambda m: raw in (m.record.value or b"").lower() or needle in key_text(m.record.key).casefold()
    return lambda m: needle in (m.record.value or b"").decode(errors="replace").casefold()
