import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from kafka_agent_studio.api import copy_forms
from kafka_agent_studio.model.message import Record

_VALUE = b'{"n": 1.10, "s": "\xc3\xa4"}\n'
_HEADERS = (("trace", b"a b"), ("x", b"\xff"))
_RECORD = Record("orders.v1", 3, 1542, 1_705_312_800_000, b"it's", _VALUE, _HEADERS)


def test_a_row_of_json_has_every_byte() -> None:
    row = json.loads(copy_forms.json_row(_RECORD))
    assert row["value"].encode() == _RECORD.value
    assert row["headers"] == [{"name": "trace", "value": "a b"}, {"name": "x", "value": {"base64": "/w=="}}]
    assert (row["topic"], row["partition"], row["offset"]) == ("orders.v1", 3, 1542)
    assert "\n" not in copy_forms.json_row(_RECORD)


def test_kcat_reads_exactly_this_message() -> None:
    words = shlex.split(copy_forms.kcat_command(_RECORD, bootstrap_servers="a:1,b:2", security_protocol="SSL"))
    assert words[:4] == ["kcat", "-C", "-b", "a:1,b:2"]
    assert words[words.index("-o") + 1] == "1542"
    assert words[words.index("-p") + 1] == "3"
    assert words[words.index("-c") + 1] == "1"
    assert "security.protocol=SSL" in words


@pytest.mark.parametrize("value", [_RECORD.value, None, b""])
def test_kcat_is_given_the_same_bytes_to_write(tmp_path: Path, value: bytes | None) -> None:
    stand_in = tmp_path / "kcat"
    stand_in.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$0.args"\ncat > "$0.in"\n')
    stand_in.chmod(0o755)
    record = Record("t", 0, 0, None, b"it's", value, (("h", b"a b"),))
    command = copy_forms.kcat_produce_command(record, bootstrap_servers="a:1")
    subprocess.run(["sh", "-c", command], check=True, env={"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert (tmp_path / "kcat.in").read_bytes() == (value or b"")
    arguments = (tmp_path / "kcat.args").read_text().splitlines()
    assert arguments[arguments.index("-k") + 1] == "it's"
    assert arguments[arguments.index("-H") + 1] == "h=a b"
    assert ("-Z" in arguments) == (not value)


def test_a_fixture_is_python_with_the_exact_bytes() -> None:
    names: dict[str, object] = {}
    source = copy_forms.pytest_fixture(_RECORD).replace("import pytest\n", "").replace("@pytest.fixture\n", "")
    exec(compile(source, "fixture.py", "exec"), names)
    message = names["orders_v1_message"]()  # type: ignore[operator]
    assert message["value"] == _RECORD.value
    assert message["headers"] == [("trace", b"a b"), ("x", b"\xff")]
    assert "orders.v1/3/1542" in source


def test_parts() -> None:
    assert copy_forms.copied_bytes(b"\xff") == "/w=="
    assert copy_forms.copied_bytes(None) == ""
    assert copy_forms.copied_headers(_RECORD) == "trace: a b\nx: /w=="
