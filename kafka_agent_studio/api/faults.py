"""What went wrong, as a code with parameters; api/words.py turns it into sentences."""

from enum import StrEnum

import msgspec


class FaultCode(StrEnum):
    """Every kind of trouble the engine can report."""

    BROKER_UNREACHABLE = "broker_unreachable"  # address, detail
    LOGIN_REFUSED = "login_refused"  # username, detail
    TLS_FAILED = "tls_failed"  # address, detail
    SECRET_MISSING = "secret_missing"  # noqa: S105  # secret
    SECRET_STORE = "secret_store"  # noqa: S105  # detail
    TOPIC_MISSING = "topic_missing"  # topic
    TOPIC_RECREATED = "topic_recreated"  # topic
    TOPIC_DENIED = "topic_denied"  # topic, operation
    GROUP_DENIED = "group_denied"  # group
    RECORDS_REMOVED = "records_removed"  # topic, partition, first, last
    RECORD_UNREADABLE = "record_unreadable"  # topic, partition, offset, detail
    RUN_FAILED_STOP = "run_failed_stop"  # place, agent, detail
    MODEL_REFUSED = "model_refused"  # agent, detail, count
    TOOLS_NOT_TRUSTED = "tools_not_trusted"  # agent
    BUDGET_REACHED = "budget_reached"  # kind, limit, used
    STORE_FULL = "store_full"  # path, detail
    STORE_DAMAGED = "store_damaged"  # path, set_aside
    CONFIG_INVALID = "config_invalid"  # file, line, column, message
    NOT_PROGRESSING = "not_progressing"  # seconds
    CERTIFICATE_EXPIRES = "certificate_expires"  # kind (client, authority, broker), file (a broker's address), days
    PUBLISH_WAITING = "publish_waiting"  # topic, detail
    INTERNAL = "internal"  # detail


class Fault(msgspec.Struct, frozen=True):
    """A code and its parameters (str, int, float or bool; never a secret)."""

    code: FaultCode
    parameters: dict[str, str | int | float | bool]


class EngineError(Exception):
    """A command was refused; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"{fault.code.value}: {fault.parameters}")
        self.fault = fault


class CommandRefused(Exception):  # noqa: N818
    """A command cannot be carried out as asked; the message is one clear sentence for the person who asked."""
