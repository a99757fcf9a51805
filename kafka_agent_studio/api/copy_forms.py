"""A message or its parts as text for the clipboard. Pure: what is copied is what was received, byte for byte."""

import json
import shlex
from base64 import b64encode
from typing import Any

from kafka_agent_studio.model.message import Record


def copied_bytes(data: bytes | None) -> str:
    """Return a key, a value or a header's value: text where it is UTF-8, else base64; null is empty."""
    if data is None:
        return ""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return b64encode(data).decode()


def copied_headers(record: Record) -> str:
    """Return the headers, one `name: value` a line, in the record's order."""
    return "\n".join(f"{name}: {copied_bytes(value)}" for name, value in record.headers)


def json_row(record: Record) -> str:
    """Return the record as one line of JSON, as an export has it: bytes that are no text as {"base64": …}."""
    return json.dumps(record_object(record), ensure_ascii=False)


def record_object(record: Record) -> dict[str, Any]:
    """Return a record as a JSON object: bytes as text where they are UTF-8, else as {"base64": …}."""
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": record.timestamp_ms,
        "key": _readable(record.key),
        "value": _readable(record.value),
        "headers": [{"name": name, "value": _readable(value)} for name, value in record.headers],
    }


def kcat_command(record: Record, *, bootstrap_servers: str, security_protocol: str = "PLAINTEXT") -> str:
    """Return a kcat command that reads this one message; a login is left to kcat's own configuration file."""
    command = f"kcat -C -b {shlex.quote(bootstrap_servers)}"
    if security_protocol != "PLAINTEXT":
        command += f" -X security.protocol={security_protocol}"
    place = f" -t {shlex.quote(record.topic)} -p {record.partition} -o {record.offset} -c 1 -e"
    # \n of kcat's own format language stays for kcat
    return command + place + " -f 'key: %k\\nheaders: %h\\nvalue: %s\\n'"


def kcat_produce_command(record: Record, *, bootstrap_servers: str, security_protocol: str = "PLAINTEXT") -> str:
    """Return a shell command that writes the same key, value and headers again, to the same topic.

    The value goes through a here-free printf of base64, so that every byte arrives as it is.
    """
    options = [f"-b {shlex.quote(bootstrap_servers)}", f"-t {shlex.quote(record.topic)}", f"-p {record.partition}"]
    if security_protocol != "PLAINTEXT":
        options.append(f"-X security.protocol={security_protocol}")
    if record.key is not None:
        options.append(f"-k {shlex.quote(record.key.decode('utf-8', 'surrogateescape'))}")
    for name, value in record.headers:
        text = "" if value is None else "=" + value.decode("utf-8", "surrogateescape")
        options.append(f"-H {shlex.quote(name + text)}")
    if not record.value:
        return f"printf '' | kcat -P -Z {' '.join(options)}"
    # one message, whatever line ends are in it: the whole of standard input is the value
    options.append("-D ''")
    return f"printf %s {b64encode(record.value).decode()} | base64 -d | kcat -P {' '.join(options)} /dev/stdin"


def pytest_fixture(record: Record) -> str:
    """Return a pytest fixture with the record's exact bytes, for a test of one's own tools."""
    name = "".join(c if c.isalnum() else "_" for c in record.topic.lower()).strip("_") or "topic"
    if name[0].isdigit():
        name = f"topic_{name}"
    headers = "".join(f"            ({header!r}, {value!r}),\n" for header, value in record.headers)
    return (
        "import pytest\n\n\n"
        "@pytest.fixture\n"
        f"def {name}_message() -> dict[str, object]:\n"
        f'    """{record.place}, as it lay in the topic."""\n'
        "    return {\n"
        f'        "topic": {record.topic!r},\n'
        f'        "partition": {record.partition},\n'
        f'        "offset": {record.offset},\n'
        f'        "timestamp_ms": {record.timestamp_ms},\n'
        f'        "key": {record.key!r},\n'
        f'        "value": {record.value!r},\n'
        + (f'        "headers": [\n{headers}        ],\n' if headers else '        "headers": [],\n')
        + "    }\n"
    )


def _readable(data: bytes | None) -> str | dict[str, str] | None:
    if data is None:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(data).decode()}
