"""Why a cluster cannot be reached, asked with a connection of our own: the clients themselves do not say."""

import asyncio
import socket
import ssl
from typing import Any

from aiokafka import errors
from aiokafka.conn import create_conn

from kafka_agent_studio.api.faults import Fault, FaultCode
from kafka_agent_studio.engine.kafka.client_config import CLIENT_ID, ClientConfig
from kafka_agent_studio.engine.kafka.pem_files import PemError, client_certificate_days_left
from kafka_agent_studio.engine.kafka.wire import end_connection
from kafka_agent_studio.engine.ports import FaultError

PROBE_S = 10.0

_LOGIN_ERRORS = (
    errors.SaslAuthenticationFailed,
    errors.UnsupportedSaslMechanismError,
    errors.IllegalSaslStateError,
    errors.AuthenticationFailedError,
)


async def probe(config: ClientConfig, *, timeout_s: float = PROBE_S) -> Fault | None:
    """Connect and log in to one bootstrap server after the other; None as soon as one lets us in.

    Else the fault of the first server that gave an answer, which says more than one that could not be reached.
    """
    faults = []
    servers = config.cluster.servers
    for host, port in servers:
        fault = await _probe_server(config, host, port, timeout_s / len(servers))
        if fault is None:
            return None
        faults.append(fault)
    return next((f for f in faults if f.code is not FaultCode.BROKER_UNREACHABLE), faults[0])


def as_error(fault: Fault) -> FaultError:
    """Return the error to raise: a refused login needs a person (trying again may lock the account)."""
    return FaultError(fault, is_fatal=fault.code is FaultCode.LOGIN_REFUSED)


async def _probe_server(config: ClientConfig, host: str, port: int, timeout_s: float) -> Fault | None:
    try:
        async with asyncio.timeout(timeout_s):
            connection = await create_conn(
                host,
                port,
                client_id=CLIENT_ID,
                request_timeout_ms=round(timeout_s * 1000),
                **config.connection_arguments(),
            )
    except Exception as error:  # noqa: BLE001 - not all of them are KafkaErrors
        return _fault_of(error, config, f"{host}:{port}", timeout_s)
    await end_connection(connection)
    return None


def _fault_of(error: Exception, config: ClientConfig, address: str, timeout_s: float) -> Fault:
    security = config.cluster.security
    parameters: dict[str, str | int | float | bool] = {"address": address, "detail": reason(error, timeout_s)}
    if isinstance(error, _LOGIN_ERRORS):
        return Fault(FaultCode.LOGIN_REFUSED, {"username": security.username or "", "detail": reason(error, timeout_s)})
    if isinstance(error, ssl.SSLError):
        return Fault(FaultCode.TLS_FAILED, parameters)
    if isinstance(error, errors.KafkaConnectionError) and security.protocol.uses_tls:
        detail = _why_closed_after_tls(config)
        if detail is not None:
            return Fault(FaultCode.TLS_FAILED, {"address": address, "detail": detail})
    return Fault(FaultCode.BROKER_UNREACHABLE, parameters)


def _why_closed_after_tls(config: ClientConfig) -> str | None:
    # Since TLS 1.3 a broker refuses a client's certificate by closing after the handshake, without a word.
    security = config.cluster.security
    if security.client_cert_file is None:
        return "the broker closed the connection after the TLS handshake: it may require a client certificate"
    try:
        days_left = client_certificate_days_left(security, config.cluster.root)
    except PemError as error:
        return str(error)
    if days_left is not None and days_left < 0:
        return f"the client certificate {security.client_cert_file} has expired"
    return f"the broker closed the connection: it does not accept the client certificate {security.client_cert_file}"


def reason(error: BaseException, timeout_s: float | None = None) -> str:
    """Return in half a sentence what an exception of a connection attempt means."""
    if isinstance(error, TimeoutError | asyncio.TimeoutError):
        return "no answer" if timeout_s is None else f"no answer within {timeout_s:.0f} s"
    if isinstance(error, socket.gaierror):
        return "the host name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused: nothing listens there"
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message or str(error)
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).lower().replace("_", " ")
    if isinstance(error, errors.UnsupportedSaslMechanismError):
        return "the broker does not offer this SASL mechanism"
    if isinstance(error, errors.SaslAuthenticationFailed):
        return "wrong user name or password"
    if isinstance(error, errors.KafkaConnectionError):
        return "the broker closed the connection"
    if isinstance(error, OSError):
        return (error.strerror or str(error)).lower()
    return _text(error)


def _text(error: Any) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
