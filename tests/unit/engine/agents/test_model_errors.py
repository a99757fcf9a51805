"""What an error of a provider becomes: a type, a sentence, and no secret."""

import time
from email.utils import formatdate

import pytest

from kafka_agent_studio.engine.agents.model_errors import model_call_error, scrubbed
from kafka_agent_studio.model.run import ErrorType


class _ProviderError(Exception):
    def __init__(self, message: str, status_code: int, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.litellm_response_headers = headers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422])
def test_a_refusal_is_not_to_be_repeated(status: int) -> None:
    error = model_call_error(_ProviderError("no", status), model="openai/gpt", secrets=())
    assert error.type is ErrorType.MODEL_REFUSED
    assert not error.is_retryable


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
def test_trouble_of_the_provider_is_worth_another_try(status: int) -> None:
    error = model_call_error(_ProviderError("busy", status), model="openai/gpt", secrets=())
    assert error.type is ErrorType.MODEL_ERROR
    assert error.is_retryable


def test_retry_after_is_seconds_or_a_date() -> None:
    now_s = float(int(time.time()))
    seconds = _ProviderError("busy", 429, {"retry-after": "2.5"})
    date = _ProviderError("busy", 429, {"retry-after": formatdate(now_s + 9, usegmt=True)})
    nonsense = _ProviderError("busy", 429, {"retry-after": "soon"})
    assert model_call_error(seconds, model="m", secrets=()).retry_after_s == 2.5
    assert model_call_error(date, model="m", secrets=(), now_s=lambda: now_s).retry_after_s == 9
    assert model_call_error(nonsense, model="m", secrets=()).retry_after_s is None


def test_no_secret_stands_in_the_message() -> None:
    key = "sk-canary/with+odd=characters"
    text = f"Incorrect key {key} at https://x/?key=sk-canary%2Fwith%2Bodd%3Dcharacters"
    error = model_call_error(_ProviderError(text, 401), model="openai/gpt", secrets=(key,))
    assert "canary" not in str(error)
    assert "[secret]" in str(error)


def test_a_message_is_one_line_of_bounded_length() -> None:
    assert "\n" not in scrubbed("a\nb", ())
    assert len(scrubbed("x" * 100_000, ())) <= 1000


def test_the_providers_own_words_come_without_their_wrapping() -> None:
    body = '{"error": {"message": "API key \\"x\\" not valid", "code": 400}}'
    text = f"litellm.AuthenticationError: GeminiException - {body}"
    error = model_call_error(_ProviderError(text, 401), model="gemini/g", secrets=())
    assert str(error).endswith('API key "x" not valid')
