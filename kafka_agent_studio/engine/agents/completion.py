"""What an llm agent asks its model through."""

from typing import Protocol

from kafka_agent_studio.model.model_call import ModelAnswer, ModelRequest


class Completion(Protocol):
    """Models that can be asked. Implementations: LitellmCompletion, the sandbox's RehearsalModel."""

    async def warm_up(self) -> None:
        """Do what would make the first request slow; may be called any number of times."""
        ...

    async def adapt(self, request: ModelRequest) -> ModelRequest:
        """Return the request as it will be sent: a model that takes no schema is asked for it in words."""
        ...

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """Ask once, without a retry, an adapted request. Raises: ModelCallError."""
        ...

    async def close(self) -> None:
        """Close connections; a request after it opens new ones. Never raises."""
        ...
