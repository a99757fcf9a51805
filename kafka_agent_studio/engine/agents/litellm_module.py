"""Brings litellm into the process: late, in a thread, offline and quiet."""

import asyncio
import contextlib
import importlib
import logging
import os
import warnings
from typing import Any

from kafka_agent_studio.engine.agents.send_gate import SendGate, tell_when_sending

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore")
"""What writes requests, and so keys and payloads, at the levels below a warning."""


class LitellmModule:
    """Imports litellm on first use; the import takes seconds, so it happens once and off the loop."""

    def __init__(self) -> None:
        self._module: Any = None
        self._is_internal_call: Any = None
        self._loading: asyncio.Lock | None = None
        self._gate = SendGate()

    @property
    def loaded(self) -> Any:
        """The module, or None before the first load()."""
        return self._module

    async def acompletion(self, **arguments: Any) -> Any:
        """Call litellm.acompletion, once load() was awaited, without its own logging of the call.

        That logging would cost as much time as the call, and leave tasks and threads behind.
        """
        litellm = self._module
        # the cache that its Gemini code makes and we do not use would have every call logged in a thread
        for callbacks in (litellm.success_callback, litellm.input_callback):
            if "cache" in callbacks:
                callbacks.remove("cache")
        token = self._is_internal_call.set(True)
        try:
            return await self._gate.through(lambda: litellm.acompletion(**arguments))
        finally:
            self._is_internal_call.reset(token)

    async def load(self) -> Any:
        """Return the module."""
        if self._module is None:
            if self._loading is None:
                self._loading = asyncio.Lock()
            async with self._loading:
                if self._module is None:
                    litellm = await asyncio.to_thread(import_litellm)
                    self._is_internal_call = importlib.import_module("litellm._internal_context").is_internal_call
                    self._module = litellm
        return self._module


def import_litellm() -> Any:
    """Import litellm so that it reads no price list from the network, no .env file, and says nothing by itself."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # DEV would load a .env of the current folder
    _silence()
    # pydantic's, about a type that litellm takes from the openai package
    warnings.filterwarnings("ignore", message=".*`ReadOnly` qualifier", category=UserWarning)
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.drop_params = True
    litellm.turn_off_message_logging = True
    _silence()
    # all providers that litellm reaches over HTTP go through this class; without it the gate opens by the clock
    with contextlib.suppress(ImportError, AttributeError):
        transport = importlib.import_module("litellm.llms.custom_httpx.aiohttp_transport")
        tell_when_sending(transport.LiteLLMAiohttpTransport)
    return litellm


def _silence() -> None:
    """Let nothing below a warning out; called again after the import, which adds handlers to stderr."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL if name.startswith("LiteLLM") else logging.WARNING)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
