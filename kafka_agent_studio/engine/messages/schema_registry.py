"""Schemas by their id, from a registry that speaks Confluent's HTTP interface; looked up once, then remembered.

Needs the extra `schema-registry` (fastavro, httpx). Blocks: for threads, never for the engine's loop.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import SecretStr

from kafka_agent_studio.api.browse import SchemaRegistry

TIMEOUT_S = 5.0
FORGET_FAILURE_S = 30.0
"""How long a schema that could not be had is not asked for again."""
MOST_REFERENCES = 200


class SchemaError(ValueError):
    """A schema is not to be had or means nothing; the message is a sentence for the person."""


class Schema:
    """One schema. `kind` is AVRO, JSON or PROTOBUF; `definition` its JSON."""

    def __init__(self, *, schema_id: int, kind: str, definition: Any, parsed: Any = None) -> None:
        self.schema_id = schema_id
        self.kind = kind
        self.definition = definition
        self._parsed = parsed

    def __str__(self) -> str:
        name = self.definition.get("name") or self.definition.get("title") if isinstance(self.definition, dict) else ""
        return f"schema {self.schema_id} ({name})" if name else f"schema {self.schema_id}"

    def read_avro(self, body: bytes) -> Any:
        """Return the value of an Avro body. Raises: SchemaError where this is no Avro schema; what fastavro raises."""
        if self._parsed is None:
            raise SchemaError(f"{self} is not Avro but {self.kind}: choose that")
        import io

        import fastavro

        stream = io.BytesIO(body)
        value = fastavro.schemaless_reader(stream, self._parsed, None)
        left_over = len(body) - stream.tell()
        if left_over:
            raise ValueError(f"{left_over} bytes are left over")
        return value


class RegistryClient:
    """One registry. Safe for several threads."""

    def __init__(self, *, registry: SchemaRegistry, password: SecretStr | None, root: Path) -> None:
        self._registry = registry
        self._password = password
        self._root = root
        self._lock = threading.Lock()
        self._schemas: dict[int, Schema] = {}
        self._failures: dict[int, tuple[float, SchemaError]] = {}
        self._http: Any = None

    def close(self) -> None:
        """Let go of the connections."""
        with self._lock:
            if self._http is not None:
                self._http.close()
                self._http = None

    def schema(self, schema_id: int) -> Schema:
        """Return a schema by its id. Raises: SchemaError."""
        known = self._schemas.get(schema_id)
        if known is not None:
            return known
        with self._lock:
            failure = self._failures.get(schema_id)
            if failure is not None and time.monotonic() - failure[0] < FORGET_FAILURE_S:
                raise failure[1]
            try:
                schema = self._schemas[schema_id] = self._fetched(schema_id)
            except SchemaError as error:
                self._failures[schema_id] = (time.monotonic(), error)
                raise
            return schema

    def _fetched(self, schema_id: int) -> Schema:
        answer = self._get(f"/schemas/ids/{schema_id}", what=f"schema {schema_id}")
        kind = str(answer.get("schemaType") or "AVRO")
        if kind not in ("AVRO", "JSON"):
            raise SchemaError(f"schema {schema_id} is {kind}, which is not read here: look at it as hex")
        try:
            definition = json.loads(str(answer.get("schema")))
        except ValueError:
            # a primitive's name alone is a schema, too
            definition = str(answer.get("schema"))
        parsed = self._parsed(definition, answer, schema_id) if kind == "AVRO" else None
        return Schema(schema_id=schema_id, kind=kind, definition=definition, parsed=parsed)

    def _parsed(self, definition: Any, answer: dict[str, Any], schema_id: int) -> Any:
        fastavro = _fastavro()
        named: dict[str, Any] = {}
        try:
            self._add_references(answer, named, fastavro.parse_schema, seen=set())
            return fastavro.parse_schema(definition, named_schemas=named)
        except SchemaError:
            raise
        except Exception as error:  # noqa: BLE001 - fastavro raises what it stumbles over
            raise SchemaError(f"schema {schema_id} of the registry is no valid Avro: {error}") from None

    def _add_references(
        self, answer: dict[str, Any], named: dict[str, Any], parse: Callable[..., Any], *, seen: set[str]
    ) -> None:
        for reference in answer.get("references") or ():
            subject, version = reference["subject"], reference["version"]
            place = f"/subjects/{quote(subject, safe='')}/versions/{version}"
            if place in seen:
                continue
            seen.add(place)
            if len(seen) > MOST_REFERENCES:
                raise SchemaError(f"a schema refers to more than {MOST_REFERENCES} others")
            below = self._get(place, what=f"{subject} version {version}")
            self._add_references(below, named, parse, seen=seen)
            parse(json.loads(below["schema"]), named_schemas=named)

    def _get(self, place: str, *, what: str) -> dict[str, Any]:
        import httpx

        url = self._registry.url.rstrip("/")
        try:
            if self._http is None:
                self._http = self._new_client(httpx)
            answer = self._http.get(url + place)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise SchemaError(f"the schema registry {url} cannot be reached: {error or type(error).__name__}") from None
        if answer.status_code in (401, 403):
            raise SchemaError(f"the schema registry {url} refuses the login ({answer.status_code})")
        if answer.status_code == 404:
            raise SchemaError(f"the schema registry {url} has no {what}")
        if answer.status_code != 200:
            raise SchemaError(f"the schema registry {url} answered {answer.status_code} when asked for {what}")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict) or "schema" not in found:
            raise SchemaError(f"{url} does not answer like a schema registry: check the address")
        return found

    def _new_client(self, httpx: Any) -> Any:
        registry = self._registry
        verify: Any = True
        if registry.ca_file is not None:
            verify = ssl.create_default_context(cafile=str(self._root / registry.ca_file))
        auth = None
        if registry.username is not None:
            auth = httpx.BasicAuth(
                registry.username, "" if self._password is None else self._password.get_secret_value()
            )
        return httpx.Client(auth=auth, verify=verify, timeout=TIMEOUT_S)


def missing_extra() -> str | None:
    """Return a sentence where the extra is not installed, else None."""
    try:
        import fastavro
        import httpx
    except ImportError as error:
        return f"this needs the extra schema-registry ({error.name}): pip install 'kafka-agent-studio[schema-registry]'"
    del fastavro, httpx
    return None


def _fastavro() -> Any:
    import fastavro

    return fastavro
