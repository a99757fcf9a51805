"""Makes decoders for what a command asks, with the registry's password looked up and its schemas kept."""

from pathlib import Path

from kafka_agent_studio.api.browse import Decoders, Format, SchemaRegistry
from kafka_agent_studio.api.faults import CommandRefused
from kafka_agent_studio.engine.kafka.client_config import SecretSource
from kafka_agent_studio.engine.messages.decoders import RecordDecoder
from kafka_agent_studio.engine.messages.filter import RecordFilter
from kafka_agent_studio.engine.messages.filter_syntax import FilterError
from kafka_agent_studio.engine.messages.schema_registry import RegistryClient, missing_extra

_WITH_SCHEMAS = (Format.AVRO, Format.JSON_SCHEMA)


class DecoderDesk:
    """One per engine; its methods are called on the loop, what it returns is for threads."""

    def __init__(self, *, root: Path, secrets: SecretSource) -> None:
        self._root = root
        self._secrets = secrets
        self._registries: dict[SchemaRegistry, RegistryClient] = {}

    async def decoder(self, decoders: Decoders) -> RecordDecoder:
        """Return the decoder of a topic. Raises: CommandRefused (the extra or the registry's password is missing)."""
        if decoders.registry is None or not {decoders.key, decoders.value}.intersection(_WITH_SCHEMAS):
            return RecordDecoder(decoders=decoders, schemas=None)
        missing = missing_extra()
        if missing is not None:
            raise CommandRefused(f"The schema registry cannot be asked: {missing}.")
        return RecordDecoder(decoders=decoders, schemas=await self._client(decoders.registry))

    async def filter(self, text: str, decoders: Decoders) -> RecordFilter:
        """Return a filter over what the decoders read. Raises: CommandRefused (a mistake in it, and as decoder())."""
        decoder = await self.decoder(decoders)
        plain = (Format.AUTO, Format.JSON)
        try:
            return RecordFilter(
                text,
                read_key=None if decoders.key in plain else decoder.read_key,
                read_value=None if decoders.value in plain else decoder.read_value,
            )
        except FilterError as error:
            mistake = error.mistake
            raise CommandRefused(
                f"The filter has a mistake at character {mistake.start + 1}: {mistake.message}."
            ) from None

    async def _client(self, registry: SchemaRegistry) -> RegistryClient:
        if "@" in registry.url:
            raise CommandRefused("Give the schema registry's user name and password apart from its address.")
        known = self._registries.get(registry)
        if known is not None:
            return known
        password = None
        if registry.password_secret is not None:
            password = await self._secrets.get(registry.password_secret)
            if password is None:
                raise CommandRefused(
                    f"The schema registry's secret '{registry.password_secret}' is missing: set it first."
                )
        return self._registries.setdefault(
            registry, RegistryClient(registry=registry, password=password, root=self._root)
        )

    def close(self) -> None:
        """Let go of the registries' connections."""
        for client in self._registries.values():
            client.close()
        self._registries.clear()
