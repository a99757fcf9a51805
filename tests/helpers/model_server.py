"""A model provider on loopback that does as it is told: OpenAI's wire format and Gemini's, answers and faults."""

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

PROMPT_TOKENS = 100
ANSWER_TOKENS = 20


@dataclass(frozen=True)
class ModelServerRequest:
    """What a client sent. Header names are in lower case."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def is_gemini(self) -> bool:
        """Whether it came in Gemini's wire format."""
        return ":generateContent" in self.path

    @property
    def model(self) -> str:
        """The model's name as the provider sees it."""
        if self.is_gemini:
            return self.path.rpartition("/")[2].partition(":")[0]
        return str(self.body["model"])

    @property
    def tool_names(self) -> list[str]:
        """The names of the tools offered."""
        if self.is_gemini:
            return [f["name"] for tool in self.body.get("tools", ()) for f in tool["function_declarations"]]
        return [tool["function"]["name"] for tool in self.body.get("tools", ())]

    @property
    def tool_results(self) -> list[str]:
        """What tools answered so far, as JSON text."""
        if self.is_gemini:
            parts = [p for c in self.body["contents"] for p in c["parts"] if "function_response" in p]
            return [json.dumps(p["function_response"]["response"]) for p in parts]
        return [m["content"] for m in self.body["messages"] if m["role"] == "tool"]

    @property
    def system_prompt(self) -> str:
        """The system prompt."""
        if self.is_gemini:
            return "".join(part["text"] for part in self.body["system_instruction"]["parts"])
        return str(self.body["messages"][0]["content"])


@dataclass(frozen=True)
class Says:
    """A text, after `delay_s`; `finish` is OpenAI's finish_reason."""

    text: str | None
    delay_s: float = 0.0
    finish: str = "stop"


@dataclass(frozen=True)
class Calls:
    """Tool calls, all in one answer: name and arguments, which may be text that is no JSON (OpenAI only)."""

    calls: Sequence[tuple[str, dict[str, Any] | str]]


@dataclass(frozen=True)
class Refuses:
    """An error of the provider's."""

    status: int
    message: str = "refused"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SendsRaw:
    """Bytes as the body of a 200; `claimed_size` more than there are cuts the body in the middle."""

    body: bytes
    claimed_size: int | None = None


@dataclass(frozen=True)
class Hangs:
    """No answer at all."""


@dataclass(frozen=True)
class HangsUp:
    """The connection is closed without an answer."""


Reply = Says | Calls | Refuses | SendsRaw | Hangs | HangsUp
Brain = Callable[[ModelServerRequest], Reply]


class ModelServer:
    """Serves on the running loop between `async with`. Scripted replies first, then what `brain` says."""

    def __init__(self, *, brain: Brain | None = None) -> None:
        self.requests: list[ModelServerRequest] = []
        self.brain = brain
        self._script: deque[Reply] = deque()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self._arrival = asyncio.Event()

    def will(self, *replies: Reply) -> None:
        """Add replies to the script."""
        self._script.extend(replies)

    async def received(self, count: int) -> None:
        """Return once this many requests have come in."""
        while len(self.requests) < count:
            self._arrival.clear()
            await self._arrival.wait()

    @property
    def origin(self) -> str:
        """`http://127.0.0.1:port`."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    @property
    def openai_base(self) -> str:
        """`api_base` for the provider openai."""
        return f"{self.origin}/v1"

    @property
    def gemini_base(self) -> str:
        """`api_base` for the provider gemini."""
        return f"{self.origin}/v1beta"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in list(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request. False: the connection is to be closed."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = ModelServerRequest(path=head[0].split(" ")[1], headers=headers, body=json.loads(body or b"{}"))
        self.requests.append(request)
        self._arrival.set()
        reply = self._script.popleft() if self._script else self._from_brain(request)
        match reply:
            case Hangs():
                await asyncio.Event().wait()
            case HangsUp():
                return False
            case SendsRaw(body=raw, claimed_size=claimed):
                writer.write(_response(200, raw, size=claimed))
                await writer.drain()
                return claimed is None
            case Refuses(status=status, message=message, headers=extra):
                error = {"code": status, "message": message, "type": "error", "status": "ERROR"}
                writer.write(_response(status, json.dumps({"error": error}).encode(), headers=extra))
            case Says(delay_s=delay_s):
                if delay_s:
                    await asyncio.sleep(delay_s)
                writer.write(_response(200, _body(request, reply)))
            case Calls():
                writer.write(_response(200, _body(request, reply)))
        await writer.drain()
        return True

    def _from_brain(self, request: ModelServerRequest) -> Reply:
        return Refuses(500, "the script of this test is over") if self.brain is None else self.brain(request)


def _response(status: int, body: bytes, *, headers: dict[str, str] | None = None, size: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status} -",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if size is None else size}",
        *(f"{name}: {value}" for name, value in (headers or {}).items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def _body(request: ModelServerRequest, reply: Says | Calls) -> bytes:
    return json.dumps(_gemini(request, reply) if request.is_gemini else _openai(request, reply)).encode()


def _openai(request: ModelServerRequest, reply: Says | Calls) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None}
    if isinstance(reply, Says):
        message["content"] = reply.text
        finish = reply.finish
    else:
        finish = "tool_calls"
        message["tool_calls"] = [
            {
                "id": f"call_{len(request.body['messages'])}_{number}",
                "type": "function",
                "function": {"name": name, "arguments": given if isinstance(given, str) else json.dumps(given)},
            }
            for number, (name, given) in enumerate(reply.calls)
        ]
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": request.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": PROMPT_TOKENS,
            "completion_tokens": ANSWER_TOKENS,
            "total_tokens": PROMPT_TOKENS + ANSWER_TOKENS,
        },
    }


def _gemini(request: ModelServerRequest, reply: Says | Calls) -> dict[str, Any]:
    if isinstance(reply, Says):
        parts: list[dict[str, Any]] = [] if reply.text is None else [{"text": reply.text}]
        finish = {"stop": "STOP", "length": "MAX_TOKENS", "content_filter": "SAFETY"}[reply.finish]
    else:
        parts = [{"functionCall": {"name": name, "args": given}} for name, given in reply.calls]
        finish = "STOP"
    return {
        "candidates": [{"content": {"role": "model", "parts": parts}, "finishReason": finish, "index": 0}],
        "usageMetadata": {
            "promptTokenCount": PROMPT_TOKENS,
            "candidatesTokenCount": ANSWER_TOKENS,
            "totalTokenCount": PROMPT_TOKENS + ANSWER_TOKENS,
        },
        "modelVersion": request.model,
    }
