"""Brings litellm into the process: late, in a thread, offline and quiet."""

import asyncio
import importlib
import logging
import os
from typing import Any

_LOGGERS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "httpx", "httpcore")
"""What writes requests, and so keys and payloads, at the levels below a warning."""


class LitellmModule:
    """Imports litellm on first use; the import takes seconds, so it happens once and off the loop."""

    def __init__(self) -> None:
        self._module: Any = None
        self._loading: asyncio.Lock | None = None

    @property
    def loaded(self) -> Any:
        """The module, or None before the first load()."""
        return self._module

    async def load(self) -> Any:
        """Return the module."""
        if self._module is None:
            if self._loading is None:
                self._loading = asyncio.Lock()
            async with self._loading:
                if self._module is None:
                    self._module = await asyncio.to_thread(import_litellm)
        return self._module


def import_litellm() -> Any:
    """Import litellm so that it reads no price list from the network, no .env file, and says nothing by itself."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ.setdefault("LITELLM_MODE", "PRODUCTION")  # DEV would load a .env of the current folder
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.drop_params = True
    litellm.turn_off_message_logging = True
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.CRITICAL if name.startswith("LiteLLM") else logging.WARNING)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
    return litellm
