"""Turns whatever litellm raises into one sentence without secrets, and says whether asking again makes sense."""

import re
import time
from collections.abc import Callable, Iterable
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import msgspec

from kafka_agent_studio.model.model_call import ModelCallError
from kafka_agent_studio.model.model_provider import provider_of
from kafka_agent_studio.model.run import ErrorType

_SHOWN_CHARACTERS = 1000
_SHORTEST_SECRET = 4
_RETRYABLE_STATUSES = frozenset({408, 409, 425, 429})

# of this one message, not of the agent's set-up: the next message may well succeed
_ABOUT_THE_MESSAGE = {
    "ContextWindowExceededError": "the conversation is longer than the model takes",
    "ContentPolicyViolationError": "the provider's content policy forbids it",
}
_LITELLM_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w+(?:Error|Timeout|Exception)(?: \w+Error)?(?::| -) )+")
_LITELLM_SUFFIX = re.compile(r"\s*File an issue if litellm error.*$", re.DOTALL)
_PROVIDERS_MESSAGE = re.compile(r'"message":\s*("(?:[^"\\]|\\.)*")')

# how litellm reports a provider that it has not heard of, and an answer that it cannot read: no server sent those
_UNKNOWN_PROVIDER = "LLM Provider NOT provided"
_UNREADABLE = "Error converting to valid response block"


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """Return text as one line of bounded length in which no secret stands, nor its URL-encoded form."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "[secret]").replace(quote(secret, safe=""), "[secret]")
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def model_call_error(
    error: Exception, *, model: str, secrets: Iterable[str], now_s: Callable[[], float] = time.time
) -> ModelCallError:
    """Return what a failed litellm call means. `now_s` is epoch seconds, for a Retry-After that is a date."""
    detail = scrubbed(_in_the_providers_words(str(error)), secrets) or type(error).__name__
    kinds = {cls.__name__ for cls in type(error).__mro__}
    if "Timeout" in kinds or isinstance(error, TimeoutError):
        return ModelCallError(ErrorType.MODEL_ERROR, f"{model} did not answer in time: {detail}", is_retryable=True)
    for kind, meaning in _ABOUT_THE_MESSAGE.items():
        if kind in kinds:
            return ModelCallError(ErrorType.MODEL_ERROR, f"{model} cannot answer, {meaning}: {detail}")
    if _UNKNOWN_PROVIDER in str(error):
        provider = provider_of(model)
        return ModelCallError(ErrorType.MODEL_REFUSED, f"{model}: litellm knows no provider called '{provider}'")
    if _UNREADABLE in str(error):
        return ModelCallError(ErrorType.MODEL_ERROR, f"{model} sent what is no answer: {detail}", is_retryable=True)
    status = _status(error)
    if status is None or status in _RETRYABLE_STATUSES or status >= 500 or status < 400:
        return ModelCallError(
            ErrorType.MODEL_ERROR,
            f"{model} failed{'' if status is None else f' ({status})'}: {detail}",
            is_retryable=True,
            retry_after_s=retry_after_s(error, now_s=now_s),
        )
    return ModelCallError(
        ErrorType.MODEL_REFUSED, f"{model} refused the request ({status}), {_remedy(status)}: {detail}"
    )


def _in_the_providers_words(text: str) -> str:
    """Return what the provider said, without litellm's wrapping and the JSON around it."""
    text = _LITELLM_SUFFIX.sub("", _LITELLM_PREFIX.sub("", text))
    found = _PROVIDERS_MESSAGE.search(text)
    if found is not None:
        try:
            return msgspec.json.decode(found[1], type=str)
        except msgspec.DecodeError:
            pass
    return text


def _status(error: Exception) -> int | None:
    status = getattr(error, "status_code", None)
    return status if isinstance(status, int) else None


def _remedy(status: int) -> str:
    if status in (401, 403):
        return "check the key and what it may use"
    if status == 404:
        return "check the model's name"
    return "check the agent's settings"


def retry_after_s(error: Exception, *, now_s: Callable[[], float]) -> float | None:
    """Return the seconds a server asked to wait (RFC 9110 §10.2.3, seconds or a date); None where it did not."""
    headers: Any = getattr(error, "litellm_response_headers", None)
    if headers is None:
        headers = getattr(getattr(error, "response", None), "headers", None)
    text = headers.get("retry-after") if hasattr(headers, "get") else None
    if not isinstance(text, str):
        return None
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now_s())
    except (ValueError, OverflowError):
        return None
